import type { Labels } from '#metrics/model';

/** A hash of labels, spread evenly over [0, 1): the same labels always have the same. */
export function uniformHash(labels: Labels): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (const text of labels) {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low ^ (unit + 0x7f4a7c15), 0x5bd1e995);
      low ^= low >>> 13;
    }
    // Where a text ends matters too.
    high = Math.imul(high ^ 0xff, 0x01000193);
  }
  return mixed(high ^ low) / 2 ** 32;
}

function mixed(value: number): number {
  let bits = value;
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  bits ^= bits >>> 16;
  return bits >>> 0;
}
