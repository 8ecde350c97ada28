import type { Command, Expression } from './ast.ts';
import type { PlanChecker } from './check.ts';
import { checkExpression, checkPeriod, type ExpressionHost } from './check-expression.ts';
import {
  type Aggregate,
  type Column,
  columnOf,
  type OutputColumn,
  type PlanExpression,
} from './plan.ts';
import { Scope } from './scope.ts';
import type { FunctionEntry } from './vocabulary.ts';

/** The keys and aggregates of `stats`, and what their list makes of them. */
export function checkAggregate(
  checker: PlanChecker,
  command: Extract<Command, { kind: 'stats' }>,
): void {
  const keys: { column: Column; expression: PlanExpression }[] = [];
  const aggregates: Aggregate[] = [];
  const output: OutputColumn[] = [];
  const inner = checker.scope;
  for (const group of command.groups) {
    let expression = checker.scalar(group.expression);
    const isTimeBin = expression.kind === 'bucket' || isKnownTimeBin(checker, group.text);
    if (group.offset !== undefined) {
      const period = checkPeriod(group.offset.text, group.offset, checker.diagnostics);
      if (expression.kind === 'bucket' && period !== undefined) {
        expression = { ...expression, offsetMs: period.ms };
      } else {
        checker.diagnostics.error(group.offset, 'OFFSET_MISPLACED');
      }
    }
    const column = inner.newColumn(group.alias?.name ?? group.text, expression.type);
    keys.push({ column, expression });
    output.push({
      name: column.name,
      expression: columnOf(column),
      isTimeBin,
      isAggregate: false,
    });
  }
  // Outside aggregates a name means a key or an alias made earlier in the same list.
  const outer = new Scope(checker.diagnostics);
  outer.close(output);
  const finals: { column: Column; expression: PlanExpression }[] = [];
  for (const item of command.aggregates) {
    const expression = checkExpression(item.expression, {
      diagnostics: checker.diagnostics,
      context: checker.context,
      scope: outer,
      subquery: (query) => checker.subquery(query),
      aggregate: (call, entry) => {
        const aggregate = aggregateCall(checker, call, entry, inner);
        const same = aggregates.find((one) => sameAggregate(one, aggregate));
        if (same === undefined) aggregates.push(aggregate);
        return columnOf((same ?? aggregate).column);
      },
    });
    const column = inner.newColumn(item.alias?.name ?? item.text, expression.type);
    finals.push({ column, expression });
    outer.define(column.name, columnOf(column));
    output.push({
      name: column.name,
      expression: columnOf(column),
      isTimeBin: false,
      isAggregate: true,
    });
  }
  if (aggregates.length === 0 && command.groups.length === 0 && !checker.diagnostics.hasErrors) {
    checker.diagnostics.error(command, 'STATS_EMPTY');
  }
  checker.stages.push({ kind: 'aggregate', keys, aggregates });
  for (const one of finals) checker.stages.push({ kind: 'extend', ...one });
  checker.closeEvents(dedupe(output));
}

function isKnownTimeBin(checker: PlanChecker, text: string): boolean {
  return checker.output.some((one) => one.name === text && one.isTimeBin);
}

function aggregateCall(
  checker: PlanChecker,
  call: Extract<Expression, { kind: 'call' }>,
  entry: FunctionEntry,
  scope: Scope,
): Aggregate {
  const name = entry.name.toLowerCase();
  const host: ExpressionHost = {
    diagnostics: checker.diagnostics,
    context: checker.context,
    scope,
    subquery: (query) => checker.subquery(query),
  };
  const nodes = [...call.args];
  let periodMs: number | undefined;
  if (name === 'rate' || name.endsWith('_over_time')) {
    const at = nodes.findIndex((node) => node.kind === 'period');
    const [node] = at === -1 ? [] : nodes.splice(at, 1);
    if (node?.kind === 'period') periodMs = checkPeriod(node.text, node, checker.diagnostics)?.ms;
    else checker.diagnostics.error(call, 'PERIOD_MISSING', { signature: entry.signature });
  }
  const args = nodes.map((node) => checkExpression(node, host));
  if (name === 'pct' || name === 'histogram' || name === 'topk') {
    const number = args[1];
    const value = number?.kind === 'literal' ? number.value : undefined;
    const bad =
      typeof value !== 'number' || (name === 'pct' ? value < 0 || value > 100 : value <= 0);
    if (bad && (name !== 'topk' || number !== undefined)) {
      checker.diagnostics.error(
        nodes[1] ?? call,
        name === 'pct' ? 'PERCENTILE_INVALID' : 'NUMBER_NOT_POSITIVE',
      );
    }
  }
  const json = args.find((arg) => arg.type === 'json');
  if (json !== undefined && name !== 'count') {
    checker.diagnostics.error(call, 'AGGREGATE_NOT_SCALAR');
  }
  const type = entry.result === 'same' ? (args[0]?.type ?? 'string') : entry.result;
  const column = scope.newColumn(
    call.name,
    // Of times, aggregates give milliseconds.
    type === 'timestamp' || type === 'boolean' ? 'number' : type,
  );
  return { column, name, args, ...(periodMs === undefined ? {} : { periodMs }) };
}

/** Maps and lists have no order and no equality. */

function sameAggregate(a: Aggregate, b: Aggregate): boolean {
  return (
    a.name === b.name &&
    a.periodMs === b.periodMs &&
    JSON.stringify(a.args) === JSON.stringify(b.args)
  );
}

/** Later columns of the same name win. */
function dedupe(output: readonly OutputColumn[]): OutputColumn[] {
  return output.filter(
    (one, index) => output.findLastIndex((other) => other.name === one.name) === index,
  );
}
