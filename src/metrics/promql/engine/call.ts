import type { FloatHistogram } from '#metrics/model';
import { compareLabels, type Labels, labelsOf, labelValue, metricNameLabel } from '#metrics/model';
import { dateFunctions } from '../functions/vector/dates.ts';
import {
  compareNaturally,
  type LabelChange,
  labelJoin,
  labelReplace,
} from '../functions/vector/labels.ts';
import { clampTo, mathFunctions, roundTo } from '../functions/vector/math.ts';
import { histogramVariance } from '../histogram/quantile.ts';
import type { Call, Expr } from '../parser/ast.ts';
import { evaluateHistogramCall } from './classic-histograms.ts';
import { timeAt } from './grid.ts';
import { evaluateInfo } from './info.ts';
import { joined, namesDropped, Renamed } from './names.ts';
import { planRange, RangeRows, rangeArgument } from './ranges.ts';
import { floatSample, histogramSample, noSample, Row } from './row.ts';
import {
  evaluateScalar,
  evaluateVector,
  type Scope,
  stringArgument,
  type Value,
  vectorValue,
} from './scope.ts';
import { type InstantSource, selectInstant } from './selectors.ts';
import { storeVector } from './store-vector.ts';
import {
  RowMap,
  type StoredSeries,
  scalarVector,
  storedSeries,
  Vector,
  type VectorSource,
} from './vector.ts';

/** Evaluates a call of a function. */
export async function evaluateCall(call: Call, scope: Scope): Promise<Value> {
  if (rangeArgument(call) !== undefined) return vectorValue(await evaluateRangeCall(call, scope));
  const { name } = call.func;
  const math = mathFunctions[name];
  if (math !== undefined) return vectorValue(await mapped(call, scope, 0, () => math));
  const date = dateFunctions[name];
  if (date !== undefined) return vectorValue(await evaluateDate(call, scope, date));
  const evaluateOne = calls[name];
  if (evaluateOne === undefined) throw new Error(`function ${name} has no implementation`);
  return evaluateOne(call, scope);
}

type CallEvaluator = (call: Call, scope: Scope) => Promise<Value>;

const calls: Readonly<Record<string, CallEvaluator>> = {
  time: async (_call, { grid }) => ({
    type: 'scalar',
    values: Float64Array.from({ length: grid.count }, (_, step) => timeAt(grid, step) / 1000),
  }),
  pi: async (_call, { grid }) => ({
    type: 'scalar',
    values: new Float64Array(grid.count).fill(Math.PI),
  }),
  max_of: (call, scope) => ofTwoScalars(call, scope, Math.max),
  min_of: (call, scope) => ofTwoScalars(call, scope, Math.min),
  vector: async (call, scope) =>
    vectorValue(scalarVector(await evaluateScalar(call.args[0]!, scope))),
  scalar: async (call, scope) => ({ type: 'scalar', values: await toScalar(call.args[0]!, scope) }),
  absent: async (call, scope) => vectorValue(await evaluateAbsent(call, scope)),
  round: async (call, scope) => {
    const multiples = await optionalScalar(call.args[1], scope, 1);
    return vectorValue(
      await mapped(call, scope, 0, (step) => (value) => roundTo(value, multiples[step]!)),
    );
  },
  clamp: async (call, scope) =>
    clamped(call, scope, await scalar(call, 1, scope), await scalar(call, 2, scope)),
  clamp_min: async (call, scope) =>
    clamped(call, scope, await scalar(call, 1, scope), constant(scope, Number.POSITIVE_INFINITY)),
  clamp_max: async (call, scope) =>
    clamped(call, scope, constant(scope, Number.NEGATIVE_INFINITY), await scalar(call, 1, scope)),
  timestamp: async (call, scope) => vectorValue(await evaluateTimestamp(call, scope)),
  start_timestamp: async (call, scope) => vectorValue(await evaluateStartTimestamp(call, scope)),
  sort: (call, scope) => sorted(call, scope, 1),
  sort_desc: (call, scope) => sorted(call, scope, -1),
  sort_by_label: (call, scope) => sortedByLabel(call, scope, 1),
  sort_by_label_desc: (call, scope) => sortedByLabel(call, scope, -1),
  label_replace: async (call, scope) => {
    const [target, replacement, source, pattern] = [1, 2, 3, 4].map((at) =>
      stringArgument(call, at),
    );
    return relabelled(call, scope, labelReplace(target!, replacement!, source!, pattern!));
  },
  label_join: async (call, scope) => {
    const sources = call.args.slice(3).map((_, at) => stringArgument(call, at + 3));
    return relabelled(
      call,
      scope,
      labelJoin(stringArgument(call, 1), stringArgument(call, 2), sources),
    );
  },
  histogram_count: (call, scope) => ofHistograms(call, scope, ({ count }) => count),
  histogram_sum: (call, scope) => ofHistograms(call, scope, ({ sum }) => sum),
  histogram_avg: (call, scope) => ofHistograms(call, scope, ({ sum, count }) => sum / count),
  histogram_stdvar: (call, scope) => ofHistograms(call, scope, histogramVariance),
  histogram_stddev: (call, scope) =>
    ofHistograms(call, scope, (histogram) => Math.sqrt(histogramVariance(histogram))),
  histogram_quantile: async (call, scope) => vectorValue(await evaluateHistogramCall(call, scope)),
  histogram_quantiles: async (call, scope) => vectorValue(await evaluateHistogramCall(call, scope)),
  histogram_fraction: async (call, scope) => vectorValue(await evaluateHistogramCall(call, scope)),
  info: async (call, scope) => vectorValue(await evaluateInfo(call, scope)),
};

const scalar = (call: Call, at: number, scope: Scope): Promise<Float64Array> =>
  evaluateScalar(call.args[at]!, scope);

const constant = ({ grid }: Scope, value: number): Float64Array =>
  new Float64Array(grid.count).fill(value);

const optionalScalar = async (
  arg: Expr | undefined,
  scope: Scope,
  otherwise: number,
): Promise<Float64Array> =>
  arg === undefined ? constant(scope, otherwise) : evaluateScalar(arg, scope);

async function ofTwoScalars(
  call: Call,
  scope: Scope,
  choose: (a: number, b: number) => number,
): Promise<Value> {
  const a = await scalar(call, 0, scope);
  const b = await scalar(call, 1, scope);
  return { type: 'scalar', values: a.map((value, step) => choose(value, b[step]!)) };
}

async function evaluateRangeCall(call: Call, scope: Scope): Promise<VectorSource> {
  const { evaluation, grid } = scope;
  const plan = await planRange(call, scope);
  const rows = new RangeRows(call, plan, scope);
  if (call.func.name === 'absent_over_time') {
    return absent(rows, call.args[0]!, scope);
  }
  return plan.func.keepsName === true ? rows : namesDropped(rows, grid, evaluation);
}

/** Floats of a vector changed one by one; histograms are left out. */
async function mapped(
  call: Call,
  scope: Scope,
  at: number,
  functionAt: (step: number) => ((value: number) => number) | undefined,
): Promise<VectorSource> {
  const { evaluation, grid } = scope;
  const functions = Array.from({ length: grid.count }, (_, step) => functionAt(step));
  const source = new RowMap(await evaluateVector(call.args[at]!, scope), (row) => {
    let isEmpty = true;
    for (let step = 0; step < row.steps; step++) {
      const change = functions[step];
      if (row.kinds[step] === noSample) continue;
      if (row.kinds[step] === histogramSample || change === undefined) {
        row.remove(step);
        continue;
      }
      row.values[step] = change(row.values[step]!);
      isEmpty = false;
    }
    return !isEmpty;
  });
  return namesDropped(source, grid, evaluation);
}

async function clamped(
  call: Call,
  scope: Scope,
  min: Float64Array,
  max: Float64Array,
): Promise<Value> {
  const source = await mapped(call, scope, 0, (step) =>
    max[step]! < min[step]! ? undefined : (value) => clampTo(value, min[step]!, max[step]!),
  );
  return vectorValue(source);
}

async function evaluateDate(
  call: Call,
  scope: Scope,
  date: (seconds: number) => number,
): Promise<VectorSource> {
  if (call.args.length > 0) return mapped(call, scope, 0, () => date);
  const { grid } = scope;
  return scalarVector(
    Float64Array.from({ length: grid.count }, (_, step) => date(timeAt(grid, step) / 1000)),
  );
}

/** The one float of each step, NaN where there is none or more than one. */
async function toScalar(arg: Expr, scope: Scope): Promise<Float64Array> {
  const { evaluation, grid } = scope;
  const source = await evaluateVector(arg, scope);
  const values = new Float64Array(grid.count).fill(Number.NaN);
  const found = new Uint8Array(grid.count);
  const row = new Row(grid.count);
  try {
    for (let index = 0; index < source.count; index++) {
      if (evaluation.isDue()) await evaluation.pause();
      if (!source.read(index, row)) continue;
      for (let step = 0; step < grid.count; step++) {
        if (row.kinds[step] !== floatSample) continue;
        values[step] = found[step] === 0 ? row.values[step]! : Number.NaN;
        found[step] = 1;
      }
    }
  } finally {
    source.dispose?.();
  }
  return values;
}

async function evaluateAbsent(call: Call, scope: Scope): Promise<VectorSource> {
  return absent(await evaluateVector(call.args[0]!, scope), call.args[0]!, scope);
}

/** 1 at each step at which a vector has no sample, with the labels that were asked for. */
async function absent(source: VectorSource, arg: Expr, scope: Scope): Promise<Vector> {
  const { evaluation, grid } = scope;
  const row = new Row(grid.count);
  const present = new Uint8Array(grid.count);
  try {
    for (let index = 0; index < source.count; index++) {
      if (evaluation.isDue()) await evaluation.pause();
      if (!source.read(index, row)) continue;
      for (let step = 0; step < grid.count; step++) present[step]! |= row.kinds[step]!;
    }
  } finally {
    source.dispose?.();
  }
  row.clear();
  for (let step = 0; step < grid.count; step++) if (present[step] === 0) row.setFloat(step, 1);
  const series = storedSeries(labelsAskedFor(arg), false, row);
  return new Vector(series === undefined ? [] : [series]);
}

/** Labels of the selector's `=` matchers; those with several matchers are left out. */
function labelsAskedFor(arg: Expr): Labels {
  const selector = arg.kind === 'matrix' ? arg.selector : arg;
  if (selector.kind !== 'vector') return [];
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, operator, value } of selector.matchers) {
    if (name === metricNameLabel) continue;
    if (operator === '=' && !seen.has(name)) values.set(name, value);
    else values.delete(name);
    if (operator === '=') seen.add(name);
  }
  return labelsOf(values);
}

/** When samples were taken; of what is no selector, the time of the step. */
async function evaluateTimestamp(call: Call, scope: Scope): Promise<VectorSource> {
  const { evaluation, grid } = scope;
  const arg = call.args[0]!;
  let source: VectorSource;
  if (arg.kind === 'vector' && !arg.isSmoothed) {
    const instant = await selectInstant(evaluation, arg, grid, 'timestamp');
    source = new RowMap(instant, (row) => {
      setTimes(row, (step) => instant.timesMs[step]!);
      return true;
    });
  } else {
    source = new RowMap(await evaluateVector(arg, scope), (row) => {
      setTimes(row, (step) => timeAt(grid, step));
      return true;
    });
  }
  return namesDropped(source, grid, evaluation);
}

function setTimes(row: Row, timeMs: (step: number) => number): void {
  for (let step = 0; step < row.steps; step++) {
    if (row.kinds[step] !== noSample) row.setFloat(step, timeMs(step) / 1000);
  }
  row.histograms = undefined;
}

async function evaluateStartTimestamp(call: Call, scope: Scope): Promise<VectorSource> {
  const { evaluation, grid } = scope;
  const arg = call.args[0]!;
  // Start times do not pass through an expression.
  if (arg.kind !== 'vector' || !evaluation.options.usesStartTimestamps) return new Vector([]);
  const instant: InstantSource = await selectInstant(evaluation, arg, grid, 'start_timestamp');
  const source = new RowMap(instant, (row) => {
    setTimes(row, (step) => instant.startTimesMs[step]!);
    return true;
  });
  return namesDropped(source, grid, evaluation);
}

function warnOfSort(call: Call, { evaluation, grid }: Scope): boolean {
  if (grid.count === 1) return false;
  evaluation.annotations.warn(
    'sort is ineffective for range queries since results are always ordered by labels',
    call.span,
  );
  return true;
}

async function sorted(call: Call, scope: Scope, sign: 1 | -1): Promise<Value> {
  const source = await evaluateVector(call.args[0]!, scope);
  const vector = await storeVector(source, scope.grid, scope.evaluation);
  if (warnOfSort(call, scope)) return vectorValue(floatsOnly(vector, scope.grid.count));
  const floats = vector.series.filter(({ kinds }) => kinds[0] === floatSample);
  // NaN is last in either direction.
  const order = (a: StoredSeries, b: StoredSeries): number => {
    const [x, y] = [a.values[0]!, b.values[0]!];
    if (Number.isNaN(x) || Number.isNaN(y))
      return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x - y) || 0;
  };
  return vectorValue(new Vector(floats.sort(order), true));
}

function floatsOnly(vector: Vector, steps: number): Vector {
  if (vector.series.every(({ histograms }) => histograms === undefined)) return vector;
  const row = new Row(steps);
  const series: StoredSeries[] = [];
  for (let index = 0; index < vector.count; index++) {
    vector.read(index, row);
    for (let step = 0; step < steps; step++) {
      if (row.kinds[step] === histogramSample) row.remove(step);
    }
    const stored = storedSeries(vector.labels(index), vector.dropsName(index), row);
    if (stored !== undefined) series.push(stored);
  }
  return new Vector(series);
}

async function sortedByLabel(call: Call, scope: Scope, sign: 1 | -1): Promise<Value> {
  const source = await evaluateVector(call.args[0]!, scope);
  const vector = await storeVector(source, scope.grid, scope.evaluation);
  if (warnOfSort(call, scope)) return vectorValue(vector);
  const names = call.args.slice(1).map((_, at) => stringArgument(call, at + 1));
  const order = (a: StoredSeries, b: StoredSeries): number => {
    for (const name of names) {
      const found = compareNaturally(labelValue(a.labels, name), labelValue(b.labels, name));
      if (found !== 0) return sign * found;
    }
    return sign * compareLabels(a.labels, b.labels);
  };
  return vectorValue(new Vector([...vector.series].sort(order), true));
}

async function relabelled(call: Call, scope: Scope, change: LabelChange): Promise<Value> {
  const { evaluation, grid } = scope;
  const source = await evaluateVector(call.args[0]!, scope);
  const vector = await storeVector(
    new Renamed(source, (labels) => change.apply(labels), undefined),
    grid,
    evaluation,
  );
  if (!change.setsName) return vectorValue(joined(vector, grid.count));
  const named = vector.series.map((series) => ({ ...series, dropsName: false }));
  return vectorValue(joined(new Vector(named), grid.count));
}

async function ofHistograms(
  call: Call,
  scope: Scope,
  measure: (histogram: FloatHistogram) => number,
): Promise<Value> {
  const { evaluation, grid } = scope;
  const source = new RowMap(await evaluateVector(call.args[0]!, scope), (row) => {
    const { histograms } = row;
    if (histograms === undefined) return false;
    for (let step = 0; step < row.steps; step++) {
      if (row.kinds[step] === histogramSample) row.setFloat(step, measure(histograms[step]!));
      else row.remove(step);
    }
    row.histograms = undefined;
    return true;
  });
  return vectorValue(await namesDropped(source, grid, evaluation));
}
