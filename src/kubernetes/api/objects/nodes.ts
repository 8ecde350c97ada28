import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { quantityThousandths, quantityUnits, timeMsOf } from '#kubernetes/cluster';
import type { NodeUsage } from '#kubernetes/usage';
import type { Health, NodeRow, PodRow, Resources } from './wire.ts';

const roleLabel = 'node-role.kubernetes.io/';
/** Conditions that are bad news when they are true. */
const pressures: ReadonlySet<string> = new Set([
  'MemoryPressure',
  'DiskPressure',
  'PIDPressure',
  'NetworkUnavailable',
]);

/** A node; its pods are added afterwards. */
export function nodeRow(node: Node, usage: NodeUsage | undefined): NodeRow {
  const { metadata = {}, spec, status } = node;
  const labels: Readonly<Record<string, string>> = metadata.labels ?? {};
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  const problems = problemsOf(node, ready);
  const unschedulable = spec?.unschedulable ?? false;
  const health: Health =
    problems.length > 0 ? 'degraded' : unschedulable ? 'progressing' : 'healthy';
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    health,
    ready,
    unschedulable,
    problems,
    roles: rolesOf(labels),
    version: status?.nodeInfo?.kubeletVersion ?? '',
    os: status?.nodeInfo?.osImage ?? '',
    architecture: status?.nodeInfo?.architecture ?? '',
    instanceType:
      labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'],
    zone: labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'],
    ip: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
    createdAt: timeMsOf(metadata.creationTimestamp) ?? 0,
    taints: spec?.taints?.length ?? 0,
    capacity: resourcesOf(status?.capacity),
    allocatable: resourcesOf(status?.allocatable),
    cpuRequestCores: 0,
    cpuLimitCores: 0,
    memoryRequestBytes: 0,
    memoryLimitBytes: 0,
    pods: 0,
    cpuCores: usage?.usage.cpuCores,
    memoryBytes: usage?.usage.memoryBytes,
  };
}

/** Pods that have ended hold nothing any more. */
export function addPodToNode(row: NodeRow, pod: PodRow): void {
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return;
  row.pods++;
  row.cpuRequestCores += pod.cpuRequestCores ?? 0;
  row.cpuLimitCores += pod.cpuLimitCores ?? 0;
  row.memoryRequestBytes += pod.memoryRequestBytes ?? 0;
  row.memoryLimitBytes += pod.memoryLimitBytes ?? 0;
}

function problemsOf({ status }: Node, ready: boolean): string[] {
  const bad = (status?.conditions ?? []).flatMap(({ type, status: value }) =>
    pressures.has(type) && value === 'True' ? [type] : [],
  );
  return ready ? bad : ['NotReady', ...bad];
}

function rolesOf(labels: Readonly<Record<string, string>>): string[] {
  const roles = Object.keys(labels).flatMap((key) =>
    key.startsWith(roleLabel) ? [key.slice(roleLabel.length)] : [],
  );
  const old = labels['kubernetes.io/role'];
  return [...new Set(old === undefined ? roles : [...roles, old])].sort();
}

function resourcesOf(amounts: Readonly<Record<string, unknown>> = {}): Resources {
  const read = (name: string, parse: (text: string) => number): number => {
    const text = amounts[name];
    try {
      return text === undefined ? 0 : parse(String(text));
    } catch {
      return 0;
    }
  };
  return {
    cpuCores: read('cpu', quantityThousandths),
    memoryBytes: read('memory', quantityUnits),
    pods: read('pods', quantityUnits),
    ephemeralStorageBytes:
      amounts['ephemeral-storage'] === undefined
        ? undefined
        : read('ephemeral-storage', quantityUnits),
  };
}
