import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { fileId, KubeletLog, Tail } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-interleaving-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const container = fc.constantFrom(0, 1);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constant('write'), container, fc.integer({ min: 1, max: 20 })),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constant('rotate'), container, fc.constant(0)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('rename', 'rotateInLine'), container, fc.constant(0)),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('pack', 'remove'), container, fc.constant(0)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('slices'), container, fc.integer({ min: 1, max: 4 })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('round', 'wait', 'settle'), container, fc.constant(0)),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constant('keep'), container, fc.constant(0)) },
  // The number says which of the inodes that are free goes to which file.
  { weight: 2, arbitrary: fc.tuple(fc.constant('crash'), container, fc.nat({ max: 100 })) },
);

/** Positions of files that are gone come to name another file, as when its inode is used again. */
function reuseInodes(tail: Tail, choice: number): void {
  const ids = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('0.log'))
    .map((name) => fileId(join(folder, name)));
  const free = [...tail.kept.matchAll(/"id":"(\d+-\d+)"/g)]
    .map((match) => match[1]!)
    .filter((id) => !ids.includes(id));
  const from = free[choice % (free.length + 1)];
  const to = ids[choice % Math.max(1, ids.length)];
  if (from !== undefined && to !== undefined && !tail.kept.includes(`"${to}"`)) {
    tail.giveInode(from, to);
  }
}

/**
 * A kubelet and its containers write, rotate, compress and remove; the agent reads and stores, and is
 * killed with what it has read since.
 */
it('each line is read once, in order, however rotation and kills come together', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      const logs = [new KubeletLog(join(folder, 'a')), new KubeletLog(join(folder, 'b'))];
      const tail = new Tail(folder, {
        paths: [join(folder, '*/0.log')],
        sliceBytes: 256,
      });
      for (const log of logs) log.write(1);
      tail.round().keep();
      for (const [act, index, number] of steps) {
        const log = logs[index]!;
        if (act === 'write') log.write(number);
        else if (act === 'rotate') log.packAll().rotate();
        else if (act === 'rename') log.write(1).rename();
        else if (act === 'rotateInLine') log.packAll().rotateInLine(() => tail.round(100));
        else if (act === 'pack') log.packAll();
        else if (act === 'remove') log.removeOldest(tail.keptLines);
        else if (act === 'round') tail.round(100);
        else if (act === 'wait') tail.round(6000);
        else if (act === 'settle') await tail.unpacked();
        else if (act === 'keep') tail.keep();
        else if (act === 'slices') {
          tail.follower.scan();
          tail.follower.poll();
          for (let i = 0; i < number; i++) tail.follower.readSlice();
        } else {
          reuseInodes(tail, number);
          tail.crash();
        }
        // A file that is being unpacked may be ready, or not.
        await setImmediate();
      }
      for (const log of logs) log.write(1);
      await tail.round().unpacked();
      await tail.unpacked();
      tail.follower.close();
      for (const [index, name] of ['a', 'b'].entries()) {
        assert.deepEqual(
          tail.lines.filter((line) => line.startsWith(name)),
          logs[index]!.lines,
        );
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
});
