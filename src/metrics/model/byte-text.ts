/** A hash of some bytes, 32 bits; what has the same hash is compared as well. */
export function hashBytes(view: DataView, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Whether `length` bytes are the same in both. Four at a time: half the time of byte by byte. */
export function equalBytes(
  left: DataView,
  leftStart: number,
  right: DataView,
  rightStart: number,
  length: number,
): boolean {
  let at = 0;
  for (const last = length - 4; at <= last; at += 4) {
    if (left.getInt32(leftStart + at, true) !== right.getInt32(rightStart + at, true)) return false;
  }
  for (; at < length; at++) {
    if (left.getUint8(leftStart + at) !== right.getUint8(rightStart + at)) return false;
  }
  return true;
}

export function copyBytes(
  from: DataView,
  fromStart: number,
  to: DataView,
  toStart: number,
  length: number,
): void {
  let at = 0;
  for (const last = length - 4; at <= last; at += 4) {
    to.setInt32(toStart + at, from.getInt32(fromStart + at, true), true);
  }
  for (; at < length; at++) to.setUint8(toStart + at, from.getUint8(fromStart + at));
}

export function isAscii(view: DataView, start: number, end: number): boolean {
  let high = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) high |= view.getInt32(at, true);
  if ((high & 0x8080_8080) !== 0) return false;
  for (; at < end; at++) high |= view.getUint8(at);
  return (high & 0x80) === 0;
}

/**
 * Labels as UTF-8 in somebody's buffer: `places` has four numbers a label, where its name starts and
 * ends and where its value does. Sorted by name, no name twice, nothing empty.
 */
export interface LabelBytes {
  readonly view: DataView;
  readonly places: Uint32Array;
  readonly count: number;
}
