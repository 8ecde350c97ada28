import { joinByLabels, type Pair } from './join.ts';
import type { BinaryOperator, MathFunction, MathNode } from './math-tree.ts';
import { isNoData, mapPoints, noData, type Point, type Value, type Values } from './values.ts';

/**
 * Carries a math expression out. Without an answer on one side of an operator there is none.
 * @param valuesOf what a refId stands for
 * @throws {RangeError} when there are too many results
 */
export function evaluateMath(node: MathNode, valuesOf: (refId: string) => Values): Values {
  switch (node.kind) {
    case 'number':
      return [{ kind: 'scalar', value: node.value }];
    case 'variable':
      return valuesOf(node.refId);
    case 'unary': {
      const change = node.operator === '-' ? negative : not;
      return evaluateMath(node.operand, valuesOf).map((value) => mapPoints(value, change));
    }
    case 'call': {
      if (node.argument === undefined) {
        return [{ kind: 'scalar', value: constants[node.name] ?? null }];
      }
      const change = functions[node.name];
      return evaluateMath(node.argument, valuesOf).map((value) => mapPoints(value, change));
    }
    case 'binary':
      return binary(
        node.operator,
        evaluateMath(node.left, valuesOf),
        evaluateMath(node.right, valuesOf),
      );
  }
}

const negative = (point: Point): Point => (point === null ? null : -point);

const not = (point: Point): Point =>
  point === null || Number.isNaN(point) ? point : point === 0 ? 1 : 0;

const truth = (isTrue: boolean): number => (isTrue ? 1 : 0);

const onNumbers =
  (change: (value: number) => number) =>
  (point: Point): Point =>
    point === null ? null : change(point);

/** Halves go away from zero, as everywhere in this family. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

const constants: Readonly<Partial<Record<MathFunction, Point>>> = {
  inf: Number.POSITIVE_INFINITY,
  infn: Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
  null: null,
};

const same = (point: Point): Point => point;

const functions: Readonly<Record<MathFunction, (point: Point) => Point>> = {
  abs: onNumbers(Math.abs),
  log: onNumbers(Math.log),
  round: onNumbers(round),
  ceil: onNumbers(Math.ceil),
  floor: onNumbers(Math.floor),
  is_nan: (point) => truth(point !== null && Number.isNaN(point)),
  is_null: (point) => truth(point === null),
  is_inf: (point) =>
    truth(point === Number.POSITIVE_INFINITY || point === Number.NEGATIVE_INFINITY),
  is_number: (point) => truth(point !== null && Number.isFinite(point)),
  inf: same,
  infn: same,
  nan: same,
  null: same,
};

const operations: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
  '&&': (a, b) => truth(a !== 0 && b !== 0),
  '||': (a, b) => truth(a !== 0 || b !== 0),
};

/** What is not known stays so: null before NaN. */
function apply(operator: BinaryOperator, a: Point, b: Point): Point {
  if (a === null || b === null) return null;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  return operations[operator](a, b);
}

function binary(operator: BinaryOperator, left: Values, right: Values): Values {
  if (isNoData(left) || isNoData(right)) return [noData];
  const known = (values: Values): Values => values.filter(({ kind }) => kind !== 'noData');
  return joinByLabels(known(left), known(right)).map((pair) => combine(operator, pair));
}

function combine(operator: BinaryOperator, { labels, left, right }: Pair): Value {
  if (left.kind === 'series' && right.kind === 'series') {
    return { labels, ...atSameTimes(left, right, (a, b) => apply(operator, a, b)) };
  }
  if (left.kind === 'series') {
    const other = pointOf(right);
    return { ...left, labels, values: left.values.map((one) => apply(operator, one, other)) };
  }
  if (right.kind === 'series') {
    const other = pointOf(left);
    return { ...right, labels, values: right.values.map((one) => apply(operator, other, one)) };
  }
  const value = apply(operator, pointOf(left), pointOf(right));
  const isScalar = left.kind === 'scalar' && right.kind === 'scalar';
  return isScalar ? { kind: 'scalar', value } : { kind: 'number', labels, value };
}

const pointOf = (value: Value): Point =>
  value.kind === 'number' || value.kind === 'scalar' ? value.value : null;

type Series = Extract<Value, { readonly kind: 'series' }>;

/** Points that only one of them has are left out. */
function atSameTimes(
  left: Series,
  right: Series,
  join: (a: Point, b: Point) => Point,
): Omit<Series, 'labels'> {
  const others = new Map(right.timesMs.map((timeMs, at) => [timeMs, right.values[at] ?? null]));
  const timesMs: number[] = [];
  const values: Point[] = [];
  for (const [at, timeMs] of left.timesMs.entries()) {
    const other = others.get(timeMs);
    if (other === undefined) continue;
    timesMs.push(timeMs);
    values.push(join(left.values[at] ?? null, other));
  }
  return { kind: 'series', timesMs, values };
}
