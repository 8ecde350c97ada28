import type {
  Exemplar,
  FloatHistogram,
  LabelBytes,
  LabelMatcher,
  LabelQuery,
  Labels,
  MetricMetadata,
  Queryable,
} from '#metrics/model';

/**
 * Names a series while the process lives; never given to another series. A series that had no sample
 * for long loses its number: `append` says so, and the caller asks again.
 */
export type SeriesRef = number;

/** What `seriesRef` answers when the limit of series is reached. */
export const refusedSeries: SeriesRef = 0;

/**
 * References from here on name no series: a store that stands before another (see
 * `#metrics/drop-rules`) gives them for series that are not wanted, counts their samples and throws
 * them away. No store gives so large a number to a series.
 */
export const firstDroppedSeries: SeriesRef = 0xff00_0000;

/** Samples to append, as columns. Several samples of one series must stand in order of time. */
export class SampleBatch {
  length = 0;
  refs: Uint32Array = new Uint32Array(256);
  /** Unix ms. */
  timesMs: Float64Array = new Float64Array(256);
  /** Staleness markers as bits, see `#metrics/model` `setStaleAt`. */
  values: Float64Array = new Float64Array(256);
  /** By index of the sample; `values` is not looked at where there is one. */
  histograms: Map<number, FloatHistogram> | undefined;
  /** When each sample's count began, Unix ms, 0 unknown; undefined: none known. */
  startTimesMs: Float64Array | undefined;
  exemplars: { readonly ref: SeriesRef; readonly exemplar: Exemplar }[] | undefined;

  add(ref: SeriesRef, timeMs: number, value: number): void {
    if (this.length === this.refs.length) this.#grow();
    const at = this.length++;
    this.refs[at] = ref;
    this.timesMs[at] = timeMs;
    this.values[at] = value;
  }

  clear(): void {
    this.length = 0;
    this.histograms = undefined;
    this.startTimesMs = undefined;
    this.exemplars = undefined;
  }

  #grow(): void {
    const capacity = this.refs.length * 2;
    const refs = new Uint32Array(capacity);
    refs.set(this.refs);
    this.refs = refs;
    this.timesMs = widened(this.timesMs, capacity);
    this.values = widened(this.values, capacity);
    if (this.startTimesMs !== undefined) {
      this.startTimesMs = widened(this.startTimesMs, capacity);
    }
  }
}

function widened(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}

/** Why a sample was not stored. The words are those of the reference (`rejectionText`). */
export type Rejection =
  /** Before the last sample of its series, and out-of-order samples are not wanted so late. */
  | 'outOfOrder'
  /** Before what the head can still hold. */
  | 'outOfBounds'
  /** Out of order beyond the window. */
  | 'tooOld'
  /** Another value for a time that is stored. The same value again is accepted silently. */
  | 'duplicate'
  /** The reference is not known (any more). */
  | 'unknownSeries';

export interface AppendResult {
  readonly appended: number;
  readonly rejected: Readonly<Record<Rejection, number>>;
  /** The first of each batch's rejections, for messages. */
  readonly first: { readonly index: number; readonly reason: Rejection } | undefined;
  /** Index of every sample of an unknown series, to be tried again with a new reference. */
  readonly unknown: readonly number[];
  /** Samples of references from {@link firstDroppedSeries} on; absent: none. Not in `appended`. */
  readonly unwantedSamples?: number;
}

export interface HeadStats {
  readonly series: number;
  readonly chunks: number;
  readonly minTimeMs: number | undefined;
  readonly maxTimeMs: number | undefined;
  /** Bytes in memory for samples. */
  readonly sampleBytes: number;
}

export interface BlockInfo {
  /** ULID. */
  readonly id: string;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly series: number;
  readonly samples: number;
  readonly sizeBytes: number;
  readonly level: number;
}

export interface CardinalityEntry {
  readonly name: string;
  readonly value: number;
}

/** What `/api/v1/status/tsdb` shows; each list is sorted by value, largest first. */
export interface Cardinality {
  readonly seriesCountByMetricName: readonly CardinalityEntry[];
  readonly labelValueCountByLabelName: readonly CardinalityEntry[];
  readonly memoryInBytesByLabelName: readonly CardinalityEntry[];
  readonly seriesCountByLabelValuePair: readonly CardinalityEntry[];
  readonly labelPairs: number;
}

/** A batch as it went into the log, for those who pass samples on (remote write). */
export interface FollowedBatch {
  /** Where to go on after this batch, across restarts. */
  readonly cursor: string;
  readonly batch: SampleBatch;
  /** Labels of the series of the batch's references, as of then. */
  labels(ref: SeriesRef): Labels | undefined;
}

export interface MetricStore extends Queryable, AsyncDisposable {
  /**
   * The number of a series, made on first sight. `refusedSeries` when the limit of series is reached:
   * nothing is thrown, known series go on; `seriesLimit` tells why.
   */
  seriesRef(labels: Labels): SeriesRef;
  /** As `seriesRef`; the bytes are copied where they are needed. */
  seriesRefOfBytes(labels: LabelBytes): SeriesRef;
  /** Undefined: the limit is not reached. Else words that name the label with the most values. */
  seriesLimit(): string | undefined;
  /**
   * Appends what can be appended and tells of the rest. Visible to queries when it resolves, and in the
   * write-ahead log: it survives the end of the process; and with `durable` the end of the machine
   * (group commit). The batch may be reused afterwards.
   *
   * @throws {AppError} STORE_FULL (retryable: the disk has no room), STORE_STARTING (retryable), STORE_CLOSED;
   *   nothing was appended
   */
  append(batch: SampleBatch, options?: { readonly durable?: boolean }): Promise<AppendResult>;
  setMetadata(metric: string, metadata: MetricMetadata): void;
  metadata(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]>;
  /** Exemplars of series that match any set, Unix ms inclusive, by series. */
  exemplars(
    matcherSets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): readonly { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[];
  /** Hides samples at once; the disk is freed by `cleanTombstones` or the next merge. */
  deleteSeries(
    matcherSets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): Promise<void>;
  cleanTombstones(): Promise<void>;
  /** Hard links of the blocks, and the head as a block. @returns the folder's name under `snapshots` */
  snapshot(options: { readonly skipHead: boolean }): Promise<string>;
  /** The present end of the log, as a cursor for `follow`. */
  cursor(): string;
  /** Batches after a cursor ('' for the present moment), until the signal aborts. */
  follow(cursor: string, signal: AbortSignal): AsyncIterable<FollowedBatch>;
  headStats(): HeadStats;
  blocks(): readonly BlockInfo[];
  /** Of the head; at most `limit` entries a list. With `query`, of the series that match only. */
  cardinality(limit: number, query?: LabelQuery): Promise<Cardinality>;
  /** Bytes on disk: log, blocks, everything. */
  diskBytes(): number;
}

/** What those need of a store who bring samples from outside. */
export interface IngestStore
  extends Pick<
    MetricStore,
    'seriesRef' | 'seriesRefOfBytes' | 'seriesLimit' | 'setMetadata' | 'append'
  > {
  /** As `seriesRef`, for what the program says of its own work (`up`): no drop rule counts. */
  ownSeriesRef?(labels: Labels): SeriesRef;
}
