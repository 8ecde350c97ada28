import type { FoldOperator } from './fold.ts';
import { floatSample, noSample, type Row } from './row.ts';

/** The columns of a `FloatGroup`, which is no class any more once it came from another thread. */
export type FloatColumns = Pick<FloatGroup, 'count' | 'whole' | 'value' | 'aux' | 'isMean'>;

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
  /** Samples so far, beside those of whole rows; of `count` and `group` with histograms. */
  readonly count: Float64Array;
  /** Rows with a sample at every step, which are not counted step by step. */
  whole = 0;
  readonly value: Float64Array;
  readonly aux: Float64Array;
  /** `avg`: the sum grew too large, so that the mean is kept. Made when it first happens. */
  isMean: Uint8Array | undefined;

  constructor(op: FoldOperator, steps: number, columns: Columns = ownColumns) {
    this.op = op;
    this.count = columns(steps);
    const hasValue = op !== 'count' && op !== 'group';
    this.value = hasValue ? columns(steps) : emptyColumn;
    this.aux = hasValue && op !== 'min' && op !== 'max' ? columns(steps) : emptyColumn;
  }

  samplesAt(step: number): number {
    return this.count[step]! + this.whole;
  }

  /** Writes the results; steps without a sample are left as they are. */
  finish(row: Row): void {
    const { op, count, whole, value, aux, isMean } = this;
    for (let step = 0; step < count.length; step++) {
      const samples = count[step]! + whole;
      if (samples === 0) continue;
      row.setFloat(step, result(op, samples, value[step]!, aux[step]!, isMean?.[step] === 1));
    }
  }

  /** Takes over what was folded elsewhere from later series. */
  merge(other: FloatColumns): void {
    const { op, count, value, aux } = this;
    const steps = count.length;
    if (op === 'count' || op === 'group') {
      this.whole += other.whole;
      for (let step = 0; step < steps; step++) count[step]! += other.count[step]!;
      return;
    }
    if (op === 'sum' && this.whole > 0 && other.whole > 0) {
      this.#mergeSums(other);
      return;
    }
    const { whole } = this;
    for (let step = 0; step < steps; step++) {
      const theirs = other.count[step]! + other.whole;
      const ours = count[step]! + whole;
      // Counted step by step from here on.
      count[step] = ours + theirs;
      if (theirs === 0) continue;
      if (ours === 0) {
        value[step] = other.value[step]!;
        aux[step] = other.aux[step]!;
        if (other.isMean?.[step] === 1) this.#marks()[step] = 1;
        continue;
      }
      this.#mergeStep(step, ours, theirs, other);
    }
    this.whole = 0;
    this.#keepWhole(whole + other.whole);
  }

  /** No step of either is without a sample. */
  #mergeSums(other: FloatColumns): void {
    const { count, value, aux } = this;
    const { count: theirCount, value: theirValue, aux: theirAux } = other;
    this.whole += other.whole;
    for (let step = 0; step < count.length; step++) {
      count[step]! += theirCount[step]!;
      const sum = value[step]!;
      const added = theirValue[step]!;
      const total = sum + added;
      value[step] = total;
      const back = total - sum;
      aux[step]! += sum - (total - back) + (added - back) + theirAux[step]!;
    }
  }

  /** Counts `rows` of those that were counted step by step as whole again. */
  #keepWhole(rows: number): void {
    if (rows === 0 || this.op === 'stddev' || this.op === 'stdvar') return;
    const { count } = this;
    for (let step = 0; step < count.length; step++) count[step]! -= rows;
    this.whole = rows;
  }

  /** The row that was counted step by step just now is one more whole one, if it is. */
  becomeWhole(row: Row): void {
    if (row.isWhole()) this.#keepWhole(1);
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

/** Where columns of zeros come from. */
export type Columns = (steps: number) => Float64Array;
const ownColumns: Columns = (steps) => new Float64Array(steps);
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
      if (row.isWhole()) foldWholeSum(group, row.values);
      else foldSum(group, row);
      return;
    case 'count':
    case 'group':
      if (row.isWhole()) group.whole++;
      else foldCount(group, row);
      return;
    case 'min':
    case 'max':
      if (group.whole > 0 && row.isWhole()) foldWholeExtreme(group, row.values, op === 'max');
      else foldExtreme(group, row, op === 'max');
      return;
    case 'avg':
      if (group.whole > 0 && row.isWhole()) foldWholeAverage(group, row.values);
      else foldAverage(group, row);
      return;
    default:
      foldVariance(group, row);
  }
}

function foldWholeSum(group: FloatGroup, values: Float64Array): void {
  group.whole++;
  const { value, aux } = group;
  const steps = value.length;
  for (let step = 0; step < steps; step++) {
    const added = values[step]!;
    const sum = value[step]!;
    const total = sum + added;
    value[step] = total;
    const back = total - sum;
    aux[step]! += sum - (total - back) + (added - back);
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

/** Into a group that has a value at every step. */
function foldWholeExtreme(group: FloatGroup, values: Float64Array, isMax: boolean): void {
  group.whole++;
  const { value } = group;
  const steps = value.length;
  for (let step = 0; step < steps; step++) {
    const own = value[step]!;
    const added = values[step]!;
    // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN, once for each step
    if ((isMax ? own < added : own > added) || own !== own) value[step] = added;
  }
}

function foldExtreme(group: FloatGroup, row: Row, isMax: boolean): void {
  const { count, value, whole } = group;
  const { kinds, values } = row;
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] !== floatSample) continue;
    const own = value[step]!;
    const added = values[step]!;
    const samples = whole + count[step]!++;
    if (samples === 0 || Number.isNaN(own) || (isMax ? own < added : own > added)) {
      value[step] = added;
    }
  }
  if (whole === 0) group.becomeWhole(row);
}

/** Into a group that has a sample at every step. */
function foldWholeAverage(group: FloatGroup, values: Float64Array): void {
  const samples = ++group.whole;
  const { count, value, aux, isMean } = group;
  const steps = value.length;
  for (let step = 0; step < steps; step++) {
    const added = values[step]!;
    const sum = value[step]!;
    const total = sum + added;
    if (isMean === undefined && Number.isFinite(total)) {
      value[step] = total;
      const back = total - sum;
      aux[step]! += sum - (total - back) + (added - back);
    } else {
      group.addMean(step, samples + count[step]!, added);
    }
  }
}

function foldAverage(group: FloatGroup, row: Row): void {
  const { count, value, whole } = group;
  const { kinds, values } = row;
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] !== floatSample) continue;
    const samples = whole + ++count[step]!;
    if (samples === 1) value[step] = values[step]!;
    else group.addMean(step, samples, values[step]!);
  }
  if (whole === 0) group.becomeWhole(row);
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
