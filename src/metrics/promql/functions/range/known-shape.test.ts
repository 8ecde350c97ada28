import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SampleColumns } from '#metrics/model';
import { Annotations } from '../../annotations.ts';
import type { Windows } from '../../engine/grid.ts';
import { Row } from '../../engine/row.ts';
import { SeriesWindows } from '../../engine/series-windows.ts';
import { applyRange, rangeFunction } from './index.ts';

const intervalMs = 1000;

/** Counters with resets, gauges, decimals; none of them NaN or -0. */
const values = fc.oneof(
  fc.array(fc.nat(20), { maxLength: 80, size: 'max' }).map((steps) => {
    let total = 5;
    return steps.map((step) => {
      total = step === 20 ? 3 : total + step;
      return total;
    });
  }),
  fc.array(fc.nat(9), { maxLength: 80, size: 'max' }).map((steps) => {
    let total = 0;
    return steps.map((step) => {
      total += step;
      return total / 10;
    });
  }),
  fc
    .array(fc.integer({ min: -500, max: 500 }), { maxLength: 80, size: 'max' })
    .map((all) => all.map((each) => each / 100 + 0)),
);

const windows = fc.record({
  endMs: fc.integer({ min: -5000, max: 90_000 }),
  stepMs: fc.constantFrom(0, 500, 1000, 2000, 3700),
  rangeMs: fc.integer({ min: 1, max: 30_000 }),
  count: fc.integer({ min: 1, max: 60 }),
});

function rowOf(name: string, columns: SampleColumns, within: Windows): Row {
  const series = new SeriesWindows(within);
  const row = new Row(within.count);
  const grid = { startMs: within.endMs, stepMs: within.stepMs || 1, count: within.count };
  series.load(columns);
  applyRange(rangeFunction(name, undefined)!, series, row, {
    grid,
    params: [new Float64Array(within.count).fill(0.5), new Float64Array(within.count).fill(0.5)],
    span: { start: 0, end: 0 },
    annotations: new Annotations(),
    metric: () => '',
  });
  return row;
}

const names = [
  ...['rate', 'increase', 'delta', 'irate', 'idelta', 'resets', 'changes', 'deriv'],
  ...['min_over_time', 'max_over_time', 'ts_of_min_over_time', 'ts_of_max_over_time'],
  ...['sum_over_time', 'avg_over_time', 'count_over_time', 'last_over_time'],
  ...['first_over_time', 'ts_of_last_over_time', 'quantile_over_time', 'predict_linear'],
];

describe('what is known of samples', () => {
  for (const name of names) {
    it(`${name} answers alike whether it is known or not`, () => {
      fc.assert(
        fc.property(values, windows, (numbers, within) => {
          const plain = new SampleColumns();
          const known = new SampleColumns();
          for (const columns of [plain, known]) {
            columns.reserve(numbers.length);
            columns.values.set(numbers);
            columns.count = numbers.length;
          }
          for (const at of numbers.keys()) plain.timesMs[at] = 700 + at * intervalMs;
          if (numbers.length > 0) known.setEven(700, intervalMs);
          known.isPlain = true;
          known.isRising = numbers.every((each, at) => at === 0 || each >= numbers[at - 1]!);
          const wanted = rowOf(name, plain, within);
          const actual = rowOf(name, known, within);
          assert.deepEqual([...actual.kinds], [...wanted.kinds]);
          for (const [step, kind] of wanted.kinds.entries()) {
            if (kind === 0) continue;
            const [is, must] = [actual.values[step]!, wanted.values[step]!];
            assert.ok(Object.is(is, must) || is === must, `step ${step}: ${is}, not ${must}`);
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});
