import type { BinaryOperator } from '../parser/ast.ts';
import { scalarOperators } from './operators.ts';
import { floatSample, noSample, type Row } from './row.ts';

/** An operator between a vector and a scalar. */
export interface ScalarStep {
  readonly op: BinaryOperator;
  /** Of each step. */
  readonly scalars: Float64Array;
  /** The scalar stands left. */
  readonly isSwapped: boolean;
  /** A comparison that keeps or drops. */
  readonly isFilter: boolean;
}

/** Applies an operator to the floats of a row. @returns whether any is left */
export function applyScalarStep(row: Row, step: ScalarStep): boolean {
  const combine = scalarOperators[step.op]!;
  const { scalars, isSwapped, isFilter } = step;
  const { kinds, values } = row;
  let found = false;
  for (let at = 0; at < kinds.length; at++) {
    if (kinds[at] !== floatSample) continue;
    const own = values[at]!;
    const result = isSwapped ? combine(scalars[at]!, own) : combine(own, scalars[at]!);
    if (!isFilter) values[at] = result;
    else if (result === 0) {
      kinds[at] = noSample;
      continue;
    }
    found = true;
  }
  return found;
}
