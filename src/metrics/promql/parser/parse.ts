import type { LabelMatcher } from '#metrics/model';
import type { Expr } from './ast.ts';
import { checkTypes } from './check.ts';
import { parseExpression } from './parse-expression.ts';
import { parseVectorSelector } from './parse-selector.ts';
import { allSyntax, type ParserOptions, TokenReader } from './reader.ts';

/** Longer texts are no queries. */
const maxQueryChars = 1_000_000;

/**
 * The tree of a query, checked.
 *
 * Source: the grammar of Prometheus 3.
 *
 * @throws {AppError} PROMQL_PARSE, message `1:5: parse error: …`
 */
export function parseQuery(text: string, options: ParserOptions = allSyntax): Expr {
  const reader = readerOf(text, options);
  if (reader.peek().kind === 'end') {
    reader.fail({ start: 0, end: 0 }, 'no expression found in input');
  }
  const expr = parseExpression(reader);
  if (reader.peek().kind !== 'end') reader.unexpected();
  checkTypes(expr, text);
  return expr;
}

/**
 * The matchers of a `match[]` parameter: a selector without anything after it.
 *
 * @throws {AppError} PROMQL_PARSE
 */
export function parseSelector(text: string): readonly LabelMatcher[] {
  const reader = readerOf(text, allSyntax);
  const selector = parseVectorSelector(reader);
  if (reader.peek().kind !== 'end') reader.unexpected();
  return selector.matchers;
}

function readerOf(text: string, options: ParserOptions): TokenReader {
  const reader = new TokenReader(text.slice(0, maxQueryChars), options);
  if (text.length > maxQueryChars) {
    reader.fail({ start: 0, end: 0 }, `query is longer than ${maxQueryChars} characters`);
  }
  return reader;
}
