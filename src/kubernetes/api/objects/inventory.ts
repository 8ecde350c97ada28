import type { Clock } from '#base';
import type { ResourceName } from '#kubernetes/client';
import type { Cluster, ClusterObjects, SharedInformer } from '#kubernetes/cluster';

/** What the pages show. State metrics mirror the same collections: they are held once. */
export type InventoryName = Extract<
  ResourceName,
  | 'pods'
  | 'nodes'
  | 'namespaces'
  | 'deployments'
  | 'replicasets'
  | 'statefulsets'
  | 'daemonsets'
  | 'jobs'
  | 'cronjobs'
  | 'replicationcontrollers'
  | 'horizontalpodautoscalers'
  | 'persistentvolumeclaims'
>;

const wanted: readonly InventoryName[] = [
  'pods',
  'nodes',
  'namespaces',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'replicationcontrollers',
  'horizontalpodautoscalers',
  'persistentvolumeclaims',
];

/** The first answer waits so long for collections that are still being listed. */
const settleMs = 5000;

/** The collections that the pages of objects read, mirrored from the first time that somebody asks. */
export class Inventory implements Disposable {
  readonly cluster: Cluster;
  readonly #clock: Clock;
  readonly #shares = new Map<InventoryName, SharedInformer<unknown>>();

  constructor(cluster: Cluster, clock: Clock) {
    this.cluster = cluster;
    this.#clock = clock;
  }

  [Symbol.dispose](): void {
    for (const share of this.#shares.values()) share[Symbol.dispose]();
    this.#shares.clear();
  }

  /** Resolves when all is listed or refused, or after some seconds. */
  async settled(signal: AbortSignal): Promise<void> {
    const shares = wanted.map((name) => this.#share(name).settled);
    await Promise.race([Promise.all(shares), this.#clock.sleep(settleMs, signal)]);
  }

  objects<N extends InventoryName>(name: N): Iterable<ClusterObjects[N]> {
    return this.#share(name).store.values();
  }

  /** What is not complete, in words. */
  warnings(): string[] {
    const degraded = this.cluster.degraded();
    const ours = degraded.filter(
      ({ resource }) =>
        resource === '' || wanted.includes((resource.split('.')[0] ?? '') as InventoryName),
    );
    const known = new Set(ours.map(({ message }) => message));
    for (const [name, share] of this.#shares) {
      if (share.status().state === 'syncing') known.add(`${name} are still being listed`);
    }
    return [...known];
  }

  #share<N extends InventoryName>(name: N): SharedInformer<ClusterObjects[N]> {
    const known = this.#shares.get(name);
    if (known !== undefined) return known as SharedInformer<ClusterObjects[N]>;
    const share = this.cluster.use(name);
    this.#shares.set(name, share as SharedInformer<unknown>);
    return share;
  }
}
