import type {
  WireGrafanaGroup,
  WireRulerGroup,
  WireRulerRule,
} from '../../../api/grafana-alerting.ts';
import type { Labels, WireRuleGroup } from '../../../api/metrics.ts';

/** In the order of trouble. */
export const ruleStates = [
  'error',
  'firing',
  'pending',
  'recovering',
  'nodata',
  'inactive',
  'paused',
  'recording',
] as const;
export type RuleState = (typeof ruleStates)[number];

/** An alert of a rule: one label set of its result. */
export interface RuleInstance {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `firing`, or `Alerting (NoData)`: as the engine says it. */
  readonly state: string;
  readonly sinceMs: number | undefined;
  readonly value: string | undefined;
}

/** A rule of either kind, as lists and pages show it. */
export interface AlertingRule {
  /** Unique among all rules. */
  readonly key: string;
  readonly kind: 'prometheus' | 'grafana';
  readonly name: string;
  /** Title of the folder, or the file. */
  readonly folder: string;
  readonly group: string;
  readonly intervalMs: number;
  readonly state: RuleState;
  readonly query: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly instances: readonly RuleInstance[];
  readonly lastError: string | undefined;
  readonly lastEvaluationMs: number | undefined;
  readonly evaluationMs: number;
  readonly forMs: number;
  readonly keepFiringMs: number;
  /** Of those that are made here. */
  readonly own?: {
    readonly uid: string;
    readonly folderUid: string;
    readonly definition: WireRulerRule;
  };
}

export interface RuleGroupView {
  readonly key: string;
  readonly kind: AlertingRule['kind'];
  readonly folder: string;
  readonly group: string;
  readonly intervalMs: number;
  readonly rules: readonly AlertingRule[];
}

const timeOf = (text: string | undefined): number | undefined => {
  const ms = Date.parse(text ?? '');
  // Year 1 stands for never.
  return ms > 0 ? ms : undefined;
};

export function prometheusGroups(groups: readonly WireRuleGroup[]): readonly RuleGroupView[] {
  return groups.map(({ name: group, file: folder, interval, rules }) => {
    const key = `prometheus ${folder} ${group}`;
    const intervalMs = interval * 1000;
    return {
      key,
      kind: 'prometheus',
      folder,
      group,
      intervalMs,
      rules: rules.map(
        (rule, at): AlertingRule => ({
          key: `${key} ${at}`,
          kind: 'prometheus',
          name: rule.name,
          folder,
          group,
          intervalMs,
          state:
            rule.health === 'err'
              ? 'error'
              : rule.type === 'recording'
                ? 'recording'
                : (rule.state ?? 'inactive'),
          query: rule.query,
          labels: rule.labels,
          annotations: rule.annotations ?? {},
          instances: (rule.alerts ?? []).map((alert) => ({
            labels: alert.labels,
            annotations: alert.annotations,
            state: alert.state,
            sinceMs: timeOf(alert.activeAt),
            value: alert.value,
          })),
          lastError: rule.lastError || undefined,
          lastEvaluationMs: timeOf(rule.lastEvaluation),
          evaluationMs: rule.evaluationTime * 1000,
          forMs: (rule.duration ?? 0) * 1000,
          keepFiringMs: (rule.keepFiringFor ?? 0) * 1000,
        }),
      ),
    };
  });
}

/**
 * Rules that are made here: what they are from the ruler, how they go from the other.
 * @param ruler groups by the title of their folder
 */
export function grafanaGroups(
  ruler: Readonly<Record<string, readonly WireRulerGroup[]>>,
  running: readonly WireGrafanaGroup[],
): readonly RuleGroupView[] {
  const status = new Map(
    running.flatMap((group) =>
      group.rules.map((rule) => [`${group.file}\n${group.name}\n${rule.name}`, rule] as const),
    ),
  );
  return Object.entries(ruler).flatMap(([folder, groups]) =>
    groups.map(({ name: group, interval, rules }): RuleGroupView => {
      const intervalMs = durationMs(interval) ?? 60_000;
      const key = `grafana ${folder} ${group}`;
      return {
        key,
        kind: 'grafana',
        folder,
        group,
        intervalMs,
        rules: rules.map((definition, at): AlertingRule => {
          const {
            title,
            uid = '',
            namespace_uid: folderUid = '',
            is_paused,
          } = definition.grafana_alert;
          const now = status.get(`${folder}\n${group}\n${title}`);
          const { health } = now ?? {};
          const state: RuleState = is_paused
            ? 'paused'
            : health === 'error' || health === 'err'
              ? 'error'
              : now?.state === 'inactive' && health === 'nodata'
                ? 'nodata'
                : (ruleStates.find((one) => one === now?.state) ?? 'inactive');
          return {
            key: `${key} ${uid || at}`,
            kind: 'grafana',
            name: title,
            folder,
            group,
            intervalMs,
            state,
            query: queryText(definition),
            labels: definition.labels ?? {},
            annotations: definition.annotations ?? {},
            instances: (now?.alerts ?? []).map((alert) => ({
              labels: alert.labels,
              annotations: alert.annotations,
              state: alert.state,
              sinceMs: timeOf(alert.activeAt),
              value: alert.value,
            })),
            lastError: now?.lastError || undefined,
            lastEvaluationMs: timeOf(now?.lastEvaluation),
            evaluationMs: (now?.evaluationTime ?? 0) * 1000,
            forMs: durationMs(definition.for) ?? 0,
            keepFiringMs: durationMs(definition.keep_firing_for ?? '') ?? 0,
            own: { uid, folderUid, definition },
          };
        }),
      };
    }),
  );
}

/** What is asked of data sources, for search and for people. */
function queryText({ grafana_alert: { data } }: WireRulerRule): string {
  const queries = data.filter(({ datasourceUid }) => !isExpression(datasourceUid));
  return queries.map(({ model }) => String(model['expr'] ?? model['query'] ?? '')).join('\n');
}

export const isExpression = (uid: string): boolean => uid === '__expr__' || uid === '-100';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1m`, `1h30m` or a plain number of seconds; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^(?:\d+(?:ms|[ywdhms]))+$/.test(trimmed)) return undefined;
  return [...trimmed.matchAll(/(\d+)(ms|[ywdhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}

export interface RuleFilter {
  readonly text: string;
  readonly state: string;
  readonly kind: string;
}

/** Groups with only the rules that match; those in trouble first, otherwise by folder and group. */
export function filteredRules(
  groups: readonly RuleGroupView[],
  { text, state, kind }: RuleFilter,
): readonly RuleGroupView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (rule: AlertingRule): boolean => {
    if (state !== '' && rule.state !== state) return false;
    if (words.length === 0) return true;
    const labels = Object.entries(rule.labels).map(([name, value]) => `${name}=${value}`);
    const content = [rule.name, rule.query, rule.folder, rule.group, ...labels].join('\n');
    const low = content.toLowerCase();
    return words.every((word) => low.includes(word));
  };
  const rank = ({ rules }: RuleGroupView): number =>
    Math.min(...rules.map((rule) => Math.min(5, ruleStates.indexOf(rule.state))));
  return groups
    .filter((group) => kind === '' || group.kind === kind)
    .map((group) => ({ ...group, rules: group.rules.filter(matches) }))
    .filter(({ rules }) => rules.length > 0)
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) || a.folder.localeCompare(b.folder) || a.group.localeCompare(b.group),
    );
}
