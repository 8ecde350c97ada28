import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import fastify from 'fastify';
import { compress, uncompress } from 'snappy';
import { ManualClock, silentLogger } from '#base';
import { crc32c, encodeXorChunk } from '#metrics/chunks';
import { labelsOfRecord, setStaleAt, wordsOf } from '#metrics/model';
import { parseSelector } from '#metrics/promql';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { ProtoReader, ProtoWriter } from '#wire';
import { federateEdge, remoteReadEdge } from './index.ts';

/** Reads what `encodeXorChunk` writes; plain and slow. */
function decodeXorChunk(bytes: Buffer): { times: number[]; bits: bigint[] } {
  let at = 16;
  const bit = (): number => (bytes[at >> 3]! >> (7 - (at++ & 7))) & 1;
  const bits = (count: number): bigint => {
    let value = 0n;
    for (let i = 0; i < count; i++) value = (value << 1n) | BigInt(bit());
    return value;
  };
  const uvarint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = Number(bits(8));
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const times: number[] = [];
  const values: bigint[] = [];
  let delta = 0;
  let leading = 0;
  let trailing = 0;
  for (let row = 0; row < bytes.readUInt16BE(0); row++) {
    if (row === 0) {
      const zigzag = uvarint();
      times.push(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
      values.push(bits(64));
      continue;
    }
    if (row === 1) delta = uvarint();
    else {
      let ones = 0;
      while (ones < 4 && bit() === 1) ones++;
      const size = [0, 14, 17, 20, 64][ones]!;
      const raw = bits(size);
      const half = size === 0 ? 0n : 1n << BigInt(size - 1);
      delta += Number(
        size > 0 && (size === 64 ? raw >= half : raw > half) ? raw - (1n << BigInt(size)) : raw,
      );
    }
    times.push(times.at(-1)! + delta);
    if (bit() === 0) {
      values.push(values.at(-1)!);
      continue;
    }
    if (bit() === 1) {
      leading = Number(bits(5));
      const significant = Number(bits(6)) || 64;
      trailing = 64 - leading - significant;
    }
    values.push(values.at(-1)! ^ (bits(64 - leading - trailing) << BigInt(trailing)));
  }
  return { times, bits: values };
}

describe('encodeXorChunk()', () => {
  it('keeps times and every bit of the values', () => {
    const step = fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 2 ** 40 }));
    const value = fc.oneof(fc.double(), fc.integer(), fc.constant(1));
    fc.assert(
      fc.property(fc.array(fc.tuple(step, value), { minLength: 1, maxLength: 120 }), (rows) => {
        let timeMs = 1_700_000_000_000;
        const timesMs = Float64Array.from(rows, ([stepMs]) => (timeMs += stepMs));
        const values = Float64Array.from(rows, ([, number]) => number);
        if (rows.length > 1) setStaleAt(wordsOf(values), 1);
        const decoded = decodeXorChunk(encodeXorChunk(timesMs, values, 0, rows.length));
        assert.deepEqual(decoded.times, [...timesMs]);
        assert.deepEqual(decoded.bits, [...new BigUint64Array(values.buffer)]);
      }),
    );
  });
});

it('crc32c() is the Castagnoli sum', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

const nowMs = 1_700_000_000_000;

async function filled() {
  const store = openMemoryMetricStore();
  const batch = new SampleBatch();
  const add = (labels: Record<string, string>, agoMs: number, value: number | 'stale'): void => {
    batch.add(
      store.seriesRef(labelsOfRecord(labels)),
      nowMs - agoMs,
      value === 'stale' ? 0 : value,
    );
    if (value === 'stale') setStaleAt(wordsOf(batch.values), batch.length - 1);
  };
  add({ __name__: 'up', job: 'a', instance: 'a:1' }, 30_000, 0);
  add({ __name__: 'up', job: 'a', instance: 'a:1' }, 15_000, 1);
  add({ __name__: 'up', job: 'gone' }, 30_000, 1);
  add({ __name__: 'up', job: 'gone' }, 15_000, 'stale');
  add({ __name__: 'up', job: 'old' }, 400_000, 1);
  add({ __name__: 'bare', job: 'a' }, 1000, 2.5);
  await store.append(batch);
  const app = fastify();
  const externalLabels = (): Record<string, string> => ({ cluster: 'x', job: 'never' });
  await federateEdge({
    store,
    clock: new ManualClock(nowMs),
    log: silentLogger,
    lookbackMs: 300_000,
    selector: parseSelector,
    externalLabels,
  }).register(app);
  await remoteReadEdge({ store, log: silentLogger, externalLabels }).register(app);
  return app;
}

describe('federateEdge()', () => {
  it('gives the newest samples that are neither stale nor too old', async () => {
    const app = await filled();
    const match = ['up', '{job="a"}']
      .map((text) => `match[]=${encodeURIComponent(text)}`)
      .join('&');
    const response = await app.inject({ url: `/federate?${match}` });
    assert.equal(
      response.body,
      `# TYPE bare untyped
bare{cluster="x",instance="",job="a"} 2.5 ${nowMs - 1000}
# TYPE up untyped
up{cluster="x",instance="a:1",job="a"} 1 ${nowMs - 15_000}
`,
    );
  });

  it('takes a selector that every series matches for everything, an empty one for nothing', async () => {
    const app = await filled();
    const names = async (text: string): Promise<string> => {
      const response = await app.inject({ url: `/federate?match[]=${encodeURIComponent(text)}` });
      assert.equal(response.statusCode, 200, response.body);
      return response.body.replace(/^#.*\n|[{].*\n/gm, ' ');
    };
    assert.equal(await names('{job=~".*"}'), ' bare  up ');
    assert.equal(await names('{a=""}'), ' bare  up ');
    assert.equal(await names('{}'), '');
    const refused = await app.inject({ url: '/federate?match[]=up(' });
    assert.equal(refused.statusCode, 400, refused.body);
  });
});

describe('remoteReadEdge()', () => {
  const request = (matchers: readonly (readonly [number, string, string])[], types: number[]) => {
    const writer = new ProtoWriter();
    const query = writer.open(1);
    writer.int64(1, nowMs - 60_000);
    writer.int64(2, nowMs);
    for (const [type, name, value] of matchers) {
      const matcher = writer.open(3);
      writer.uint(1, type);
      writer.string(2, name);
      writer.string(3, value);
      writer.close(matcher);
    }
    writer.close(query);
    for (const type of types) writer.uint(2, type);
    return writer.take();
  };
  const post = async (body: Buffer) =>
    (await filled()).inject({ method: 'POST', url: '/api/v1/read', payload: await compress(body) });

  it('answers samples with external labels, whose matchers mean that there is none', async () => {
    const response = await post(
      request(
        [
          [0, '__name__', 'up'],
          [0, 'cluster', 'x'],
          [0, 'job', 'a'],
        ],
        [],
      ),
    );
    const reader = new ProtoReader(
      (await uncompress(response.rawPayload, { asBuffer: true })) as Buffer,
    );
    assert.ok(reader.nextField());
    const result = reader.message();
    assert.ok(result.nextField());
    const series = result.message();
    const labels: string[] = [];
    const samples: [number, number][] = [];
    while (series.nextField()) {
      const inner = series.message();
      if (series.field === 1) {
        while (inner.nextField()) labels.push(inner.string());
        continue;
      }
      const sample: [number, number] = [0, 0];
      while (inner.nextField()) {
        if (inner.field === 1) sample[1] = inner.double();
        else sample[0] = Number(inner.int64());
      }
      samples.push(sample);
    }
    assert.deepEqual(labels, ['__name__', 'up', 'cluster', 'x', 'instance', 'a:1', 'job', 'a']);
    assert.deepEqual(samples, [
      [nowMs - 30_000, 0],
      [nowMs - 15_000, 1],
    ]);
  });

  it('streams chunks in frames with their sums', async () => {
    const response = await post(request([[0, 'job', 'a']], [1]));
    assert.match(String(response.headers['content-type']), /ChunkedReadResponse/);
    const bytes = response.rawPayload;
    const names: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = bytes[at]!;
      const message = bytes.subarray(at + 5, at + 5 + length);
      assert.equal(bytes.readUInt32BE(at + 1), crc32c(message));
      const reader = new ProtoReader(message);
      assert.ok(reader.nextField());
      const series = reader.message();
      while (series.nextField()) {
        const inner = series.message();
        while (inner.nextField()) {
          if (series.field === 1 && inner.field === 2) names.push(inner.string());
          else if (series.field === 2 && inner.field === 4) {
            const { times } = decodeXorChunk(inner.bytes());
            names.push(`${times.length} samples`);
          } else inner.skip();
        }
      }
      at += 5 + length;
    }
    assert.deepEqual(names, ['bare', 'x', 'a', '1 samples', 'up', 'x', 'a:1', 'a', '2 samples']);
  });
});
