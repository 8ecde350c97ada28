import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { Tail } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});
const log = join(folder, 'a.log');

const tails: Tail[] = [];
afterEach(() => {
  for (const tail of tails.splice(0)) tail.follower.close();
});
function openTail(...args: ConstructorParameters<typeof Tail>): Tail {
  const tail = new Tail(...args);
  tails.push(tail);
  return tail;
}

/** Descriptors of this process that lead into the test's folder. */
function openHere(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;
}

describe('NUL bytes where a line should begin', () => {
  const sizes = [1, 4095, 4096, 4097, 3_000_000];
  for (const size of sizes) {
    it(`${size} of them are passed over, whatever long lines are to become`, () => {
      for (const longLines of ['split', 'skip', 'stop', 'truncate'] as const) {
        writeFileSync(log, Buffer.concat([Buffer.alloc(size), Buffer.from('one\n')]));
        const tail = openTail(folder, { longLines, maxLineBytes: 8192 }).round();
        appendFileSync(log, 'two\n');
        assert.deepEqual(tail.round().lines, ['one', 'two'], longLines);
        assert.equal(tail.stats.longLines, 0);
      }
    });
  }

  it('a file emptied under a writer that does not append goes on behind the hole', () => {
    const fd = openSync(log, 'w');
    const line = `${'x'.repeat(99)}\n`;
    writeSync(fd, line.repeat(100));
    const tail = openTail(folder, { longLines: 'stop', maxLineBytes: 8192 }).round().keep();
    truncateSync(log, 0);
    writeSync(fd, 'behind\n');
    tail.round().keep();
    writeSync(fd, 'more\n');
    tail.crash().round();
    closeSync(fd);
    assert.deepEqual(tail.lines.slice(100), ['behind', 'more']);
    assert.equal(tail.stats.filesTruncated, 1);
  });

  it('at the end of a file wait for what fills them', () => {
    writeFileSync(log, Buffer.concat([Buffer.from('one\n'), Buffer.alloc(100)]));
    const tail = openTail(folder).round();
    const fd = openSync(log, 'r+');
    writeSync(fd, 'two\n', 4);
    closeSync(fd);
    assert.deepEqual(tail.round().lines, ['one', 'two']);
    rmSync(log);
    tail.round().round(10_000);
    assert.deepEqual(tail.lines, ['one', 'two']);
    assert.equal(tail.follower.trackedFiles, 0);
  });
});

describe('files and folders that do not keep still', () => {
  it('a file that is emptied between two slices, again and again', () => {
    const tail = openTail(folder, { sliceBytes: 64 });
    const line = (n: number): string => `${String(n).padStart(30, '0')}\n`;
    const wanted = new Set<string>();
    for (let i = 0; i < 200; i++) {
      for (let n = 0; n < 8; n++) {
        appendFileSync(log, line(i * 8 + n));
        wanted.add(line(i * 8 + n).trim());
      }
      tail.clock.skip(2500);
      tail.follower.scan();
      tail.follower.poll();
      tail.follower.readSlice();
      if (i % 3 === 0) truncateSync(log, 0);
    }
    tail.round();
    for (const each of tail.lines) assert.ok(wanted.has(each), `"${each}" was never written`);
    assert.equal(tail.lines.at(-1), line(1599).trim());
    assert.equal(tail.follower.atEnd, true);
  });

  it('a file that is replaced 600 times: each that is seen is read once, and none stays open', () => {
    const tail = openTail(folder);
    for (let i = 0; i < 600; i++) {
      writeFileSync(join(folder, 'next'), `line ${i}\n`);
      renameSync(join(folder, 'next'), log);
      if (i % 3 === 0) tail.poll(10);
      if (i % 50 === 0) tail.round(0);
    }
    tail.round().round(10_000).round();
    assert.equal(tail.lines.at(-1), 'line 599');
    assert.equal(new Set(tail.lines).size, tail.lines.length);
    assert.equal(tail.follower.trackedFiles, 1);
    assert.ok(openHere() <= 1, `${openHere()} are open`);
    tail.follower.close();
    assert.equal(openHere(), 0);
  });

  it('a folder that is removed and made again', () => {
    const sub = join(folder, 'pods');
    const tail = openTail(folder, { paths: [join(folder, 'pods/*/*.log')] });
    for (let i = 0; i < 20; i++) {
      mkdirSync(join(sub, 'one'), { recursive: true });
      writeFileSync(join(sub, 'one/0.log'), `line ${i}\n`);
      tail.round().keep();
      rmSync(i % 2 === 0 ? sub : join(sub, 'one'), { recursive: true });
      if (i % 4 < 2) tail.round();
      if (i % 5 === 0) tail.crash();
    }
    tail.round().round(10_000).round();
    assert.deepEqual(
      tail.lines,
      Array.from({ length: 20 }, (_, i) => `line ${i}`),
    );
    assert.equal(tail.follower.trackedFiles, 0);
    assert.equal(openHere(), 0);
  });

  it('a path that becomes a folder, a dangling link, a circle of links, and a file again', () => {
    const tail = openTail(folder);
    const become = (make: () => void): void => {
      rmSync(log, { recursive: true, force: true });
      make();
      tail.round();
    };
    for (let i = 0; i < 3; i++) {
      become(() => writeFileSync(log, `line ${i}\n`));
      become(() => mkdirSync(log));
      become(() => symlinkSync(join(folder, 'nowhere'), log));
      become(() => symlinkSync(log, log));
      become(() => {
        symlinkSync(join(folder, 'b.log'), log);
        rmSync(join(folder, 'b.log'), { force: true });
        symlinkSync(log, join(folder, 'b.log'));
      });
    }
    become(() => writeFileSync(log, 'end\n'));
    assert.deepEqual(tail.lines, ['line 0', 'line 1', 'line 2', 'end']);
  });

  it('a folder that leads back to itself is not walked for ever', () => {
    symlinkSync(folder, join(folder, 'loop'));
    writeFileSync(log, 'one\n');
    const tail = openTail(folder, { paths: [join(folder, '*/*/*/*.log'), join(folder, '*.log')] });
    assert.deepEqual(tail.round().lines, ['one']);
    assert.equal(tail.follower.trackedFiles, 1);
  });
});
