import type { Labels } from '#metrics/model';

/** One bucket of a native histogram. */
export interface HistogramCell {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** Samples of one series. Histogram samples have times of their own. */
export interface PrometheusSeries {
  readonly labels: Labels;
  /** Unix ms, ascending. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly {
    readonly timeMs: number;
    readonly cells: readonly HistogramCell[];
  }[];
}

/** The answer of a query, whoever gave it: our engine or another Prometheus. */
export interface PrometheusAnswer {
  readonly resultType: 'matrix' | 'vector' | 'scalar' | 'string';
  /** A scalar is one series without labels; a string none. */
  readonly series: readonly PrometheusSeries[];
  readonly text?: { readonly timeMs: number; readonly value: string };
  readonly warnings: readonly string[];
}

export interface ExemplarSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timeMs: number;
  }[];
}

export interface RangeWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Whoever can be asked in PromQL. */
export interface PrometheusBackend {
  instant(expr: string, atMs: number, signal: AbortSignal): Promise<PrometheusAnswer>;
  range(expr: string, window: RangeWindow, signal: AbortSignal): Promise<PrometheusAnswer>;
  exemplars(
    expr: string,
    window: { readonly startMs: number; readonly endMs: number },
    signal: AbortSignal,
  ): Promise<readonly ExemplarSeries[]>;
}
