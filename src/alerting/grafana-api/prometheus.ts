import type { FastifyInstance } from 'fastify';
import {
  type AlertInstance,
  type AlertRule,
  type AlertRules,
  type RuleGroup,
  stateText,
} from '#alerting/rules';
import type { GrafanaAlertingDeps } from './deps.ts';
import { type Json, ok, routes } from './http.ts';

const prefix = '/api/prometheus/grafana/api/v1';
/** Instances of one rule in an answer; the totals count all of them. */
const maxAlertsPerRule = 1000;

/** `/api/prometheus/grafana/api/v1/…`: rules and alerts as they are now. */
export function registerPrometheusRoutes(
  app: FastifyInstance,
  { rules }: GrafanaAlertingDeps,
): void {
  const route = routes(app);
  route('GET', `${prefix}/rules`, ({ query }) => {
    const groups = rules.store
      .groups()
      .filter((group) => matches(query, 'folder_uid', group.folderUid))
      .filter((group) => matches(query, 'rule_group', group.title))
      .map((group) => groupJson(rules, group, query))
      .filter(({ rules: list }) => list.length > 0);
    return ok({
      status: 'success',
      data: { groups, totals: sum(groups.map(({ totals }) => totals)) },
    });
  });
  route('GET', `${prefix}/alerts`, () => {
    const alerts = rules.store
      .groups()
      .flatMap((group) => group.rules)
      .flatMap(({ uid }) => rules.instances(uid))
      .filter(({ state }) => state !== 'Normal')
      .map(alertJson);
    return ok({ status: 'success', data: { alerts } });
  });
}

/** A parameter that may be repeated; absent: anything. */
const matches = (query: URLSearchParams, name: string, value: string): boolean => {
  const wanted = query.getAll(name);
  return wanted.length === 0 || wanted.includes(value);
};

type Totals = Readonly<Record<string, number>>;

function groupJson(rules: AlertRules, group: RuleGroup, query: URLSearchParams) {
  const folder = rules.folders.get(group.folderUid)?.title ?? group.folderUid;
  const list = group.rules
    .filter((rule) => matches(query, 'rule_name', rule.title))
    .filter((rule) => matches(query, 'rule_uid', rule.uid))
    .filter(({ annotations }) =>
      matches(query, 'dashboard_uid', annotations['__dashboardUid__'] ?? ''),
    )
    .filter(({ annotations }) => matches(query, 'panel_id', annotations['__panelId__'] ?? ''))
    .map((rule) => ruleJson(rules, group, rule, query))
    .filter(({ state }) => matches(query, 'state', state))
    .filter(({ health }) => matches(query, 'health', health))
    .filter(({ type }) => matches(query, 'type', type));
  const statuses = group.rules.map(({ uid }) => rules.status(uid));
  const last = Math.max(0, ...statuses.map(({ lastEvaluationMs = 0 }) => lastEvaluationMs));
  return {
    name: group.title,
    file: folder,
    folderUid: group.folderUid,
    rules: list,
    totals: sum([
      ...list.map(({ state }) => ({ [state]: 1 })),
      ...list.map(({ health }): Totals => (health === 'error' ? { error: 1 } : {})),
      ...list.map(({ health }): Totals => (health === 'nodata' ? { nodata: 1 } : {})),
    ]),
    interval: group.intervalMs / 1000,
    lastEvaluation: timeText(last),
    evaluationTime: statuses.reduce((total, one) => total + one.evaluationSeconds, 0),
    nextEvaluation: timeText(rules.nextEvaluationMs(group)),
  };
}

function ruleJson(rules: AlertRules, group: RuleGroup, rule: AlertRule, query: URLSearchParams) {
  const instances = rules.instances(rule.uid);
  const status = rules.status(rule.uid);
  const limit = Math.min(Number(query.get('limit_alerts') ?? maxAlertsPerRule), maxAlertsPerRule);
  const sources = rule.data.map(({ datasourceUid }) => datasourceUid);
  const active = instances.filter(({ state }) => state !== 'Normal');
  const since = active.map(({ startsAtMs }) => startsAtMs);
  const isRecording = rule.record !== undefined;
  return {
    state: isRecording ? 'inactive' : stateOf(instances),
    name: rule.title,
    uid: rule.uid,
    folderUid: group.folderUid,
    query: JSON.stringify(rule.data.map(({ model }) => model)),
    queriedDatasourceUIDs: [...new Set(sources.filter((uid) => uid !== '__expr__'))],
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    annotations: rule.annotations,
    labels: rule.labels,
    ...(since.length === 0 ? {} : { activeAt: timeText(Math.min(...since)) }),
    alerts: [...active, ...instances.filter(({ state }) => state === 'Normal')]
      .slice(0, limit)
      .map(alertJson),
    totals: sum(instances.map(({ state }) => ({ [state.toLowerCase()]: 1 }))),
    totalsFiltered: sum(instances.map(({ state }) => ({ [state.toLowerCase()]: 1 }))),
    health: status.health,
    ...(status.lastError === '' ? {} : { lastError: status.lastError }),
    type: isRecording ? 'recording' : 'alerting',
    lastEvaluation: timeText(status.lastEvaluationMs ?? 0),
    evaluationTime: status.evaluationSeconds,
    isPaused: rule.isPaused,
    ...(rule.notificationSettings === undefined
      ? {}
      : { notificationSettings: { receiver: rule.notificationSettings.receiver } }),
    ...(rule.provenance === '' ? {} : { provenance: rule.provenance }),
  };
}

/** The state of what fires most. */
function stateOf(
  instances: readonly AlertInstance[],
): 'firing' | 'recovering' | 'pending' | 'inactive' {
  const has = (state: AlertInstance['state']): boolean =>
    instances.some((one) => one.state === state);
  if (has('Alerting')) return 'firing';
  if (has('Recovering')) return 'recovering';
  return has('Pending') ? 'pending' : 'inactive';
}

const alertJson = (instance: AlertInstance): Json => ({
  labels: visible(instance.labels),
  annotations: visible(instance.annotations),
  state: stateText(instance.state, instance.reason),
  activeAt: timeText(instance.startsAtMs),
  value: Object.entries(instance.values)
    .map(([refId, value]) => `${refId}=${value}`)
    .join(', '),
});

/** Names with `__` around them are for the program. */
const visible = (labels: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !/^__.*__$/.test(name)));

const timeText = (ms: number): string =>
  ms === 0 ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString();

function sum(all: readonly Totals[]): Totals {
  const totals: Record<string, number> = {};
  for (const one of all) {
    for (const [name, count] of Object.entries(one)) totals[name] = (totals[name] ?? 0) + count;
  }
  return totals;
}
