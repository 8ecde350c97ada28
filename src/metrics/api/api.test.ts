import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import fastify, { type FastifyInstance } from 'fastify';
import { AppError, MetricsRegistry, silentLogger, systemClock } from '#base';
import { labelMatcher, labelsOfRecord } from '#metrics/model';
import type { PromqlEngine, QueryResult, QueryValue } from '#metrics/promql';
import type { MetricStore } from '#metrics/tsdb';
import { unescapeName } from './escaped-names.ts';
import { type MetricsApiDeps, prometheusApiEdge } from './index.ts';
import { JsonSink } from './json-sink.ts';
import { timeText, valueText } from './number-text.ts';
import { parseDuration, parseTimeMs } from './parameters.ts';
import { resultJson } from './result-json.ts';

const noStats = {
  samples: 3,
  peakSamples: 2,
  seriesSelected: 1,
  timings: { parseMs: 1, selectMs: 2, evalMs: 3, totalMs: 6 },
};

const resultOf = (value: QueryValue): QueryResult => ({
  value,
  warnings: [],
  infos: [],
  stats: noStats,
});

describe('numbers of the API', () => {
  const f = (value: number, text: string): void =>
    void it(text, () => assert.equal(valueText(value), text));
  f(0, '0');
  f(-0, '-0');
  f(1, '1');
  f(0.1, '0.1');
  f(1e-6, '0.000001');
  f(1e-7, '1e-07');
  f(-2.5e-7, '-2.5e-07');
  f(1e20, '100000000000000000000');
  f(1e21, '1e+21');
  f(1.5e300, '1.5e+300');
  f(1e-300, '1e-300');
  f(Number.NaN, 'NaN');
  f(Number.POSITIVE_INFINITY, '+Inf');
  f(Number.NEGATIVE_INFINITY, '-Inf');

  const t = (timeMs: number, text: string): void =>
    void it(`time ${text}`, () => assert.equal(timeText(timeMs), text));
  t(0, '0');
  t(1000, '1');
  t(1050, '1.050');
  t(-1050, '-1.050');
  t(-50, '-0.050');
  t(1_700_000_000_123, '1700000000.123');

  it('a sample as bytes is the sample as text', () => {
    const time = fc.oneof(
      fc.integer({ min: -1e15, max: 1e15 }),
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * 1000),
    );
    const decimal = fc
      .tuple(fc.integer({ min: -(10 ** 7), max: 10 ** 10 }), fc.constantFrom(10, 100, 1000, 10_000))
      .map(([n, divisor]) => n / divisor);
    const edge = fc.constantFrom(
      ...[-0, 0.001, 0.0005, 999_999.999, 1_000_000.001, 0.1 + 0.2, 1e9],
      ...[1e-6, 9.99e-7, -1.234567890123456e-6, 1e21, -999_999_999_999_999_900_000],
    );
    const value = fc.oneof(fc.double(), fc.integer(), fc.nat(), decimal, edge);
    fc.assert(
      fc.property(fc.array(fc.tuple(time, value), { minLength: 1, maxLength: 20 }), (pairs) => {
        const sink = new JsonSink();
        const timesMs = Float64Array.from(pairs, ([timeMs]) => timeMs);
        const values = Float64Array.from(pairs, ([, number]) => number);
        assert.equal(sink.samples(timesMs, values, 0), pairs.length);
        const texts = pairs.map(
          ([timeMs, number]) => `[${timeText(timeMs)},"${valueText(number)}"]`,
        );
        assert.equal(Buffer.concat(sink.end()).toString(), texts.join());
        for (const [, number] of pairs) {
          assert.ok(Object.is(Number(valueText(number).replace('Inf', 'Infinity')), number));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('parameters', () => {
  it('times', () => {
    assert.equal(parseTimeMs('1700000000.1235'), 1_700_000_000_124);
    assert.equal(parseTimeMs('2026-01-02T03:04:05.678901234Z'), Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    assert.equal(parseTimeMs('2026-01-02T03:04:05+09:00'), Date.UTC(2026, 0, 1, 18, 4, 5));
    for (const text of ['', 'now', '2026-01-02', 'Infinity', '0x10']) {
      assert.equal(parseTimeMs(text), undefined, text);
    }
  });
  it('durations', () => {
    assert.equal(parseDuration('15'), 15_000);
    assert.equal(parseDuration('0.5'), 500);
    assert.equal(parseDuration('1h30m'), 5_400_000);
    assert.equal(parseDuration('1m1ms'), 60_001);
    for (const text of ['', 'm', '1.5h', '30m1h', '-5m', '1e400']) {
      assert.equal(parseDuration(text), undefined, text);
    }
  });
  it('escaped names', () => {
    const cases = { U__http_2e_x__y: 'http.x_y', http_x: 'http_x', U___110000_: 'U___110000_' };
    for (const [from, to] of Object.entries(cases)) assert.equal(unescapeName(from), to);
  });
});

describe('resultJson()', () => {
  const render = (value: QueryValue, limit = 0): unknown =>
    JSON.parse(
      Buffer.concat([...resultJson(resultOf(value), { limit, buckets: () => [] })]).toString(),
    );

  it('writes matrices, also larger than a chunk, as JSON', () => {
    const points = 20_000;
    const timesMs = Float64Array.from(
      { length: points },
      (_, at) => 1_700_000_000_000 + at * 15_000,
    );
    const values = Float64Array.from({ length: points }, (_, at) => at / 4);
    const labels = labelsOfRecord({ __name__: 'x', path: '/한국 "q"' });
    const series = [{ labels, timesMs, values }];
    assert.deepEqual(render({ type: 'matrix', series }), {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'x', path: '/한국 "q"' },
            values: Array.from(timesMs, (timeMs, at) => [timeMs / 1000, String(at / 4)]),
          },
        ],
      },
    });
  });

  it('cuts at a limit and says so', () => {
    const one = (a: string) => ({
      labels: labelsOfRecord({ a }),
      timesMs: new Float64Array([1000]),
      values: new Float64Array([1]),
    });
    assert.deepEqual(render({ type: 'vector', series: [one('1'), one('2')] }, 1), {
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { a: '1' }, value: [1, '1'] }] },
      warnings: ['results truncated due to limit'],
    });
  });
});

describe('statistics of resultJson()', () => {
  it('give samples with the time of each step', () => {
    const result: QueryResult = {
      ...resultOf({ type: 'matrix', series: [] }),
      stats: { ...noStats, samplesPerStep: Float64Array.of(4, 5) },
    };
    const statsOfSteps = { startMs: 1_700_000_000_500, stepMs: 15_000 };
    const chunks = [...resultJson(result, { limit: 0, statsOfSteps, buckets: () => [] })];
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as {
      data: { stats: { samples: unknown } };
    };
    assert.deepEqual(data.stats.samples, {
      totalQueryableSamples: 3,
      peakSamples: 2,
      totalQueryableSamplesPerStep: [
        [1_700_000_000.5, 4],
        [1_700_000_015.5, 5],
      ],
    });
  });
});

describe('prometheusApiEdge()', () => {
  const asked: unknown[] = [];
  const engine: PromqlEngine = {
    instant: async (query, atMs, options) => {
      asked.push({ query, atMs, ...options });
      if (query === 'bad(')
        throw new AppError('PROMQL_PARSE', '1:5: parse error: unclosed left parenthesis');
      if (query === 'slow')
        throw new AppError('PROMQL_TIMEOUT', 'query timed out in expression evaluation');
      if (query === 'dup') throw new AppError('PROMQL_EXECUTION', 'found duplicate series');
      return resultOf({ type: 'scalar', timeMs: atMs, value: 2 });
    },
    range: async (query, window) => {
      asked.push({ query, ...window });
      return resultOf({ type: 'matrix', series: [] });
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const store = {
    series: async () => [
      labelsOfRecord({ __name__: 'up', job: 'a' }),
      labelsOfRecord({ job: 'b' }),
    ],
    labelNames: async () => ['__name__', 'job'],
    labelValues: async (name: string) => [`value of ${name}`],
    metadata: () => new Map([['up', [{ type: 'gauge', help: 'h', unit: '' }]]]),
    headStats: () => ({ series: 1, chunks: 2, minTimeMs: 3, maxTimeMs: 4, sampleBytes: 5 }),
    cardinality: async () => ({
      seriesCountByMetricName: [{ name: 'up', value: 1 }],
      labelValueCountByLabelName: [],
      memoryInBytesByLabelName: [],
      seriesCountByLabelValuePair: [],
      labelPairs: 7,
    }),
  } as unknown as MetricStore;
  const deps: MetricsApiDeps = {
    store,
    engine,
    language: {
      selector: (text) => {
        if (!text.startsWith('{')) throw new AppError('PROMQL_PARSE', '1:1: parse error: no');
        return [labelMatcher('a', '=', text.slice(1, -1))];
      },
      format: (text) => text.trim(),
      tree: () => ({ type: 'numberLiteral' }),
      selectors: () => [],
      buckets: () => [],
    },
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    version: '1',
    startMs: 0,
    storageRetention: () => '5d or 10GiB',
    flags: () => ({ 'query.timeout': '2m' }),
    externalLabels: () => ({}),
  };

  const open = async (): Promise<FastifyInstance> => {
    const app = fastify();
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    await prometheusApiEdge(deps).register(app);
    return app;
  };
  const get = async (url: string): Promise<{ status: number; body: unknown }> => {
    const response = await (await open()).inject({ url });
    assert.equal(response.headers['content-type'], 'application/json');
    return { status: response.statusCode, body: response.json() };
  };

  it('takes a form and the query string together', async () => {
    const app = await open();
    asked.length = 0;
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/query?time=4',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'query=1%2B1&timeout=5s',
    });
    assert.deepEqual(response.json(), {
      status: 'success',
      data: { resultType: 'scalar', result: [4, '2'] },
    });
    assert.deepEqual(asked, [{ query: '1+1', atMs: 4000, timeoutMs: 5000 }]);
  });

  const refusals: readonly (readonly [url: string, status: number, type: string, error: string])[] =
    [
      [
        'query?query=bad(',
        400,
        'bad_data',
        'invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
      ],
      ['query?query=slow', 503, 'timeout', 'query timed out in expression evaluation'],
      ['query?query=dup', 422, 'execution', 'found duplicate series'],
      [
        'query?query=1&time=x',
        400,
        'bad_data',
        'invalid parameter "time": cannot parse "x" to a valid timestamp',
      ],
      [
        'query?query=1&limit=-1',
        400,
        'bad_data',
        'invalid parameter "limit": limit must be non-negative',
      ],
      [
        'query_range?query=1&start=1&end=0&step=1',
        400,
        'bad_data',
        'invalid parameter "end": end timestamp must not be before start time',
      ],
      [
        'query_range?query=1&start=0&end=1&step=0',
        400,
        'bad_data',
        'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
      ],
      [
        'query_range?query=1&start=0&end=1&step=q',
        400,
        'bad_data',
        'invalid parameter "step": cannot parse "q" to a valid duration',
      ],
      [
        'query_range?query=1&start=0&end=11001&step=1',
        400,
        'bad_data',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      ],
      [
        'query?query=1&lookback_delta=x',
        400,
        'bad_data',
        'invalid parameter "lookback_delta": cannot parse "x" to a valid duration',
      ],
      ['series', 400, 'bad_data', 'no match[] parameter provided'],
      ['metadata?limit=x', 400, 'bad_data', 'limit must be a number'],
      ['metadata?limit_per_metric=1.5', 400, 'bad_data', 'limit_per_metric must be a number'],
      [
        'targets/metadata?match_target=x',
        400,
        'bad_data',
        'invalid parameter "match_target": 1:1: parse error: no',
      ],
      [
        'rules?exclude_alerts=maybe',
        400,
        'bad_data',
        'invalid parameter "exclude_alerts": cannot parse "maybe" to true or false',
      ],
      [
        'series?match[]={}',
        400,
        'bad_data',
        'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
      ],
      ['rules?type=x', 400, 'bad_data', 'invalid parameter "type": not supported value "x"'],
    ];
  for (const [url, status, errorType, error] of refusals) {
    it(`refuses ${url}`, async () => {
      assert.deepEqual(await get(`/api/v1/${url}`), {
        status,
        body: { status: 'error', errorType, error },
      });
    });
  }

  it('takes a lookback of nothing and below for the default', async () => {
    for (const given of ['0', '-5', '0s']) {
      asked.length = 0;
      await get(`/api/v1/query?query=1&time=1&lookback_delta=${given}`);
      assert.deepEqual(asked, [{ query: '1', atMs: 1000 }], given);
    }
    await get('/api/v1/query?query=1&time=1&lookback_delta=1m');
    assert.deepEqual(asked.at(-1), { query: '1', atMs: 1000, lookbackMs: 60_000 });
  });

  it('gives as much metadata as is asked for', async () => {
    const up = [{ type: 'gauge', help: 'h', unit: '' }];
    for (const [limits, data] of [
      ['', { up }],
      ['?limit=-1&limit_per_metric=-1', { up }],
      ['?limit=0', {}],
      ['?limit_per_metric=0', { up: [] }],
    ] as const) {
      assert.deepEqual((await get(`/api/v1/metadata${limits}`)).body, { status: 'success', data });
    }
  });

  it('answers series, labels and values, cut at a limit', async () => {
    const { body } = await get('/api/v1/series?match[]={x}&limit=1');
    assert.deepEqual(body, {
      status: 'success',
      data: [{ __name__: 'up', job: 'a' }],
      warnings: ['results truncated due to limit'],
    });
    const values = await get('/api/v1/label/U__a_2e_b/values');
    assert.deepEqual(values.body, { status: 'success', data: ['value of a.b'] });
  });

  it('has no targets and no rules where nothing is scraped', async () => {
    const { body } = await get('/api/v1/targets');
    const data = { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} };
    assert.deepEqual(body, { status: 'success', data });
    assert.deepEqual((await get('/api/v1/rules')).body, {
      status: 'success',
      data: { groups: [] },
    });
  });

  it('tells of a reload that failed, now and to those who listen, until one succeeds', async () => {
    const config = {
      yaml: () => '',
      reload: async () => {},
      lastReload: { ok: false, atMs: 1000 },
    };
    const app = fastify();
    await prometheusApiEdge({ ...deps, config }).register(app);
    const failed = {
      text: 'Configuration reload has failed.',
      date: '1970-01-01T00:00:01.000Z',
      active: true,
    };
    const now = (await app.inject({ url: '/api/v1/notifications' })).json() as unknown;
    assert.deepEqual(now, { status: 'success', data: [failed] });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const stop = new AbortController();
    const live = await fetch(`${url}/api/v1/notifications/live`, { signal: stop.signal });
    assert.equal(live.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of live.body!) {
      text += Buffer.from(chunk).toString();
      config.lastReload = { ok: true, atMs: 2000 };
      if (text.split('\n\n').length > 2) break;
    }
    stop.abort();
    assert.deepEqual(
      text
        .trim()
        .split('\n\n')
        .map((event) => JSON.parse(event.slice('data: '.length)) as unknown),
      [failed, { ...failed, active: false }],
    );
    await app.close();
  });

  it('ends the program where it may, and says what it is', async () => {
    let quits = 0;
    const app = fastify();
    await prometheusApiEdge({ ...deps, quit: () => void quits++ }).register(app);
    assert.equal((await app.inject({ url: '/-/quit' })).statusCode, 405);
    const answer = await app.inject({ method: 'POST', url: '/-/quit' });
    assert.deepEqual([answer.body, quits], ['Requesting termination... Goodbye!', 1]);
    const other = fastify();
    await prometheusApiEdge(deps).register(other);
    assert.equal((await other.inject({ method: 'POST', url: '/-/quit' })).statusCode, 403);
    const version = (await other.inject({ url: '/version' })).json() as { version: string };
    const { body } = await get('/api/v1/status/buildinfo');
    assert.deepEqual(version, (body as { data: unknown }).data);
    assert.deepEqual((await get('/api/v1/features')).body, { status: 'success', data: {} });
  });

  it('tells of the head', async () => {
    const { body } = await get('/api/v1/status/tsdb');
    const { data } = body as { data: { headStats: unknown } };
    const headStats = { numSeries: 1, numLabelPairs: 7, chunkCount: 2, minTime: 3, maxTime: 4 };
    assert.deepEqual(data.headStats, headStats);
  });

  it('streams compressed where the client takes it', async () => {
    const app = await open();
    const response = await app.inject({
      url: '/api/v1/query_range?query=x&start=0&end=1&step=1',
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.deepEqual(JSON.parse(gunzipSync(response.rawPayload).toString()), {
      status: 'success',
      data: { resultType: 'matrix', result: [] },
    });
  });
});
