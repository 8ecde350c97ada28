import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { KubernetesClient } from './client.ts';
import type { KubernetesObject, ResourceType, Selection } from './contract.ts';
import { isKubernetesError, KubernetesError } from './errors.ts';
import { Interner } from './intern.ts';
import { withoutNoise } from './project.ts';
import { Reflector, type ReflectorSink, type ReflectorTimes } from './reflector.ts';
import { apiVersionOf, resourceLabel } from './resource.ts';
import { MutableStore, type ObjectStore, objectKey } from './store.ts';

export interface InformerOptions<T, P>
  extends Pick<Selection, 'labelSelector' | 'fieldSelector' | 'metadataOnly'> {
  /** What is mirrored, or how to find out which version of it the server has (undefined: none). */
  readonly type: ResourceType | ((signal: AbortSignal) => Promise<ResourceType | undefined>);
  /** For people, and for the metrics' `resource`; that of the type unless given. */
  readonly name?: string;
  /** Each is mirrored by its own list and watch. Undefined: all of them by one. */
  readonly namespaces?: readonly string[] | undefined;
  /**
   * What is kept of an object; undefined: nothing, as if it did not exist. May change and return the
   * object it is given. Called after {@link withoutNoise}.
   */
  readonly project?: (object: T) => P | undefined;
  /** That the server does not have it is as good as that there are none. */
  readonly isOptional?: boolean;
}

export interface InformerDeps {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Shared between informers: strings of one are those of another too. */
  readonly interner?: Interner;
  readonly times?: ReflectorTimes;
  readonly random?: () => number;
}

/** Told of each change, in order, after the store has it. What they throw is logged and counted. */
export interface ObjectHandlers<P> {
  /** Also for each object that is there when the handlers are added. */
  add?(object: P): void;
  update?(object: P, previous: P): void;
  delete?(object: P): void;
}

/**
 * `syncing`: not listed yet; `synced`: all is known and watched; `stale`: known, but the watch is
 * broken; `forbidden`: RBAC does not allow it; `absent`: the server does not have this resource.
 */
export type InformerState = 'syncing' | 'synced' | 'stale' | 'forbidden' | 'absent';

export interface InformerStatus {
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  /** As the server has it; undefined: not known yet, or not there. */
  readonly apiVersion: string | undefined;
  readonly state: InformerState;
  readonly objects: number;
  /** The last trouble, while it lasts. */
  readonly error: { readonly message: string; readonly atMs: number } | undefined;
  /** Namespaces that may not be read, where several are mirrored. */
  readonly forbiddenNamespaces: readonly string[];
  /** Last sign of life of any watch, ms since the Unix epoch. */
  readonly lastEventAtMs: number | undefined;
  readonly lists: number;
  readonly watches: number;
  /** Lists and watches that failed. */
  readonly failures: number;
  readonly isOptional: boolean;
}

/** A mirror of a collection that others read. */
export interface Informer<P> {
  readonly store: ObjectStore<P>;
  /** Resolves once everything was listed for the first time. */
  readonly synced: Promise<void>;
  /** As `synced`, or at the first failure: what is forbidden is not waited for. */
  readonly settled: Promise<void>;
  status(): InformerStatus;
  /** Returns how to stop being told. */
  subscribe(handlers: ObjectHandlers<P>): () => void;
  /** Tries what failed again, without waiting for its time. */
  retryNow(): void;
}

/** One collection, or the same collection in several namespaces, held in memory. */
export class ListWatchInformer<T extends KubernetesObject, P = T>
  implements Informer<P>, AsyncDisposable
{
  readonly store: MutableStore<P> = new MutableStore<P>();
  readonly synced: Promise<void>;
  readonly settled: Promise<void>;
  readonly #options: InformerOptions<T, P>;
  readonly #deps: InformerDeps;
  readonly #interner: Interner;
  readonly #handlers = new Set<ObjectHandlers<P>>();
  readonly #parts: Part<T>[];
  readonly #isSynced = Promise.withResolvers<void>();
  readonly #isSettled = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | undefined;
  #type: ResourceType | undefined;

  constructor(options: InformerOptions<T, P>, deps: InformerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#interner = deps.interner ?? new Interner();
    this.synced = this.#isSynced.promise;
    this.settled = this.#isSettled.promise;
    if (typeof options.type !== 'function') this.#type = options.type;
    const { namespaces } = options;
    const wanted = namespaces === undefined ? [undefined] : [...new Set(namespaces)];
    this.#parts = wanted.map((namespace) => this.#partOf(namespace));
  }

  get name(): string {
    const type = this.#type;
    return this.#options.name ?? (type === undefined ? 'objects' : resourceLabel(type));
  }

  /** Begins to list and watch; a second call does nothing. */
  start(): this {
    this.#running ??= Promise.all(
      this.#parts.map((part) => part.reflector.run(this.#stopping.signal)),
    ).catch((error: unknown) => {
      // A reflector outlives its failures: this is a bug, and must not end the process.
      this.#deps.log.error('A mirror of Kubernetes objects has died', {
        resource: this.name,
        err: describeError(error),
      });
    });
    return this;
  }

  /** Waits for what is in flight to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('the informer was stopped'));
    await this.#running;
  }

  subscribe(handlers: ObjectHandlers<P>): () => void {
    this.#handlers.add(handlers);
    for (const object of this.store.values()) this.#tell(handlers, (one) => one.add?.(object));
    return () => void this.#handlers.delete(handlers);
  }

  retryNow(): void {
    for (const part of this.#parts) part.reflector.retryNow();
  }

  status(): InformerStatus {
    const parts = this.#parts;
    const bad = parts.find(({ error }) => error !== undefined);
    const times = parts.flatMap(({ lastEventAtMs }) => lastEventAtMs ?? []);
    return {
      resource: this.name,
      apiVersion: this.#type === undefined ? undefined : apiVersionOf(this.#type),
      state: stateOf(parts),
      objects: this.store.size,
      error: bad?.error && { message: describeError(bad.error.cause), atMs: bad.error.atMs },
      forbiddenNamespaces: parts.flatMap((part) =>
        part.namespace !== undefined && failureOf(part) === 'forbidden' ? [part.namespace] : [],
      ),
      lastEventAtMs: times.length === 0 ? undefined : Math.max(...times),
      lists: parts.reduce((sum, { reflector }) => sum + reflector.lists, 0),
      watches: parts.reduce((sum, { reflector }) => sum + reflector.watches, 0),
      failures: parts.reduce((sum, { failures }) => sum + failures, 0),
      isOptional: this.#options.isOptional ?? false,
    };
  }

  #partOf(namespace: string | undefined): Part<T> {
    const { labelSelector, fieldSelector, metadataOnly } = this.#options;
    const { client, clock, random, times } = this.#deps;
    const part: Part<T> = {
      namespace,
      reflector: new Reflector<T>({
        client,
        clock,
        random,
        times,
        selection: { namespace, labelSelector, fieldSelector, metadataOnly },
        resolve: (signal) => this.#resolve(signal),
        sink: this.#sinkOf(() => part),
      }),
      keys: new Set(),
      listing: undefined,
      isListed: false,
      error: undefined,
      lastEventAtMs: undefined,
      failures: 0,
    };
    return part;
  }

  async #resolve(signal: AbortSignal): Promise<ResourceType> {
    const { type, name } = this.#options;
    if (typeof type !== 'function') return type;
    const found = await type(signal);
    if (found !== undefined) {
      this.#type = found;
      return found;
    }
    throw new KubernetesError({
      status: 404,
      reason: 'NotFound',
      message: `The API server does not serve ${name ?? 'this resource'}`,
    });
  }

  #sinkOf(partOf: () => Part<T>): ReflectorSink<T> {
    return {
      listStarted: () => {
        partOf().listing = new Set();
      },
      listed: (object) => {
        const key = this.#put(partOf(), object);
        if (key !== undefined) partOf().listing?.add(key);
      },
      listFailed: () => {
        partOf().listing = undefined;
      },
      listEnded: () => this.#finishList(partOf()),
      changed: (type, object) => {
        if (type === 'DELETED') this.#drop(partOf(), keyOf(object));
        else this.#put(partOf(), object);
      },
      alive: () => this.#alive(partOf()),
      failed: (error) => this.#failed(partOf(), error),
    };
  }

  /** The key of what is kept; undefined where nothing is. */
  #put(part: Part<T>, object: T): string | undefined {
    const key = keyOf(object);
    const { uid = '', resourceVersion = '' } = object.metadata ?? {};
    const before = this.store.entry(key);
    if (before !== undefined && before.resourceVersion === resourceVersion && before.uid === uid) {
      return key;
    }
    const kept = this.#project(object);
    if (kept === undefined) {
      this.#drop(part, key);
      return undefined;
    }
    // Another object under the same name: the end of the first one was not seen.
    if (before !== undefined && before.uid !== uid) this.#drop(part, key);
    const previous = this.store.entry(key)?.object;
    this.store.set(key, { object: kept, uid, resourceVersion });
    part.keys.add(key);
    if (previous === undefined) this.#tellAll((one) => one.add?.(kept));
    else this.#tellAll((one) => one.update?.(kept, previous));
    return key;
  }

  #project(object: T): P | undefined {
    const { project } = this.#options;
    const clean = withoutNoise(object);
    try {
      const kept = project === undefined ? (clean as unknown as P) : project(clean);
      return this.#interner.all(kept);
    } catch (error) {
      this.#complain('An object could not be read', error);
      return undefined;
    }
  }

  #drop(part: Part<T>, key: string): void {
    part.keys.delete(key);
    const gone = this.store.delete(key);
    if (gone !== undefined) this.#tellAll((one) => one.delete?.(gone));
  }

  /** What the new list does not have was deleted while nobody watched. */
  #finishList(part: Part<T>): void {
    const { listing } = part;
    part.listing = undefined;
    for (const key of [...part.keys]) {
      if (listing?.has(key) === false) this.#drop(part, key);
    }
    part.isListed = true;
    this.#alive(part);
    if (this.#parts.every(({ isListed }) => isListed)) this.#isSynced.resolve();
    this.#settle();
  }

  #alive(part: Part<T>): void {
    part.lastEventAtMs = this.#deps.clock.nowMs();
    if (part.error === undefined) return;
    part.error = undefined;
    this.#deps.log.info('Kubernetes objects are watched again', this.#fieldsOf(part));
  }

  #failed(part: Part<T>, error: unknown): void {
    const isNew = part.error === undefined;
    part.failures++;
    part.error = { cause: error, atMs: this.#deps.clock.nowMs() };
    this.#deps.metrics
      .counter(
        'nunchi_kubernetes_watch_failures_total',
        'Failed lists and watches of Kubernetes objects',
      )
      .add(1, { resource: this.name });
    this.#settle();
    // Once per trouble: it may last for days.
    if (!isNew) return;
    // A custom resource that nobody has defined is no trouble.
    const level = this.#options.isOptional && failureOf(part) === 'absent' ? 'debug' : 'warn';
    this.#deps.log[level]('Kubernetes objects cannot be watched', {
      ...this.#fieldsOf(part),
      err: describeError(error),
      ...(isKubernetesError(error) && error.hint !== undefined && { hint: error.hint }),
    });
  }

  #settle(): void {
    const isDone = this.#parts.every(({ isListed, error }) => isListed || error !== undefined);
    if (isDone) this.#isSettled.resolve();
  }

  #fieldsOf({ namespace }: Part<T>): Record<string, unknown> {
    return { resource: this.name, ...(namespace !== undefined && { namespace }) };
  }

  #tellAll(act: (handlers: ObjectHandlers<P>) => void): void {
    for (const handlers of this.#handlers) this.#tell(handlers, act);
  }

  #tell(handlers: ObjectHandlers<P>, act: (handlers: ObjectHandlers<P>) => void): void {
    try {
      act(handlers);
    } catch (error) {
      this.#complain('A reader of Kubernetes objects failed', error);
    }
  }

  #complain(what: string, error: unknown): void {
    this.#deps.metrics
      .counter(
        'nunchi_kubernetes_handler_failures_total',
        'Changes of Kubernetes objects that a reader failed at',
      )
      .add(1, { resource: this.name });
    this.#deps.log.error(what, { resource: this.name, err: describeError(error) });
  }
}

/** One namespace's share of an informer, or all of it. */
interface Part<T extends KubernetesObject> {
  readonly namespace: string | undefined;
  readonly reflector: Reflector<T>;
  /** Of what it has put into the store. */
  readonly keys: Set<string>;
  listing: Set<string> | undefined;
  isListed: boolean;
  error: { readonly cause: unknown; readonly atMs: number } | undefined;
  lastEventAtMs: number | undefined;
  failures: number;
}

function keyOf(object: KubernetesObject): string {
  const { namespace, name = '' } = object.metadata ?? {};
  return objectKey(namespace, name);
}

function failureOf<T extends KubernetesObject>({ error }: Part<T>): InformerState | undefined {
  if (error === undefined) return undefined;
  const { cause } = error;
  if (!isKubernetesError(cause)) return 'stale';
  if (cause.status === 403 || cause.status === 401) return 'forbidden';
  return cause.status === 404 ? 'absent' : 'stale';
}

function stateOf<T extends KubernetesObject>(parts: readonly Part<T>[]): InformerState {
  const failures = parts.map(failureOf);
  for (const state of ['forbidden', 'absent'] as const) {
    if (failures.includes(state)) return state;
  }
  if (parts.some(({ isListed }) => !isListed)) return 'syncing';
  return failures.includes('stale') ? 'stale' : 'synced';
}
