import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import { openLogStore } from '#logs/store';
import { createQueryService } from './service.ts';

const directory = mkdtempSync(join(tmpdir(), 'nunchi-load-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const batches = 60;
const rowsPerBatch = 500;
const group = '/load';

function batch(number: number): SectionBuilder {
  const section = new SectionBuilder(group, `stream-${number % 3}`);
  for (let row = 0; row < rowsPerBatch; row++) {
    section.add(1000 + number, `{"batch":${number},"row":${row},"text":"마커-${number}-${row}."}`);
  }
  return section;
}

describe('queries beside ingest', () => {
  it('see every batch once it is acknowledged, and do not hold appends up', {
    timeout: 120_000,
  }, async () => {
    // Small generations: seals, merges and files of fields happen all the time.
    await using store = await openLogStore({
      directory,
      freshBytes: 256 * 1024,
      maintenanceEveryMs: 50,
      reserveBytes: 0,
      queryThreads: 2,
    });
    await using queries = createQueryService({
      store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      accountId: '000000000000',
    });
    const ask = async (text: string): Promise<unknown> => {
      const request = { text, language: 'CWLI', groups: [group], fromMs: 0, toMs: 10_000 } as const;
      const run = queries.start({ ...request, maxRows: 10 });
      await run.done;
      assert.equal(run.status, 'Complete', run.error ?? 'no reason given');
      return run.rows(0, 1).columns[0]?.[0];
    };
    await store.append({ sections: [batch(0).finish()] });
    let acknowledged = 1;
    const busy = async (text: string): Promise<number> => {
      let asked = 0;
      for (; acknowledged < batches; asked++) {
        const least = acknowledged * rowsPerBatch;
        const found = Number(await ask(text));
        // A query holds at least what was acknowledged when it began.
        assert.ok(found >= least, `${found} rows where ${least} were acknowledged`);
      }
      return asked;
    };
    const appending = async (): Promise<void> => {
      for (; acknowledged < batches; acknowledged++) {
        await store.append({ sections: [batch(acknowledged).finish()] });
        const newest = `filter @message like "마커-${acknowledged}-${rowsPerBatch - 1}." | stats count(*)`;
        if (acknowledged % 10 === 0) assert.equal(await ask(newest), 1);
      }
    };
    const [, ...asked] = await Promise.all([
      appending(),
      busy('stats count(*)'),
      busy('filter @message like /마커-/ | stats count(*)'),
      busy('filter ispresent(row) | stats count(*)'),
    ]);
    assert.ok(asked.every((times) => times > 0));
    assert.equal(await ask('stats count(*)'), batches * rowsPerBatch);
    assert.equal(await ask('stats count_distinct(text)'), batches * rowsPerBatch);
  });
});
