import { floatText } from '#go-template';
import { type LabelMatcher, labelsToRecord } from '#metrics/model';
import type { Alert } from './contract.ts';
import type { RuleGroup } from './group.ts';
import type { RuleManager } from './manager.ts';
import type { Rule } from './rule.ts';

export interface RulesQuery {
  readonly type: 'alert' | 'record' | undefined;
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly excludeAlerts: boolean;
  readonly matcherSets: readonly (readonly LabelMatcher[])[];
}

type Json = Readonly<Record<string, unknown>>;

/** What Go prints for a time that never was. */
const never = '0001-01-01T00:00:00Z';
const timeText = (timeMs: number | undefined): string =>
  timeMs === undefined ? never : new Date(timeMs).toISOString();

/** Groups and their rules in the shape of `/api/v1/rules`; groups without a rule left are left out. */
export function groupsJson(manager: RuleManager, query: RulesQuery): readonly Json[] {
  const sorted = [...manager.groups].sort((a, b) => (a.key < b.key ? -1 : 1));
  return sorted.flatMap((group) => {
    if (query.files.size > 0 && !query.files.has(group.config.file)) return [];
    if (query.groups.size > 0 && !query.groups.has(group.config.name)) return [];
    const rules = group.rules.filter((rule) => isWanted(rule, query));
    const filters =
      query.type !== undefined || query.names.size > 0 || query.matcherSets.length > 0;
    if (rules.length === 0 && filters) return [];
    return [groupJson(group, rules, query)];
  });
}

export function alertsJson(manager: RuleManager): readonly Json[] {
  return manager.groups.flatMap((group) =>
    group.rules.flatMap((rule) => rule.activeAlerts.map(alertJson)),
  );
}

function isWanted(rule: Rule, query: RulesQuery): boolean {
  if (query.type !== undefined && (query.type === 'alert') !== rule.isAlert) return false;
  if (query.names.size > 0 && !query.names.has(rule.name)) return false;
  if (query.matcherSets.length === 0) return true;
  return query.matcherSets.some((matchers) =>
    matchers.every((matcher) => matcher.matches(rule.labels[matcher.name] ?? '')),
  );
}

function groupJson(group: RuleGroup, rules: readonly Rule[], query: RulesQuery): Json {
  return {
    name: group.config.name,
    file: group.config.file,
    rules: rules.map((rule) => ruleJson(rule, query.excludeAlerts)),
    interval: group.settings.intervalMs / 1000,
    limit: group.config.limit,
    evaluationTime: group.evaluationSeconds,
    lastEvaluation: timeText(group.lastEvaluationMs),
  };
}

function ruleJson(rule: Rule, excludeAlerts: boolean): Json {
  const common = {
    name: rule.name,
    query: rule.query,
    labels: rule.labels,
    health: rule.health,
    ...(rule.lastError === '' ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationSeconds,
    lastEvaluation: timeText(rule.lastEvaluationMs),
  };
  if (!rule.isAlert) return { ...common, type: 'recording' };
  return {
    state: rule.state,
    ...common,
    duration: rule.config.forMs / 1000,
    keepFiringFor: rule.config.keepFiringForMs / 1000,
    annotations: rule.config.annotations,
    alerts: excludeAlerts ? [] : rule.activeAlerts.map(alertJson),
    type: 'alerting',
  };
}

function alertJson(alert: Alert): Json {
  return {
    labels: labelsToRecord(alert.labels),
    annotations: labelsToRecord(alert.annotations),
    state: alert.state,
    activeAt: timeText(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === undefined
      ? {}
      : { keepFiringSince: timeText(alert.keepFiringSinceMs) }),
    value: scientific(alert.value),
  };
}

/** Go's shortest 'e' form: `1e+00`. */
function scientific(value: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
