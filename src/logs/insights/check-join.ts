import type { Command, FieldPath, Name } from './ast.ts';
import type { PlanChecker } from './check.ts';
import type { Span } from './diagnostics.ts';
import { type Column, columnOf, type OutputColumn, type PlanExpression } from './plan.ts';
import { withoutFirst } from './scope.ts';

type Join = Extract<Command, { kind: 'join' }>;

/** What the checker of the whole query keeps of its join. */
export interface Joined {
  /** Columns of the other side, for a query that chooses none. */
  shown(): readonly OutputColumn[];
}

/** `join`: beside each row those of another query whose keys are equal. */
export function checkJoin(checker: PlanChecker, command: Join): void {
  const { diagnostics, scope } = checker;
  if (checker.joined !== undefined) diagnostics.error(command, 'JOIN_TWICE');
  const leftName = command.left.path.name;
  const rightName = command.right.path.name;
  if (leftName === rightName) diagnostics.error(command.right, 'JOIN_SAME_NAMES');
  const other = checker.another();
  const right = other.plan(command.query);
  const unfit = right.stages.find(({ kind }) => ['pattern', 'lookup', 'join'].includes(kind));
  if (unfit !== undefined) {
    diagnostics.error(command.query, 'JOIN_COMMAND_UNFIT', { command: unfit.kind });
  }

  const keys = command.on.flatMap(([one, two]) => {
    const [left, other_] = sideOf(one) === rightName ? [two, one] : [one, two];
    if (sideOf(left) !== leftName || sideOf(other_) !== rightName) {
      const names = { left: leftName, right: rightName };
      diagnostics.error({ start: one.start, end: two.end }, 'JOIN_KEYS', names);
      return [];
    }
    const key = {
      left: scope.resolve(withoutFirst(left.path), left),
      right: other.scope.resolve(withoutFirst(other_.path), other_),
    };
    if (key.left.type === 'json' || key.right.type === 'json') {
      diagnostics.error({ start: one.start, end: two.end }, 'JOIN_KEY_NOT_SCALAR');
    }
    return [key];
  });

  const columns: { column: Column; expression: PlanExpression }[] = [];
  const rightColumn = (path: FieldPath, span: Span): PlanExpression => {
    const expression = other.scope.resolve(path, span);
    const known = columns.find((one) => same(one.expression, expression));
    const column = known?.column ?? scope.newColumn(`${rightName}.${path.name}`, expression.type);
    if (known === undefined) columns.push({ column, expression });
    return columnOf(column);
  };
  checker.stages.push({ kind: 'join', isLeft: command.type === 'left', keys, right, columns });
  checker.nameSides(leftName, rightName, rightColumn);
  checker.joined = {
    shown: () => {
      const names = other.scope.closed ? right.output.map(({ name }) => name) : defaultNames;
      return names.map((name) => ({
        name: `${rightName}.${name}`,
        expression: rightColumn({ name, segments: [{ text: name, quoted: true }] }, command),
        isTimeBin: false,
        isAggregate: false,
      }));
    },
  };
}

const defaultNames: readonly string[] = ['@timestamp', '@message'];

const sideOf = ({ path }: Name): string | undefined =>
  path.segments.length > 1 ? path.segments[0]!.text : undefined;

const same = (a: PlanExpression, b: PlanExpression): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
