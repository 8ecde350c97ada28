import type { DataSourceRef, Panel, Target } from '#dashboards/model';
import { parseDateMath, zoneOffsetMs } from '#time';
import { intervalLookup } from './built-ins.ts';
import type { Lookup } from './contract.ts';
import { interpolate, interpolateAll } from './interpolate.ts';
import { firstOf } from './lookup.ts';
import { promqlFormat } from './prometheus-format.ts';
import { defaultSourceIntervalMs, panelIntervalMs, parseIntervalMs, queryStep } from './step.ts';

/** Each target names its own data source. */
export const mixedUid = '-- Mixed --';
/** Shows what another panel asks for. */
export const sharedUid = '-- Dashboard --';

/** Of a panel that has not been laid out. */
const defaultMaxDataPoints = 500;

/** What a question needs to know of a data source. */
export interface AskedSource {
  readonly uid: string;
  readonly type: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What all queries of a panel have in common. */
export interface QuestionRange extends Range {
  readonly maxDataPoints: number;
  readonly intervalMs: number;
}

/** @param source the panel's own */
export function questionRange(
  panel: Panel,
  source: AskedSource | undefined,
  { fromMs, toMs, widthPx }: Range & { readonly widthPx: number },
  lookup: Lookup,
): QuestionRange {
  const maxDataPoints = panel.maxDataPoints || Math.round(widthPx) || defaultMaxDataPoints;
  const ownLimitMs = parseIntervalMs(interpolate(panel.interval ?? '', lookup));
  const lowLimitMs = ownLimitMs ?? scrapeIntervalMs(source);
  const intervalMs = panelIntervalMs({ fromMs, toMs, maxDataPoints, lowLimitMs });
  return { fromMs, toMs, maxDataPoints, intervalMs };
}

/** A target's own in a mixed panel, else the panel's. */
export const targetSource = (target: Target, panel: Panel): DataSourceRef | null | undefined =>
  panel.datasource?.uid === mixedUid ? target.datasource : (target.datasource ?? panel.datasource);

function scrapeIntervalMs(source: AskedSource | undefined): number {
  const text = source?.jsonData['timeInterval'];
  return (typeof text === 'string' ? parseIntervalMs(text) : undefined) ?? defaultSourceIntervalMs;
}

/**
 * A target as it is asked, variables put in; undefined: it asks nothing.
 * @param context `rewrite` puts the dashboard's filters into an expression of PromQL
 */
export function targetQuery(
  target: Target,
  source: AskedSource,
  range: QuestionRange,
  context: {
    readonly lookup: Lookup;
    readonly zone: string;
    readonly rewrite: (expr: string) => string;
  },
): (Readonly<Record<string, unknown>> & { readonly refId: string }) | undefined {
  const { uid, type } = source;
  const { maxDataPoints, intervalMs, toMs } = range;
  const { lookup, zone, rewrite } = context;
  const { refId } = target;
  const common = { refId, datasource: { uid, type }, intervalMs, maxDataPoints };
  if (type !== 'prometheus') {
    const whole = interpolateAll(target, firstOf(intervalLookup(intervalMs, intervalMs), lookup));
    return { ...(whole as Readonly<Record<string, unknown>>), ...common };
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
    expr: rewrite(expr),
    utcOffsetSec: zoneOffsetMs(zone, toMs) / 1000,
  };
}

/**
 * A panel's range: `timeFrom` holds only while the dashboard's moves with the clock, `timeShift` always.
 * @returns `note` names what was changed: `1h −1d`
 */
export function panelRange(
  panel: Panel,
  lookup: Lookup,
  range: Range & {
    readonly isRelative: boolean;
    readonly zone: string;
    readonly nowMs: number;
  },
): Range & { readonly note: string } {
  let { fromMs, toMs } = range;
  const { zone, nowMs, isRelative } = range;
  const notes: string[] = [];
  const before = (text: string, ms: number): number | undefined =>
    parseDateMath(text.startsWith('now') ? text : `now-${text}`, { nowMs: ms, zone, edge: 'from' });
  const from = interpolate(panel.timeFrom ?? '', lookup);
  const startMs = from === '' || !isRelative ? undefined : before(from, nowMs);
  if (startMs !== undefined && startMs < nowMs) {
    [fromMs, toMs] = [startMs, nowMs];
    notes.push(from);
  }
  const shift = interpolate(panel.timeShift ?? '', lookup);
  const shiftedFrom = shift === '' ? undefined : before(shift, fromMs);
  const shiftedTo = shift === '' ? undefined : before(shift, toMs);
  if (shiftedFrom !== undefined && shiftedTo !== undefined) {
    [fromMs, toMs] = [shiftedFrom, shiftedTo];
    notes.push(`−${shift}`);
  }
  return { fromMs, toMs, note: notes.join(' ') };
}
