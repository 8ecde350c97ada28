/**
 * What goes over the wire between our own logs API and its clients (the web UI, the CLI). Imports
 * nothing, so that a browser's build can take these types without any of the server's code.
 */

/** BIGINT beyond 2^53 travels as text. */
export type WireValue = string | number | boolean | null;

/** One event. `pointer` names it for ever and stands in links. */
export interface WireEvent {
  readonly pointer: string;
  readonly group: string;
  readonly stream: string;
  readonly timestampMs: number;
  readonly ingestionMs: number;
  readonly message: string;
}

export interface WireGroup {
  readonly name: string;
  readonly createdMs: number;
  /** Null: events never expire. */
  readonly retentionDays: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly class: string;
  readonly deletionProtection: boolean;
  /** On disk, segments and indexes. */
  readonly storedBytes: number;
  /** Of messages, before compression. */
  readonly messageBytes: number;
  readonly events: number;
  readonly streams: number;
  readonly firstEventMs: number | null;
  readonly lastEventMs: number | null;
  readonly lastIngestionMs: number | null;
  /** Over the last minute. */
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Events per second, one value per `rateStepMs`, oldest first; only in lists and the overview. */
  readonly rates: readonly (number | null)[];
}

export interface WireGroups {
  readonly groups: readonly WireGroup[];
  /** How many match; `groups` may hold fewer. */
  readonly total: number;
  readonly rateStepMs: number;
}

export interface WireStream {
  readonly name: string;
  readonly createdMs: number;
  readonly firstEventMs: number | null;
  readonly lastEventMs: number | null;
  readonly lastIngestionMs: number | null;
}

export interface WireStreams {
  readonly streams: readonly WireStream[];
  /** Pass back as `after` for the next page. */
  readonly next: string | null;
}

export interface WireEventPage {
  /** Oldest first, whatever the direction of reading. */
  readonly events: readonly WireEvent[];
  /** Position to go on from in the same direction; null: the range is read to its end. */
  readonly next: string | null;
  /**
   * Where the page begins (forward) or ends (backward), to read the other way from; null when the
   * page is empty.
   */
  readonly first: string | null;
  readonly last: string | null;
  readonly scannedEvents: number;
}

export interface WireContext {
  readonly before: readonly WireEvent[];
  readonly event: WireEvent;
  readonly after: readonly WireEvent[];
}

export type WireLevel = 'error' | 'warn' | 'info' | 'debug' | 'other';

/** Events of a range in equal bins, by level. */
export interface WireHistogram {
  readonly fromMs: number;
  readonly binMs: number;
  /** One array per level that occurs, one count per bin. */
  readonly levels: Readonly<Partial<Record<WireLevel, readonly number[]>>>;
  /** False when the time ran out before all was counted: newer bins are complete. */
  readonly complete: boolean;
}

/** Something a person should know. The UI has the words; the fields fill them in. */
export type WireProblem =
  | {
      readonly kind: 'store-full';
      readonly severity: 'critical';
      readonly diskFreeBytes: number | null;
    }
  | {
      readonly kind: 'disk-low';
      readonly severity: 'warning';
      readonly diskFreeBytes: number;
    }
  | {
      readonly kind: 'damaged-segment';
      readonly severity: 'critical';
      readonly path: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'agent-silent' | 'agent-behind';
      readonly severity: 'warning';
      readonly agent: string;
      readonly sinceMs: number;
      readonly lagMs: number | null;
    }
  | {
      readonly kind: 'drops';
      readonly severity: 'warning';
      readonly what: string;
      readonly count: number;
      readonly sinceMs: number;
    };

/** A sender of batches, as far as the server knows it. */
export interface WireAgent {
  readonly id: string;
  readonly host: string | null;
  readonly version: string | null;
  readonly lastBatchMs: number;
  readonly lastBatchNumber: number;
  readonly eventsPerSecond: number;
  /** Between the newest event it sent and the moment it came; null: unknown. */
  readonly lagMs: number | null;
}

export interface WireOverview {
  readonly nowMs: number;
  readonly problems: readonly WireProblem[];
  readonly store: {
    readonly diskBytes: number;
    readonly walBytes: number;
    readonly freshEvents: number;
    readonly segments: number;
    readonly events: number;
    readonly messageBytes: number;
    readonly maxDiskBytes: number | null;
    readonly diskFreeBytes: number | null;
    readonly writable: boolean;
    /** Disk bytes per second over the window of `rates`; null while too little is known. */
    readonly growthBytesPerSecond: number | null;
  };
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  /** One value per `rateStepMs`, oldest first; null where the server was not running. */
  readonly rates: {
    readonly stepMs: number;
    readonly endMs: number;
    readonly events: readonly (number | null)[];
    readonly bytes: readonly (number | null)[];
  };
  readonly groupCount: number;
  /** The busiest, by events per second and then by stored bytes. */
  readonly groups: readonly WireGroup[];
  readonly agents: readonly WireAgent[];
}

export type WireQueryStatus =
  | 'Scheduled'
  | 'Running'
  | 'Complete'
  | 'Failed'
  | 'Cancelled'
  | 'Timeout';

export interface WireDiagnostic {
  readonly severity: 'error' | 'warning';
  /** Names what is wrong, for translations; the codes are those of `#logs/insights`, and `SQL_…`. */
  readonly code: string;
  /** The changing parts: `symbol` is what stands at the place, `near` what was probably meant. */
  readonly params: Readonly<Record<string, string | number>>;
  /** In English, as `hint`. */
  readonly message: string;
  /** UTF-16 units, end exclusive. */
  readonly startOffset: number;
  readonly endOffset: number;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly hint?: string | undefined;
}

export interface WireStatistics {
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  readonly bytesScanned: number;
  readonly recordsTotal: number;
  readonly bytesTotal: number;
  readonly groupsScanned: number;
  readonly elapsedMs: number;
}

export interface WireQueryHistogram {
  readonly fromMs: number;
  readonly binMs: number;
  readonly counts: readonly number[];
}

export interface WireColumn {
  readonly name: string;
  readonly kind: 'string' | 'number' | 'timestamp' | 'boolean' | 'json';
  readonly isTimeBin: boolean;
  readonly isAggregate: boolean;
}

/** Column by column: `columns[c][r]`. */
export interface WireRows {
  readonly columnNames: readonly string[];
  readonly columns: readonly (readonly WireValue[])[];
  readonly rowCount: number;
  /** `pointers[r]` is @ptr of row r where rows are events. */
  readonly pointers: readonly string[] | null;
}

/** One server-sent event each; `type` is in the data, the event name stays `message`. */
export type WireQueryEvent =
  | { readonly type: 'columns'; readonly columns: readonly WireColumn[] }
  | { readonly type: 'rows'; readonly rows: WireRows }
  | { readonly type: 'replace'; readonly rows: WireRows }
  | {
      readonly type: 'progress';
      readonly statistics: WireStatistics;
      readonly histogram: WireQueryHistogram | null;
    }
  | {
      readonly type: 'end';
      readonly status: WireQueryStatus;
      readonly message?: string | undefined;
    };

export interface WireQueryRequest {
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WireQuery extends WireQueryRequest {
  readonly id: string;
  readonly createdMs: number;
  readonly endedMs: number | null;
  readonly status: WireQueryStatus;
  readonly statistics: WireStatistics;
  readonly rowCount: number;
  readonly diagnostics: readonly WireDiagnostic[];
  readonly error: string | null;
}

export interface WireField {
  readonly name: string;
  /** Of sampled events that have it, 0 to 100. */
  readonly percent: number;
}

export interface WireSavedQuery {
  readonly id: string;
  /** `/` makes folders. */
  readonly name: string;
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  readonly updatedMs: number;
  readonly version: number;
}

/** Client to server over `/nunchi/logs/tail`; each replaces the one before. */
export interface WireTailSubscribe {
  readonly type: 'subscribe';
  readonly groups: readonly string[];
  readonly streams?: readonly string[];
  readonly streamPrefixes?: readonly string[];
  readonly filterPattern?: string;
}

export type WireTailMessage =
  /** `explain`: the filter pattern in words. */
  | { readonly type: 'subscribed'; readonly explain?: string | undefined }
  /** `[timestampMs, group index, stream, message, pointer]` per event, in order of arrival. */
  | {
      readonly type: 'events';
      readonly groups: readonly string[];
      readonly events: readonly (readonly [number, number, string, string, string])[];
      /** Matching events that could not be sent in time, since the last batch. */
      readonly dropped: number;
    }
  | { readonly type: 'heartbeat'; readonly nowMs: number }
  | { readonly type: 'error'; readonly code: string; readonly message: string };
