import {
  type Clock,
  describeError,
  isAbortError,
  isAppError,
  type Logger,
  type MetricsRegistry,
  Slots,
} from '#base';
import type { StateStore } from '#state';
import type {
  DataQuery,
  DataSource,
  DataSourceInput,
  DataSources,
  ExpressionEvaluator,
  FramesResult,
  Health,
  NumberedDataSource,
  QueryRequest,
  ResourceAnswer,
  ResourceRequest,
} from './contract.ts';
import { dataError, queryStatus } from './errors.ts';
import { countValues } from './frames.ts';
import type { DataSourceKind, OpenDataSource, QueryContext, QueryLimits } from './kind.ts';
import { readReference } from './reference.ts';
import { notFound, type Origin, Registry } from './registry/registry.ts';
import { mustBeRequest } from './request.ts';

/** The data source of expressions, as it is called now and as it was. */
const expressionUids: ReadonlySet<string> = new Set(['__expr__', '-100']);

export interface BuiltInSource {
  readonly uid: string;
  /** As it is now. */
  source(): Omit<DataSource, 'isDefault'>;
  open(source: DataSource): OpenDataSource;
}

export interface DataSourcesDeps {
  readonly state: Pick<StateStore, 'collection' | 'secrets'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly kinds: readonly DataSourceKind[];
  readonly builtIn: readonly BuiltInSource[];
  readonly limits: () => QueryLimits & { readonly maxConcurrent: number };
}

/** Data sources as the API and alert rules see them, and as provisioning changes them. */
export interface ProvisionedDataSources extends DataSources {
  createFrom(origin: Origin, input: DataSourceInput): Promise<NumberedDataSource>;
  updateFrom(origin: Origin, uid: string, input: DataSourceInput): Promise<NumberedDataSource>;
  deleteFrom(origin: Origin, uid: string): Promise<NumberedDataSource>;
}

export async function openDataSources(deps: DataSourcesDeps): Promise<ProvisionedDataSources> {
  const registry = await Registry.open({
    ...deps,
    builtIn: () => deps.builtIn.map((one) => one.source()),
  });
  return new Service(registry, deps);
}

class Service implements ProvisionedDataSources {
  readonly #registry: Registry;
  readonly #deps: DataSourcesDeps;
  readonly #slots: Slots;
  readonly #open = new Map<string, Promise<OpenDataSource>>();
  readonly #closing = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  readonly #queries;
  readonly #seconds;
  #expressions: ExpressionEvaluator | undefined;

  constructor(registry: Registry, deps: DataSourcesDeps) {
    this.#registry = registry;
    this.#deps = deps;
    this.#slots = new Slots(() => deps.limits().maxConcurrent);
    this.#queries = deps.metrics.counter(
      'nunchi_data_source_queries_total',
      'Queries to data sources, by type and result',
    );
    this.#seconds = deps.metrics.histogram(
      'nunchi_data_source_query_duration_seconds',
      'Time of a query to a data source',
    );
    registry.onChange((uid) => this.#close(uid));
  }

  list(): readonly NumberedDataSource[] {
    return this.#registry.list();
  }

  byUid(uid: string): NumberedDataSource | undefined {
    return this.#registry.find(uid);
  }

  byId(id: number): NumberedDataSource | undefined {
    return this.list().find((source) => source.id === id);
  }

  byName(name: string): NumberedDataSource | undefined {
    return this.list().find((source) => source.name === name);
  }

  resolve(reference: Parameters<DataSources['resolve']>[0]): NumberedDataSource | undefined {
    return readReference(this.list(), reference);
  }

  create(input: DataSourceInput): Promise<NumberedDataSource> {
    return this.#registry.create(input);
  }

  update(uid: string, input: DataSourceInput): Promise<NumberedDataSource> {
    return this.#registry.update(uid, input);
  }

  delete(uid: string): Promise<NumberedDataSource> {
    return this.#registry.delete(uid);
  }

  createFrom(origin: Origin, input: DataSourceInput): Promise<NumberedDataSource> {
    return this.#registry.create(input, origin);
  }

  updateFrom(origin: Origin, uid: string, input: DataSourceInput): Promise<NumberedDataSource> {
    return this.#registry.update(uid, input, origin);
  }

  deleteFrom(origin: Origin, uid: string): Promise<NumberedDataSource> {
    return this.#registry.delete(uid, origin);
  }

  setExpressions(evaluate: ExpressionEvaluator): void {
    this.#expressions = evaluate;
  }

  onChange(listener: () => void): () => void {
    return this.#registry.onChange(listener);
  }

  async health(uid: string, signal: AbortSignal): Promise<Health> {
    const source = this.#registry.find(uid);
    if (source === undefined) throw notFound(uid);
    return this.#checked(signal, async (context) => (await this.#opened(source)).health(context));
  }

  async test(input: DataSourceInput, signal: AbortSignal): Promise<Health> {
    const config = this.#registry.draft(input);
    const kind = this.#registry.kind(input.type);
    return this.#checked(signal, async (context) => {
      await using opened = await kind.open(config);
      return await opened.health(context);
    });
  }

  async query(
    request: QueryRequest,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, FramesResult>> {
    const queries = request.queries.filter(({ hide }) => hide !== true);
    mustBeRequest(request, queries);
    const isExpression = ({ datasource }: DataQuery): boolean =>
      datasource?.type === '__expr__' || expressionUids.has(datasource?.uid ?? '');
    const plain = queries.filter((query) => !isExpression(query));
    const expressions = queries.filter(isExpression);
    // Expressions may use what is not shown.
    const needed =
      expressions.length === 0 ? plain : request.queries.filter((query) => !isExpression(query));
    const context = { ...request, queryCount: queries.length };
    const answered = await Promise.all(
      needed.map(async (query) => [query.refId, await this.#ask(query, context, signal)] as const),
    );
    const results = new Map(answered);
    if (expressions.length > 0) {
      for (const [refId, result] of await this.#evaluate(expressions, results, request, signal)) {
        results.set(refId, result);
      }
    }
    return new Map(
      queries.flatMap(({ refId }) => {
        const result = results.get(refId);
        return result === undefined ? [] : [[refId, result]];
      }),
    );
  }

  async resource(
    uid: string,
    request: ResourceRequest,
    signal: AbortSignal,
  ): Promise<ResourceAnswer> {
    const source = this.#registry.find(uid);
    if (source === undefined) throw notFound(uid);
    const opened = await this.#opened(source);
    if (opened.resource === undefined) {
      throw dataError('DATA_RESOURCE_NOT_FOUND', `"${source.name}" has nothing at ${request.path}`);
    }
    using slot = await this.#slots.take(signal);
    return await opened.resource(request, this.#context({}, slot.signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new DOMException('The server is stopping', 'AbortError'));
    for (const uid of [...this.#open.keys()]) this.#close(uid);
    await Promise.all(this.#closing);
  }

  async #ask(
    query: DataQuery,
    request: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly queryCount: number;
      readonly user?: string;
    },
    signal: AbortSignal,
  ): Promise<FramesResult> {
    const startMs = performance.now();
    const source = this.resolve(query.datasource ?? {});
    const type = source?.type ?? 'unknown';
    const count = (result: string): void => {
      this.#queries.add(1, { type, result });
      this.#seconds.observe((performance.now() - startMs) / 1000, { type });
    };
    try {
      if (source === undefined) throw notFound(query.datasource?.uid ?? '');
      const opened = await this.#opened(source);
      // Our own engines have queues of their own.
      using slot = source.isBuiltIn
        ? { signal, [Symbol.dispose]: () => {} }
        : await this.#slots.take(signal);
      const context = this.#context(request, slot.signal);
      const frames = await opened.query(query, context);
      const { maxPoints } = context.limits;
      const values = countValues(frames);
      // Times and labels are counted with the values here.
      if (values > maxPoints * 4) {
        throw dataError(
          'DATA_QUERY_TOO_LARGE',
          `The query answers with ${values} values, which is too many`,
        );
      }
      count('success');
      return { status: 200, frames };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      count('failure');
      return this.#failure(error, query, type);
    }
  }

  #failure(error: unknown, query: DataQuery, type: string): FramesResult {
    const status = queryStatus(error);
    if (isAbortError(error)) {
      return { status: 504, frames: [], error: 'The data source did not answer in time' };
    }
    if (!isAppError(error)) {
      this.#deps.log.error('A query to a data source failed', {
        type,
        refId: query.refId,
        err: error,
      });
      return { status: 500, frames: [], error: 'The query failed; the log of the server says why' };
    }
    return { status, frames: [], error: describeError(error) };
  }

  async #evaluate(
    expressions: readonly DataQuery[],
    results: ReadonlyMap<string, FramesResult>,
    { fromMs, toMs }: QueryRequest,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, FramesResult>> {
    if (this.#expressions === undefined) {
      const error = 'Expressions are not computed here';
      return new Map(expressions.map(({ refId }) => [refId, { status: 400, frames: [], error }]));
    }
    return await this.#expressions(expressions, results, { fromMs, toMs }, signal);
  }

  async #checked(
    signal: AbortSignal,
    check: (context: QueryContext) => Promise<Health>,
  ): Promise<Health> {
    try {
      return await check(this.#context({}, signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isAppError(error) && !isAbortError(error)) {
        this.#deps.log.error('A data source could not be tested', { err: error });
      }
      return { status: 'ERROR', message: describeError(error) };
    }
  }

  #context(
    request: {
      readonly fromMs?: number;
      readonly toMs?: number;
      readonly queryCount?: number;
      readonly user?: string;
    },
    signal: AbortSignal,
  ): QueryContext {
    const limits = this.#deps.limits();
    const nowMs = this.#deps.clock.nowMs();
    return {
      fromMs: request.fromMs ?? nowMs - 3_600_000,
      toMs: request.toMs ?? nowMs,
      queryCount: request.queryCount ?? 1,
      limits,
      user: request.user,
      signal: AbortSignal.any([signal, this.#ending.signal, AbortSignal.timeout(limits.timeoutMs)]),
    };
  }

  #opened(source: NumberedDataSource): Promise<OpenDataSource> {
    const { uid } = source;
    const held = this.#open.get(uid);
    if (held !== undefined) return held;
    const opening = this.#openNow(source);
    this.#open.set(uid, opening);
    opening.catch(() => this.#open.delete(uid));
    return opening;
  }

  async #openNow(source: NumberedDataSource): Promise<OpenDataSource> {
    const builtIn = this.#deps.builtIn.find(({ uid }) => uid === source.uid);
    if (builtIn !== undefined) return builtIn.open(source);
    const config = this.#registry.config(source.uid);
    if (config === undefined) throw notFound(source.uid);
    return await this.#registry.kind(source.type).open(config);
  }

  #close(uid: string): void {
    const opened = this.#open.get(uid);
    if (opened === undefined) return;
    this.#open.delete(uid);
    const closing = opened
      .then((source) => source[Symbol.asyncDispose]())
      .catch((error: unknown) =>
        this.#deps.log.warn('A data source did not close', { uid, err: error }),
      )
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
