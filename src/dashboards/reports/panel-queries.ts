import { AppError } from '#base';
import {
  type DataQuery,
  type DataSources,
  type FramesResult,
  type NumberedDataSource,
  type QueryResult,
  toQueryResult,
} from '#dashboards/data-sources';
import type { Dashboard, DataSourceRef, Panel, Target } from '#dashboards/model';
import {
  defaultSourceIntervalMs,
  filterMatcher,
  firstOf,
  interpolate,
  interpolateAll,
  intervalLookup,
  type Lookup,
  panelIntervalMs,
  parseIntervalMs,
  promqlFormat,
  queryStep,
  type SourceFilters,
} from '#dashboards/variables';
import { labelMatcher } from '#metrics/model';
import { parseQuery, printQuery, rewritten } from '#metrics/promql';
import { parseDateMath, zoneOffsetMs } from '#time';

const maxQueries = 50;
const mixedUid = '-- Mixed --';
/** Shows what another panel asks for. */
const sharedUid = '-- Dashboard --';

export interface PanelQuestion {
  readonly panel: Panel;
  readonly dashboard: Dashboard;
  readonly widthPx: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  readonly lookup: Lookup;
  /** What ad hoc and group-by variables say of a source. */
  readonly filtersOf: (source: NumberedDataSource) => SourceFilters;
}

/** What a panel asks for, answered, by `refId`. */
export async function askPanel(
  question: PanelQuestion,
  sources: DataSources,
  signal: AbortSignal,
): Promise<Readonly<Record<string, QueryResult>>> {
  const { widthPx, fromMs, toMs, lookup } = question;
  const panel = askedPanel(question);
  const source = sourceOf(panel.datasource, sources, lookup);
  const maxDataPoints = panel.maxDataPoints || Math.round(widthPx);
  const intervalMs = panelIntervalMs({
    fromMs,
    toMs,
    maxDataPoints,
    lowLimitMs:
      parseIntervalMs(interpolate(panel.interval ?? '', lookup)) ?? scrapeIntervalMs(source),
  });
  const asked: DataQuery[] = [];
  const failed = new Map<string, FramesResult>();
  for (const target of (panel.targets ?? []).slice(0, maxQueries)) {
    if (target.hide === true) continue;
    const ref =
      panel.datasource?.uid === mixedUid
        ? target.datasource
        : (target.datasource ?? panel.datasource);
    const found = sourceOf(ref, sources, lookup);
    if (found === undefined) {
      const error = `There is no data source ${ref?.uid ?? ref?.type ?? ''}`;
      failed.set(target.refId, { status: 400, frames: [], error });
      continue;
    }
    const query = queryOf(target, found, { ...question, maxDataPoints, intervalMs });
    if (query !== undefined) asked.push(query);
  }
  const answers =
    asked.length === 0 ? [] : await sources.query({ fromMs, toMs, queries: asked }, signal);
  return Object.fromEntries(
    [...answers, ...failed].map(([refId, result]) => [refId, toQueryResult(result, refId)]),
  );
}

/** Whose queries are asked: those of another panel, where this one shows them. */
function askedPanel({ panel, dashboard }: PanelQuestion): Panel {
  if (panel.datasource?.uid !== sharedUid) return panel;
  const wanted = panel.targets?.[0]?.['panelId'];
  const all = dashboard.panels.flatMap((one) => [one, ...(one.panels ?? [])]);
  const shared = all.find(({ id }) => id === wanted);
  return shared === undefined
    ? panel
    : { ...panel, datasource: shared.datasource ?? null, targets: shared.targets ?? [] };
}

/** `timeFrom` holds only while the range moves with the clock, `timeShift` always. */
export function panelRange(
  panel: Panel,
  lookup: Lookup,
  range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly to: string;
    readonly zone: string;
    readonly nowMs: number;
  },
): { readonly fromMs: number; readonly toMs: number } {
  let { fromMs, toMs } = range;
  const { zone, nowMs } = range;
  const before = (text: string, ms: number): number | undefined =>
    parseDateMath(text.startsWith('now') ? text : `now-${text}`, { nowMs: ms, zone, edge: 'from' });
  const from = interpolate(panel.timeFrom ?? '', lookup);
  const startMs = from === '' || !range.to.includes('now') ? undefined : before(from, nowMs);
  if (startMs !== undefined && startMs < nowMs) [fromMs, toMs] = [startMs, nowMs];
  const shift = interpolate(panel.timeShift ?? '', lookup);
  if (shift === '') return { fromMs, toMs };
  return { fromMs: before(shift, fromMs) ?? fromMs, toMs: before(shift, toMs) ?? toMs };
}

/** The data source that a reference means. */
export function sourceOf(
  ref: DataSourceRef | null | undefined,
  sources: DataSources,
  lookup: Lookup,
): NumberedDataSource | undefined {
  const uid = ref?.uid === undefined ? undefined : interpolate(ref.uid, lookup);
  // A place holder of an export that was never filled in.
  const isPlaceHolder = uid !== undefined && /^\$\{?\w+\}?$/.test(uid);
  return sources.resolve({ uid: isPlaceHolder ? undefined : uid, type: ref?.type });
}

function scrapeIntervalMs(source: NumberedDataSource | undefined): number {
  const text = source?.jsonData['timeInterval'];
  return (typeof text === 'string' ? parseIntervalMs(text) : undefined) ?? defaultSourceIntervalMs;
}

function queryOf(
  target: Target,
  source: NumberedDataSource,
  context: Omit<PanelQuestion, 'panel' | 'dashboard'> & {
    readonly maxDataPoints: number;
    readonly intervalMs: number;
  },
): DataQuery | undefined {
  const { fromMs, toMs, zone, lookup, maxDataPoints, intervalMs, filtersOf } = context;
  const common = {
    refId: target.refId,
    datasource: { uid: source.uid, type: source.type },
    intervalMs,
    maxDataPoints,
  };
  if (source.type !== 'prometheus') {
    const whole = interpolateAll(target, firstOf(intervalLookup(intervalMs, intervalMs), lookup));
    return { ...(whole as DataQuery), ...common };
  }
  const step = queryStep({
    fromMs,
    toMs,
    maxDataPoints,
    intervalMs,
    queryInterval: interpolate(String(target['interval'] ?? ''), lookup),
    sourceIntervalMs: scrapeIntervalMs(source),
    intervalFactor: Number(target['intervalFactor'] ?? 0),
  });
  const withSteps = firstOf(intervalLookup(step.stepMs, step.rateIntervalMs), lookup);
  const expr = interpolate(String(target['expr'] ?? ''), withSteps, promqlFormat);
  if (expr.trim() === '') return undefined;
  const { expr: _expr, datasource: _datasource, ...rest } = target;
  const others = interpolateAll(rest, withSteps) as Readonly<Record<string, unknown>>;
  return {
    ...others,
    ...common,
    expr: filtered(expr, filtersOf(source)),
    utcOffsetSec: zoneOffsetMs(zone, toMs) / 1000,
  };
}

/** With the filters of the dashboard. What cannot be parsed stays: who answers it says why. */
function filtered(expr: string, { filters, grouping }: SourceFilters): string {
  if (filters.length === 0 && grouping.length === 0) return expr;
  const matchers = filters.flatMap((filter) => filterMatcher(filter) ?? []);
  try {
    const rewrite = {
      matchers: matchers.map(({ name, operator, value }) => labelMatcher(name, operator, value)),
      grouping,
    };
    return printQuery(rewritten(parseQuery(expr), rewrite));
  } catch (error) {
    if (error instanceof AppError) return expr;
    throw error;
  }
}
