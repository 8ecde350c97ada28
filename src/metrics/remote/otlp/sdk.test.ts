/** The OpenTelemetry SDK measures; what it serializes is what its exporters send. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import fastify from 'fastify';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { emptyPrometheusConfig } from '#metrics/config';
import type { FloatHistogram } from '#metrics/model';
import { FakeStore } from '../fake-store.fixture.ts';
import { otlpMetricsEdge } from '../index.ts';
import type { DeltaHandling } from './translate.ts';

const serializers = {
  'application/json': JsonMetricsSerializer,
  'application/x-protobuf': ProtobufMetricsSerializer,
};

/** Three collections: 1, 2 and 3 more of everything. */
async function measured(temporality: AggregationTemporality): Promise<ResourceMetrics[]> {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({
      'service.name': 'shop',
      'service.instance.id': 'i1',
      'deployment.environment': 'test',
      'host.name': 'h1',
    }),
    readers: [reader],
    views: [
      { instrumentName: 'wide', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
      {
        instrumentName: 'took',
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: [1, 10] },
        },
      },
    ],
  });
  const meter = provider.getMeter('m', '1');
  const requests = meter.createCounter('requests', { unit: '1' });
  const took = meter.createHistogram('took', { unit: 's' });
  const wide = meter.createHistogram('wide');
  for (const times of [1, 2, 3]) {
    requests.add(times, { path: '/' });
    for (let at = 0; at < times; at++) {
      took.record(5);
      wide.record(10 ** times);
    }
    await reader.forceFlush();
    // Points are told apart by the millisecond.
    for (const nowMs = Date.now(); Date.now() <= nowMs + 1; ) await setImmediate();
  }
  // The end of the provider would add one more.
  const collected = [...exporter.getMetrics()];
  await provider.shutdown();
  return collected;
}

type Answers = { readonly rejected: number; readonly message: string }[];

async function sent(
  type: keyof typeof serializers,
  collected: readonly ResourceMetrics[],
  deltas: DeltaHandling,
  yaml: Partial<ReturnType<typeof emptyPrometheusConfig>['otlp']> = {},
): Promise<{ readonly fake: FakeStore; readonly answers: Answers }> {
  const fake = new FakeStore();
  const app = fastify();
  await otlpMetricsEdge({
    store: fake.store,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    config: () => ({ ...emptyPrometheusConfig().otlp, ...yaml }),
    clock: systemClock,
    deltas,
  }).register(app);
  const answers: Answers = [];
  for (const one of collected) {
    const payload = Buffer.from(serializers[type].serializeRequest(one)!);
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/otlp/v1/metrics',
      payload,
      headers: { 'content-type': type },
    });
    assert.equal(response.statusCode, 200, response.body);
    assert.equal(response.headers['content-type']?.toString().split(';')[0], type);
    const { partialSuccess } = serializers[type].deserializeResponse(response.rawPayload);
    answers.push({
      rejected: Number(partialSuccess?.rejectedDataPoints ?? 0),
      message: partialSuccess?.errorMessage ?? '',
    });
  }
  return { fake, answers };
}

const valuesOf = (fake: FakeStore, name: string, le?: string): unknown[] =>
  fake.rows
    .filter(
      ({ labels }) => labels['__name__'] === name && (le === undefined || labels['le'] === le),
    )
    .map(({ value }) => (typeof value === 'object' ? (value as FloatHistogram).count : value));

describe('the OpenTelemetry SDK', () => {
  for (const type of ['application/json', 'application/x-protobuf'] as const) {
    it(`sends totals, ${type}`, async () => {
      const collected = await measured(AggregationTemporality.CUMULATIVE);
      const { fake, answers } = await sent(type, collected, 'refuse', {
        promoteResourceAttributes: ['deployment.environment'],
      });
      assert.deepEqual(answers, Array(3).fill({ rejected: 0, message: '' }));
      assert.deepEqual(valuesOf(fake, 'requests_total'), [1, 3, 6]);
      assert.deepEqual(valuesOf(fake, 'took_seconds_bucket', '10.0'), [1, 3, 6]);
      assert.deepEqual(valuesOf(fake, 'took_seconds_bucket', '1.0'), [0, 0, 0]);
      assert.deepEqual(valuesOf(fake, 'wide'), [1, 3, 6]);
      const { labels } = fake.rows.find((row) => row.labels['__name__'] === 'requests_total')!;
      assert.deepEqual(
        { ...labels },
        {
          __name__: 'requests_total',
          job: 'shop',
          instance: 'i1',
          deployment_environment: 'test',
          path: '/',
        },
      );
      const info = fake.rows.find((row) => row.labels['__name__'] === 'target_info')!;
      assert.equal(info.labels['host_name'], 'h1');
      assert.equal(info.labels['instance'], 'i1');
    });

    it(`sends differences, ${type}: refused with their number, added up, or kept`, async () => {
      const collected = await measured(AggregationTemporality.DELTA);
      const refused = await sent(type, collected, 'refuse');
      assert.deepEqual(
        refused.answers.map(({ rejected }) => rejected),
        [3, 3, 3],
      );
      assert.match(
        refused.answers[0]!.message,
        /^invalid temporality and type combination for metric "(requests|took|wide)"$/,
      );
      assert.deepEqual(
        refused.fake.rows.filter((row) => row.labels['__name__'] !== 'target_info'),
        [],
      );
      const { fake } = await sent(type, collected, 'accumulate');
      assert.deepEqual(valuesOf(fake, 'requests_total'), [1, 3, 6]);
      assert.deepEqual(valuesOf(fake, 'took_seconds_bucket', '10.0'), [1, 3, 6]);
      assert.deepEqual(valuesOf(fake, 'took_seconds_sum'), [5, 15, 30]);
      // Each collection had another scale: the totals have the coarsest.
      assert.deepEqual(valuesOf(fake, 'wide'), [1, 3, 6]);
      const totals = await sent(type, await measured(AggregationTemporality.CUMULATIVE), 'refuse');
      const last = (from: FakeStore): unknown =>
        from.rows.filter(({ labels }) => labels['__name__'] === 'wide').at(-1)!.value;
      assert.deepEqual(bucketsOf(last(fake)), bucketsOf(last(totals.fake)));
      const kept = await sent(type, collected, 'keep');
      assert.deepEqual(valuesOf(kept.fake, 'requests_total'), [1, 2, 3]);
      assert.equal(kept.fake.metadataRows.get('requests_total')?.type, 'unknown');
      assert.equal((last(kept.fake) as { counterResetHint: string }).counterResetHint, 'gauge');
    });
  }

  it('makes native histograms of explicit bounds where that is wanted', async () => {
    const collected = await measured(AggregationTemporality.CUMULATIVE);
    const { fake } = await sent('application/x-protobuf', collected, 'refuse', {
      convertHistogramsToNhcb: true,
    });
    const row = fake.rows.filter(({ labels }) => labels['__name__'] === 'took_seconds').at(-1)!;
    const { schema, customValues, positiveBuckets, count, sum } = row.value as never;
    assert.deepEqual(
      [schema, customValues, positiveBuckets, count, sum],
      [-53, [1, 10], [0, 6, 0], 6, 30],
    );
  });
});

/** Counts by how often they were measured: 1, 2 and 3 times in buckets of their own. */
const bucketsOf = (value: unknown): number[] =>
  (value as { positiveBuckets: number[] }).positiveBuckets.filter((count) => count > 0);
