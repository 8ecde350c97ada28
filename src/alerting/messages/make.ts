import type { Alert, Notification, NotifiedAlert } from '../contract.ts';
import { commonOf, statusOf } from '../template/data.ts';
import { type Condition, conditionOf } from './condition.ts';
import type {
  AlertFacts,
  AlertMessage,
  EvidenceSeries,
  EvidenceSources,
  MessageLink,
  MessageLogs,
  MessageMaker,
  MessagePicture,
  MessageSettings,
} from './contract.ts';
import { alertLinks, alertsUrl, expressionOf, isWebUrl, silenceUrl } from './links.ts';
import { maskLine } from './mask-line.ts';
import { alertSvg, pictureSize } from './picture.ts';
import { wordsOf } from './words.ts';

/** Alerts that a message shows one by one. */
const maxShownAlerts = 5;
/** Messages kept for the other receivers of a group, and for another try. */
const maxKept = 32;
/** Before the first start that a picture and lines of logs begin. */
const pictureBeforeMs = 3_600_000;
const logsBeforeMs = 900_000;
/** A picture of an old alert shows its start and what came after it, no longer than this. */
const maxPictureMs = 24 * 3_600_000;
const picturePoints = 240;
const severities = [
  'critical',
  'error',
  'high',
  'major',
  'warning',
  'medium',
  'minor',
  'low',
  'info',
];

/**
 * Messages with what helps to act: values, a chart, the last lines, links. Everything is asked for at
 * once, and what has not come in time is left out.
 */
export function messageMaker(
  settings: () => MessageSettings,
  sources: () => EvidenceSources | undefined,
): MessageMaker {
  const kept = new Map<string, Promise<AlertMessage>>();
  return {
    get settings() {
      return settings();
    },
    make: (notification, signal) => {
      const key = keyOf(notification);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const made = makeMessage(notification, settings(), sources(), signal);
      kept.set(key, made);
      for (const [old] of kept) {
        if (kept.size <= maxKept) break;
        kept.delete(old);
      }
      return made;
    },
  };
}

/** Receivers that hear of ends and those that do not are told of different alerts. */
const keyOf = ({ groupKey, nowMs, receiver, alerts }: Notification): string =>
  JSON.stringify([
    receiver,
    groupKey,
    nowMs,
    alerts.map(({ alert, status }) => alert.fingerprint + status),
  ]);

async function makeMessage(
  notification: Notification,
  settings: MessageSettings,
  sources: EvidenceSources | undefined,
  signal: AbortSignal,
): Promise<AlertMessage> {
  const ordered = [...notification.alerts].sort(firingFirst);
  const shown = ordered.slice(0, maxShownAlerts);
  const lead = shown[0];
  const plain = plainMessage(notification, shown, settings);
  if (sources === undefined || lead === undefined) return plain;
  const ends = AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]);
  // What takes its time though it was told to stop must not hold the message.
  const timed = <T>(work: Promise<T>): Promise<T | undefined> =>
    Promise.race([
      work.catch(() => undefined),
      new Promise<undefined>((resolve) => {
        if (ends.aborted) resolve(undefined);
        ends.addEventListener('abort', () => resolve(undefined), { once: true });
      }),
    ]);
  const [chart, logs] = await Promise.all([
    timed(chartOf(notification, shown, { plain, settings, sources, signal: ends })),
    timed(logsOf(lead, { notification, settings, sources, signal: ends })),
  ]);
  const { threshold } = chart?.condition ?? {};
  return {
    ...plain,
    threshold: threshold === undefined ? undefined : `${threshold.operator} ${threshold.value}`,
    alerts: plain.alerts.map((facts, at) => ({ ...facts, value: chart?.values[at] })),
    picture: chart?.picture,
    logs,
  };
}

function plainMessage(
  notification: Notification,
  shown: readonly NotifiedAlert[],
  settings: MessageSettings,
): AlertMessage {
  const { alerts, groupLabels, externalUrl } = notification;
  const common = commonOf(alerts.map(({ alert }) => alert.labels));
  const count = (status: string): number => alerts.filter((one) => one.status === status).length;
  const name = common['alertname'] ?? groupLabels['alertname'] ?? Object.values(groupLabels)[0];
  const context = ['namespace', 'service', 'job', 'node', 'cluster']
    .map((label) => common[label])
    .find((value) => value !== undefined);
  const all = alerts.map(({ alert }) => severityOf(alert));
  return {
    notification,
    status: statusOf(alerts),
    title: [name ?? notification.receiver, context]
      .filter((part) => part !== undefined)
      .join(' · '),
    titleUrl: alertsUrl(externalUrl, groupLabels),
    firing: count('firing'),
    resolved: count('resolved'),
    severity: severities.find((one) => all.includes(one)) ?? all.find((one) => one !== '') ?? '',
    threshold: undefined,
    commonLabels: pairsOf(common, ['alertname', 'severity']),
    alerts: shown.map((one) => factsOf(one, notification, common)),
    hiddenAlerts: alerts.length - shown.length,
    picture: undefined,
    logs: undefined,
    links: groupLinks(notification, shown, common),
    settings,
  };
}

const firingFirst = (a: NotifiedAlert, b: NotifiedAlert): number =>
  (a.status === 'firing' ? 0 : 1) - (b.status === 'firing' ? 0 : 1);

const severityOf = ({ labels }: Alert): string => (labels['severity'] ?? '').toLowerCase();

const pairsOf = (
  labels: Readonly<Record<string, string>>,
  without: readonly string[],
): readonly (readonly [string, string])[] =>
  Object.entries(labels)
    .filter(([name]) => !without.includes(name) && !name.startsWith('__'))
    .sort(([a], [b]) => (a < b ? -1 : 1));

function factsOf(
  { alert, status }: NotifiedAlert,
  { externalUrl, nowMs }: Notification,
  common: Readonly<Record<string, string>>,
): AlertFacts {
  const { annotations } = alert;
  const summary = annotations['summary'] ?? annotations['message'] ?? '';
  const description = annotations['description'] ?? '';
  return {
    name: alert.labels['alertname'] ?? '',
    status,
    severity: severityOf(alert),
    summary: summary === '' ? description : summary,
    description: summary === '' ? '' : description,
    sinceMs: alert.startsAtMs,
    endedMs: status === 'resolved' ? alert.endsAtMs : undefined,
    value: undefined,
    labels: pairsOf(alert.labels, [...Object.keys(common), 'severity']),
    links: alertLinks(alert, { externalUrl, nowMs }),
  };
}

/** Of the first alert, with a silence for what all of them have in common. */
function groupLinks(
  { externalUrl, nowMs, groupLabels }: Notification,
  shown: readonly NotifiedAlert[],
  common: Readonly<Record<string, string>>,
): readonly MessageLink[] {
  const lead = shown[0];
  const links = lead === undefined ? [] : alertLinks(lead.alert, { externalUrl, nowMs });
  const isFiring = lead?.status === 'firing';
  const last: MessageLink = isFiring
    ? { kind: 'silence', url: silenceUrl(externalUrl, common) }
    : { kind: 'alert', url: alertsUrl(externalUrl, groupLabels) };
  return [...links, ...(isWebUrl(last.url) ? [last] : [])];
}

interface Gathering {
  readonly settings: MessageSettings;
  readonly sources: EvidenceSources;
  readonly signal: AbortSignal;
}

interface Chart {
  readonly condition: Condition;
  /** One for each alert. */
  readonly values: readonly (number | undefined)[];
  readonly picture: MessagePicture | undefined;
}

async function chartOf(
  { nowMs }: Notification,
  shown: readonly NotifiedAlert[],
  context: Gathering & { readonly plain: AlertMessage },
): Promise<Chart | undefined> {
  const { plain, settings, sources, signal } = context;
  const lead = shown[0] as NotifiedAlert;
  const expression = expressionOf(lead.alert) ?? sources.expressionOf?.(lead.alert.labels);
  const condition = expression === undefined ? undefined : conditionOf(expression);
  if (condition === undefined) return undefined;
  const window = windowOf(shown, nowMs);
  const all = await sources.queryRange(condition.query, window, signal);
  // An alert has the labels of the series it comes from, and more.
  const own = shown.map(({ alert }) => all.find(({ labels }) => isPartOf(labels, alert)));
  const chosen = own.filter((one) => one !== undefined);
  const series = chosen.length > 0 ? [...new Set(chosen)] : all;
  const values = own.map((one) => (one === undefined ? undefined : lastOf(one)));
  if (!settings.hasPicture || series.length === 0) return { condition, values, picture: undefined };
  const svg = alertSvg({
    title: plain.title,
    condition,
    window,
    series,
    alerts: plain.alerts,
    settings,
  });
  const picture = await pictureOf(svg, plain, context).catch(() => undefined);
  signal.throwIfAborted();
  return { condition, values, picture };
}

async function pictureOf(
  svg: string,
  { title }: AlertMessage,
  { settings, sources, signal }: Gathering,
): Promise<MessagePicture> {
  const png = await sources.renderPng(svg, pictureSize, signal);
  const url = await sources.publish(png);
  return { ...pictureSize, png, url, altText: wordsOf[settings.language].chart(title) };
}

function windowOf(shown: readonly NotifiedAlert[], nowMs: number) {
  const startsMs = Math.min(...shown.map(({ alert }) => alert.startsAtMs));
  const startMs = startsMs - pictureBeforeMs;
  const endMs = Math.min(nowMs, startMs + maxPictureMs);
  const stepMs = Math.max(15_000, Math.ceil((endMs - startMs) / picturePoints / 1000) * 1000);
  return { startMs, endMs: Math.max(endMs, startMs + stepMs), stepMs };
}

const isPartOf = (labels: Readonly<Record<string, string>>, { labels: of }: Alert): boolean =>
  Object.entries(labels).every(([name, value]) => name === '__name__' || of[name] === value);

function lastOf({ values }: EvidenceSeries): number | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const value = values[at] as number;
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
}

/** Of the pod that the first alert is about. */
async function logsOf(
  { alert, status }: NotifiedAlert,
  context: Gathering & { readonly notification: Notification },
): Promise<MessageLogs | undefined> {
  const { settings, sources, signal, notification } = context;
  const { namespace, pod, container } = alert.labels;
  const isWanted = settings.maxLogLines > 0 && status === 'firing';
  if (!isWanted || namespace === undefined || pod === undefined) return undefined;
  const range = {
    fromMs: alert.startsAtMs - logsBeforeMs,
    toMs: notification.nowMs,
    maxLines: settings.maxLogLines,
  };
  const found = await sources.lastLines({ namespace, pod, container }, range, signal);
  const lines = (found ?? []).map(maskLine).filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  const subject = `${namespace}/${pod}${container === undefined ? '' : ` (${container})`}`;
  return { subject, lines };
}
