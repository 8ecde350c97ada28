import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock } from '#base';
import { PictureShelf } from './shelf.ts';

const dayMs = 24 * 3_600_000;
const png = Buffer.from('\x89PNG');

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'nunchi-pictures-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe('PictureShelf', () => {
  it('gives back what was put, also after a restart, until its time is over', async () => {
    await using folder = await temporaryFolder();
    const clock = new ManualClock(Date.UTC(2026, 2, 31));
    const shelf = await PictureShelf.open(folder.path, { clock });
    const id = await shelf.put(png);
    assert.match(id, /^[\w-]{22}$/);
    assert.deepEqual(await shelf.get(id), png);
    const again = await PictureShelf.open(folder.path, { clock });
    assert.deepEqual(await again.get(id), png);
    clock.advance(7 * dayMs);
    assert.equal(await again.get(id), undefined);
    await again.put(png);
    assert.equal((await readdir(folder.path)).length, 1);
  });

  it('knows nothing of other ids', async () => {
    await using folder = await temporaryFolder();
    const shelf = await PictureShelf.open(folder.path, { clock: new ManualClock(0) });
    for (const id of ['', '../x', '..%2fx', 'A'.repeat(22)]) {
      assert.equal(await shelf.get(id), undefined);
    }
  });
});
