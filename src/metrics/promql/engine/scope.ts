import { executionError } from '../errors.ts';
import type { Call, Expr } from '../parser/ast.ts';
import type { Evaluation } from './evaluation.ts';
import type { Grid } from './grid.ts';
import type { PreparedQuery } from './prepare.ts';
import type { VectorSource } from './vector.ts';

/** The value of an expression at all steps. Range vectors are values only of whole queries. */
export type Value =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly source: VectorSource };

/** What evaluating a part of a query needs beside the part. */
export interface Scope {
  readonly evaluation: Evaluation;
  readonly query: PreparedQuery;
  readonly grid: Grid;
  /**
   * Evaluates another part.
   * @throws {AppError} PROMQL_EXECUTION, PROMQL_TOO_MANY_SAMPLES, PROMQL_TIMEOUT, PROMQL_CANCELED
   */
  evaluate(expr: Expr, scope: Scope): Promise<Value>;
}

export const vectorValue = (source: VectorSource): Value => ({ type: 'vector', source });

export async function evaluateVector(expr: Expr, scope: Scope): Promise<VectorSource> {
  const value = await scope.evaluate(expr, scope);
  if (value.type !== 'vector')
    throw executionError(`expected an instant vector, got ${value.type}`);
  return value.source;
}

export async function evaluateScalar(expr: Expr, scope: Scope): Promise<Float64Array> {
  const value = await scope.evaluate(expr, scope);
  if (value.type !== 'scalar') throw executionError(`expected a scalar, got ${value.type}`);
  return value.values;
}

/** The text of a string literal; the check of types leaves nothing else, but parentheses. */
export function stringLiteral(expr: Expr | undefined): string {
  let inner = expr;
  while (inner?.kind === 'paren') inner = inner.expr;
  if (inner?.kind !== 'string') throw executionError('expected a string literal');
  return inner.value;
}

export const stringArgument = ({ args }: Call, index: number): string => stringLiteral(args[index]);
