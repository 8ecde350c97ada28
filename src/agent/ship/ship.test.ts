import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { encodeBatch, SectionBuilder } from '#logs/batch';
import { Spool } from '../spool/spool.ts';
import { FakeReceiver } from '../testing/receiver.ts';
import { until } from '../testing/until.ts';
import { BatchClient } from './client.ts';
import { Shipper } from './shipper.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-ship-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function spoolOf(count: number): Promise<Spool> {
  const deps = { clock: systemClock, logger: silentLogger };
  const spool = await Spool.open({ folder, maxBytes: 1024 * 1024 * 1024 }, deps);
  for (let i = 0; i < count; i++) {
    const section = new SectionBuilder('g', 's');
    section.add(i, `line ${i}`);
    const raw = encodeBatch([section.finish()]);
    const payload = zstdCompressSync(raw);
    await spool.append({ payload, events: 1, rawBytes: raw.length, checkpoints: [] });
  }
  return spool;
}

/** Ships until the spool is empty; returns the metrics. */
async function ship(spool: Spool, url: string, during?: () => Promise<void>): Promise<string> {
  const client = new BatchClient({ url, timeoutMs: 300, maxConnections: 4 });
  const metrics = new MetricsRegistry();
  const shipper = new Shipper(spool, client, { clock: systemClock, logger: silentLogger, metrics });
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  await during?.();
  await until(() => spool.frames === 0);
  stop.abort();
  await running;
  client.close();
  return metrics.render();
}

const expected = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);
const sorted = (receiver: FakeReceiver): string[] =>
  receiver.events.toSorted((a, b) => a.timestampMs - b.timestampMs).map(({ message }) => message);

describe('Shipper', () => {
  it('waits for a server that is away and then delivers everything once', async () => {
    await using spool = await spoolOf(20);
    let receiver = await FakeReceiver.start();
    const { port } = new URL(receiver.url);
    await receiver[Symbol.asyncDispose]();
    const metrics = await ship(spool, `http://127.0.0.1:${port}`, async () => {
      await until(() => spool.frames === 20);
      receiver = await FakeReceiver.start(Number(port));
    });
    assert.deepEqual(sorted(receiver), expected(20));
    assert.match(metrics, /nunchi_agent_batches_sent_total 20/);
    await receiver[Symbol.asyncDispose]();
  });

  it('sends again what was stored and not acknowledged; it is stored once', async () => {
    await using receiver = await FakeReceiver.start();
    await using spool = await spoolOf(20);
    receiver.dropAnswers = 3;
    const metrics = await ship(spool, receiver.url);
    assert.deepEqual(sorted(receiver), expected(20));
    assert.equal(receiver.duplicates, 3);
    assert.match(metrics, /nunchi_agent_batches_duplicate_total [1-3]/);
  });

  it('drops only what the server will never take, and counts it', async () => {
    await using receiver = await FakeReceiver.start();
    await using spool = await spoolOf(5);
    receiver.refuseWith = 400;
    assert.match(
      await ship(spool, receiver.url),
      /nunchi_agent_events_dropped_total\{reason="refused"\} 5/,
    );
  });

  for (const status of [401, 404, 429, 500, 503]) {
    it(`keeps what is answered with ${status}`, async () => {
      await using receiver = await FakeReceiver.start();
      await using spool = await spoolOf(2);
      receiver.refuseWith = status;
      await ship(spool, receiver.url, async () => {
        await until(() => receiver.requests >= 3);
        assert.equal(spool.frames, 2);
        receiver.refuseWith = undefined;
      });
      assert.deepEqual(sorted(receiver), expected(2));
    });
  }
});

describe('BatchClient', () => {
  const cases = [
    ['a page of some other program', 200, {}, '<html>welcome</html>', 'retry', undefined],
    ['an empty success', 200, {}, '', 'retry', undefined],
    ['stored', 200, {}, '{"duplicate": false}', 'stored', undefined],
    ['Retry-After', 503, { 'retry-after': '7' }, '', 'retry', 7000],
    ['an endless Retry-After', 503, { 'retry-after': '1e15' }, '', 'retry', 300_000],
    ['a Retry-After that is no number', 503, { 'retry-after': 'soon' }, '', 'retry', undefined],
  ] as const;
  for (const [name, status, headers, body, kind, afterMs] of cases) {
    it(name, async () => {
      const server = createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(status, headers).end(body));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = new BatchClient({ url, timeoutMs: 5000, maxConnections: 1 });
      const source = { id: 'a', number: 1 };
      const result = await client.send(source, Buffer.from('x'), new AbortController().signal);
      assert.equal(result.kind, kind);
      if (result.kind === 'retry') assert.equal(result.afterMs, afterMs);
      client.close();
      server.close();
    });
  }

  it('a server that does not answer in time is tried again', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new BatchClient({ url, timeoutMs: 50, maxConnections: 1 });
    const source = { id: 'a', number: 1 };
    const result = await client.send(source, Buffer.from('x'), new AbortController().signal);
    assert.equal(result.kind, 'retry');
    client.close();
    server.closeAllConnections();
    server.close();
  });
});
