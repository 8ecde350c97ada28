import {
  type Labels,
  labelsKey,
  labelValue,
  metricNameLabel,
  pickLabels,
  withLabel,
} from '#metrics/model';
import { executionError } from '../errors.ts';
import { type Binary, isComparison, type VectorMatching } from '../parser/ast.ts';
import { labelsText } from './labels-text.ts';
import { sameLabelsError, withoutMetadata } from './names.ts';
import {
  combineHistograms,
  incompatible,
  type Sample,
  scalarOperators,
  setSample,
} from './operators.ts';
import { histogramSample, noSample, Row } from './row.ts';
import type { Scope } from './scope.ts';
import { matchingKeys } from './set-operators.ts';
import { type StoredSeries, storedSeries, Vector } from './vector.ts';

/** A pair that matched and was filtered out: no sample, and yet no room for another. */
const filteredOut = 3;

/** Series that match each other: at most one of `one` has a sample at each step. */
interface MatchGroup {
  readonly one: number[];
  readonly many: number[];
}

interface Result {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly row: Row;
  readonly group: MatchGroup;
}

/** Arithmetic and comparisons between two vectors. Source: the reference's rules of vector matching. */
export async function matchVectors(
  expr: Binary,
  left: Vector,
  right: Vector,
  scope: Scope,
): Promise<Vector> {
  const matcher = new VectorMatcher(expr, left, right, scope);
  for (const group of matcher.groups()) {
    if (scope.evaluation.isDue()) await scope.evaluation.pause();
    matcher.match(group);
  }
  return matcher.finish();
}

class VectorMatcher {
  readonly #expr: Binary;
  readonly #matching: VectorMatching;
  readonly #scope: Scope;
  /** With `group_right` the sides are swapped: `many` is always the side whose labels stay. */
  readonly #many: Vector;
  readonly #one: Vector;
  readonly #isSwapped: boolean;
  readonly #steps: number;
  readonly #results = new Map<string, Result>();
  readonly #combine: ((a: number, b: number) => number) | undefined;
  readonly #isFilter: boolean;

  constructor(expr: Binary, left: Vector, right: Vector, scope: Scope) {
    this.#expr = expr;
    this.#matching = expr.matching!;
    this.#scope = scope;
    this.#isSwapped = this.#matching.card === 'one-to-many';
    this.#many = this.#isSwapped ? right : left;
    this.#one = this.#isSwapped ? left : right;
    this.#steps = scope.grid.count;
    this.#combine = scalarOperators[expr.op];
    this.#isFilter = isComparison(expr.op) && !expr.isBool;
  }

  groups(): Iterable<MatchGroup> {
    const keyOf = matchingKeys(this.#matching);
    const groups = new Map<string, MatchGroup>();
    const groupOf = (labels: Labels): MatchGroup => {
      const key = keyOf(labels);
      let group = groups.get(key);
      if (group === undefined) {
        group = { one: [], many: [] };
        groups.set(key, group);
      }
      return group;
    };
    for (const [index, { labels }] of this.#one.series.entries()) groupOf(labels).one.push(index);
    for (const [index, { labels }] of this.#many.series.entries()) groupOf(labels).many.push(index);
    return groups.values();
  }

  match(group: MatchGroup): void {
    const { fillLeft, fillRight } = this.#matching;
    // With `group_right` the reference lets the fill values stay where the sides were swapped.
    const [fillMany, fillOne] = [fillLeft, fillRight];
    if (group.one.length > 1) this.#mustBeOne(group);
    if (group.many.length === 0 && fillMany === undefined) return;
    const { row: oneRow, indexes } = this.#gatherOne(group);
    const matched = new Uint8Array(this.#steps);
    const manyRow = new Row(this.#steps);
    for (const many of group.many) {
      this.#many.read(many, manyRow);
      this.#matchSeries(group, many, manyRow, oneRow, indexes, fillOne, matched);
    }
    if (fillMany !== undefined) this.#fillMany(group, oneRow, indexes, matched, fillMany);
  }

  /** Two samples of one group at a step of the side of one are an error. */
  #mustBeOne(group: MatchGroup): void {
    const isFilled =
      this.#matching.fillLeft !== undefined || this.#matching.fillRight !== undefined;
    const owner = new Int32Array(this.#steps).fill(-1);
    for (const index of group.one) {
      const { from, kinds } = this.#one.series[index]!;
      for (let at = 0; at < kinds.length; at++) {
        if (kinds[at] === noSample) continue;
        const step = from + at;
        if (owner[step]! >= 0 && (isFilled || this.#hasMany(step))) {
          this.#failDuplicate(owner[step]!, index);
        }
        owner[step] = index;
      }
    }
  }

  /** Whether the other side has any sample at a step: else nothing is going to be matched. */
  #hasMany(step: number): boolean {
    return this.#many.series.some(({ from, kinds }) => {
      const kind = kinds[step - from];
      return kind !== undefined && kind !== noSample;
    });
  }

  #failDuplicate(first: number, second: number): never {
    const { labels, isOn } = this.#matching;
    const names = new Set(labels);
    if (!isOn) names.add(metricNameLabel);
    const own = this.#one.labels(second);
    const group = labelsText(pickLabels(own, names, isOn));
    const side = this.#isSwapped ? 'left' : 'right';
    const pair = [labelsText(own), labelsText(this.#one.labels(first))].sort();
    throw executionError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${pair.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  /** The samples of the side of one in one row, and whose they are. */
  #gatherOne(group: MatchGroup): { row: Row; indexes: Int32Array } {
    const total = new Row(this.#steps);
    const indexes = new Int32Array(this.#steps).fill(-1);
    const row = new Row(this.#steps);
    for (const index of group.one) {
      this.#one.read(index, row);
      for (let step = 0; step < this.#steps; step++) {
        if (row.kinds[step] === noSample) continue;
        total.copySample(step, row, step);
        indexes[step] = index;
      }
    }
    return { row: total, indexes };
  }

  #matchSeries(
    group: MatchGroup,
    many: number,
    manyRow: Row,
    oneRow: Row,
    indexes: Int32Array,
    fillOne: number | undefined,
    matched: Uint8Array,
  ): void {
    const labels = this.#many.labels(many);
    let result: Result | undefined;
    let resultOf = -2;
    for (let step = 0; step < this.#steps; step++) {
      if (manyRow.kinds[step] === noSample) continue;
      const one = indexes[step]!;
      if (one < 0 && fillOne === undefined) continue;
      if (result === undefined || resultOf !== one) {
        const other = one < 0 ? this.#groupLabels(labels) : this.#one.labels(one);
        result = this.#resultOf(labels, other, group);
        resultOf = one;
      }
      const other = one < 0 ? fillOne! : sampleAt(oneRow, step);
      if (this.#write(result, step, sampleAt(manyRow, step), other, matched)) matched[step] = 1;
    }
  }

  /** Samples of the side of one without a match are matched with a value that stands in. */
  #fillMany(
    group: MatchGroup,
    oneRow: Row,
    indexes: Int32Array,
    matched: Uint8Array,
    fill: number,
  ): void {
    for (let step = 0; step < this.#steps; step++) {
      const one = indexes[step]!;
      if (one < 0 || matched[step] === 1) continue;
      const labels = this.#one.labels(one);
      const result = this.#resultOf(this.#groupLabels(labels), labels, group);
      this.#write(result, step, fill, sampleAt(oneRow, step), matched);
    }
  }

  #groupLabels(labels: Labels): Labels {
    const { labels: names, isOn } = this.#matching;
    const set = new Set(names);
    if (!isOn) set.add(metricNameLabel);
    return pickLabels(labels, set, isOn);
  }

  #resultOf(many: Labels, one: Labels, group: MatchGroup): Result {
    const labels = this.#resultLabels(many, one);
    const key = labelsKey(labels);
    const found = this.#results.get(key);
    if (found !== undefined) {
      // The same labels of another group: an error only where both have a sample.
      return found.group === group ? found : { ...found, group };
    }
    const row = new Row(this.#steps);
    this.#scope.evaluation.hold(this.#steps);
    const made = { labels, dropsName: this.#expr.isBool, row, group };
    this.#results.set(key, made);
    return made;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { card, labels: names, isOn, include } = this.#matching;
    const { isBool, op } = this.#expr;
    const changesMeaning = !isComparison(op) && op !== '</' && op !== '>/';
    const dropsNow = isBool && !this.#scope.evaluation.options.delaysNameRemoval;
    let labels = changesMeaning || dropsNow ? withoutMetadata(many) : many;
    if (card === 'one-to-one') labels = pickLabels(labels, new Set(names), isOn);
    for (const name of include) labels = withLabel(labels, name, labelValue(one, name));
    return labels;
  }

  /** Combines two samples at a step of a result. @returns whether they counted as a match */
  #write(
    { row, group, labels }: Result,
    step: number,
    many: Sample,
    one: Sample,
    matched: Uint8Array,
  ): boolean {
    const [left, right] = this.#isSwapped ? [one, many] : [many, one];
    const combined = this.#combined(left, right);
    if (combined === undefined) return false;
    if (this.#matching.card === 'one-to-one' && matched[step] === 1) {
      throw executionError(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    }
    if (row.kinds[step] !== noSample) {
      if (this.#results.get(labelsKey(labels))!.group === group) {
        throw executionError(
          'multiple matches for labels: grouping labels must ensure unique matches',
        );
      }
      if (row.kinds[step] !== filteredOut && combined !== false) throw sameLabelsError();
    }
    if (combined === false) {
      if (row.kinds[step] === noSample) row.kinds[step] = filteredOut;
    } else {
      setSample(row, step, combined);
    }
    return true;
  }

  /** Undefined: no result and no match. False: matched, and filtered out. */
  #combined(left: Sample, right: Sample): Sample | false | undefined {
    const { op, isBool, span } = this.#expr;
    const notes = { annotations: this.#scope.evaluation.annotations, span };
    if (typeof left === 'number' && typeof right === 'number') {
      if (this.#combine === undefined) return incompatible(op, left, right, notes);
      const value = this.#combine(left, right);
      if (!this.#isFilter) return value;
      return value === 0 ? false : left;
    }
    const result = combineHistograms(op, left, right, notes);
    if (typeof result !== 'boolean') return result;
    if (isBool) return Number(result);
    return result ? left : false;
  }

  finish(): Vector {
    const series: StoredSeries[] = [];
    for (const { labels, dropsName, row } of this.#results.values()) {
      for (let step = 0; step < this.#steps; step++) {
        if (row.kinds[step] === filteredOut) row.kinds[step] = noSample;
      }
      this.#scope.evaluation.release(this.#steps);
      const stored = storedSeries(labels, dropsName, row);
      if (stored === undefined) continue;
      this.#scope.evaluation.hold(stored.values.length);
      series.push(stored);
    }
    return new Vector(series);
  }
}

const sampleAt = (row: Row, step: number): Sample =>
  row.kinds[step] === histogramSample ? row.histograms![step]! : row.values[step]!;
