import { type Binary, isComparison, isSetOperator } from '../parser/ast.ts';
import { namesDropped } from './names.ts';
import {
  combineHistograms,
  incompatible,
  type Sample,
  scalarOperators,
  setSample,
} from './operators.ts';
import { histogramSample, noSample } from './row.ts';
import { type Scope, type Value, vectorValue } from './scope.ts';
import { evaluateSetOperator } from './set-operators.ts';
import { RowMap, storeVector, type VectorSource } from './vector.ts';
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
    left.type === 'vector' ? await storeVector(left.source, grid.count, evaluation) : undefined;
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
  const other = await storeVector(right.source, grid.count, evaluation);
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
  const combine = scalarOperators[op];
  const notes = { annotations: evaluation.annotations, span: expr.span };
  const combined = new RowMap(source, (row) => {
    let found = false;
    for (let step = 0; step < row.steps; step++) {
      const kind = row.kinds[step];
      if (kind === noSample) continue;
      const scalar = scalars[step]!;
      if (kind === histogramSample || combine === undefined) {
        const own: Sample = kind === histogramSample ? row.histograms![step]! : row.values[step]!;
        const [left, right] = isSwapped ? [scalar, own] : [own, scalar];
        const result =
          kind === histogramSample
            ? combineHistograms(op, left, right, notes)
            : incompatible(op, left, right, notes);
        if (result === undefined || typeof result === 'boolean') row.remove(step);
        else setSample(row, step, result);
        found ||= row.kinds[step] !== noSample;
        continue;
      }
      const own = row.values[step]!;
      const result = isSwapped ? combine(scalar, own) : combine(own, scalar);
      if (!isFilter) row.values[step] = result;
      else if (result === 0) {
        row.remove(step);
        continue;
      }
      found = true;
    }
    return found;
  });
  const keepsName = isFilter || op === '</' || op === '>/';
  return keepsName ? combined : namesDropped(combined, grid.count, evaluation);
}
