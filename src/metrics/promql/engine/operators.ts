import type { FloatHistogram } from '#metrics/model';
import type { Annotations } from '../annotations.ts';
import { HistogramAccumulator } from '../histogram/accumulator.ts';
import { equalHistograms } from '../histogram/buckets.ts';
import { divided, multiplied, withHint } from '../histogram/scale.ts';
import { trimmed } from '../histogram/trim.ts';
import type { BinaryOperator } from '../parser/ast.ts';
import type { Span } from '../parser/position.ts';
import type { Row } from './row.ts';

/** Arithmetic of two numbers, and comparisons as 0 and 1. */
export const scalarOperators: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
};

/** IEEE 754 knows `1 ^ NaN` and `-1 ^ Inf` as 1, JavaScript as NaN. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  return base ** exponent;
}

/** A sample: a float, or a histogram. */
export type Sample = number | FloatHistogram;

export interface OperatorNotes {
  readonly annotations: Annotations;
  readonly span: Span;
}

const kindOf = (sample: Sample): string => (typeof sample === 'number' ? 'float' : 'histogram');

/**
 * Two samples of which at least one is a histogram. Comparisons answer whether they hold.
 * Undefined: these cannot be combined, which a note says.
 */
export function combineHistograms(
  op: BinaryOperator,
  left: Sample,
  right: Sample,
  notes: OperatorNotes,
): Sample | boolean | undefined {
  if (typeof left === 'number') {
    if (typeof right !== 'number' && op === '*') return multiplied(right, left);
    return incompatible(op, left, right, notes);
  }
  if (typeof right === 'number') {
    switch (op) {
      case '*':
        return multiplied(left, right);
      case '/':
        return divided(left, right);
      case '</':
        return trimmed(left, right, 'below');
      case '>/':
        return trimmed(left, right, 'above');
      default:
        return incompatible(op, left, right, notes);
    }
  }
  switch (op) {
    case '+':
    case '-':
      return added(op, left, right, notes);
    case '==':
      return equalHistograms(left, right);
    case '!=':
      return !equalHistograms(left, right);
    default:
      return incompatible(op, left, right, notes);
  }
}

export function incompatible(
  op: BinaryOperator,
  left: Sample,
  right: Sample,
  { annotations, span }: OperatorNotes,
): undefined {
  annotations.inform(
    `incompatible sample types encountered for binary operator "${op}": ${kindOf(left)} ${op} ${kindOf(right)}`,
    span,
  );
  return undefined;
}

function added(
  op: '+' | '-',
  left: FloatHistogram,
  right: FloatHistogram,
  { annotations, span }: OperatorNotes,
): FloatHistogram | undefined {
  const sum = new HistogramAccumulator(left);
  const done = op === '+' ? sum.add(right) : sum.subtract(right);
  if (done === undefined) {
    annotations.warn(`incompatible bucket layout encountered for binary operator ${op}`, span);
    return undefined;
  }
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (done.hasCollision) {
    annotations.warn(`conflicting counter resets during histogram ${operation}`, span);
  }
  if (done.isReconciled) {
    annotations.inform(`mismatched custom buckets were reconciled during ${operation}`, span);
  }
  return op === '+' ? sum.toHistogram() : withHint(sum.toHistogram(), 'gauge');
}

/** Puts a sample in the place of what stood at a step. */
export function setSample(row: Row, step: number, sample: Sample): void {
  if (typeof sample === 'number') {
    if (row.histograms !== undefined) row.histograms[step] = undefined;
    row.setFloat(step, sample);
  } else {
    row.setHistogram(step, sample);
  }
}
