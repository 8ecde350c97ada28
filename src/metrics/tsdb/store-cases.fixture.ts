import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import {
  type FloatHistogram,
  formatLabels,
  highWord,
  isStaleValue,
  labelMatcher,
  labelsOfRecord,
  lowWord,
  SampleColumns,
  type SelectRequest,
  staleHighBits,
  staleLowBits,
  wordsOf,
} from '#metrics/model';
import { type MetricStore, refusedSeries, SampleBatch } from './contract.ts';

const signal = new AbortController().signal;

/** Any time in these cases is about here. */
export const baseMs = 1_700_000_000_000;

export const metric = (name: string, labels: Record<string, string> = {}): readonly string[] =>
  labelsOfRecord({ __name__: name, ...labels });

export async function put(
  store: MetricStore,
  samples: readonly (readonly [labels: readonly string[], timeMs: number, value: number])[],
): Promise<Awaited<ReturnType<MetricStore['append']>>> {
  const batch = new SampleBatch();
  for (const [labels, timeMs, value] of samples) {
    batch.add(store.seriesRef(labels), timeMs, value);
    if (isStaleValue(value)) {
      wordsOf(batch.values)[(batch.length - 1) * 2 + lowWord] = staleLowBits;
      wordsOf(batch.values)[(batch.length - 1) * 2 + highWord] = staleHighBits;
    }
  }
  return store.append(batch);
}

/** Everything that a selector finds, as text: `name{…}` to `time=value` in order. */
export async function dump(
  store: MetricStore,
  request: Partial<SelectRequest> = {},
): Promise<Record<string, string[]>> {
  using selection = await store.select(
    {
      matchers: [labelMatcher('__name__', '=~', '.+')],
      fromMs: Number.NEGATIVE_INFINITY,
      toMs: Number.POSITIVE_INFINITY,
      ...request,
    },
    signal,
  );
  const columns = new SampleColumns();
  const found: Record<string, string[]> = {};
  for (let index = 0; index < selection.count; index++) {
    selection.read(index, columns);
    if (columns.count === 0) continue;
    const words = wordsOf(columns.values);
    found[formatLabels(selection.labels(index))] = Array.from(
      { length: columns.count },
      (_, at) => {
        const histogram = columns.histograms?.[at];
        const start = columns.startTimesMs?.[at] ?? 0;
        const tail = start === 0 ? '' : `@${start}`;
        if (histogram !== undefined)
          return `${columns.timesMs[at]}=H${JSON.stringify(histogram)}${tail}`;
        return `${columns.timesMs[at]}=${sampleText(words, columns.values, at)}${tail}`;
      },
    );
  }
  return found;
}

function sampleText(words: Uint32Array, values: Float64Array, at: number): string {
  const value = values[at]!;
  if (!Number.isNaN(value)) return Object.is(value, -0) ? '-0' : String(value);
  return isStaleValue(value) ? 'stale' : `NaN${words[at * 2]!.toString(16)}`;
}

export const histogramOf = (count: number): FloatHistogram => ({
  schema: 3,
  zeroThreshold: 0,
  zeroCount: 0,
  count,
  sum: count * 1.5,
  positiveSpans: [{ offset: -2, length: 2 }],
  positiveBuckets: [count - 1, 1],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
  counterResetHint: 'unknown',
});

/** What any metric store must do. `open` gives an empty one that takes samples of any age. */
export function metricStoreCases(open: () => Promise<MetricStore>): void {
  it('select() finds by matchers, in label order, with what is absent as the empty value', async () => {
    await using store = await open();
    const all = ['a', 'b', 'c'].flatMap((job) =>
      ['x', ''].map((zone) => metric('up', { job, zone })),
    );
    await put(
      store,
      all.map((labels) => [labels, baseMs, 1] as const),
    );
    await put(store, [[metric('down', { job: 'a' }), baseMs, 0]]);
    const find = async (...matchers: ReturnType<typeof labelMatcher>[]): Promise<string[]> =>
      Object.keys(await dump(store, { matchers }));
    const up = labelMatcher('__name__', '=', 'up');
    assert.deepEqual(await find(up, labelMatcher('zone', '=', '')), [
      'up{job="a"}',
      'up{job="b"}',
      'up{job="c"}',
    ]);
    assert.deepEqual(
      await find(up, labelMatcher('zone', '!=', ''), labelMatcher('job', '!~', 'a|b')),
      ['up{job="c", zone="x"}'],
    );
    assert.deepEqual(await find(labelMatcher('job', '=~', 'a')), [
      'down{job="a"}',
      'up{job="a"}',
      'up{job="a", zone="x"}',
    ]);
    assert.deepEqual(
      await find(labelMatcher('job', '=~', '[bc].*'), labelMatcher('zone', '=~', '.*')),
      ['up{job="b"}', 'up{job="b", zone="x"}', 'up{job="c"}', 'up{job="c", zone="x"}'],
    );
    assert.deepEqual(await find(labelMatcher('nothing', '=', 'x')), []);
    const everything = { matcherSets: [], fromMs: 0, toMs: 2e12 };
    assert.deepEqual(await store.labelNames(everything, signal), ['__name__', 'job', 'zone']);
    assert.deepEqual(await store.labelValues('job', everything, signal), ['a', 'b', 'c']);
    assert.deepEqual(await store.labelValues('job', { ...everything, limit: 2 }, signal), [
      'a',
      'b',
    ]);
    const downOnly = { ...everything, matcherSets: [[labelMatcher('__name__', '=', 'down')]] };
    assert.deepEqual(await store.labelNames(downOnly, signal), ['__name__', 'job']);
    assert.deepEqual(await store.labelValues('job', downOnly, signal), ['a']);
    assert.deepEqual((await store.series(downOnly, signal)).map(formatLabels), ['down{job="a"}']);
  });

  it('append() accepts the same sample again, refuses another value, keeps every bit', async () => {
    await using store = await open();
    const labels = metric('m');
    const stale = new Float64Array(1);
    wordsOf(stale)[lowWord] = staleLowBits;
    wordsOf(stale)[highWord] = staleHighBits;
    await put(store, [
      [labels, baseMs, -0],
      [labels, baseMs + 1, Number.POSITIVE_INFINITY],
      [labels, baseMs + 2, 0.1 + 0.2],
      [labels, baseMs + 3, stale[0]!],
    ]);
    const again = await put(store, [
      [labels, baseMs, -0],
      [labels, baseMs + 2, 0.3],
      [labels, baseMs + 3, stale[0]!],
      [labels, baseMs + 4.5, 1],
    ]);
    assert.equal(again.appended, 2);
    assert.deepEqual(again.rejected, {
      outOfOrder: 0,
      outOfBounds: 1,
      tooOld: 0,
      duplicate: 1,
      unknownSeries: 0,
    });
    assert.deepEqual(again.first, { index: 1, reason: 'duplicate' });
    assert.deepEqual(await dump(store), {
      m: [
        `${baseMs}=-0`,
        `${baseMs + 1}=Infinity`,
        `${baseMs + 2}=0.30000000000000004`,
        `${baseMs + 3}=stale`,
      ],
    });
    const unknown = new SampleBatch();
    unknown.add(999_999, baseMs, 1);
    unknown.add(refusedSeries, baseMs, 1);
    assert.deepEqual((await store.append(unknown)).unknown, [0, 1]);
  });

  it('keeps histograms, floats and start times of one series in order of time', async () => {
    await using store = await open();
    const ref = store.seriesRef(metric('h'));
    const batch = new SampleBatch();
    batch.startTimesMs = new Float64Array(batch.refs.length);
    batch.histograms = new Map();
    const want: string[] = [];
    for (let at = 0; at < 300; at++) {
      const timeMs = baseMs + at * 1000;
      const isHistogram = at % 100 > 40;
      batch.add(ref, timeMs, at);
      if (isHistogram) batch.histograms.set(at, histogramOf(at));
      const start = at % 100 < 20 ? 0 : baseMs - 5;
      batch.startTimesMs![at] = start;
      const value = isHistogram ? `H${JSON.stringify(histogramOf(at))}` : String(at);
      want.push(`${timeMs}=${value}${start === 0 ? '' : `@${start}`}`);
    }
    await store.append(batch);
    assert.deepEqual(await dump(store), { h: want });
  });

  it('deleteSeries() hides what is there, not what comes after', async () => {
    await using store = await open();
    const labels = metric('m');
    await put(
      store,
      [1, 2, 3, 4].map((at) => [labels, baseMs + at, at] as const),
    );
    await put(store, [[metric('n'), baseMs, 1]]);
    await store.deleteSeries([[labelMatcher('__name__', '=', 'm')]], baseMs + 3, baseMs + 1000);
    await put(store, [[labels, baseMs + 5, 5]]);
    assert.deepEqual(await dump(store), {
      m: [`${baseMs + 1}=1`, `${baseMs + 2}=2`, `${baseMs + 5}=5`],
      n: [`${baseMs}=1`],
    });
  });

  it('holds what a plain map would hold, whatever the order of samples', async () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 5000 }).map((n) => n / 100),
      fc.double({ noNaN: true }),
    );
    const sample = fc.tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: -30, max: 400 }),
      value,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(sample, { minLength: 1, maxLength: 120 }), { maxLength: 8 }),
        async (batches) => {
          await using store = await open();
          const model = new Map<string, Map<number, number>>();
          let clock = 0;
          for (const samples of batches) {
            clock += 100;
            const rows = samples.map(
              ([series, offset, number]) =>
                [metric(`s${series}`), baseMs + (clock + offset) * 100, number] as const,
            );
            const result = await put(store, rows);
            let duplicates = 0;
            for (const [labels, timeMs, number] of rows) {
              const name = formatLabels(labels);
              const known = model.get(name) ?? new Map<number, number>();
              model.set(name, known);
              if (!known.has(timeMs)) known.set(timeMs, number);
              else if (!Object.is(known.get(timeMs), number)) duplicates++;
            }
            assert.equal(result.rejected.duplicate, duplicates);
            assert.equal(result.appended, rows.length - duplicates);
          }
          const want: Record<string, string[]> = {};
          for (const [name, samples] of [...model].sort(([a], [b]) => (a < b ? -1 : 1))) {
            want[name] = [...samples]
              .sort(([a], [b]) => a - b)
              .map(([timeMs, number]) => `${timeMs}=${Object.is(number, -0) ? '-0' : number}`);
          }
          assert.deepEqual(await dump(store), want);
        },
      ),
      { numRuns: 30 },
    );
  });
}
