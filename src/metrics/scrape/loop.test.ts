import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry } from '#base';
import { writeExposition } from '#metrics/exposition';
import { customBucketsSchema, type FloatHistogram, labelsOf } from '#metrics/model';
import { openMemoryMetricStore } from '#metrics/tsdb';
import { limitHistogram } from './histogram-limit.ts';
import { job, makeLoop, openStore, samplesOf, scrapedOf } from './scrape.fixture.ts';

const of = (name: string, more = ''): string => `${name}{${more}instance="h:1", job="j"}`;

describe('ScrapeLoop.scrape()', () => {
  it('stores samples and the report at the same time', async () => {
    await using store = openStore();
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job());
    fetcher.body = '# TYPE a counter\n# HELP a Help\na{b="c"} 1\nb NaN\n';
    await loop.scrape(1000);
    assert.deepEqual(await samplesOf(store), {
      [of('a', 'b="c", ')]: ['1000=1'],
      [of('b')]: ['1000=NaN'],
      [of('up')]: ['1000=1'],
      [of('scrape_duration_seconds')]: ['1000=0'],
      [of('scrape_samples_scraped')]: ['1000=2'],
      [of('scrape_samples_post_metric_relabeling')]: ['1000=2'],
      [of('scrape_series_added')]: ['1000=2'],
    });
    assert.deepEqual(store.metadata('a').get('a'), [{ type: 'counter', help: 'Help', unit: '' }]);
    assert.equal(loop.status.health, 'up');
    assert.equal(loop.metadata.get('a')?.help, 'Help');
  });

  it('marks series that are missing, and all of them when a scrape fails', async () => {
    await using store = openStore();
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job());
    const bodies = [
      'a 1\nb 1\n',
      'a 2\n',
      'a 3\nb 3\n',
      new Error('refused'),
      new Error('refused'),
      'a 6\nb 6\n',
      'b 7\n',
    ];
    for (const [index, body] of bodies.entries()) {
      fetcher.body = body;
      await loop.scrape((index + 1) * 1000);
    }
    assert.deepEqual(await scrapedOf(store), {
      [of('a')]: ['1000=1', '2000=2', '3000=3', '4000=stale', '6000=6', '7000=stale'],
      [of('b')]: ['1000=1', '2000=stale', '3000=3', '4000=stale', '6000=6', '7000=7'],
    });
    const all = await samplesOf(store);
    assert.deepEqual(
      all[of('up')]?.map((sample) => sample.split('=')[1]),
      ['1', '1', '1', '0', '0', '1', '1'],
    );
  });

  it('one bad line in the middle stores nothing but the report', async () => {
    await using store = openStore();
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job());
    fetcher.body = 'a 1\n';
    await loop.scrape(1000);
    fetcher.body = 'a 2\nnew 2\nb\nc 3\n';
    await loop.scrape(2000);
    assert.deepEqual(await scrapedOf(store), { [of('a')]: ['1000=1', '2000=stale'] });
    assert.equal(store.headStats().series, 6);
    assert.match(
      loop.status.lastError,
      /^expected value after metric, got "\\n" \("INVALID"\) while parsing: "b\\n" \(line 3\)$/,
    );
    fetcher.body = 'a 3\n';
    await loop.scrape(3000);
    assert.equal((await scrapedOf(store))[of('a')]?.at(-1), '3000=3');
  });

  it('takes times that are given, without markers, unless they are tracked', async () => {
    for (const isTracked of [false, true]) {
      await using store = openStore();
      const { loop, fetcher } = makeLoop(
        store,
        new ManualClock(),
        job(`track_timestamps_staleness: ${isTracked}`),
      );
      fetcher.body = 'a 1 500\nb 1\n';
      await loop.scrape(1000);
      fetcher.body = 'b 2\n';
      await loop.scrape(2000);
      const found = await scrapedOf(store);
      assert.deepEqual(found[of('a')], isTracked ? ['500=1', '2000=stale'] : ['500=1']);
    }
  });

  it('honor_timestamps: false takes its own', async () => {
    await using store = openStore();
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job('honor_timestamps: false'));
    fetcher.body = 'a 1 500\n';
    await loop.scrape(1000);
    assert.deepEqual(await scrapedOf(store), { [of('a')]: ['1000=1'] });
  });

  it('drops and counts what comes twice, too early or too late, and takes the rest', async () => {
    await using store = openStore();
    const metrics = new MetricsRegistry();
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job(), metrics);
    fetcher.body = 'a 1\na 2\nb 1 900\nc 1 700000000\n';
    await loop.scrape(1000);
    fetcher.body = 'a 3\na 3\nb 2 100\nd 1\n';
    await loop.scrape(2000);
    assert.deepEqual(await scrapedOf(store), {
      [of('a')]: ['1000=1', '2000=3'],
      [of('b')]: ['900=1'],
      [of('d')]: ['2000=1'],
    });
    const text = metrics.render();
    assert.match(text, /sample_duplicate_timestamp_total 2\n/);
    assert.match(text, /sample_out_of_order_total 1\n/);
    assert.match(text, /sample_out_of_bounds_total 1\n/);
    assert.equal(loop.status.health, 'up');
  });

  it('sample_limit fails the scrape, after relabelling, with the counts reached', async () => {
    await using store = openStore();
    const config = job(
      'sample_limit: 2\nextra_scrape_metrics: true\nmetric_relabel_configs: [{source_labels: [__name__], regex: drop.*, action: drop}]',
    );
    const { loop, fetcher } = makeLoop(store, new ManualClock(), config);
    fetcher.body = 'a 1\nb 1\ndrop_me 1\n';
    await loop.scrape(1000);
    assert.equal(loop.status.lastError, '');
    fetcher.body = 'a 1\nb 1\nc 1\n';
    await loop.scrape(2000);
    assert.equal(loop.status.lastError, 'sample limit exceeded');
    const all = await samplesOf(store);
    assert.deepEqual(all[of('a')], ['1000=1', '2000=stale']);
    assert.equal(all[of('c')], undefined);
    assert.deepEqual(all[of('scrape_samples_scraped')], ['1000=3', '2000=3']);
    assert.deepEqual(all[of('scrape_samples_post_metric_relabeling')], ['1000=2', '2000=3']);
    assert.deepEqual(all[of('scrape_sample_limit')], ['1000=2', '2000=2']);
    assert.deepEqual(all[of('scrape_body_size_bytes')], ['1000=18', '2000=12']);
  });

  it('two texts of one series are one series', async () => {
    await using store = openStore();
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job());
    fetcher.body = 'a{b="c",d="e"} 1\n';
    await loop.scrape(1000);
    fetcher.body = 'a{d="e",b="c"} 2\n';
    await loop.scrape(2000);
    assert.deepEqual(await scrapedOf(store), { [of('a', 'b="c", d="e", ')]: ['1000=1', '2000=2'] });
  });

  it('goes on when the store takes no more series, and tries again', async () => {
    await using store = openMemoryMetricStore({ maxSeries: 7 });
    const { loop, fetcher } = makeLoop(store, new ManualClock(), job());
    fetcher.body = 'a 1\nb 1\nc 1\n';
    for (let round = 1; round <= 12; round++) await loop.scrape(round * 1000);
    const all = await samplesOf(store);
    assert.equal(Object.keys(all).length, 7);
    assert.equal(all[of('a')]?.length, 12);
    assert.equal(loop.status.health, 'up');
  });

  it('reads protobuf with native histograms, and classic ones as custom buckets', async () => {
    const histogram: FloatHistogram = {
      schema: 0,
      zeroThreshold: 0.001,
      zeroCount: 1,
      count: 3,
      sum: 2,
      positiveSpans: [{ offset: 0, length: 2 }],
      positiveBuckets: [1, 1],
      negativeSpans: [],
      negativeBuckets: [],
      customValues: [],
      counterResetHint: 'unknown',
    };
    const body = Buffer.concat([
      ...writeExposition(
        [
          {
            name: 'n',
            metadata: { type: 'histogram', help: 'h', unit: '' },
            samples: [{ labels: labelsOf([['__name__', 'n']]), value: 0, histogram }],
          },
        ],
        { format: 'protobuf', escaping: 'allow-utf-8' },
      ),
    ] as Buffer[]);
    await using store = openStore();
    const { loop, fetcher } = makeLoop(
      store,
      new ManualClock(),
      job('scrape_native_histograms: true'),
    );
    fetcher.body = body;
    fetcher.format = 'protobuf';
    await loop.scrape(1000);
    await loop.scrape(2000);
    fetcher.body = '';
    await loop.scrape(3000);
    assert.deepEqual(await scrapedOf(store), { [of('n')]: ['1000=H3', '2000=H3', '3000=stale'] });

    await using other = openStore();
    const nhcb = makeLoop(
      other,
      new ManualClock(),
      job('convert_classic_histograms_to_nhcb: true'),
    );
    nhcb.fetcher.body =
      '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\ng 1\n';
    await nhcb.loop.scrape(1000);
    assert.deepEqual(await scrapedOf(other), { [of('g')]: ['1000=1'], [of('h')]: ['1000=H2'] });
  });
});

describe('ScrapeLoop, over time', () => {
  it('scrapes once an interval, and ends the series of a target that is gone after two', async () => {
    await using store = openStore();
    const clock = new ManualClock(1_000_000);
    const config = job('scrape_interval: 10s');
    const { loop, fetcher } = makeLoop(store, clock, config);
    fetcher.body = 'a 1\n';
    loop.start();
    await clock.advance(35_000);
    const times = (await scrapedOf(store))[of('a')]!.map((sample) => Number(sample.split('=')[0]));
    assert.ok(times.length >= 3);
    for (const [index, time] of times.entries())
      if (index > 0) assert.equal(time - times[index - 1]!, 10_000);
    const ended = loop.stopStale(new AbortController().signal);
    await clock.advance(10_000);
    assert.equal((await scrapedOf(store))[of('a')]?.length, times.length);
    await clock.advance(12_000);
    await ended;
    const all = await samplesOf(store);
    const marker = `${times.at(-1)! + 10_000}=stale`;
    assert.equal(all[of('a')]?.at(-1), marker);
    assert.equal(all[of('up')]?.at(-1), marker);
  });

  it('goes on when the clock is set back or ahead during a scrape', async () => {
    for (const toMs of [90_000_000, 110_000_000]) {
      await using store = openStore();
      const clock = new ManualClock(100_000_000);
      const { loop, fetcher } = makeLoop(store, clock, job('scrape_interval: 10s'));
      fetcher.body = 'a 1\n';
      const fetchBody = fetcher.fetch.bind(fetcher);
      fetcher.fetch = async () => {
        if (fetcher.count === 1) clock.jumpTo(toMs);
        return await fetchBody();
      };
      loop.start();
      await clock.advance(20_000);
      clock.jumpTo(toMs);
      await clock.advance(60_000);
      assert.ok(fetcher.count >= 7, `${fetcher.count} scrapes`);
      await loop.stop();
    }
  });

  it('a loop that stops for good writes no marker', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    const { loop, fetcher } = makeLoop(store, clock, job('scrape_interval: 10s'));
    fetcher.body = 'a 1\n';
    loop.start();
    await clock.advance(10_000);
    await loop.stop();
    assert.deepEqual(Object.keys(await scrapedOf(store)).length, 1);
    assert.ok(!(await scrapedOf(store))[of('a')]?.join().includes('stale'));
  });
});

describe('limitHistogram()', () => {
  const histogram: FloatHistogram = {
    schema: 3,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 10,
    sum: 1,
    positiveSpans: [
      { offset: -3, length: 4 },
      { offset: 2, length: 2 },
    ],
    positiveBuckets: [1, 1, 1, 1, 3, 3],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
    counterResetHint: 'unknown',
  };
  const limits = (nativeHistogramBucketLimit: number, nativeHistogramMinBucketFactor = 0) => ({
    nativeHistogramBucketLimit,
    nativeHistogramMinBucketFactor,
  });
  it('joins neighbours until it fits', () => {
    assert.equal(limitHistogram(histogram, limits(6)).schema, 3);
    const fitted = limitHistogram(histogram, limits(4));
    assert.equal(fitted.schema, 2);
    assert.deepEqual(fitted.positiveSpans, [
      { offset: -1, length: 2 },
      { offset: 1, length: 1 },
    ]);
    assert.deepEqual(fitted.positiveBuckets, [2, 2, 6].slice(0, 3));
    assert.equal(limitHistogram(histogram, limits(0, 2)).schema, 0);
  });
  it('fails where it cannot', () => {
    const custom = { ...histogram, schema: customBucketsSchema };
    assert.throws(() => limitHistogram(custom, limits(3)), {
      message: 'histogram bucket limit exceeded',
    });
  });
});
