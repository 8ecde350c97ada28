import { AppError, type Clock } from '#base';
import type {
  QueryDiagnostic,
  QueryEvent,
  QueryHistogram,
  QueryRequest,
  QueryRows,
  QueryRun,
  QueryStatistics,
  QueryStatus,
  ResultColumn,
} from './contract.ts';
import type { Progress, Sink } from './execute.ts';
import type { HistogramCounter } from './histogram.ts';
import { emptyRows, estimateBytes, resultTooLarge, sliceRows } from './result.ts';

/** One event for a watcher: larger results go in pieces. */
const maxRowsPerEvent = 5_000;
const maxBytesPerEvent = 16 * 1024 * 1024;
const bytesPerPointer = 100;

/** A started query with what it has found so far. The service drives it; others read. */
export class Run implements QueryRun {
  readonly id: string;
  readonly request: QueryRequest;
  readonly createdMs: number;
  readonly diagnostics: readonly QueryDiagnostic[];
  readonly done: Promise<void>;
  readonly groups: readonly string[];
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #abort = new AbortController();
  readonly #finish: () => void;
  readonly #startedMonotonicMs: number;
  #status: QueryStatus = 'Scheduled';
  #columns: readonly ResultColumn[] = [];
  #values: QueryRows['columns'][number][number][][] = [];
  #pointers: string[] | undefined;
  #rowCount = 0;
  #bytes = 0;
  #forgotten = false;
  #progressed: Progress | undefined;
  #histogram: HistogramCounter | undefined;
  #endedMs: number | undefined;
  #elapsedMs = 0;
  #error: string | undefined;
  /** Grows with each replacement of all rows. */
  #generation = 0;
  #changes = 0;
  #waiters: (() => void)[] = [];

  constructor(
    id: string,
    request: QueryRequest,
    details: {
      readonly diagnostics: readonly QueryDiagnostic[];
      readonly groups: readonly string[];
      readonly clock: Clock;
      readonly maxBytes: number;
    },
  ) {
    this.id = id;
    this.request = request;
    this.diagnostics = details.diagnostics;
    this.groups = details.groups;
    this.#clock = details.clock;
    this.#maxBytes = details.maxBytes;
    this.createdMs = details.clock.nowMs();
    this.#startedMonotonicMs = details.clock.monotonicMs();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#finish = resolve;
  }

  get status(): QueryStatus {
    return this.#status;
  }

  get hasEnded(): boolean {
    return this.#endedMs !== undefined;
  }

  get endedMs(): number | undefined {
    return this.#endedMs;
  }

  get error(): string | undefined {
    return this.#error;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** An estimate of the memory that the rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get histogram(): QueryHistogram | undefined {
    return this.#histogram?.value;
  }

  get statistics(): QueryStatistics {
    const progress = this.#progressed;
    return {
      recordsMatched: progress?.matched ?? 0,
      recordsScanned: progress?.scannedEvents ?? 0,
      bytesScanned: progress?.scannedBytes ?? 0,
      recordsTotal: progress?.totalEvents ?? 0,
      bytesTotal: progress?.totalBytes ?? 0,
      groupsScanned: this.groups.length,
      elapsedMs: this.hasEnded
        ? this.#elapsedMs
        : this.#clock.monotonicMs() - this.#startedMonotonicMs,
    };
  }

  rows(offset: number, limit: number): QueryRows {
    if (this.#forgotten) {
      throw new AppError('QUERY_RESULTS_GONE', 'The results of this query are no longer kept', {
        hint: 'Run the query again',
      });
    }
    const from = Math.min(Math.max(0, offset), this.#rowCount);
    const to = Math.min(this.#rowCount, from + Math.max(0, limit));
    const all = {
      columnNames: this.#columns.map((column) => column.name),
      columns: this.#values,
      rowCount: this.#rowCount,
    };
    return { ...sliceRows(all, from, to), pointers: this.#pointers?.slice(from, to) };
  }

  stop(): void {
    if (this.hasEnded) return;
    this.#abort.abort(new AppError('QUERY_CANCELLED', 'The query was stopped'));
    if (this.#status === 'Scheduled') this.end('Cancelled');
  }

  abortFor(reason: AppError): void {
    this.#abort.abort(reason);
  }

  start(): void {
    this.#status = 'Running';
    this.#changed();
  }

  end(status: QueryStatus, error?: string): void {
    if (this.hasEnded) return;
    this.#status = status;
    this.#error = error;
    this.#elapsedMs = this.#clock.monotonicMs() - this.#startedMonotonicMs;
    this.#endedMs = this.#clock.nowMs();
    this.#changed();
    this.#finish();
  }

  /** Gives the memory of the rows back; the run stays in the history. */
  forget(): void {
    this.#values = [];
    this.#pointers = undefined;
    this.#bytes = 0;
    this.#forgotten = true;
  }

  /** The run as the place where an execution puts what it finds. */
  get sink(): Sink {
    return {
      columns: (columns) => this.setColumns(columns),
      append: (rows) => this.append(rows),
      replace: (rows) => this.replace(rows),
      progress: (progress) => this.progress(progress),
    };
  }

  setColumns(columns: readonly ResultColumn[]): void {
    this.#columns = columns;
    this.#values = columns.map(() => []);
    this.#changed();
  }

  /** @throws {AppError} QUERY_RESULT_TOO_LARGE once the rows take more than they may */
  append(rows: QueryRows): void {
    rows.columns.forEach((column, index) => {
      const target = this.#values[index];
      if (target === undefined) return;
      for (const value of column) target.push(value);
    });
    if (rows.pointers !== undefined) {
      this.#pointers ??= [];
      for (const pointer of rows.pointers) this.#pointers.push(pointer);
    }
    this.#rowCount += rows.rowCount;
    this.#bytes += estimateBytes(rows) + (rows.pointers?.length ?? 0) * bytesPerPointer;
    this.#changed();
    if (this.#bytes > this.#maxBytes) throw resultTooLarge(this.#maxBytes);
  }

  replace(rows: QueryRows): void {
    this.#values = this.#columns.map(() => []);
    this.#pointers = undefined;
    this.#rowCount = 0;
    this.#bytes = 0;
    this.#generation += 1;
    this.append(rows);
  }

  progress(progress: Progress): void {
    this.#progressed = progress;
    this.#histogram = progress.histogram;
    this.#changed();
  }

  get columns(): readonly ResultColumn[] {
    return this.#columns;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<QueryEvent> {
    // A slow watcher needs no queue: it asks what has changed since it last looked.
    let columns: readonly ResultColumn[] | undefined;
    let generation = 0;
    let sent = 0;
    let progress: Progress | undefined;
    for (;;) {
      const seen = this.#changes;
      if (this.#columns !== columns && this.#columns.length > 0) {
        columns = this.#columns;
        yield { type: 'columns', columns };
      }
      if (!this.#forgotten && generation !== this.#generation) {
        generation = this.#generation;
        const rows =
          this.#rowCount === 0 ? emptyRows(this.#columns) : this.rows(0, this.#rowsPerEvent());
        sent = rows.rowCount;
        yield { type: 'replace', rows };
      }
      while (!this.#forgotten && generation === this.#generation && sent < this.#rowCount) {
        const rows = this.rows(sent, this.#rowsPerEvent());
        sent += rows.rowCount;
        yield { type: 'rows', rows };
      }
      if (this.#progressed !== progress) {
        progress = this.#progressed;
        yield { type: 'progress', statistics: this.statistics, histogram: this.histogram };
      }
      if (seen !== this.#changes) continue;
      if (this.hasEnded) {
        yield { type: 'progress', statistics: this.statistics, histogram: this.histogram };
        const message = this.#error === undefined ? {} : { message: this.#error };
        yield { type: 'end', status: this.#status, ...message };
        return;
      }
      if (signal.aborted) return;
      await this.#change(signal);
      if (signal.aborted) return;
    }
  }

  #rowsPerEvent(): number {
    const bytesPerRow = this.#bytes / Math.max(1, this.#rowCount);
    const fitting = Math.floor(maxBytesPerEvent / Math.max(1, bytesPerRow));
    return Math.max(1, Math.min(maxRowsPerEvent, fitting));
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#waiters = this.#waiters.filter((one) => one !== wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiters.push(wake);
    });
  }

  #changed(): void {
    this.#changes += 1;
    for (const wake of [...this.#waiters]) wake();
  }
}
