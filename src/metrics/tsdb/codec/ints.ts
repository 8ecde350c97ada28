import type { ByteWriter } from './bytes.ts';

/**
 * A column of integers (as float64, at most 2^51 in size) in few bytes:
 *
 *     | form u8 | [first varint] | base varint | [exceptions] | residuals |
 *     form: width code (4 bits) | order (1 bit) | has exceptions (1 bit)
 *     exceptions: count, then for each: places since the last one, residual (varints)
 *
 * Order 0 keeps what is above `base`, order 1 what the step from the last number is above `base`. The
 * residuals have one width; the few that do not fit are exceptions. A width of 0 leaves only those, so
 * that a number that never changes, or grows evenly, costs nothing. Widths below a byte are packed; above,
 * the bytes stand in planes (all lowest bytes, then all second bytes…), which compress better later.
 */
export const widths: readonly number[] = [0, 1, 2, 4, 8, 16, 24, 32, 40, 48, 56];
export const orderBit = 16;
export const exceptionsBit = 32;

/** Largest size of a number: differences of differences stay exact. */
export const maxInt: number = 2 ** 51;

/** All are exact floats. */
export const powersOfTen: Float64Array = Float64Array.from({ length: 23 }, (_, at) =>
  Number(`1e${at}`),
);

const maxBits = 56;
const counts = new Uint32Array(maxBits + 1);

interface Plan {
  order: 0 | 1;
  base: number;
  widthCode: number;
  exceptions: number;
  cost: number;
}

/** What is left of the column being written: above the base, by order. */
let residuals = new Float64Array(1024);

/** Appends `count` numbers of `ints` to `out`. `count` >= 1. */
export function encodeInts(out: ByteWriter, ints: Float64Array, count: number): void {
  if (residuals.length < count) residuals = new Float64Array(count * 2);
  const plan = choose(ints, count);
  const { order, base } = plan;
  const bits = widths[plan.widthCode]!;
  out.u8(plan.widthCode | (order === 1 ? orderBit : 0) | (plan.exceptions > 0 ? exceptionsBit : 0));
  if (order === 1) out.varint(ints[0]!);
  out.varint(base);
  if (bits === 0 && plan.exceptions === 0) return;
  const length = count - order;
  if (order === 1) {
    let last = ints[0]!;
    for (let at = 0; at < length; at++) {
      const value = ints[at + 1]!;
      residuals[at] = value - last - base;
      last = value;
    }
  } else {
    for (let at = 0; at < length; at++) residuals[at] = ints[at]! - base;
  }
  if (plan.exceptions > 0) writeExceptions(out, length, 2 ** bits, plan.exceptions);
  if (bits > 0) packResiduals(out, length, bits);
}

/** Takes what does not fit out of the residuals. */
function writeExceptions(out: ByteWriter, length: number, limit: number, exceptions: number): void {
  out.uvarint(exceptions);
  let last = 0;
  for (let at = 0; at < length; at++) {
    const value = residuals[at]!;
    if (value >= 0 && value < limit) continue;
    out.uvarint(at - last);
    out.varint(value);
    residuals[at] = 0;
    last = at;
  }
}

function packResiduals(out: ByteWriter, length: number, bits: number): void {
  if (bits < 8) {
    out.ensure(Math.ceil((length * bits) / 8));
    const { bytes } = out;
    let place = out.at;
    for (let at = 0; at < length; ) {
      let byte = 0;
      for (let shift = 0; shift < 8 && at < length; shift += bits) {
        byte |= residuals[at++]! << shift;
      }
      bytes[place++] = byte;
    }
    out.at = place;
    return;
  }
  const planes = bits / 8;
  out.ensure(planes * length);
  const { bytes } = out;
  let place = out.at;
  if (bits <= 32) {
    for (let shift = 0; shift < bits; shift += 8) {
      for (let at = 0; at < length; at++) bytes[place++] = residuals[at]! >>> shift;
    }
  } else {
    for (let plane = 0; plane < planes; plane++) {
      for (let at = 0; at < length; at++) {
        const value = residuals[at]!;
        const rest = Math.floor(value / 256);
        bytes[place++] = value - rest * 256;
        residuals[at] = rest;
      }
    }
  }
  out.at = place;
}

function choose(ints: Float64Array, count: number): Plan {
  let min = ints[0]!;
  let max = min;
  let minDelta = Number.POSITIVE_INFINITY;
  let maxDelta = Number.NEGATIVE_INFINITY;
  let minRise = Number.POSITIVE_INFINITY;
  let falls = 0;
  for (let at = 1; at < count; at++) {
    const value = ints[at]!;
    const delta = value - ints[at - 1]!;
    if (value < min) min = value;
    if (value > max) max = value;
    if (delta < minDelta) minDelta = delta;
    if (delta > maxDelta) maxDelta = delta;
    if (delta < 0) falls++;
    else if (delta < minRise) minRise = delta;
  }
  if (min === max) return { order: 0, base: min, widthCode: 0, exceptions: 0, cost: 0 };
  if (minDelta === maxDelta) {
    return { order: 1, base: minDelta, widthCode: 0, exceptions: 0, cost: 0 };
  }
  let best = costOf(ints, count, 0, min);
  const steps = costOf(ints, count, 1, minDelta);
  if (steps.cost < best.cost) best = steps;
  // Counters fall when they are reset: those few steps are exceptions.
  if (falls > 0 && falls * 8 < count) {
    const rises = costOf(ints, count, 1, minRise);
    if (rises.cost < best.cost) best = rises;
  }
  // Something that moves now and then: all steps but those are 0.
  if (minDelta !== 0 && minRise !== 0) {
    const still = costOf(ints, count, 1, 0);
    if (still.cost < best.cost) best = still;
  }
  return best;
}

function costOf(ints: Float64Array, count: number, order: 0 | 1, base: number): Plan {
  counts.fill(0);
  let below = 0;
  let last = order === 1 ? ints[0]! : 0;
  for (let at = order; at < count; at++) {
    const value = ints[at]!;
    const residual = value - last - base;
    if (order === 1) last = value;
    if (residual < 0) below++;
    else if (residual < 0x1_0000_0000) counts[32 - Math.clz32(residual)]!++;
    else counts[64 - Math.clz32(residual / 0x1_0000_0000)]!++;
  }
  const length = count - order;
  const plan: Plan = { order, base, widthCode: 0, exceptions: 0, cost: Number.POSITIVE_INFINITY };
  let exceptions = below;
  let exceptionBytes = below * 6;
  let bits = maxBits;
  for (let code = widths.length - 1; code >= 0; code--) {
    const width = widths[code]!;
    for (; bits > width; bits--) {
      const here = counts[bits]!;
      exceptions += here;
      exceptionBytes += here * (2 + ((bits / 7) | 0));
    }
    const cost = (length * width) / 8 + exceptionBytes;
    if (cost < plan.cost) {
      plan.cost = cost;
      plan.widthCode = code;
      plan.exceptions = exceptions;
    }
  }
  return plan;
}
