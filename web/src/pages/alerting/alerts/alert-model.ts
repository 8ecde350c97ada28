import type { WireAmAlert, WireAmGroup } from '../../../api/alertmanager.ts';
import type { Labels } from '../../../api/metrics.ts';
import { matcherTest, type SearchText } from '../matcher.ts';

/** In the order of attention. */
export const alertStates = ['firing', 'pending', 'silenced', 'inhibited', 'muted'] as const;
export type AlertState = (typeof alertStates)[number];

/** An alert with what is known of it from the rule that made it and from those who tell of it. */
export interface AlertItem {
  /** Unique in the list: an alert that two routes tell of is there twice. */
  readonly key: string;
  readonly fingerprint: string;
  readonly state: AlertState;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly sinceMs: number;
  readonly generatorUrl: string;
  readonly silencedBy: readonly string[];
  /** Of the expression, or of each by its letter. */
  readonly value: string | undefined;
}

export interface AlertGroup {
  readonly key: string;
  readonly labels: Labels;
  /** Absent where alerts are grouped by labels. */
  readonly receiver?: string;
  readonly alerts: readonly AlertItem[];
}

const stateOf = ({ silencedBy, inhibitedBy, mutedBy }: WireAmAlert['status']): AlertState =>
  silencedBy.length > 0
    ? 'silenced'
    : inhibitedBy.length > 0
      ? 'inhibited'
      : mutedBy.length > 0
        ? 'muted'
        : 'firing';

const labelsKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** An alert as the rule that made it knows it. */
export interface RuleAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `pending` of Prometheus, `Pending` of rules that are made here. */
  readonly state: string;
  readonly activeAt?: string;
  readonly value?: string;
}

/** `B=3, C=1` of the numbers that a rule was decided by. */
function valuesOf(annotations: Labels): string | undefined {
  try {
    const values = JSON.parse(annotations['__values__'] ?? '') as Readonly<Record<string, unknown>>;
    return Object.entries(values)
      .map((pair) => pair.join('='))
      .join(', ');
  } catch {
    return undefined;
  }
}

const valueText = (value: string): string =>
  value === '' || Number.isNaN(Number(value)) ? value : String(Number(value));

/** Group that holds what no receiver hears of yet. */
export const pendingGroupKey = 'pending';

/**
 * Groups as they are told of, and what is pending as one more.
 * @param ofRules alerts as rules know them: the pending ones, and the values of all
 */
export function deliveredGroups(
  groups: readonly WireAmGroup[],
  ofRules: readonly RuleAlert[],
): readonly AlertGroup[] {
  const values = new Map(ofRules.map((alert) => [labelsKey(alert.labels), alert.value]));
  const valueFor = ({ labels, annotations }: WireAmAlert): string | undefined => {
    const value = values.get(labelsKey(labels));
    return valuesOf(annotations) ?? (value === undefined ? undefined : valueText(value));
  };
  const delivered = groups.map(({ labels, receiver, alerts }): AlertGroup => {
    const key = `${receiver.name} ${labelsKey(labels)}`;
    return {
      key,
      labels,
      receiver: receiver.name,
      alerts: alerts.map((alert) => ({
        key: `${key} ${alert.fingerprint}`,
        fingerprint: alert.fingerprint,
        state: stateOf(alert.status),
        labels: alert.labels,
        annotations: alert.annotations,
        sinceMs: Date.parse(alert.startsAt),
        generatorUrl: alert.generatorURL,
        silencedBy: alert.status.silencedBy,
        value: valueFor(alert),
      })),
    };
  });
  const pending = ofRules
    .filter(({ state }) => state.toLowerCase().startsWith('pending'))
    .map((alert): AlertItem => {
      const key = `${pendingGroupKey} ${labelsKey(alert.labels)}`;
      return {
        key,
        fingerprint: key,
        state: 'pending',
        labels: alert.labels,
        annotations: alert.annotations,
        sinceMs: Date.parse(alert.activeAt ?? ''),
        generatorUrl: '',
        silencedBy: [],
        value: alert.value === undefined ? undefined : valueText(alert.value),
      };
    });
  return pending.length === 0
    ? delivered
    : [...delivered, { key: pendingGroupKey, labels: {}, alerts: pending }];
}

/** Each alert once, with the worst that is known of it where routes differ. */
export function uniqueAlerts(groups: readonly AlertGroup[]): readonly AlertItem[] {
  const found = new Map<string, AlertItem>();
  for (const { alerts } of groups) {
    for (const alert of alerts) {
      const known = found.get(alert.fingerprint);
      if (known === undefined || rank(alert) < rank(known)) found.set(alert.fingerprint, alert);
    }
  }
  return [...found.values()];
}

const rank = ({ state }: AlertItem): number => alertStates.indexOf(state);

/** @throws {SyntaxError} when a pattern of the text is none */
export function alertFilter({ matchers, words }: SearchText): (alert: AlertItem) => boolean {
  const tests = matchers.map(matcherTest);
  return ({ labels, annotations }) => {
    if (!tests.every((test) => test(labels))) return false;
    if (words.length === 0) return true;
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const text = [...pairs, ...Object.values(annotations)].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

export function countByState(alerts: readonly AlertItem[]): Readonly<Record<AlertState, number>> {
  const counts = { firing: 0, pending: 0, silenced: 0, inhibited: 0, muted: 0 };
  for (const { state } of alerts) counts[state]++;
  return counts;
}

/** Groups by the values of labels; what lacks one stands with the empty value. */
export function groupedBy(
  alerts: readonly AlertItem[],
  names: readonly string[],
): readonly AlertGroup[] {
  const groups = new Map<string, AlertItem[]>();
  for (const alert of alerts) {
    const key = JSON.stringify(names.map((name) => alert.labels[name] ?? ''));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [alert]);
    else group.push(alert);
  }
  return [...groups].map(([key, members]) => ({
    key,
    labels: Object.fromEntries(names.map((name) => [name, members[0]?.labels[name] ?? ''])),
    alerts: members,
  }));
}

export type AlertRow =
  | { readonly kind: 'group'; readonly group: AlertGroup; readonly isOpen: boolean }
  | { readonly kind: 'alert'; readonly alert: AlertItem; readonly group: AlertGroup };

const severities = ['critical', 'page', 'error', 'warning', 'info', 'none'];
const severityRank = ({ labels }: AlertItem): number => {
  const at = severities.indexOf((labels['severity'] ?? '').toLowerCase());
  return at < 0 ? severities.length : at;
};

/** Worst first, then the newest. */
const inOrder = (a: AlertItem, b: AlertItem): number =>
  rank(a) - rank(b) || severityRank(a) - severityRank(b) || b.sinceMs - a.sinceMs;

/** Rows of the list: groups with the worst in front first, each above its alerts unless folded. */
export function rowsOf(
  groups: readonly AlertGroup[],
  keep: (alert: AlertItem) => boolean,
  folded: ReadonlySet<string>,
): readonly AlertRow[] {
  return groups
    .map((group) => ({ ...group, alerts: group.alerts.filter(keep).toSorted(inOrder) }))
    .filter(({ alerts }) => alerts.length > 0)
    .toSorted((a, b) => inOrder(a.alerts[0]!, b.alerts[0]!))
    .flatMap((group): AlertRow[] => {
      const isOpen = !folded.has(group.key);
      const alerts = isOpen
        ? group.alerts.map((alert): AlertRow => ({ kind: 'alert', alert, group }))
        : [];
      return [{ kind: 'group', group, isOpen }, ...alerts];
    });
}
