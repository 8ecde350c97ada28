import { type Labels, labelValue, metricNameLabel, SampleColumns } from '#metrics/model';
import { executionError } from '../errors.ts';
import {
  applyRange,
  type Extension,
  extendedFunctionNames,
  type RangeCall,
  type RangeFunction,
  rangeFunction,
} from '../functions/range/index.ts';
import { withHint } from '../histogram/scale.ts';
import type { ParallelSource } from '../parallel/plan.ts';
import type { Call, Expr, MatrixSelector, Subquery } from '../parser/ast.ts';
import { quoteText } from '../parser/go-text.ts';
import type { Evaluation } from './evaluation.ts';
import { type Grid, timeAt } from './grid.ts';
import { floatSample, noSample, Row } from './row.ts';
import { evaluateScalar, evaluateVector, type Scope } from './scope.ts';
import {
  type Extent,
  lastWindowEnd,
  noExtent,
  type RangeSource,
  SelectedRange,
  selectSeries,
  windowsOf,
} from './selectors.ts';
import { SeriesWindows } from './series-windows.ts';
import type { VectorSource } from './vector.ts';

/** The range argument of a call, if it has one. */
export function rangeArgument(call: Call): MatrixSelector | Subquery | undefined {
  for (const arg of call.args) if (arg.kind === 'matrix' || arg.kind === 'subquery') return arg;
  return undefined;
}

/** The samples of a range on a grid, series by series. */
export async function openRange(
  range: MatrixSelector | Subquery,
  scope: Scope,
  func: string,
  extent: Extent = noExtent,
): Promise<RangeSource> {
  if (range.kind === 'subquery') return openSubquery(range, scope);
  const { evaluation, grid, query } = scope;
  const windows = windowsOf(range.selector, range.rangeMs, grid);
  const hint = { function: func, rangeMs: range.rangeMs, stepMs: grid.stepMs };
  const { matchers } = range.selector;
  const selection = await selectSeries(evaluation, matchers, windows, extent, hint);
  return new SelectedRange(selection, windows, query.needsOnlyStatistics(range.selector));
}

async function openSubquery(subquery: Subquery, scope: Scope): Promise<RangeSource> {
  const { evaluation, grid } = scope;
  const windows = windowsOf(subquery, subquery.rangeMs, grid);
  const stepMs = subquery.stepMs || evaluation.options.defaultSubqueryStepMs;
  // Inner steps are multiples of the step; windows are open to the left.
  const afterMs = windows.endMs - windows.rangeMs;
  const startMs = Math.floor(afterMs / stepMs) * stepMs + stepMs;
  const endMs = lastWindowEnd(windows);
  const count = Math.floor((endMs - startMs) / stepMs) + 1;
  if (count <= 0) return new SubqueryRange(undefined, { startMs, stepMs, count: 1 }, windows);
  evaluation.mustHaveRoomFor(count);
  const inner: Grid = { startMs, stepMs, count };
  const source = await evaluateVector(subquery.expr, { ...scope, grid: inner });
  return new SubqueryRange(source, inner, windows);
}

/** The steps of an inner expression as samples. */
class SubqueryRange implements RangeSource {
  readonly windows: RangeSource['windows'];
  readonly #source: VectorSource | undefined;
  readonly #grid: Grid;
  readonly #row: Row;

  constructor(source: VectorSource | undefined, grid: Grid, windows: RangeSource['windows']) {
    this.#source = source;
    this.#grid = grid;
    this.#row = new Row(grid.count);
    this.windows = windows;
  }

  get count(): number {
    return this.#source?.count ?? 0;
  }

  get maxSamples(): number {
    return this.count * this.#grid.count;
  }

  labels(index: number): Labels {
    return this.#source!.labels(index);
  }

  dropsName(index: number): boolean {
    return this.#source!.dropsName(index);
  }

  read(index: number, into: SampleColumns): void {
    const row = this.#row;
    into.clear();
    if (!this.#source!.read(index, row)) return;
    into.reserve(row.steps);
    let count = 0;
    for (let step = 0; step < row.steps; step++) {
      if (row.kinds[step] === noSample) continue;
      into.timesMs[count] = timeAt(this.#grid, step);
      if (row.kinds[step] === floatSample) {
        into.values[count] = row.values[step]!;
      } else {
        into.histograms ??= [];
        const histogram = row.histograms![step]!;
        // Steps leave samples out or repeat them, so that hints on what came before no longer hold.
        const isGauge = histogram.counterResetHint === 'gauge';
        into.histograms[count] = isGauge ? histogram : withHint(histogram, 'unknown');
      }
      count++;
    }
    into.count = count;
  }

  dispose(): void {
    this.#source?.dispose?.();
  }
}

/** Everything that a function over a range needs for any series. */
export interface RangePlan {
  readonly func: RangeFunction;
  readonly range: RangeSource;
  readonly params: readonly Float64Array[];
  readonly extent: Extent;
}

export async function planRange(call: Call, scope: Scope): Promise<RangePlan> {
  const range = rangeArgument(call)!;
  const { lookbackMs } = scope.evaluation.options;
  const extension = extensionOf(range);
  const func = rangeFunction(call.func.name, extension);
  if (func === undefined) {
    if (extension === undefined) throw executionError(`unknown function ${call.func.name}`);
    throw executionError(
      `${extension} modifier can only be used with: ${extendedFunctionNames(extension).join(', ')} - not with ${call.func.name}`,
    );
  }
  const params: Float64Array[] = [];
  for (const arg of call.args) {
    if (arg !== range) params.push(await evaluateScalar(arg as Expr, scope));
  }
  const extent =
    extension === undefined
      ? noExtent
      : { beforeMs: lookbackMs, afterMs: extension === 'smoothed' ? lookbackMs : 0 };
  return { func, range: await openRange(range, scope, call.func.name, extent), params, extent };
}

export function extensionOf(range: MatrixSelector | Subquery): Extension | undefined {
  if (range.kind === 'subquery') return undefined;
  if (range.selector.isAnchored) return 'anchored';
  return range.selector.isSmoothed ? 'smoothed' : undefined;
}

/** A function over a range, computed series by series while it is read. */
export class RangeRows implements VectorSource {
  readonly plan: RangePlan;
  readonly call: Call;
  readonly #evaluation: Evaluation;
  readonly #windows: SeriesWindows;
  readonly #columns = new SampleColumns();
  readonly #rangeCall: RangeCall;
  readonly #informsOfNames: boolean;
  #at = 0;
  #knownName: string | undefined;

  constructor(call: Call, plan: RangePlan, { evaluation, grid }: Scope) {
    this.plan = plan;
    this.call = call;
    this.#evaluation = evaluation;
    this.#windows = new SeriesWindows(
      plan.range.windows,
      plan.extent.beforeMs,
      plan.extent.afterMs,
    );
    this.#informsOfNames = call.func.name === 'rate' || call.func.name === 'increase';
    this.#rangeCall = {
      grid,
      params: plan.params,
      span: rangeArgument(call)!.span,
      annotations: evaluation.annotations,
      metric: () => labelValue(plan.range.labels(this.#at), metricNameLabel),
    };
  }

  get count(): number {
    return this.plan.range.count;
  }

  labels(index: number): Labels {
    return this.plan.range.labels(index);
  }

  dropsName(index: number): boolean {
    return this.plan.range.dropsName(index);
  }

  read(index: number, row: Row): boolean {
    this.#at = index;
    const columns = this.#columns;
    this.plan.range.read(index, columns);
    if (columns.count === 0) {
      row.clear();
      return false;
    }
    if (!this.#evaluation.options.usesStartTimestamps) columns.startTimesMs = undefined;
    this.#windows.load(columns);
    applyRange(this.plan.func, this.#windows, row, this.#rangeCall);
    this.#countSamples();
    if (this.#informsOfNames && hasFloat(row)) this.#informOfName(index);
    return true;
  }

  /** Counts what the windows hold, as the reference does: at each step. */
  #countSamples(): void {
    const { low, high, histograms, windowSamples } = this.#windows;
    const perStep = this.#evaluation.samplesPerStep;
    const isWanted = perStep !== undefined && perStep.length === low.length;
    let total = windowSamples;
    if (isWanted || histograms !== undefined) {
      for (let step = 0; step < low.length; step++) {
        const found = histograms === undefined ? 0 : histograms.high[step]! - histograms.low[step]!;
        total += found;
        if (isWanted) perStep[step]! += high[step]! - low[step]! + found;
      }
    }
    this.#evaluation.samples += total;
  }

  /** A rate of what is not named like a counter may be a mistake. */
  #informOfName(index: number): void {
    const labels = this.labels(index);
    const name = labelValue(labels, metricNameLabel);
    if (name === '' || name === this.#knownName) return;
    informOfCounterName(name, labels, this.call, this.#evaluation);
    // With the types of labels looked at, each series may be told of something else.
    if (!this.#evaluation.options.checksTypeLabels) this.#knownName = name;
  }

  parallel(grid: Grid): ParallelSource | undefined {
    const { range, params, extent } = this.plan;
    if (range.share === undefined) return undefined;
    return {
      plan: {
        windows: range.windows,
        ...extent,
        func: this.call.func.name,
        extension: extensionOf(rangeArgument(this.call)!),
        params,
        grid,
        span: this.#rangeCall.span,
        usesStartTimestamps: this.#evaluation.options.usesStartTimestamps,
        scalarSteps: [],
      },
      maxSamples: range.maxSamples,
      read: (index, into) => range.read(index, into),
      share: () => range.share!(),
      found: (index) => {
        if (this.#informsOfNames) this.#informOfName(index);
      },
    };
  }

  dispose(): void {
    this.plan.range.dispose();
  }
}

export function informOfCounterName(
  name: string,
  labels: Labels,
  call: Call,
  { options, annotations }: Evaluation,
): void {
  const { span } = call.args[0]!;
  if (options.checksTypeLabels) {
    const type = labelValue(labels, '__type__');
    if (type === 'counter' || type === 'histogram') return;
    annotations.inform(
      `metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${quoteText(type)}: ${quoteText(name)}`,
      span,
    );
    return;
  }
  if (/_(?:total|sum|count|bucket)$/.test(name)) return;
  annotations.inform(
    `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoteText(name)}`,
    span,
  );
}

function hasFloat({ kinds }: Row): boolean {
  for (let step = 0; step < kinds.length; step++) if (kinds[step] === floatSample) return true;
  return false;
}
