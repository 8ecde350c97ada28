import type {
  ExecErrState,
  NoDataState,
  WireRuleQuery,
  WireRulerGroup,
  WireRulerRule,
} from '../../../api/grafana-alerting.ts';
import { durationMs, isExpression } from '../rules/rule-model.ts';

export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** A rule while it is written. Durations are texts. */
export interface RuleDraft {
  readonly title: string;
  readonly data: readonly WireRuleQuery[];
  readonly condition: string;
  readonly folderUid: string;
  readonly group: string;
  /** Of the group. */
  readonly interval: string;
  readonly pending: string;
  readonly keepFiring: string;
  readonly isPaused: boolean;
  readonly noDataState: NoDataState;
  readonly execErrState: ExecErrState;
  readonly labels: readonly Pair[];
  /** Without those that have a field of their own. */
  readonly annotations: readonly Pair[];
  readonly summary: string;
  readonly description: string;
  readonly runbook: string;
  readonly dashboardUid: string;
  readonly panelId: string;
  /** `policies`: they decide; `point`: the contact point does. */
  readonly recipient: 'policies' | 'point';
  readonly receiver: string;
}

export const expressionUid = '__expr__';
export const expressionKinds = [
  'reduce',
  'threshold',
  'math',
  'resample',
  'sql',
  'classic_conditions',
] as const;
export type ExpressionKind = (typeof expressionKinds)[number];

export const reducers = ['last', 'mean', 'min', 'max', 'sum', 'count', 'median'] as const;

/** A, B … Z, AA …: the first that no other has. */
export function nextRefId(data: readonly WireRuleQuery[]): string {
  const taken = new Set(data.map(({ refId }) => refId));
  for (let number = 0; ; number++) {
    const tail = String.fromCharCode(65 + (number % 26));
    const refId =
      number < 26 ? tail : `${String.fromCharCode(64 + Math.floor(number / 26))}${tail}`;
    if (!taken.has(refId)) return refId;
  }
}

const defaultRangeSeconds = 600;

export const newQuery = (refId: string, datasourceUid: string): WireRuleQuery => ({
  refId,
  queryType: '',
  relativeTimeRange: { from: defaultRangeSeconds, to: 0 },
  datasourceUid,
  model: { refId, expr: '', instant: true, range: false },
});

export function newExpression(refId: string, kind: ExpressionKind, input: string): WireRuleQuery {
  const models: { readonly [K in ExpressionKind]: Readonly<Record<string, unknown>> } = {
    reduce: { expression: input, reducer: 'last', settings: { mode: '' } },
    threshold: {
      expression: input,
      conditions: [{ evaluator: { type: 'gt', params: [0] } }],
    },
    math: { expression: input === '' ? '' : `$${input} > 0` },
    resample: { expression: input, window: '1m', downsampler: 'mean', upsampler: 'fillna' },
    sql: {
      expression: input === '' ? '' : `SELECT * FROM ${input}`,
      format: 'alerting',
    },
    classic_conditions: {
      conditions: [
        {
          evaluator: { type: 'gt', params: [0] },
          operator: { type: 'and' },
          query: { params: [input] },
          reducer: { type: 'last', params: [] },
        },
      ],
    },
  };
  return {
    refId,
    queryType: '',
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: expressionUid,
    model: { refId, type: kind, ...models[kind] },
  };
}

/** A query, its last value, and whether that is above zero. */
export function newDraft(datasourceUid: string): RuleDraft {
  return {
    title: '',
    data: [
      newQuery('A', datasourceUid),
      newExpression('B', 'reduce', 'A'),
      newExpression('C', 'threshold', 'B'),
    ],
    condition: 'C',
    folderUid: '',
    group: '',
    interval: '1m',
    pending: '1m',
    keepFiring: '0s',
    isPaused: false,
    noDataState: 'NoData',
    execErrState: 'Error',
    labels: [],
    annotations: [],
    summary: '',
    description: '',
    runbook: '',
    dashboardUid: '',
    panelId: '',
    recipient: 'policies',
    receiver: '',
  };
}

const ownAnnotations = ['summary', 'description', 'runbook_url', '__dashboardUid__', '__panelId__'];

export function draftOfRule(rule: WireRulerRule, group: WireRulerGroup): RuleDraft {
  const { grafana_alert: alert, annotations = {}, labels = {} } = rule;
  return {
    title: alert.title,
    data: alert.data,
    condition: alert.condition,
    folderUid: alert.namespace_uid ?? '',
    group: group.name,
    interval: group.interval,
    pending: rule.for,
    keepFiring: rule.keep_firing_for ?? '0s',
    isPaused: alert.is_paused,
    noDataState: alert.no_data_state,
    execErrState: alert.exec_err_state,
    labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
    annotations: Object.entries(annotations)
      .filter(([name]) => !ownAnnotations.includes(name))
      .map(([name, value]) => ({ name, value })),
    summary: annotations['summary'] ?? '',
    description: annotations['description'] ?? '',
    runbook: annotations['runbook_url'] ?? '',
    dashboardUid: annotations['__dashboardUid__'] ?? '',
    panelId: annotations['__panelId__'] ?? '',
    recipient: alert.notification_settings === undefined ? 'policies' : 'point',
    receiver: alert.notification_settings?.receiver ?? '',
  };
}

const recordOf = (pairs: readonly Pair[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs
      .map(({ name, value }) => [name.trim(), value] as const)
      .filter(([name, value]) => name !== '' && value !== ''),
  );

export const draftLabels = (draft: RuleDraft): Readonly<Record<string, string>> =>
  recordOf(draft.labels);

/** @param old the rule that is changed: its uid stays, and what the form does not know */
export function ruleOfDraft(draft: RuleDraft, old: WireRulerRule | undefined): WireRulerRule {
  const { notification_settings: settings, ...kept } = old?.grafana_alert ?? {
    uid: '',
  };
  return {
    ...old,
    for: durationOrZero(draft.pending),
    keep_firing_for: durationOrZero(draft.keepFiring),
    labels: draftLabels(draft),
    annotations: recordOf([
      ...draft.annotations,
      { name: 'summary', value: draft.summary },
      { name: 'description', value: draft.description },
      { name: 'runbook_url', value: draft.runbook },
      { name: '__dashboardUid__', value: draft.dashboardUid },
      { name: '__panelId__', value: draft.dashboardUid === '' ? '' : draft.panelId },
    ]),
    grafana_alert: {
      ...kept,
      title: draft.title.trim(),
      condition: draft.condition,
      data: draft.data,
      no_data_state: draft.noDataState,
      exec_err_state: draft.execErrState,
      is_paused: draft.isPaused,
      ...(draft.recipient === 'point'
        ? { notification_settings: { ...settings, receiver: draft.receiver } }
        : {}),
    },
  };
}

const durationOrZero = (text: string): string =>
  durationMs(text) === 0 || text.trim() === '' ? '0s' : text.trim();

/** The group with the rule in it, in the place of the old one where it has one. */
export function groupWith(
  group: WireRulerGroup | undefined,
  draft: RuleDraft,
  rule: WireRulerRule,
): WireRulerGroup {
  const { uid } = rule.grafana_alert;
  const rules = group?.rules ?? [];
  const at =
    uid === undefined || uid === '' ? -1 : rules.findIndex((one) => one.grafana_alert.uid === uid);
  return {
    name: draft.group,
    interval: draft.interval,
    rules: at < 0 ? [...rules, rule] : rules.with(at, rule),
  };
}

export type DraftProblem =
  | 'title'
  | 'query'
  | 'condition'
  | 'folder'
  | 'group'
  | 'pendingFormat'
  | 'pendingShort'
  | 'receiver';

/** What is missing, in the order of the form. */
export function draftProblems(draft: RuleDraft): readonly DraftProblem[] {
  const pendingMs = draft.pending.trim() === '' ? 0 : durationMs(draft.pending);
  const intervalMs = durationMs(draft.interval) ?? 0;
  const isEmpty = ({ datasourceUid, model }: WireRuleQuery): boolean =>
    !isExpression(datasourceUid) && 'expr' in model && String(model['expr']).trim() === '';
  const problems: readonly (readonly [DraftProblem, boolean])[] = [
    ['title', draft.title.trim() === ''],
    ['query', draft.data.some(isEmpty)],
    ['condition', !draft.data.some(({ refId }) => refId === draft.condition)],
    ['folder', draft.folderUid === ''],
    ['group', draft.group === ''],
    ['pendingFormat', pendingMs === undefined],
    ['pendingShort', pendingMs !== undefined && pendingMs > 0 && pendingMs < intervalMs],
    ['receiver', draft.recipient === 'point' && draft.receiver === ''],
  ];
  return problems.flatMap(([name, isThere]) => (isThere ? [name] : []));
}
