import type { Labels } from '#metrics/model';
import type { PromqlEngine, QueryResult, QueryValue, ResultSeries } from '../contract.ts';
import type { Expr, TimeShift } from '../parser/ast.ts';
import { parseQuery } from '../parser/parse.ts';
import { printQuery } from '../parser/print.ts';
import { compareResult } from './compare.ts';
import { customBucketSeries } from './custom-buckets.ts';
import type { MemorySample } from './memory-queryable.ts';
import { type EvalCommand, type Expectations, type LoadCommand, parseScript } from './script.ts';

/** What scripts load series into, and the engine over it. */
export interface ScriptTarget {
  readonly engine: PromqlEngine;
  clear(): Promise<void>;
  append(labels: Labels, samples: readonly MemorySample[]): Promise<void>;
}

export interface ScriptReport {
  /** `eval` commands in the script. */
  evals: number;
  passed: number;
  /** Queries that were evaluated: each instant one is repeated in other forms. */
  queries: number;
  readonly failures: { readonly line: number; readonly query: string; readonly reason: string }[];
}

const never = new AbortController().signal;

/**
 * Runs a test script in the reference's language. Each instant query that passes is asked again with
 * every selector pinned to its time by `@`, at other times, and as the middle step of a range query.
 *
 * @throws {AppError} PROMQL_SCRIPT, PROMQL_NOTATION when the script itself is wrong
 */
export async function runScript(text: string, target: ScriptTarget): Promise<ScriptReport> {
  const report: ScriptReport = { evals: 0, passed: 0, queries: 0, failures: [] };
  await target.clear();
  for (const command of parseScript(text)) {
    switch (command.kind) {
      case 'clear':
        await target.clear();
        break;
      case 'load':
        await load(command, target);
        break;
      case 'eval': {
        report.evals++;
        const reason = await evaluate(command, target.engine, report);
        if (reason === undefined) report.passed++;
        else report.failures.push({ line: command.line, query: command.query, reason });
        break;
      }
      default:
        command satisfies never;
    }
  }
  return report;
}

async function load(command: LoadCommand, target: ScriptTarget): Promise<void> {
  for (const { labels, values, starts } of command.series) {
    const samples: MemorySample[] = [];
    for (const [index, value] of values.entries()) {
      if (value.kind === 'gap') continue;
      const timeMs = index * command.stepMs;
      const start = starts?.[index];
      samples.push({
        timeMs,
        value: value.kind === 'float' ? value.value : 0,
        histogram: value.kind === 'histogram' ? value.histogram : undefined,
        startMs: start === undefined ? undefined : timeMs + start,
      });
    }
    await target.append(labels, samples);
  }
  if (!command.withCustomBuckets) return;
  for (const { labels, samples } of customBucketSeries(command))
    await target.append(labels, samples);
}

/** What is wrong; undefined: nothing. */
async function evaluate(
  command: EvalCommand,
  engine: PromqlEngine,
  report: ScriptReport,
): Promise<string | undefined> {
  const { query, range, atMs } = command;
  if (range !== undefined) {
    report.queries++;
    return check(command, query, await answer(() => engine.range(query, range, {}, never)));
  }
  for (const variant of [{ query, atMs }, ...pinnedVariants(query, atMs)]) {
    const reason = await evaluateInstant(command, variant, engine, report);
    if (reason !== undefined) {
      return variant.query === query
        ? reason
        : `${reason} (as ${variant.query} at ${variant.atMs} ms)`;
    }
  }
  return undefined;
}

async function evaluateInstant(
  command: EvalCommand,
  { query, atMs }: { readonly query: string; readonly atMs: number },
  engine: PromqlEngine,
  report: ScriptReport,
): Promise<string | undefined> {
  const { expected } = command;
  report.queries++;
  const result = await answer(() => engine.instant(query, atMs, {}, never));
  const reason = check(command, query, result);
  if (reason !== undefined || expected.fail !== undefined || result instanceof Error) return reason;
  if (expected.range !== undefined || expected.text !== undefined) return undefined;
  // These follow from the query's times.
  if (/(?:start|end|range|step)\(\)/.test(query)) return undefined;
  report.queries++;
  const stepMs = 60_000;
  const window = { startMs: atMs - stepMs, endMs: atMs + stepMs, stepMs };
  const ranged = await answer(() => engine.range(query, window, {}, never));
  if (ranged instanceof Error) return `in range mode: ${ranged.message}`;
  if (expected.isOrdered) return undefined;
  const middle = middleOf(ranged.value, atMs, result.value.type);
  const difference = compareResult(middle, { ...command, range: undefined });
  return difference === undefined ? undefined : `in range mode: ${difference}`;
}

async function answer(ask: () => Promise<QueryResult>): Promise<QueryResult | Error> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function check(
  command: EvalCommand,
  query: string,
  result: QueryResult | Error,
): string | undefined {
  const { expected } = command;
  if (result instanceof Error) {
    if (expected.fail === undefined)
      return `error evaluating query ${query}: ${result.stack ?? result.message}`;
    return expected.fail(result.message)
      ? undefined
      : `another error than expected: ${result.message}`;
  }
  if (expected.fail !== undefined) return 'expected an error, got none';
  return checkAnnotations(expected, result) ?? compareResult(result.value, command);
}

function checkAnnotations(expected: Expectations, result: QueryResult): string | undefined {
  const { warnings, infos } = result;
  if (expected.hasAnyWarn && warnings.length === 0) return 'expected warnings, got none';
  if (expected.hasAnyInfo && infos.length === 0) return 'expected infos, got none';
  if (expected.hasNoWarn && warnings.length > 0)
    return `unexpected warnings: ${warnings.join('; ')}`;
  if (expected.hasNoInfo && infos.length > 0) return `unexpected infos: ${infos.join('; ')}`;
  return mismatch('warning', expected.warn, warnings) ?? mismatch('info', expected.info, infos);
}

/** Where anything is expected, each text must be, and each expected text must be there. */
function mismatch(
  kind: string,
  expected: Expectations['warn'],
  actual: readonly string[],
): string | undefined {
  if (expected.length === 0) return undefined;
  if (!expected.every((matches) => actual.some((text) => matches(text)))) {
    return `an expected ${kind} is missing, found: ${JSON.stringify(actual)}`;
  }
  const stray = actual.find((text) => !expected.some((matches) => matches(text)));
  return stray === undefined ? undefined : `unexpected ${kind}: ${stray}`;
}

/** Samples at one time of a range query's answer, as the instant query's would be. */
function middleOf(value: QueryValue, atMs: number, type: QueryValue['type']): QueryValue {
  if (value.type !== 'matrix') return value;
  const series: ResultSeries[] = [];
  for (const each of value.series) {
    const at = each.timesMs.indexOf(atMs);
    const histogram = each.histograms?.find(({ timeMs }) => timeMs === atMs);
    if (at >= 0) {
      series.push({
        labels: each.labels,
        timesMs: each.timesMs.subarray(at, at + 1),
        values: each.values.subarray(at, at + 1),
      });
    } else if (histogram !== undefined) {
      const empty = new Float64Array(0);
      series.push({ labels: each.labels, timesMs: empty, values: empty, histograms: [histogram] });
    }
  }
  if (type === 'scalar') return { type: 'scalar', timeMs: atMs, value: series[0]!.values[0]! };
  return { type: 'vector', series };
}

/** Their results change with the time of the evaluation whatever their arguments are. */
const timeDependent: ReadonlySet<string> = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month'],
  ...['year', 'predict_linear', 'time', 'timestamp', 'start', 'end', 'range', 'step'],
]);

/** The query with all its selectors pinned to a time, at other times of evaluation. */
function pinnedVariants(
  query: string,
  atMs: number,
): { readonly query: string; readonly atMs: number }[] {
  let expr: Expr;
  try {
    expr = parseQuery(query);
  } catch {
    return [];
  }
  if (!pin(expr, atMs)) return [];
  const pinned = printQuery(expr);
  const times =
    atMs === 0 ? [-1000, 0, 1000] : [-10 * atMs, 0, Math.trunc(atMs / 5), atMs, 10 * atMs];
  return times.map((each) => ({ query: pinned, atMs: each }));
}

/** Pins what is not pinned yet. @returns false when the result would still change with the time */
function pin(expr: Expr, atMs: number): boolean {
  const set = (shift: TimeShift): void => {
    if (shift.atMs === undefined && shift.atBound === undefined) shift.atMs = atMs;
  };
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true;
    case 'vector':
      set(expr);
      return true;
    case 'matrix':
      set(expr.selector);
      return true;
    case 'subquery':
      set(expr);
      return isTimeless(expr.expr);
    case 'call':
      return (
        expr.args.map((arg) => pin(arg, atMs)).every(Boolean) && !timeDependent.has(expr.func.name)
      );
    case 'aggregation':
      return [expr.expr, ...(expr.param === undefined ? [] : [expr.param])]
        .map((each) => pin(each, atMs))
        .every(Boolean);
    case 'binary':
      return [expr.left, expr.right].map((each) => pin(each, atMs)).every(Boolean);
    case 'unary':
    case 'paren':
      return pin(expr.expr, atMs);
    default:
      return expr satisfies never;
  }
}

/** Within a pinned subquery all times follow from its own; the reference leaves these out all the same. */
function isTimeless(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return !timeDependent.has(expr.func.name) && expr.args.every(isTimeless);
    case 'binary':
      return isTimeless(expr.left) && isTimeless(expr.right);
    case 'aggregation':
    case 'unary':
    case 'paren':
    case 'subquery':
      return isTimeless(expr.expr);
    default:
      return true;
  }
}
