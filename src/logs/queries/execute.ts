import { AppError, isAppError } from '#base';
import {
  diffShiftMs,
  formatTimestamp,
  hasCheapHistogram,
  joinOf,
  type Plan,
  type PrintOptions,
  planFieldColumns,
  printAggregation,
  printHistogram,
  printRows,
  pushDown,
  type QueryContext,
} from '#logs/insights';
import type { LookupTables } from '#logs/lookup-tables';
import type { LogScan, LogStore, ScanPart, SqlRows } from '#logs/store';
import { bindLookups } from './bind-lookups.ts';
import { groupsOf, joinedGroups } from './compile.ts';
import type { QueryRows, ResultColumn } from './contract.ts';
import { HistogramCounter } from './histogram.ts';
import { concatRows, resultColumns, sliceRows, toQueryRows } from './result.ts';
import { walkByTime } from './walk.ts';

/** Where an execution tells what it found. */
export interface Sink {
  columns(columns: readonly ResultColumn[]): void;
  append(rows: QueryRows): void;
  replace(rows: QueryRows): void;
  progress(progress: Progress): void;
}

export interface Progress {
  readonly scannedEvents: number;
  readonly scannedBytes: number;
  readonly totalEvents: number;
  readonly totalBytes: number;
  readonly matched: number;
  readonly histogram: HistogramCounter | undefined;
}

export interface ExecuteDeps {
  readonly store: LogStore;
  readonly accountId: string;
  readonly lookupTables: LookupTables | undefined;
  readonly signal: AbortSignal;
}

export interface Execution {
  readonly plan: Plan;
  readonly groups: readonly string[];
  readonly context: QueryContext;
  readonly maxRows: number | undefined;
  /** Memory that the rows of one statement may take. */
  readonly maxBytes: number;
}

/** A query over less than this gives its result in one go. */
const oneGoBytes = 2 * 1024 * 1024 * 1024;
/** A larger one first over its newest part, and over more and more, with this growth. */
const partialGrowth = 8;
const firstPartialBytes = 256 * 1024 * 1024;
/** CloudWatch's bounds on subqueries. */
const subqueryTimeoutMs = 30_000;
const maxSubqueryValues = 50_000;
/** More names than this make a condition slower than reading a few streams too many. */
const maxPushedStreams = 1000;

/** Runs a plan over the store and tells the sink. @throws what the store throws */
export async function execute(execution: Execution, deps: ExecuteDeps, sink: Sink): Promise<void> {
  const { plan } = execution;
  const columns = resultColumns(plan);
  sink.columns(columns);
  const subqueryValues = await runSubqueries(execution, deps);
  await using opened = await openFor(execution, deps);
  await bindLookups(plan, opened.scan, deps);
  const run = new PlanRun(execution, deps, sink, opened.scan, columns, subqueryValues);
  if (plan.isEvents && timeOrder(plan) !== undefined && run.wall !== undefined)
    await run.walk(run.wall);
  else await run.whole();
}

/** Rows of a plan without a wall, as the engine makes them. */
export async function* stream(execution: Execution, deps: ExecuteDeps): AsyncGenerator<QueryRows> {
  const columns = resultColumns(execution.plan);
  const { sql, scan } = await printedWhole(execution, deps);
  await using _ = scan;
  for await (const chunk of scan.run(sql, { signal: deps.signal })) {
    yield toQueryRows(chunk, columns, execution.plan.isEvents);
  }
}

export async function toParquet(
  execution: Execution,
  path: string,
  deps: ExecuteDeps,
): Promise<void> {
  const { sql, scan } = await printedWhole(execution, deps);
  await using _ = scan;
  const names = uniqueNames(execution.plan.output.map((one) => one.name));
  const columns = names.map((name, index) => `o${index} AS "${name.replaceAll('"', '""')}"`);
  await scan.copyToParquet(`SELECT ${columns.join(', ')} FROM (${sql})`, path, deps.signal);
}

function uniqueNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name.replaceAll('\0', '') || 'column';
    // Parquet readers fold case.
    while (seen.has(unique.toLowerCase())) unique += '_';
    seen.add(unique.toLowerCase());
    return unique;
  });
}

async function printedWhole(
  execution: Execution,
  deps: ExecuteDeps,
): Promise<{ readonly sql: string; readonly scan: LogScan }> {
  const subqueryValues = await runSubqueries(execution, deps);
  const { scan } = await openFor(execution, deps);
  try {
    await bindLookups(execution.plan, scan, deps);
  } catch (error) {
    await scan[Symbol.asyncDispose]();
    throw error;
  }
  const relation = scan.relationOf(scan.parts);
  const sql = printRows(execution.plan, printOptions(execution, deps, relation, subqueryValues));
  return { sql, scan };
}

function printOptions(
  execution: Execution,
  deps: ExecuteDeps,
  relation: string,
  subqueryValues: readonly (readonly string[])[],
): PrintOptions {
  const joined = joinedGroups(execution.plan, execution.groups, deps.store);
  return {
    relation,
    accountId: deps.accountId,
    context: execution.context,
    maxRows: execution.maxRows,
    subqueryValues,
    ...(joined === undefined ? {} : { sides: { own: execution.groups, joined } }),
  };
}

async function openFor(
  { plan, groups, context }: Execution,
  { store, signal }: ExecuteDeps,
): Promise<{ readonly scan: LogScan } & AsyncDisposable> {
  const joined = joinedGroups(plan, groups, store);
  if (joined !== undefined) {
    // One scan for both sides: what the conditions of one would leave out the other may need.
    const both = [...new Set([...groups, ...joined])];
    const { fromMs, toMs } = context;
    const scan = await store.openScan({ groups: both, fromMs, toMs }, signal);
    return { scan, [Symbol.asyncDispose]: () => scan[Symbol.asyncDispose]() };
  }
  const wanted = pushDown(plan, context);
  let { fromMs } = wanted;
  for (const stage of plan.stages) {
    if (stage.kind !== 'pattern' || stage.diff === undefined) continue;
    fromMs -= diffShiftMs(stage.diff.shift, context.toMs - context.fromMs + 1);
  }
  const streams = wanted.streamMatches && matchingStreams(store, groups, wanted.streamMatches);
  const scan = await store.openScan(
    {
      groups,
      fromMs,
      toMs: wanted.toMs,
      ...(streams === undefined ? {} : { streams }),
      ...(wanted.contains.length === 0 ? {} : { contains: wanted.contains }),
      ...(wanted.containsAny.length === 0 ? {} : { containsAny: wanted.containsAny }),
    },
    signal,
  );
  return { scan, [Symbol.asyncDispose]: () => scan[Symbol.asyncDispose]() };
}

/** No stream can have this name. */
const noStream = '\u0001none';

/** Exact names, or undefined where naming them would not help. */
function matchingStreams(
  store: LogStore,
  groups: readonly string[],
  matches: (stream: string) => boolean,
): readonly string[] | undefined {
  const names = new Set<string>();
  let all = true;
  for (const group of groups) {
    for (const { name } of store.streams(group)) {
      if (matches(name)) names.add(name);
      else all = false;
    }
  }
  if (all || names.size > maxPushedStreams) return undefined;
  return names.size === 0 ? [noStream] : [...names];
}

/** Subqueries first: their values become lists. */
async function runSubqueries(execution: Execution, deps: ExecuteDeps): Promise<string[][]> {
  const results: string[][] = [];
  for (const { plan, source } of execution.plan.subqueries) {
    const groups = source === undefined ? execution.groups : groupsOf(source, deps.store);
    const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(subqueryTimeoutMs)]);
    const values = new Set<string>();
    const isTime = plan.output[0]?.expression.type === 'timestamp';
    const inner = { ...execution, plan, groups, maxRows: undefined };
    try {
      for await (const rows of stream(inner, { ...deps, signal })) {
        for (const value of rows.columns[0] ?? []) {
          if (value !== null) values.add(isTime ? formatTimestamp(Number(value)) : String(value));
        }
        if (values.size > maxSubqueryValues) throw tooManyValues();
      }
    } catch (error) {
      if (deps.signal.aborted || !signal.aborted) throw error;
      throw new AppError('QUERY_FAILED', 'A subquery ran longer than 30 seconds', {
        hint: 'Narrow it down, or run it by itself',
      });
    }
    results.push([...values]);
  }
  return results;
}

/** A list cut short would give wrong rows without a word. */
const tooManyValues = (): AppError =>
  new AppError('QUERY_FAILED', `A subquery gave more than ${maxSubqueryValues} different values`, {
    hint: 'Narrow it down, or use join',
  });

/** Which way rows go by time, where nothing but time orders them; else undefined. */
function timeOrder(plan: Plan): 'newest' | 'oldest' | undefined {
  let order: 'newest' | 'oldest' = 'newest';
  let cut = false;
  for (const stage of plan.stages) {
    switch (stage.kind) {
      case 'extend':
      case 'logfmt':
      case 'csv':
      case 'lookup':
        break;
      case 'filter':
      case 'parse':
      case 'unnest':
        if (cut) return undefined;
        break;
      case 'limit':
        if (cut) return undefined;
        cut = true;
        break;
      case 'sort': {
        const key = stage.keys[0];
        const byTime = key?.expression.kind === 'system' && key.expression.name === '@timestamp';
        if (!byTime || stage.keys.length > 1 || cut) return undefined;
        order = key.descending ? 'newest' : 'oldest';
        break;
      }
      default:
        return undefined;
    }
  }
  return order;
}

class PlanRun {
  readonly #execution: Execution;
  readonly #deps: ExecuteDeps;
  readonly #sink: Sink;
  readonly #scan: LogScan;
  readonly #columns: readonly ResultColumn[];
  readonly #subqueryValues: readonly (readonly string[])[];
  #counter: HistogramCounter;
  #scannedEvents = 0;
  #scannedBytes = 0;

  constructor(
    execution: Execution,
    deps: ExecuteDeps,
    sink: Sink,
    scan: LogScan,
    columns: readonly ResultColumn[],
    subqueryValues: readonly (readonly string[])[],
  ) {
    this.#execution = execution;
    this.#deps = deps;
    this.#sink = sink;
    this.#scan = scan;
    this.#columns = columns;
    this.#subqueryValues = subqueryValues;
    this.#counter = this.#newCounter();
    this.#progress();
  }

  get wall(): number | undefined {
    return this.#execution.plan.limit ?? this.#execution.maxRows;
  }

  /** Rows by time: parts newest (or oldest) first, no more of them than the limit needs. */
  async walk(maxRows: number): Promise<void> {
    const { plan } = this.#execution;
    const sqlOf = (relation: string, limit: number): string =>
      printRows(
        { ...plan, stages: plan.stages.filter((one) => one.kind !== 'limit'), limit: undefined },
        { ...this.#options(relation), maxRows: limit },
      );
    const descending = timeOrder(plan) !== 'oldest';
    // Parts whose matches were all seen need not be read again for the histogram, unless one event
    // may have made several rows.
    const isOneToOne = !plan.stages.some(
      (one) => one.kind === 'unnest' || (one.kind === 'parse' && one.multi),
    );
    const uncounted = new Set(this.#scan.parts);
    const pushed = pushDown(plan, this.#execution.context);
    const options = {
      scan: this.#scan,
      descending,
      maxRows,
      maxBytes: this.#execution.maxBytes,
      isFiltered: pushed.contains.length + pushed.containsAny.length > 0,
      sqlOf,
      signal: this.#deps.signal,
    };
    for await (const step of walkByTime(options)) {
      if (step.rows.rowCount > 0) this.#sink.append(toQueryRows(step.rows, this.#columns, true));
      if (step.complete !== undefined && isOneToOne) {
        for (const part of step.parts) uncounted.delete(part);
        const times = step.complete.columns.at(-2) ?? [];
        for (const time of times) this.#counter.addEvent(Number(time));
        this.#scanned(step.parts);
      }
      this.#progress();
    }
    if (plan.limitAny) {
      this.#scanned([...uncounted]);
    } else {
      await this.#count([...uncounted]);
    }
    this.#done();
  }

  /** Everything at once; over much data first over its newest parts. */
  async whole(): Promise<void> {
    const parts = this.#scan.parts;
    const bytes = sum(parts, (part) => part.messageBytes);
    // Over a part of the events a join would find a part of the keys: wrong rows, not fewer.
    if (bytes > oneGoBytes && joinOf(this.#execution.plan) === undefined) {
      let wanted = firstPartialBytes;
      while (wanted * partialGrowth < bytes * 2) {
        const some = newest(parts, wanted);
        this.#counter = this.#newCounter();
        await this.#replaceBy(some);
        this.#scannedEvents = sum(some, (part) => part.events);
        this.#scannedBytes = sum(some, (part) => part.messageBytes);
        this.#progress();
        wanted *= partialGrowth;
      }
      this.#counter = this.#newCounter();
    }
    const counted = await this.#replaceBy(parts);
    if (!counted) await this.#count(parts);
    this.#done();
  }

  /** Puts the result over some parts in place; true when the histogram came with it. */
  async #replaceBy(parts: readonly ScanPart[]): Promise<boolean> {
    const { plan } = this.#execution;
    const { bins } = this.#counter;
    const print = (options: PrintOptions) =>
      hasCheapHistogram(plan) ? undefined : printAggregation(plan, options, bins);
    const together = await this.#overFields(async () => {
      const options = this.#optionsFor(parts, (one) =>
        Object.values(print(one) ?? [printRows(plan, one)]).join(' '),
      );
      const together = print(options);
      if (together === undefined) await this.#replaceWith(printRows(plan, options));
      else await this.#rows(together.create);
      return together;
    });
    if (together === undefined) return false;
    await this.#replaceWith(together.rows);
    this.#counter.addRows(await this.#rows(together.histogram));
    return true;
  }

  async #replaceWith(sql: string): Promise<void> {
    let isFirst = true;
    for await (const chunk of this.#scan.run(sql, { signal: this.#deps.signal })) {
      const rows = toQueryRows(chunk, this.#columns, this.#execution.plan.isEvents);
      if (isFirst) this.#sink.replace(rows);
      else this.#sink.append(rows);
      isFirst = false;
    }
    if (isFirst)
      this.#sink.replace(toQueryRows(sliceRows(concatRows([]), 0, 0), this.#columns, false));
  }

  async #rows(sql: string): Promise<SqlRows> {
    const chunks: SqlRows[] = [];
    for await (const chunk of this.#scan.run(sql, { signal: this.#deps.signal }))
      chunks.push(chunk);
    return concatRows(chunks);
  }

  /** Counts matching events by time in these parts, in steps, so that the histogram grows. */
  async #count(parts: readonly ScanPart[]): Promise<void> {
    const cheap = hasCheapHistogram(this.#execution.plan);
    const steps = cheap ? [parts] : chunksOf(parts, firstPartialBytes);
    for (const step of steps) {
      if (step.length === 0) continue;
      const print = (options: PrintOptions): string =>
        printHistogram(this.#execution.plan, options, this.#counter.bins);
      this.#counter.addRows(
        await this.#overFields(() => this.#rows(print(this.#optionsFor(step, print)))),
      );
      this.#scanned(step);
      this.#progress();
    }
  }

  /** Reads the columns that the store has for JSON fields, where the statement needs no messages. */
  #optionsFor(parts: readonly ScanPart[], print: (options: PrintOptions) => string): PrintOptions {
    const { groups, plan } = this.#execution;
    const joined = joinedGroups(plan, groups, this.#deps.store) ?? [];
    const fields = planFieldColumns([...groups, ...joined], this.#options(''), print);
    const relation = fields && this.#scan.relationWithFields(parts, fields);
    if (fields !== undefined && relation !== undefined) return fields.options(relation);
    return this.#options(this.#scan.relationOf(parts));
  }

  /** Each time that files of fields turn out to be lost the statement is printed without them. */
  async #overFields<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isAppError(error, 'FIELDS_LOST')) throw error;
      }
    }
  }

  #options(relation: string): PrintOptions {
    return printOptions(this.#execution, this.#deps, relation, this.#subqueryValues);
  }

  #newCounter(): HistogramCounter {
    const { fromMs, toMs } = this.#execution.context;
    return new HistogramCounter(fromMs, toMs);
  }

  #scanned(parts: readonly ScanPart[]): void {
    this.#scannedEvents += sum(parts, (part) => part.events);
    this.#scannedBytes += sum(parts, (part) => part.messageBytes);
  }

  #done(): void {
    // What was skipped by filters counts as scanned: these events have been decided on.
    this.#scannedEvents = this.#scan.totalEvents;
    this.#scannedBytes = this.#scan.totalBytes;
    this.#progress();
  }

  #progress(): void {
    this.#sink.progress({
      scannedEvents: Math.min(this.#scannedEvents, this.#scan.totalEvents),
      scannedBytes: Math.min(this.#scannedBytes, this.#scan.totalBytes),
      totalEvents: this.#scan.totalEvents,
      totalBytes: this.#scan.totalBytes,
      matched: this.#counter.total,
      histogram: this.#counter,
    });
  }
}

function newest(parts: readonly ScanPart[], bytes: number): ScanPart[] {
  return chunksOf(parts, bytes)[0] ?? [];
}

function chunksOf(parts: readonly ScanPart[], bytes: number): ScanPart[][] {
  const chunks: ScanPart[][] = [];
  let chunk: ScanPart[] = [];
  let held = 0;
  for (const part of parts) {
    chunk.push(part);
    held += part.messageBytes;
    if (held < bytes) continue;
    chunks.push(chunk);
    chunk = [];
    held = 0;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
