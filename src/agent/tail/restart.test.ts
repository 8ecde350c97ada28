import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { askSiblings } from './rotation.ts';
import { fileId, KubeletLog, Tail } from './testing.ts';

let folder = '';
let tail: Tail;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-restart-'));
  tail = new Tail(folder, { paths: [at('*/0.log')] });
});
afterEach(() => {
  tail.follower.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

const newLog = (name: string): KubeletLog => new KubeletLog(at(name));

async function allOnce(...logs: readonly KubeletLog[]): Promise<void> {
  await tail.round().unpacked();
  for (let i = 0; i < 3; i++) await tail.unpacked();
  assert.deepEqual([...tail.lines].sort(), logs.flatMap((log) => log.lines).sort());
}

describe('files that moved while the agent was down', () => {
  it('an inode that became another container’s, seen first, takes no position away', async () => {
    // The folder that is looked at first has the file with the reused inode.
    const old = newLog('b').write();
    const other = newLog('a').write();
    tail.round().keep();
    old.write().rotate().write();
    tail.round().keep();
    const was = fileId(old.rotated[0]!);
    old.write().rotate().pack(0).write();
    other.write().rotate().write();
    tail.giveInode(was, fileId(other.path));
    tail.crash();
    await allOnce(old, other);
  });

  it('an inode that became that of the next file at the same path', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    const was = fileId(log.path);
    log.write().rotate().write().rotate().write().rotate().write().pack(0).pack(1);
    tail.giveInode(was, fileId(log.path));
    tail.crash();
    await allOnce(log);
  });

  it('a file that was still empty when its inode became another’s', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    log.rotate();
    tail.round().keep();
    const was = fileId(log.path);
    log.write().rotate().write().rotate().write().pack(0).pack(1);
    tail.giveInode(was, fileId(log.path));
    tail.crash();
    await allOnce(log);
  });

  it('a rotated file’s inode that became that of its own compressed successor', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    const was = fileId(log.path);
    log.write().rotate().write().rotate().write().pack(0).pack(1);
    tail.giveInode(was, fileId(`${log.rotated[1]}.gz`));
    tail.crash();
    await allOnce(log);
  });

  it('a position is gone with its file, also when its inode is a compressed file’s by then', async () => {
    const log = newLog('a').write();
    const other = newLog('b').write();
    tail.round().keep();
    log.write().rotate().write();
    other.write().rotate().write();
    tail.round().keep();
    const was = fileId(log.rotated[0]!);
    log.pack(0);
    other.pack(0);
    tail.giveInode(was, fileId(`${other.rotated[0]}.gz`));
    tail.crash();
    await allOnce(log, other);
    tail.round().round().keep();
    assert.equal(tail.kept.match(/"id"/g)?.length, 2, tail.kept);
    // What is left of it would make everything after it count as unread.
    rmSync(`${log.rotated[0]}.gz`);
    log.write().rotate().pack(1).write();
    tail.crash();
    await allOnce(log, other);
  });

  it('one that is compressed between being found and being read', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    log.write().rotate().write().rotate().write().rotate().write();
    tail.crash({ maxOpenFiles: 1 });
    tail.follower.scan();
    log.pack(0).pack(1).pack(2);
    await allOnce(log);
  });

  it('one that is compressed while those before it are taken up', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    log.write().rotate().write().rotate().write().pack(0);
    tail.crash();
    // Time is asked for when the first of them has been found.
    const { clock } = tail;
    const now = clock.monotonicMs.bind(clock);
    let isPacked = false;
    clock.monotonicMs = () => {
      if (!isPacked) log.pack(1);
      isPacked = true;
      return now();
    };
    tail.follower.scan();
    assert.ok(isPacked);
    await allOnce(log);
  });

  it('a quiet log: the file before an empty one is remembered until that one has a line', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    log.rotate();
    for (let i = 0; i < 5; i++) tail.round();
    tail.keep();
    assert.equal(tail.follower.trackedFiles, 2);
    log.write().rotate().write().rotate().write().pack(0).pack(1);
    await tail.crash().round().unpacked();
    await allOnce(log);
    tail.round().round().keep();
    assert.equal(tail.follower.trackedFiles, 1);
  });

  it('a log that was empty when it was first seen, and is compressed when it is next', async () => {
    const log = newLog('a').write().rotate();
    tail.round().keep();
    const read = log.lines;
    const was = fileId(log.path);
    log.write().rotate().write().rotate().write().pack(0).pack(1).pack(2);
    tail.giveInode(was, fileId(`${log.rotated[2]}.gz`));
    await tail.crash().round().unpacked();
    // What was rotated before the agent came is not its concern.
    assert.deepEqual(tail.lines, log.lines.slice(read.length));
  });

  it('all known files were removed, as the oldest are: the rest is unread', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    log.rotate().write().rotate().write().rotate().pack(1);
    unlinkSync(log.rotated[0]!);
    tail.crash();
    await allOnce(log);
  });

  it('nothing is at the path while the agent starts', async () => {
    const log = newLog('a').write();
    tail.round().keep();
    log.write().rename();
    tail.crash().round();
    assert.deepEqual(tail.lines, log.lines);
    log.write().rotate().write();
    await allOnce(log);
  });

  it('a link that leads nowhere while the agent starts', async () => {
    const log = newLog('pods').write();
    mkdirSync(at('links'));
    symlinkSync(log.path, at('links/web.log'));
    tail.crash({ paths: [at('links/*.log')] });
    tail.round().keep();
    log.write().rename();
    tail.crash().round();
    log.write().rotate().write();
    await allOnce(log);
  });

  it('a new file’s lines are read from the first on, also where only later lines are wanted', async () => {
    const log = newLog('a');
    tail.crash({ fromHead: false }).round().keep();
    log.write();
    tail.crash();
    await allOnce(log);
  });

  it('a log that was emptied in its place: what was rotated before is not read again', async () => {
    const log = newLog('a').write().rotate().write();
    tail.round().keep();
    const read = [...tail.lines];
    writeFileSync(log.path, 'short\n');
    tail.crash();
    await tail.round().unpacked();
    assert.deepEqual(tail.lines, [...read, 'short']);
  });
});

describe('files that move while the agent runs', () => {
  it('an unread file is compressed, and its inode comes to the path again', async () => {
    const log = newLog('a').write(200);
    tail.crash({ maxOpenFiles: 0, sliceBytes: 512 });
    tail.follower.scan();
    tail.follower.poll();
    tail.follower.readSlice();
    log.rotate().write();
    tail.follower.poll();
    log.rotate().pack(0).write();
    await allOnce(log);
  });

  it('siblings are looked at again when one was compressed meanwhile', () => {
    const log = newLog('a').write().rotate();
    const seen: string[][] = [];
    const answer = askSiblings(log.path, (siblings) => {
      seen.push(siblings.map(({ path }) => path));
      if (seen.length === 1) log.pack(0);
      return siblings.length;
    });
    assert.equal(answer, 1);
    assert.deepEqual(seen, [log.rotated, [`${log.rotated[0]}.gz`]]);
  });
});
