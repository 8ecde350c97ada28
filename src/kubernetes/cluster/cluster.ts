import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts';
import type { LabelSelector, OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { backoffMs, type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import {
  ApiDiscovery,
  type Informer,
  type InformerOptions,
  type InformerStatus,
  Interner,
  isKubernetesError,
  type KubernetesAccess,
  KubernetesClient,
  type KubernetesObject,
  ListWatchInformer,
  type ObjectStore,
  Reflector,
  type ReflectorSink,
  type ReflectorTimes,
  type ResourceName,
  type ResourceType,
  resources,
} from '#kubernetes/client';
import { type ClusterObjects, clusterScoped, metadataOnly } from './objects.ts';
import { type Owner, ownerChain } from './owners.ts';
import { projectionOf } from './projections.ts';
import { matchesSelector } from './selector.ts';

export interface ClusterOptions {
  readonly access: KubernetesAccess;
  /** What is mirrored of namespaced resources; undefined: all namespaces. */
  readonly namespaces?: readonly string[] | undefined;
  readonly userAgent?: string;
  /** For tests. */
  readonly times?: ReflectorTimes;
}

export interface ClusterDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A share in an informer: it ends with its last share. */
export interface SharedInformer<P> extends Informer<P>, Disposable {}

/** A part of a collection. */
export interface PartOptions
  extends Pick<InformerOptions<unknown, unknown>, 'labelSelector' | 'fieldSelector'> {
  /** Those of the cluster unless given. */
  readonly namespaces?: readonly string[] | undefined;
}

/** Any other collection: a custom resource, or a part of one that is chosen by labels. */
export interface CustomOptions<T, P>
  extends Pick<
    InformerOptions<T, P>,
    'labelSelector' | 'fieldSelector' | 'metadataOnly' | 'project'
  > {
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  /** In the order of preference; what the server prefers unless given. */
  readonly versions?: readonly string[];
  /** Those of the cluster unless given. */
  readonly namespaces?: readonly string[];
}

/** An object by its name. */
export interface ObjectReference {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Something that is not as it should be, in words. */
export interface Degradation {
  /** `pods`, `deployments.apps`; empty: the whole cluster. */
  readonly resource: string;
  readonly reason: 'unreachable' | 'forbidden' | 'absent' | 'stale';
  readonly message: string;
}

export interface ClusterStatus {
  readonly connected: boolean;
  readonly server: string;
  readonly source: string;
  readonly context: string | undefined;
  readonly version: string | undefined;
  readonly error: string | undefined;
  readonly namespaces: readonly string[] | undefined;
  readonly resources: readonly InformerStatus[];
  readonly degraded: readonly Degradation[];
}

/** Whoever restarts a reader within this time finds its objects still there. */
const lingerMs = 30_000;
/** From one look at the server's version to the next. */
const probeMs = 60_000;
const probeBackoff = { baseMs: 1000, maxMs: 30_000 };

/** From a change of a definition to the times at which what was absent is asked for again. */
const crdRetriesMs: readonly number[] = [100, 1000, 3000, 10_000, 30_000];

interface Shared {
  // biome-ignore lint/suspicious/noExplicitAny: one map of informers of many kinds of objects
  readonly informer: ListWatchInformer<any, any>;
  shares: number;
  ending: NodeJS.Timeout | undefined;
}

/**
 * One cluster as many readers see it: each collection is mirrored once, from when the first reader wants
 * it until the last one is gone.
 */
export class Cluster implements AsyncDisposable {
  readonly client: KubernetesClient;
  readonly discovery: ApiDiscovery;
  readonly #options: ClusterOptions;
  readonly #deps: ClusterDeps;
  readonly #log: Logger;
  readonly #interner = new Interner();
  readonly #shared = new Map<string, Shared>();
  readonly #stopping = new AbortController();
  #probing: Promise<void> | undefined;
  #version: string | undefined;
  #error: string | undefined;
  #isConnected = false;
  #crdRounds = 0;
  #crds: SharedInformer<ClusterObjects['customresourcedefinitions']> | undefined;

  /** Opens no connection yet. */
  constructor(options: ClusterOptions, deps: ClusterDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#log = deps.log.child('kubernetes');
    this.client = new KubernetesClient(
      options.access,
      { ...deps, log: this.#log },
      options.userAgent === undefined ? {} : { userAgent: options.userAgent },
    );
    this.discovery = new ApiDiscovery(this.client, deps.clock);
    this.#exposeMetrics(deps.metrics);
  }

  /** Begins to look whether the API server answers. */
  start(): this {
    this.#probing ??= this.#probe();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('the cluster was closed'));
    const shared = [...this.#shared.values()];
    this.#shared.clear();
    for (const { ending } of shared) clearTimeout(ending);
    await Promise.all(shared.map(({ informer }) => informer[Symbol.asyncDispose]()));
    await this.#probing;
    this.client[Symbol.dispose]();
  }

  /**
   * A collection, mirrored from now on if it is not yet. Nothing is waited for: `settled` says when
   * there is something to read. Dispose of it when it is no longer needed.
   * @param part mirrors a part of it beside the whole; equal parts are shared
   */
  use<N extends ResourceName>(name: N, part: PartOptions = {}): SharedInformer<ClusterObjects[N]> {
    const { namespaces, labelSelector, fieldSelector } = part;
    const isPart = (namespaces ?? labelSelector ?? fieldSelector) !== undefined;
    const sorted = namespaces === undefined ? undefined : [...new Set(namespaces)].sort();
    const key = isPart ? JSON.stringify([name, sorted, labelSelector, fieldSelector]) : name;
    return this.#share(key, () => ({
      name,
      type: () => this.discovery.find(resources[name]),
      namespaces: clusterScoped.has(name) ? undefined : (sorted ?? this.#options.namespaces),
      metadataOnly: metadataOnly.has(name),
      project: projectionOf(name),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    }));
  }

  /** A custom resource, or objects chosen by labels or fields; shared where the options are the same. */
  useCustom<T extends KubernetesObject, P = T>(options: CustomOptions<T, P>): SharedInformer<P> {
    const { group, resource, versions, project, ...selection } = options;
    const name = group === '' ? resource : `${resource}.${group}`;
    // Readers with projections of their own do not share.
    const key =
      project === undefined
        ? JSON.stringify([name, versions, selection])
        : `${name} ${crypto.randomUUID()}`;
    this.#watchCrds();
    return this.#share(key, () => ({
      ...selection,
      name,
      namespaces: selection.namespaces ?? this.#options.namespaces,
      type: () => this.discovery.lookUp(resource, group, versions),
      isOptional: group !== '',
      ...(project === undefined ? {} : { project }),
    }));
  }

  /**
   * A collection as it comes, kept nowhere: a list, then what changes, and after a gap a list again.
   * Resolves when the signal aborts.
   * @param sinkOf told of the objects of one namespace; undefined: of all
   */
  async follow<T extends KubernetesObject>(
    name: ResourceName,
    sinkOf: (namespace: string | undefined) => ReflectorSink<T>,
    signal: AbortSignal,
  ): Promise<void> {
    const { times, namespaces } = this.#options;
    const parts = clusterScoped.has(name) ? [undefined] : (namespaces ?? [undefined]);
    const type = async (): Promise<ResourceType> => {
      const found = await this.discovery.find(resources[name]);
      return found ?? resources[name][0];
    };
    const run = (namespace: string | undefined): Promise<void> =>
      new Reflector<T>({
        client: this.client,
        clock: this.#deps.clock,
        times,
        selection: { namespace },
        resolve: type,
        sink: sinkOf(namespace),
      }).run(signal);
    await Promise.all(parts.map(run));
  }

  /** Owners from the nearest to the last, as far as the collections in use tell. */
  owners(object: KubernetesObject): readonly Owner[] {
    return ownerChain(object, (reference, namespace) => this.#find(reference, namespace));
  }

  /**
   * The same of an object that is known by its name only. What an autoscaler scales counts as its
   * owner; a pod that is not there (any more) has the owner that its name tells.
   */
  ownersByName({ kind, namespace = '', name }: ObjectReference): readonly Owner[] {
    const object = this.#find({ apiVersion: '', kind, name, uid: '' }, namespace);
    if (kind === 'HorizontalPodAutoscaler') {
      const target = (object as HorizontalPodAutoscaler | undefined)?.spec?.scaleTargetRef;
      return target === undefined ? [] : [{ kind: target.kind, name: target.name, uid: undefined }];
    }
    if (object !== undefined) return this.owners(object);
    if (kind !== 'Pod') return [];
    const owner = name.replace(/-[^-]+$/, '');
    for (const ownerKind of ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job']) {
      const reference = { apiVersion: '', kind: ownerKind, name: owner, uid: '' };
      const found = this.#find(reference, namespace);
      if (found === undefined) continue;
      const { uid } = found.metadata ?? {};
      return [{ kind: ownerKind, name: owner, uid }, ...this.owners(found)];
    }
    return [];
  }

  /** What people call the workload: the last owner, or the object itself. */
  workload(object: KubernetesObject, kind = 'Pod'): Owner {
    const { name = '', uid } = object.metadata ?? {};
    return this.owners(object).at(-1) ?? { kind, name, uid };
  }

  status(): ClusterStatus {
    const { access, namespaces } = this.#options;
    return {
      connected: this.#isConnected,
      server: access.server,
      source: access.source,
      context: access.context,
      version: this.#version,
      error: this.#error,
      namespaces,
      resources: this.#statuses(),
      degraded: this.degraded(),
    };
  }

  /** What is not as it should be; empty when all is well. */
  degraded(): readonly Degradation[] {
    if (!this.#isConnected && this.#error !== undefined) {
      const message = `The API server ${this.#options.access.server} does not answer: ${this.#error}`;
      return [{ resource: '', reason: 'unreachable', message }];
    }
    return this.#statuses().flatMap((status) => degradationOf(status) ?? []);
  }

  #share<T extends KubernetesObject, P>(
    key: string,
    optionsOf: () => InformerOptions<T, P>,
  ): SharedInformer<P> {
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      const { clock, metrics } = this.#deps;
      const { times } = this.#options;
      const informer = new ListWatchInformer<T, P>(optionsOf(), {
        client: this.client,
        clock,
        log: this.#log,
        metrics,
        interner: this.#interner,
        ...(times === undefined ? {} : { times }),
      }).start();
      shared = { informer, shares: 0, ending: undefined };
      this.#shared.set(key, shared);
    }
    shared.shares++;
    clearTimeout(shared.ending);
    return shareOf<P>(shared.informer as ListWatchInformer<T, P>, () => this.#release(key));
  }

  #release(key: string): void {
    const shared = this.#shared.get(key);
    if (shared === undefined || --shared.shares > 0) return;
    shared.ending = setTimeout(() => {
      this.#shared.delete(key);
      void shared.informer[Symbol.asyncDispose]();
    }, lingerMs).unref();
  }

  /** A custom resource that is not there yet is there soon after its definition. */
  #watchCrds(): void {
    if (this.#crds !== undefined) return;
    this.#crds = this.use('customresourcedefinitions');
    const changed = (): void => void this.#retryAbsent();
    this.#crds.subscribe({ add: changed, update: changed, delete: changed });
  }

  /** A definition is served some seconds after it is there: asked again until then. */
  async #retryAbsent(): Promise<void> {
    const round = ++this.#crdRounds;
    for (const waitMs of crdRetriesMs) {
      await this.#deps.clock.sleep(waitMs, this.#stopping.signal).catch(() => {});
      // A later change asks from its own time on.
      if (this.#stopping.signal.aborted || round !== this.#crdRounds) return;
      this.discovery.refresh();
      for (const { informer } of this.#shared.values()) {
        if (informer.status().state === 'absent') informer.retryNow();
      }
    }
  }

  #find({ kind, name }: OwnerReference, namespace: string): KubernetesObject | undefined {
    const resource = `${kind.toLowerCase()}s`;
    const informer = this.#shared.get(resource)?.informer;
    return informer?.store.get(namespace, name) as KubernetesObject | undefined;
  }

  #statuses(): InformerStatus[] {
    return [...this.#shared.values()]
      .map(({ informer }) => informer.status())
      .sort((a, b) => (a.resource < b.resource ? -1 : 1));
  }

  async #probe(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const { gitVersion } = await this.client.serverVersion(signal);
        if (!this.#isConnected) {
          const { server, source } = this.#options.access;
          this.#log.info('Connected to Kubernetes', { server, source, version: gitVersion });
        }
        this.#isConnected = true;
        this.#error = undefined;
        this.#version = gitVersion;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#probeFailed(error);
        failures++;
      }
      const waitMs = failures === 0 ? probeMs : backoffMs(failures - 1, probeBackoff);
      await this.#deps.clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  #probeFailed(error: unknown): void {
    // A refusal is an answer: the server is there.
    const isThere = isKubernetesError(error) && !error.isUnreachable && error.status !== 401;
    const message = describeError(error);
    if (this.#error === undefined && !isThere) {
      this.#log.warn('The Kubernetes API server does not answer', {
        server: this.#options.access.server,
        err: message,
      });
    }
    this.#isConnected = isThere;
    this.#error = isThere ? undefined : message;
  }

  #exposeMetrics(metrics: MetricsRegistry): void {
    metrics.collected(
      'nunchi_kubernetes_connected',
      'Whether the Kubernetes API server answers',
      'gauge',
      () => [{ value: this.#isConnected ? 1 : 0 }],
    );
    metrics.collected(
      'nunchi_kubernetes_objects',
      'Objects of Kubernetes that are held in memory',
      'gauge',
      () =>
        this.#statuses().map(({ resource, objects }) => ({ labels: { resource }, value: objects })),
    );
    metrics.collected(
      'nunchi_kubernetes_synced',
      'Whether objects of Kubernetes are known and watched',
      'gauge',
      () =>
        this.#statuses().map(({ resource, state }) => ({
          labels: { resource },
          value: state === 'synced' ? 1 : 0,
        })),
    );
  }
}

function shareOf<P>(informer: Informer<P>, release: () => void): SharedInformer<P> {
  const endings = new Set<() => void>();
  let isOver = false;
  return {
    store: informer.store,
    synced: informer.synced,
    settled: informer.settled,
    status: () => informer.status(),
    retryNow: () => informer.retryNow(),
    subscribe: (handlers) => {
      const end = informer.subscribe(handlers);
      endings.add(end);
      return () => {
        endings.delete(end);
        end();
      };
    },
    [Symbol.dispose]: () => {
      if (isOver) return;
      isOver = true;
      for (const end of endings) end();
      release();
    },
  };
}

function degradationOf(status: InformerStatus): Degradation | undefined {
  const { resource, state, forbiddenNamespaces: spaces, error } = status;
  const where = spaces.length === 0 ? '' : ` in ${spaces.join(', ')}`;
  switch (state) {
    case 'forbidden': {
      const message = `The account may not list and watch ${resource}${where}`;
      return { resource, reason: 'forbidden', message };
    }
    case 'absent':
      if (status.isOptional) return undefined;
      return { resource, reason: 'absent', message: `The API server does not have ${resource}` };
    case 'stale': {
      const why = error === undefined ? '' : `: ${error.message}`;
      return { resource, reason: 'stale', message: `${resource} may be out of date${why}` };
    }
    default:
      return undefined;
  }
}

/** Objects of a store that a selector fits, in one namespace or in all. */
export function* selectObjects<P extends KubernetesObject>(
  store: ObjectStore<P>,
  selector: LabelSelector | undefined,
  namespace?: string,
): Iterable<P> {
  store.addIndex('namespace', byNamespace);
  const candidates =
    namespace === undefined ? store.values() : store.byIndex('namespace', namespace);
  for (const object of candidates) {
    if (matchesSelector(selector, object.metadata?.labels)) yield object;
  }
}

const byNamespace = ({ metadata }: KubernetesObject): Iterable<string> =>
  metadata?.namespace === undefined ? [] : [metadata.namespace];

/** Objects of a namespace. */
export function inNamespace<P extends KubernetesObject>(
  store: ObjectStore<P>,
  namespace: string,
): Iterable<P> {
  store.addIndex('namespace', byNamespace);
  return store.byIndex('namespace', namespace);
}

/** Objects that an object owns, by its uid. */
export function ownedBy<P extends KubernetesObject>(
  store: ObjectStore<P>,
  uid: string,
): Iterable<P> {
  store.addIndex('owner', ({ metadata }) =>
    (metadata?.ownerReferences ?? []).map((one) => one.uid),
  );
  return store.byIndex('owner', uid);
}

/** Pods of a node. */
export function onNode(
  store: ObjectStore<ClusterObjects['pods']>,
  node: string,
): Iterable<ClusterObjects['pods']> {
  store.addIndex('node', ({ spec }) => (spec?.nodeName === undefined ? [] : [spec.nodeName]));
  return store.byIndex('node', node);
}
