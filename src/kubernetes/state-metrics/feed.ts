import type { ResourceName } from '#kubernetes/client';
import type { Cluster, SharedInformer } from '#kubernetes/cluster';
import type { KubernetesObject } from './contract.ts';
import type { StateMetrics } from './registry.ts';
import type { WatchCounts } from './self.ts';

/** What goes on between a cluster and a registry. */
export interface Feed extends Disposable {
  /**
   * Whether every resource has been listed, or is not there for us (forbidden, absent). An API server
   * that does not answer is waited for.
   */
  isReady(): boolean;
  watches(): readonly WatchCounts[];
}

/** Keeps a registry as the cluster is, for as long as it is not disposed of. */
export function feedStateMetrics(cluster: Pick<Cluster, 'use'>, registry: StateMetrics): Feed {
  let isOver = false;
  const listFailures = new Map<string, number>();
  const shares = new Map<string, SharedInformer<KubernetesObject>>();
  for (const name of registry.tables.keys()) {
    // The tables have the names of the API, as the cluster has.
    const share = cluster.use(name as ResourceName) as SharedInformer<KubernetesObject>;
    shares.set(name, share);
    const put = (object: KubernetesObject): void => registry.upsert(name, object);
    share.subscribe({
      add: put,
      update: put,
      delete: ({ metadata }) => registry.remove(name, metadata?.uid ?? ''),
    });
  }
  return {
    isReady: () => [...shares.values()].every((share) => share.status().state !== 'syncing'),
    watches: () =>
      [...shares].map(([resource, share]) => {
        const { lists, watches, failures, state } = share.status();
        // What fails before there was a list is a list; known as of the last time that somebody asked.
        const isListed = state === 'synced' || state === 'stale';
        if (!isListed) listFailures.set(resource, failures);
        const listsFailed = listFailures.get(resource) ?? 0;
        return {
          resource,
          listed: lists,
          listsFailed,
          watched: watches,
          watchesFailed: failures - listsFailed,
        };
      }),
    [Symbol.dispose]: () => {
      if (isOver) return;
      isOver = true;
      for (const share of shares.values()) share[Symbol.dispose]();
    },
  };
}
