import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchClient } from '../ship/client.ts';
import { MetricReceiver } from './receiver.fixture.ts';
import { SeriesBook } from './series-book.ts';
import { compressSnappy } from './snappy.ts';
import type { WriteRequest } from './write-request.ts';

const timeMs = 1_700_000_000_000;
const signal = new AbortController().signal;

async function open() {
  const receiver = await MetricReceiver.start();
  const client = new BatchClient({ url: receiver.url, timeoutMs: 10_000, maxConnections: 1 });
  return {
    receiver,
    send: ({ body }: WriteRequest) => client.writeMetrics(compressSnappy(body), signal),
    [Symbol.asyncDispose]: async () => {
      client.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

describe('SeriesBook', () => {
  it('makes requests that the server stores: labels, values, types, help', async () => {
    await using rig = await open();
    const book = new SeriesBook();
    const sink = book.target(['instance', 'a:9100', 'job', 'node']);
    book.begin(timeMs);
    sink.gauge('node_load1', '1m load average.', 0.25);
    sink.counter('node_x_total', 'Dinge über 한국', 2 ** 53, ['z', '1', 'a', 'ü', 'gone', '']);
    sink.untyped('node_vmstat_x', 'x', -1);
    const request = book.end();
    assert.equal(request.samples, 3);
    assert.deepEqual(await rig.send(request), { kind: 'stored', written: 3 });
    assert.deepEqual(await rig.receiver.series('node_load1'), [
      {
        labels: { __name__: 'node_load1', instance: 'a:9100', job: 'node' },
        samples: [[timeMs, 0.25]],
      },
    ]);
    assert.deepEqual(await rig.receiver.series('node_x_total'), [
      {
        labels: { __name__: 'node_x_total', a: 'ü', instance: 'a:9100', job: 'node', z: '1' },
        samples: [[timeMs, 2 ** 53]],
      },
    ]);
    const metadata = rig.receiver.store.metadata();
    assert.deepEqual(
      [...metadata].map(([name, [found]]) => [name, found?.type, found?.help]).sort(),
      [
        ['node_load1', 'gauge', '1m load average.'],
        ['node_vmstat_x', 'unknown', 'x'],
        ['node_x_total', 'counter', 'Dinge über 한국'],
      ],
    );
  });

  it('marks a series that is gone once, and all of them at the end', async () => {
    await using rig = await open();
    const book = new SeriesBook();
    const sink = book.target(['job', 'node']);
    const collect = async (at: number, devices: readonly string[]): Promise<number> => {
      book.begin(at);
      for (const device of devices) sink.gauge('disk', 'Disks', at - timeMs, ['device', device]);
      const request = book.end();
      await rig.send(request);
      return request.samples;
    };
    assert.equal(await collect(timeMs, ['a', 'b']), 2);
    assert.equal(await collect(timeMs + 1, ['a']), 2);
    assert.equal(await collect(timeMs + 2, ['a']), 1);
    assert.equal(await collect(timeMs + 3, ['a', 'b']), 2);
    await rig.send(book.endAll(timeMs + 4));
    assert.equal(book.series, 0);
    const samples = (await rig.receiver.series('disk')).map((series) => series.samples);
    assert.deepEqual(samples, [
      [
        [timeMs, 0],
        [timeMs + 1, 1],
        [timeMs + 2, 2],
        [timeMs + 3, 3],
        [timeMs + 4, 'stale'],
      ],
      [
        [timeMs, 0],
        [timeMs + 1, 'stale'],
        [timeMs + 3, 3],
        [timeMs + 4, 'stale'],
      ],
    ]);
  });

  it('forgets the texts of series that are gone', () => {
    const book = new SeriesBook();
    const sink = book.target([]);
    let bytes = 0;
    for (let round = 0; round < 40; round++) {
      book.begin(timeMs + round);
      for (let at = 0; at < 100; at++) {
        sink.gauge('pod', 'Pods', at, ['pod', `pod-with-a-long-name-${round}-${at}`]);
      }
      bytes = book.end().body.length;
    }
    assert.ok(bytes < 120_000, `${bytes} bytes`);
  });

  it('leaves out and counts what is beyond its bound; the known go on', () => {
    const book = new SeriesBook({ maxSeries: 2 });
    const sink = book.target([]);
    for (let round = 0; round < 2; round++) {
      book.begin(timeMs + round);
      for (const name of ['a', 'b', 'c']) sink.gauge(name, '', 1);
      assert.equal(book.end().samples, 2);
    }
    assert.equal(book.refused, 2);
  });
});
