import type { DaemonSet, Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import { timeMsOf } from '#kubernetes/cluster';
import { type Subject, subjectKey, type Trouble } from '../contract.ts';
import { sharesOf } from './causes.ts';

const subjectOf = (
  kind: string,
  { metadata }: { metadata?: { namespace?: string; name?: string } | undefined },
): Subject => ({ kind, namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' });

/** Its namespace is being deleted, and its pods before it. */
const endsWithNamespace = /because it is being terminated/;

/** A rollout that has come to no end in the time that it has, and pods that may not be made. */
export function findDeploymentTroubles(deployment: Deployment, nowMs: number): readonly Trouble[] {
  const subject = subjectOf('Deployment', deployment);
  const conditions = deployment.status?.conditions ?? [];
  const refused = conditions.find(
    ({ type, status, message = '' }) =>
      type === 'ReplicaFailure' && status === 'True' && !endsWithNamespace.test(message),
  );
  const stuck = conditions.find(
    ({ type, status, reason }) =>
      type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded',
  );
  return [refused, stuck].flatMap((condition): Trouble[] => {
    if (condition === undefined) return [];
    const { message = '' } = condition;
    const reason = condition === refused ? 'FailedCreate' : 'ProgressDeadlineExceeded';
    const shares = sharesOf({ reason, message, image: undefined }, subject.namespace);
    return [
      {
        reason,
        severity: 'high',
        subject,
        owner: subject,
        message,
        sinceMs: timeMsOf(condition.lastTransitionTime) ?? nowMs,
        labels: deployment.metadata?.labels,
        ...(shares.length === 0 ? {} : { shares }),
      },
    ];
  });
}

/** @param owner the CronJob that made it, or the job itself */
export function findJobTroubles(job: Job, owner: Subject, nowMs: number): readonly Trouble[] {
  const failed = job.status?.conditions?.find(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
  if (failed === undefined) return [];
  const { reason = 'JobFailed', message = '' } = failed;
  const sinceMs = timeMsOf(failed.lastTransitionTime) ?? nowMs;
  const subject = subjectOf('Job', job);
  const labels = job.metadata?.labels;
  return [{ reason, severity: 'medium', subject, owner, message, sinceMs, labels }];
}

/** Fewer pods than nodes want one. */
export const isShort = ({ metadata, status }: DaemonSet): boolean =>
  status !== undefined &&
  (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
  (status.numberUnavailable ?? 0) > 0;

export function daemonSetTrouble(daemonSet: DaemonSet, sinceMs: number): Trouble {
  const { status, metadata } = daemonSet;
  const subject = subjectOf('DaemonSet', daemonSet);
  const message = `${status?.numberAvailable ?? 0} of ${status?.desiredNumberScheduled ?? 0} pods are available`;
  const labels = metadata?.labels;
  return {
    reason: 'DaemonSetUnavailable',
    severity: 'high',
    subject,
    owner: subject,
    message,
    finding: {
      code: 'available',
      parameters: [status?.numberAvailable ?? 0, status?.desiredNumberScheduled ?? 0],
    },
    sinceMs,
    labels,
  };
}

/** Why an autoscaler is no help: at its limit with more to do, or unable to work. */
export function autoscalerState(
  autoscaler: HorizontalPodAutoscaler,
): { readonly reason: 'HPAMaxedOut' | 'HPAScalingError'; readonly message: string } | undefined {
  const { spec, status } = autoscaler;
  const condition = (name: string) => status?.conditions?.find(({ type }) => type === name);
  const active = condition('ScalingActive');
  const able = condition('AbleToScale');
  // Scaled to nothing by hand: it is switched off.
  const isOff = active?.reason === 'ScalingDisabled';
  for (const broken of [able, active]) {
    if (broken?.status === 'False' && !isOff) {
      const message = [broken.reason, broken.message].filter(Boolean).join(': ');
      return { reason: 'HPAScalingError', message };
    }
  }
  const limited = condition('ScalingLimited');
  const isAtLimit =
    (status?.currentReplicas ?? 0) >= (spec?.maxReplicas ?? Number.POSITIVE_INFINITY);
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas' && isAtLimit) {
    return { reason: 'HPAMaxedOut', message: limited.message ?? '' };
  }
  return undefined;
}

export function autoscalerTrouble(
  autoscaler: HorizontalPodAutoscaler,
  { reason, message }: { readonly reason: string; readonly message: string },
  sinceMs: number,
): Trouble {
  const subject = subjectOf('HorizontalPodAutoscaler', autoscaler);
  const labels = autoscaler.metadata?.labels;
  const target = autoscaler.spec?.scaleTargetRef;
  // What cannot be measured because its target is broken is the target's trouble.
  const dependsOn =
    target === undefined
      ? []
      : [subjectKey({ kind: target.kind, namespace: subject.namespace, name: target.name })];
  return {
    reason,
    severity: 'medium',
    subject,
    owner: subject,
    message,
    sinceMs,
    labels,
    dependsOn,
  };
}
