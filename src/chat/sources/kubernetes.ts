import type { Event, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { Ingress } from 'kubernetes-types/networking/v1.d.ts';
import { type Clock, describeError, type Logger } from '#base';
import type { KubernetesObject } from '#kubernetes/client';
import { type Cluster, type SharedInformer, timeMsOf } from '#kubernetes/cluster';
import type { SourceConfig } from '../config/contract.ts';
import type { SourceEvent, SourceListener } from './contract.ts';
import { resourceOf, type WatchedKind, watchedKind } from './kinds.ts';
import { type ChatEvent, type EventLayout, eventData, eventMessage, layoutOf } from './layout.ts';
import { ingressRecommendations, podRecommendations, type Referred } from './recommendations.ts';
import { type EventObject, type SourceTest, sourceTest } from './rules.ts';

export interface KubernetesSourcesDeps {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Logger;
  readonly clusterName: string;
}

interface Source {
  readonly name: string;
  readonly config: NonNullable<SourceConfig['kubernetes']>;
  readonly test: SourceTest;
  readonly layout: EventLayout;
}

const ofObjects: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'all']);

/** Made within one second of the start, as the API server counts them, is new. */
const toleranceMs = 1000;

/** Objects and events of the cluster, told by the sources that want them, from now on. */
export class KubernetesSources implements Disposable {
  readonly #deps: KubernetesSourcesDeps;
  readonly #sources: readonly Source[];
  readonly #listener: SourceListener;
  readonly #ends: (() => void)[] = [];
  readonly #mirrors = new Map<string, SharedInformer<KubernetesObject>>();
  readonly #settled = new Set<string>();
  #sinceMs = 0;

  constructor(
    sources: readonly SourceConfig[],
    deps: KubernetesSourcesDeps,
    listener: SourceListener,
  ) {
    this.#deps = deps;
    this.#listener = listener;
    this.#sources = sources.flatMap(({ name, kubernetes: config }) =>
      config === undefined
        ? []
        : [{ name, config, test: sourceTest(config), layout: layoutOf(name, config, deps) }],
    );
  }

  /** Follows events, and the objects that these sources tell of. */
  start(used: (name: string) => boolean): void {
    this.#sinceMs = this.#deps.clock.nowMs();
    this.follow(used);
    const events = this.#deps.cluster.use('events');
    this.#ends.push(() => events[Symbol.dispose]());
    this.#ends.push(events.subscribe({ add: (event) => this.#event(event) }));
  }

  /** Follows the objects of further sources: somebody has switched them on. */
  follow(used: (name: string) => boolean): void {
    for (const { name, config } of this.#sources) {
      if (!used(name)) continue;
      for (const { type, event } of config.resources) {
        // Errors are events by themselves; what is mirrored anyway tells of labels and annotations.
        const isMirrored = watchedKind(type)?.known !== undefined;
        if (isMirrored || (event ?? config.event).types.some((one) => ofObjects.has(one)))
          this.#mirror(type);
      }
      const { pods, ingresses } = recommended(config);
      if (pods) this.#mirror('v1/pods');
      if (!ingresses) continue;
      this.#mirror('networking.k8s.io/v1/ingresses');
      if (config.recommendations.backendServiceValid) this.#mirror('v1/services');
      if (config.recommendations.tlsSecretValid) this.#mirror('v1/secrets');
    }
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
    this.#ends.length = 0;
  }

  #mirror(resource: string): void {
    if (this.#mirrors.has(resource)) return;
    const kind = watchedKind(resource);
    if (kind === undefined) return;
    const { cluster, clock } = this.#deps;
    const { known, group, version, plural } = kind;
    const mirror =
      known === undefined
        ? cluster.useCustom<KubernetesObject>({ group, resource: plural, versions: [version] })
        : (cluster.use(known) as SharedInformer<KubernetesObject>);
    this.#mirrors.set(resource, mirror);
    this.#ends.push(() => mirror[Symbol.dispose]());
    const followedMs = clock.nowMs();
    void mirror.settled.then(() => this.#settled.add(resource)).catch(() => {});
    this.#ends.push(
      mirror.subscribe({
        add: (object) => {
          // What is listed was there before; a list after a gap brings what is new.
          const createdMs = timeMsOf(object.metadata?.creationTimestamp) ?? 0;
          if (this.#settled.has(resource) && createdMs >= followedMs - toleranceMs)
            this.#object(kind, object, 'create');
        },
        update: (object, previous) => this.#object(kind, object, 'update', previous),
        delete: (object) => this.#object(kind, object, 'delete'),
      }),
    );
  }

  #object(
    { resource, apiVersion, kind: named }: WatchedKind,
    object: KubernetesObject,
    type: 'create' | 'update' | 'delete',
    previous?: KubernetesObject,
  ): void {
    const { metadata } = object;
    const kind = named ?? (object as { readonly kind?: string }).kind ?? resource;
    const event: ChatEvent = {
      ...{ apiVersion, kind, resource, type, reason: '', action: '' },
      ...{ name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' },
      ...{ messages: [], recommendations: [], timeMs: this.#deps.clock.nowMs(), count: 1 },
    };
    this.#tell(
      event,
      { ...objectOf(object), ...(previous && { change: [previous, object] }) },
      object,
    );
  }

  /** New ones only: that the same has happened again is no news of its own. */
  #event(event: Event): void {
    const atMs =
      timeMsOf(event.lastTimestamp) ??
      timeMsOf(event.eventTime) ??
      timeMsOf(event.firstTimestamp) ??
      timeMsOf(event.metadata.creationTimestamp) ??
      0;
    if (atMs < this.#sinceMs - toleranceMs) return;
    const { apiVersion = '', kind = '', namespace = '', name = '' } = event.involvedObject;
    if (kind === '') return;
    const resource = resourceOf(apiVersion, kind);
    const object = this.#mirrors
      .get(resource)
      ?.store.get(namespace === '' ? undefined : namespace, name);
    this.#tell(
      {
        ...{ apiVersion, kind, resource, name, namespace },
        type: event.type === 'Warning' || event.reason === 'NodeNotReady' ? 'error' : 'info',
        reason: event.reason ?? '',
        action: event.action ?? '',
        messages: event.message ? [event.message] : [],
        recommendations: [],
        timeMs: atMs,
        count: event.count ?? 1,
      },
      object === undefined ? { labels: {}, annotations: {} } : objectOf(object),
      undefined,
    );
  }

  #tell(event: ChatEvent, object: EventObject, created: KubernetesObject | undefined): void {
    const told = new Map<string, SourceEvent>();
    for (const { name, config, test, layout } of this.#sources) {
      try {
        const recommendations =
          event.type === 'create' && created !== undefined
            ? this.#recommendations(event, created, config.recommendations)
            : [];
        const one = test({ ...event, recommendations }, object);
        if (one === undefined) continue;
        const message = eventMessage(one, layout);
        told.set(name, { message, data: eventData(one, layout.clusterName), timeMs: one.timeMs });
      } catch (error) {
        this.#deps.log.error('A source cannot tell of an event', {
          source: name,
          reason: describeError(error),
        });
      }
    }
    if (told.size > 0) this.#listener(told);
  }

  #recommendations(
    { kind, resource }: ChatEvent,
    object: KubernetesObject,
    wanted: Parameters<typeof podRecommendations>[1],
  ): string[] {
    if (resource === 'v1/pods') return podRecommendations(object as Pod, wanted);
    if (kind !== 'Ingress') return [];
    const find = (type: string) => (namespace: string, name: string) =>
      this.#mirrors.get(type)?.store.get(namespace, name);
    const referred: Referred = {
      service: (namespace, name) => find('v1/services')(namespace, name) as Service | undefined,
      hasSecret: (namespace, name) => find('v1/secrets')(namespace, name) !== undefined,
      // What may not be read is not missing.
      knowsServices: this.#settled.has('v1/services'),
      knowsSecrets: this.#settled.has('v1/secrets'),
    };
    return ingressRecommendations(object as Ingress, wanted, referred);
  }
}

/** Which kinds a source of recommendations alone looks at. */
function recommended({ resources, recommendations }: Source['config']): {
  readonly pods: boolean;
  readonly ingresses: boolean;
} {
  const { noLatestImageTag, labelsSet, backendServiceValid, tlsSecretValid } = recommendations;
  const listed = (type: string): boolean =>
    resources.length === 0 || resources.some((one) => one.type === type);
  return {
    pods: (noLatestImageTag || labelsSet) && listed('v1/pods'),
    ingresses: (backendServiceValid || tlsSecretValid) && listed('networking.k8s.io/v1/ingresses'),
  };
}

const objectOf = ({ metadata }: KubernetesObject): EventObject => ({
  labels: metadata?.labels ?? {},
  annotations: metadata?.annotations ?? {},
});
