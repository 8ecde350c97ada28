import type { FoldOperator } from './fold.ts';
import { floatSample, noSample, type Row } from './row.ts';

/** The columns of a `FloatGroup`, which is no class any more once it came from another thread. */
export type FloatColumns = Pick<FloatGroup, 'count' | 'value' | 'aux' | 'isMean'>;

/**
 * What floats of a group came to at each step, as columns, so that parts that were folded apart can
 * be put together.
 *
 * | operator | value | aux |
 * |---|---|---|
 * | sum | sum | what it lost by rounding |
 * | avg | sum, or mean where `isMean` | what it lost |
 * | min, max | the value | - |
 * | stddev, stdvar | sum of squared distances from the mean | mean |
 */
export class FloatGroup {
  readonly op: FoldOperator;
  /** Samples so far; of `count` and `group` with histograms. */
  readonly count: Float64Array;
  readonly value: Float64Array;
  readonly aux: Float64Array;
  /** `avg`: the sum grew too large, so that the mean is kept. Made when it first happens. */
  isMean: Uint8Array | undefined;

  constructor(op: FoldOperator, steps: number) {
    this.op = op;
    this.count = new Float64Array(steps);
    const hasValue = op !== 'count' && op !== 'group';
    this.value = hasValue ? new Float64Array(steps) : emptyColumn;
    this.aux = hasValue && op !== 'min' && op !== 'max' ? new Float64Array(steps) : emptyColumn;
  }

  /** Writes the results; steps without a sample are left as they are. */
  finish(row: Row): void {
    const { op, count, value, aux, isMean } = this;
    for (let step = 0; step < count.length; step++) {
      const samples = count[step]!;
      if (samples === 0) continue;
      row.setFloat(step, result(op, samples, value[step]!, aux[step]!, isMean?.[step] === 1));
    }
  }

  /** Takes over what was folded elsewhere from later series. */
  merge(other: FloatColumns): void {
    const { op, count, value, aux } = this;
    for (let step = 0; step < count.length; step++) {
      const theirs = other.count[step]!;
      if (theirs === 0) continue;
      const ours = count[step]!;
      count[step] = ours + theirs;
      if (op === 'count' || op === 'group') continue;
      if (ours === 0) {
        value[step] = other.value[step]!;
        aux[step] = other.aux[step]!;
        if (other.isMean?.[step] === 1) this.#marks()[step] = 1;
        continue;
      }
      this.#mergeStep(step, ours, theirs, other);
    }
  }

  #marks(): Uint8Array {
    this.isMean ??= new Uint8Array(this.count.length);
    return this.isMean;
  }

  #mergeStep(step: number, ours: number, theirs: number, other: FloatColumns): void {
    const { op, value, aux } = this;
    const theirValue = other.value[step]!;
    switch (op) {
      case 'sum':
        addTo(this, step, theirValue);
        if (Number.isFinite(value[step]!)) addTo(this, step, other.aux[step]!);
        return;
      case 'avg':
        this.#mergeMean(step, ours, theirs, other);
        return;
      case 'min':
        if (value[step]! > theirValue || Number.isNaN(value[step]!)) value[step] = theirValue;
        return;
      case 'max':
        if (value[step]! < theirValue || Number.isNaN(value[step]!)) value[step] = theirValue;
        return;
      default: {
        const distance = other.aux[step]! - aux[step]!;
        const all = ours + theirs;
        value[step]! += theirValue + distance * distance * ((ours * theirs) / all);
        aux[step]! += distance * (theirs / all);
      }
    }
  }

  #mergeMean(step: number, ours: number, theirs: number, other: FloatColumns): void {
    const { value, aux } = this;
    const areSums = this.isMean?.[step] !== 1 && other.isMean?.[step] !== 1;
    const sum = value[step]! + other.value[step]!;
    if (areSums && Math.abs(sum) !== Number.POSITIVE_INFINITY) {
      addTo(this, step, other.value[step]!);
      addTo(this, step, other.aux[step]!);
      return;
    }
    const meanOf = (group: FloatColumns, samples: number): number =>
      group.isMean?.[step] === 1
        ? group.value[step]! + group.aux[step]!
        : group.value[step]! / samples + group.aux[step]! / samples;
    const all = ours + theirs;
    value[step] = meanOf(this, ours) * (ours / all) + meanOf(other, theirs) * (theirs / all);
    aux[step] = 0;
    this.#marks()[step] = 1;
  }

  /** `avg` of one more value. */
  addMean(step: number, samples: number, added: number): void {
    const { value, aux } = this;
    if (this.isMean?.[step] !== 1) {
      const sum = value[step]! + added;
      if (Math.abs(sum) !== Number.POSITIVE_INFINITY) {
        addTo(this, step, added);
        return;
      }
      this.#marks()[step] = 1;
      value[step]! /= samples - 1;
      aux[step]! /= samples - 1;
    }
    const share = (samples - 1) / samples;
    value[step]! *= share;
    aux[step]! *= share;
    addTo(this, step, added / samples);
  }
}

const emptyColumn = new Float64Array(0);

function result(
  op: FoldOperator,
  samples: number,
  value: number,
  aux: number,
  isMean: boolean,
): number {
  switch (op) {
    case 'sum':
      // Nothing that was lost counts beside an infinity.
      return Number.isFinite(value) ? value + aux : value;
    case 'avg':
      return isMean ? value + aux : value / samples + aux / samples;
    case 'count':
      return samples;
    case 'group':
      return 1;
    case 'min':
    case 'max':
      return value;
    case 'stdvar':
      return value / samples;
    case 'stddev':
      return Math.sqrt(value / samples);
    default:
      return op satisfies never;
  }
}

function addTo({ value, aux }: FloatGroup, step: number, added: number): void {
  const sum = value[step]!;
  const total = sum + added;
  if (!Number.isFinite(total)) aux[step] = 0;
  else if (Math.abs(sum) >= Math.abs(added)) aux[step]! += sum - total + added;
  else aux[step]! += added - total + sum;
  value[step] = total;
}

/** Folds a row into its group. */
export function foldFloats(op: FoldOperator, group: FloatGroup, row: Row): void {
  switch (op) {
    case 'sum':
      foldSum(group, row);
      return;
    case 'count':
    case 'group':
      foldCount(group, row);
      return;
    case 'min':
    case 'max':
      foldExtreme(group, row, op === 'max');
      return;
    case 'avg':
      foldAverage(group, row);
      return;
    default:
      foldVariance(group, row);
  }
}

function foldSum({ count, value, aux }: FloatGroup, { kinds, values }: Row): void {
  const steps = kinds.length;
  for (let step = 0; step < steps; step++) {
    if (kinds[step] !== floatSample) continue;
    const added = values[step]!;
    const sum = value[step]!;
    const total = sum + added;
    count[step]!++;
    value[step] = total;
    // What rounding took from either of the two, without asking which is larger.
    const back = total - sum;
    aux[step]! += sum - (total - back) + (added - back);
  }
}

function foldCount({ count }: FloatGroup, { kinds }: Row): void {
  for (let step = 0; step < kinds.length; step++) if (kinds[step] !== noSample) count[step]!++;
}

function foldExtreme({ count, value }: FloatGroup, row: Row, isMax: boolean): void {
  const { kinds, values } = row;
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] !== floatSample) continue;
    const own = value[step]!;
    const added = values[step]!;
    if (count[step]!++ === 0 || Number.isNaN(own) || (isMax ? own < added : own > added)) {
      value[step] = added;
    }
  }
}

function foldAverage(group: FloatGroup, { kinds, values }: Row): void {
  const { count, value } = group;
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] !== floatSample) continue;
    const samples = ++count[step]!;
    if (samples === 1) value[step] = values[step]!;
    else group.addMean(step, samples, values[step]!);
  }
}

function foldVariance({ count, value, aux }: FloatGroup, { kinds, values }: Row): void {
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] !== floatSample) continue;
    const added = values[step]!;
    const samples = ++count[step]!;
    if (samples === 1) {
      aux[step] = added;
      value[step] = Number.isFinite(added) ? 0 : Number.NaN;
      continue;
    }
    const distance = added - aux[step]!;
    aux[step]! += distance / samples;
    value[step]! += distance * (added - aux[step]!);
  }
}
