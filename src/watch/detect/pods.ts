import type { ContainerState, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { timeMsOf } from '#kubernetes/cluster';
import type { Severity, Subject, Trouble } from '../contract.ts';
import { alsoCalledOf, dependenciesOf, sharesOf } from './causes.ts';

export interface PodRules {
  /** A pod may be Pending so long, ms; 0: for ever. */
  readonly pendingMs: number;
  /** Pending for so long it is critical, ms; 0: never. */
  readonly pendingCriticalMs: number;
  /** A container that runs may be not ready so long, ms; 0: for ever. */
  readonly notReadyMs: number;
  /** Restarts from which on a container is a trouble though it runs; 0: none. */
  readonly restartThreshold: number;
  /** A container that came back is watched so long, ms, before it counts as well. */
  readonly stableMs: number;
  /** What ends while its pod is being stopped is no trouble. */
  readonly ignoreGracefulStop: boolean;
  /** Nor are pods that the cluster moves: evicted, preempted, scaled down. */
  readonly ignoreDisruptions: boolean;
}

export interface PodTroubles {
  readonly troubles: readonly Trouble[];
  /** Unix ms at which the answer changes though the pod does not; undefined: never. */
  readonly nextMs: number | undefined;
}

/** Reasons of waiting that belong to an ordinary start. */
const ordinary = new Set(['ContainerCreating', 'PodInitializing']);
const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
]);
/** Ends that are no errors: success, and the end that was asked for. */
const goodExits = new Set([0, 143]);

/** Of pods that a node ended as it was shut down, or for a pod of higher priority. */
const shutReasons = new Set(['Shutdown', 'NodeShutdown', 'Terminated', 'Preempting']);

/** All that is wrong with a pod now, told by its object alone. */
export function findPodTroubles(
  pod: Pod,
  owner: Subject,
  rules: PodRules,
  nowMs: number,
): PodTroubles {
  const { metadata, status, spec } = pod;
  const subject = {
    kind: 'Pod',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
  };
  const { uid, labels } = metadata ?? {};
  const dependsOn = dependenciesOf(pod);
  const common = {
    subject,
    owner,
    node: spec?.nodeName,
    uid,
    labels,
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  };
  const timer = new Timer(nowMs);
  const done = (troubles: readonly Trouble[]): PodTroubles => ({ troubles, nextMs: timer.nextMs });
  if (status?.phase === 'Succeeded') return done([]);
  const isStopping = metadata?.deletionTimestamp !== undefined;
  if (isStopping && rules.ignoreGracefulStop) return done([]);
  if (rules.ignoreDisruptions && status?.phase === 'Failed' && shutReasons.has(status.reason ?? ''))
    return done([]);
  if (status?.phase === 'Failed' && status.reason === 'Evicted') {
    if (rules.ignoreDisruptions) return done([]);
    const sinceMs = timeMsOf(status.startTime) ?? nowMs;
    const message = status.message ?? '';
    return done([{ ...common, reason: 'Evicted', severity: 'medium', message, sinceMs }]);
  }
  if (rules.ignoreDisruptions && (isStopping || isDisrupted(pod))) return done([]);

  const images = new Map(
    [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name, image }) => [
      name,
      image,
    ]),
  );
  const found: Trouble[] = [];
  const look = (container: ContainerStatus, isInit: boolean): void => {
    const trouble = containerTrouble(container, { rules, nowMs, timer, isInit });
    if (trouble === undefined) return;
    const image = images.get(container.name) ?? container.image;
    found.push(withShares({ ...common, container: container.name, image, ...trouble }));
  };
  for (const container of status?.initContainerStatuses ?? []) look(container, true);
  for (const container of status?.containerStatuses ?? []) look(container, false);
  if (found.length > 0) return done(found);

  const pending = pendingTrouble(pod, rules, timer);
  if (pending !== undefined) return done([withShares({ ...common, ...pending })]);
  const unready = unreadyTrouble(pod, rules, timer);
  return done(unready === undefined ? [] : [{ ...common, ...unready }]);
}

type Part = Pick<Trouble, 'reason' | 'severity' | 'message' | 'sinceMs'> &
  Partial<Pick<Trouble, 'exitCode' | 'signal' | 'restarts' | 'container' | 'alsoCalled'>>;

function withShares(trouble: Trouble): Trouble {
  const shares = sharesOf(trouble, trouble.subject.namespace);
  return shares.length === 0 ? trouble : { ...trouble, shares };
}

/** Keeps the earliest moment at which something becomes a trouble, or stops to be one. */
class Timer {
  readonly nowMs: number;
  nextMs: number | undefined;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  /** Has the moment come? Otherwise it is waited for. */
  isPast(atMs: number): boolean {
    if (atMs <= this.nowMs) return true;
    this.nextMs = Math.min(this.nextMs ?? Number.POSITIVE_INFINITY, atMs);
    return false;
  }
}

interface Look {
  readonly rules: PodRules;
  readonly nowMs: number;
  readonly timer: Timer;
  readonly isInit: boolean;
}

function containerTrouble(status: ContainerStatus, look: Look): Part | undefined {
  const { state = {}, lastState = {}, restartCount: restarts } = status;
  const { rules, nowMs, timer } = look;
  const { waiting, terminated, running } = state;
  const last = failureOf(lastState, nowMs);
  if (waiting !== undefined) {
    const reason = waiting.reason ?? 'Unknown';
    if (ordinary.has(reason) || waiting.reason === undefined) {
      // Between two runs a container waits for a moment without a reason of its own.
      return last === undefined || look.isInit ? undefined : named({ ...last, restarts }, true);
    }
    // Why it ended says more than that it waits.
    const isLoop = reason === 'CrashLoopBackOff';
    if (isLoop && last !== undefined) return named({ ...last, restarts }, isLoop);
    const severity = pullReasons.has(reason) ? 'medium' : 'high';
    const message = waiting.message ?? '';
    return named({ reason, severity, message, sinceMs: nowMs, restarts }, isLoop);
  }
  if (terminated !== undefined) {
    const failure = failureOf(state, nowMs);
    return failure === undefined ? undefined : named({ ...failure, restarts }, restarts > 0);
  }
  if (running === undefined) return undefined;
  if (rules.restartThreshold > 0 && restarts >= rules.restartThreshold) {
    const message = last?.message ?? '';
    return { reason: 'HighRestartCount', severity: 'high', message, sinceMs: nowMs, restarts };
  }
  if (last === undefined) return undefined;
  // It runs again: well only when it has done so for a while, or each crash of a loop would be news.
  const startedMs = timeMsOf(running.startedAt) ?? nowMs;
  return timer.isPast(startedMs + rules.stableMs) ? undefined : named({ ...last, restarts }, true);
}

/** With the other names that configurations may have for it. */
function named(part: Part, isLoop: boolean): Part {
  const alsoCalled = alsoCalledOf(part.reason, { isLoop, restarts: part.restarts });
  return alsoCalled.length === 0 ? part : { ...part, alsoCalled };
}

function failureOf({ terminated }: ContainerState, nowMs: number): Part | undefined {
  if (terminated === undefined) return undefined;
  const { reason = 'Error', exitCode, signal, message = '', finishedAt } = terminated;
  if (reason === 'Completed' || goodExits.has(exitCode)) return undefined;
  const severity: Severity = 'high';
  const sinceMs = timeMsOf(finishedAt) ?? nowMs;
  return {
    reason,
    severity,
    message,
    exitCode,
    sinceMs,
    ...(signal === undefined ? {} : { signal }),
  };
}

/** What the scheduler says while the volume of a claim is being made. */
const bindsClaim =
  /unbound immediate PersistentVolumeClaims|persistentvolumeclaim "[^"]+" not found/;
const bindGraceMs = 60_000;

function pendingTrouble(
  { status, metadata }: Pod,
  rules: PodRules,
  timer: Timer,
): Part | undefined {
  if (status?.phase !== 'Pending') return undefined;
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    const { reason = 'Unschedulable', message = '' } = scheduled;
    // A gate that somebody set is no want of room.
    if (reason === 'SchedulingGated') return undefined;
    const sinceMs = timeMsOf(scheduled.lastTransitionTime) ?? timer.nowMs;
    // A volume is made when somebody claims it, which takes a while.
    if (bindsClaim.test(message) && !timer.isPast(sinceMs + bindGraceMs)) return undefined;
    return { reason, severity: 'medium', message, sinceMs };
  }
  if (rules.pendingMs === 0) return undefined;
  const sinceMs = timeMsOf(metadata?.creationTimestamp) ?? timer.nowMs;
  if (!timer.isPast(sinceMs + rules.pendingMs)) return undefined;
  const message = status.message ?? waitsFor(status.containerStatuses) ?? '';
  const { pendingCriticalMs } = rules;
  const isCritical = pendingCriticalMs > 0 && timer.isPast(sinceMs + pendingCriticalMs);
  return { reason: 'PodPending', severity: isCritical ? 'critical' : 'medium', message, sinceMs };
}

const waitsFor = (containers: readonly ContainerStatus[] | undefined): string | undefined => {
  const waiting = containers?.find(({ state }) => state?.waiting !== undefined);
  if (waiting === undefined) return undefined;
  const { reason = '', message = '' } = waiting.state?.waiting ?? {};
  return `${waiting.name}: ${[reason, message].filter((text) => text !== '').join(' ')}`;
};

/** It runs and nobody may talk to it. */
function unreadyTrouble({ status }: Pod, rules: PodRules, timer: Timer): Part | undefined {
  if (rules.notReadyMs === 0 || status?.phase !== 'Running') return undefined;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False' || ready.reason === 'PodCompleted') return undefined;
  const sinceMs = timeMsOf(ready.lastTransitionTime) ?? timer.nowMs;
  if (!timer.isPast(sinceMs + rules.notReadyMs)) return undefined;
  const container = status.containerStatuses?.find(
    (one) => !one.ready && one.state?.running !== undefined,
  );
  return {
    reason: 'NotReady',
    severity: 'medium',
    message: ready.message ?? '',
    sinceMs,
    ...(container === undefined
      ? {}
      : { container: container.name, restarts: container.restartCount }),
  };
}

const isDisrupted = ({ status }: Pod): boolean =>
  status?.conditions?.some(
    ({ type, status: value }) => type === 'DisruptionTarget' && value === 'True',
  ) === true;
