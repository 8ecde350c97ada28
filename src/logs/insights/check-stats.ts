import type { Command, Expression, FieldPath, Query } from './ast.ts';
import { functionNamed } from './vocabulary.ts';

/** The names that a stats command gives its columns. */
export function statsNames(command: Extract<Command, { kind: 'stats' }>): ReadonlySet<string> {
  return new Set(
    [...command.aggregates, ...command.groups].map((item) => item.alias?.name ?? item.text),
  );
}

/** Names that a command adds, but for parse. */
function addedNames(command: Command): readonly string[] {
  switch (command.kind) {
    case 'fields':
      return command.items.map((item) => item.alias?.name ?? item.text);
    case 'json':
      return command.items.map((item) => item.name);
    case 'unnest':
      return [command.name.path.name];
    case 'lookup':
      return command.outputs.map(({ column, alias }) => (alias ?? column).path.name);
    case 'accum':
      return [(command.target ?? command.source).path.name];
    case 'autoregress': {
      if (command.target !== undefined) return [command.target.path.name];
      const { source, first, last } = command;
      const distances = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      return distances.map((distance) => `${source.path.name}_p${distance}`);
    }
    case 'addtotals':
      return [command.options['fieldname'] ?? 'Total'];
    default:
      return [];
  }
}

/**
 * Conditions after stats that name only fields of events: AWS's own samples write them there, and
 * they mean what they would mean before it. Given as the conjuncts to move.
 */
export function hoistableFilters(
  after: readonly Command[],
  outputs: ReadonlySet<string>,
): readonly Expression[] {
  const known = new Set(outputs);
  const found: Expression[] = [];
  for (const command of after) {
    for (const name of addedNames(command)) known.add(name);
    if (command.kind === 'parse') {
      for (const name of command.names) known.add(name.path.name);
      if (command.pattern.kind === 'regex') {
        for (const [, name] of command.pattern.source.matchAll(/\(\?P?<(\w+)>/g)) known.add(name!);
      }
    }
    if (command.kind !== 'filter' && command.kind !== 'filterIndex') continue;
    for (const conjunct of splitAnd(command.condition)) {
      // Of an aggregate only stats knows the value.
      if (hasAggregate(conjunct)) continue;
      const fields = fieldNames(conjunct);
      if (fields.length > 0 && !fields.some((field) => isKnown(field, known))) found.push(conjunct);
    }
  }
  return found;
}

function hasAggregate(expression: Expression | Query): boolean {
  if (expression.kind === 'call' && functionNamed(expression.name)?.group === 'aggregate') {
    return true;
  }
  return partsOf(expression).some(hasAggregate);
}

function isKnown(field: FieldPath, known: ReadonlySet<string>): boolean {
  if (known.has(field.name)) return true;
  const first = field.segments[0];
  return first !== undefined && known.has(first.text);
}

function splitAnd(expression: Expression): readonly Expression[] {
  return expression.kind === 'and'
    ? [...splitAnd(expression.left), ...splitAnd(expression.right)]
    : [expression];
}

/** All fields that an expression names. */
export function fieldNames(expression: Expression | Query): readonly FieldPath[] {
  return expression.kind === 'field'
    ? [expression.path]
    : partsOf(expression).flatMap((part) => fieldNames(part));
}

function partsOf(expression: Expression | Query): readonly (Expression | Query)[] {
  switch (expression.kind) {
    case 'list':
      return expression.items;
    case 'access':
      return [expression.object];
    case 'call':
      return expression.args;
    case 'not':
    case 'negate':
      return [expression.operand];
    case 'arithmetic':
    case 'compare':
    case 'and':
    case 'or':
      return [expression.left, expression.right];
    case 'like':
      return [expression.value, expression.pattern];
    case 'in':
      return [expression.value, expression.set];
    default:
      return [];
  }
}
