import type { BatchSection } from '#logs/batch';

/**
 * An event is (log group, log stream, timestamp ms, ingestion time ms, message, sequence). The
 * sequence is given by the store on append, is unique in the store, grows with the order of
 * acknowledgement and never changes; with the timestamp it makes the event id.
 */
export interface LogEvent {
  readonly group: string;
  readonly stream: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  readonly ingestionMs: number;
  readonly sequence: number;
  readonly message: string;
}

/** Names one event for ever: what @ptr and eventId are made of. */
export interface EventPointer {
  readonly group: string;
  readonly timestampMs: number;
  readonly sequence: number;
}

export interface LogBatch {
  readonly sections: readonly BatchSection[];
  /**
   * Who sends, and the sender's own number for this batch (from 1, growing, never used for another
   * batch). A batch whose number the store already holds for this source is acknowledged and not
   * stored again, across restarts too. Absent: no such check.
   */
  readonly source?: { readonly id: string; readonly number: number };
  /** The encoded, zstd-compressed batch where the caller has it at hand: saves compressing it again. */
  readonly compressed?: Uint8Array;
}

export interface AppendResult {
  /** Sequence of the first event; the others follow in order of sections and rows. */
  readonly firstSequence: number;
  readonly events: number;
  /** True when the batch had been stored before and was not stored again. */
  readonly duplicate: boolean;
}

export interface LogGroup {
  readonly name: string;
  readonly createdMs: number;
  /** Undefined: events never expire. */
  readonly retentionDays: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly class: string;
  readonly deletionProtection: boolean;
  readonly kmsKeyId: string | undefined;
  /** Bytes on disk, segments and their indexes. */
  readonly storedBytes: number;
  /** UTF-8 bytes of all messages held. */
  readonly messageBytes: number;
  readonly events: number;
  readonly firstEventMs: number | undefined;
  readonly lastEventMs: number | undefined;
  readonly lastIngestionMs: number | undefined;
  readonly streams: number;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly createdMs: number;
  /** Undefined while the stream holds no event. Exact, never late. */
  readonly firstEventMs: number | undefined;
  readonly lastEventMs: number | undefined;
  readonly lastIngestionMs: number | undefined;
}

/** What to read: half-open in nothing, both times are inclusive. */
export interface EventSelection {
  /** Exact names of groups. */
  readonly groups: readonly string[];
  /** Exact stream names; absent: all streams. */
  readonly streams?: readonly string[];
  readonly streamPrefix?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A place between two events in (timestamp, sequence) order. */
export interface EventPosition {
  readonly timestampMs: number;
  readonly sequence: number;
}

export interface EventPageRequest extends EventSelection {
  /** `forward`: oldest first. `backward`: newest first. */
  readonly direction: 'forward' | 'backward';
  /** Only events strictly after this place in the direction of reading. */
  readonly after?: EventPosition;
  readonly maxEvents: number;
  /** Also ends the page once this many message bytes are in it (at least one event is given). */
  readonly maxBytes?: number;
  /**
   * Keeps an event when true; runs on the message after `contains` has been applied natively.
   * Linear time, no side effects.
   */
  readonly accept?: (message: string) => boolean;
  /** Case-sensitive substrings that every accepted message holds: lets the store skip blocks. */
  readonly contains?: readonly string[];
  /** Give up the page after reading this many events, so that a rare filter yields now and then. */
  readonly maxScannedEvents?: number;
}

export interface EventPage {
  /** In the order of the request's direction. */
  readonly events: readonly LogEvent[];
  /** Where the next page starts; undefined once the selection is read to its end. */
  readonly next: EventPosition | undefined;
  readonly scannedEvents: number;
}

/**
 * One immutable piece of a scan. `relation` is SQL to stand after FROM; its columns:
 * `log_group VARCHAR, log_stream VARCHAR, ts_ms BIGINT, ingest_ms BIGINT, seq BIGINT, message VARCHAR`,
 * already limited to the scan's groups, streams and times.
 */
export interface ScanPart {
  readonly relation: string;
  /** Upper bounds: what the part holds before rows are filtered. */
  readonly events: number;
  readonly messageBytes: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export interface ScanRequest extends EventSelection {
  /** Case-sensitive substrings that every wanted message holds: parts that cannot match are left out. */
  readonly contains?: readonly string[];
  /** The same for lists of texts, of each of which every wanted message holds one at least. */
  readonly containsAny?: readonly (readonly string[])[];
}

/** JSON fields that a statement reads as columns, and how to find them where there are no columns. */
export interface FieldColumns {
  /** JSON pointers, and the names of columns to hold what each points at. */
  readonly columns: readonly { readonly pointer: string; readonly name: string }[];
  /**
   * SQL of a relation without `message` but with these columns, made of one as `relationOf` gives.
   * It must give the text of strings and whole numbers, and null for null and what is missing.
   */
  readonly derive: (relation: string) => string;
}

/** Values of a result's columns, one array per column, all of the same length. */
export interface SqlRows {
  readonly columnNames: readonly string[];
  readonly columns: readonly (readonly SqlValue[])[];
  readonly rowCount: number;
}

/** BIGINT comes as number where it is safe, else bigint; VARCHAR as string. */
export type SqlValue = string | number | bigint | boolean | null;

/**
 * A consistent view of the store as of its opening: events appended later are not in it, segments
 * it needs are kept until it is disposed of. Holds one engine connection.
 */
export interface LogScan extends AsyncDisposable {
  /** Newest first by `maxMs`; time ranges may overlap. */
  readonly parts: readonly ScanPart[];
  /** Events and message bytes in range before `contains` left parts out. */
  readonly totalEvents: number;
  readonly totalBytes: number;
  /** SQL for a relation over several parts (UNION ALL with one scan node where possible). */
  relationOf(parts: readonly ScanPart[]): string;
  /**
   * The same without `message` and with columns for JSON fields, most of which need not be looked
   * for in messages; undefined where they would have to be. A statement over it may fail with
   * FIELDS_LOST before it gives rows: ask again for the relation, which then avoids the lost files.
   */
  relationWithFields(parts: readonly ScanPart[], fields: FieldColumns): string | undefined;
  /**
   * Runs SQL (DuckDB dialect). Yields chunks as the engine makes them; stops the engine's work when
   * the signal aborts. `params` are bound to $1, $2…
   * @throws {AppError} QUERY_FAILED with the engine's message, QUERY_OUT_OF_MEMORY, FIELDS_LOST
   */
  run(
    sql: string,
    options: { readonly params?: readonly SqlValue[]; readonly signal: AbortSignal },
  ): AsyncIterable<SqlRows>;
  /** Like `run` with `COPY (sql) TO 'path' (options)`, for streamed Parquet export. */
  copyToParquet(sql: string, path: string, signal: AbortSignal): Promise<void>;
  /** Rows whose segment turned out to be damaged while scanning are missing: their number. */
  readonly skippedEvents: number;
}

export interface TailRequest {
  readonly groups: readonly string[];
  readonly streams?: readonly string[];
  readonly streamPrefixes?: readonly string[];
  readonly accept?: (message: string) => boolean;
}

export interface TailBatch {
  readonly events: readonly LogEvent[];
  /** Matching events that this listener was too slow to take, since the last batch. */
  readonly dropped: number;
}

export interface LogStoreStats {
  readonly diskBytes: number;
  readonly walBytes: number;
  readonly freshBytes: number;
  readonly freshEvents: number;
  readonly segments: number;
  readonly events: number;
  readonly messageBytes: number;
  /** Undefined: no limit. */
  readonly maxDiskBytes: number | undefined;
  readonly diskFreeBytes: number | undefined;
  /** False while the disk is full: appends are refused, queries go on. */
  readonly writable: boolean;
  readonly damagedSegments: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Durable, searchable log events. One instance per data directory. All methods may run at once.
 * Errors: LOG_GROUP_NOT_FOUND, LOG_GROUP_EXISTS, LOG_STREAM_NOT_FOUND, LOG_STREAM_EXISTS,
 * STORE_FULL (retry later), STORE_CLOSED.
 */
export interface LogStore extends AsyncDisposable {
  /**
   * Resolves when the events are durable (fsync, shared by concurrent appends). Missing groups and
   * streams are created. The store keeps no reference to the batch's buffers after it resolves.
   * Events are visible to reads that start at most 1 s later.
   * @throws {AppError} STORE_FULL when nothing of the batch was stored
   */
  append(batch: LogBatch): Promise<AppendResult>;
  /** The highest batch number of a source below which all are stored; 0 when unknown. */
  storedUpTo(sourceId: string): number;

  group(name: string): LogGroup | undefined;
  /** In ASCII order of names. */
  groups(filter?: { readonly prefix?: string; readonly contains?: string }): readonly LogGroup[];
  createGroup(
    name: string,
    options?: {
      readonly tags?: Readonly<Record<string, string>>;
      readonly class?: string;
      readonly kmsKeyId?: string;
      readonly deletionProtection?: boolean;
      readonly retentionDays?: number;
    },
  ): Promise<void>;
  /** Group, streams and events; irreversible. */
  deleteGroup(name: string): Promise<void>;
  updateGroup(
    name: string,
    change: {
      readonly retentionDays?: number | null;
      readonly tags?: Readonly<Record<string, string>>;
      readonly deletionProtection?: boolean;
    },
  ): Promise<void>;

  stream(group: string, name: string): LogStream | undefined;
  streams(
    group: string,
    options?: {
      readonly prefix?: string;
      readonly orderBy?: 'name' | 'lastEvent';
      readonly descending?: boolean;
      /** Strictly after this one in the chosen order. */
      readonly after?: { readonly name: string; readonly lastEventMs?: number };
      readonly limit?: number;
    },
  ): readonly LogStream[];
  createStream(group: string, name: string): Promise<void>;
  deleteStream(group: string, name: string): Promise<void>;

  readEvents(request: EventPageRequest, signal: AbortSignal): Promise<EventPage>;
  readEvent(pointer: EventPointer, signal: AbortSignal): Promise<LogEvent | undefined>;
  openScan(request: ScanRequest, signal: AbortSignal): Promise<LogScan>;
  /** Events acknowledged from now on, in order of arrival; ends when the signal aborts. */
  tail(request: TailRequest, signal: AbortSignal): AsyncIterable<TailBatch>;
  /** Every stored batch as it is acknowledged, for metric filters. Must be quick and must not throw. */
  onAppend(listener: (sections: readonly BatchSection[], ingestionMs: number) => void): () => void;

  stats(): LogStoreStats;
  /** Events and bytes acknowledged per second over the last minute, by group. */
  ingestRates(): ReadonlyMap<string, { readonly events: number; readonly bytes: number }>;
}
