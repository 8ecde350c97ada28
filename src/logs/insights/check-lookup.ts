import type { Command, Name } from './ast.ts';
import type { PlanChecker } from './check.ts';
import { nearestName } from './diagnostics.ts';
import type { PlanExpression } from './plan.ts';

type Lookup = Extract<Command, { kind: 'lookup' }>;

/** `lookup`: columns from the row of a table whose keys are the event's values. */
export function checkLookup(checker: PlanChecker, command: Lookup): void {
  mustExist(checker, command);
  const { scope } = checker;
  const keys = command.keys.map(({ column, field }): PlanExpression => {
    const name = field ?? column;
    const key = scope.resolve(name.path, name);
    if (key.type === 'json') {
      checker.diagnostics.error(name, 'NOT_SCALAR');
    }
    return key;
  });
  const outputs = command.outputs.map(({ column, alias }) => {
    const name = alias ?? column;
    const existing =
      command.keepExisting && scope.isKnown(name.path) ? scope.resolve(name.path, name) : undefined;
    if (/^@(timestamp|message|ptr)$/.test(name.path.name)) {
      checker.diagnostics.error(name, 'REDEFINED', { name: name.path.name });
    }
    return { column: scope.newColumn(name.path.name, 'string'), existing };
  });
  checker.showEvents();
  checker.lookups.push({
    table: command.table.path.name,
    keys: command.keys.map(({ column }) => column.path.name),
    outputs: command.outputs.map(({ column }) => column.path.name),
  });
  checker.stages.push({ kind: 'lookup', lookup: checker.lookups.length - 1, keys, outputs });
  for (const { column } of outputs) checker.show(column.name, column);
}

/** Where it is known what tables there are, the table and its columns must be among them. */
function mustExist({ context, diagnostics }: PlanChecker, command: Lookup): void {
  const tables = context.lookupTables;
  if (tables === undefined) return;
  const table = command.table.path.name;
  const columns = tables.get(table);
  if (columns === undefined) {
    const near = nearestName(table, tables.keys());
    diagnostics.error(command.table, 'LOOKUP_TABLE_UNKNOWN', { table, near });
    return;
  }
  const used: Name[] = [...command.keys, ...command.outputs].map(({ column }) => column);
  for (const { path, start, end } of used) {
    if (columns.includes(path.name)) continue;
    const near = nearestName(path.name, columns);
    diagnostics.error({ start, end }, 'LOOKUP_COLUMN_UNKNOWN', {
      table,
      column: path.name,
      near,
      columns: columns.slice(0, maxNamed).join(', '),
    });
  }
}

/** Columns named in an error. */
const maxNamed = 20;
