import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { type LogStore, openLogStore } from '#logs/store';
import { encodeForward, encodeForwardEntries } from '#wire';
import { startForwardServer } from './forward.ts';
import { linesEdge } from './lines.ts';
import { serveEdge } from './testing.ts';

async function withStore(run: (store: LogStore) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'nunchi-receive-'));
  try {
    await using store = await openLogStore({ directory, reserveBytes: 0 });
    await run(store);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const count = async (store: LogStore, group: string): Promise<number> => {
  const signal = new AbortController().signal;
  const page = await store.readEvents(
    { groups: [group], fromMs: 0, toMs: Date.now() + 1e9, direction: 'forward', maxEvents: 1e6 },
    signal,
  );
  return page.events.length;
};

describe('receivers over the embedded store', () => {
  const depsOf = (store: LogStore) => ({
    store,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    clock: systemClock,
  });

  it('forward: what is acknowledged is readable, every event once', async () => {
    await withStore(async (store) => {
      await using server = await startForwardServer({ listen: '127.0.0.1:0' }, depsOf(store));
      const seconds = Math.floor(Date.now() / 1000);
      const socket = net.connect(server.port, '127.0.0.1');
      let answers = '';
      const messages = 50;
      const done = new Promise<void>((resolve) => {
        socket.on('data', (piece) => {
          // An acknowledgement is {"ack": "cNN"}: count its key.
          answers += (piece as Buffer).toString('latin1');
          if (answers.split('ack').length - 1 === messages) resolve();
        });
      });
      for (let i = 0; i < messages; i++) {
        const entries = encodeForwardEntries(
          Array.from({ length: 100 }, (_, n) => ({
            time: { seconds, nanoseconds: n },
            record: new Map([['log', `line ${i}/${n}`]]),
          })),
        );
        socket.write(encodeForward('app.web', entries, { chunk: `c${i}`, size: 100 }));
      }
      await done;
      socket.destroy();
      assert.equal(await count(store, '/nunchi/forward/app'), messages * 100);
    });
  });

  it('HTTP lines: what is accepted is readable', async () => {
    await withStore(async (store) => {
      await using server = await serveEdge(linesEdge(depsOf(store)));
      const lines = Array.from({ length: 10_000 }, (_, i) => `{"n":${i},"text":"한글"}`);
      const url = `${server.url}/nunchi/logs/ingest?group=/app&stream=s`;
      const response = await fetch(url, { method: 'POST', body: Buffer.from(lines.join('\n')) });
      assert.equal(((await response.json()) as { accepted: number }).accepted, 10_000);
      assert.equal(await count(store, '/app'), 10_000);
    });
  });
});
