import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { Catalog } from './catalog.ts';
import { openLogStore } from './store.ts';

it('openLogStore() refuses a folder that the engine would take for a pattern', async () => {
  await assert.rejects(openLogStore({ directory: '/tmp/logs[1]' }), {
    code: 'LOG_DIRECTORY_INVALID',
  });
});

it('Catalog reads what its first version wrote', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nunchi-catalog-'));
  const path = join(directory, 'catalog.sqlite');
  new Catalog(path).close();
  const old = new DatabaseSync(path);
  old.exec(`ALTER TABLE segments DROP COLUMN fields; PRAGMA user_version = 1;
    INSERT INTO log_groups VALUES (1, 'g', 0, NULL, '{}', 'STANDARD', 0, NULL);
    INSERT INTO segments VALUES (7, 1, 100, 10, 90, 1, 2, 1, 10, 1)`);
  old.close();
  const catalog = new Catalog(path);
  assert.equal(catalog.segments()[0]?.fields, undefined);
  catalog.setFields(7, ['/a'], 120);
  catalog.close();
  const again = new Catalog(path);
  assert.deepEqual(again.segments()[0]?.fields, ['/a']);
  assert.equal(again.segments()[0]?.diskBytes, 120);
  again.close();
  rmSync(directory, { recursive: true, force: true });
});
