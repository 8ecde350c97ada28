import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelMatcher, SampleColumns } from '#metrics/model';
import { openMemoryMetricStore, refusedSeries } from './index.ts';
import { openShared } from './select/shared.ts';
import { baseMs, metric, metricStoreCases, put } from './store-cases.fixture.ts';

describe('the metric store in memory', () => {
  metricStoreCases(async () => openMemoryMetricStore());

  it('seriesLimit() names the label with the most values', async () => {
    await using store = openMemoryMetricStore({ maxSeries: 3 });
    for (const pod of ['a', 'b', 'c']) store.seriesRef(metric('up', { pod }));
    assert.equal(store.seriesRef(metric('up', { pod: 'd' })), refusedSeries);
    assert.notEqual(store.seriesRef(metric('up', { pod: 'a' })), refusedSeries);
    assert.match(store.seriesLimit() ?? '', /limit of 3 series is reached; the label "pod"/);
  });

  it('share() gives the same samples through memory alone', async () => {
    await using store = openMemoryMetricStore();
    const rows = Array.from(
      { length: 30_000 },
      (_, at) => [metric('m', { n: String(at % 7) }), baseMs + at * 15, at / 10] as const,
    );
    await put(store, rows);
    using selection = await store.select(
      { matchers: [labelMatcher('__name__', '=', 'm')], fromMs: baseMs + 777, toMs: 2e12 },
      new AbortController().signal,
    );
    const shared = selection.share?.();
    assert.ok(shared !== undefined);
    using copy = openShared(structuredClone(shared.data));
    assert.equal(copy.count, 7);
    const mine = new SampleColumns();
    const theirs = new SampleColumns();
    for (let index = 0; index < 7; index++) {
      selection.read(index, mine);
      copy.read(index, theirs);
      assert.ok(mine.count > 4000);
      assert.deepEqual(
        theirs.values.subarray(0, theirs.count),
        mine.values.subarray(0, mine.count),
      );
    }
  });

  it('a selection keeps what it saw while the store goes on', async () => {
    await using store = openMemoryMetricStore();
    const labels = metric('m');
    let at = 0;
    const more = async (): Promise<void> => {
      const rows = Array.from(
        { length: 500 },
        () => [labels, baseMs + at * 1000, Math.sin(at++)] as const,
      );
      await put(store, rows);
    };
    await more();
    using selection = await store.select(
      { matchers: [labelMatcher('__name__', '=', 'm')], fromMs: 0, toMs: 2e12 },
      new AbortController().signal,
    );
    for (let round = 0; round < 20; round++) await more();
    const columns = new SampleColumns();
    selection.read(0, columns);
    assert.ok(columns.count >= 500);
    for (let index = 0; index < 500; index++) assert.equal(columns.values[index], Math.sin(index));
  });
});
