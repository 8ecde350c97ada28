import type { LabelMatcher } from '#metrics/model';
import type { FunctionSignature } from './functions.ts';
import type { Span } from './position.ts';

/** Types of values, in the words of errors. */
export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type SetOperator = 'and' | 'or' | 'unless';
/** `</` keeps the observations below a bound, `>/` those above. */
export type TrimOperator = '</' | '>/';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | TrimOperator;

export type AggregationOperator =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio';

/** `@` and `offset` of a selector or subquery. */
export interface TimeShift {
  /** `@ 1.5`: Unix ms. */
  atMs: number | undefined;
  /** `@ start()`, `@ end()`. */
  atBound: 'start' | 'end' | undefined;
  offsetMs: number;
  /** `offset (step() * 2)`: what `offsetMs` follows from. */
  offsetExpr: DurationExpr | undefined;
}

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  /** Written as a duration: `5m` is 300. */
  readonly isDuration: boolean;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface VectorSelector extends TimeShift {
  readonly kind: 'vector';
  /** Written before the braces; '' without one. */
  readonly name: string;
  /** With the one that `name` stands for, at the end. */
  readonly matchers: readonly LabelMatcher[];
  isAnchored: boolean;
  isSmoothed: boolean;
  /** The second argument of `info`: may match everything. */
  isLabelSelector: boolean;
  span: Span;
}

export interface MatrixSelector {
  readonly kind: 'matrix';
  readonly selector: VectorSelector;
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | undefined;
  span: Span;
}

export interface Subquery extends TimeShift {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | undefined;
  /** 0: the default of the engine. */
  readonly stepMs: number;
  readonly stepExpr: DurationExpr | undefined;
  span: Span;
}

export interface Call {
  readonly kind: 'call';
  readonly func: FunctionSignature;
  readonly args: readonly Expr[];
  readonly span: Span;
}

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly op: AggregationOperator;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly isWithout: boolean;
  readonly span: Span;
}

export type MatchCardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';

export interface VectorMatching {
  card: MatchCardinality;
  readonly labels: readonly string[];
  readonly isOn: boolean;
  /** Labels that `group_left` and `group_right` take over from the side of one. */
  readonly include: readonly string[];
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface Binary {
  readonly kind: 'binary';
  readonly op: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  readonly isBool: boolean;
  /** Undefined after the check unless both sides are vectors. */
  matching: VectorMatching | undefined;
  readonly span: Span;
}

export interface Unary {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
  readonly span: Span;
}

export interface Paren {
  readonly kind: 'paren';
  readonly expr: Expr;
  readonly span: Span;
}

export type DurationOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'step'
  | 'range'
  | 'min_of'
  | 'max_of';

/** A duration that is computed: `5m * 2`, `step()`. Without `left` the operator has one operand. */
export interface DurationExpr {
  readonly kind: 'duration';
  readonly op: DurationOperator;
  readonly left: DurationOperand | undefined;
  readonly right: DurationOperand | undefined;
  readonly isWrapped: boolean;
  readonly span: Span;
}

export type DurationOperand = NumberLiteral | DurationExpr;

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren;

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const sets: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

export const isComparison = (op: BinaryOperator): op is ComparisonOperator => comparisons.has(op);
export const isSetOperator = (op: BinaryOperator): op is SetOperator => sets.has(op);

/** The type of a value, from the tree alone. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vector':
    case 'aggregation':
      return 'instant vector';
    case 'matrix':
    case 'subquery':
      return 'range vector';
    case 'call':
      return expr.func.returns;
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar'
        ? 'scalar'
        : 'instant vector';
    case 'unary':
    case 'paren':
      return typeOf(expr.expr);
    default:
      return expr satisfies never;
  }
}

/** What a pair of parentheses holds, however many there are. */
export function unwrapped(expr: Expr): Exclude<Expr, Paren> {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  return inner;
}

/** The nodes right below. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector':
      return [];
    case 'matrix':
      return [expr.selector];
    case 'subquery':
    case 'unary':
    case 'paren':
      return [expr.expr];
    case 'call':
      return expr.args;
    case 'aggregation':
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
    case 'binary':
      return [expr.left, expr.right];
    default:
      return expr satisfies never;
  }
}
