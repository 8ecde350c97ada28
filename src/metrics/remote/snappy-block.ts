import { AppError } from '#base';

/** Copies go in steps of four bytes and may write so many beyond their end. */
const slackBytes = 4;

/**
 * The length that a snappy block states at its head, which is the first thing to check.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyLength(packed: Uint8Array): number {
  let length = 0;
  for (let at = 0, scale = 1; at < Math.min(5, packed.length); at++, scale *= 128) {
    length += (packed[at]! & 0x7f) * scale;
    if (packed[at]! < 0x80) break;
  }
  return length;
}

/**
 * Unpacks snappy blocks into a buffer of its own that is used again: a body of remote write is mostly
 * copies of a few bytes, for which this takes less than a call into native code and the new half
 * megabyte that it answers with.
 */
export class SnappyBlocks {
  #out: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #view = new DataView(this.#out.buffer);

  /**
   * @returns the bytes; valid until the next call
   * @throws {AppError} REMOTE_INVALID
   */
  unpack(packed: Buffer): Buffer {
    // The last byte of the head says that it is the last.
    if (!(packed[headBytes(packed) - 1]! < 0x80)) throw notBlock();
    const length = snappyLength(packed);
    if (length + slackBytes > this.#out.length) {
      this.#out = Buffer.allocUnsafeSlow(length + slackBytes);
      this.#view = new DataView(this.#out.buffer);
    }
    if (this.#run(packed, length) !== length) throw notBlock();
    return this.#out.subarray(0, length);
  }

  /** @returns bytes written; -1: not a block */
  #run(packed: Buffer, length: number): number {
    const input = new DataView(packed.buffer, packed.byteOffset, packed.length);
    const out = this.#view;
    const end = packed.length;
    let at = headBytes(packed);
    let to = 0;
    while (at < end) {
      const tag = packed[at++]!;
      const kind = tag & 3;
      let size = (tag >>> 2) + 1;
      if (kind === 0) {
        if (size > 60) {
          const bytes = size - 60;
          if (at + bytes > end) return -1;
          size = packed.readUIntLE(at, bytes) + 1;
          at += bytes;
        }
        if (at + size > end || to + size > length) return -1;
        if (size <= 64 && at + size + slackBytes <= end) {
          for (let step = 0; step < size; step += 4) {
            out.setInt32(to + step, input.getInt32(at + step, true), true);
          }
        } else {
          packed.copy(this.#out, to, at, at + size);
        }
        at += size;
        to += size;
        continue;
      }
      let offset: number;
      if (kind === 1) {
        if (at + 1 > end) return -1;
        size = ((tag >>> 2) & 7) + 4;
        offset = ((tag >>> 5) << 8) | packed[at]!;
        at += 1;
      } else if (kind === 2) {
        if (at + 2 > end) return -1;
        offset = packed[at]! | (packed[at + 1]! << 8);
        at += 2;
      } else {
        if (at + 4 > end) return -1;
        offset = input.getUint32(at, true);
        at += 4;
      }
      if (offset === 0 || offset > to || to + size > length) return -1;
      const from = to - offset;
      if (offset >= 4) {
        for (let step = 0; step < size; step += 4) {
          out.setInt32(to + step, out.getInt32(from + step, true), true);
        }
      } else {
        // What is copied may begin with what this very copy writes: a run.
        for (let step = 0; step < size; step++) out.setUint8(to + step, out.getUint8(from + step));
      }
      to += size;
    }
    return to;
  }
}

const notBlock = (): AppError => new AppError('REMOTE_INVALID', 'The body is not a snappy block');

function headBytes(packed: Uint8Array): number {
  let at = 0;
  while (at < 4 && at < packed.length && packed[at]! >= 0x80) at++;
  return at + 1;
}
