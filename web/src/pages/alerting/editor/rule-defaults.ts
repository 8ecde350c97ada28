import type { WireRuleQuery } from '../../../api/grafana-alerting.ts';
import { newExpression, nextRefId, type RuleDraft } from './rule-draft.ts';

/** What a new rule begins with, as links have it in `defaults`; the names are Grafana's. */
export interface RuleDefaults {
  readonly name?: string;
  readonly condition?: string;
  readonly queries?: readonly WireRuleQuery[];
  readonly annotations?: readonly { readonly key: string; readonly value: string }[];
  readonly folder?: { readonly uid?: string };
}

/** A panel whose queries a rule is to watch. */
export interface WatchedPanel {
  readonly title: string;
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly folderUid: string;
  /** Variables are put in: a rule has none. */
  readonly queries: readonly (Readonly<Record<string, unknown>> & { readonly refId: string })[];
  /** How far back the panel looks. */
  readonly rangeSeconds: number;
  /** The highest threshold of the panel; undefined: it has none. */
  readonly threshold: number | undefined;
}

/** Frames of less than this are too few samples for a last value. */
const minRangeSeconds = 600;
/** What the server decides by itself for each evaluation. */
const ofThePanel: ReadonlySet<string> = new Set(['intervalMs', 'maxDataPoints', 'datasource']);

/** The queries of a panel, the last value of the first of them, and whether it is above the threshold. */
export function ruleDefaultsOf(panel: WatchedPanel): RuleDefaults {
  const from = Math.max(minRangeSeconds, Math.round(panel.rangeSeconds));
  const queries = panel.queries.map((query): WireRuleQuery => {
    const { uid } = (query['datasource'] ?? {}) as { readonly uid?: string };
    const model = Object.fromEntries(Object.entries(query).filter(([key]) => !ofThePanel.has(key)));
    const isMetric = typeof model['expr'] === 'string';
    return {
      refId: query.refId,
      queryType: '',
      relativeTimeRange: { from, to: 0 },
      datasourceUid: uid ?? '',
      model: isMetric ? { ...model, instant: true, range: false } : model,
    };
  });
  const first = queries[0]?.refId ?? '';
  const reduce = newExpression(nextRefId(queries), 'reduce', first);
  const condition = newExpression(nextRefId([...queries, reduce]), 'threshold', reduce.refId);
  const evaluator = { type: 'gt', params: [panel.threshold ?? 0] };
  return {
    name: panel.title,
    queries: [
      ...queries,
      reduce,
      { ...condition, model: { ...condition.model, conditions: [{ evaluator }] } },
    ],
    condition: condition.refId,
    annotations: [
      { key: '__dashboardUid__', value: panel.dashboardUid },
      { key: '__panelId__', value: String(panel.panelId) },
    ],
    folder: { uid: panel.folderUid },
  };
}

/** The draft with what a link says; a link that cannot be read changes nothing. */
export function withDefaults(draft: RuleDraft, text: string): RuleDraft {
  if (text === '') return draft;
  let given: RuleDefaults;
  try {
    given = JSON.parse(text) as RuleDefaults;
  } catch {
    return draft;
  }
  if (typeof given !== 'object' || given === null) return draft;
  const { name, queries, condition, annotations, folder } = given;
  const data = Array.isArray(queries) ? queries.filter(isQuery) : [];
  const own = new Map(
    (Array.isArray(annotations) ? annotations : []).map(({ key, value }) => [key, String(value)]),
  );
  const hasCondition = data.some(({ refId }) => refId === condition);
  return {
    ...draft,
    title: typeof name === 'string' ? name : draft.title,
    ...(data.length === 0 ? {} : { data }),
    condition: hasCondition
      ? String(condition)
      : data.length === 0
        ? draft.condition
        : (data.at(-1)?.refId ?? ''),
    folderUid: folder?.uid ?? draft.folderUid,
    summary: own.get('summary') ?? draft.summary,
    description: own.get('description') ?? draft.description,
    dashboardUid: own.get('__dashboardUid__') ?? draft.dashboardUid,
    panelId: own.get('__panelId__') ?? draft.panelId,
  };
}

const isQuery = (query: unknown): query is WireRuleQuery => {
  const { refId, datasourceUid, model } = (query ?? {}) as Partial<WireRuleQuery>;
  return (
    typeof refId === 'string' &&
    typeof datasourceUid === 'string' &&
    typeof model === 'object' &&
    model !== null
  );
};
