import { labelValue, metricNameLabel } from '#metrics/model';
import { executionError } from '../errors.ts';
import { warnOfQuantile } from '../functions/range/notes.ts';
import { wasFound } from '../parallel/chunk.ts';
import { runChunks } from '../parallel/run.ts';
import type { Aggregation } from '../parser/ast.ts';
import { formatGeneral, quoteText } from '../parser/go-text.ts';
import { countValues } from './count-values.ts';
import { Folder, type FoldOperator } from './fold.ts';
import { type Groups, groupSeries } from './grouping.ts';
import { isLabelName } from './labels-text.ts';
import { limitK, limitRatio, quantiles, topK } from './ranked.ts';
import { Row } from './row.ts';
import { evaluateScalar, evaluateVector, type Scope, stringLiteral } from './scope.ts';
import { Vector, type VectorSource } from './vector.ts';

/** Evaluates an aggregation. Source: rules of the reference's operators. */
export async function evaluateAggregation(expr: Aggregation, scope: Scope): Promise<VectorSource> {
  const { op } = expr;
  if (op === 'count_values') return countValues(expr, valueLabel(expr), scope);
  const param = expr.param === undefined ? undefined : await evaluateScalar(expr.param, scope);
  const source = await evaluateVector(expr.expr, scope);
  try {
    const groups = groupSeries(source, expr);
    switch (op) {
      case 'topk':
      case 'bottomk':
        if (!checkCount(param!)) return new Vector([]);
        return await topK(expr, source, groups, param!, scope);
      case 'limitk':
        if (!checkCount(param!)) return new Vector([]);
        return await limitK(source, groups, param!, scope);
      case 'limit_ratio':
        if (!checkRatio(expr, param!, scope)) return new Vector([]);
        return await limitRatio(source, param!, scope);
      case 'quantile':
        checkQuantile(expr, param!, scope);
        return await quantiles(expr, source, param!, scope);
      default:
        return await fold(expr, op, source, groups, scope);
    }
  } finally {
    source.dispose?.();
  }
}

function valueLabel(expr: Aggregation): string {
  const label = stringLiteral(expr.param);
  if (!isLabelName(label)) throw executionError(`invalid label name ${quoteText(label)}`);
  return label;
}

async function fold(
  expr: Aggregation,
  op: FoldOperator,
  source: VectorSource,
  groups: Groups,
  scope: Scope,
): Promise<Vector> {
  const { evaluation, grid } = scope;
  const folder = new Folder(op, groups.labels, grid.count, evaluation, expr.expr.span);
  const left = await foldInParallel(op, source, groups, folder, scope);
  const row = new Row(grid.count);
  for (const index of left ?? seriesOf(source)) {
    if (evaluation.isDue()) await evaluation.pause();
    if (!source.read(index, row)) continue;
    folder.add(groups.indexes[index]!, row, source.dropsName(index), () =>
      labelValue(source.labels(index), metricNameLabel),
    );
  }
  return folder.finish();
}

/** Folds on several threads what can be. @returns the series that are left; undefined: all */
async function foldInParallel(
  op: FoldOperator,
  source: VectorSource,
  groups: Groups,
  folder: Folder,
  { evaluation, grid }: Scope,
): Promise<readonly number[] | undefined> {
  const parallel = source.parallel?.(grid);
  if (parallel === undefined) return undefined;
  const work = { kind: 'fold', op, groupOf: groups.indexes } as const;
  const chunks = await runChunks(parallel, source.count, work, groups.labels.length, evaluation);
  if (chunks === undefined) return undefined;
  const left: number[] = [];
  let first = 0;
  for (const chunk of chunks.folded) {
    for (const { group, floats } of chunk.groups) folder.floats(group).merge(floats);
    for (let at = 0; at < chunk.found.length; at++) {
      if (chunk.found[at] === wasFound && source.dropsName(first + at)) {
        folder.setDropsName(groups.indexes[first + at]!);
      }
    }
    first += chunk.found.length;
    for (const index of chunk.left) left.push(index);
  }
  return left;
}

function* seriesOf(source: VectorSource): Generator<number> {
  for (let index = 0; index < source.count; index++) yield index;
}

const bounds = (values: Float64Array): { min: number; max: number; hasNan: boolean } => {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let hasNan = false;
  for (const value of values) {
    if (Number.isNaN(value)) hasNan = true;
    else {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return { min, max, hasNan };
};

/** False: nothing is asked for at any step. */
function checkCount(counts: Float64Array): boolean {
  const { min, max, hasNan } = bounds(counts);
  if (!hasNan && max < 1) return false;
  if (hasNan) throw executionError('Parameter value is NaN');
  if (min <= -(2 ** 63))
    throw executionError(`Scalar value ${formatGeneral(min)} underflows int64`);
  if (max >= 2 ** 63) throw executionError(`Scalar value ${formatGeneral(max)} overflows int64`);
  return true;
}

function checkRatio(expr: Aggregation, ratios: Float64Array, { evaluation }: Scope): boolean {
  const { min, max, hasNan } = bounds(ratios);
  if (!hasNan && min === 0 && max === 0) return false;
  if (hasNan) throw executionError('Ratio value is NaN');
  const warn = (got: number, cap: number): void =>
    evaluation.annotations.warn(
      `ratio value should be between -1 and 1, got ${formatGeneral(got)}, capping to ${cap}`,
      expr.param!.span,
    );
  if (max > 1) warn(max, 1);
  if (min < -1) warn(min, -1);
  return true;
}

function checkQuantile(expr: Aggregation, wanted: Float64Array, { evaluation }: Scope): void {
  const { min, max, hasNan } = bounds(wanted);
  const { span } = expr.param!;
  if (hasNan) warnOfQuantile(Number.NaN, evaluation.annotations, span);
  if (max > 1) warnOfQuantile(max, evaluation.annotations, span);
  if (min < 0) warnOfQuantile(min, evaluation.annotations, span);
}
