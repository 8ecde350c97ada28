import { formatBytes } from '#base';
import { parseQuantityNano } from '#kubernetes/cluster';
import type { Need, Trouble } from '../contract.ts';
import { explainAutoscaler, explainEviction, explainJob, explainNode } from './elsewhere.ts';
import { explainExit } from './exit.ts';
import { both, filled, type Language, type Phrase, type Text, type Words } from './language.ts';
import { lastProbe, type Probes, probeWords } from './probe.ts';
import { explainPull } from './pull.ts';
import { needWords, reasonWords, troubleWords } from './reasons.ts';
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
const allReasons: Words = reasonWords;

const wordsOf = (reason: string): Text | undefined =>
  Object.hasOwn(allReasons, reason) ? allReasons[reason] : undefined;

/** What the reason means; undefined: the cluster's word says it. */
export function explainReason(reason: string, language: Language = 'en'): string | undefined {
  const words = wordsOf(reason);
  return words === undefined ? undefined : sayer(undefined)(words)[language];
}

/** One sentence without its full stop: what it is, why, and with which exit code. */
export function explainTrouble(
  trouble: Trouble,
  known: Known = nothing,
  language: Language = 'en',
): string {
  const { restarts = 0, container = '', needs } = trouble;
  const isInit = known.container?.isInit === true;
  const name = isInit ? filled(troubleWords.initContainer, [container]) : undefined;
  const words = core(trouble, known, sayer(name))[language];
  const again =
    restarts === 0
      ? ''
      : filled(restarts === 1 ? troubleWords.once : troubleWords.times, [restarts])[language];
  const need = needs === undefined ? '' : `; ${explainNeed(needs)[language]}`;
  return `${words}${again}${need}${isInit ? troubleWords.afterInit[language] : ''}`;
}

/** The Service that something needs, and how that is known. */
export const explainNeed = ({ service: { namespace, name }, by, where }: Need): Text =>
  filled(needWords[by], [`${namespace}/${name}`, where]);

/** Puts in the container and parameters; `$c` within a parameter is text of somebody else. */
type Say = (text: Text, ...parameters: readonly (string | number)[]) => Text;

/** @param name undefined: it is no init container */
const sayer =
  (name: Text | undefined): Say =>
  (text, ...parameters) =>
    filled(
      both((language) =>
        text[language].replaceAll('$c', () => (name ?? troubleWords.container)[language].trim()),
      ),
      parameters,
    );

function core(trouble: Trouble, known: Known, say: Say): Text {
  const { reason, message, exitCode, image } = trouble;
  const words = wordsOf(reason);
  const what = words === undefined ? say(troubleWords.unknownReason, reason) : say(words);
  const because = (why: Text | undefined): Text => joined(what, why);
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'InvalidImageName':
    case 'ErrImageNeverPull': {
      const named =
        image === undefined ? troubleWords.theImage : say(troubleWords.namedImage, image);
      return joined(named, pullMeaning(message, known.events));
    }
    case 'OOMKilled': {
      const limit = known.container?.memoryLimit;
      const code = exitCode ?? 137;
      return limit === undefined
        ? say(troubleWords.killedForMemory, code)
        : say(troubleWords.killedForMemoryOf, code, bytesText(limit));
    }
    case 'NotReady':
      return notReady(what, known, say);
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
      return because(plain(message));
    case 'NodeGone':
    case 'DaemonSetUnavailable':
    case 'CronJobNotScheduled':
    case 'TLSCertExpiringSoon':
    case 'TLSCertExpired':
      return because(found(trouble) ?? plain(message));
    case 'VolumeUsageHigh':
      return found(trouble) ?? volumeOfMessage(message) ?? because(plain(message));
    case 'BackoffLimitExceeded':
    case 'DeadlineExceeded':
    case 'PodFailurePolicy':
    case 'JobFailed':
      return because(explainJob(message));
    default:
      return ended(trouble, known, { what, say });
  }
}

const joined = (what: Text, why: Text | undefined): Text =>
  why === undefined ? what : both((language) => `${what[language]}: ${why[language]}`);

function notReady(what: Text, { events, container }: Known, say: Say): Text {
  const probe = lastProbe(events, 'readiness') ?? lastProbe(events);
  if (probe !== undefined) {
    const fails = probeWords(probe, container?.probes ?? {});
    return both((language) => say(troubleWords.runsBut, fails[language])[language]);
  }
  const readiness = container?.probes.readiness;
  return readiness === undefined ? what : say(troubleWords.readinessFails, readiness);
}

/** What was measured or reckoned here, not said by the cluster. */
function found({ finding }: Trouble): Text | undefined {
  if (finding === undefined) return undefined;
  return filled(troubleWords[finding.code], finding.parameters);
}

function ended(
  { message, reason, exitCode, signal }: Trouble,
  known: Known,
  { what, say }: { readonly what: Text; readonly say: Say },
): Text {
  const { events, container } = known;
  const start = explainStart(message);
  if (start !== undefined) return joined(what, start);
  if (exitCode === undefined || exitCode === 0) {
    return wordsOf(reason) === undefined && message !== '' ? joined(what, plain(message)) : what;
  }
  // Killed, and the kubelet says that it was it.
  const wasProbe =
    (exitCode === 137 || exitCode === 143) &&
    events.some((event) => /failed (?:liveness|startup) probe/i.test(event));
  const probe = wasProbe
    ? (lastProbe(events, 'liveness') ?? lastProbe(events, 'startup'))
    : undefined;
  const failed = wasProbe ? troubleWords.livenessFailed : undefined;
  const why = probe === undefined ? failed : probeWords(probe, container?.probes ?? {});
  const exit = explainExit(exitCode, signal, why);
  if (reason !== 'Error') return joined(what, exit);
  return both((language) => say(troubleWords.endedWith, exit[language])[language]);
}

/** The back-off says only that it is tried again; the events before it say why. */
export function pullMeaning(message: string, events: readonly string[]): Phrase | undefined {
  const own = explainPull(message);
  if (own !== undefined) return own;
  for (const event of events.toReversed()) {
    if (!/pull|image/i.test(event)) continue;
    const why = explainPull(event);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Of an incident that an earlier version has kept. */
function volumeOfMessage(message: string): Text | undefined {
  const match =
    /attached to pod (\S*) in namespace \S* is (\d+)(?:\.\d+)?% \(higher than (\d+)%\)/.exec(
      message,
    );
  if (match === null) return undefined;
  const [, pod = '', percent = '', threshold = ''] = match;
  return filled(pod === '' ? troubleWords.volume : troubleWords.volumeOf, [
    percent,
    threshold,
    pod,
  ]);
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
function plain(message: string): Text | undefined {
  const text = message.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  if (text === '') return undefined;
  const cut = text.length > 240 ? `${text.slice(0, 239)}…` : text;
  return { en: cut, ko: cut };
}
