/** Expressions over the answers of queries: reduce, math, resample, threshold, SQL and classic conditions. */
export type { ClassicMatch } from './classic-conditions.ts';
export { framesOfValues, valuesOfFrames } from './frames.ts';
export { type Expression, inputsOf, isExpressionUid, parseExpression } from './parse.ts';
export { inOrderOfUse, type Outcome, type PipelineInput, runExpressions } from './pipeline.ts';
export { evaluateQueries } from './queries.ts';
export type { TimeRange } from './resample.ts';
export {
  isNoData,
  type Labels,
  labelsKey,
  labelsOf,
  type NumberValue,
  type Point,
  type Value,
  type Values,
} from './values.ts';
