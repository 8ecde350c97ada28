import {
  choiceAt,
  flagAt,
  numberAt,
  objectAt,
  textAt,
} from '../../../../src/dashboards/fields/read.ts';
import type { WireRuleGroup } from '../../api/metrics.ts';

export type AlertState = 'firing' | 'pending' | 'normal' | 'error';

/** A rule, or one of its alerts. */
export interface AlertEntry {
  readonly key: string;
  readonly name: string;
  readonly state: AlertState;
  /** Unix ms; undefined: it is not active. */
  readonly sinceMs: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface AlertListOptions {
  readonly isStat: boolean;
  readonly maxItems: number;
  readonly sortOrder: number;
  readonly states: ReadonlySet<AlertState>;
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
}

interface LabelMatcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export function alertListOptions(
  options: Readonly<Record<string, unknown>>,
  interpolate: (text: string) => string,
): AlertListOptions {
  const filter = objectAt(options, 'stateFilter');
  const states: AlertState[] = [];
  if (flagAt(filter, 'firing', true)) states.push('firing');
  if (flagAt(filter, 'pending', true)) states.push('pending');
  if (flagAt(filter, 'normal', false)) states.push('normal');
  if (flagAt(filter, 'error', true)) states.push('error');
  return {
    isStat: choiceAt(options, 'viewMode', ['list', 'stat'], 'list') === 'stat',
    maxItems: numberAt(options, 'maxItems', 20),
    sortOrder: numberAt(options, 'sortOrder', 1),
    states: new Set(states),
    name: interpolate(textAt(options, 'alertName', '')).toLowerCase(),
    matchers: matchersOf(interpolate(textAt(options, 'alertInstanceLabelFilter', ''))),
  };
}

/** `{severity="critical", team=~"a|b"}`; what cannot be read filters nothing. */
function matchersOf(text: string): readonly LabelMatcher[] {
  return [...text.matchAll(/([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', operator = '=', value = '']) => ({
      label,
      operator: operator as LabelMatcher['operator'],
      value,
    }),
  );
}

const severityOf: Readonly<Record<AlertState, number>> = {
  firing: 0,
  error: 1,
  pending: 2,
  normal: 3,
};

export function alertEntries(
  groups: readonly WireRuleGroup[],
  options: AlertListOptions,
): readonly AlertEntry[] {
  const entries = groups.flatMap(({ file, name: group, rules }) =>
    rules.flatMap((rule, at): AlertEntry[] => {
      if (rule.type !== 'alerting') return [];
      const key = `${file} ${group} ${at}`;
      const summary = rule.annotations?.['summary'] ?? rule.annotations?.['description'] ?? '';
      const base = { key, name: rule.name, labels: rule.labels, summary, sinceMs: undefined };
      if (rule.health === 'err') {
        return [{ ...base, state: 'error', summary: rule.lastError ?? summary }];
      }
      const alerts = rule.alerts ?? [];
      if (alerts.length === 0) return [{ ...base, state: 'normal' }];
      return alerts.map((alert, index) => ({
        key: `${key} ${index}`,
        name: rule.name,
        state: alert.state === 'inactive' ? 'normal' : alert.state,
        sinceMs: Date.parse(alert.activeAt),
        labels: alert.labels,
        summary: alert.annotations['summary'] ?? alert.annotations['description'] ?? '',
      }));
    }),
  );
  const shown = entries.filter(
    (entry) =>
      options.states.has(entry.state) &&
      entry.name.toLowerCase().includes(options.name) &&
      options.matchers.every((matcher) => matches(entry, matcher)),
  );
  return shown.sort(orderOf(options.sortOrder)).slice(0, options.maxItems);
}

/** As Grafana numbers them: 1 and 2 by name, 3 by severity, 4 and 5 by time. */
function orderOf(sortOrder: number): (a: AlertEntry, b: AlertEntry) => number {
  const byName = (a: AlertEntry, b: AlertEntry): number => a.name.localeCompare(b.name);
  const byTime = (a: AlertEntry, b: AlertEntry): number => (a.sinceMs ?? 0) - (b.sinceMs ?? 0);
  switch (sortOrder) {
    case 2:
      return (a, b) => byName(b, a);
    case 3:
      return (a, b) => severityOf[a.state] - severityOf[b.state] || byName(a, b);
    case 4:
      return byTime;
    case 5:
      return (a, b) => byTime(b, a);
    default:
      return byName;
  }
}

function matches({ labels }: AlertEntry, { label, operator, value }: LabelMatcher): boolean {
  const own = labels[label] ?? '';
  if (operator === '=') return own === value;
  if (operator === '!=') return own !== value;
  // A pattern of a dashboard's author over a few labels; one that is none matches nothing.
  let isMatch = false;
  try {
    isMatch = new RegExp(`^(?:${value})$`).test(own);
  } catch {
    return false;
  }
  return operator === '=~' ? isMatch : !isMatch;
}
