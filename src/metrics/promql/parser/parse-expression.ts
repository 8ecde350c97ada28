import type { AggregationOperator, Binary, BinaryOperator, Call, Expr } from './ast.ts';
import { functions } from './functions.ts';
import { unquoteText } from './go-text.ts';
import { parseGrouping } from './parse-grouping.ts';
import { parseMatching } from './parse-matching.ts';
import { parseNumber } from './parse-number.ts';
import { parsePostfix } from './parse-postfix.ts';
import { parseVectorSelector } from './parse-selector.ts';
import { merged, type Span } from './position.ts';
import type { TokenReader } from './reader.ts';
import type { Token } from './tokens.ts';

/** Higher binds tighter. */
const precedences: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
};
/** A sign binds like a multiplication: `-a ^ b` is `-(a ^ b)`, `-a * b` is `(-a) * b`. */
const signPrecedence = 5;

const withParameter: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);
const experimentalAggregations: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);

/** An expression whose operators bind at least so tightly. */
export function parseExpression(reader: TokenReader, minPrecedence = 1): Expr {
  return reader.nested(() => {
    let left = parseSigned(reader);
    for (;;) {
      const op = operatorOf(reader.peek());
      if (op === undefined || precedences[op] < minPrecedence) return left;
      left = parseBinary(reader, left, op);
    }
  });
}

function operatorOf(token: Token): BinaryOperator | undefined {
  return token.kind === 'operator' && Object.hasOwn(precedences, token.value)
    ? (token.value as BinaryOperator)
    : undefined;
}

function parseBinary(reader: TokenReader, left: Expr, op: BinaryOperator): Binary {
  reader.countOperator();
  reader.take();
  const { isBool, matching } = parseMatching(reader);
  // The power is right-associative, all others left-associative.
  const right = parseExpression(reader, op === '^' ? precedences[op] : precedences[op] + 1);
  const span = merged(left.span, right.span);
  const isFilled = matching.fillLeft !== undefined || matching.fillRight !== undefined;
  if (isFilled && !reader.options.hasFillModifiers) {
    reader.fail(span, 'binop fill modifiers are experimental and not enabled');
  }
  return { kind: 'binary', op, left, right, isBool, matching, span };
}

function parseSigned(reader: TokenReader): Expr {
  const sign = reader.accept('-') ?? reader.accept('+');
  if (sign === undefined) return parsePostfix(reader, parsePrimary(reader));
  const operand = reader.nested(() => parseSignedOperand(reader));
  const span = merged(sign, operand.span);
  if (operand.kind === 'number') {
    return { ...operand, value: sign.value === '-' ? -operand.value : operand.value, span };
  }
  return { kind: 'unary', op: sign.value as '+' | '-', expr: operand, span };
}

/** What a sign applies to: only powers bind tighter. */
function parseSignedOperand(reader: TokenReader): Expr {
  let left = parseSigned(reader);
  for (;;) {
    const op = operatorOf(reader.peek());
    if (op === undefined || precedences[op] <= signPrecedence) return left;
    left = parseBinary(reader, left, op);
  }
}

function parsePrimary(reader: TokenReader): Expr {
  const token = reader.peek();
  switch (token.kind) {
    case 'number':
    case 'duration':
      return parseNumber(reader);
    case 'string':
      reader.take();
      return { kind: 'string', value: unquoteText(token.text), span: spanOf(token) };
    case 'punctuation':
      if (token.value === '(') return parseParen(reader);
      if (token.value === '{') return parseVectorSelector(reader);
      return reader.unexpected();
    case 'aggregation':
      return parseAggregationOrMetric(reader);
    case 'identifier':
    case 'preprocessor':
      return parseCallOrMetric(reader);
    default:
      return parseVectorSelector(reader);
  }
}

function parseParen(reader: TokenReader): Expr {
  const open = reader.take();
  const expr = parseExpression(reader);
  const close = reader.expect(')');
  return { kind: 'paren', expr, span: merged(open, close) };
}

function parseAggregationOrMetric(reader: TokenReader): Expr {
  const op = reader.take();
  const isAggregation = reader.isAt('(') || reader.isAt('by') || reader.isAt('without');
  if (!isAggregation) return parseVectorSelector(reader, op);
  return reader.within({ inside: 'aggregation', expected: '' }, () => {
    let modifier = parseModifier(reader);
    const args = parseArguments(reader);
    let end = reader.lastEnd;
    if (modifier === undefined) {
      modifier = parseModifier(reader);
      if (modifier !== undefined) end = reader.lastEnd;
    }
    return aggregationOf(reader, op, modifier, args, { start: op.start, end });
  });
}

interface Modifier {
  readonly labels: readonly string[];
  readonly isWithout: boolean;
}

function parseModifier(reader: TokenReader): Modifier | undefined {
  const word = reader.accept('by') ?? reader.accept('without');
  if (word === undefined) return undefined;
  return { labels: parseGrouping(reader), isWithout: word.value === 'without' };
}

function aggregationOf(
  reader: TokenReader,
  token: Token,
  modifier: Modifier | undefined,
  args: readonly Expr[],
  span: Span,
): Expr {
  const op = token.value as AggregationOperator;
  if (args.length === 0) reader.fail(span, 'no arguments for aggregate expression provided');
  const hasParam = withParameter.has(op);
  if (experimentalAggregations.has(op) && !reader.options.hasExperimentalFunctions) {
    reader.fail(
      span,
      `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
    );
  }
  const wanted = hasParam ? 2 : 1;
  if (args.length !== wanted) {
    reader.fail(
      span,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    );
  }
  return {
    kind: 'aggregation',
    op,
    expr: args[wanted - 1]!,
    param: hasParam ? args[0] : undefined,
    grouping: modifier?.labels ?? [],
    isWithout: modifier?.isWithout ?? false,
    span,
  };
}

function parseCallOrMetric(reader: TokenReader): Expr {
  const name = reader.take();
  if (!reader.isAt('(')) return parseVectorSelector(reader, name);
  const args = parseArguments(reader);
  const func = functions.get(name.text);
  if (func === undefined) {
    reader.fail(name, `unknown function with name ${JSON.stringify(name.text)}`);
  }
  if (func.isExperimental && !reader.options.hasExperimentalFunctions) {
    reader.fail(name, `function ${JSON.stringify(name.text)} is not enabled`);
  }
  const call: Call = { kind: 'call', func, args, span: { start: name.start, end: reader.lastEnd } };
  return call;
}

function parseArguments(reader: TokenReader): Expr[] {
  reader.expect('(');
  const args: Expr[] = [];
  if (reader.accept(')') !== undefined) return args;
  for (;;) {
    args.push(parseExpression(reader));
    const comma = reader.accept(',');
    if (comma === undefined) break;
    if (reader.isAt(')')) reader.fail(comma, 'trailing commas not allowed in function call args');
  }
  reader.expect(')');
  return args;
}

const spanOf = ({ start, end }: Token): Span => ({ start, end });
