import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import {
  type Cluster,
  type ClusterObjects,
  containerResources,
  type Owner,
  podResources,
  quantityThousandths,
  quantityUnits,
  type SharedInformer,
} from '#kubernetes/cluster';
import type { ContainerAmounts, NodeAmounts } from './formulas.ts';
import { podNameOf, workloadOf } from './names.ts';
import { type ObjectsView, ObjectsWatch } from './objects-view.ts';

/** A pod with what the events need of it. */
export interface PodView {
  readonly pod: Pod;
  readonly namespace: string;
  readonly fullName: string;
  /** As Container Insights calls it. */
  readonly name: string;
  readonly owner: Owner | undefined;
  readonly node: string;
  /** Its services; events name the first. */
  readonly services: readonly string[];
  readonly containers: readonly (ContainerAmounts & { readonly name: string })[];
}

export interface NodeView {
  readonly node: Node;
  readonly name: string;
  readonly ip: string | undefined;
  readonly amounts: NodeAmounts;
  readonly isReady: boolean;
  /** That have not ended. */
  readonly pods: readonly PodView[];
  readonly reserved: { readonly cpuCores: number; readonly memoryBytes: number };
}

export interface ServiceView {
  readonly namespace: string;
  readonly name: string;
  /** Ready addresses. */
  readonly running: number;
}

/** The cluster at one moment, in the terms of Container Insights. */
export interface ClusterView {
  readonly nodes: readonly NodeView[];
  readonly services: readonly ServiceView[];
  /** Names, with pods that run. */
  readonly namespaces: ReadonlyMap<string, number>;
  /** What enhanced observability adds; undefined without it. */
  readonly more: ObjectsView | undefined;
}

/** The mirrors that it is made of. */
export class ClusterWatch implements Disposable {
  readonly #parts = new DisposableStack();
  readonly #cluster: Cluster;
  readonly #more: ObjectsWatch | undefined;
  readonly #nodes: SharedInformer<ClusterObjects['nodes']>;
  readonly #pods: SharedInformer<ClusterObjects['pods']>;
  readonly #slices: SharedInformer<ClusterObjects['endpointslices']>;
  readonly #namespaces: SharedInformer<ClusterObjects['namespaces']>;

  constructor(cluster: Cluster, isEnhanced: boolean) {
    this.#cluster = cluster;
    this.#more = isEnhanced ? this.#parts.use(new ObjectsWatch(cluster)) : undefined;
    this.#nodes = this.#parts.use(cluster.use('nodes'));
    this.#pods = this.#parts.use(cluster.use('pods'));
    this.#slices = this.#parts.use(cluster.use('endpointslices'));
    this.#namespaces = this.#parts.use(cluster.use('namespaces'));
    // For the owners of pods.
    this.#parts.use(cluster.use('replicasets'));
  }

  [Symbol.dispose](): void {
    this.#parts[Symbol.dispose]();
  }

  /** Nodes and pods were listed; while the API server does not answer, what it said last counts. */
  isReady(): boolean {
    return [this.#nodes, this.#pods].every((share) => {
      const { state } = share.status();
      return state === 'synced' || state === 'stale';
    });
  }

  view(): ClusterView {
    const { byPod, services } = readSlices(this.#slices.store.values());
    const namespaces = new Map<string, number>();
    for (const { metadata } of this.#namespaces.store.values()) {
      namespaces.set(metadata?.name ?? '', 0);
    }
    const byNode = new Map<string, PodView[]>();
    for (const pod of this.#pods.store.values()) {
      const namespace = pod.metadata?.namespace ?? '';
      const { phase } = pod.status ?? {};
      if (phase === 'Running') namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1);
      const node = pod.spec?.nodeName;
      if (node === undefined || phase === 'Succeeded' || phase === 'Failed') continue;
      const view = this.#podView(pod, node, byPod);
      const known = byNode.get(node);
      if (known === undefined) byNode.set(node, [view]);
      else known.push(view);
    }
    const nodes = [...this.#nodes.store.values()]
      .map((node) => nodeView(node, byNode.get(node.metadata?.name ?? '') ?? []))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return { nodes, services, namespaces, more: this.#more?.view() };
  }

  #podView(pod: Pod, node: string, byPod: ReadonlyMap<string, string[]>): PodView {
    const { namespace = '', name = '' } = pod.metadata ?? {};
    const owners = this.#cluster.owners(pod);
    const containers = (pod.spec?.containers ?? []).map((container) => {
      const requests = containerResources(container, 'requests');
      const limits = containerResources(container, 'limits');
      return {
        name: container.name,
        cpuRequestCores: requests.cpuCores,
        cpuLimitCores: limits.cpuCores,
        memoryRequestBytes: requests.memoryBytes,
        memoryLimitBytes: limits.memoryBytes,
      };
    });
    return {
      pod,
      namespace,
      fullName: name,
      name: podNameOf(pod, owners),
      owner: workloadOf(owners),
      node,
      services: byPod.get(`${namespace}/${name}`) ?? [],
      containers,
    };
  }
}

function nodeView(node: Node, pods: readonly PodView[]): NodeView {
  const { metadata, status } = node;
  const cpuCores = amountOf(status?.capacity?.['cpu'], quantityThousandths);
  const memoryBytes = amountOf(status?.capacity?.['memory'], quantityUnits);
  let reservedCores = 0;
  let reservedBytes = 0;
  for (const { pod } of pods) {
    const { requests } = podResources(pod);
    reservedCores += requests.cpuCores ?? 0;
    reservedBytes += requests.memoryBytes ?? 0;
  }
  return {
    node,
    name: metadata?.name ?? '',
    ip: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
    amounts: { cpuCores, memoryBytes },
    isReady:
      status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    pods,
    reserved: {
      cpuCores: Math.min(reservedCores, cpuCores),
      memoryBytes: Math.min(reservedBytes, memoryBytes),
    },
  };
}

export function amountOf(text: unknown, read: (text: string) => number): number {
  try {
    return text === undefined ? 0 : read(String(text));
  } catch {
    return 0;
  }
}

const serviceLabel = 'kubernetes.io/service-name';

/** Services of each pod as `namespace/pod`, and how many of their addresses are ready. */
function readSlices(slices: Iterable<ClusterObjects['endpointslices']>): {
  readonly byPod: ReadonlyMap<string, string[]>;
  readonly services: readonly ServiceView[];
} {
  const byPod = new Map<string, string[]>();
  const ready = new Map<string, { namespace: string; name: string; addresses: Set<string> }>();
  for (const { metadata, endpoints } of slices) {
    const name = metadata?.labels?.[serviceLabel];
    const namespace = metadata?.namespace ?? '';
    if (name === undefined) continue;
    const key = `${namespace}/${name}`;
    const service = ready.get(key) ?? { namespace, name, addresses: new Set<string>() };
    ready.set(key, service);
    for (const { addresses, conditions, targetRef } of endpoints ?? []) {
      // Slices of both address families tell of the same pods.
      const target = targetRef?.name ?? addresses?.[0] ?? '';
      if (conditions?.ready !== false) service.addresses.add(target);
      if (targetRef?.kind !== 'Pod') continue;
      const pod = `${targetRef.namespace ?? namespace}/${targetRef.name}`;
      const known = byPod.get(pod);
      if (known === undefined) byPod.set(pod, [name]);
      else if (!known.includes(name)) known.push(name);
    }
  }
  for (const names of byPod.values()) names.sort();
  const services = [...ready.values()].map(({ namespace, name, addresses }) => ({
    namespace,
    name,
    running: addresses.size,
  }));
  return { byPod, services };
}
