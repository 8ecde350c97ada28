import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { timeMsOf } from '#kubernetes/cluster';
import type { Draft } from './compare.ts';

/**
 * Restarts, failures and evictions that a pod tells of. A pod says them again and again: equal ids are
 * the same.
 * @param previous as it was before; undefined: it is seen for the first time
 */
export function podDrafts(pod: Pod, previous: Pod | undefined): Draft[] {
  const drafts: Draft[] = [];
  const before = new Map(statusesOf(previous).map((one) => [one.name, one.restartCount]));
  for (const status of statusesOf(pod)) {
    // Of a pod that is new, only its last restart can be told.
    const known = before.get(status.name);
    if (status.restartCount > (known ?? 0)) drafts.push(restart(pod, status, known));
  }
  const ended = endOf(pod, previous);
  if (ended !== undefined) drafts.push(ended);
  return drafts;
}

const statusesOf = (pod: Pod | undefined): readonly ContainerStatus[] => [
  ...(pod?.status?.initContainerStatuses ?? []),
  ...(pod?.status?.containerStatuses ?? []),
];

const nameOf = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

function restart(pod: Pod, status: ContainerStatus, before: number | undefined): Draft {
  const { name, image, restartCount } = status;
  const last = status.lastState?.terminated;
  const uid = pod.metadata?.uid ?? '';
  const reason = last?.reason ?? 'Unknown';
  const isBad = last === undefined || last.exitCode !== 0 || reason === 'OOMKilled';
  const memoryLimit = pod.spec?.containers.find((one) => one.name === name)?.resources?.limits?.[
    'memory'
  ];
  return {
    id: `restart:${uid}:${name}:${restartCount}`,
    change: 'restart',
    severity: reason === 'OOMKilled' ? 'error' : isBad ? 'warning' : 'info',
    message: `Container ${name} of pod ${nameOf(pod)} was restarted: ${reason}${
      last === undefined ? '' : `, exit code ${last.exitCode}`
    }`,
    before: before === undefined ? undefined : { restarts: before },
    after: {
      restarts: restartCount,
      container: name,
      image,
      reason,
      exitCode: last?.exitCode,
      signal: last?.signal,
      startedAt: last?.startedAt,
      finishedAt: last?.finishedAt,
      ...(reason === 'OOMKilled' ? { memoryLimit } : {}),
    },
    atMs: timeMsOf(last?.finishedAt),
  };
}

/** Reasons of pods that were made to end. */
const evictions: ReadonlySet<string> = new Set([
  'Evicted',
  'Preempted',
  'Preempting',
  'NodeLost',
  'NodeShutdown',
  'Terminated',
  'Shutdown',
]);

function endOf(pod: Pod, previous: Pod | undefined): Draft | undefined {
  const { status, metadata, spec } = pod;
  const wasEvicted = isDisrupted(pod);
  if (wasEvicted !== undefined && (previous === undefined || isDisrupted(previous) === undefined)) {
    return {
      id: `eviction:${metadata?.uid}`,
      change: 'eviction',
      severity: 'warning',
      message: `Pod ${nameOf(pod)} was evicted: ${wasEvicted.message || wasEvicted.reason}`,
      after: { reason: wasEvicted.reason, node: spec?.nodeName },
      atMs: wasEvicted.atMs,
    };
  }
  if (status?.phase !== 'Failed' || previous?.status?.phase === 'Failed') return undefined;
  if (wasEvicted !== undefined) return undefined;
  const failed = statusesOf(pod).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const ended = failed?.state?.terminated;
  const reason = status.reason ?? ended?.reason ?? 'Error';
  return {
    id: `failure:${metadata?.uid}`,
    change: 'failure',
    severity: 'warning',
    message: `Pod ${nameOf(pod)} has failed: ${reason}${
      ended === undefined ? '' : `, exit code ${ended.exitCode} of ${failed?.name}`
    }`,
    after: { reason, exitCode: ended?.exitCode, container: failed?.name, node: spec?.nodeName },
    atMs: timeMsOf(ended?.finishedAt),
  };
}

function isDisrupted({
  status,
}: Pod): { reason: string; message: string; atMs: number | undefined } | undefined {
  const target = status?.conditions?.find(
    ({ type, status: value }) => type === 'DisruptionTarget' && value === 'True',
  );
  if (target !== undefined) {
    const { reason = 'Disrupted', message = '', lastTransitionTime } = target;
    return { reason, message, atMs: timeMsOf(lastTransitionTime) };
  }
  const reason = status?.phase === 'Failed' ? status.reason : undefined;
  if (reason === undefined || !evictions.has(reason)) return undefined;
  return { reason, message: status?.message ?? '', atMs: undefined };
}
