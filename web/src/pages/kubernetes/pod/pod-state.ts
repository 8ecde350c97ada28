import type { StatusKind } from '../../../ui/states.tsx';
import type { ContainerFacts, PodFacts } from './pod-facts.ts';

/** What is the matter with a pod, as data: the words are the page's. */
export interface PodState {
  readonly kind: StatusKind;
  /** As kubectl's STATUS column: `Running`, `CrashLoopBackOff`, `Evicted`. */
  readonly word: string;
  readonly why: PodReason | undefined;
}

export type PodReason =
  /** A container ended, and may be on its way up again. */
  | {
      readonly type: 'ended';
      readonly container: string;
      readonly exitCode: number | undefined;
      readonly isOutOfMemory: boolean;
      /** Bytes. */
      readonly memoryLimit: number | undefined;
      readonly restarts: number;
    }
  | { readonly type: 'image'; readonly container: string; readonly image: string }
  | { readonly type: 'config'; readonly container: string }
  | { readonly type: 'unscheduled' }
  | { readonly type: 'starting'; readonly container: string }
  | { readonly type: 'unready'; readonly containers: readonly string[] }
  | { readonly type: 'evicted' };

const imageReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
const configReasons = new Set(['CreateContainerConfigError', 'CreateContainerError']);
const calmReasons = new Set(['ContainerCreating', 'PodInitializing']);

/** Who was started again within this time is not to be trusted yet. */
const recentMs = 30 * 60_000;

/** The state in kubectl's word, how bad it is, and why. */
export function podState(facts: PodFacts, nowMs: number): PodState {
  const { phase = 'Unknown', reason, containers } = facts;
  if (reason === 'Evicted') return { kind: 'critical', word: reason, why: { type: 'evicted' } };
  if (phase === 'Succeeded') return { kind: 'ok', word: 'Completed', why: undefined };
  const waiting = containers.find(
    ({ state, stateReason }) =>
      state === 'waiting' && stateReason !== undefined && !calmReasons.has(stateReason),
  );
  if (waiting !== undefined) return waitingState(waiting);
  const ended = containers.find(
    ({ state, stateReason, isInit }) =>
      state === 'terminated' && !(stateReason === 'Completed' && (isInit || phase === 'Running')),
  );
  if (ended !== undefined) {
    return { kind: 'critical', word: ended.stateReason ?? 'Error', why: endedOf(ended) };
  }
  if (phase === 'Failed') return { kind: 'critical', word: reason ?? 'Failed', why: undefined };
  if (phase === 'Pending') return pendingState(facts);
  if (phase !== 'Running') return { kind: 'unknown', word: reason ?? phase, why: undefined };
  const unready = containers.filter(
    ({ isInit, isReady, state }) => !isInit && !isReady && state === 'running',
  );
  if (unready.length > 0 && !facts.isReady) {
    const why: PodReason = { type: 'unready', containers: unready.map(({ name }) => name) };
    return { kind: 'warning', word: 'Running', why };
  }
  const restarted = containers.find(
    ({ restarts, lastReason }) => restarts > 0 && lastReason !== undefined,
  );
  if (restarted !== undefined) {
    const { startedMs } = restarted;
    const isRecent = startedMs === undefined || nowMs - startedMs < recentMs;
    return { kind: isRecent ? 'warning' : 'ok', word: 'Running', why: endedOf(restarted) };
  }
  return { kind: 'ok', word: 'Running', why: undefined };
}

function waitingState(container: ContainerFacts): PodState {
  const { name, image, stateReason: word = 'Waiting' } = container;
  if (imageReasons.has(word)) {
    return { kind: 'critical', word, why: { type: 'image', container: name, image } };
  }
  if (configReasons.has(word)) {
    return { kind: 'critical', word, why: { type: 'config', container: name } };
  }
  return { kind: 'critical', word, why: endedOf(container) };
}

function endedOf({ name, ...container }: ContainerFacts): PodReason {
  const reason = container.state === 'terminated' ? container.stateReason : container.lastReason;
  return {
    type: 'ended',
    container: name,
    exitCode: container.lastExitCode,
    isOutOfMemory: reason === 'OOMKilled',
    memoryLimit: container.memoryLimit,
    restarts: container.restarts,
  };
}

function pendingState({ node, containers }: PodFacts): PodState {
  if (node === undefined) {
    return { kind: 'warning', word: 'Pending', why: { type: 'unscheduled' } };
  }
  const starting = containers.find(({ state }) => state === 'waiting');
  const word = starting?.stateReason ?? 'Pending';
  return {
    kind: 'info',
    word,
    why: starting === undefined ? undefined : { type: 'starting', container: starting.name },
  };
}
