import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fastify from 'fastify';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { emptyPrometheusConfig } from '#metrics/config';
import { ProtoWriter } from '#wire';
import { FakeStore } from '../fake-store.fixture.ts';
import { otlpMetricsEdge } from '../index.ts';
import { nativeHistogramOf } from './exponential.ts';
import { labelNameOf, metricNameOf } from './names.ts';
import type { DeltaHandling } from './translate.ts';

describe('metricNameOf()', () => {
  const f = (
    name: string,
    unit: string,
    kind: 'sum' | 'gauge' | 'other',
    want: string,
    strategy: Parameters<typeof metricNameOf>[1] = 'UnderscoreEscapingWithSuffixes',
  ): void =>
    void it(`${name} ${unit} ${kind} ${strategy}`, () =>
      assert.equal(
        metricNameOf(
          { name, unit, isMonotonicSum: kind === 'sum', isGauge: kind === 'gauge' },
          strategy,
        ),
        want,
      ));
  f('http.server.duration', 'ms', 'other', 'http_server_duration_milliseconds');
  f('system.io', 'By', 'sum', 'system_io_bytes_total');
  f('system.io.total', 'By', 'sum', 'system_io_bytes_total');
  f('requests', '{request}', 'sum', 'requests_total');
  f('cpu.utilization', '1', 'gauge', 'cpu_utilization_ratio');
  f('disk.bytes', 'By', 'gauge', 'disk_bytes');
  f('speed', 'm/s', 'gauge', 'speed_meters_per_second');
  f('1st', '', 'gauge', '_1st');
  f('a..b', '', 'gauge', 'a_b');
  f('http.duration', 's', 'other', 'http.duration_seconds', 'NoUTF8EscapingWithSuffixes');
  f('http.duration', 's', 'sum', 'http_duration', 'UnderscoreEscapingWithoutSuffixes');
  f('http.duration', 's', 'sum', 'http.duration', 'NoTranslation');

  it('labels', () => {
    const names = ['a.b', '1a', '_a', '__a'].map((name) =>
      labelNameOf(name, emptyPrometheusConfig().otlp),
    );
    assert.deepEqual(names, ['a_b', 'key_1a', 'key_a', '__a']);
    const other = {
      ...emptyPrometheusConfig().otlp,
      labelNameUnderscoreSanitization: false,
      labelNamePreserveMultipleUnderscores: false,
    };
    assert.deepEqual(
      ['a..b', '_a', '__a'].map((name) => labelNameOf(name, other)),
      ['a_b', '_a', '_a'],
    );
  });
});

describe('nativeHistogramOf()', () => {
  const point = {
    attributes: new Map(),
    startMs: 0,
    timeMs: 1,
    flags: 0,
    count: 6,
    sum: 1,
    scale: 1,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: -2, counts: [1, 2, 3] },
    negative: { offset: 0, counts: [] },
  };
  it('moves buckets by one, for their bounds are named from the other end', () => {
    const histogram = nativeHistogramOf(point);
    assert.deepEqual(
      [histogram?.schema, histogram?.positiveSpans, histogram?.positiveBuckets],
      [1, [{ offset: -1, length: 3 }], [1, 2, 3]],
    );
  });
  it('makes finer scales coarser', () => {
    const histogram = nativeHistogramOf({ ...point, scale: 9 });
    assert.deepEqual(
      [histogram?.schema, histogram?.positiveSpans, histogram?.positiveBuckets],
      [8, [{ offset: 0, length: 2 }], [3, 3]],
    );
    assert.equal(nativeHistogramOf({ ...point, scale: -5 }), undefined);
  });
});

const timeMs = 1_700_000_000_000;
const nanos = String(BigInt(timeMs) * 1_000_000n);

async function open(deltas: DeltaHandling = 'refuse', otlp = emptyPrometheusConfig().otlp) {
  const fake = new FakeStore();
  const app = fastify();
  await otlpMetricsEdge({
    store: fake.store,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    config: () => otlp,
    clock: systemClock,
    deltas,
  }).register(app);
  const post = (payload: Buffer | string, headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/v1/metrics', payload, headers });
  return { fake, post };
}

describe('otlpMetricsEdge()', () => {
  it('takes JSON: sums, gauges, histograms, summaries, target_info; tells what it cannot take', async () => {
    const { fake, post } = await open();
    const point = {
      timeUnixNano: nanos,
      attributes: [{ key: 'http.method', value: { stringValue: 'GET' } }],
    };
    const body = {
      resourceMetrics: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'shop' } },
              { key: 'service.namespace', value: { stringValue: 'ns' } },
              { key: 'service.instance.id', value: { stringValue: 'i1' } },
              { key: 'host.name', value: { stringValue: 'h' } },
            ],
          },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'reqs',
                  unit: '1',
                  sum: {
                    aggregationTemporality: 2,
                    isMonotonic: true,
                    dataPoints: [{ ...point, asInt: '7' }],
                  },
                },
                {
                  name: 'temp',
                  unit: 'Cel',
                  gauge: {
                    dataPoints: [
                      { ...point, asDouble: 1.5 },
                      { ...point, flags: 1, timeUnixNano: `${BigInt(nanos) + 1_000_000n}` },
                    ],
                  },
                },
                {
                  name: 'lat',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
                    dataPoints: [
                      {
                        ...point,
                        count: '3',
                        sum: 2.5,
                        explicitBounds: [1, 2.5],
                        bucketCounts: ['1', '1', '1'],
                      },
                    ],
                  },
                },
                {
                  name: 'q',
                  summary: {
                    dataPoints: [
                      { ...point, count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] },
                    ],
                  },
                },
                {
                  name: 'delta',
                  sum: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      { ...point, asInt: 1 },
                      { ...point, asInt: 2 },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    };
    const response = await post(gzipSync(JSON.stringify(body)), {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    assert.equal(response.statusCode, 200);
    assert.deepEqual(response.json(), {
      partialSuccess: {
        rejectedDataPoints: '2',
        errorMessage: 'invalid temporality and type combination for metric "delta"',
      },
    });
    const service = { job: 'ns/shop', instance: 'i1' };
    const get = { ...service, http_method: 'GET' };
    assert.deepEqual(
      fake.rows.map((row) => [{ ...row.labels }, row.timeMs - timeMs, row.value]),
      [
        [{ __name__: 'reqs_total', ...get }, 0, 7],
        [{ __name__: 'temp_celsius', ...get }, 0, 1.5],
        [{ __name__: 'temp_celsius', ...get }, 1, 'stale'],
        [{ __name__: 'lat_seconds_bucket', ...get, le: '1.0' }, 0, 1],
        [{ __name__: 'lat_seconds_bucket', ...get, le: '2.5' }, 0, 2],
        [{ __name__: 'lat_seconds_bucket', ...get, le: '+Inf' }, 0, 3],
        [{ __name__: 'lat_seconds_count', ...get }, 0, 3],
        [{ __name__: 'lat_seconds_sum', ...get }, 0, 2.5],
        [{ __name__: 'q', ...get, quantile: '0.5' }, 0, 1],
        [{ __name__: 'q_count', ...get }, 0, 2],
        [{ __name__: 'q_sum', ...get }, 0, 3],
        [{ __name__: 'target_info', ...service, host_name: 'h' }, 1, 1],
      ],
    );
    assert.deepEqual(fake.metadataRows.get('reqs_total'), { type: 'counter', help: '', unit: '1' });
  });

  it('a point says more of itself than its resource does, but not which service it is of', async () => {
    const { fake, post } = await open('refuse', {
      ...emptyPrometheusConfig().otlp,
      promoteResourceAttributes: ['region', 'zone'],
    });
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const point = {
      timeUnixNano: nanos,
      asInt: 1,
      attributes: [
        text('job', 'own'),
        text('region', 'busan'),
        text('a.b', 'second'),
        text('a-b', 'first'),
      ],
    };
    const resource = {
      attributes: [text('service.name', 'shop'), text('region', 'seoul'), text('zone', 'a')],
    };
    const metrics = [{ name: 'temp', gauge: { dataPoints: [point] } }];
    const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
    await post(JSON.stringify(body), { 'content-type': 'application/json' });
    assert.deepEqual(
      { ...fake.rows[0]?.labels },
      { __name__: 'temp', a_b: 'first;second', job: 'shop', region: 'busan', zone: 'a' },
    );
  });

  it('takes protobuf, exponential histograms included', async () => {
    const { fake, post } = await open();
    const writer = new ProtoWriter();
    const resource = writer.open(1);
    const scope = writer.open(2);
    const metric = writer.open(2);
    writer.string(1, 'lat');
    const data = writer.open(10);
    const point = writer.open(1);
    writer.fixed64(3, BigInt(nanos));
    writer.fixed64(4, 3n);
    writer.double(5, 2.5);
    writer.uint(6, 3); // -2 in zigzag
    const positive = writer.open(8);
    writer.uint(1, 2); // 1 in zigzag
    writer.bytes(2, Buffer.from([1, 0xac, 0x02]));
    writer.close(positive);
    writer.close(point);
    writer.uint(2, 2);
    writer.close(data);
    writer.close(metric);
    writer.close(scope);
    writer.close(resource);
    const response = await post(writer.take(), { 'content-type': 'application/x-protobuf' });
    assert.equal(response.statusCode, 200);
    assert.equal(response.rawPayload.length, 0);
    const [row] = fake.rows;
    assert.deepEqual(row?.value, {
      schema: -2,
      zeroThreshold: 1e-128,
      zeroCount: 0,
      count: 3,
      sum: 2.5,
      positiveSpans: [{ offset: 2, length: 2 }],
      positiveBuckets: [1, 300],
      negativeSpans: [],
      negativeBuckets: [],
      customValues: [],
      counterResetHint: 'unknown',
    });
  });

  it('refuses what it cannot read', async () => {
    const { post } = await open();
    const status = async (body: string | Buffer, type: string) =>
      (await post(body, { 'content-type': type })).statusCode;
    assert.equal(await status('{', 'application/json'), 400);
    assert.equal(await status('{"resourceMetrics":1}', 'application/json'), 400);
    assert.equal(await status(Buffer.from([0x0a, 0xff]), 'application/x-protobuf'), 400);
    assert.equal(await status('x', 'text/plain'), 415);
  });
});
