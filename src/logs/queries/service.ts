import { randomUUID } from 'node:crypto';
import {
  AppError,
  type Clock,
  describeError,
  isAppError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import { compileQuery } from '#logs/insights';
import type { LookupTables } from '#logs/lookup-tables';
import type { LogStore } from '#logs/store';
import { type Compiled, columnsOf, compileRequest } from './compile.ts';
import type {
  QueryDiagnostic,
  QueryLanguage,
  QueryRequest,
  QueryRows,
  QueryRun,
  QueryService,
} from './contract.ts';
import { discoverFields } from './discover.ts';
import { type ExecuteDeps, type Execution, execute, stream, toParquet } from './execute.ts';
import { executeSql, sqlToParquet, streamSql } from './execute-sql.ts';
import type { PastRun, QueryHistory } from './history.ts';
import { Run } from './run.ts';
import { checkSqlText } from './sql-language.ts';

export interface QueryLimits {
  /** Queries that run at once; others wait. */
  readonly maxRunning: number;
  /** Queries that may wait. */
  readonly maxQueued: number;
  readonly timeoutMs: number;
  /** Memory for the rows of ended queries. */
  readonly maxResultBytes: number;
  /** Memory for the rows of one query: it fails beyond, and keeps what it has found. */
  readonly maxRunBytes: number;
  /** Ended queries in the history, and for how long. */
  readonly maxHistory: number;
  readonly historyMs: number;
}

export const defaultQueryLimits: QueryLimits = {
  maxRunning: 4,
  maxQueued: 1000,
  timeoutMs: 60 * 60 * 1000,
  maxResultBytes: 256 * 1024 * 1024,
  maxRunBytes: 192 * 1024 * 1024,
  maxHistory: 1000,
  historyMs: 7 * 24 * 60 * 60 * 1000,
};

export interface QueryServiceOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Twelve digits; the first part of `@log`. */
  readonly accountId: string;
  /** Tables for `lookup`; absent: there are none. */
  readonly lookupTables?: LookupTables;
  /** Where ended queries are written down; absent: they end with the program. */
  readonly history?: QueryHistory;
  readonly limits?: Partial<QueryLimits>;
}

/** Starts no work by itself. Disposing of it stops all queries and waits for them. */
export function createQueryService(options: QueryServiceOptions): QueryService {
  return new LocalQueryService(options);
}

class LocalQueryService implements QueryService {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #accountId: string;
  readonly #lookupTables: LookupTables | undefined;
  readonly #limits: QueryLimits;
  readonly #metrics: ReturnType<typeof queryMetrics>;
  /** In order of creation. */
  readonly #runs = new Map<string, Run | PastRun>();
  /** Those that are not listed, until they end. */
  readonly #unlisted = new Set<Run>();
  readonly #history: QueryHistory | undefined;
  readonly #queue: { readonly run: Run; readonly compiled: Compiled }[] = [];
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(options: QueryServiceOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log.child('logs/queries');
    this.#accountId = options.accountId;
    this.#lookupTables = options.lookupTables;
    this.#history = options.history;
    for (const run of options.history?.past ?? []) this.#runs.set(run.id, run);
    this.#limits = { ...defaultQueryLimits, ...options.limits };
    this.#metrics = queryMetrics(options.metrics, () => ({
      running: this.#running.size,
      queued: this.#queue.length,
      bytes: [...this.#runs.values()].reduce((sum, run) => sum + run.bytes, 0),
    }));
  }

  check(text: string, language: QueryLanguage): readonly QueryDiagnostic[] {
    if (language === 'SQL') return checkSqlText(text);
    const nowMs = this.#clock.nowMs();
    const lookupTables = columnsOf(this.#lookupTables);
    const context = { fromMs: nowMs - 3_600_000, toMs: nowMs, nowMs, lookupTables };
    return compileQuery(text, context).diagnostics;
  }

  start(request: QueryRequest): QueryRun {
    if (this.#closed) throw new AppError('STORE_CLOSED', 'The server is stopping');
    const { compiled, diagnostics } = this.#compile(request);
    if (this.#queue.length >= this.#limits.maxQueued) {
      throw new AppError('QUERY_QUEUE_FULL', `${this.#queue.length} queries are waiting already`, {
        hint: 'Try again when some of them have ended',
      });
    }
    const details = {
      diagnostics,
      groups: compiled.groups,
      clock: this.#clock,
      maxBytes: this.#limits.maxRunBytes,
    };
    const run = new Run(randomUUID(), request, details);
    if (request.isUnlisted === true) {
      this.#unlisted.add(run);
      void run.done.then(() => this.#unlisted.delete(run));
    } else {
      this.#runs.set(run.id, run);
      void run.done.then(() => this.#history?.save(run));
    }
    this.#queue.push({ run, compiled });
    this.#prune();
    this.#pump();
    return run;
  }

  get(id: string): QueryRun | undefined {
    this.#prune();
    return this.#runs.get(id);
  }

  list(): readonly QueryRun[] {
    this.#prune();
    return [...this.#runs.values()].reverse();
  }

  async *export(request: QueryRequest, signal: AbortSignal): AsyncGenerator<QueryRows> {
    const { compiled } = this.#compile(request);
    const deps = this.#deps(signal);
    yield* compiled.language === 'SQL'
      ? streamSql(request, compiled.groups, deps)
      : stream(this.#execution(request, compiled), deps);
  }

  async exportParquet(request: QueryRequest, path: string, signal: AbortSignal): Promise<void> {
    const { compiled } = this.#compile(request);
    const deps = this.#deps(signal);
    if (compiled.language === 'SQL') await sqlToParquet(request, compiled.groups, path, deps);
    else await toParquet(this.#execution(request, compiled), path, deps);
  }

  discoverFields(
    selection: {
      readonly groups: readonly string[];
      readonly fromMs: number;
      readonly toMs: number;
    },
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly percent: number }[]> {
    return discoverFields(this.#store, selection, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    for (const run of [...this.#runs.values(), ...this.#unlisted]) run.stop();
    await Promise.all(this.#running);
    await Promise.all([...this.#runs.values()].map((run) => run.done));
    await this.#history?.flush();
  }

  #compile(request: QueryRequest): ReturnType<typeof compileRequest> {
    return compileRequest(request, this.#store, this.#clock.nowMs(), this.#lookupTables);
  }

  #deps(signal: AbortSignal): ExecuteDeps {
    const lookupTables = this.#lookupTables;
    return { store: this.#store, accountId: this.#accountId, lookupTables, signal };
  }

  #execution(request: QueryRequest, compiled: Extract<Compiled, { language: 'CWLI' }>): Execution {
    const { fromMs, toMs } = request;
    const context = { fromMs, toMs, nowMs: this.#clock.nowMs() };
    return {
      plan: compiled.plan,
      groups: compiled.groups,
      context,
      maxRows: request.maxRows,
      maxBytes: this.#limits.maxRunBytes,
    };
  }

  #pump(): void {
    while (this.#running.size < this.#limits.maxRunning) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (next.run.hasEnded) continue;
      const work = this.#run(next.run, next.compiled).finally(() => {
        this.#running.delete(work);
        this.#prune();
        this.#pump();
      });
      this.#running.add(work);
    }
  }

  /** Never throws: whatever happens becomes the run's end. */
  async #run(run: Run, compiled: Compiled): Promise<void> {
    const timeout = new AbortController();
    void this.#clock.sleep(this.#limits.timeoutMs, timeout.signal).then(
      () => run.abortFor(new AppError('QUERY_TIMEOUT', 'The query ran too long')),
      () => undefined,
    );
    run.start();
    try {
      const deps = this.#deps(run.signal);
      if (compiled.language === 'SQL')
        await executeSql(run.request, compiled.groups, deps, run.sink);
      else await execute(this.#execution(run.request, compiled), deps, run.sink);
      run.end('Complete');
    } catch (error) {
      this.#fail(run, error);
    } finally {
      timeout.abort();
      const { bytesScanned, elapsedMs } = run.statistics;
      this.#metrics.ended.add(1, { status: run.status });
      this.#metrics.seconds.observe(elapsedMs / 1000);
      this.#metrics.bytes.add(bytesScanned);
    }
  }

  #fail(run: Run, error: unknown): void {
    const reason: unknown = run.signal.aborted ? run.signal.reason : error;
    if (isAppError(reason, 'QUERY_CANCELLED')) {
      run.end('Cancelled');
    } else if (isAppError(reason, 'QUERY_TIMEOUT')) {
      const minutes = Math.round(this.#limits.timeoutMs / 60_000);
      run.end('Timeout', `The query ran longer than ${minutes} minutes`);
    } else {
      const hint = isAppError(reason) && reason.hint !== undefined ? `. ${reason.hint}` : '';
      run.end('Failed', `${reasonOf(reason)}${hint}`);
      // What people wrote wrong is theirs to see, not the operator's.
      if (isAppError(reason, 'QUERY_MALFORMED')) return;
      this.#log.warn('Query failed', { query: run.id, text: run.request.text, err: reason });
    }
  }

  /** Keeps memory and history within their bounds, oldest first. */
  #prune(): void {
    const oldestMs = this.#clock.nowMs() - this.#limits.historyMs;
    let bytes = 0;
    let ended = 0;
    for (const run of [...this.#runs.values()].reverse()) {
      if (!run.hasEnded) continue;
      ended += 1;
      bytes += run.bytes;
      const tooOld = (run.endedMs ?? 0) < oldestMs;
      if (ended > this.#limits.maxHistory || tooOld) {
        this.#runs.delete(run.id);
        this.#history?.delete(run);
      } else if (bytes > this.#limits.maxResultBytes && run.bytes > 0) run.forget();
    }
  }
}

/** For people; what the engine says of their text in its own words, in ours. */
function reasonOf(error: unknown): string {
  const reason = describeError(error);
  return /pattern too large/.test(reason)
    ? 'A regular expression of this query is too large: repeat less, or smaller classes'
    : reason;
}

function queryMetrics(
  metrics: MetricsRegistry,
  read: () => { readonly running: number; readonly queued: number; readonly bytes: number },
) {
  const gauge = (name: string, help: string, value: () => number): void =>
    metrics.collected(name, help, 'gauge', () => [{ value: value() }]);
  gauge('nunchi_log_queries_running', 'Log queries running now', () => read().running);
  gauge('nunchi_log_queries_queued', 'Log queries waiting to run', () => read().queued);
  gauge('nunchi_log_query_result_bytes', 'Memory of kept query results', () => read().bytes);
  return {
    ended: metrics.counter('nunchi_log_queries_total', 'Log queries ended, by status'),
    seconds: metrics.histogram('nunchi_log_query_duration_seconds', 'Duration of log queries'),
    bytes: metrics.counter(
      'nunchi_log_query_scanned_bytes_total',
      'Message bytes that log queries decided on',
    ),
  };
}
