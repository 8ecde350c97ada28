import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SectionBuilder } from '#logs/batch';
import { type LocalLogStore, openLogStore } from './store.ts';

const group = '/app';
const range = { groups: [group], fromMs: 0, toMs: 1e12 };
const signal = AbortSignal.timeout(60_000);

describe('a scan for rare texts', () => {
  let directory: string;
  let store: LocalLogStore;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nunchi-extract-'));
    store = await openLogStore({ directory, maintenanceEveryMs: 0 });
    // Three segments of several blocks each: too few to be merged.
    for (let part = 0; part < 3; part++) {
      for (const stream of ['a', 'b']) {
        const section = new SectionBuilder(group, stream);
        for (let i = 0; i < 40_000; i++) {
          const rare = i === 30_000 || (part === 1 && i === 5) ? ` rare-${stream}-${part}` : '';
          section.add(part * 1e6 + i, `line ${i} of part ${part} with some words${rare}`);
        }
        await store.append({ sections: [section.finish()] });
      }
      await store.seal();
    }
  });

  after(async () => {
    await store[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  const files = (): number => readdirSync(join(directory, 'fresh')).length;

  async function find(text: string, change: object = {}) {
    await using scan = await store.openScan({ ...range, contains: [text], ...change }, signal);
    const found: string[] = [];
    const sql = `SELECT message FROM ${scan.relationOf(scan.parts)} WHERE contains(message, '${text}') ORDER BY seq`;
    for await (const rows of scan.run(sql, { signal })) {
      found.push(...(rows.columns[0] as string[]));
    }
    const { parts, totalEvents } = scan;
    return { found, parts: parts.map((part) => part.events), totalEvents };
  }

  const f = (text: string, change: object, wanted: number): void =>
    void it(`finds "${text}" ${wanted} times with ${JSON.stringify(change)}`, async () => {
      const { found, parts, totalEvents } = await find(text, change);
      assert.equal(found.length, wanted);
      assert.ok(found.every((message) => message.includes(text)));
      assert.ok(parts.length <= 1 && (parts[0] ?? 0) < 200_000, `read ${parts} rows`);
      assert.equal(totalEvents % 80_000, 0);
      assert.equal(files(), 0);
    });
  f('rare-', {}, 8);
  f('rare-a', {}, 4);
  f('rare-b-2', {}, 1);
  f('rare-', { streams: ['b'] }, 4);
  f('rare-', { fromMs: 1e6 + 6 }, 4);
  f('rare-', { fromMs: 1e6, toMs: 1e6 + 5 }, 2);
  f('never written', {}, 0);

  it('hides deleted streams', async () => {
    await store.deleteStream(group, 'b');
    assert.equal((await find('rare-')).found.length, 4);
  });

  it('goes on without a damaged segment', async () => {
    await store[Symbol.asyncDispose]();
    store = await openLogStore({ directory, maintenanceEveryMs: 0 });
    const name = readdirSync(join(directory, 'segments')).find((one) => one.endsWith('.parquet'))!;
    truncateSync(join(directory, 'segments', name), 1000);
    assert.equal((await find('rare-a')).found.length, 3);
    assert.equal(store.stats().damagedSegments.length, 1);
  });
});
