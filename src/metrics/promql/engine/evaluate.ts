import type { Labels } from '#metrics/model';
import { executionError } from '../errors.ts';
import { negated } from '../histogram/scale.ts';
import type { Expr } from '../parser/ast.ts';
import { evaluateAggregation } from './aggregation.ts';
import { evaluateBinary } from './binary.ts';
import { evaluateCall } from './call.ts';
import { singleStep } from './grid.ts';
import { namesDropped } from './names.ts';
import { histogramSample, type Row } from './row.ts';
import type { Scope, Value } from './scope.ts';
import { selectInstant } from './selectors.ts';
import { SmoothedSource } from './smoothed.ts';
import { storeVector } from './store-vector.ts';
import { RowMap, type Vector, type VectorSource } from './vector.ts';

/** @throws {AppError} PROMQL_EXECUTION, PROMQL_TOO_MANY_SAMPLES, PROMQL_TIMEOUT, PROMQL_CANCELED */
export async function evaluate(expr: Expr, scope: Scope): Promise<Value> {
  scope.evaluation.check();
  if (scope.grid.count > 1 && scope.query.isInvariant(expr)) {
    return repeated(await evaluate(expr, { ...scope, grid: singleStep(scope.grid) }), scope);
  }
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', values: new Float64Array(scope.grid.count).fill(expr.value) };
    case 'string':
      return { type: 'string', value: expr.value };
    case 'paren':
      return evaluate(expr.expr, scope);
    case 'unary':
      return evaluateUnary(expr.op, await scope.evaluate(expr.expr, scope), scope);
    case 'vector':
      return {
        type: 'vector',
        source: expr.isSmoothed
          ? await SmoothedSource.select(expr, scope)
          : await selectInstant(
              scope.evaluation,
              expr,
              scope.grid,
              '',
              scope.query.needsOnlyStatistics(expr),
            ),
      };
    case 'call':
      return evaluateCall(expr, scope);
    case 'aggregation':
      return { type: 'vector', source: await evaluateAggregation(expr, scope) };
    case 'binary':
      return evaluateBinary(expr, scope);
    case 'matrix':
    case 'subquery':
      throw executionError('a range vector is no value of its own here');
    default:
      return expr satisfies never;
  }
}

/** A value of one step at all of them. */
async function repeated(value: Value, { evaluation, grid }: Scope): Promise<Value> {
  switch (value.type) {
    case 'string':
      return value;
    case 'scalar':
      return { type: 'scalar', values: new Float64Array(grid.count).fill(value.values[0]!) };
    case 'vector': {
      const vector = await storeVector(value.source, singleStep(grid), evaluation);
      return { type: 'vector', source: new Repeated(vector) };
    }
    default:
      return value satisfies never;
  }
}

/** A vector of one step at all steps of the rows it fills. */
class Repeated implements VectorSource {
  readonly #vector: Vector;

  constructor(vector: Vector) {
    this.#vector = vector;
  }

  get count(): number {
    return this.#vector.count;
  }

  labels(index: number): Labels {
    return this.#vector.labels(index);
  }

  dropsName(index: number): boolean {
    return this.#vector.dropsName(index);
  }

  read(index: number, row: Row): boolean {
    const { values, kinds, histograms } = this.#vector.series[index]!;
    row.clear();
    row.values.fill(values[0]!);
    row.kinds.fill(kinds[0]!);
    if (histograms !== undefined) row.histograms = new Array(row.steps).fill(histograms[0]);
    return true;
  }
}

async function evaluateUnary(op: '+' | '-', value: Value, scope: Scope): Promise<Value> {
  if (op === '+' || value.type === 'string') return value;
  if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((each) => -each) };
  const source = new RowMap(value.source, (row) => {
    for (let step = 0; step < row.steps; step++) {
      row.values[step] = -row.values[step]!;
      if (row.kinds[step] === histogramSample) {
        row.histograms![step] = negated(row.histograms![step]!);
      }
    }
    return true;
  });
  const { evaluation, grid } = scope;
  return { type: 'vector', source: await namesDropped(source, grid, evaluation) };
}
