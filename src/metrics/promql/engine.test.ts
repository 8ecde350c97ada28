import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  labelsKey,
  labelsOfRecord,
  type SelectRequest,
  type SeriesSelection,
  staleValue,
} from '#metrics/model';
import type { QueryResult } from './contract.ts';
import { openPromqlEngine, type PromqlOptions } from './engine/engine.ts';
import { allSyntax } from './parser/reader.ts';
import { StoreTarget } from './store-target.fixture.ts';
import { MemoryQueryable, type MemorySample } from './testing/memory-queryable.ts';

const never = new AbortController().signal;

function floats(values: readonly number[], stepMs = 15_000): MemorySample[] {
  return values.map((value, at) => ({ timeMs: at * stepMs, value }));
}

function filled(series: Readonly<Record<string, readonly number[]>>): MemoryQueryable {
  const queryable = new MemoryQueryable();
  for (const [name, values] of Object.entries(series)) {
    const [metric, host = ''] = name.split('/');
    queryable.append(labelsOfRecord({ __name__: metric!, host }), floats(values));
  }
  return queryable;
}

/** Samples by labels and time, to compare answers of different queries. */
function samplesOf({ value }: QueryResult): Map<string, number> {
  assert.ok(value.type === 'matrix' || value.type === 'vector');
  const samples = new Map<string, number>();
  for (const { labels, timesMs, values } of value.series) {
    for (const [at, timeMs] of timesMs.entries()) {
      samples.set(`${labelsKey(labels)} ${timeMs}`, values[at]!);
    }
  }
  return samples;
}

function assertSame(
  actual: ReadonlyMap<string, number>,
  wanted: ReadonlyMap<string, number>,
): void {
  assert.deepEqual([...actual.keys()].sort(), [...wanted.keys()].sort());
  for (const [key, want] of wanted) {
    const value = actual.get(key)!;
    const isSame =
      Object.is(value, want) ||
      value === want ||
      Math.abs(value - want) <= 1e-9 * Math.max(Math.abs(value), Math.abs(want), 1e-9);
    assert.ok(isSame, `${key}: ${value}, not ${want}`);
  }
}

describe('range()', () => {
  const queries = [
    ...['rate', 'increase', 'delta', 'irate', 'idelta', 'resets', 'changes', 'deriv'],
    ...[
      'sum',
      'avg',
      'min',
      'max',
      'count',
      'stddev',
      'stdvar',
      'last',
      'first',
      'present',
      'mad',
    ].map((name) => `${name}_over_time`),
    ...['max', 'min', 'first', 'last'].map((name) => `ts_of_${name}_over_time`),
  ].map((name) => `${name}(m[1m])`);
  queries.push(
    'quantile_over_time(0.3, m[50s])',
    'predict_linear(m[40s], 60)',
    'double_exponential_smoothing(m[1m], 0.4, 0.3)',
    'm',
    'm offset 20s',
    'sum by (host) (rate(m[1m]))',
    'avg(m)',
    'stddev(m)',
    'topk(1, m)',
    'm > 3 or -m',
    'max_over_time(rate(m[30s])[1m:15s])',
    'rate(m[1m] anchored)',
    'increase(m[45s] smoothed)',
    'quantile(0.5, m)',
  );
  // Hard cases of arithmetic are small integers, ties, NaN, markers of staleness, and large numbers.
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -3, max: 9 }) },
    { weight: 2, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e18, Number.POSITIVE_INFINITY) },
    { weight: 1, arbitrary: fc.constant('stale' as const) },
  );
  const series = fc.array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), value), { maxLength: 24 });

  it('answers at each step what an instant query answers there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(series, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...queries),
        fc.integer({ min: 1, max: 40 }),
        async (all, query, stepSeconds) => {
          const queryable = new MemoryQueryable();
          for (const [index, samples] of all.entries()) {
            let timeMs = 0;
            const list = samples.map(([gapMs, each]) => {
              timeMs += gapMs;
              return { timeMs, value: each === 'stale' ? staleValue() : each };
            });
            queryable.append(labelsOfRecord({ __name__: 'm', host: String(index) }), list);
          }
          await using engine = openPromqlEngine(queryable, { syntax: allSyntax, workers: 0 });
          const stepMs = stepSeconds * 1000;
          const window = { startMs: 10_000, endMs: 10_000 + 12 * stepMs, stepMs };
          const ranged = samplesOf(await engine.range(query, window, {}, never));
          const single = new Map<string, number>();
          for (let atMs = window.startMs; atMs <= window.endMs; atMs += stepMs) {
            const one = samplesOf(await engine.instant(query, atMs, {}, never));
            for (const [key, each] of one) single.set(key, each);
          }
          assertSame(ranged, single);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('refuses what is neither scalar nor vector', async () => {
    await using engine = openPromqlEngine(filled({ m: [1] }));
    await assert.rejects(engine.range('m[5m]', { startMs: 0, endMs: 1, stepMs: 1 }, {}, never), {
      code: 'PROMQL_PARSE',
      message:
        'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    });
  });
});

describe('names', () => {
  const data = { 'a/x': [1, 2, 3], 'b/x': [4, 5, 6] };
  const query = 'rate({__name__=~"a|b"}[1m])';

  it('go at once by default: series that become the same are an error', async () => {
    await using engine = openPromqlEngine(filled(data));
    await assert.rejects(engine.instant(query, 30_000, {}, never), {
      code: 'PROMQL_EXECUTION',
      message: 'vector cannot contain metrics with the same labelset',
    });
  });

  it('go at the end with delayed removal', async () => {
    await using engine = openPromqlEngine(filled(data), { delaysNameRemoval: true });
    const { value } = await engine.instant(`count(${query})`, 30_000, {}, never);
    assert.equal(value.type === 'vector' && value.series[0]!.values[0], 2);
  });
});

/** A store whose series take long to read. */
class SlowQueryable extends MemoryQueryable {
  reads = 0;
  onRead: () => void = () => {};

  override async select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    const selection = await super.select(request, signal);
    return {
      ...selection,
      read: (index, into) => {
        this.reads++;
        const until = performance.now() + 1;
        while (performance.now() < until) {
          // Busy, as decoding would be.
        }
        this.onRead();
        selection.read(index, into);
      },
    };
  }
}

function slow(): SlowQueryable {
  const queryable = new SlowQueryable();
  for (let host = 0; host < 2_000; host++) {
    queryable.append(labelsOfRecord({ __name__: 'm', host: String(host) }), floats([1, 2, 3]));
  }
  return queryable;
}

describe('limits', () => {
  const ask = (queryable: MemoryQueryable, options: PromqlOptions, signal = never) => {
    const engine = openPromqlEngine(queryable, options);
    return engine.instant('sum(rate(m[1m]))', 30_000, {}, signal);
  };

  it('a query that is canceled stops its work', async () => {
    const queryable = slow();
    const abort = new AbortController();
    queryable.onRead = () => {
      if (queryable.reads === 20) abort.abort();
    };
    await assert.rejects(ask(queryable, {}, abort.signal), {
      code: 'PROMQL_CANCELED',
      message: 'query was canceled in expression evaluation',
    });
    assert.ok(queryable.reads < 200, `${queryable.reads} series were read`);
  });

  it('a query that takes too long stops', async () => {
    const queryable = slow();
    await assert.rejects(ask(queryable, { timeoutMs: 30 }), {
      code: 'PROMQL_TIMEOUT',
      message: 'query timed out in expression evaluation',
    });
    assert.ok(queryable.reads < 1_500, `${queryable.reads} series were read`);
  });

  it('others have their turn while a query runs', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await ask(slow(), {});
    clearInterval(timer);
    assert.ok(turns > 10, `${turns} turns`);
  });

  it('samples in memory are limited', async () => {
    await using engine = openPromqlEngine(filled({ m: [1, 2, 3] }), { maxSamples: 100 });
    const window = { startMs: 0, endMs: 30_000, stepMs: 100 };
    await assert.rejects(engine.range('m', window, {}, never), {
      code: 'PROMQL_TOO_MANY_SAMPLES',
      message: 'query processing would load too many samples into memory in query execution',
    });
  });

  it('annotations are limited', async () => {
    const queryable = new MemoryQueryable();
    for (let at = 0; at < 15; at++) {
      queryable.append(labelsOfRecord({ __name__: `m${at}` }), floats([1, 2, 3]));
    }
    await using engine = openPromqlEngine(queryable, { delaysNameRemoval: true });
    const { infos } = await engine.instant('count(rate({__name__=~"m.*"}[1m]))', 30_000, {}, never);
    assert.equal(infos.length, 11);
    assert.equal(infos.at(-1), '5 more info annotations omitted');
  });
});

describe('statistics', () => {
  it('count samples as the reference does', async () => {
    await using engine = openPromqlEngine(filled({ m_total: [1, 2, 3, 4, 5] }));
    const window = { startMs: 30_000, endMs: 60_000, stepMs: 15_000 };
    const options = { wantSamplesPerStep: true };
    const { stats } = await engine.range('rate(m_total[30s])', window, options, never);
    assert.equal(stats.samples, 6);
    assert.deepEqual([...stats.samplesPerStep!], [2, 2, 2]);
    assert.equal(stats.seriesSelected, 1);
  });
});

describe('worker threads', () => {
  const hosts = 400;
  const samples = 800;

  async function largeStore(): Promise<StoreTarget> {
    const target = new StoreTarget();
    for (let host = 0; host < hosts; host++) {
      let total = 0;
      const values = Array.from({ length: samples }, (_, at) => {
        total = (at + host * 7) % 333 === 0 ? 0 : total + ((at * 31 + host * 17) % 10) / 4;
        return total;
      });
      const labels = labelsOfRecord({
        __name__: 'm_total',
        host: String(host),
        rack: String(host % 7),
      });
      await target.append(labels, floats(values));
      // Not named like a counter, with markers of staleness.
      const other = labelsOfRecord({ __name__: 'n', host: String(host), rack: String(host % 7) });
      const withStale = values.map((value, at) => (at % 97 === host % 97 ? staleValue() : value));
      await target.append(other, floats(withStale));
    }
    // A few series that only the main thread can compute.
    const histogram = {
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 2,
      sum: 3,
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveBuckets: [2],
      negativeSpans: [],
      negativeBuckets: [],
      customValues: [],
      counterResetHint: 'gauge',
    } as const;
    await target.append(
      labelsOfRecord({ __name__: 'm_total', host: 'h', rack: '8' }),
      Array.from({ length: samples }, (_, at) => ({ timeMs: at * 15_000, value: 0, histogram })),
    );
    return target;
  }

  it('give what one thread gives', async () => {
    await using target = await largeStore();
    await using alone = openPromqlEngine(target, { workers: 0 });
    await using together = openPromqlEngine(target, { workers: 2 });
    const window = { startMs: 600_000, endMs: 10_000_000, stepMs: 60_000 };
    for (const query of [
      'sum by (rack) (rate(m_total[5m]))',
      'avg(m_total)',
      'stddev by (rack) (m_total * 2)',
      'count by (rack) (m_total > 100)',
      'max(max_over_time(m_total[10m]))',
      'min by (rack) (increase(m_total[5m]))',
      'quantile(0.9, rate(m_total[5m]))',
      'rate(m_total{rack="1"}[5m]) or m_total',
      'sum(quantile_over_time(2, m_total[5m]))',
      'count(rate(n[5m]) > 1e9)',
      'sum by (rack) (n)',
      'topk(3, rate(m_total[5m]))',
      'bottomk by (rack) (2, m_total)',
    ]) {
      const one = await alone.range(query, window, {}, never);
      const many = await together.range(query, window, {}, never);
      assertSame(samplesOf(many), samplesOf(one));
      assert.deepEqual(many.warnings, one.warnings, query);
      assert.deepEqual(many.infos, one.infos, query);
      assert.equal(many.stats.samples, one.stats.samples, query);
      // Whoever computes a part: the answer is the same to the last bit.
      const again = await together.range(query, window, {}, never);
      assert.deepEqual(samplesOf(again), samplesOf(many), query);
    }
  });

  it('stop when the query is canceled', async () => {
    await using target = await largeStore();
    await using engine = openPromqlEngine(target, { workers: 1 });
    const window = { startMs: 600_000, endMs: 10_000_000, stepMs: 1_000 };
    const abort = new AbortController();
    const asked = engine.range('sum(stddev_over_time(m_total[1h]))', window, {}, abort.signal);
    setImmediate(() => abort.abort());
    await assert.rejects(asked, { code: 'PROMQL_CANCELED' });
  });
});
