import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SampleColumns } from '#metrics/model';
import { Row } from '../../engine/row.ts';
import { SeriesWindows } from '../../engine/series-windows.ts';
import { CompensatedSum } from '../../engine/sum.ts';
import { applyRange, rangeFunction } from './index.ts';

it('sum_over_time is the compensated sum of each window', () => {
  const value = fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min: -9999, max: 9999 }).map((n) => n / 100) },
    { weight: 5, arbitrary: fc.double({ noNaN: true, min: -1e15, max: 1e15 }) },
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308),
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 150, size: 'max' }),
      fc.integer({ min: 1, max: 140 }),
      (numbers, width) => {
        const columns = new SampleColumns();
        columns.reserve(numbers.length);
        columns.values.set(numbers);
        columns.count = numbers.length;
        for (const at of numbers.keys()) columns.timesMs[at] = at;
        const windows = new SeriesWindows({ endMs: 0, stepMs: 1, rangeMs: width, count: 160 });
        windows.load(columns);
        const row = new Row(160);
        applyRange(rangeFunction('sum_over_time', undefined)!, windows, row, {
          grid: { startMs: 0, stepMs: 1, count: 160 },
          params: [],
          span: { start: 0, end: 0 },
          annotations: undefined as never,
          metric: () => '',
        });
        for (let step = 0; step < 160; step++) {
          const inside = numbers.slice(Math.max(0, step - width + 1), step + 1);
          if (inside.length === 0) continue;
          const total = new CompensatedSum();
          for (const each of inside) total.add(each);
          // Halves of a sum may overflow that in order of time does not.
          if (inside.some((each) => Math.abs(each) === 1e308)) continue;
          const size = inside.reduce((sum, each) => sum + Math.abs(each), 0);
          const actual = row.values[step]!;
          const isSame =
            Object.is(actual, total.total) || Math.abs(actual - total.total) <= 1e-15 * size;
          assert.ok(isSame || actual === total.total, `${actual}, not ${total.total}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});
