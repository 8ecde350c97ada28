import type { Incident, Subject, Trouble } from '../contract.ts';
import { advise } from '../explain/advice.ts';
import type { Language } from '../explain/language.ts';
import { explainNeed, explainTrouble, type Known } from '../explain/trouble.ts';
import type { IncidentMessage, MessageLink, SilenceNote } from './contract.ts';
import { type MessagePhrases, phrasesOf } from './phrases.ts';

export const noun: Readonly<Record<string, string>> = {
  Pod: 'a pod',
  Node: 'a node',
  PersistentVolumeClaim: 'a volume',
  Secret: 'a certificate',
  Job: 'a job',
  CronJob: 'a cron job',
  Deployment: 'a rollout',
  DaemonSet: 'a DaemonSet',
  HorizontalPodAutoscaler: 'an autoscaler',
};

/** kwatch knows containers in pods only; what is about something else says so. */
export const defaultTitle = ({ incident: { cause } }: IncidentMessage): string =>
  cause.subject.kind === 'Pod'
    ? ':red_circle: kwatch detected a crash in pod'
    : `:red_circle: kwatch detected a problem of ${noun[cause.subject.kind] ?? cause.subject.kind}`;
export const defaultText = ({ incident: { cause } }: IncidentMessage): string =>
  cause.subject.kind === 'Pod'
    ? 'There is an issue with container in a pod!'
    : `There is an issue with ${noun[cause.subject.kind] ?? cause.subject.kind}!`;
/** Of a log in a message: nobody reads more in a chat. */
export const maxLogChars = 6000;
export const noLog = 'No logs captured';
export const noEvents = 'No events captured';

export const languageOf = ({ language = 'en' }: IncidentMessage): Language => language;
export const phrases = (message: IncidentMessage): MessagePhrases => phrasesOf[languageOf(message)];

/** `3m 20s`: how long something took. */
export function durationText(ms: number, language: Language = 'en'): string {
  const [day, hour, minute, second] = phrasesOf[language].units;
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts: readonly (readonly [string, number])[] = [
    [day, Math.floor(seconds / 86_400)],
    [hour, Math.floor(seconds / 3600) % 24],
    [minute, Math.floor(seconds / 60) % 60],
    [second, seconds % 60],
  ];
  const from = parts.findIndex(([, count]) => count > 0);
  if (from < 0) return `0${second}`;
  return parts
    .slice(from, from + 2)
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${count}${unit}`)
    .join(' ');
}

/** `Deployment shop/web`. */
export const ownerText = ({ owner }: Incident): string => subjectText(owner);

const subjectText = ({ kind, namespace, name }: Subject): string =>
  `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

/** The trouble that the last news were about: one of a container where there is one. */
export function latestTrouble(incident: Incident): Trouble {
  const reason = incident.reasons.at(-1);
  const all = incident.members.flatMap(({ troubles }) => troubles);
  return all.find((trouble) => trouble.reason === reason) ?? incident.cause;
}

/** Whose log and events explain: a pod of a job or a rollout says more than the job itself. */
export function tellingTrouble(incident: Incident): Trouble {
  const latest = latestTrouble(incident);
  if (latest.subject.kind === 'Pod' || latest.subject.kind === 'Node') return latest;
  const pod = incident.members
    .flatMap(({ troubles }) => troubles)
    .find(({ subject, container }) => subject.kind === 'Pod' && container !== undefined);
  return pod ?? latest;
}

const known = ({ evidence }: IncidentMessage): Known => evidence;

const topic = ({ incident, change }: IncidentMessage): Trouble =>
  change === 'created' ? incident.cause : latestTrouble(incident);

/** What it is in one sentence, for people. */
export function summary(message: IncidentMessage): string {
  const { peak, cause } = message.incident;
  const trouble = topic(message);
  const words = explainTrouble(trouble, known(message), languageOf(message));
  if (peak <= 1) return words;
  return `${words} ${phrases(message).affected(peak, cause.subject.kind === 'Pod')}`;
}

/** How long it lasted, of one that is over. */
export const lastedText = (message: IncidentMessage): string => {
  const { incident, nowMs } = message;
  return durationText((incident.resolvedMs ?? nowMs) - incident.startMs, languageOf(message));
};

/** The incident that explains it, and why that is thought; undefined: none is known. */
export function causeText(message: IncidentMessage): string | undefined {
  const { causedBy } = message.incident;
  if (causedBy === undefined) return undefined;
  const need = explainNeed(causedBy.need)[languageOf(message)];
  return phrases(message).causedBy(subjectText(causedBy.owner), need);
}

/** What to look at first; undefined: nothing that would help. */
export const advice = (message: IncidentMessage): string | undefined =>
  causeText(message) ?? advise(topic(message), known(message), languageOf(message));

/** The summary as a sentence of its own, without its full stop. */
export function summarySentence(message: IncidentMessage): string {
  const text = summary(message);
  // A Korean one may begin with the name of an image, which has no capitals.
  return languageOf(message) === 'ko' ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `Silenced by U2 until 14:03 UTC`; `who`: how the chat calls them. */
export const noteText = (
  { kind, by, untilMs }: SilenceNote,
  {
    who = (name) => name,
    when = utcText,
    language = 'en',
  }: {
    readonly who?: (by: string) => string;
    readonly when?: (ms: number) => string;
    readonly language?: Language;
  } = {},
): string =>
  kind === 'acknowledged'
    ? phrasesOf[language].acknowledged(who(by))
    : phrasesOf[language].silenced(who(by), when(untilMs));

/** `2026-03-31 14:03 UTC`. */
export const utcText = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Facts that every provider shows, in kwatch's order and with its names. */
export function facts(
  message: IncidentMessage,
): readonly (readonly [name: string, value: string])[] {
  const { incident, clusterName } = message;
  const { cause, reasons, peak, owner } = incident;
  return [
    ['Cluster', clusterName],
    ['Name', cause.subject.name],
    ...(cause.container === undefined ? [] : [['Container', cause.container] as const]),
    ['Namespace', cause.subject.namespace],
    ...(cause.node === undefined || cause.node === '' || cause.node === cause.subject.name
      ? []
      : [['Node', cause.node] as const]),
    ['Reason', reasons.at(-1) ?? cause.reason],
    ...(owner.name === cause.subject.name
      ? []
      : [['Owner', `${owner.kind}/${owner.name}`] as const]),
    ...(peak > 1 ? [['Affected', String(peak)] as const] : []),
    ...(incident.shared === undefined ? [] : [['In common', incident.shared] as const]),
  ].filter(([, value]) => value !== '') as readonly (readonly [string, string])[];
}

/** The log, or why there is none. */
export const logText = ({ evidence }: IncidentMessage): string =>
  evidence.log === '' ? (evidence.logProblem ?? '') : evidence.log;

/** One line that stands alone: for push texts and places that show nothing else. */
export function headline(message: IncidentMessage): string {
  const { incident, change } = message;
  const { over, changed, headline: line } = phrases(message);
  const where = ownerText(incident);
  if (change === 'resolved') return over(where, lastedText(message));
  const reason = incident.reasons.at(-1) ?? incident.cause.reason;
  return `${change === 'updated' ? changed : ''}${line(reason, where, summary(message))}`;
}

/**
 * Text with Markdown marks, for providers that take nothing finer.
 * @param maxEvidenceChars of events and of the log, each
 */
export function markdown(
  message: IncidentMessage,
  text: string,
  maxEvidenceChars: number = maxLogChars,
): string {
  if (message.change === 'resolved') return `✅ ${headline(message)}`;
  const { kind } = message.incident.cause.subject;
  const lines = facts(message).map(
    ([name, value]) => `**${name === 'Name' ? kind : name}:** ${value}`,
  );
  const { evidence } = message;
  const log = logText(message);
  const hint = advice(message);
  const links = linksMarkdown(message);
  return [
    message.change === 'updated' ? `🔄 ${headline(message)}` : text,
    ...lines,
    `**What:** ${summarySentence(message)}${hint === undefined ? '' : `. ${hint}`}`,
    ...(evidence.changes.length === 0
      ? []
      : [`**${phrases(message).changedBefore}:**`, ...evidence.changes]),
    '**Events:**',
    fence(tail(evidence.events.join('\n') || noEvents, maxEvidenceChars)),
    '**Logs:**',
    fence(log === '' ? noLog : tail(log, maxEvidenceChars)),
    ...(links === '' ? [] : [links]),
  ].join('\n');
}

/** Incident, pod, dashboard, runbook, and the chart where it can be fetched. */
export const allLinks = ({ links, runbook, picture }: IncidentMessage): readonly MessageLink[] => [
  ...links,
  ...(runbook === undefined ? [] : [{ text: 'Runbook', url: runbook }]),
  ...(picture?.url === undefined ? [] : [{ text: picture.altText, url: picture.url }]),
];

/** `[Incident](https://…) · [Pod](https://…)`; empty: there are none. */
export const linksMarkdown = (message: IncidentMessage): string =>
  allLinks(message)
    .filter(({ url }) => URL.canParse(url))
    .map(({ text, url }) => `[${text}](${url.replace(/[()]/g, encodeURIComponent)})`)
    .join(' · ');

/** A block that its own text cannot end. */
const fence = (text: string): string => `\`\`\`\n${text.replaceAll('```', "'''")}\n\`\`\``;

/** The end of a text, cut at a line where there is one. */
export function tail(text: string, maxChars: number): string {
  const chars = [...text];
  if (chars.length <= maxChars) return text;
  const end = chars.slice(-maxChars).join('');
  const line = end.indexOf('\n');
  return line >= 0 && line < end.length / 2 ? end.slice(line + 1) : end;
}
