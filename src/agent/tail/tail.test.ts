import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { until } from '../testing/until.ts';
import type { FollowerOptions } from './follower.ts';
import { excludeRegex, expandGlob, globRegex } from './glob.ts';
import { Tail } from './testing.ts';

let folder = '';
let tails: Tail[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-tail-'));
  tails = [];
});
afterEach(() => {
  for (const tail of tails) tail.follower.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const append = (name: string, text: string): void => appendFileSync(at(name), text);
const isRoot = process.getuid?.() === 0;

function newTail(options: Partial<FollowerOptions> = {}): Tail {
  const tail = new Tail(folder, options);
  tails.push(tail);
  return tail;
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i} ${'.'.repeat(40)}`);
const text = (from: number, to: number): string => `${numbers(from, to).join('\n')}\n`;

describe('rotation', () => {
  it('by rename: the rest of the old file, then the new one', () => {
    append('a.log', text(1, 3));
    const tail = newTail().round();
    append('a.log', text(4, 5));
    renameSync(at('a.log'), at('a.log.1'));
    append('a.log.1', text(6, 6));
    append('a.log', text(7, 8));
    tail.round();
    append('a.log.1', 'late half');
    tail.round().round().round();
    assert.deepEqual(tail.lines, [...numbers(1, 8), 'late half']);
    assert.equal(tail.follower.openFiles, 1);
  });

  it('with nothing at the path for a while', () => {
    append('a.log', text(1, 3));
    const tail = newTail().round();
    renameSync(at('a.log'), at('a.log.1'));
    tail.round().round().round().round();
    append('a.log', text(4, 5));
    tail.round();
    assert.deepEqual(tail.lines, numbers(1, 5));
  });

  it('renamed back because the runtime could not reopen it', () => {
    append('0.log', text(1, 3));
    const tail = newTail().round();
    renameSync(at('0.log'), at('0.log.20260101-000000'));
    tail.round();
    renameSync(at('0.log.20260101-000000'), at('0.log'));
    append('0.log', text(4, 5));
    tail.round().round().round().round();
    assert.deepEqual(tail.lines, numbers(1, 5));
  });

  it('by copy and truncate, also when it has grown past the old end meanwhile', () => {
    append('a.log', text(1, 5));
    const tail = newTail().round();
    copyFileSync(at('a.log'), at('a.log.1'));
    truncateSync(at('a.log'));
    append('a.log', text(6, 7));
    tail.round();
    truncateSync(at('a.log'));
    append('a.log', text(100, 140));
    tail.round();
    truncateSync(at('a.log'));
    append('a.log', text(200, 240));
    tail.round();
    assert.deepEqual(tail.lines, [...numbers(1, 7), ...numbers(100, 140), ...numbers(200, 240)]);
    assert.equal(tail.stats.filesTruncated, 3);
  });

  it('truncated while a writer keeps its offset: the hole is passed over', () => {
    append('a.log', text(1, 50));
    const tail = newTail().round();
    const size = statSync(at('a.log')).size;
    truncateSync(at('a.log'));
    truncateSync(at('a.log'), size);
    append('a.log', text(51, 52));
    tail.round();
    const after = tail.lines.slice(50).map((line) => line.replaceAll('\0', ''));
    assert.deepEqual(
      after.filter((line) => line !== ''),
      numbers(51, 52),
    );
  });

  it('several between two looks', () => {
    append('0.log', text(1, 3));
    const tail = newTail({ paths: [at('0.log')] }).round();
    for (let i = 1; i <= 4; i++) {
      append('0.log', text(i * 10, i * 10 + 1));
      renameSync(at('0.log'), at(`0.log.20260101-00000${i}`));
    }
    append('0.log', text(50, 51));
    tail.round().round().round();
    const expected = [1, 2, 3, 4, 5].flatMap((i) => numbers(i * 10, i * 10 + 1));
    assert.deepEqual(tail.lines, [...numbers(1, 3), ...expected]);
  });

  it('several while the agent was down, the half-read one and another compressed, times reversed', async () => {
    append('0.log', text(1, 3));
    const tail = newTail({ paths: [at('0.log')] })
      .round()
      .keep();
    const pack = (name: string): void => {
      writeFileSync(at(`${name}.gz`), gzipSync(readFileSync(at(name))));
      unlinkSync(at(name));
    };
    append('0.log', text(4, 5));
    renameSync(at('0.log'), at('0.log.20260101-000001'));
    append('0.log', text(6, 7));
    renameSync(at('0.log'), at('0.log.20260101-000002'));
    append('0.log', text(8, 9));
    renameSync(at('0.log'), at('0.log.20260101-000003'));
    append('0.log', text(10, 11));
    pack('0.log.20260101-000001');
    pack('0.log.20260101-000002');
    // The plain one is older on the disk than the copies: kubelet packs late.
    utimesSync(at('0.log.20260101-000003'), new Date(0), new Date(0));
    await tail.crash().round().unpacked();
    assert.deepEqual(tail.lines, numbers(1, 11));
    await until(() => readdirSync(at('.scratch')).length === 0);
  });

  it('seen by a pattern that matches rotated names too: nothing twice, over restarts too', async () => {
    append('a.log', text(1, 3));
    const tail = newTail({ paths: [at('a.log*')] }).round();
    let next = 4;
    for (let i = 0; i < 4; i++) {
      append('a.log', text(next, next + 1));
      for (let k = i; k >= 1; k--) renameSync(at(`a.log.${k}`), at(`a.log.${k + 1}`));
      renameSync(at('a.log'), at('a.log.1'));
      append('a.log', text(next + 2, next + 2));
      next += 3;
      for (let k = 0; k < 6; k++) tail.round();
      tail.keep();
      assert.deepEqual([...tail.lines].sort(), numbers(1, next - 1).sort());
      if (i % 2 === 1) tail.crash();
    }
    for (let k = 0; k < 4; k++) tail.round();
    assert.deepEqual([...tail.lines].sort(), numbers(1, next - 1).sort());
    // Compressed, they are still the same lines.
    for (const name of ['a.log.3', 'a.log.4']) {
      writeFileSync(at(`${name}.gz`), gzipSync(readFileSync(at(name))));
      unlinkSync(at(name));
    }
    for (let k = 0; k < 6; k++) await tail.unpacked();
    await tail.keep().crash().round().unpacked();
    for (let k = 0; k < 3; k++) await tail.unpacked();
    assert.deepEqual([...tail.lines].sort(), numbers(1, next - 1).sort());
  });
});

describe('compressed files that match', () => {
  it('are read once, also over a restart', async () => {
    writeFileSync(at('old.log.gz'), gzipSync(text(1, 500)));
    const tail = newTail({ paths: [at('*.gz')] }).round();
    await tail.unpacked();
    for (let i = 0; i < 5; i++) await tail.unpacked();
    tail.keep();
    assert.deepEqual(tail.lines, numbers(1, 500));
    await until(() => readdirSync(at('.scratch')).length === 0);
    await tail.crash().round().unpacked();
    assert.deepEqual(tail.lines, numbers(1, 500));
  });

  it('are continued in the middle, and a damaged one is counted', async () => {
    writeFileSync(at('a.gz'), gzipSync(text(1, 500)));
    writeFileSync(
      at('b.gz'),
      Buffer.concat([gzipSync(text(1, 9)).subarray(0, 20), Buffer.alloc(50)]),
    );
    const tail = newTail({ paths: [at('*.gz')] });
    tail.follower.scan();
    await until(() => {
      tail.follower.poll();
      return tail.follower.hasReady;
    });
    tail.follower.readSlice();
    tail.keep();
    assert.ok(tail.lines.length > 0 && tail.lines.length < 500);
    await tail.crash().round().unpacked();
    assert.deepEqual(tail.lines, numbers(1, 500));
    assert.ok(tail.stats.filesLost >= 1);
  });
});

describe('identity', () => {
  it('two paths to one file are read once, a link that is turned leads to the next file', () => {
    mkdirSync(at('pods'));
    append('pods/0.log', text(1, 3));
    symlinkSync(at('pods/0.log'), at('web.log'));
    symlinkSync(at('pods/0.log'), at('zweb.log'));
    const tail = newTail().round();
    assert.deepEqual(tail.lines, numbers(1, 3));
    append('pods/0.log', text(4, 4));
    append('pods/1.log', text(5, 6));
    for (const link of ['web.log', 'zweb.log']) {
      unlinkSync(at(link));
      symlinkSync(at('pods/1.log'), at(link));
    }
    for (let i = 0; i < 5; i++) tail.round();
    assert.deepEqual(tail.lines, numbers(1, 6));
  });

  it('a dangling link is waited for', () => {
    symlinkSync(at('later'), at('web.log'));
    const tail = newTail().round();
    append('later', text(1, 2));
    tail.round();
    unlinkSync(at('later'));
    tail.round().round().round();
    assert.deepEqual(tail.lines, numbers(1, 2));
    assert.equal(tail.follower.trackedFiles, 0);
  });

  it('an inode that is used again, during a run and over a restart, is another file', () => {
    append('a.log', text(1, 50));
    const tail = newTail().round().keep();
    // Emptied and written anew is what reuse looks like at the same path.
    writeFileSync(at('a.log'), text(100, 160));
    tail.crash().round().keep();
    assert.deepEqual(tail.lines, [...numbers(1, 50), ...numbers(100, 160)]);
    unlinkSync(at('a.log'));
    append('b.log', text(200, 210));
    append('a.log', text(300, 310));
    tail.round().round().round().round();
    assert.deepEqual(
      [...tail.lines.slice(111)].sort(),
      [...numbers(200, 210), ...numbers(300, 310)].sort(),
    );
  });

  it('a position beyond the end of the file starts over', () => {
    append('a.log', text(1, 50));
    const tail = newTail().round().keep();
    writeFileSync(at('a.log'), text(60, 61));
    tail.crash().round();
    assert.deepEqual(tail.lines.slice(50), numbers(60, 61));
  });

  it('goes on where it stopped after a crash between any two reads', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            bytes: fc.integer({ min: 1, max: 800 }),
            act: fc.constantFrom('read', 'keep', 'crash', 'rotate'),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        fc.constantFrom('rename', 'copytruncate'),
        (steps, kind) => {
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder);
          const tail = newTail({ sliceBytes: 512, paths: [at('a.log')] });
          const all = Buffer.from(text(1, 400));
          let written = 0;
          let rotations = 0;
          writeFileSync(at('a.log'), '');
          tail.round().keep();
          for (const { bytes, act } of steps) {
            append('a.log', all.toString('latin1', written, written + bytes));
            written += bytes;
            if (act === 'rotate') {
              // A file ends with a whole line, as writers that rotate leave it.
              const end = all.indexOf(10, written) + 1;
              append('a.log', all.toString('latin1', written, end));
              written = end;
              const name = at(`a.log.20260101-${String(++rotations).padStart(6, '0')}`);
              if (kind === 'rename') {
                renameSync(at('a.log'), name);
                append('a.log', '');
              } else {
                tail.round().keep();
                copyFileSync(at('a.log'), name);
                truncateSync(at('a.log'));
              }
            }
            if (act === 'read') tail.round();
            if (act === 'keep') tail.round().keep();
            if (act === 'crash') tail.crash();
          }
          append('a.log', all.toString('latin1', written));
          for (let i = 0; i < 4; i++) tail.round();
          tail.follower.close();
          assert.deepEqual(tail.lines, numbers(1, 400));
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

describe('files that come and go', () => {
  it('deleted while held: read to the end, and let go', () => {
    append('a.log', text(1, 3));
    const tail = newTail().round();
    append('a.log', text(4, 200));
    append('a.log', 'half');
    unlinkSync(at('a.log'));
    tail.round().round().round();
    assert.deepEqual(tail.lines, [...numbers(1, 200), 'half']);
    assert.equal(tail.follower.openFiles, 0);
    assert.equal(tail.follower.trackedFiles, 0);
    tail.keep();
    assert.equal(tail.positions(), 0);
  });

  it('a half line at the end waits for its rest, as long as it takes', () => {
    append('a.log', `${text(1, 2)}half`);
    const tail = newTail().round().keep();
    for (let i = 0; i < 10; i++) tail.round();
    assert.deepEqual(tail.lines, numbers(1, 2));
    tail.crash().round();
    append('a.log', ' and half\n');
    tail.round();
    assert.deepEqual(tail.lines, [...numbers(1, 2), 'half and half']);
  });

  it('a half line of a file that was closed for want of descriptors', () => {
    for (const name of ['a', 'b', 'c']) append(`${name}.log`, `${name}\nhalf ${name}`);
    const tail = newTail({ maxOpenFiles: 1 }).round().round();
    assert.equal(tail.follower.openFiles, 1);
    for (const name of ['a', 'b', 'c']) renameSync(at(`${name}.log`), at(`${name}.log.1`));
    for (let i = 0; i < 5; i++) tail.round();
    assert.deepEqual([...tail.lines].sort(), ['a', 'b', 'c', 'half a', 'half b', 'half c']);
  });

  it('a file that becomes a folder, and a file again', () => {
    append('a.log', text(1, 2));
    const tail = newTail().round();
    unlinkSync(at('a.log'));
    mkdirSync(at('a.log'));
    for (let i = 0; i < 4; i++) tail.round();
    rmdirSync(at('a.log'));
    append('a.log', text(3, 4));
    tail.round();
    assert.deepEqual(tail.lines, numbers(1, 4));
  });

  it('permission refused, then granted', { skip: isRoot && 'root may read everything' }, () => {
    writeFileSync(at('a.log'), text(1, 2), { mode: 0o000 });
    const tail = newTail().round().round();
    assert.deepEqual(tail.lines, []);
    assert.equal(tail.stats.readErrors, 1);
    rmSync(at('a.log'));
    writeFileSync(at('a.log'), text(1, 2), { mode: 0o600 });
    tail.round();
    assert.deepEqual(tail.lines, numbers(1, 2));
  });

  it('5,000 files: each line once, few descriptors, and the agent can start anew', () => {
    mkdirSync(at('many'));
    const count = 5000;
    for (let i = 0; i < count; i++) writeFileSync(at(`many/f${i}.log`), `first ${i}\n`);
    const tail = newTail({ paths: [at('many/*.log')], maxOpenFiles: 100 })
      .round()
      .keep();
    assert.equal(tail.lines.length, count);
    assert.ok(tail.follower.openFiles <= 100);
    for (let i = 0; i < count; i += 10) append(`many/f${i}.log`, `second ${i}\n`);
    tail.round().keep();
    assert.equal(tail.lines.length, count + count / 10);
    tail.crash().round();
    append('many/f7.log', 'third 7\n');
    tail.round();
    assert.equal(tail.lines.length, count + count / 10 + 1);
    assert.equal(new Set(tail.lines).size, tail.lines.length);
    assert.ok(tail.follower.openFiles <= 100);
    for (let i = 0; i < count; i += 500) unlinkSync(at(`many/f${i}.log`));
    tail.round().round().round().round().keep();
    assert.equal(tail.follower.trackedFiles, count - count / 500);
    assert.equal(tail.positions(), count - count / 500);
  });
});

describe('options', () => {
  it('old files are left alone until they are written to, also when the clock jumps back', () => {
    append('old.log', text(1, 2));
    append('new.log', text(3, 4));
    utimesSync(at('old.log'), new Date(0), new Date(0));
    const tail = newTail({ ignoreOlderMs: 3_600_000 }).round();
    assert.deepEqual(tail.lines, numbers(3, 4));
    append('old.log', text(5, 5));
    tail.round();
    assert.deepEqual(tail.lines.slice(2), [...numbers(1, 2), ...numbers(5, 5)]);
  });

  it('a wall clock that jumps back changes nothing', () => {
    append('a.log', text(1, 2));
    const tail = newTail({ ignoreOlderMs: 60_000 }).round();
    const future = new Date(Date.now() + 86_400_000);
    utimesSync(at('a.log'), future, future);
    append('a.log', text(3, 3));
    tail.round();
    utimesSync(at('a.log'), new Date(1000), new Date(1000));
    tail.round();
    append('a.log', text(4, 4));
    tail.round();
    assert.deepEqual(tail.lines, numbers(1, 4));
  });

  it('only what is written later, from files that are there; new files from their head', () => {
    append('a.log', text(1, 2));
    const tail = newTail({ fromHead: false }).round();
    append('a.log', text(3, 3));
    append('b.log', text(4, 4));
    tail.round();
    assert.deepEqual([...tail.lines].sort(), [...numbers(3, 3), ...numbers(4, 4)]);
  });

  const long = 'x'.repeat(10_000);
  for (const [longLines, expected] of [
    ['skip', ['before', 'after']],
    ['truncate', ['before', long.slice(0, 4095), 'after']],
    ['stop', ['before']],
  ] as const) {
    it(`long lines: ${longLines}`, () => {
      append('a.log', `before\n${long}\nafter\n`);
      const tail = newTail({ maxLineBytes: 4096, longLines }).round().keep().round();
      assert.deepEqual(tail.lines, expected);
      assert.equal(tail.stats.longLines, 1);
      // It does not hold up what comes after a rotation.
      renameSync(at('a.log'), at('a.log.1'));
      append('a.log', 'next\n');
      for (let i = 0; i < 4; i++) tail.round();
      assert.deepEqual(tail.lines, [...expected, 'next']);
    });
  }

  it('long lines: split loses no byte, wherever a crash cuts', () => {
    const bytes = Buffer.from(`before\n${'눈치é'.repeat(3000)}\nafter\n`);
    const tail = newTail({ maxLineBytes: 4096, longLines: 'split' });
    for (let i = 0; i < bytes.length; i += 997) {
      appendFileSync(at('a.log'), bytes.subarray(i, i + 997));
      tail.round();
      if (i % 3 === 0) tail.keep().crash();
    }
    tail.round();
    assert.equal(
      Buffer.from(tail.lines.join(''), 'latin1').toString(),
      bytes.toString().replaceAll('\n', ''),
    );
    for (const line of tail.lines) {
      assert.ok(!Buffer.from(line, 'latin1').toString().includes('\uFFFD'));
    }
  });

  it('skips a long line across a restart', () => {
    append('a.log', `before\n${long}`);
    const tail = newTail({ maxLineBytes: 4096, longLines: 'skip' }).round().keep().crash().round();
    append('a.log', `${long}\nafter\n`);
    tail.round();
    assert.deepEqual(tail.lines, ['before', 'after']);
  });

  it('lines of 1 MB', () => {
    const big = 'y'.repeat(999_000);
    append('a.log', `${big}\nsmall\n${big}\n`);
    const tail = newTail().round();
    assert.deepEqual(
      tail.lines.map((line) => line.length),
      [999_000, 5, 999_000],
    );
  });
});

describe('globs', () => {
  it('expand and match alike', () => {
    for (const name of ['a.log', 'b.log', '.hidden.log', 'a.log.1', 'c[1].log'])
      append(name, 'x\n');
    mkdirSync(at('d.log'));
    append('d.log/e.log', 'x\n');
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['*.log', ['a.log', 'b.log', 'c[1].log', 'd.log']],
      ['?.log*', ['a.log', 'a.log.1', 'b.log', 'd.log']],
      ['[!a].log', ['b.log', 'd.log']],
      ['[ab].log', ['a.log', 'b.log']],
      ['.*.log', ['.hidden.log']],
      ['*/*.log', ['d.log/e.log']],
      ['a.log', ['a.log']],
      ['c\\[1\\].*', ['c[1].log']],
      ['missing/*.log', []],
    ];
    for (const [pattern, expected] of cases) {
      const { paths } = expandGlob(at(pattern));
      assert.deepEqual(
        paths.map((path) => path.slice(folder.length + 1)),
        expected,
        pattern,
      );
      for (const path of paths) assert.match(path, globRegex(at(pattern)));
    }
    assert.doesNotMatch(at('d.log/e.log'), globRegex(at('*.log')));
    assert.match('/var/log/containers/x.log', excludeRegex('/var/*x.log'));
  });
});
