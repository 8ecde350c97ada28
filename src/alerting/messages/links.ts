import type { Alert } from '../contract.ts';
import type { LabelSet } from '../labels.ts';
import { sortedNames } from '../labels.ts';
import type { MessageLink } from './contract.ts';

/** Around the start of an alert, in links to other views. */
const beforeMs = 3_600_000;
const afterMs = 900_000;

/** Longer ones are refused by chats, and nobody can open them. */
const maxUrlChars = 2000;

/** A URL that a message may point at. */
export const isWebUrl = (text: string): boolean =>
  text.length <= maxUrlChars && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const address = (
  base: string,
  path: string,
  parameters: readonly (readonly [string, string])[],
): string => {
  const query = new URLSearchParams(parameters.map(([name, value]) => [name, value]));
  return `${base}${path}?${query.toString()}`;
};

/** The expression that an alert's rule asks for, out of its generator's URL. */
export function expressionOf({ generatorUrl }: Alert): string | undefined {
  if (!URL.canParse(generatorUrl)) return undefined;
  return new URL(generatorUrl).searchParams.get('g0.expr') ?? undefined;
}

/** What is to be seen of one alert, most to the point first. */
export function alertLinks(
  alert: Alert,
  { externalUrl, nowMs }: { readonly externalUrl: string; readonly nowMs: number },
): readonly MessageLink[] {
  const { labels, annotations } = alert;
  const range = [
    ['from', String(alert.startsAtMs - beforeMs)],
    ['to', String(Math.max(alert.startsAtMs + afterMs, Math.min(nowMs, alert.endsAtMs)))],
  ] as const;
  const links: MessageLink[] = [];
  const add = (kind: MessageLink['kind'], url: string): void => {
    if (isWebUrl(url)) links.push({ kind, url });
  };
  const expression = expressionOf(alert);
  if (expression !== undefined) {
    add('explore', address(externalUrl, '/metrics/explore', [['q', expression], ...range]));
  }
  const { namespace, pod, container } = labels;
  if (namespace !== undefined && pod !== undefined) {
    const one = [
      ['namespace', namespace],
      ['pod', pod],
    ] as const;
    add('pod', address(externalUrl, '/kubernetes/pod', [...one, ...range]));
    const of = container === undefined ? [] : [['container', container] as const];
    add(
      'logs',
      address(externalUrl, '/kubernetes/pod', [...one, ...of, ['tab', 'logs'], ...range]),
    );
  }
  const dashboard = annotations['__dashboardUid__'];
  if (dashboard !== undefined) {
    const panel = annotations['__panelId__'];
    const view = panel === undefined ? [] : [['viewPanel', panel] as const];
    add(
      'dashboard',
      address(externalUrl, `/d/${encodeURIComponent(dashboard)}`, [...view, ...range]),
    );
  }
  if (expression === undefined) add('rule', alert.generatorUrl);
  else {
    const name = labels['alertname'] ?? '';
    add('rule', address(externalUrl, '/metrics/rules', [['filter', name]]));
  }
  add('runbook', annotations['runbook_url'] ?? '');
  return links;
}

/** A form with the labels filled in. */
export const silenceUrl = (externalUrl: string, labels: LabelSet): string =>
  address(
    externalUrl,
    '/alerting/silence/new',
    sortedNames(labels)
      .filter((name) => !name.startsWith('__'))
      .map((name) => ['matcher', `${name}=${labels[name] ?? ''}`] as const),
  );

/** The alerts of a group. */
export function alertsUrl(externalUrl: string, labels: LabelSet): string {
  const search = sortedNames(labels).map((name) => `${name}=${JSON.stringify(labels[name] ?? '')}`);
  return address(externalUrl, '/alerting/alerts', [['q', search.join(' ')]]);
}
