import type { SampleColumns } from './columns.ts';
import type { FloatHistogram } from './histogram.ts';
import type { Labels } from './labels.ts';
import type { LabelMatcher } from './matcher.ts';

/** What to read. */
export interface SelectRequest {
  /** All must match. At least one of them does not match the empty value. */
  readonly matchers: readonly LabelMatcher[];
  /** Unix ms, both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What will be done with it; an engine may use it to read less, never to answer differently. */
  readonly hints?: SelectHints;
  /** Told what is missing from the answer, in words for whoever asked. */
  readonly onWarning?: (text: string) => void;
}

export interface SelectHints {
  /** The function around the selector, '' without one. */
  readonly function?: string;
  /** Width of a range selector; 0: an instant selector. */
  readonly rangeMs?: number;
  readonly stepMs?: number;
}

/**
 * The series that were selected, in label order (`compareLabels`), with their samples at hand: `read`
 * does no I/O. Valid until disposed of; what is appended meanwhile may or may not be seen.
 */
export interface SeriesSelection extends Disposable {
  /** Series selected; those without a sample in the range may be among them. */
  readonly count: number;
  labels(index: number): Labels;
  /** An upper bound of the samples of all series, known without decoding. */
  readonly maxSamples: number;
  /**
   * Puts the samples of a series into `into` (what it held is gone), times within the range asked for.
   * @throws {AppError} STORE_DAMAGED
   */
  read(index: number, into: SampleColumns): void;
  /**
   * The same selection for a worker thread; undefined: not worth it, or not possible. The memory is
   * shared, not copied, and stays valid until this selection is disposed of.
   */
  share?(): SharedSelection | undefined;
}

/** Structured-cloneable. In the worker: `(await import(module)).openShared(data)`. */
export interface SharedSelection {
  /** URL of a module that exports `openShared(data): SeriesSelection`; its labels are not there. */
  readonly module: string;
  readonly data: unknown;
}

export interface LabelQuery {
  /** Each set of matchers selects series; a series of any set counts. Empty: all series. */
  readonly matcherSets: readonly (readonly LabelMatcher[])[];
  /** Unix ms, inclusive. Series are told apart by the time ranges of what holds them, not by sample. */
  readonly fromMs: number;
  readonly toMs: number;
  /** At most so many answers; undefined: all. */
  readonly limit?: number;
  /** Told what is missing from the answer, in words for whoever asked. */
  readonly onWarning?: (text: string) => void;
}

/** Anything that can be asked for series: the store, a remote one, a test's. */
export interface Queryable {
  /** @throws {AppError} QUERY_TOO_LARGE, STORE_CLOSED; what the signal aborts with */
  select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection>;
  /** Sorted, without duplicates. */
  labelNames(query: LabelQuery, signal: AbortSignal): Promise<readonly string[]>;
  labelValues(name: string, query: LabelQuery, signal: AbortSignal): Promise<readonly string[]>;
  /** In label order. */
  series(query: LabelQuery, signal: AbortSignal): Promise<readonly Labels[]>;
}

export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

export interface MetricMetadata {
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** A measured example of what a sample counts, with a trace id for one. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Unix ms. */
  readonly timeMs: number;
}

export interface HistogramSample {
  /** Index of the sample in its batch. */
  readonly at: number;
  readonly histogram: FloatHistogram;
}
