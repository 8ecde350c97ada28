import { formatPrometheusDuration } from '#metrics/config';
import type {
  AlertRule,
  NotificationSettings,
  PlacedRule,
  RuleDefinition,
  RuleGroup,
} from '../contract.ts';
import { type Json, KeyReader } from './read.ts';

/** A rule as the API of provisioning has it, with where it is to stand. */
export interface ProvisioningRule {
  readonly rule: RuleDefinition;
  readonly folderUid: string;
  readonly group: string;
}

/** @param newUid for a rule without one. @throws {AppError} RULE_INVALID */
export function readProvisioningRule(body: unknown, newUid: () => string): ProvisioningRule {
  const reader = new KeyReader(body, 'the rule');
  const missing = reader.number('missing_series_evals_to_resolve');
  return {
    folderUid: reader.text('folderUID'),
    group: reader.text('ruleGroup'),
    rule: definition({
      uid: reader.text('uid') || newUid(),
      title: reader.text('title'),
      condition: reader.text('condition'),
      data: reader.queries('data'),
      forMs: reader.durationMs('for'),
      keepFiringForMs: reader.durationMs('keep_firing_for'),
      noDataState: reader.noDataState('noDataState'),
      execErrState: reader.execErrState('execErrState', 'Error'),
      labels: reader.labels('labels'),
      annotations: reader.labels('annotations'),
      isPaused: reader.flag('isPaused'),
      missingSeriesEvals: missing,
      notificationSettings: reader.notificationSettings('notification_settings'),
      record: reader.record('record'),
    }),
  };
}

/** A rule as the API of the page has it. @throws {AppError} RULE_INVALID */
export function readRulerRule(body: unknown, newUid: () => string): RuleDefinition {
  const outer = new KeyReader(body, 'the rule');
  const reader = new KeyReader(outer.raw('grafana_alert'), 'grafana_alert');
  return definition({
    uid: reader.text('uid') || newUid(),
    title: reader.text('title'),
    condition: reader.text('condition'),
    data: reader.queries('data'),
    forMs: outer.durationMs('for'),
    keepFiringForMs: outer.durationMs('keep_firing_for'),
    noDataState: reader.noDataState('no_data_state'),
    execErrState: reader.execErrState('exec_err_state', 'Error'),
    labels: outer.labels('labels'),
    annotations: outer.labels('annotations'),
    isPaused: reader.flag('is_paused'),
    missingSeriesEvals: reader.number('missing_series_evals_to_resolve'),
    notificationSettings: reader.notificationSettings('notification_settings'),
    record: reader.record('record'),
  });
}

/** A rule of a file. @throws {AppError} RULE_INVALID */
export function readFileRule(body: unknown): RuleDefinition {
  const reader = new KeyReader(body, 'the rule');
  const dashboard = reader.text('dashboardUid');
  const panel = reader.text('panelId');
  return definition({
    uid: reader.text('uid'),
    title: reader.text('title'),
    condition: reader.text('condition'),
    data: reader.queries('data'),
    forMs: reader.durationMs('for'),
    keepFiringForMs: reader.durationMs('keepFiringFor'),
    noDataState: reader.noDataState('noDataState'),
    execErrState: reader.execErrState('execErrState', 'Alerting'),
    labels: reader.labels('labels'),
    annotations: {
      ...reader.labels('annotations'),
      ...(dashboard === '' ? {} : { __dashboardUid__: dashboard }),
      ...(panel === '' || panel === '0' ? {} : { __panelId__: panel }),
    },
    isPaused: reader.flag('isPaused'),
    missingSeriesEvals: reader.number('missing_series_evals_to_resolve'),
    notificationSettings: reader.notificationSettings('notification_settings'),
    record: reader.record('record'),
  });
}

type Optional = 'missingSeriesEvals' | 'notificationSettings' | 'record';

/** Without keys that are not there. */
function definition(
  rule: Omit<RuleDefinition, Optional> & {
    readonly [K in Optional]: RuleDefinition[K] | undefined;
  },
): RuleDefinition {
  const { missingSeriesEvals, notificationSettings, record, ...rest } = rule;
  return {
    ...rest,
    ...(missingSeriesEvals === undefined ? {} : { missingSeriesEvals }),
    ...(notificationSettings === undefined ? {} : { notificationSettings }),
    ...(record === undefined ? {} : { record }),
  };
}

const timeText = (ms: number): string => new Date(ms).toISOString();

export const provisioningRuleJson = ({ rule, group }: PlacedRule): Json => ({
  id: rule.id,
  uid: rule.uid,
  orgID: 1,
  folderUID: group.folderUid,
  ruleGroup: group.title,
  title: rule.title,
  condition: rule.condition,
  data: rule.data,
  updated: timeText(rule.updatedMs),
  noDataState: rule.noDataState,
  execErrState: rule.execErrState,
  for: durationText(rule.forMs),
  keep_firing_for: durationText(rule.keepFiringForMs),
  annotations: rule.annotations,
  labels: rule.labels,
  ...(rule.provenance === '' ? {} : { provenance: rule.provenance }),
  isPaused: rule.isPaused,
  notification_settings: settingsJson(rule.notificationSettings),
  record: rule.record ?? null,
  ...missingJson(rule),
});

export const provisioningGroupJson = (group: RuleGroup): Json => ({
  title: group.title,
  folderUid: group.folderUid,
  interval: group.intervalMs / 1000,
  rules: group.rules.map((rule) => provisioningRuleJson({ rule, group })),
});

export const rulerRuleJson = ({ rule, group }: PlacedRule): Json => ({
  expr: '',
  for: durationText(rule.forMs),
  ...(rule.keepFiringForMs === 0 ? {} : { keep_firing_for: durationText(rule.keepFiringForMs) }),
  labels: rule.labels,
  annotations: rule.annotations,
  grafana_alert: {
    id: rule.id,
    orgId: 1,
    uid: rule.uid,
    title: rule.title,
    condition: rule.condition,
    data: rule.data,
    updated: timeText(rule.updatedMs),
    updated_by: { uid: rule.updatedBy, name: rule.updatedBy },
    intervalSeconds: group.intervalMs / 1000,
    is_paused: rule.isPaused,
    version: rule.version,
    namespace_uid: group.folderUid,
    rule_group: group.title,
    no_data_state: rule.noDataState,
    exec_err_state: rule.execErrState,
    ...(rule.provenance === '' ? {} : { provenance: rule.provenance }),
    ...(rule.notificationSettings === undefined
      ? {}
      : { notification_settings: settingsJson(rule.notificationSettings) }),
    ...(rule.record === undefined ? {} : { record: rule.record }),
    ...missingJson(rule),
  },
});

export const rulerGroupJson = (group: RuleGroup): Json => ({
  name: group.title,
  interval: durationText(group.intervalMs),
  rules: group.rules.map((rule) => rulerRuleJson({ rule, group })),
});

/** A group as a file has it. @param folder title of its folder */
export const fileGroupJson = (group: RuleGroup, folder: string): Json => ({
  orgId: 1,
  name: group.title,
  folder,
  interval: durationText(group.intervalMs),
  rules: group.rules.map(fileRuleJson),
});

function fileRuleJson(rule: AlertRule): Json {
  const { __dashboardUid__: dashboardUid, __panelId__: panelId, ...annotations } = rule.annotations;
  return {
    uid: rule.uid,
    title: rule.title,
    condition: rule.condition,
    data: rule.data.map(({ queryType, ...query }) => ({
      ...query,
      ...(queryType === '' ? {} : { queryType }),
    })),
    ...(dashboardUid === undefined ? {} : { dashboardUid }),
    ...(panelId === undefined ? {} : { panelId: Number(panelId) }),
    noDataState: rule.noDataState,
    execErrState: rule.execErrState,
    for: durationText(rule.forMs),
    ...(rule.keepFiringForMs === 0 ? {} : { keepFiringFor: durationText(rule.keepFiringForMs) }),
    annotations,
    labels: rule.labels,
    isPaused: rule.isPaused,
    ...(rule.notificationSettings === undefined
      ? {}
      : { notification_settings: settingsJson(rule.notificationSettings) }),
    ...(rule.record === undefined ? {} : { record: rule.record }),
    ...missingJson(rule),
  };
}

const missingJson = ({ missingSeriesEvals }: RuleDefinition): Json =>
  missingSeriesEvals === undefined ? {} : { missing_series_evals_to_resolve: missingSeriesEvals };

const durationText = (ms: number): string => formatPrometheusDuration(ms);

function settingsJson(settings: NotificationSettings | undefined): Json | null {
  if (settings === undefined) return null;
  const { receiver, groupBy, muteTimeIntervals, activeTimeIntervals } = settings;
  const duration = (key: string, ms: number | undefined): Json =>
    ms === undefined ? {} : { [key]: durationText(ms) };
  return {
    receiver,
    ...(groupBy === undefined ? {} : { group_by: groupBy }),
    ...duration('group_wait', settings.groupWaitMs),
    ...duration('group_interval', settings.groupIntervalMs),
    ...duration('repeat_interval', settings.repeatIntervalMs),
    ...(muteTimeIntervals === undefined ? {} : { mute_time_intervals: muteTimeIntervals }),
    ...(activeTimeIntervals === undefined ? {} : { active_time_intervals: activeTimeIntervals }),
  };
}
