import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { labelMatcher, labelsOfRecord, SampleColumns } from '#metrics/model';
import { openMemoryMetricStore, SampleBatch } from '../index.ts';

const startMs = 1_760_000_000_000;

/** Gaps between samples, as a share of the interval: mostly even, now and then not. */
const gaps = fc.array(
  fc.oneof({ weight: 60, arbitrary: fc.constant(1) }, fc.constantFrom(0.5, 2, 1.001, 40)),
  { minLength: 1, maxLength: 400, size: 'max' },
);
const steps = fc.oneof(
  fc.array(
    fc.oneof({ weight: 50, arbitrary: fc.nat(40) }, fc.constantFrom(-1000, 70_000, 2 ** 40)),
  ),
  fc.array(fc.integer({ min: -300, max: 300 })),
  fc.array(fc.constantFrom(0, 5)),
);

describe('reading series', () => {
  it('gives the samples that were written, and knows of them what is true', async () => {
    await fc.assert(
      fc.asyncProperty(
        gaps,
        steps,
        fc.constantFrom(1, 10, 1000),
        fc.array(fc.tuple(fc.nat(399), fc.constantFrom(Number.NaN, -0, 1 / 3, 1e300)), {
          maxLength: 2,
        }),
        fc.tuple(fc.integer({ min: -10, max: 420 }), fc.integer({ min: -10, max: 420 })),
        fc.boolean(),
        async (shares, changes, divisor, odd, [from, to], isAside) => {
          await using store = openMemoryMetricStore();
          const ref = store.seriesRef(labelsOfRecord({ __name__: 'm' }));
          const samples: [number, number][] = [];
          let timeMs = startMs;
          let total = 1000;
          for (const [at, share] of shares.entries()) {
            timeMs += share * 15_000;
            total += changes[at % Math.max(1, changes.length)] ?? 1;
            const strange = odd.find(([place]) => place === at)?.[1];
            samples.push([timeMs, strange ?? total / divisor]);
          }
          const batch = new SampleBatch();
          for (const [time, value] of samples) batch.add(ref, time, value);
          await store.append(batch);
          const fromMs = startMs + from * 15_000 + (isAside ? 7 : 0);
          const toMs = startMs + to * 15_000;
          using selection = await store.select(
            { matchers: [labelMatcher('__name__', '=', 'm')], fromMs, toMs },
            new AbortController().signal,
          );
          const columns = new SampleColumns();
          if (selection.count > 0) selection.read(0, columns);
          check(
            columns,
            samples.filter(([time]) => time >= fromMs && time <= toMs),
          );
        },
      ),
      { numRuns: 400 },
    );
  });
});

function check(columns: SampleColumns, wanted: readonly (readonly [number, number])[]): void {
  const { count, values, isPlain, isRising, firstMs, intervalMs } = columns;
  const found = values.subarray(0, count);
  assert.deepEqual(
    [...found],
    wanted.map(([, value]) => value),
  );
  if (intervalMs > 0) {
    for (const [at, [time]] of wanted.entries()) assert.equal(firstMs + at * intervalMs, time);
  }
  assert.deepEqual(
    [...columns.timesMs.subarray(0, count)],
    wanted.map(([time]) => time),
  );
  if (isPlain) assert.ok(!found.some(Number.isNaN));
  if (isRising)
    assert.ok(isPlain && found.every((value, at) => at === 0 || value >= found[at - 1]!));
}
