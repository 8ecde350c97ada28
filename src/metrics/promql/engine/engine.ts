import { availableParallelism } from 'node:os';
import { compareLabels, type FloatHistogram, type Queryable, SampleColumns } from '#metrics/model';
import type {
  PromqlEngine,
  QueryOptions,
  QueryResult,
  QueryValue,
  ResultSeries,
} from '../contract.ts';
import { executionError, parseError } from '../errors.ts';
import { WorkerPool } from '../parallel/pool.ts';
import { type Expr, typeOf, unwrapped } from '../parser/ast.ts';
import { parseQuery } from '../parser/parse.ts';
import { type ParserOptions, stableSyntax } from '../parser/reader.ts';
import { evaluate } from './evaluate.ts';
import { Evaluation } from './evaluation.ts';
import { extendedSamples } from './extended-samples.ts';
import { QueryGate } from './gate.ts';
import { type Grid, timeAt } from './grid.ts';
import { joined, withoutMetadata } from './names.ts';
import { prepareQuery } from './prepare.ts';
import { extensionOf, openRange } from './ranges.ts';
import { histogramSample, noSample, Row } from './row.ts';
import type { Value } from './scope.ts';
import { SeriesWindows } from './series-windows.ts';
import { storeVector } from './store-vector.ts';
import { Vector } from './vector.ts';

/** How queries are evaluated; all have the defaults of the reference. */
export interface PromqlOptions {
  /** Default: the stable syntax. */
  readonly syntax?: ParserOptions;
  /** Samples of one query in memory. Default 50 M. */
  readonly maxSamples?: number;
  /** Default two minutes. */
  readonly timeoutMs?: number;
  /** How far back a selector looks for a sample. Default five minutes. */
  readonly lookbackMs?: number;
  /** Step of subqueries without one, looked up at each query. Default one minute. */
  readonly defaultSubqueryStepMs?: number | (() => number);
  /** Queries at once; the others wait within their timeout. Default 20. */
  readonly maxConcurrency?: number;
  /** Names are dropped when a query is done, not at each function. Default false. */
  readonly delaysNameRemoval?: boolean;
  /** Start times of samples count for rates and resets. Default false. */
  readonly usesStartTimestamps?: boolean;
  /** `rate` looks at the label `__type__` instead of the name's end. Default false. */
  readonly checksTypeLabels?: boolean;
  /** Threads beside the main one; 0: none. Default: as many as there are processors, less one. */
  readonly workers?: number;
}

const defaults = {
  syntax: stableSyntax,
  maxSamples: 50_000_000,
  timeoutMs: 120_000,
  lookbackMs: 300_000,
  defaultSubqueryStepMs: 60_000 as number | (() => number),
  maxConcurrency: 20,
  delaysNameRemoval: false,
  usesStartTimestamps: false,
  checksTypeLabels: false,
};

/** A range query with more steps is refused wherever it comes from. */
const maxSteps = 10_000_000;

/** An engine over anything that can be asked for series. */
export function openPromqlEngine(queryable: Queryable, options: PromqlOptions = {}): PromqlEngine {
  return new Engine(queryable, { ...defaults, ...options });
}

type Settings = typeof defaults & PromqlOptions;

interface Request {
  readonly query: string;
  readonly expr: Expr;
  readonly startMs: number;
  readonly endMs: number;
  /** 0: an instant query. */
  readonly stepMs: number;
  readonly options: QueryOptions;
  readonly signal: AbortSignal;
  readonly parseMs: number;
}

class Engine implements PromqlEngine {
  readonly #queryable: Queryable;
  readonly #settings: Settings;
  readonly #pool: WorkerPool;
  readonly #gate: QueryGate;

  constructor(queryable: Queryable, settings: Settings) {
    this.#queryable = queryable;
    this.#settings = settings;
    this.#gate = new QueryGate(settings.maxConcurrency);
    this.#pool = new WorkerPool(settings.workers ?? Math.max(0, availableParallelism() - 1));
  }

  async instant(
    query: string,
    atMs: number,
    options: QueryOptions,
    signal: AbortSignal,
  ): Promise<QueryResult> {
    const began = performance.now();
    const expr = parseQuery(query, this.#settings.syntax);
    const parseMs = performance.now() - began;
    return this.#run({
      query,
      expr,
      startMs: atMs,
      endMs: atMs,
      stepMs: 0,
      options,
      signal,
      parseMs,
    });
  }

  async range(
    query: string,
    window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
    options: QueryOptions,
    signal: AbortSignal,
  ): Promise<QueryResult> {
    const began = performance.now();
    const expr = parseQuery(query, this.#settings.syntax);
    const type = typeOf(expr);
    if (type !== 'scalar' && type !== 'instant vector') {
      throw parseErrorWithoutPlace(
        query,
        `invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
      );
    }
    const parseMs = performance.now() - began;
    return this.#run({ query, expr, ...window, options, signal, parseMs });
  }

  async #run(request: Request): Promise<QueryResult> {
    const { query, startMs, endMs, stepMs, options, signal } = request;
    const isInstant = stepMs === 0;
    const count = isInstant ? 1 : Math.floor((endMs - startMs) / stepMs) + 1;
    if (count > maxSteps) throw executionError(`a range query can have ${maxSteps} steps at most`);
    // An instant query has some step, for what counts in steps.
    const grid: Grid = { startMs, stepMs: isInstant ? 1 : stepMs, count: Math.max(count, 1) };
    const timeoutMs = this.#timeoutMs(options);
    const came = performance.now();
    using _turn = await this.#gate.enter(signal, timeoutMs);
    const queuedMs = performance.now() - came;
    const evaluation = this.#evaluation(
      { ...options, timeoutMs: timeoutMs - queuedMs },
      signal,
      grid,
    );
    evaluation.check();
    const began = performance.now();
    const value =
      count <= 0
        ? ({ type: 'matrix', series: [] } as const)
        : await this.#evaluate(request, grid, evaluation, isInstant);
    const totalMs = performance.now() - began;
    const { warnings, infos } = evaluation.annotations.texts(query);
    return {
      value,
      warnings,
      infos,
      stats: {
        samples: evaluation.samples,
        peakSamples: evaluation.peakSamples,
        seriesSelected: evaluation.seriesSelected,
        timings: {
          parseMs: request.parseMs,
          selectMs: evaluation.selectMs,
          evalMs: totalMs - evaluation.selectMs,
          totalMs: totalMs + request.parseMs,
        },
        ...(evaluation.samplesPerStep === undefined
          ? {}
          : { samplesPerStep: evaluation.samplesPerStep }),
      },
    };
  }

  /** Waiting counts: who asks does not care why it takes long. */
  #timeoutMs({ timeoutMs }: QueryOptions): number {
    const wantedMs = Math.min(timeoutMs ?? this.#settings.timeoutMs, this.#settings.timeoutMs);
    return Math.max(0, Math.ceil(wantedMs));
  }

  #evaluation(options: QueryOptions, signal: AbortSignal, grid: Grid): Evaluation {
    const settings = this.#settings;
    return new Evaluation({
      queryable: this.#queryable,
      signal,
      timeoutMs: this.#timeoutMs(options),
      maxSamples: settings.maxSamples,
      lookbackMs: options.lookbackMs ?? settings.lookbackMs,
      defaultSubqueryStepMs:
        typeof settings.defaultSubqueryStepMs === 'function'
          ? settings.defaultSubqueryStepMs()
          : settings.defaultSubqueryStepMs,
      delaysNameRemoval: settings.delaysNameRemoval,
      usesStartTimestamps: settings.usesStartTimestamps,
      checksTypeLabels: settings.checksTypeLabels,
      statSteps: options.wantSamplesPerStep === true ? grid.count : undefined,
      pool: this.#pool,
    });
  }

  async #evaluate(
    request: Request,
    grid: Grid,
    evaluation: Evaluation,
    isInstant: boolean,
  ): Promise<QueryValue> {
    const { expr, startMs, endMs, stepMs } = request;
    const query = prepareQuery(expr, { startMs, endMs, stepMs });
    const scope = { evaluation, query, grid, evaluate };
    const top = unwrapped(query.expr);
    if (top.kind === 'matrix' || top.kind === 'subquery') {
      return { type: 'matrix', series: await rangeResult(top, scope) };
    }
    const value = await evaluate(query.expr, scope);
    return isInstant
      ? instantResult(value, grid, evaluation)
      : rangeQueryResult(value, grid, evaluation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}

const parseErrorWithoutPlace = (query: string, reason: string) => {
  const error = parseError(query, { start: 0, end: query.length }, reason);
  error.message = reason;
  return error;
};

/** The samples of a range at one moment, as they are. */
async function rangeResult(
  range: Parameters<typeof openRange>[0],
  scope: Parameters<typeof openRange>[1],
): Promise<ResultSeries[]> {
  const { evaluation } = scope;
  const { lookbackMs } = evaluation.options;
  const extension = extensionOf(range);
  const extent = {
    beforeMs: extension === undefined ? 0 : lookbackMs,
    afterMs: extension === 'smoothed' ? lookbackMs : 0,
  };
  const source = await openRange(range, scope, '', extent);
  const columns = new SampleColumns();
  const windows = new SeriesWindows(source.windows, extent.beforeMs, extent.afterMs);
  const series: ResultSeries[] = [];
  try {
    for (let index = 0; index < source.count; index++) {
      if (evaluation.isDue()) await evaluation.pause();
      source.read(index, columns);
      windows.load(columns);
      const labels = source.dropsName(index)
        ? withoutMetadata(source.labels(index))
        : source.labels(index);
      const found = samplesIn(windows, extension);
      const samples = found.timesMs.length + (found.histograms?.length ?? 0);
      if (samples === 0) continue;
      evaluation.samples += samples;
      evaluation.hold(samples);
      series.push({ labels, ...found });
    }
  } finally {
    source.dispose();
  }
  return series.sort((a, b) => compareLabels(a.labels, b.labels));
}

function samplesIn(
  windows: SeriesWindows,
  extension: ReturnType<typeof extensionOf>,
): Omit<ResultSeries, 'labels'> {
  if (extension !== undefined) {
    if (windows.histograms !== undefined) {
      throw executionError(`${extension} modifier is not supported with histograms`);
    }
    return extendedSamples(windows, extension);
  }
  const from = windows.low[0]!;
  const to = windows.high[0]!;
  const found = {
    timesMs: windows.timesMs.slice(from, to),
    values: windows.values.slice(from, to),
  };
  const { histograms } = windows;
  if (histograms === undefined) return found;
  const kept: { timeMs: number; histogram: FloatHistogram }[] = [];
  for (let at = histograms.low[0]!; at < histograms.high[0]!; at++) {
    kept.push({ timeMs: histograms.timesMs[at]!, histogram: histograms.values[at]! });
  }
  return kept.length === 0 ? found : { ...found, histograms: kept };
}

/** Names that were to be dropped at the end go now. */
async function finished(
  value: Extract<Value, { type: 'vector' }>,
  grid: Grid,
  evaluation: Evaluation,
): Promise<Vector> {
  const vector = await storeVector(value.source, grid, evaluation);
  if (!vector.series.some(({ dropsName }) => dropsName)) return joined(vector, grid.count);
  const named = vector.series.map((series) =>
    series.dropsName ? { ...series, labels: withoutMetadata(series.labels) } : series,
  );
  return joined(new Vector(named, vector.isOrdered), grid.count);
}

async function instantResult(
  value: Value,
  grid: Grid,
  evaluation: Evaluation,
): Promise<QueryValue> {
  const timeMs = grid.startMs;
  if (value.type === 'scalar') return { type: 'scalar', timeMs, value: value.values[0]! };
  if (value.type === 'string') return { type: 'string', timeMs, value: value.value };
  const vector = await finished(value, grid, evaluation);
  const series = toSeries(vector, grid);
  return {
    type: 'vector',
    series: vector.isOrdered ? series : series.sort((a, b) => compareLabels(a.labels, b.labels)),
  };
}

async function rangeQueryResult(
  value: Value,
  grid: Grid,
  evaluation: Evaluation,
): Promise<QueryValue> {
  if (value.type === 'string') throw executionError('a range query cannot answer with a string');
  if (value.type === 'scalar') {
    const timesMs = Float64Array.from({ length: grid.count }, (_, step) => timeAt(grid, step));
    return { type: 'matrix', series: [{ labels: [], timesMs, values: value.values }] };
  }
  const series = toSeries(await finished(value, grid, evaluation), grid);
  return { type: 'matrix', series: series.sort((a, b) => compareLabels(a.labels, b.labels)) };
}

function toSeries(vector: Vector, grid: Grid): ResultSeries[] {
  const allTimesMs = Float64Array.from({ length: grid.count }, (_, step) => timeAt(grid, step));
  const row = new Row(grid.count);
  return vector.series.map((stored, index): ResultSeries => {
    const { labels, from, values, kinds } = stored;
    if (!kinds.includes(noSample) && stored.histograms === undefined) {
      // No gaps: the times of all steps are shared, not copied.
      return { labels, timesMs: allTimesMs.subarray(from, from + values.length), values };
    }
    vector.read(index, row);
    return { labels, ...samplesOf(row, allTimesMs) };
  });
}

function samplesOf(row: Row, allTimesMs: Float64Array): Omit<ResultSeries, 'labels'> {
  const times: number[] = [];
  const values: number[] = [];
  const histograms: { timeMs: number; histogram: FloatHistogram }[] = [];
  for (let step = 0; step < row.steps; step++) {
    if (row.kinds[step] === noSample) continue;
    const timeMs = allTimesMs[step]!;
    if (row.kinds[step] === histogramSample) {
      histograms.push({ timeMs, histogram: row.histograms![step]! });
    } else {
      times.push(timeMs);
      values.push(row.values[step]!);
    }
  }
  const floats = { timesMs: Float64Array.from(times), values: Float64Array.from(values) };
  return histograms.length === 0 ? floats : { ...floats, histograms };
}
