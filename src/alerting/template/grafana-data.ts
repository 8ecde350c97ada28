import type { NotifiedAlert } from '../contract.ts';
import { type LabelSet, sortedNames } from '../labels.ts';

/** Names such as `__alert_rule_uid__` are for the program: messages do not show them. */
const isHidden = (name: string): boolean => name.startsWith('__') && name.endsWith('__');

/** What of labels or annotations messages show. */
export function shown(labels: LabelSet): LabelSet {
  if (!Object.keys(labels).some(isHidden)) return labels;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !isHidden(name)));
}

/** What an alert of a rule says beyond its labels, as Grafana's templates and webhooks know it. */
export interface RuleAlertFacts {
  /** Numbers by refId, as texts where JSON has none; undefined: the alert is of no rule that has them. */
  readonly values: Readonly<Record<string, number | string | null>> | undefined;
  readonly valueString: string;
  readonly silenceUrl: string;
  readonly dashboardUrl: string;
  readonly panelUrl: string;
}

export function ruleAlertFacts({ alert }: NotifiedAlert, externalUrl: string): RuleAlertFacts {
  const { labels, annotations } = alert;
  const dashboard = annotations['__dashboardUid__'] ?? '';
  const panel = annotations['__panelId__'] ?? '';
  const dashboardUrl =
    dashboard === '' ? '' : `${externalUrl}/d/${encodeURIComponent(dashboard)}?orgId=1`;
  return {
    values: valuesOf(annotations['__values__']),
    valueString: annotations['__value_string__'] ?? '',
    silenceUrl: silenceUrl(shown(labels), externalUrl),
    dashboardUrl,
    panelUrl:
      dashboardUrl === '' || panel === ''
        ? ''
        : `${dashboardUrl}&viewPanel=${encodeURIComponent(panel)}`,
  };
}

/** The page that makes a silence for exactly these labels. */
function silenceUrl(labels: LabelSet, externalUrl: string): string {
  const matchers = sortedNames(labels).map(
    (name) => `matcher=${encodeURIComponent(`${name}=${labels[name]}`)}`,
  );
  return `${externalUrl}/alerting/silence/new?${['alertmanager=grafana', ...matchers].join('&')}`;
}

function valuesOf(text: string | undefined): RuleAlertFacts['values'] {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as RuleAlertFacts['values'])
      : undefined;
  } catch {
    // Whoever sends alerts may call an annotation so.
    return undefined;
  }
}
