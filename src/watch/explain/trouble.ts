import { formatBytes } from '#base';
import { parseQuantityNano } from '#kubernetes/cluster';
import type { Trouble } from '../contract.ts';
import { explainAutoscaler, explainEviction, explainJob, explainNode } from './elsewhere.ts';
import { explainExit } from './exit.ts';
import { lastProbe, type Probes, probeWords } from './probe.ts';
import { explainPull } from './pull.ts';
import { explainUnschedulable } from './schedule.ts';
import { explainConfig, explainStart, explainWaiting } from './start.ts';

/** What the pod says of a container of it. Amounts as they are written there: `64Mi`, `500m`. */
export interface ContainerFacts {
  readonly isInit: boolean;
  readonly memoryLimit?: string | undefined;
  readonly cpuLimit?: string | undefined;
  readonly probes: Probes;
}

/** What is known beside the trouble. */
export interface Known {
  /** Lines of its events, oldest first: what says why. */
  readonly events: readonly string[];
  readonly container?: ContainerFacts | undefined;
}

const nothing: Known = { events: [] };

const reasonWords: Readonly<Record<string, string>> = {
  ErrImagePull: 'the image cannot be pulled',
  ImagePullBackOff: 'the image cannot be pulled',
  InvalidImageName: 'the name of the image is not valid',
  ErrImageNeverPull: 'the image is not on the node, and may not be pulled',
  ImageInspectError: 'the node cannot read the image',
  RegistryUnavailable: 'the registry does not answer',
  SignatureValidationFailed: 'the signature of the image is not valid',
  CrashLoopBackOff: 'the container ends again and again',
  OOMKilled: 'the container used more memory than its limit',
  Error: 'the container ended with an error',
  ContainerCannotRun: 'the container cannot be started',
  StartError: 'the container cannot be started',
  RunContainerError: 'the container cannot be started',
  CreateContainerError: 'the container cannot be made',
  CreateContainerConfigError: 'the container cannot be configured',
  ContainerStatusUnknown: 'nobody knows how the container ended: its node lost it',
  DeadlineExceeded: 'it took longer than it may',
  Evicted: 'the node put the pod out',
  Unschedulable: 'no node takes the pod',
  PodPending: 'the pod has not started for a long time',
  NotReady: 'the container runs, but is not ready',
  HighRestartCount: 'the container was restarted often',
  NodeNotReady: 'the node is not ready, and pods on it may be moved',
  NodeGone: 'the node was removed while pods ran on it',
  MemoryPressure: 'the node is short of memory and may put pods out',
  DiskPressure: 'the node is short of disk and may put pods out',
  PIDPressure: 'the node is short of process ids',
  NetworkUnavailable: 'the network of the node is not set up',
  ProgressDeadlineExceeded: 'the rollout does not come to an end',
  JobFailed: 'the job failed',
  JobSuspended: 'the job is suspended',
  BackoffLimitExceeded: 'the job failed',
  PodFailurePolicy: 'the job failed',
  FailedIndexes: 'the job failed',
  MaxFailedIndexesExceeded: 'the job failed',
  CronJobNotScheduled: 'the cron job has not run when it should have',
  CronJobSuspended: 'the cron job is suspended',
  DaemonSetUnavailable: 'the DaemonSet has fewer pods ready than there are nodes for it',
  HPAMaxedOut: 'the autoscaler is at its limit and wants more',
  HPAScalingError: 'the autoscaler cannot work',
  VolumeUsageHigh: 'the volume is nearly full',
  FailedCreate:
    'the controller cannot make its pods: a quota, a policy or an admission hook refuses them',
  NewErrorPattern: 'errors of a kind that it has not written before',
  TLSCertExpiringSoon: 'the certificate ends soon',
  TLSCertExpired: 'the certificate has ended',
};

/** What the reason means; undefined: the cluster's word says it. */
export const explainReason = (reason: string): string | undefined =>
  Object.hasOwn(reasonWords, reason) ? reasonWords[reason] : undefined;

/** One sentence without its full stop: what it is, why, and with which exit code. */
export function explainTrouble(trouble: Trouble, known: Known = nothing): string {
  const { restarts } = trouble;
  const parts = [core(trouble, known)];
  if (restarts !== undefined && restarts > 0) {
    parts.push(restarts === 1 ? 'restarted once' : `restarted ${restarts} times`);
  }
  const words = parts.join('; ');
  if (known.container?.isInit !== true) return words;
  return `${words.replace(/\bthe container\b/, `the init container ${trouble.container ?? ''}`.trim())}; the pod starts when it succeeds`;
}

function core(trouble: Trouble, known: Known): string {
  const { reason, message, exitCode, signal, image } = trouble;
  const what = explainReason(reason) ?? `the cluster says ${reason}`;
  const because = (why: string | undefined): string =>
    why === undefined ? what : `${what}: ${why}`;
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'InvalidImageName':
    case 'ErrImageNeverPull': {
      const why = pullWords(message, known.events);
      const named = image === undefined ? 'the image' : `the image ${image}`;
      return `${named} cannot be pulled${why === undefined ? '' : `: ${why}`}`;
    }
    case 'OOMKilled': {
      const limit = known.container?.memoryLimit;
      const of = limit === undefined ? '' : ` of ${bytesText(limit)}`;
      return `${what}${of}, and the kernel killed it (exit code ${exitCode ?? 137})`;
    }
    case 'NotReady': {
      const probe = lastProbe(known.events, 'readiness') ?? lastProbe(known.events);
      if (probe !== undefined) {
        return `the container runs, but ${probeWords(probe, known.container?.probes ?? {})}`;
      }
      return known.container?.probes.readiness === undefined
        ? what
        : `${what}: its readiness probe fails (${known.container.probes.readiness})`;
    }
    case 'Unschedulable':
      return because(explainUnschedulable(message));
    case 'PodPending':
      return because(explainUnschedulable(message) ?? explainWaiting(known.events));
    case 'CreateContainerConfigError':
      return because(explainConfig(message) ?? plain(message));
    case 'Evicted':
      return because(explainEviction(message) ?? plain(message));
    case 'NodeNotReady':
      return because(explainNode(message));
    case 'HPAScalingError':
      return because(explainAutoscaler(message) ?? plain(message));
    case 'HPAMaxedOut':
      return /more than the maximum/i.test(message) ? what : because(plain(message));
    case 'FailedCreate':
    case 'NewErrorPattern':
    case 'NodeGone':
    case 'DaemonSetUnavailable':
    case 'CronJobNotScheduled':
    case 'TLSCertExpiringSoon':
    case 'TLSCertExpired':
      return because(plain(message));
    case 'VolumeUsageHigh':
      return volumeWords(message) ?? because(plain(message));
    case 'BackoffLimitExceeded':
    case 'DeadlineExceeded':
    case 'PodFailurePolicy':
    case 'JobFailed':
      return because(explainJob(message));
    default:
      return exitWords(trouble, known, what, exitCode, signal);
  }
}

function exitWords(
  { message, reason }: Trouble,
  { events, container }: Known,
  what: string,
  exitCode: number | undefined,
  signal: number | undefined,
): string {
  const start = explainStart(message);
  if (start !== undefined) return `${what}: ${start}`;
  if (exitCode === undefined || exitCode === 0) {
    return explainReason(reason) === undefined && message !== ''
      ? `${what}: ${plain(message)}`
      : what;
  }
  // Killed, and the kubelet says that it was it.
  const wasProbe =
    (exitCode === 137 || exitCode === 143) &&
    events.some((event) => /failed (?:liveness|startup) probe/i.test(event));
  const probe = wasProbe
    ? (lastProbe(events, 'liveness') ?? lastProbe(events, 'startup'))
    : undefined;
  const why =
    probe === undefined
      ? wasProbe
        ? 'its liveness probe failed'
        : undefined
      : probeWords(probe, container?.probes ?? {});
  const exit = explainExit(exitCode, signal, why);
  return reason === 'Error' ? `the container ended with ${exit}` : `${what}: ${exit}`;
}

/** The back-off says only that it is tried again; the events before it say why. */
function pullWords(message: string, events: readonly string[]): string | undefined {
  const own = explainPull(message);
  if (own !== undefined) return own;
  for (const event of events.toReversed()) {
    if (!/pull|image/i.test(event)) continue;
    const why = explainPull(event);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** `the volume is 83% full (warned of from 70% on), mounted by the pod db-0`. */
function volumeWords(message: string): string | undefined {
  const match =
    /attached to pod (\S*) in namespace \S* is (\d+)(?:\.\d+)?% \(higher than (\d+)%\)/.exec(
      message,
    );
  if (match === null) return undefined;
  const [, pod = '', percent, threshold] = match;
  const by = pod === '' ? '' : `, mounted by the pod ${pod}`;
  return `the volume is ${percent}% full (warned of from ${threshold}% on)${by}`;
}

/** `64Mi` as `64 MiB`; what is no amount as it is. */
function bytesText(quantity: string): string {
  try {
    return formatBytes(Number(parseQuantityNano(quantity) / 1_000_000_000n));
  } catch {
    return quantity;
  }
}

/** The cluster's own words in one line. */
function plain(message: string): string | undefined {
  const text = message.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  if (text === '') return undefined;
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}
