import type { Command, Expression, Name } from './ast.ts';
import type { PlanChecker } from './check.ts';
import { columnOf, type PlanExpression } from './plan.ts';

/** `countFrequent`: values by how often they are there. */
export function countFrequent(checker: PlanChecker, nodes: readonly Expression[]): void {
  const keys = nodes.map((node) => {
    const expression = checker.scalar(node);
    return { column: checker.scope.newColumn(checker.textOf(node), expression.type), expression };
  });
  const count = checker.scope.newColumn('_approxcount', 'number');
  checker.stages.push({
    kind: 'aggregate',
    keys,
    aggregates: [{ column: count, name: 'count', args: [] }],
  });
  checker.stages.push({ kind: 'sort', keys: [{ expression: columnOf(count), descending: true }] });
  const shown = [...keys.map((key) => key.column), count];
  checker.closeEvents(
    shown.map((column) => ({
      name: column.name,
      expression: columnOf(column),
      isTimeBin: false,
      isAggregate: column === count,
    })),
  );
}

/** `filldown`, `accum`, `autoregress`: what depends on the rows above. */
export function checkWindow(
  checker: PlanChecker,
  kind: 'filldown' | 'accum' | 'lag',
  source: Name,
  target: Name | undefined,
  distance: number,
): void {
  const expression = checker.scope.resolve(source.path, source);
  const name = target?.path.name ?? `${source.path.name}_p${distance}`;
  const column = checker.scope.newColumn(name, kind === 'accum' ? 'number' : expression.type);
  checker.stages.push({ kind: 'window', function: kind, source: expression, column, distance });
  checker.show(name, column);
}

/** `fillmissing`: a value where there is none. */
export function fillMissing(
  checker: PlanChecker,
  command: Extract<Command, { kind: 'fillmissing' }>,
): void {
  const names =
    command.names.length > 0
      ? command.names.map((one) => one.path)
      : checker.output.map((one) => ({
          name: one.name,
          segments: [{ text: one.name, quoted: true }],
        }));
  for (const path of names) {
    const value = checker.scope.resolve(path, command);
    const literal: PlanExpression = {
      kind: 'literal',
      value: command.value,
      type: typeof command.value === 'number' ? 'number' : 'string',
    };
    const type = value.type === literal.type ? value.type : 'string';
    checker.addColumn(path.name, { kind: 'call', name: 'coalesce', args: [value, literal], type });
  }
}

/** `addtotals`: sums beside or below the numbers. */
export function addTotals(checker: PlanChecker, options: Readonly<Record<string, string>>): void {
  const numbers = checker.output.flatMap((one) =>
    one.expression.kind === 'column' && one.expression.type === 'number' && !one.isTimeBin
      ? [one.expression.column]
      : [],
  );
  const wantsRow = options['row'] !== 'false';
  const column = checker.scope.newColumn(options['fieldname'] ?? 'Total', 'number');
  checker.stages.push({
    kind: 'totals',
    row: wantsRow ? { column, parts: numbers } : undefined,
    sums: options['col'] === 'true' ? [...numbers, ...(wantsRow ? [column] : [])] : [],
  });
  if (wantsRow) checker.show(column.name, column, true);
}
