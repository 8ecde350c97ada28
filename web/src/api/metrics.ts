import { callApi } from './client.ts';

export type Labels = Readonly<Record<string, string>>;
/** Seconds since the epoch and the value as Go prints it: `NaN` and `+Inf` are no JSON numbers. */
export type WireSample = readonly [number, string];

export interface WireHistogramValue {
  readonly count: string;
  readonly sum: string;
  /** Boundary rule, lower, upper, count. */
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

export interface WireVectorItem {
  readonly metric: Labels;
  readonly value?: WireSample;
  readonly histogram?: readonly [number, WireHistogramValue];
}

export interface WireMatrixItem {
  readonly metric: Labels;
  readonly values?: readonly WireSample[];
  readonly histograms?: readonly (readonly [number, WireHistogramValue])[];
}

export interface WireQueryStats {
  /** Seconds. */
  readonly timings: {
    readonly evalTotalTime: number;
    readonly queryPreparationTime: number;
    readonly innerEvalTime: number;
    readonly execTotalTime: number;
  };
  readonly samples: {
    readonly totalQueryableSamples: number;
    readonly peakSamples: number;
    readonly totalQueryableSamplesPerStep?: readonly number[];
  };
}

/** What a query came to, with what the server remarks. */
export interface Answer<T> {
  readonly result: T;
  readonly stats: WireQueryStats | undefined;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** From asking until the answer was parsed, as this browser saw it. */
  readonly elapsedMs: number;
}

export interface WireMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface WireTarget {
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** Year 1: never. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: 'up' | 'down' | 'unknown';
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface WireDroppedTarget {
  readonly discoveredLabels: Labels;
  readonly scrapePool: string;
}

export interface WireTargets {
  readonly activeTargets: readonly WireTarget[];
  readonly droppedTargets: readonly WireDroppedTarget[];
  readonly droppedTargetCounts: Readonly<Record<string, number>>;
}

export interface WireRelabelStep {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly output: Labels;
  readonly keep: boolean;
}

export interface WireAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: 'pending' | 'firing' | 'inactive';
  readonly activeAt: string;
  readonly value: string;
}

export interface WireRule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly query: string;
  readonly labels: Labels;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  /** Seconds. */
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly state?: 'pending' | 'firing' | 'inactive';
  /** Seconds. */
  readonly duration?: number;
  readonly keepFiringFor?: number;
  readonly annotations?: Labels;
  readonly alerts?: readonly WireAlert[];
}

export interface WireRuleGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly WireRule[];
  /** Seconds. */
  readonly interval: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

export interface WireCount {
  readonly name: string;
  readonly value: number;
}

export interface WireTsdb {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    /** Unix ms. */
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly WireCount[];
  readonly labelValueCountByLabelName: readonly WireCount[];
  readonly memoryInBytesByLabelName: readonly WireCount[];
  readonly seriesCountByLabelValuePair: readonly WireCount[];
}

export interface WireBlock {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
  readonly stats: {
    readonly numSamples: number;
    readonly numSeries: number;
    readonly numBytes: number;
  };
}

export interface RangeQuery {
  readonly expr: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

interface Envelope<T> {
  readonly data: T;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

interface QueryData {
  readonly resultType: 'vector' | 'matrix' | 'scalar' | 'string';
  readonly result: unknown;
  readonly stats?: WireQueryStats;
}

const root = 'api/v1';
/** More series than any chart shows; the answer says when it was cut. */
export const maxSeries = 5000;

const seconds = (ms: number): string => String(ms / 1000);

async function data<T>(
  path: string,
  query: Readonly<Record<string, string | number | readonly string[] | undefined>> = {},
  signal?: AbortSignal,
): Promise<T> {
  const options = signal === undefined ? { query } : { query, signal };
  return (await callApi<Envelope<T>>(`${root}/${path}`, options)).data;
}

/** As a form: an expression may be longer than an address. */
async function ask(
  path: string,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Envelope<QueryData>> {
  return await callApi(`${root}/${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...(signal === undefined ? {} : { signal }),
  });
}

const answerOf = <T>(
  { data, warnings = [], infos = [] }: Envelope<QueryData>,
  result: T,
  startedMs: number,
): Answer<T> => ({
  result,
  stats: data.stats,
  warnings,
  infos,
  elapsedMs: performance.now() - startedMs,
});

/** The Prometheus API, one method per operation. Every method throws {@link ApiError}. */
export const metricsApi = {
  async range(query: RangeQuery, signal?: AbortSignal): Promise<Answer<readonly WireMatrixItem[]>> {
    const startedMs = performance.now();
    const form = {
      query: query.expr,
      start: seconds(query.fromMs),
      end: seconds(query.toMs),
      step: seconds(query.stepMs),
      stats: 'all',
      limit: String(maxSeries),
    };
    const envelope = await ask('query_range', form, signal);
    return answerOf(envelope, envelope.data.result as readonly WireMatrixItem[], startedMs);
  },

  /** A scalar or a text comes as one item without labels. */
  async instant(
    expr: string,
    atMs: number,
    signal?: AbortSignal,
  ): Promise<Answer<readonly WireVectorItem[]>> {
    const startedMs = performance.now();
    const form = {
      query: expr,
      time: seconds(atMs),
      stats: 'all',
      limit: String(maxSeries),
    };
    const envelope = await ask('query', form, signal);
    const { resultType, result } = envelope.data;
    return answerOf(envelope, vectorOf(resultType, result), startedMs);
  },

  /** @throws {ApiError} `bad_data` whose words begin with the place, `1:5: parse error: …` */
  async parse(expr: string, signal?: AbortSignal): Promise<void> {
    await ask('parse_query', { query: expr }, signal);
  },
  async format(expr: string): Promise<string> {
    const envelope: Envelope<unknown> = await ask('format_query', { query: expr }, undefined);
    return String(envelope.data);
  },

  metadata: (signal?: AbortSignal): Promise<Readonly<Record<string, readonly WireMetadata[]>>> =>
    data('metadata', {}, signal),
  labelNames: (match: readonly string[], signal?: AbortSignal): Promise<readonly string[]> =>
    data('labels', { 'match[]': match }, signal),
  labelValues: (
    name: string,
    match: readonly string[] = [],
    limit?: number,
    signal?: AbortSignal,
  ): Promise<readonly string[]> =>
    data(`label/${encodeURIComponent(name)}/values`, { 'match[]': match, limit }, signal),
  series: (
    match: readonly string[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly Labels[]> => data('series', { 'match[]': match, limit }, signal),

  targets: (signal?: AbortSignal): Promise<WireTargets> => data('targets', {}, signal),
  relabelSteps: (
    pool: string,
    labels: Labels,
    signal?: AbortSignal,
  ): Promise<{ readonly steps: readonly WireRelabelStep[] }> =>
    data('targets/relabel_steps', { scrapePool: pool, labels: JSON.stringify(labels) }, signal),
  rules: (signal?: AbortSignal): Promise<{ readonly groups: readonly WireRuleGroup[] }> =>
    data('rules', {}, signal),
  alerts: (signal?: AbortSignal): Promise<{ readonly alerts: readonly WireAlert[] }> =>
    data('alerts', {}, signal),

  tsdb: (limit: number, signal?: AbortSignal): Promise<WireTsdb> =>
    data('status/tsdb', { limit }, signal),
  blocks: (signal?: AbortSignal): Promise<{ readonly blocks: readonly WireBlock[] }> =>
    data('status/tsdb/blocks', {}, signal),
  config: (signal?: AbortSignal): Promise<{ readonly yaml: string }> =>
    data('status/config', {}, signal),
  flags: (signal?: AbortSignal): Promise<Labels> => data('status/flags', {}, signal),
};

function vectorOf(type: QueryData['resultType'], result: unknown): readonly WireVectorItem[] {
  if (type === 'scalar' || type === 'string') return [{ metric: {}, value: result as WireSample }];
  if (type === 'vector') return result as readonly WireVectorItem[];
  // A range selector: its newest sample of each series.
  return (result as readonly WireMatrixItem[]).map((item) => {
    const value = item.values?.at(-1);
    const histogram = item.histograms?.at(-1);
    return {
      metric: item.metric,
      ...(value === undefined ? {} : { value }),
      ...(histogram === undefined ? {} : { histogram }),
    };
  });
}
