import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

/** Plain lines over HTTP: each call is a batch, acknowledged when it is durable. */
async function put(rig: Rig, group: string, lines: readonly string[]): Promise<void> {
  const url = `${rig.url}/nunchi/logs/ingest/${encodeURIComponent(group)}/s`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  });
  assert.ok(response.ok, `${response.status} ${await response.text()}`);
}

async function stored(rig: Rig, group: string): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of rig.messages([group])) messages.push(message);
  return messages.sort();
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length * at)]! ^= 0x41;
  writeFileSync(path, bytes);
}

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();

const linesOf = (name: string): string[] =>
  Array.from({ length: 500 }, (_, i) => `${name} ${i} ${Math.random()}`);

describe('bytes that change on the disk between two runs', { concurrency: 1 }, () => {
  it('in a segment: it is set aside, said so, and the rest serves', async () => {
    await using rig = await Rig.open({
      serverConfig: { logs: { store: { minFreeDisk: '1MiB', segment: { maxFreshAge: '1s' } } } },
    });
    const segments = join(rig.folder, 'server', 'logs', 'segments');
    await rig.startServer();
    await put(rig, '/first', linesOf('first'));
    await put(rig, '/second', linesOf('second'));
    const files = await eventually(() => {
      const found = filesIn(segments, '.parquet');
      return found.length >= 2 ? found : undefined;
    }, 120_000);
    const whole = await stored(rig, '/second');
    assert.equal(whole.length, 500);
    await rig.server.kill();
    flip(files[0]!, 0.4);
    await rig.startServer();
    const left = [...(await stored(rig, '/first')), ...(await stored(rig, '/second'))];
    assert.equal(left.length, 500, 'one of the two is there, whole');
    assert.equal(readdirSync(join(segments, '..', 'damaged')).length > 0, true);
    await eventually(
      () => (/damaged|set aside/i.test(rig.server.log) ? true : undefined),
      120_000,
      () => rig.server.log,
    );
    await put(rig, '/first', ['after']);
    assert.ok((await stored(rig, '/first')).includes('after'));
    assert.ok((await rig.server.stop()) && rig.server.starts === 2);
  });

  it('in the write-ahead log: that batch is set aside, said so, and the rest serves', async () => {
    await using rig = await Rig.open({
      serverConfig: { logs: { store: { minFreeDisk: '1MiB' } } },
    });
    await rig.startServer();
    for (const name of ['one', 'two', 'three']) await put(rig, '/a', linesOf(name));
    await rig.server.kill();
    const [wal] = filesIn(join(rig.folder, 'server', 'logs', 'wal'), '.wal').filter(
      (path) => statSync(path).size > 0,
    );
    flip(wal!, 0.5);
    await rig.startServer();
    const kinds = new Set((await stored(rig, '/a')).map((line) => line.split(' ')[0]));
    assert.deepEqual(kinds, new Set(['one', 'three']));
    assert.match(rig.server.log, /write-ahead log/i);
    await put(rig, '/a', ['after']);
    assert.equal((await stored(rig, '/a')).length, 1001);
    assert.ok(await rig.server.stop());
  });
});
