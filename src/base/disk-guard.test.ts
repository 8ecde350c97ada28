import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from './clock.ts';
import { DiskGuard } from './disk-guard.ts';
import { silentLogger } from './logging.ts';

function open() {
  const disk = { freeBytes: 1000, readings: 0 };
  const clock = new ManualClock(0);
  const guard = new DiskGuard({
    directory: '/data',
    reserveBytes: 100,
    clock,
    log: silentLogger,
    diskFreeBytes: async () => {
      disk.readings++;
      return disk.freeBytes;
    },
    words: { store: 'log store', refused: 'log batches', limit: 'a total size limit' },
  });
  return { disk, clock, guard };
}

describe('DiskGuard', () => {
  it('check() refuses below the reserve and lets through when there is room again', async () => {
    const { disk, clock, guard } = open();
    assert.equal(guard.check(), undefined);
    await guard.refresh();
    assert.equal(guard.freeBytes, 1000);
    disk.freeBytes = 50;
    await guard.refresh();
    assert.equal(guard.isWritable, false);
    await assert.rejects(async () => guard.check(), {
      code: 'STORE_FULL',
      message: 'The disk of the log store is full: 50 B left',
    });
    disk.freeBytes = 500;
    const { readings } = disk;
    await assert.rejects(async () => guard.check());
    assert.equal(disk.readings, readings, 'a reading is good for a second');
    await clock.advance(2000);
    await guard.check();
    assert.equal(guard.isWritable, true);
  });

  for (const error of [
    { code: 'ENOSPC' },
    { code: 'EDQUOT' },
    { code: 'EFBIG' },
    { errcode: 13 },
  ]) {
    it(`onWriteError() knows ${JSON.stringify(error)} as a full disk`, () => {
      const { guard } = open();
      assert.equal(guard.onWriteError(Object.assign(new Error('x'), error)).code, 'STORE_FULL');
      assert.equal(guard.isWritable, false);
    });
  }

  it('onWriteError() of another failure goes on taking', () => {
    const { guard } = open();
    const error = guard.onWriteError(Object.assign(new Error('x'), { code: 'EIO' }));
    assert.equal(error.code, 'STORE_WRITE_FAILED');
    assert.equal(guard.isWritable, true);
  });
});
