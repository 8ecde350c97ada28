import {
  goDurationText,
  intervalText,
  parseIntervalMs,
  queryStep,
  type Step,
} from '#dashboards/variables';
import type { DataQuery } from '../contract.ts';
import { invalidKey } from '../errors.ts';

export type PrometheusFormat = 'time_series' | 'table' | 'heatmap';

/** A query of a panel to Prometheus, read. */
export interface PrometheusTarget {
  readonly refId: string;
  /** With the variables of the step put in. */
  readonly expr: string;
  /** '' and absent: the series' own text; `__auto`; a template with `{{label}}`. */
  readonly legendFormat: string;
  readonly format: PrometheusFormat;
  readonly isInstant: boolean;
  readonly isRange: boolean;
  readonly hasExemplars: boolean;
  readonly step: Step;
  readonly zoneOffsetMs: number;
}

const maxExprLength = 512 * 1024;
/** No zone is further from UTC. */
const maxZoneOffsetSeconds = 18 * 3600;

/** @throws {AppError} DATA_QUERY_INVALID */
export function readTarget(
  query: DataQuery,
  range: { readonly fromMs: number; readonly toMs: number },
  sourceIntervalMs: number | undefined,
): PrometheusTarget {
  const expr = textOf(query, 'expr');
  if (expr.trim() === '') {
    throw invalidKey('DATA_QUERY_INVALID', 'expr', 'the query is empty', 'a PromQL expression');
  }
  if (expr.length > maxExprLength) {
    const problem = `${expr.length} characters`;
    throw invalidKey('DATA_QUERY_INVALID', 'expr', problem, `at most ${maxExprLength}`);
  }
  const format = query['format'];
  const isInstant = query['instant'] === true;
  const step = queryStep({
    ...range,
    maxDataPoints: query.maxDataPoints,
    intervalMs: query.intervalMs,
    queryInterval: textOf(query, 'interval'),
    sourceIntervalMs,
    intervalFactor: numberOf(query, 'intervalFactor'),
  });
  const offsetSeconds = numberOf(query, 'utcOffsetSec') ?? 0;
  return {
    refId: query.refId,
    expr: withStepVariables(expr, step, range.toMs - range.fromMs),
    legendFormat: textOf(query, 'legendFormat'),
    format: format === 'table' || format === 'heatmap' ? format : 'time_series',
    isInstant,
    isRange: query['range'] === true || !isInstant,
    hasExemplars: query['exemplar'] === true,
    step,
    zoneOffsetMs: Math.abs(offsetSeconds) > maxZoneOffsetSeconds ? 0 : offsetSeconds * 1000,
  };
}

const stepVariables =
  /\$(?:__(interval_ms|interval|rate_interval_ms|rate_interval|range_ms|range_s|range)(?!\w)|\{__(interval_ms|interval|rate_interval_ms|rate_interval|range_ms|range_s|range)(?::\w+)?\})/g;

/** Puts in what only follows from the step: `$__interval`, `$__rate_interval`, `$__range` and their kin. */
export function withStepVariables(expr: string, step: Step, rangeMs: number): string {
  const rangeSeconds = Math.round(rangeMs / 1000);
  const values: Readonly<Record<string, string>> = {
    interval: intervalText(step.stepMs),
    interval_ms: String(step.stepMs),
    rate_interval: goDurationText(step.rateIntervalMs),
    rate_interval_ms: String(step.rateIntervalMs),
    range: `${rangeSeconds}s`,
    range_s: String(rangeSeconds),
    range_ms: String(Math.round(rangeMs)),
  };
  return expr.replace(stepVariables, (_, plain?: string, braced?: string) => {
    return values[plain ?? braced ?? '']!;
  });
}

/** `jsonData.timeInterval` in ms; undefined: not given. */
export function sourceIntervalOf(jsonData: Readonly<Record<string, unknown>>): number | undefined {
  const given = jsonData['timeInterval'];
  return typeof given === 'string' ? parseIntervalMs(given) : undefined;
}

function textOf(query: DataQuery, key: string): string {
  const value = query[key];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw invalidKey('DATA_QUERY_INVALID', key, `is ${JSON.stringify(value)}`, 'a text');
}

function numberOf(query: DataQuery, key: string): number | undefined {
  const value = query[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
