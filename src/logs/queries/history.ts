import { AppError, type Clock, type Counter, type Logger, type MetricsRegistry } from '#base';
import type { Collection, StateStore } from '#state';
import type {
  QueryEvent,
  QueryRequest,
  QueryRows,
  QueryRun,
  QueryStatistics,
  QueryStatus,
} from './contract.ts';

/** What is kept of an ended query across restarts: all but its results. */
interface SavedQuery {
  readonly id: string;
  readonly request: Omit<QueryRequest, 'maxRows'>;
  readonly createdMs: number;
  readonly endedMs: number;
  readonly status: QueryStatus;
  readonly statistics: QueryStatistics;
  readonly error?: string;
}

/** Ended queries saved at most, and for how long. */
export interface HistoryLimits {
  readonly maxHistory: number;
  readonly historyMs: number;
}

export interface HistoryOptions {
  readonly state: Pick<StateStore, 'collection'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly limits: HistoryLimits;
}

/** More groups than this are not saved with a query. */
const maxSavedGroups = 1000;

/** Reads the queries of earlier runs of the program; those beyond the limits are deleted. */
export async function openQueryHistory(options: HistoryOptions): Promise<QueryHistory> {
  const saved = options.state.collection<SavedQuery>('log-query-history');
  const { maxHistory, historyMs } = options.limits;
  const oldestMs = options.clock.nowMs() - historyMs;
  const all = await saved.list();
  const past: PastRun[] = [];
  for (const [index, { id, value }] of all.entries()) {
    const isKept = value.endedMs >= oldestMs && index >= all.length - maxHistory;
    if (isKept) past.push(new PastRun(value));
    else await saved.delete(id);
  }
  return new QueryHistory(saved, past, options);
}

/** Writes ended queries down, one after the other. */
export class QueryHistory {
  /** Queries of earlier runs of the program, oldest first. */
  readonly past: readonly PastRun[];
  readonly #saved: Collection<SavedQuery>;
  readonly #log: Logger;
  readonly #failed: Counter;
  #last: Promise<void> = Promise.resolve();

  constructor(saved: Collection<SavedQuery>, past: readonly PastRun[], options: HistoryOptions) {
    this.#saved = saved;
    this.past = past;
    this.#log = options.log.child('logs/queries');
    this.#failed = options.metrics.counter(
      'nunchi_log_query_history_errors_total',
      'Ended log queries that could not be saved in the history or deleted from it',
    );
  }

  /** Never throws: a query is good without its place in the history. */
  save(run: QueryRun): void {
    this.#next(async () => {
      const { groups, maxRows: _, ...request } = run.request;
      await this.#saved.put(idOf(run), {
        id: run.id,
        request: { ...request, groups: groups.slice(0, maxSavedGroups) },
        createdMs: run.createdMs,
        endedMs: run.endedMs ?? run.createdMs,
        status: run.status,
        statistics: run.statistics,
        ...(run.error === undefined ? {} : { error: run.error }),
      });
    });
  }

  delete(run: QueryRun): void {
    this.#next(async () => void (await this.#saved.delete(idOf(run))));
  }

  /** Resolves when all that was asked for so far has been tried. */
  flush(): Promise<void> {
    return this.#last;
  }

  #next(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#failed.add(1);
      this.#log.warn('Query history could not be saved', { err: error });
    });
  }
}

/** In order of creation. */
const idOf = (run: { readonly id: string; readonly createdMs: number }): string =>
  `${String(run.createdMs).padStart(15, '0')}:${run.id}`;

/** A query that ended before the program was started: its results are gone. */
export class PastRun implements QueryRun {
  readonly id: string;
  readonly request: QueryRequest;
  readonly createdMs: number;
  readonly status: QueryStatus;
  readonly statistics: QueryStatistics;
  readonly error: string | undefined;
  readonly endedMs: number;
  readonly histogram: undefined;
  readonly columns: readonly [] = [];
  readonly diagnostics: readonly [] = [];
  readonly rowCount: number = 0;
  readonly done: Promise<void> = Promise.resolve();
  readonly hasEnded: boolean = true;
  readonly bytes: number = 0;

  constructor(saved: SavedQuery) {
    this.id = saved.id;
    this.request = { ...saved.request, maxRows: undefined };
    this.createdMs = saved.createdMs;
    this.endedMs = saved.endedMs;
    this.status = saved.status;
    this.statistics = saved.statistics;
    this.error = saved.error;
  }

  rows(): QueryRows {
    throw new AppError('QUERY_RESULTS_GONE', 'The results of this query are no longer kept', {
      hint: 'Run the query again',
    });
  }

  async *watch(): AsyncGenerator<QueryEvent> {
    yield { type: 'progress', statistics: this.statistics, histogram: undefined };
    const message = this.error === undefined ? {} : { message: this.error };
    yield { type: 'end', status: this.status, ...message };
  }

  stop(): void {}

  forget(): void {}
}
