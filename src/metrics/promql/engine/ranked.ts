import type { Labels } from '#metrics/model';
import { quantileOfUnsorted } from '../functions/range/order.ts';
import { runChunks } from '../parallel/run.ts';
import type { Aggregation } from '../parser/ast.ts';
import { type Groups, groupSeries } from './grouping.ts';
import { uniformHash } from './hash.ts';
import { floatSample, histogramSample, noSample, Row } from './row.ts';
import type { Scope } from './scope.ts';
import { storeVector } from './store-vector.ts';
import { TopRows } from './top-rows.ts';
import { type StoredSeries, storedSeries, Vector, type VectorSource } from './vector.ts';

/** Groups, steps and places of `topk` together, for which columns are made beforehand. */
const maxTopCells = 200_000;

/** The best of a group at one step: series and values, worst on top. */
class Best {
  readonly values: number[] = [];
  readonly series: number[] = [];
  /** Whether a value is worse than another; NaN is worse than any number. */
  readonly #isWorse: (a: number, b: number) => boolean;

  constructor(isWorse: (a: number, b: number) => boolean) {
    this.#isWorse = isWorse;
  }

  /** Of equal values the earlier stays. */
  offer(value: number, series: number, room: number): void {
    if (this.values.length < room) {
      this.values.push(value);
      this.series.push(series);
      this.#rise(this.values.length - 1);
    } else if (this.#isWorse(this.values[0]!, value)) {
      this.values[0] = value;
      this.series[0] = series;
      this.#sink();
    }
  }

  /** Best first; of equal ones the earlier. */
  ranked(): number[] {
    const order = this.values.map((_, at) => at);
    return order.sort((a, b) => {
      if (this.#isWorse(this.values[a]!, this.values[b]!)) return 1;
      if (this.#isWorse(this.values[b]!, this.values[a]!)) return -1;
      return this.series[a]! - this.series[b]!;
    });
  }

  /** Of two that are as bad, the later goes first. */
  #isBelow(a: number, b: number): boolean {
    if (this.#isWorse(this.values[a]!, this.values[b]!)) return true;
    if (this.#isWorse(this.values[b]!, this.values[a]!)) return false;
    return this.series[a]! > this.series[b]!;
  }

  #swap(a: number, b: number): void {
    for (const column of [this.values, this.series]) {
      const kept = column[a]!;
      column[a] = column[b]!;
      column[b] = kept;
    }
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBelow(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      if (left >= this.values.length) return;
      const right = left + 1;
      const child = right < this.values.length && this.#isBelow(right, left) ? right : left;
      if (!this.#isBelow(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }
}

const isSmaller = (a: number, b: number): boolean => a < b || (Number.isNaN(a) && !Number.isNaN(b));
const isLarger = (a: number, b: number): boolean => a > b || (Number.isNaN(a) && !Number.isNaN(b));

/** `topk` and `bottomk`: series keep their labels; at each step the best of their group are left. */
export async function topK(
  expr: Aggregation,
  source: VectorSource,
  groups: Groups,
  counts: Float64Array,
  { evaluation, grid }: Scope,
): Promise<Vector> {
  const room = sameRoom(counts);
  const cells = groups.labels.length * grid.count * (room ?? 0);
  if (room !== undefined && grid.count > 1 && cells <= maxTopCells) {
    return topRows(expr, source, groups, room, { evaluation, grid });
  }
  const isWorse = expr.op === 'topk' ? isSmaller : isLarger;
  const best: (Best | undefined)[][] = groups.labels.map(() => []);
  const row = new Row(grid.count);
  const dropsName: boolean[] = [];
  for (let index = 0; index < source.count; index++) {
    if (evaluation.isDue()) await evaluation.pause();
    if (!source.read(index, row)) continue;
    dropsName[index] = source.dropsName(index);
    const own = best[groups.indexes[index]!]!;
    for (let step = 0; step < grid.count; step++) {
      const room = Math.trunc(counts[step]!);
      if (row.kinds[step] === noSample || room < 1) continue;
      if (row.kinds[step] === histogramSample) {
        evaluation.annotations.inform(`ignored histogram in ${expr.op} aggregation`, expr.span);
        continue;
      }
      const ranked = own[step] ?? new Best(isWorse);
      own[step] = ranked;
      ranked.offer(row.values[step]!, index, room);
    }
  }
  return grid.count === 1
    ? rankedVector(best, source, dropsName)
    : keptVector(best, source, dropsName, grid.count);
}

/** How many are asked for, where that is the same at every step; else undefined. */
function sameRoom(counts: Float64Array): number | undefined {
  const room = Math.trunc(counts[0]!);
  return room >= 1 && counts.every((count) => Math.trunc(count) === room) ? room : undefined;
}

/** The same where as many are asked for at every step, on several threads where that is worth it. */
async function topRows(
  expr: Aggregation,
  source: VectorSource,
  groups: Groups,
  room: number,
  { evaluation, grid }: Pick<Scope, 'evaluation' | 'grid'>,
): Promise<Vector> {
  const { count: steps } = grid;
  const shape = { isTop: expr.op === 'topk', room, groups: groups.labels.length, steps };
  const top = new TopRows(shape);
  const dropsName: boolean[] = [];
  const work = { kind: 'top', shape, groupOf: groups.indexes } as const;
  const parallel = source.parallel?.(grid);
  const chunks =
    parallel && (await runChunks(parallel, source.count, work, shape.groups * room, evaluation));
  const left: number[] = [];
  for (const chunk of chunks?.top ?? []) {
    top.merge(chunk.best);
    for (const index of chunk.left) left.push(index);
  }
  const row = new Row(steps);
  const count = chunks === undefined ? source.count : left.length;
  for (let at = 0; at < count; at++) {
    const index = chunks === undefined ? at : left[at]!;
    if (evaluation.isDue()) await evaluation.pause();
    if (!source.read(index, row)) continue;
    top.add(groups.indexes[index]!, index, row);
    if (row.histograms !== undefined && row.kinds.includes(histogramSample)) {
      evaluation.annotations.inform(`ignored histogram in ${expr.op} aggregation`, expr.span);
    }
  }
  const rows = new Map<number, Row>();
  for (const [cell, size] of top.sizes.entries()) {
    for (let at = cell * room; at < cell * room + size; at++) {
      const index = top.series[at]!;
      let own = rows.get(index);
      if (own === undefined) {
        own = new Row(steps);
        rows.set(index, own);
        dropsName[index] = source.dropsName(index);
      }
      own.setFloat(cell % steps, top.values[at]!);
    }
  }
  return storedRows(rows, (index) => source.labels(index), dropsName);
}

/** Of one step: group by group, best first. */
function rankedVector(
  best: readonly (Best | undefined)[][],
  source: VectorSource,
  dropsName: readonly boolean[],
): Vector {
  const series: StoredSeries[] = [];
  for (const [own] of best) {
    for (const at of own?.ranked() ?? []) {
      const index = own!.series[at]!;
      series.push({
        labels: source.labels(index),
        dropsName: dropsName[index]!,
        from: 0,
        values: Float64Array.of(own!.values[at]!),
        kinds: Uint8Array.of(floatSample),
        histograms: undefined,
      });
    }
  }
  return new Vector(series, true);
}

function keptVector(
  best: readonly (Best | undefined)[][],
  source: VectorSource,
  dropsName: readonly boolean[],
  steps: number,
): Vector {
  const rows = new Map<number, Row>();
  for (const own of best) {
    for (let step = 0; step < steps; step++) {
      const found = own[step];
      if (found === undefined) continue;
      for (let at = 0; at < found.series.length; at++) {
        const index = found.series[at]!;
        let row = rows.get(index);
        if (row === undefined) {
          row = new Row(steps);
          rows.set(index, row);
        }
        row.setFloat(step, found.values[at]!);
      }
    }
  }
  return storedRows(rows, (index) => source.labels(index), dropsName);
}

function storedRows(
  rows: ReadonlyMap<number, Row>,
  labels: (index: number) => Labels,
  dropsName: readonly boolean[],
): Vector {
  const series = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([index, row]) => storedSeries(labels(index), dropsName[index]!, row))
    .filter((stored) => stored !== undefined);
  return new Vector(series);
}

/** `limitk`: the first series of each group at each step. */
export async function limitK(
  source: VectorSource,
  groups: Groups,
  counts: Float64Array,
  { evaluation, grid }: Scope,
): Promise<Vector> {
  const taken = groups.labels.map(() => new Float64Array(grid.count));
  return filtered(source, grid.count, evaluation, (index, step) => {
    const own = taken[groups.indexes[index]!]!;
    if (own[step]! >= Math.trunc(counts[step]!)) return false;
    own[step]!++;
    return true;
  });
}

/**
 * `limit_ratio`: a share of the series, chosen by their labels: a ratio r keeps those whose hash is
 * below r, r - 1 exactly the others.
 */
export async function limitRatio(
  source: VectorSource,
  ratios: Float64Array,
  { evaluation, grid }: Scope,
): Promise<Vector> {
  let hashedIndex = -1;
  let hash = 0;
  return filtered(source, grid.count, evaluation, (index, step) => {
    if (index !== hashedIndex) {
      hash = uniformHash(source.labels(index));
      hashedIndex = index;
    }
    const ratio = Math.max(-1, Math.min(1, ratios[step]!));
    return ratio >= 0 ? hash < ratio : hash >= 1 + ratio;
  });
}

async function filtered(
  source: VectorSource,
  steps: number,
  evaluation: Scope['evaluation'],
  keeps: (index: number, step: number) => boolean,
): Promise<Vector> {
  const series: StoredSeries[] = [];
  const row = new Row(steps);
  for (let index = 0; index < source.count; index++) {
    if (evaluation.isDue()) await evaluation.pause();
    if (!source.read(index, row)) continue;
    for (let step = 0; step < steps; step++) {
      if (row.kinds[step] !== noSample && !keeps(index, step)) row.remove(step);
    }
    const stored = storedSeries(source.labels(index), source.dropsName(index), row);
    if (stored === undefined) continue;
    evaluation.hold(stored.values.length);
    series.push(stored);
  }
  return new Vector(series);
}

/** The quantile of each group's floats at each step. */
export async function quantiles(
  expr: Aggregation,
  source: VectorSource,
  wanted: Float64Array,
  { evaluation, grid }: Scope,
): Promise<Vector> {
  const vector = await storeVector(withoutDisposal(source), grid, evaluation);
  const groups = groupSeries(vector, expr);
  const members: StoredSeries[][] = groups.labels.map(() => []);
  for (const [at, stored] of vector.series.entries()) members[groups.indexes[at]!]!.push(stored);
  const series: StoredSeries[] = [];
  const total = new Row(grid.count);
  for (const [group, own] of members.entries()) {
    if (evaluation.isDue()) await evaluation.pause();
    total.clear();
    quantilesOf(own, wanted, total, () =>
      evaluation.annotations.inform('ignored histogram in quantile aggregation', expr.expr.span),
    );
    const dropsName = own.some((each) => each.dropsName);
    const stored = storedSeries(groups.labels[group]!, dropsName, total);
    if (stored !== undefined) series.push(stored);
  }
  for (const each of vector.series) evaluation.release(each.values.length);
  for (const each of series) evaluation.hold(each.values.length);
  return new Vector(series);
}

/** The same vector, for who reads it and is not who releases it. */
function withoutDisposal(source: VectorSource): VectorSource {
  return {
    count: source.count,
    labels: (index) => source.labels(index),
    dropsName: (index) => source.dropsName(index),
    read: (index, row) => source.read(index, row),
    parallel: (grid) => source.parallel?.(grid),
  };
}

function quantilesOf(
  members: readonly StoredSeries[],
  wanted: Float64Array,
  into: Row,
  ignored: () => void,
): void {
  const scratch = new Float64Array(members.length);
  for (let step = 0; step < into.steps; step++) {
    let count = 0;
    let nans = 0;
    for (const { from, kinds, values } of members) {
      const kind = kinds[step - from];
      if (kind === undefined || kind === noSample) continue;
      if (kind === histogramSample) ignored();
      else if (Number.isNaN(values[step - from]!)) nans++;
      else scratch[count++] = values[step - from]!;
    }
    if (count + nans === 0) continue;
    into.setFloat(step, quantileOfUnsorted(wanted[step]!, scratch, count, nans));
  }
}
