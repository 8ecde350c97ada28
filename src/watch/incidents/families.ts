/** Families of reasons that follow each other in one trouble. */
const families: readonly (readonly string[])[] = [
  ['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'PodPending', 'NotReady'],
  ['Error', 'CrashLoopBackOff', 'NotReady', 'HighRestartCount', 'Unknown'],
  ['OOMKilled', 'Error', 'CrashLoopBackOff', 'NotReady', 'HighRestartCount'],
  ['CreateContainerConfigError', 'CreateContainerError', 'PodPending', 'NotReady'],
  ['RunContainerError', 'StartError', 'ContainerCannotRun', 'CrashLoopBackOff', 'NotReady'],
  ['Unschedulable', 'PodPending'],
  ['FailedCreate', 'PodPending', 'NotReady'],
  ['NodeNotReady', 'NodeGone', 'NotReady'],
];

/** Consequences of anything that is wrong with a workload: never news of their own. */
const consequences = new Set([
  'ProgressDeadlineExceeded',
  'DaemonSetUnavailable',
  'HPAScalingError',
  'BackoffLimitExceeded',
  'NewErrorPattern',
]);

/** Whether it says no more than that something of the workload is wrong. */
export const isConsequence = (reason: string): boolean => consequences.has(reason);

/** Whether a reason is what one of the others is called a moment later, or what follows from it. */
export const isNextName = (reasons: readonly string[], reason: string): boolean =>
  (consequences.has(reason) && reasons.some((other) => other !== reason)) ||
  families.some(
    (family) =>
      family.includes(reason) &&
      reasons.some((other) => other !== reason && family.includes(other)),
  );
