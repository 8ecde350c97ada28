import { parseQuantityNano } from '#kubernetes/cluster';
import { neverRanReasons, type Trouble } from '../contract.ts';
import { lastProbe } from '../explain/probe.ts';
import type { Known } from '../explain/trouble.ts';

export type ChartUnit = 'bytes' | 'cores' | 'ratio';

export interface ChartLine {
  readonly name: string;
  /** PromQL; of several series the first is drawn. */
  readonly query: string;
}

/** Which series explain a trouble. */
export interface ChartPlan {
  readonly kind: 'memory' | 'cpu' | 'volume' | 'disk';
  readonly title: string;
  readonly unit: ChartUnit;
  /** The first one must be there, or there is no chart. */
  readonly lines: readonly ChartLine[];
  /** What the first line must not reach: known, or asked for. */
  readonly limit?:
    | { readonly label: string; readonly value: number }
    | { readonly label: string; readonly query: string }
    | undefined;
  /** How far back it looks, ms. */
  readonly rangeMs: number;
}

const hourMs = 3_600_000;

/** The chart that explains it; undefined: none does. */
export function chartPlan(trouble: Trouble, known: Known): ChartPlan | undefined {
  const { reason, subject, message } = trouble;
  if (subject.kind === 'Pod') {
    if (reason === 'OOMKilled') return containerMemory(trouble, known);
    if (reason === 'Evicted') return /memory/i.test(message) ? podMemory(trouble) : undefined;
    const probe = lastProbe(known.events);
    // A container that gets no CPU answers nobody.
    return probe !== undefined && probe.code === 'late' ? containerCpu(trouble, known) : undefined;
  }
  switch (reason) {
    case 'MemoryPressure':
      return nodeMemory(subject.name);
    case 'DiskPressure':
      return nodeDisk(subject.name);
    case 'VolumeUsageHigh':
      return volume(trouble);
    case 'HPAMaxedOut':
      return autoscaler(trouble);
    default:
      return undefined;
  }
}

/** Pods that wait for a place have not run either. */
const waitingReasons = new Set(['Unschedulable', 'PodPending']);

/** Where nothing explains it better: what the pod or the node had. */
export function usualPlan(trouble: Trouble, known: Known): ChartPlan | undefined {
  const { subject, container, reason } = trouble;
  if (neverRanReasons.has(reason) || waitingReasons.has(reason)) return undefined;
  if (subject.kind === 'Node') return nodeMemory(subject.name);
  if (subject.kind !== 'Pod') return undefined;
  return container === undefined ? podMemory(trouble) : containerMemory(trouble, known);
}

const text = (value: string): string => JSON.stringify(value);

const ofContainer = ({ subject, container = '' }: Trouble): string =>
  `namespace=${text(subject.namespace)},pod=${text(subject.name)},container=${text(container)}`;

/** Bytes or cores; undefined: it cannot be read. */
function amount(quantity: string | undefined): number | undefined {
  if (quantity === undefined) return undefined;
  try {
    return Number(parseQuantityNano(quantity)) / 1e9;
  } catch {
    return undefined;
  }
}

function limitOf(trouble: Trouble, known: Known, resource: 'memory' | 'cpu'): ChartPlan['limit'] {
  const written = known.container?.[resource === 'memory' ? 'memoryLimit' : 'cpuLimit'];
  const value = amount(written);
  const label = 'limit';
  if (value !== undefined) return { label, value };
  // The pod is known, and has none.
  if (known.container !== undefined) return undefined;
  const of = ofContainer(trouble);
  return { label, query: `max(kube_pod_container_resource_limits{${of},resource="${resource}"})` };
}

const containerMemory = (trouble: Trouble, known: Known): ChartPlan => ({
  kind: 'memory',
  title: `Memory of ${trouble.container ?? trouble.subject.name}`,
  unit: 'bytes',
  lines: [
    {
      name: 'working set',
      query: `max(container_memory_working_set_bytes{${ofContainer(trouble)}})`,
    },
  ],
  limit: limitOf(trouble, known, 'memory'),
  rangeMs: hourMs,
});

const containerCpu = (trouble: Trouble, known: Known): ChartPlan => ({
  kind: 'cpu',
  title: `CPU of ${trouble.container ?? trouble.subject.name}`,
  unit: 'cores',
  lines: [
    {
      name: 'used',
      query: `max(rate(container_cpu_usage_seconds_total{${ofContainer(trouble)}}[2m]))`,
    },
  ],
  limit: limitOf(trouble, known, 'cpu'),
  rangeMs: hourMs,
});

function podMemory({ subject }: Trouble): ChartPlan {
  const of = `namespace=${text(subject.namespace)},pod=${text(subject.name)}`;
  const containers = `container_memory_working_set_bytes{${of},container!="",container!="POD"}`;
  return {
    kind: 'memory',
    title: `Memory of ${subject.name}`,
    unit: 'bytes',
    lines: [{ name: 'working set', query: `sum(max by (container) (${containers}))` }],
    limit: {
      label: 'requested',
      query: `sum(max by (container) (kube_pod_container_resource_requests{${of},resource="memory"}))`,
    },
    rangeMs: hourMs,
  };
}

const nodeMemory = (node: string): ChartPlan => ({
  kind: 'memory',
  title: `Memory of ${node}`,
  unit: 'bytes',
  lines: [
    {
      name: 'working set',
      query: `max(node_memory_working_set_bytes{node=${text(node)}}) or max(container_memory_working_set_bytes{node=${text(node)},id="/"})`,
    },
  ],
  limit: {
    label: 'allocatable',
    query: `max(kube_node_status_allocatable{node=${text(node)},resource="memory"})`,
  },
  rangeMs: hourMs,
});

function nodeDisk(node: string): ChartPlan {
  const of = `node=${text(node)},mountpoint="/"`;
  return {
    kind: 'disk',
    title: `Disk of ${node}`,
    unit: 'ratio',
    lines: [
      {
        name: 'used',
        query: `1 - min(node_filesystem_avail_bytes{${of}} / node_filesystem_size_bytes{${of}})`,
      },
    ],
    limit: { label: 'full', value: 1 },
    rangeMs: 6 * hourMs,
  };
}

function volume({ subject }: Trouble): ChartPlan {
  const of = `namespace=${text(subject.namespace)},persistentvolumeclaim=${text(subject.name)}`;
  return {
    kind: 'volume',
    title: `Volume ${subject.name}`,
    unit: 'bytes',
    lines: [{ name: 'used', query: `max(kubelet_volume_stats_used_bytes{${of}})` }],
    limit: { label: 'capacity', query: `max(kubelet_volume_stats_capacity_bytes{${of}})` },
    rangeMs: 24 * hourMs,
  };
}

/** By the names of the pods: a Deployment and its autoscaler are called alike as a rule. */
function autoscaler({ subject }: Trouble): ChartPlan {
  const name = subject.name.replace(/-hpa$/, '').replace(/[^\w-]/g, '.');
  const of = `namespace=${text(subject.namespace)},pod=~${text(`${name}-.*`)},container!="",container!="POD"`;
  const requests = `namespace=${text(subject.namespace)},pod=~${text(`${name}-.*`)},resource="cpu"`;
  return {
    kind: 'cpu',
    title: `CPU of ${subject.name}`,
    unit: 'cores',
    lines: [
      {
        name: 'used',
        query: `sum(max by (pod, container) (rate(container_cpu_usage_seconds_total{${of}}[2m])))`,
      },
    ],
    limit: {
      label: 'requested',
      query: `sum(max by (pod, container) (kube_pod_container_resource_requests{${requests}}))`,
    },
    rangeMs: hourMs,
  };
}
