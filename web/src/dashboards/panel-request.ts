import type { DataSourceRef, Panel, Target } from '../../../src/dashboards/model/contract.ts';
import {
  type AdhocFilter,
  defaultSourceIntervalMs,
  firstOf,
  interpolate,
  interpolateAll,
  intervalLookup,
  type Lookup,
  panelIntervalMs,
  parseIntervalMs,
  promqlFormat,
  queryStep,
  scopedLookup,
} from '../../../src/dashboards/variables/index.ts';
import { parseDateMath } from '../../../src/time/date-math.ts';
import { zoneOffsetMs } from '../../../src/time/zone.ts';
import type { DataSource } from '../api/dashboards.ts';
import type { ScopedVars } from '../panels/contract.ts';
import { withGrouping } from '../promql/selectors.ts';
import { isRelative, type ResolvedRange, type TimeRange } from '../time/range.ts';
import { withFilters } from './adhoc-filters.ts';
import { findDataSource, isOwnData, mixedUid, sharedUid } from './source-refs.ts';

export interface RequestContext {
  readonly range: ResolvedRange & { readonly text: TimeRange; readonly nowMs: number };
  readonly zone: string;
  /** Variables and built-ins of the dashboard. */
  readonly lookup: Lookup;
  readonly dataSources: readonly DataSource[];
  /** Filters that hold for a data source, by its uid. */
  readonly filtersOf: (dataSourceUid: string) => readonly AdhocFilter[];
  /** Labels that aggregations of a data source group by as well, by its uid. */
  readonly groupingOf?: (dataSourceUid: string) => readonly string[];
  /** What people read where a data source of that name is not there. */
  readonly noDataSource: (name: string) => string;
}

/** What a panel asks for, variables put in. */
export interface PanelRequest {
  /** What `now` was: the same question at a later time is another one. */
  readonly nowMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** In words such as `1h, 1d earlier`, where the panel has a range of its own. */
  readonly rangeNote: string;
  readonly intervalMs: number;
  readonly queries: readonly (Readonly<Record<string, unknown>> & { readonly refId: string })[];
  /** Shows what another panel asked for: its id. */
  readonly sharedPanelId?: number;
  /** Of the shared answers: as they are after the other panel's transformations. */
  readonly sharesTransforms?: boolean;
  /** Targets that cannot be asked. */
  readonly errors: readonly { readonly refId: string; readonly message: string }[];
}

const defaultMaxDataPoints = 500;
/** A panel with more of them is not one that somebody wrote. */
const maxQueries = 200;

export function panelRequest(
  panel: Panel,
  scopedVars: ScopedVars,
  widthPx: number,
  context: RequestContext,
): PanelRequest {
  const lookup = firstOf(scopedLookup(scopedVars), context.lookup);
  const { fromMs, toMs, note } = ownRange(panel, lookup, context);
  const source = findDataSource(panel.datasource, context.dataSources, lookup).source;
  const maxDataPoints = panel.maxDataPoints || Math.round(widthPx) || defaultMaxDataPoints;
  const intervalMs = panelIntervalMs({
    fromMs,
    toMs,
    maxDataPoints,
    lowLimitMs:
      parseIntervalMs(interpolate(panel.interval ?? '', lookup)) ?? scrapeIntervalMs(source),
  });
  const targets = (panel.targets ?? []).filter(({ hide }) => hide !== true).slice(0, maxQueries);
  const shared = panel.datasource?.uid === sharedUid ? targets[0]?.['panelId'] : undefined;
  const queries: PanelRequest['queries'][number][] = [];
  const errors: { readonly refId: string; readonly message: string }[] = [];
  const range = { fromMs, toMs, maxDataPoints, intervalMs };
  if (typeof shared !== 'number') {
    for (const target of targets) {
      const ref = sourceOf(target, panel);
      if (isOwnData(ref)) continue;
      const found = findDataSource(ref, context.dataSources, lookup);
      if (found.source === undefined) {
        errors.push({ refId: target.refId, message: context.noDataSource(found.missing) });
        continue;
      }
      const query = queryOf(target, found.source, range, lookup, context);
      if (query !== undefined) queries.push(query);
    }
  }
  return {
    nowMs: context.range.nowMs,
    fromMs,
    toMs,
    rangeNote: note,
    intervalMs,
    queries,
    ...(typeof shared === 'number'
      ? { sharedPanelId: shared, sharesTransforms: targets[0]?.['withTransforms'] === true }
      : {}),
    errors,
  };
}

/** A target's own in a mixed panel, else the panel's. */
function sourceOf(target: Target, panel: Panel): DataSourceRef | null | undefined {
  return panel.datasource?.uid === mixedUid
    ? target.datasource
    : (target.datasource ?? panel.datasource);
}

function scrapeIntervalMs(source: DataSource | undefined): number {
  const text = source?.jsonData['timeInterval'];
  return (typeof text === 'string' ? parseIntervalMs(text) : undefined) ?? defaultSourceIntervalMs;
}

function queryOf(
  target: Target,
  source: DataSource,
  range: ResolvedRange & { readonly maxDataPoints: number; readonly intervalMs: number },
  lookup: Lookup,
  { zone, filtersOf, groupingOf }: RequestContext,
): PanelRequest['queries'][number] | undefined {
  const { uid, type } = source;
  const common = {
    refId: target.refId,
    datasource: { uid, type },
    intervalMs: range.intervalMs,
    maxDataPoints: range.maxDataPoints,
  };
  if (type !== 'prometheus') {
    const steps = intervalLookup(range.intervalMs, range.intervalMs);
    const whole = interpolateAll(target, firstOf(steps, lookup)) as Readonly<
      Record<string, unknown>
    >;
    return { ...whole, ...common };
  }
  const queryInterval = interpolate(String(target['interval'] ?? ''), lookup);
  const step = queryStep({
    ...range,
    queryInterval,
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
    interval: queryInterval,
    expr: withGrouping(withFilters(expr, filtersOf(uid)), groupingOf?.(uid) ?? []),
    utcOffsetSec: zoneOffsetMs(zone, range.toMs) / 1000,
  };
}

/** `timeFrom` holds only while the dashboard's range moves with the clock, `timeShift` always. */
function ownRange(
  panel: Panel,
  lookup: Lookup,
  { range, zone }: RequestContext,
): ResolvedRange & { readonly note: string } {
  let { fromMs, toMs } = range;
  const notes: string[] = [];
  const from = interpolate(panel.timeFrom ?? '', lookup);
  if (from !== '' && isRelative(range.text)) {
    const context = { nowMs: range.nowMs, zone, edge: 'from' } as const;
    const startMs = parseDateMath(from.startsWith('now') ? from : `now-${from}`, context);
    if (startMs !== undefined && startMs < range.nowMs) {
      fromMs = startMs;
      toMs = range.nowMs;
      notes.push(from);
    }
  }
  const shift = interpolate(panel.timeShift ?? '', lookup);
  const context = { zone, edge: 'from' } as const;
  const shiftedFrom =
    shift === '' ? undefined : parseDateMath(`now-${shift}`, { ...context, nowMs: fromMs });
  const shiftedTo =
    shift === '' ? undefined : parseDateMath(`now-${shift}`, { ...context, nowMs: toMs });
  if (shiftedFrom !== undefined && shiftedTo !== undefined) {
    fromMs = shiftedFrom;
    toMs = shiftedTo;
    notes.push(`−${shift}`);
  }
  return { fromMs, toMs, note: panel.hideTimeOverride === true ? '' : notes.join(' ') };
}
