import type { SqlRows, SqlValue } from '#logs/store';

export type QueryLanguage = 'CWLI' | 'SQL';
export type QueryStatus = 'Scheduled' | 'Running' | 'Complete' | 'Failed' | 'Cancelled' | 'Timeout';

export interface QueryRequest {
  readonly text: string;
  readonly language: QueryLanguage;
  /** Exact group names; may be empty where the text has SOURCE. */
  readonly groups: readonly string[];
  /** Both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows kept when the text has no limit of its own; `undefined`: no wall (exports). */
  readonly maxRows: number | undefined;
  /** Who asked: shown in the history. */
  readonly user?: string;
  /** Neither listed nor written down, only run: dashboards ask the same again and again. */
  readonly isUnlisted?: boolean;
}

/** A place in the query's text, for underlining. Offsets count UTF-16 units, end exclusive. */
export interface QueryDiagnostic {
  readonly severity: 'error' | 'warning';
  /** Stays the same from version to version; with `params` enough to word it in another language. */
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** In English. */
  readonly message: string;
  readonly startOffset: number;
  readonly endOffset: number;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly hint?: string;
}

export interface QueryStatistics {
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  readonly bytesScanned: number;
  /** What the whole query will have scanned when it ends. */
  readonly recordsTotal: number;
  readonly bytesTotal: number;
  readonly groupsScanned: number;
  readonly elapsedMs: number;
}

/** Matching events over the query's range in equal bins; grows while the query runs. */
export interface QueryHistogram {
  readonly fromMs: number;
  readonly binMs: number;
  readonly counts: readonly number[];
}

export interface ResultColumn {
  readonly name: string;
  readonly kind: 'string' | 'number' | 'timestamp' | 'boolean' | 'json';
  /** True for a column made by bin(), datefloor() or dateceil() in `by`: a time axis for charts. */
  readonly isTimeBin: boolean;
  readonly isAggregate: boolean;
}

/** Rows in their order of display. `pointers[i]` is @ptr of row i where rows are events. */
export interface QueryRows extends SqlRows {
  readonly columns: readonly (readonly SqlValue[])[];
  readonly pointers: readonly string[] | undefined;
}

export type QueryEvent =
  | { readonly type: 'columns'; readonly columns: readonly ResultColumn[] }
  /** More rows, to be put after those given so far. */
  | { readonly type: 'rows'; readonly rows: QueryRows }
  /** All rows so far are replaced by these (aggregates, sorts by other keys while still running). */
  | { readonly type: 'replace'; readonly rows: QueryRows }
  | {
      readonly type: 'progress';
      readonly statistics: QueryStatistics;
      readonly histogram: QueryHistogram | undefined;
    }
  | { readonly type: 'end'; readonly status: QueryStatus; readonly message?: string };

/** A started query. Results of ended queries are kept for a time and can be read again. */
export interface QueryRun {
  readonly id: string;
  readonly request: QueryRequest;
  readonly createdMs: number;
  readonly status: QueryStatus;
  readonly statistics: QueryStatistics;
  readonly histogram: QueryHistogram | undefined;
  readonly columns: readonly ResultColumn[];
  /** Warnings of the compiler (clamped bin, ignored terms). */
  readonly diagnostics: readonly QueryDiagnostic[];
  /** Why it failed, for people. */
  readonly error: string | undefined;
  readonly endedMs: number | undefined;
  /** Rows kept so far. */
  readonly rowCount: number;
  rows(offset: number, limit: number): QueryRows;
  /** What has happened so far as one snapshot, then what happens, until the end. */
  watch(signal: AbortSignal): AsyncIterable<QueryEvent>;
  stop(): void;
  /** Resolves when the query has ended, however it ended. */
  readonly done: Promise<void>;
}

export interface QueryService extends AsyncDisposable {
  /** Compile errors and warnings; never throws. */
  check(text: string, language: QueryLanguage): readonly QueryDiagnostic[];
  /**
   * Compiles and queues. Runs start in order, a bounded number at once.
   * @throws {AppError} QUERY_MALFORMED with details.diagnostics, LOG_GROUP_NOT_FOUND
   */
  start(request: QueryRequest): QueryRun;
  get(id: string): QueryRun | undefined;
  /** Newest first. */
  list(): readonly QueryRun[];
  /** Streams all rows, without the wall and without keeping them. */
  export(request: QueryRequest, signal: AbortSignal): AsyncIterable<QueryRows>;
  /** The same into a Parquet file. */
  exportParquet(request: QueryRequest, path: string, signal: AbortSignal): Promise<void>;
  /** Fields found in a sample of the newest events, by share of events, 0 to 100. */
  discoverFields(
    selection: {
      readonly groups: readonly string[];
      readonly fromMs: number;
      readonly toMs: number;
    },
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly percent: number }[]>;
}
