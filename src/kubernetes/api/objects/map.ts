import type { Snapshot } from './snapshot.ts';
import type { ClusterMap, MapNode, MapPod, PodRow } from './wire.ts';

/** More tiles than these no picture shows. */
const maxMapPods = 30_000;

/** Nodes with their pods, as few bytes for each as a picture needs. */
export function mapOf({ nodes, pods, usageAt, warnings }: Snapshot): ClusterMap {
  const byNode = new Map<string, MapPod[]>();
  const unscheduled: MapPod[] = [];
  for (const pod of pods.slice(0, maxMapPods)) {
    // It holds nothing of its node any more; one that failed is still to be seen.
    if (pod.phase === 'Succeeded') continue;
    const tile = tileOf(pod);
    if (pod.node === undefined) unscheduled.push(tile);
    else {
      const list = byNode.get(pod.node);
      if (list === undefined) byNode.set(pod.node, [tile]);
      else list.push(tile);
    }
  }
  const known = nodes.map(({ name, health, allocatable, cpuCores, memoryBytes }): MapNode => {
    const own = byNode.get(name) ?? [];
    byNode.delete(name);
    return {
      name,
      health,
      cpuRatio: ratio(cpuCores, allocatable.cpuCores),
      memoryRatio: ratio(memoryBytes, allocatable.memoryBytes),
      pods: own.sort(byName),
    };
  });
  // Nodes that the account may not read, or that are gone while their pods are not.
  for (const [name, own] of byNode) {
    known.push({ name, health: 'progressing', pods: own.sort(byName) });
  }
  known.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    nodes: known,
    unscheduled,
    left: Math.max(0, pods.length - maxMapPods),
    usageAt,
    warnings: [...warnings],
  };
}

function tileOf(pod: PodRow): MapPod {
  const { namespace, name, status, health } = pod;
  return {
    namespace,
    name,
    status,
    health,
    cpu: ratio(pod.cpuCores, pod.cpuLimitCores ?? pod.cpuRequestCores),
    memory: ratio(pod.memoryBytes, pod.memoryLimitBytes ?? pod.memoryRequestBytes),
  };
}

const byName = (a: MapPod, b: MapPod): number =>
  a.namespace === b.namespace ? (a.name < b.name ? -1 : 1) : a.namespace < b.namespace ? -1 : 1;

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole === 0) return undefined;
  return Math.round((part / whole) * 1000) / 1000;
}
