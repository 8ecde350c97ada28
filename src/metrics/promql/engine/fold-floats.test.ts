import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foldOperators } from './fold.ts';
import { FloatGroup, foldFloats } from './fold-floats.ts';
import { Row } from './row.ts';

const steps = 5;

/** A row that is taken step by step, whether it has gaps or not. */
class SlowRow extends Row {
  override isWhole(): boolean {
    return false;
  }
}

const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -50, max: 50 }) },
  { weight: 10, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308),
);
const sample = fc.option(value, { freq: 40, nil: undefined });
const rows = fc.array(fc.array(sample, { minLength: steps, maxLength: steps }), { maxLength: 12 });

type Samples = readonly (number | undefined)[];

function filled(row: Row, samples: Samples): Row {
  row.clear();
  for (const [step, each] of samples.entries()) if (each !== undefined) row.setFloat(step, each);
  return row;
}

function folded(op: (typeof foldOperators)[number], all: readonly Samples[], row: Row): FloatGroup {
  const group = new FloatGroup(op, steps);
  for (const samples of all) foldFloats(op, group, filled(row, samples));
  return group;
}

function resultsOf(group: FloatGroup): (number | undefined)[] {
  const row = new Row(steps);
  group.finish(row);
  return Array.from({ length: steps }, (_, at) =>
    row.kinds[at] === 0 ? undefined : row.values[at],
  );
}

describe('folding floats', () => {
  for (const op of foldOperators) {
    it(`${op}: rows without gaps give what they give step by step`, () => {
      fc.assert(
        fc.property(rows, (all) => {
          const fast = resultsOf(folded(op, all, new Row(steps)));
          assert.deepEqual(fast, resultsOf(folded(op, all, new SlowRow(steps))));
        }),
        { numRuns: 1000 },
      );
    });

    it(`${op}: parts that are put together give the whole`, () => {
      fc.assert(
        fc.property(rows, rows, rows, (first, second, third) => {
          const group = folded(op, first, new Row(steps));
          group.merge(folded(op, second, new Row(steps)));
          group.merge(folded(op, third, new Row(steps)));
          const wanted = resultsOf(folded(op, [...first, ...second, ...third], new SlowRow(steps)));
          const sizes = [...first, ...second, ...third]
            .flat()
            .map((each) => Math.abs(each ?? 0))
            .filter(Number.isFinite);
          // Where sums of 1e308 meet, parts may overflow that the whole does not.
          if (sizes.some((size) => size >= 1e308)) return;
          for (const [step, actual] of resultsOf(group).entries()) {
            const want = wanted[step];
            const isClose =
              Object.is(actual, want) ||
              actual === want ||
              Math.abs(actual! - want!) <= 1e-9 * Math.max(1, ...sizes) ** 2;
            assert.ok(isClose, `step ${step}: ${actual}, not ${want}`);
          }
        }),
        { numRuns: 500 },
      );
    });
  }
});
