import { isPlainLabelName, type LabelMatcher, metricNameLabel } from '#metrics/model';
import type {
  Aggregation,
  Binary,
  DurationExpr,
  DurationOperand,
  Expr,
  NumberLiteral,
  Subquery,
  TimeShift,
  VectorSelector,
} from './ast.ts';
import { formatDurationText } from './duration-text.ts';
import { formatFloat, formatGeneral, quoteText } from './go-text.ts';

/**
 * A query in its canonical form, on one line: it parses to the same tree.
 *
 * Source: `String()` of the nodes of Prometheus' parser.
 */
export function printQuery(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr);
    case 'string':
      return quoteText(expr.value);
    case 'vector':
      return `${printMatchers(expr)}${printAt(expr)}${printExtension(expr)}${printOffset(expr)}`;
    case 'matrix': {
      const { selector } = expr;
      const range = printDuration(expr.rangeMs, expr.rangeExpr);
      const after = `${printExtension(selector)}${printAt(selector)}${printOffset(selector)}`;
      return `${printMatchers(selector)}[${range}]${after}`;
    }
    case 'subquery':
      return `${printQuery(expr.expr)}${printSubqueryRange(expr)}`;
    case 'call':
      return `${expr.func.name}(${expr.args.map(printQuery).join(', ')})`;
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${printQuery(expr.param)}, `;
      return `${printAggregation(expr)}(${param}${printQuery(expr.expr)})`;
    }
    case 'binary':
      return `${printQuery(expr.left)} ${printOperator(expr)} ${printQuery(expr.right)}`;
    case 'unary':
      return `${expr.op}${printQuery(expr.expr)}`;
    case 'paren':
      return `(${printQuery(expr.expr)})`;
    default:
      return expr satisfies never;
  }
}

/** `sum by (a) `: what stands before the parenthesis. */
export function printAggregation({ op, grouping, isWithout }: Aggregation): string {
  if (isWithout) return `${op} without (${printLabels(grouping)}) `;
  return grouping.length > 0 ? `${op} by (${printLabels(grouping)}) ` : op;
}

/** `* on (a) group_left (b)`: an operator with its modifiers. */
export function printOperator({ op, isBool, matching }: Binary): string {
  let text = `${op}${isBool ? ' bool' : ''}`;
  if (matching === undefined) return text;
  const { card, labels, isOn, include, fillLeft, fillRight } = matching;
  const isGrouped = card === 'many-to-one' || card === 'one-to-many';
  if (labels.length > 0 || isOn || isGrouped) {
    text += ` ${isOn ? 'on' : 'ignoring'} (${printLabels(labels)})`;
  }
  if (isGrouped) {
    text += ` group_${card === 'many-to-one' ? 'left' : 'right'} (${printLabels(include)})`;
  }
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight)) {
    return `${text} fill (${formatGeneral(fillLeft)})`;
  }
  if (fillLeft !== undefined) text += ` fill_left (${formatGeneral(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatGeneral(fillRight)})`;
  return text;
}

/** `[5m:1m] @ 1.000 offset 5m` */
export function printSubqueryRange(expr: Subquery): string {
  const range = printDuration(expr.rangeMs, expr.rangeExpr);
  const hasStep = expr.stepMs !== 0 || expr.stepExpr !== undefined;
  const step = hasStep ? printDuration(expr.stepMs, expr.stepExpr) : '';
  return `[${range}:${step}]${printAt(expr)}${printOffset(expr)}`;
}

function printLabels(labels: readonly string[]): string {
  return labels.map((label) => (isPlainLabelName(label) ? label : quoteText(label))).join(', ');
}

function printMatchers({ name, matchers }: VectorSelector): string {
  const texts = matchers.filter((matcher) => !isName(matcher, name)).map(printMatcher);
  // As bytes, like everything that the reference sorts.
  texts.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (texts.length === 0) return name === '' ? '{}' : name;
  return `${name}{${texts.join(',')}}`;
}

const isName = (matcher: LabelMatcher, name: string): boolean =>
  matcher.name === metricNameLabel &&
  matcher.operator === '=' &&
  matcher.value === name &&
  name !== '';

function printMatcher({ name, operator, value }: LabelMatcher): string {
  const label = isPlainLabelName(name) ? name : quoteText(name);
  return `${label}${operator}${quoteText(value)}`;
}

function printAt({ atMs, atBound }: TimeShift): string {
  if (atMs !== undefined) return ` @ ${(atMs / 1000).toFixed(3)}`;
  return atBound === undefined ? '' : ` @ ${atBound}()`;
}

function printOffset({ offsetMs, offsetExpr }: TimeShift): string {
  if (offsetExpr !== undefined) return ` offset ${printDurationExpr(offsetExpr)}`;
  if (offsetMs === 0) return '';
  return ` offset ${offsetMs < 0 ? '-' : ''}${formatDurationText(Math.abs(offsetMs))}`;
}

const printExtension = ({ isAnchored, isSmoothed }: VectorSelector): string =>
  isAnchored ? ' anchored' : isSmoothed ? ' smoothed' : '';

const printDuration = (durationMs: number, expr: DurationExpr | undefined): string =>
  expr === undefined ? formatDurationText(durationMs) : printDurationExpr(expr);

const printOperand = (operand: DurationOperand): string =>
  operand.kind === 'number' ? printNumber(operand) : printDurationExpr(operand);

function printDurationExpr(expr: DurationExpr): string {
  const inner = printUnwrapped(expr);
  return expr.isWrapped ? `(${inner})` : inner;
}

function printUnwrapped({ op, left, right }: DurationExpr): string {
  if (op === 'step' || op === 'range') return `${op}()`;
  if (op === 'min_of' || op === 'max_of') {
    return `${op}(${printOperand(left!)}, ${printOperand(right!)})`;
  }
  if (left !== undefined) return `${printOperand(left)} ${op} ${printOperand(right!)}`;
  return `${op === '-' ? '-' : ''}${printOperand(right!)}`;
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  if (!isDuration) return formatFloat(value);
  return `${value < 0 ? '-' : ''}${formatDurationText(Math.round(Math.abs(value) * 1000))}`;
}
