import {
  type Cluster,
  type ClusterObjects,
  controllerOf,
  type SharedInformer,
} from '#kubernetes/cluster';
import type { EventType } from './contract.ts';
import type { Values } from './formulas.ts';

/** Collections that only enhanced observability looks at. */
type Name =
  | 'deployments'
  | 'statefulsets'
  | 'replicasets'
  | 'daemonsets'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'ingresses';

const names: readonly Name[] = [
  'deployments',
  'statefulsets',
  'replicasets',
  'daemonsets',
  'persistentvolumeclaims',
  'persistentvolumes',
  'ingresses',
];

type Objects = { readonly [N in Name]: Iterable<ClusterObjects[N]> };

export interface ObjectsView {
  readonly workloads: readonly {
    readonly type: EventType;
    readonly namespace: string;
    readonly name: string;
    readonly values: Values;
  }[];
  /** Persistent volumes. */
  readonly volumes: number;
  readonly namespaces: ReadonlyMap<string, { ingresses: number; claims: Map<string, number> }>;
}

export class ObjectsWatch implements Disposable {
  readonly #parts = new DisposableStack();
  readonly #shares = new Map<Name, SharedInformer<unknown>>();

  constructor(cluster: Cluster) {
    for (const name of names) {
      const share = this.#parts.use(cluster.use(name)) as SharedInformer<unknown>;
      this.#shares.set(name, share);
    }
  }

  [Symbol.dispose](): void {
    this.#parts[Symbol.dispose]();
  }

  view(): ObjectsView {
    const entries = names.map((name) => [name, this.#shares.get(name)?.store.values() ?? []]);
    return objectsView(Object.fromEntries(entries) as Objects);
  }
}

export function objectsView(objects: Objects): ObjectsView {
  const workloads: ObjectsView['workloads'][number][] = [];
  const add = (
    type: EventType,
    { metadata }: Pick<ClusterObjects['deployments'], 'metadata'>,
    values: Values,
  ): void => {
    // A ReplicaSet of a Deployment is part of that.
    if (metadata === undefined || controllerOf({ metadata }) !== undefined) return;
    workloads.push({
      type,
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      values,
    });
  };
  for (const one of objects.deployments) add('ClusterDeployment', one, replicaValues(one));
  for (const one of objects.statefulsets) add('ClusterStatefulSet', one, replicaValues(one));
  for (const one of objects.replicasets) add('ClusterReplicaSet', one, replicaValues(one));
  for (const one of objects.daemonsets) {
    add('ClusterDaemonSet', one, {
      daemonset_status_number_available: one.status?.numberAvailable ?? 0,
      daemonset_status_number_unavailable: one.status?.numberUnavailable ?? 0,
    });
  }
  const namespaces = new Map<string, { ingresses: number; claims: Map<string, number> }>();
  const of = (name = ''): { ingresses: number; claims: Map<string, number> } => {
    const found = namespaces.get(name) ?? { ingresses: 0, claims: new Map<string, number>() };
    namespaces.set(name, found);
    return found;
  };
  for (const { metadata } of objects.ingresses) of(metadata?.namespace).ingresses++;
  for (const { metadata, status } of objects.persistentvolumeclaims) {
    const { claims } = of(metadata?.namespace);
    const phase = status?.phase ?? 'Pending';
    claims.set(phase, (claims.get(phase) ?? 0) + 1);
  }
  return { workloads, volumes: [...objects.persistentvolumes].length, namespaces };
}

function replicaValues({
  spec,
  status,
}: {
  readonly spec?: { replicas?: number };
  readonly status?: {
    replicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    unavailableReplicas?: number;
  };
}): Values {
  const desired = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  // StatefulSets of older servers do not tell which are available.
  const available = status?.availableReplicas ?? ready;
  return {
    replicas_desired: desired,
    replicas_ready: ready,
    status_replicas_available: available,
    status_replicas_unavailable: status?.unavailableReplicas ?? Math.max(0, desired - available),
  };
}

/** Of one namespace; of one that has nothing there is nothing of, which is told. */
export function namespaceValues(view: ObjectsView | undefined, name: string): Values {
  if (view === undefined) return {};
  const { ingresses = 0, claims = new Map<string, number>() } = view.namespaces.get(name) ?? {};
  let count = 0;
  for (const one of claims.values()) count += one;
  return {
    namespace_ingress_count: ingresses,
    persistent_volume_claim_count: count,
    persistent_volume_claim_status_bound: claims.get('Bound') ?? 0,
    persistent_volume_claim_status_lost: claims.get('Lost') ?? 0,
    persistent_volume_claim_status_pending: claims.get('Pending') ?? 0,
  };
}
