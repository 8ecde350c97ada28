import { type Binary, isComparison, isSetOperator } from '../parser/ast.ts';
import { namesDropped } from './names.ts';
import {
  combineHistograms,
  incompatible,
  type Sample,
  scalarOperators,
  setSample,
} from './operators.ts';
import { histogramSample, noSample, type Row } from './row.ts';
import { applyScalarStep, type ScalarStep } from './scalar-step.ts';
import { type Scope, type Value, vectorValue } from './scope.ts';
import { evaluateSetOperator } from './set-operators.ts';
import { storeVector } from './store-vector.ts';
import { RowMap, type VectorSource } from './vector.ts';
import { matchVectors } from './vector-matching.ts';

/** Evaluates an operator with two sides. */
export async function evaluateBinary(expr: Binary, scope: Scope): Promise<Value> {
  const { evaluation, grid } = scope;
  const left = await scope.evaluate(expr.left, scope);
  if (left.type === 'vector' && expr.matching === undefined) {
    const right = await scope.evaluate(expr.right, scope);
    if (right.type !== 'scalar') throw new Error('checked types do not allow this');
    return vectorValue(await withScalar(expr, left.source, right.values, false, scope));
  }
  // Two vectors: the first must not wait half read while the second is.
  const kept =
    left.type === 'vector' ? await storeVector(left.source, grid, evaluation) : undefined;
  const right = await scope.evaluate(expr.right, scope);
  if (left.type === 'scalar' && right.type === 'scalar') {
    const combine = scalarOperators[expr.op]!;
    const values = left.values.map((value, step) => combine(value, right.values[step]!));
    return { type: 'scalar', values };
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return vectorValue(await withScalar(expr, right.source, left.values, true, scope));
  }
  if (kept === undefined || right.type !== 'vector') {
    throw new Error('checked types do not allow this');
  }
  const other = await storeVector(right.source, grid, evaluation);
  return vectorValue(
    isSetOperator(expr.op)
      ? evaluateSetOperator(expr.op, expr.matching!, kept, other, grid.count)
      : await matchVectors(expr, kept, other, scope),
  );
}

/** A vector and a scalar; `isSwapped`: the scalar stands left. */
async function withScalar(
  expr: Binary,
  source: VectorSource,
  scalars: Float64Array,
  isSwapped: boolean,
  scope: Scope,
): Promise<VectorSource> {
  const { op, isBool } = expr;
  const { evaluation, grid } = scope;
  const isFilter = isComparison(op) && !isBool;
  const notes = { annotations: evaluation.annotations, span: expr.span };
  const floatStep: ScalarStep | undefined =
    scalarOperators[op] === undefined ? undefined : { op, scalars, isSwapped, isFilter };
  const change = (row: Row): boolean => {
    let found = floatStep !== undefined && applyScalarStep(row, floatStep);
    if (row.histograms === undefined && floatStep !== undefined) return found;
    for (let step = 0; step < row.steps; step++) {
      const kind = row.kinds[step];
      if (kind === noSample || (kind !== histogramSample && floatStep !== undefined)) continue;
      const own: Sample = kind === histogramSample ? row.histograms![step]! : row.values[step]!;
      const [left, right] = isSwapped ? [scalars[step]!, own] : [own, scalars[step]!];
      const result =
        kind === histogramSample
          ? combineHistograms(op, left, right, notes)
          : incompatible(op, left, right, notes);
      if (result === undefined || typeof result === 'boolean') row.remove(step);
      else setSample(row, step, result);
      found ||= row.kinds[step] !== noSample;
    }
    return found;
  };
  const combined = new RowMap(source, change, floatStep);
  const keepsName = isFilter || op === '</' || op === '>/';
  return keepsName ? combined : namesDropped(combined, grid, evaluation);
}
