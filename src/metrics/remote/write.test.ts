import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import fastify from 'fastify';
import { compress } from 'snappy';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { type FloatHistogram, labelsOfRecord, staleValue } from '#metrics/model';
import { FakeStore } from './fake-store.fixture.ts';
import { encodeWriteV1, encodeWriteV2, type OutgoingSeries, remoteWriteEdge } from './index.ts';
import { SeriesTable } from './series-table.ts';

const nowMs = 1_700_000_000_000;
const typeV2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

const histogram: FloatHistogram = {
  schema: -2,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 12.5,
  sum: -3.25,
  positiveSpans: [
    { offset: -3, length: 2 },
    { offset: 4, length: 1 },
  ],
  positiveBuckets: [1, 4, 2.5],
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeBuckets: [3],
  customValues: [],
  counterResetHint: 'gauge',
};

async function open(fake = new FakeStore()) {
  const app = fastify();
  const clock = new ManualClock(nowMs);
  await remoteWriteEdge({
    store: fake.store,
    clock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
  }).register(app);
  const post = async (body: Buffer, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/write',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        ...headers,
      },
      payload: body,
    });
  const write = async (version: 'v1' | 'v2', series: readonly OutgoingSeries[]) =>
    version === 'v1'
      ? post(await compress(encodeWriteV1(series)))
      : post(await compress(encodeWriteV2(series)), { 'content-type': typeV2 });
  return { fake, post, write };
}

const up = labelsOfRecord({ __name__: 'up', job: '한국', instance: 'a:1' });
const down = labelsOfRecord({ __name__: 'down', job: 'b' });

describe('remoteWriteEdge()', () => {
  for (const version of ['v1', 'v2'] as const) {
    it(`${version} stores samples, markers, histograms and exemplars`, async () => {
      const { fake, write } = await open();
      const exemplar = { labels: labelsOfRecord({ trace_id: 'x' }), value: 0.5, timeMs: nowMs };
      const response = await write(version, [
        {
          labels: up,
          samples: [
            { timeMs: nowMs - 15_000, value: 1.5 },
            { timeMs: nowMs, value: staleValue() },
          ],
          exemplars: [exemplar],
        },
        { labels: down, samples: [{ timeMs: nowMs, value: 0, histogram }] },
      ]);
      assert.equal(response.statusCode, 204);
      const labels = { __name__: 'up', job: '한국', instance: 'a:1' };
      assert.deepEqual(
        fake.rows.map((row) => ({ ...row, labels: { ...row.labels } })),
        [
          { labels, timeMs: nowMs - 15_000, value: 1.5, startTimeMs: 0 },
          { labels, timeMs: nowMs, value: 'stale', startTimeMs: 0 },
          {
            labels: { __name__: 'down', job: 'b' },
            timeMs: nowMs,
            value: histogram,
            startTimeMs: 0,
          },
        ],
      );
      assert.deepEqual(fake.exemplarRows, [{ ref: 1, ...exemplar }]);
      if (version === 'v1') return;
      assert.equal(response.headers['x-prometheus-remote-write-samples-written'], '2');
      assert.equal(response.headers['x-prometheus-remote-write-histograms-written'], '1');
      assert.equal(response.headers['x-prometheus-remote-write-exemplars-written'], '1');
    });

    it(`${version} looks a series up once, and again when the store has forgotten it`, async () => {
      const { fake, write } = await open();
      for (let step = 0; step < 5; step++) {
        await write(version, [{ labels: up, samples: [{ timeMs: nowMs + step, value: step }] }]);
      }
      assert.equal(fake.lookups, 1);
      fake.forgetSeries();
      const response = await write(version, [
        { labels: up, samples: [{ timeMs: nowMs + 9, value: 9 }] },
      ]);
      assert.equal(response.statusCode, 204);
      assert.equal(fake.lookups, 2);
      assert.deepEqual(
        fake.rows.map((row) => row.value),
        [0, 1, 2, 3, 4, 9],
      );
    });

    it(`${version} stores what it can and tells the first reason`, async () => {
      const { fake, write } = await open();
      const response = await write(version, [
        {
          labels: up,
          samples: [
            { timeMs: nowMs, value: 1 },
            { timeMs: nowMs - 1, value: 2 },
          ],
        },
        { labels: down, samples: [{ timeMs: nowMs, value: 3 }] },
      ]);
      assert.deepEqual([response.statusCode, response.body], [400, 'out of order sample\n']);
      assert.deepEqual(
        fake.rows.map((row) => row.value),
        [1, 3],
      );
      const future = await write(version, [
        { labels: up, samples: [{ timeMs: nowMs + 11 * 60_000, value: 1 }] },
      ]);
      assert.deepEqual([future.statusCode, future.body], [400, 'out of bounds\n']);
    });

    it(`${version} leaves out series without a name, stores the others`, async () => {
      const { fake, write } = await open();
      const response = await write(version, [
        { labels: labelsOfRecord({ job: 'x' }), samples: [{ timeMs: nowMs, value: 1 }] },
        { labels: down, samples: [{ timeMs: nowMs, value: 3 }] },
      ]);
      assert.equal(response.statusCode, version === 'v1' ? 204 : 400);
      assert.deepEqual(
        fake.rows.map((row) => row.value),
        [3],
      );
    });

    it(`${version} refuses new series beyond the limit, known ones go on`, async () => {
      const fake = new FakeStore();
      fake.maxSeries = 1;
      const { write } = await open(fake);
      const both = [up, down].map((labels) => ({ labels, samples: [{ timeMs: nowMs, value: 1 }] }));
      const response = await write(version, both);
      assert.deepEqual(
        [response.statusCode, response.body],
        [400, 'the limit of series is reached\n'],
      );
      assert.equal(fake.rows.length, 1);
    });

    it(`${version} answers a body that is cut off or wrong with 400, whatever it is`, async () => {
      const { post } = await open();
      const series = [{ labels: up, samples: [{ timeMs: nowMs, value: 1, histogram }] }];
      const body = version === 'v1' ? encodeWriteV1(series) : encodeWriteV2(series);
      const headers = version === 'v1' ? {} : { 'content-type': typeV2 };
      for (let length = 1; length < body.length; length += 3) {
        const response = await post(await compress(body.subarray(0, length)), headers);
        assert.ok([204, 400].includes(response.statusCode), `${length}: ${response.body}`);
      }
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
          const response = await post(await compress(Buffer.from(bytes)), headers);
          assert.ok([204, 400].includes(response.statusCode), response.body);
        }),
      );
      assert.equal((await post(Buffer.from('no snappy'), headers)).statusCode, 400);
    });
  }

  it('takes many requests at once, each with its own series', async () => {
    const { fake, write } = await open();
    const numbers = Array.from({ length: 40 }, (_, at) => at);
    const answers = await Promise.all(
      numbers.map((number) => {
        const labels = labelsOfRecord({ __name__: 'm', number: String(number) });
        return write(number % 2 === 0 ? 'v1' : 'v2', [
          { labels, samples: [{ timeMs: nowMs, value: number }] },
        ]);
      }),
    );
    assert.ok(answers.every(({ statusCode }) => statusCode === 204));
    const rows = fake.rows.map(({ labels, value }) => [labels['number'], value]);
    assert.deepEqual(
      rows.sort(([a], [b]) => Number(a) - Number(b)),
      numbers.map((number) => [String(number), number]),
    );
  });

  for (const version of ['v1', 'v2'] as const) {
    it(`${version} reads times and values of any width`, async () => {
      const time = fc.oneof(
        fc.integer({ min: -(2 ** 45), max: nowMs }),
        fc.integer({ min: 0, max: 40 }).map((bits) => 2 ** bits - 1),
        fc.integer({ min: 0, max: 40 }).map((bits) => 2 ** bits),
      );
      const shape = { timeMs: time, value: fc.double({ noNaN: true }) };
      const sample = fc.record(shape, { noNullPrototype: true });
      const property = fc.asyncProperty(
        fc.array(sample, { minLength: 1, maxLength: 20 }),
        async (samples) => {
          const { fake, write } = await open();
          const series = samples.map((each, at) => ({
            labels: labelsOfRecord({ __name__: 'm', at: String(at) }),
            samples: [each],
          }));
          assert.equal((await write(version, series)).statusCode, 204);
          assert.deepEqual(
            fake.rows.map(({ timeMs, value }) => ({ timeMs, value })),
            samples,
          );
        },
      );
      await fc.assert(property, { numRuns: 50 });
    });
  }

  it('takes metadata', async () => {
    const { fake, post, write } = await open();
    const metadata = { type: 'gauge', help: 'Up', unit: 'bool' } as const;
    await post(await compress(encodeWriteV1([], [['up', metadata]])));
    assert.deepEqual(fake.metadataRows.get('up'), metadata);
    await write('v2', [{ labels: down, samples: [{ timeMs: nowMs, value: 1 }], metadata }]);
    assert.deepEqual(fake.metadataRows.get('down'), metadata);
  });

  it('refuses other types and encodings with 415', async () => {
    const { post } = await open();
    const body = await compress(encodeWriteV1([]));
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-protobuf;proto=x.y' },
      { 'content-encoding': 'zstd' },
    ]) {
      assert.equal((await post(body, headers)).statusCode, 415);
    }
  });
});

describe('SeriesTable', () => {
  it('is a map from bytes to references', () => {
    const key = fc.uint8Array({ maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 3000 }), (pairs) => {
        const table = new SeriesTable();
        const model = new Map<string, number>();
        for (const [bytes, ref] of pairs) {
          const buffer = Buffer.from(bytes);
          const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
          const found = table.find(view, 0, buffer.length);
          const known = model.get(buffer.toString('hex'));
          assert.equal(found < 0 ? undefined : table.refAt(found), known);
          if (found >= 0) {
            assert.ok(table.bytesOf(found).equals(buffer));
            table.setRef(found, ref);
          } else table.add(view, 0, buffer.length, ref);
          model.set(buffer.toString('hex'), ref);
        }
        assert.equal(table.size, model.size);
      }),
      { numRuns: 20 },
    );
  });
});
