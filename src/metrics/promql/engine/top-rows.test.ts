import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Row } from './row.ts';
import { TopRows } from './top-rows.ts';

const steps = 3;
const groups = 2;
const sample = fc.option(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
);

it('rows in any order, in parts that are put together: the best as sorting gives them', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(groups - 1), fc.tuple(sample, sample, sample), fc.nat(2)), {
        maxLength: 20,
      }),
      fc.infiniteStream(fc.nat()),
      (isTop, room, series, order) => {
        const shape = { isTop, room, groups, steps };
        const parts = [new TopRows(shape), new TopRows(shape), new TopRows(shape)] as const;
        const shuffled = series
          .map((each, index) => ({ each, index, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key);
        for (const { each, index } of shuffled) {
          const [group, values, part] = each;
          const row = new Row(steps);
          for (const [step, value] of values.entries()) {
            if (value !== null) row.setFloat(step, value);
          }
          parts[part]!.add(group, index, row);
        }
        const [all, second, third] = parts;
        all.merge(second);
        all.merge(third);
        for (let group = 0; group < groups; group++) {
          for (let step = 0; step < steps; step++) {
            const wanted = series
              .map(([own, values], index) => ({ own, value: values[step] ?? null, index }))
              .filter(({ own, value }) => own === group && value !== null)
              .sort((a, b) => byValue(a.value!, b.value!, isTop) || a.index - b.index)
              .slice(0, room)
              .map(({ value, index }) => [value, index]);
            const cell = group * steps + step;
            const found = Array.from({ length: all.sizes[cell]! }, (_, at) => [
              all.values[cell * room + at],
              all.series[cell * room + at],
            ]);
            assert.deepEqual(found, wanted);
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});

function byValue(a: number, b: number, isTop: boolean): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (Number.isNaN(a)) return 1;
  if (Number.isNaN(b)) return -1;
  return isTop === a > b ? -1 : 1;
}
