import { type ExpressionPrinter, naturalKey } from './duckdb-expression.ts';
import type { Aggregate, PlanExpression } from './plan.ts';
import { sqlInteger, sqlNumber } from './sql-text.ts';

/** Lists made by aggregates are for people: longer ones are cut. */
const maxListItems = 1000;

/**
 * SQL of one aggregate.
 * @param rangeMs the time that one group spans, for rates
 * @param isSecond true in a second stats, whose rows have no time of their own
 */
export function printAggregate(
  aggregate: Aggregate,
  p: ExpressionPrinter,
  rangeMs: number,
  isSecond: boolean,
): string {
  const [first, second] = aggregate.args;
  const value = first as PlanExpression;
  const finite = (): string => `CAST(${p.finite(value)} AS DOUBLE)`;
  const perPeriod = (sum: string): string =>
    `(${sum} * ${sqlNumber((aggregate.periodMs ?? 1000) / rangeMs)})`;
  const time = isSecond ? 'first_seen' : `{'t': ts_ms, 's': seq}`;
  switch (aggregate.name) {
    case 'count':
      return first === undefined ? 'count(*)' : `count(${p.native(value)})`;
    case 'count_distinct':
      return `count(DISTINCT ${p.string(value)})`;
    case 'sum':
      return `sum(${finite()})`;
    case 'avg':
      return `avg(${finite()})`;
    case 'stddev':
      return `stddev_samp(${squarable(finite())})`;
    case 'variance':
      return `var_samp(${squarable(finite())})`;
    case 'pct':
      return `quantile_cont(${finite()}, ${sqlNumber(numberOf(second) / 100)})`;
    case 'min':
    case 'max':
      return extreme(aggregate, p, value);
    case 'earliest':
      return `arg_min(${result(p, value)}, ${time})`;
    case 'latest':
      return `arg_max(${result(p, value)}, ${time})`;
    case 'sortsfirst':
      return `arg_min(${result(p, value)}, ${sortKey(p, value)})`;
    case 'sortslast':
      return `arg_max(${result(p, value)}, ${sortKey(p, value)})`;
    case 'values':
    case 'collect_values': {
      const text = p.string(value);
      return `to_json(list_sort(list(DISTINCT ${text}) FILTER (${text} IS NOT NULL))[1:${maxListItems}])`;
    }
    case 'topk': {
      const k = Math.min(
        maxListItems,
        Math.max(1, Math.trunc(second === undefined ? 10 : numberOf(second))),
      );
      return `to_json(approx_top_k(${p.string(value)}, ${sqlInteger(k)}))`;
    }
    case 'rate':
    case 'sum_over_time':
      return perPeriod(`sum(${finite()})`);
    case 'count_over_time':
      return perPeriod(first === undefined ? 'count(*)' : `count(${p.native(value)})`);
    case 'histogram': {
      const width = sqlNumber(numberOf(second));
      return `to_json(histogram(CAST(floor(${finite()} / ${width}) * ${width} AS DOUBLE)))`;
    }
    default:
      throw new Error(`No printer for the aggregate ${aggregate.name}`);
  }
}

/** A number whose square the engine can hold: it fails the query over others. */
const squarable = (sql: string): string => `CASE WHEN abs(${sql}) < 1e150 THEN ${sql} END`;

/** Of text the numbers decide, if there are any; else natural text order does. */
function extreme(aggregate: Aggregate, p: ExpressionPrinter, value: PlanExpression): string {
  if (value.type !== 'string') return `${aggregate.name}(${p.number(value)})`;
  const text = p.string(value);
  const key = `CASE WHEN isfinite(${p.number(value)}) THEN ${p.number(value)} END`;
  const by = aggregate.name === 'min' ? 'arg_min' : 'arg_max';
  return `coalesce(${by}(${text}, ${key}), ${aggregate.name}(${text}))`;
}

/** Times come as milliseconds out of aggregates. */
function result(p: ExpressionPrinter, value: PlanExpression): string {
  return value.type === 'boolean' ? p.number(value) : p.native(value);
}

function sortKey(p: ExpressionPrinter, value: PlanExpression): string {
  if (value.type !== 'string') return p.number(value);
  const number = p.number(value);
  return (
    `{'k': CASE WHEN ${number} IS NULL THEN 1 ELSE 2 END, 'n': coalesce(${number}, 0),` +
    ` 's': ${naturalKey(p.string(value))}}`
  );
}

function numberOf(e: PlanExpression | undefined): number {
  return e?.kind === 'literal' && typeof e.value === 'number' ? e.value : 1;
}
