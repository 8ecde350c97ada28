import type { FloatHistogram, Labels } from '#metrics/model';

/** Samples of a result: one series. Float and histogram samples each with times of their own. */
export interface ResultSeries {
  readonly labels: Labels;
  /** Unix ms, ascending. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly { readonly timeMs: number; readonly histogram: FloatHistogram }[];
}

export type QueryValue =
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
  /** Each series has exactly one sample. */
  | { readonly type: 'vector'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] };

export interface QueryStats {
  /** Samples taken out of the store, as the reference counts them. */
  readonly samples: number;
  readonly peakSamples: number;
  readonly seriesSelected: number;
  readonly timings: {
    readonly parseMs: number;
    readonly selectMs: number;
    readonly evalMs: number;
    readonly totalMs: number;
  };
  /** Samples at each step; only where it was asked for. */
  readonly samplesPerStep?: Float64Array;
}

export interface QueryResult {
  readonly value: QueryValue;
  /** `PromQL warning: … (1:5)`. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

export interface QueryOptions {
  /** Default: the engine's. */
  readonly lookbackMs?: number;
  readonly timeoutMs?: number;
  readonly wantSamplesPerStep?: boolean;
}

/**
 * Errors, with their code: PROMQL_PARSE (message `1:5: parse error: …`), PROMQL_EXECUTION,
 * PROMQL_TIMEOUT, PROMQL_CANCELED, PROMQL_TOO_MANY_SAMPLES.
 */
export interface PromqlEngine extends AsyncDisposable {
  instant(
    query: string,
    atMs: number,
    options: QueryOptions,
    signal: AbortSignal,
  ): Promise<QueryResult>;
  /** Steps at `startMs`, `startMs + stepMs`, … up to and with `endMs`. */
  range(
    query: string,
    window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
    options: QueryOptions,
    signal: AbortSignal,
  ): Promise<QueryResult>;
}
