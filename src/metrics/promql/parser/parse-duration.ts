import type { DurationExpr, DurationOperand, DurationOperator, NumberLiteral } from './ast.ts';
import { maxDurationMs } from './duration-text.ts';
import { isNumberAhead, parseNumber } from './parse-number.ts';
import { merged } from './position.ts';
import type { TokenReader } from './reader.ts';
import type { Token } from './tokens.ts';

/** A duration that is known, or an expression from which it follows when the query's times are known. */
export interface Duration {
  /** 0 where it follows from `expr`. */
  readonly durationMs: number;
  readonly expr: DurationExpr | undefined;
}

const precedences: Readonly<Record<string, number>> = {
  '+': 1,
  '-': 1,
  '*': 2,
  '/': 2,
  '%': 2,
  '^': 4,
};
const signPrecedence = 3;

/** What stands in brackets. */
export function parsePositiveDuration(reader: TokenReader): Duration {
  const operand = parseOperand(reader, 1);
  if (operand.kind === 'number' && operand.value <= 0) {
    reader.fail(operand.span, 'duration must be greater than 0');
  }
  return durationOf(operand);
}

/**
 * What stands behind `offset`: it ends before an operator, so that `a offset 5m + b` adds two vectors;
 * more than one operand needs parentheses.
 */
export function parseOffset(reader: TokenReader): Duration {
  const sign = reader.accept('-') ?? reader.accept('+');
  const operand = parsePrimary(reader);
  return durationOf(sign === undefined ? operand : signed(reader, sign, operand));
}

function durationOf(operand: DurationOperand): Duration {
  if (operand.kind === 'duration') return { durationMs: 0, expr: operand };
  // The reference keeps nanoseconds and looks at whole milliseconds.
  return { durationMs: Math.trunc(Math.round(operand.value * 1e9) / 1e6), expr: undefined };
}

function parseOperand(reader: TokenReader, minPrecedence: number): DurationOperand {
  return reader.nested(() => {
    let left = parseSigned(reader);
    for (;;) {
      const op = reader.peek();
      const precedence = op.kind === 'operator' ? precedences[op.value] : undefined;
      if (precedence === undefined || precedence < minPrecedence) return left;
      reader.countOperator();
      reader.take();
      const right = parseOperand(reader, op.value === '^' ? precedence : precedence + 1);
      left = combined(reader, op, left, right);
    }
  });
}

function combined(
  reader: TokenReader,
  op: Token,
  left: DurationOperand,
  right: DurationOperand,
): DurationExpr {
  mustBeEnabled(reader, left);
  if (right.kind === 'number' && right.value === 0) {
    if (op.value === '/') reader.fail(op, 'division by zero');
    if (op.value === '%') reader.fail(op, 'modulo by zero');
  }
  return {
    kind: 'duration',
    op: op.value as DurationOperator,
    left,
    right,
    isWrapped: false,
    span: merged(left.span, right.span),
  };
}

function parseSigned(reader: TokenReader): DurationOperand {
  const sign = reader.accept('-') ?? reader.accept('+');
  if (sign === undefined) return parsePrimary(reader);
  return signed(reader, sign, parseOperand(reader, signPrecedence));
}

function signed(reader: TokenReader, sign: Token, operand: DurationOperand): DurationOperand {
  const span = merged(sign, operand.span);
  if (operand.kind === 'number') {
    const value = sign.value === '-' ? -operand.value : operand.value;
    return { ...operand, value, span };
  }
  mustBeEnabled(reader, operand);
  if (sign.value === '+') return operand;
  return { kind: 'duration', op: '-', left: undefined, right: operand, isWrapped: false, span };
}

function parsePrimary(reader: TokenReader): DurationOperand {
  if (isNumberAhead(reader)) return mustBeInRange(reader, parseNumber(reader));
  const token = reader.peek();
  if (token.value === '(' && token.kind === 'punctuation') return parseParen(reader);
  if (token.kind !== 'preprocessor') return reader.unexpected();
  switch (token.value) {
    case 'step':
    case 'range':
      return parseQueryTime(reader);
    case 'min_of':
    case 'max_of':
      return parseChoice(reader);
    default:
      return reader.unexpected();
  }
}

function parseParen(reader: TokenReader): DurationOperand {
  const open = reader.take();
  const inner = parseOperand(reader, 1);
  mustBeEnabled(reader, inner);
  const span = merged(open, reader.expect(')'));
  if (inner.kind === 'duration') return { ...inner, isWrapped: true };
  return { kind: 'duration', op: '+', left: undefined, right: inner, isWrapped: true, span };
}

function parseQueryTime(reader: TokenReader): DurationExpr {
  const word = reader.take();
  reader.expect('(');
  const span = merged(word, reader.expect(')'));
  const op = word.value as DurationOperator;
  const expr: DurationExpr = {
    kind: 'duration',
    op,
    left: undefined,
    right: undefined,
    isWrapped: false,
    span,
  };
  mustBeEnabled(reader, expr);
  return expr;
}

function parseChoice(reader: TokenReader): DurationExpr {
  const word = reader.take();
  reader.expect('(');
  const left = parseOperand(reader, 1);
  reader.expect(',');
  const right = parseOperand(reader, 1);
  const span = merged(word, reader.expect(')'));
  const op = word.value as DurationOperator;
  const expr: DurationExpr = { kind: 'duration', op, left, right, isWrapped: false, span };
  mustBeEnabled(reader, expr);
  return expr;
}

function mustBeEnabled(reader: TokenReader, operand: DurationOperand): void {
  if (!reader.options.hasDurationExpressions) {
    reader.fail(operand.span, 'experimental duration expression is not enabled');
  }
}

function mustBeInRange(reader: TokenReader, number: NumberLiteral): NumberLiteral {
  if (Math.abs(number.value) * 1000 > maxDurationMs)
    reader.fail(number.span, 'duration out of range');
  return number;
}
