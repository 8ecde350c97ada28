import type { Expr, MatrixSelector, Subquery, TimeShift, VectorSelector } from './ast.ts';
import { type Duration, parseOffset, parsePositiveDuration } from './parse-duration.ts';
import { isNumberAhead, parseNumber } from './parse-number.ts';
import { merged } from './position.ts';
import type { Context, TokenReader } from './reader.ts';

const durationWords = 'number, duration, step(), or range()';
const afterBracket: Context = { inside: 'subquery or range selector', expected: durationWords };
const afterRange: Context = { inside: 'subquery or range', expected: '":" or "]"' };
const afterColon: Context = {
  inside: 'subquery selector',
  expected: 'number, duration, step(), range(), or "]"',
};
const afterStep: Context = { inside: 'subquery selector', expected: '"]"' };
const afterOffset: Context = { inside: 'offset', expected: durationWords };
const afterAt: Context = { inside: '@', expected: 'timestamp' };

/** Ranges, `offset`, `@`, `anchored` and `smoothed`, as many as follow. */
export function parsePostfix(reader: TokenReader, primary: Expr): Expr {
  let expr = primary;
  for (;;) {
    if (reader.isAt('[')) expr = parseBrackets(reader, expr);
    else if (reader.isAt('offset')) addOffset(reader, expr);
    else if (reader.isAt('@')) addTimestamp(reader, expr);
    else if (reader.isAt('anchored') || reader.isAt('smoothed')) extendRange(reader, expr);
    else return expr;
  }
}

function parseBrackets(reader: TokenReader, expr: Expr): Expr {
  reader.countOperator();
  const open = reader.take();
  const range = reader.within(afterBracket, () => parsePositiveDuration(reader));
  if (reader.accept(':') !== undefined) {
    let step: Duration = { durationMs: 0, expr: undefined };
    if (!reader.isAt(']')) {
      step = reader.within(afterColon, () => parsePositiveDuration(reader));
    }
    const close = reader.expect(']', afterStep);
    const subquery: Subquery = {
      kind: 'subquery',
      expr,
      rangeMs: range.durationMs,
      rangeExpr: range.expr,
      stepMs: step.durationMs,
      stepExpr: step.expr,
      atMs: undefined,
      atBound: undefined,
      offsetMs: 0,
      offsetExpr: undefined,
      span: merged(expr.span, close),
    };
    return subquery;
  }
  const close = reader.expect(']', afterRange);
  const brackets = merged(open, close);
  if (expr.kind !== 'vector') {
    return reader.fail(brackets, 'ranges only allowed for vector selectors');
  }
  if (expr.offsetMs !== 0 || expr.offsetExpr !== undefined) {
    reader.fail(brackets, 'no offset modifiers allowed before range');
  }
  if (expr.atMs !== undefined || expr.atBound !== undefined) {
    reader.fail(brackets, 'no @ modifiers allowed before range');
  }
  const matrix: MatrixSelector = {
    kind: 'matrix',
    selector: expr,
    rangeMs: range.durationMs,
    rangeExpr: range.expr,
    span: merged(expr.span, close),
  };
  return matrix;
}

/** What a modifier of time applies to, and the node whose text becomes longer by it. */
function shiftTarget(
  expr: Expr,
):
  | { readonly shift: TimeShift; readonly node: VectorSelector | MatrixSelector | Subquery }
  | undefined {
  switch (expr.kind) {
    case 'vector':
    case 'subquery':
      return { shift: expr, node: expr };
    case 'matrix':
      return { shift: expr.selector, node: expr };
    default:
      return undefined;
  }
}

function addOffset(reader: TokenReader, expr: Expr): void {
  reader.take();
  const offset = reader.within(afterOffset, () => parseOffset(reader));
  const target = shiftTarget(expr);
  if (target === undefined) {
    reader.fail(
      expr.span,
      'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    );
  }
  const { shift, node } = target;
  if (shift.offsetMs !== 0 || shift.offsetExpr !== undefined) {
    reader.fail(expr.span, 'offset may not be set multiple times');
  }
  shift.offsetMs = offset.durationMs;
  shift.offsetExpr = offset.expr;
  node.span = { start: node.span.start, end: reader.lastEnd };
}

function addTimestamp(reader: TokenReader, expr: Expr): void {
  reader.take();
  const bound = reader.accept('start') ?? reader.accept('end');
  let seconds = 0;
  if (bound !== undefined) {
    reader.expect('(', afterAt);
    reader.expect(')', afterAt);
  } else {
    const sign = reader.accept('-') ?? reader.accept('+');
    if (!isNumberAhead(reader)) reader.unexpected(afterAt);
    const { value } = parseNumber(reader);
    seconds = sign?.value === '-' ? -value : value;
    if (!(Math.abs(seconds) < 2 ** 63)) {
      const text = Number.isFinite(seconds) ? seconds.toFixed(6) : formatSpecial(seconds);
      reader.fail(expr.span, `timestamp out of bounds for @ modifier: ${text}`);
    }
  }
  const target = shiftTarget(expr);
  if (target === undefined) {
    reader.fail(
      expr.span,
      '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    );
  }
  const { shift, node } = target;
  if (shift.atMs !== undefined || shift.atBound !== undefined) {
    reader.fail(expr.span, '@ <timestamp> may not be set multiple times');
  }
  if (bound === undefined) shift.atMs = Math.round(seconds * 1000);
  else shift.atBound = bound.value as 'start' | 'end';
  node.span = { start: node.span.start, end: reader.lastEnd };
}

const formatSpecial = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';

function extendRange(reader: TokenReader, expr: Expr): void {
  const word = reader.take().value;
  if (!reader.options.hasExtendedRanges) {
    reader.fail(expr.span, `${word} modifier is experimental and not enabled`);
  }
  if (expr.kind === 'subquery') {
    reader.fail(expr.span, `${word} modifier is not supported for subqueries`);
  }
  if (expr.kind !== 'vector' && expr.kind !== 'matrix') {
    reader.fail(expr.span, `${word} modifier not implemented`);
  }
  const selector = expr.kind === 'matrix' ? expr.selector : expr;
  if (word === 'anchored') selector.isAnchored = true;
  else selector.isSmoothed = true;
  if (selector.isAnchored && selector.isSmoothed) {
    reader.fail(expr.span, 'anchored and smoothed modifiers cannot be used together');
  }
}
