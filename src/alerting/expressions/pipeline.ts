import { type AppError, isAppError } from '#base';
import type { Frame } from '#dashboards/data-sources';
import { type ClassicMatch, classicConditions } from './classic-conditions.ts';
import { failedExpression, invalidExpression } from './errors.ts';
import { framesOfValues, valuesOfFrames } from './frames.ts';
import { evaluateMath } from './math.ts';
import { type Expression, inputsOf } from './parse.ts';
import { reduce } from './reduce.ts';
import { resample, type TimeRange } from './resample.ts';
import { threshold } from './threshold.ts';
import type { Labels, Values } from './values.ts';

/** What a query or an expression came to. */
export type Outcome =
  | {
      readonly values: Values;
      readonly matches?: readonly ClassicMatch[];
      /** As it came from the data source or out of SQL: columns, texts, order. */
      readonly frames?: readonly Frame[];
    }
  | { readonly error: AppError };

export interface PipelineInput {
  /** Answers of queries by refId. */
  readonly queries: ReadonlyMap<string, Outcome>;
  readonly range: TimeRange;
  /** For thresholds with a recovery: label sets that are over it, by the refId of the threshold. */
  readonly loaded?: ReadonlyMap<string, readonly Labels[]>;
}

/**
 * Expressions in an order in which each comes after what it reads.
 * @param queries refIds that are no expressions
 * @throws {AppError} EXPRESSION_INVALID for a refId that is not there, and for a circle
 */
export function inOrderOfUse(
  expressions: readonly Expression[],
  queries: Iterable<string>,
): readonly Expression[] {
  const byRefId = new Map(expressions.map((one) => [one.refId, one]));
  const known = new Set(queries);
  const all = new Set([...known, ...byRefId.keys()]);
  const sorted = new Set<Expression>();
  const path: string[] = [];
  const visit = (expression: Expression): void => {
    const { refId } = expression;
    if (sorted.has(expression)) return;
    if (path.includes(refId)) {
      const circle = [...path.slice(path.indexOf(refId)), refId].join(' -> ');
      throw invalidExpression(refId, `expressions must not read each other in a circle: ${circle}`);
    }
    path.push(refId);
    for (const input of inputsOf(expression, all)) {
      const next = byRefId.get(input);
      if (next !== undefined) visit(next);
      else if (!known.has(input)) {
        throw invalidExpression(refId, `it references non-existent refId ${JSON.stringify(input)}`);
      }
    }
    path.pop();
    sorted.add(expression);
  };
  for (const expression of expressions) visit(expression);
  return [...sorted];
}

/**
 * Carries expressions out over the answers of queries; what fails takes with it only what reads it.
 * @param expressions as {@link inOrderOfUse} has them
 * @returns outcomes of queries and expressions by refId
 */
export async function runExpressions(
  expressions: readonly Expression[],
  input: PipelineInput,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map(input.queries);
  for (const expression of expressions) {
    const { refId } = expression;
    const failure = failureBefore(expression, outcomes);
    outcomes.set(
      refId,
      failure ??
        (expression.kind === 'sql'
          ? await runSqlOver(expression, outcomes)
          : runOne(expression, outcomes, input)),
    );
  }
  return outcomes;
}

/** What it reads has failed. */
function failureBefore(
  expression: Expression,
  outcomes: ReadonlyMap<string, Outcome>,
): Outcome | undefined {
  const { refId } = expression;
  for (const name of inputsOf(expression, outcomes)) {
    const outcome = outcomes.get(name);
    if (outcome === undefined || !('error' in outcome)) continue;
    const why = `did not execute expression [${refId}] due to a failure of the dependent expression or query [${name}]`;
    return { error: failedExpression(refId, `${why}: ${outcome.error.message}`) };
  }
  return undefined;
}

async function runSqlOver(
  expression: Extract<Expression, { readonly kind: 'sql' }>,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<Outcome> {
  const { refId, sql } = expression;
  const tables = inputsOf(expression, outcomes).map((name) => {
    const outcome = outcomes.get(name);
    if (outcome === undefined || !('values' in outcome)) return [name, []] as const;
    return [name, outcome.frames ?? framesOfValues(name, outcome.values)] as const;
  });
  try {
    // Only here: most rules and panels have none.
    const { runSql } = await import('./sql.ts');
    const frame = { ...(await runSql(sql, new Map(tables))), name: refId, refId };
    return { values: valuesOfFrames([frame]), frames: [frame] };
  } catch (error) {
    if (error instanceof RangeError) return { error: failedExpression(refId, error.message) };
    throw error;
  }
}

function runOne(
  expression: Exclude<Expression, { readonly kind: 'sql' }>,
  outcomes: ReadonlyMap<string, Outcome>,
  { range, loaded }: PipelineInput,
): Outcome {
  const { refId } = expression;
  const valuesOf = (name: string): Values => {
    const outcome = outcomes.get(name);
    return outcome !== undefined && 'values' in outcome ? outcome.values : [];
  };
  try {
    switch (expression.kind) {
      case 'math':
        return { values: evaluateMath(expression.tree, valuesOf) };
      case 'reduce':
        return { values: reduce(valuesOf(expression.input), expression.reducer, expression.mode) };
      case 'resample':
        return { values: resample(valuesOf(expression.input), expression.resampling, range) };
      case 'threshold':
        return {
          values: threshold(valuesOf(expression.input), expression.threshold, loaded?.get(refId)),
        };
      case 'classic_conditions': {
        const { result, matches } = classicConditions(expression.conditions, valuesOf);
        return { values: [result], matches };
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return { error: failedExpression(refId, error.message) };
    if (isAppError(error)) return { error };
    throw error;
  }
}
