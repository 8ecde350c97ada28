import { isAppError } from '#base';
import type { DataQuery, FramesResult } from '#dashboards/data-sources';
import { failedExpression } from './errors.ts';
import { framesOfValues, valuesOfFrames } from './frames.ts';
import { type Expression, parseExpression } from './parse.ts';
import { inOrderOfUse, type Outcome, runExpressions } from './pipeline.ts';
import type { TimeRange } from './resample.ts';

/**
 * Expressions among the queries of a panel. What is wrong with one is its own result.
 * @param answers of the queries that are no expressions
 */
export async function evaluateQueries(
  queries: readonly DataQuery[],
  answers: ReadonlyMap<string, FramesResult>,
  range: TimeRange,
): Promise<ReadonlyMap<string, FramesResult>> {
  const results = new Map<string, FramesResult>();
  const refuse = (refId: string, error: string): void => {
    results.set(refId, { status: 400, frames: [], error });
  };
  const expressions: Expression[] = [];
  for (const query of queries) {
    try {
      expressions.push(parseExpression(query.refId, query));
    } catch (error) {
      if (!isAppError(error)) throw error;
      refuse(query.refId, error.message);
    }
  }
  let ordered: readonly Expression[];
  try {
    ordered = inOrderOfUse(expressions, [...answers.keys(), ...results.keys()]);
  } catch (error) {
    if (!isAppError(error)) throw error;
    for (const { refId } of expressions) refuse(refId, error.message);
    return results;
  }
  const outcomes = await runExpressions(ordered, {
    queries: new Map(
      [...answers, ...results].map(([refId, answer]) => [refId, outcomeOf(refId, answer)] as const),
    ),
    range,
  });
  for (const { refId } of ordered) {
    const outcome = outcomes.get(refId);
    if (outcome === undefined) continue;
    if ('error' in outcome) refuse(refId, outcome.error.message);
    else {
      const frames = outcome.frames ?? framesOfValues(refId, outcome.values);
      results.set(refId, { status: 200, frames });
    }
  }
  return results;
}

function outcomeOf(refId: string, { frames, error }: FramesResult): Outcome {
  if (error !== undefined) return { error: failedExpression(refId, error) };
  try {
    return { values: valuesOfFrames(frames), frames };
  } catch (failure) {
    if (!(failure instanceof RangeError)) throw failure;
    return { error: failedExpression(refId, failure.message) };
  }
}
