import type { Container, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { podResources, timeMsOf } from '#kubernetes/cluster';
import type { PodUsage } from '#kubernetes/usage';
import type { ContainerRow, Health, ObjectName, PodRow } from './wire.ts';

/** One pod as tables show it. */
export function podRow(pod: Pod, workload: ObjectName, usage: PodUsage | undefined): PodRow {
  const { metadata = {}, spec, status } = pod;
  const containers = containerRows(pod);
  const counted = containers.filter(({ type }) => type === 'container' || type === 'sidecar');
  // Until a pod has begun, what is started anew are its init containers.
  const started = hasBegun(pod) ? counted : containers.filter(isOfStart);
  const lastRestarts = started.flatMap(({ lastTermination }) => lastTermination?.finishedAt ?? []);
  const text = podStatus(pod);
  const { requests, limits } = podResources(pod);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    status: text,
    health: podHealth(pod, text),
    phase: status?.phase ?? 'Unknown',
    node: spec?.nodeName,
    ip: status?.podIP,
    workload,
    readyContainers: counted.filter(({ ready }) => ready).length,
    restarts: started.reduce((sum, { restarts }) => sum + restarts, 0),
    lastRestartAt: lastRestarts.length === 0 ? undefined : Math.max(...lastRestarts),
    createdAt: timeMsOf(metadata.creationTimestamp) ?? 0,
    containers,
    ...usageOf(usage),
    cpuRequestCores: requests.cpuCores,
    cpuLimitCores: limits.cpuCores,
    memoryRequestBytes: requests.memoryBytes,
    memoryLimitBytes: limits.memoryBytes,
  };
}

const isOfStart = ({ type }: ContainerRow): boolean => type === 'init' || type === 'sidecar';

function usageOf(usage: PodUsage | undefined): { cpuCores?: number; memoryBytes?: number } {
  if (usage === undefined) return {};
  let cpuCores = 0;
  let memoryBytes = 0;
  for (const one of usage.containers) {
    cpuCores += one.usage.cpuCores;
    memoryBytes += one.usage.memoryBytes;
  }
  return { cpuCores, memoryBytes };
}

function containerRows({ spec, status }: Pod): ContainerRow[] {
  const rows = (
    containers: readonly Container[] | undefined,
    statuses: readonly ContainerStatus[] | undefined,
    typeOf: (container: Container) => ContainerRow['type'],
  ): ContainerRow[] =>
    (containers ?? []).map((container) =>
      containerRow(
        container,
        statuses?.find(({ name }) => name === container.name),
        typeOf(container),
      ),
    );
  return [
    ...rows(spec?.initContainers, status?.initContainerStatuses, (one) =>
      isSidecar(one) ? 'sidecar' : 'init',
    ),
    ...rows(spec?.containers, status?.containerStatuses, () => 'container'),
    ...(status?.ephemeralContainerStatuses ?? []).map((one) =>
      containerRow({ name: one.name, image: one.image }, one, 'ephemeral'),
    ),
  ];
}

/** The type of older servers does not know of it. */
const isSidecar = (container: Container): boolean =>
  (container as { restartPolicy?: string }).restartPolicy === 'Always';

function containerRow(
  { name, image = '' }: Container,
  status: ContainerStatus | undefined,
  type: ContainerRow['type'],
): ContainerRow {
  const { running, waiting, terminated } = status?.state ?? {};
  const last = status?.lastState?.terminated;
  return {
    name,
    image,
    type,
    ready: status?.ready ?? false,
    state:
      running !== undefined
        ? 'running'
        : terminated !== undefined
          ? 'terminated'
          : waiting !== undefined
            ? 'waiting'
            : 'unknown',
    reason: waiting?.reason ?? terminated?.reason,
    restarts: status?.restartCount ?? 0,
    startedAt: timeMsOf(running?.startedAt ?? terminated?.startedAt),
    lastTermination:
      last === undefined
        ? undefined
        : {
            reason: last.reason,
            exitCode: last.exitCode,
            finishedAt: timeMsOf(last.finishedAt),
          },
  };
}

/** What kubectl has in its STATUS column. */
export function podStatus(pod: Pod): string {
  const { metadata, status } = pod;
  const isGated = status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === gated,
  );
  const phase = isGated ? gated : status?.reason || status?.phase || 'Unknown';
  const begun = initStatus(pod) ?? phase;
  const text = hasBegun(pod) ? ranStatus(begun, status?.containerStatuses ?? []) : begun;
  if (metadata?.deletionTimestamp === undefined) return text;
  if (status?.reason === 'NodeLost') return 'Unknown';
  // One that has ended is not ended once more.
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? text : 'Terminating';
}

/** Nobody looks for a node yet. */
const gated = 'SchedulingGated';

/** Its init containers are through, or were: a sidecar may be started anew long after. */
const hasBegun = (pod: Pod): boolean =>
  initStatus(pod) === undefined ||
  (pod.status?.conditions ?? []).some((one) => one.type === 'Initialized' && one.status === 'True');

/** Undefined once all init containers are through. */
function initStatus({ spec, status }: Pod): string | undefined {
  const containers = spec?.initContainers ?? [];
  const statuses = status?.initContainerStatuses ?? [];
  for (const [index, { name, state, started }] of statuses.entries()) {
    const container = containers.find((one) => one.name === name);
    if (container !== undefined && isSidecar(container) && started === true) continue;
    const { terminated, waiting } = state ?? {};
    if (terminated !== undefined) {
      if (terminated.exitCode === 0) continue;
      return `Init:${terminated.reason || exitText(terminated)}`;
    }
    if (waiting?.reason !== undefined && waiting.reason !== 'PodInitializing') {
      return `Init:${waiting.reason}`;
    }
    return `Init:${index}/${containers.length}`;
  }
  return undefined;
}

function ranStatus(phase: string, statuses: readonly ContainerStatus[]): string {
  let text = phase;
  let isAnyRunning = false;
  for (const { state, ready } of statuses.toReversed()) {
    const { waiting, terminated, running } = state ?? {};
    if (waiting?.reason) text = waiting.reason;
    else if (terminated !== undefined) text = terminated.reason || exitText(terminated);
    else if (running !== undefined && ready) isAnyRunning = true;
  }
  if (text !== 'Completed' || !isAnyRunning) return text;
  return statuses.every(({ ready, state }) => ready || state?.terminated !== undefined)
    ? 'Running'
    : 'NotReady';
}

const exitText = ({ signal, exitCode }: { signal?: number; exitCode: number }): string =>
  signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;

/** How long a pod may take to get ready before that is a trouble. */
const startingStates: ReadonlySet<string> = new Set([
  gated,
  'Pending',
  'ContainerCreating',
  'PodInitializing',
  'Terminating',
]);

function podHealth({ status }: Pod, text: string): Health {
  if (status?.phase === 'Succeeded') return 'idle';
  if (startingStates.has(text) || /^Init:\d/.test(text)) return 'progressing';
  if (status?.phase !== 'Running' || text !== 'Running') return 'degraded';
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? 'healthy' : 'progressing';
}
