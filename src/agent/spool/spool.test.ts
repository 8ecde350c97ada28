import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { isAppError, MetricsRegistry, silentLogger, systemClock } from '#base';
import { until } from '../testing/until.ts';
import { Spool, type SpooledFrame } from './spool.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plenty = 1024 * 1024 * 1024;
const deps = { clock: systemClock, logger: silentLogger };
const openSpool = (maxBytes = plenty, metrics = new MetricsRegistry()): Promise<Spool> =>
  Spool.open({ folder, maxBytes }, { ...deps, metrics });

const batch = (
  text: string,
  offset = 0,
): {
  payload: Buffer;
  events: number;
  rawBytes: number;
  checkpoints: { input: string; key: string; value: number }[];
} => ({
  payload: Buffer.from(text),
  events: 1,
  rawBytes: text.length,
  checkpoints: [{ input: 'files', key: 'a', value: offset }],
});

async function texts(spool: Spool): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; ; i++) {
    const frame = spool.peek(i);
    if (frame === undefined) return found;
    found.push((await spool.load(frame)).payload.toString());
  }
}

const segments = (): string[] =>
  readdirSync(join(folder, 'spool'))
    .sort()
    .map((name) => join(folder, 'spool', name));

/** Overwrites one byte. */
function damage(path: string, offset: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.from([0xff]), 0, 1, offset);
  closeSync(fd);
}

/** As after kill -9: the folder as it is on the disk at this moment, opened anew. */
async function crashed(spool: Spool): Promise<Spool> {
  const copy = mkdtempSync(join(folder, 'crash-'));
  execFileSync('cp', ['-r', join(folder, 'spool'), join(folder, 'state.db'), copy]);
  const wal = join(folder, 'state.db-wal');
  if (existsSync(wal)) execFileSync('cp', [wal, copy]);
  assert.ok(spool.frames >= 0);
  return Spool.open({ folder: copy, maxBytes: plenty }, deps);
}

describe('Spool', () => {
  it('gives after a restart what was not acknowledged, under the same source and number', async () => {
    let sources: (readonly [string, number])[] = [];
    {
      await using spool = await openSpool();
      for (let i = 1; i <= 5; i++) await spool.append(batch(`batch ${i}`, i * 10));
      await spool.acknowledge(spool.peek(0)!);
      await spool.acknowledge(spool.peek(0)!);
      sources = [0, 1, 2].map((i) => [spool.peek(i)!.source, spool.peek(i)!.batch] as const);
    }
    await using spool = await openSpool();
    assert.deepEqual(await texts(spool), ['batch 3', 'batch 4', 'batch 5']);
    assert.deepEqual(
      [0, 1, 2].map((i) => [spool.peek(i)!.source, spool.peek(i)!.batch]),
      sources,
    );
    assert.deepEqual(spool.checkpoints(), [{ input: 'files', key: 'a', value: 50 }]);
    const next = await spool.append(batch('batch 6', 60));
    assert.equal(next.batch, 1);
    assert.notEqual(next.source, sources[0]![0]);
  });

  it('keeps positions of acknowledged batches only up to the first that is not', async () => {
    {
      await using spool = await openSpool();
      const frames: SpooledFrame[] = [];
      for (let i = 1; i <= 4; i++) frames.push(await spool.append(batch(`${i}`, i)));
      await spool.acknowledge(frames[2]!);
      await spool.acknowledge(frames[0]!);
      assert.equal(spool.frames, 3);
    }
    // Frame 3 was acknowledged, but frame 2 was not: both are sent again, with their numbers.
    await using spool = await openSpool();
    assert.deepEqual(await texts(spool), ['2', '3', '4']);
  });

  it('takes a deleted position out of what is known', async () => {
    await using spool = await openSpool();
    await spool.append(batch('1', 7));
    await spool.append({
      payload: new Uint8Array(0),
      events: 0,
      rawBytes: 0,
      checkpoints: [{ input: 'files', key: 'a', value: null }],
    });
    await using again = await crashed(spool);
    assert.deepEqual(again.checkpoints(), []);
    assert.equal(again.peek(1)?.batch, 0);
  });

  it('cuts a torn frame off, wherever it was torn, and goes on writing', async () => {
    {
      await using spool = await openSpool();
      await spool.append(batch('one', 1));
    }
    const [path] = segments();
    const one = statSync(path!).size;
    {
      await using spool = await openSpool();
      await spool.append(batch('two', 2));
    }
    const whole = readFileSync(path!);
    for (let size = one; size < whole.length; size++) {
      writeFileSync(path!, whole);
      truncateSync(path!, size);
      await using spool = await openSpool();
      assert.deepEqual(await texts(spool), ['one'], `torn at ${size}`);
      assert.deepEqual(spool.checkpoints(), [{ input: 'files', key: 'a', value: 1 }]);
      assert.equal(statSync(path!).size, one);
    }
    {
      await using spool = await openSpool();
      await spool.append(batch('three', 3));
    }
    await using spool = await openSpool();
    assert.deepEqual(await texts(spool), ['one', 'three']);
  });

  it('goes back to the positions before a damaged frame of the last segment', async () => {
    let at = 0;
    {
      await using spool = await openSpool();
      await spool.append(batch('one', 1));
      at = statSync(segments()[0]!).size;
      await spool.append(batch('two', 2));
      await spool.append(batch('three', 3));
    }
    damage(segments()[0]!, at + 20);
    await using spool = await openSpool();
    assert.deepEqual(await texts(spool), ['one']);
    assert.deepEqual(spool.checkpoints(), [{ input: 'files', key: 'a', value: 1 }]);
  });

  it('loses only the damaged frame of an older segment, and counts it', async () => {
    const big = 'x'.repeat(3 * 1024 * 1024);
    {
      await using spool = await openSpool();
      for (let i = 1; i <= 5; i++) await spool.append(batch(`${i}${big}`, i));
    }
    assert.equal(segments().length, 3);
    damage(segments()[0]!, 1000);
    const metrics = new MetricsRegistry();
    await using spool = await openSpool(plenty, metrics);
    assert.deepEqual(
      (await texts(spool)).map((text) => text[0]),
      ['2', '3', '4', '5'],
    );
    assert.match(metrics.render(), /nunchi_agent_spool_lost_frames_total 1/);
    assert.deepEqual(spool.checkpoints(), [{ input: 'files', key: 'a', value: 5 }]);
  });

  it('does not mind damage among acknowledged frames', async () => {
    {
      await using spool = await openSpool();
      for (let i = 1; i <= 3; i++) await spool.append(batch(`${i}`, i));
      await spool.acknowledge(spool.peek(0)!);
    }
    damage(segments()[0]!, 20);
    await using spool = await openSpool();
    assert.deepEqual(await texts(spool), ['2', '3']);
  });

  it('ignores strange files and an empty segment', async () => {
    mkdirSync(join(folder, 'spool'), { recursive: true });
    writeFileSync(join(folder, 'spool', 'notes.frames'), 'x');
    writeFileSync(join(folder, 'spool', '0000000001.frames'), '');
    await using spool = await openSpool();
    await spool.append(batch('one'));
    assert.deepEqual(await texts(spool), ['one']);
    assert.equal(readFileSync(join(folder, 'spool', 'notes.frames'), 'utf8'), 'x');
  });

  it('makes append wait at the bound until acknowledgements make room', async () => {
    const big = 'x'.repeat(1024 * 1024);
    await using spool = await openSpool(10 * 1024 * 1024);
    let appended = 0;
    const appending = (async () => {
      for (let i = 0; i < 30; i++) {
        await spool.append(batch(big, i));
        appended++;
      }
    })();
    await until(() => spool.full);
    assert.equal(appended, 9);
    let most = 0;
    while (appended < 30 || spool.frames > 0) {
      most = Math.max(most, spool.bytes);
      const frame = spool.peek(0);
      if (frame !== undefined) await spool.acknowledge(frame);
      else await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await appending;
    assert.ok(most <= 10 * 1024 * 1024, `${most}`);
    assert.equal(spool.full, false);
    assert.equal(segments().length, 1);
  });

  it('ends a waiting append when the signal aborts or the spool closes', async () => {
    const big = 'x'.repeat(1024 * 1024);
    const spool = await openSpool(1024 * 1024 + 1024);
    await spool.append(batch(big));
    const controller = new AbortController();
    const aborted = assert.rejects(spool.append(batch(big), controller.signal));
    await until(() => spool.full);
    controller.abort();
    await aborted;
    const closed = assert.rejects(spool.append(batch(big)), (e) => isAppError(e, 'SPOOL_CLOSED'));
    await spool[Symbol.asyncDispose]();
    await closed;
    await assert.rejects(spool.append(batch('x')), (e) => isAppError(e, 'SPOOL_CLOSED'));
    await spool[Symbol.asyncDispose]();
  });

  it('waits while the disk is full and goes on by itself when there is room', async (t) => {
    const disk = smallDisk(t, '4m');
    if (disk === undefined) return;
    const ballast = join(disk, 'ballast');
    await using spool = await Spool.open({ folder: disk, maxBytes: plenty }, deps);
    await spool.append(batch('before', 1));
    fill(ballast);
    let done = false;
    const appending = spool.append(batch('y'.repeat(200_000), 2)).then(() => {
      done = true;
    });
    const acknowledging = spool.acknowledge(spool.peek(0)!);
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.equal(done, false);
    rmSync(ballast);
    await Promise.all([appending, acknowledging]);
    await spool.append(batch('after', 3));
    assert.deepEqual(
      (await texts(spool)).map((text) => text[0]),
      ['y', 'a'],
    );
  });

  it('closes while the disk is full; the next run has what was stored', async (t) => {
    const disk = smallDisk(t, '4m');
    if (disk === undefined) return;
    const ballast = join(disk, 'ballast');
    const spool = await Spool.open({ folder: disk, maxBytes: plenty }, deps);
    await spool.append(batch('stored', 1));
    fill(ballast);
    const appending = assert.rejects(spool.append(batch('z'.repeat(2_000_000), 2)));
    await new Promise<void>((resolve) => setImmediate(resolve));
    await spool[Symbol.asyncDispose]();
    await appending;
    rmSync(ballast);
    await using again = await Spool.open({ folder: disk, maxBytes: plenty }, deps);
    assert.deepEqual(await texts(again), ['stored']);
    assert.deepEqual(again.checkpoints(), [{ input: 'files', key: 'a', value: 1 }]);
  });

  it('refuses a folder that another agent uses', async () => {
    await using spool = await openSpool();
    await spool.append(batch('one'));
    await assert.rejects(openSpool(), (error) => isAppError(error, 'AGENT_FOLDER_IN_USE'));
    assert.deepEqual(await texts(spool), ['one']);
  });

  it('sets a damaged state database aside', async () => {
    writeFileSync(join(folder, 'state.db'), 'not a database at all'.repeat(500));
    await using spool = await openSpool();
    await spool.append(batch('one'));
    assert.ok(readdirSync(folder).some((name) => name.startsWith('state.db.damaged-')));
  });

  it('loads, appends and acknowledges at once, with one descriptor a segment', async () => {
    const big = 'x'.repeat(400_000);
    await using spool = await openSpool();
    const before = readdirSync('/proc/self/fd').length;
    const received: string[] = [];
    const running = new Set<Promise<void>>();
    const taken = new Set<number>();
    let appended = 0;
    const appending = (async () => {
      for (let i = 0; i < 120; i++) {
        await spool.append(batch(`${i}:${big}`, i));
        appended++;
      }
    })();
    let mostDescriptors = 0;
    while (appended < 120 || spool.frames > 0) {
      // The shipper's way: several at once, acknowledged in any order.
      for (let i = 0; running.size < 8; i++) {
        const frame = spool.peek(i);
        if (frame === undefined) break;
        if (taken.has(frame.frame)) continue;
        taken.add(frame.frame);
        const work = (async () => {
          const { payload, header } = await spool.load(frame);
          assert.equal(header.frame, frame.frame);
          received.push(payload.toString('utf8', 0, payload.indexOf(58)));
          if (frame.frame % 3 === 0) await new Promise<void>((done) => setImmediate(done));
          await spool.acknowledge(frame);
        })().finally(() => running.delete(work));
        running.add(work);
      }
      mostDescriptors = Math.max(mostDescriptors, readdirSync('/proc/self/fd').length - before);
      if (running.size > 0) await Promise.race(running);
      else await new Promise<void>((done) => setImmediate(done));
    }
    await appending;
    assert.deepEqual(
      received.map(Number).sort((a, b) => a - b),
      Array.from({ length: 120 }, (_, i) => i),
    );
    assert.ok(mostDescriptors <= 12, `${mostDescriptors} descriptors`);
    assert.equal(segments().length, 1);
  });

  it('after a crash at any moment holds exactly what was appended and not acknowledged', async () => {
    type Step = { readonly kind: 'append' | 'acknowledge' | 'crash'; readonly n: number };
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('append', 'append', 'acknowledge', 'crash'),
      n: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(40), async (steps, torn) => {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        let spool = await openSpool();
        let model: { text: string; done: boolean; id: string }[] = [];
        let count = 0;
        for (const { kind, n } of steps) {
          if (kind === 'append') {
            const frame = await spool.append(batch(`text ${++count}`, count));
            const id = `${frame.source}/${frame.batch}`;
            model.push({ text: `text ${count}`, done: false, id });
          } else if (kind === 'acknowledge') {
            const frame = spool.peek(n);
            if (frame === undefined || frame.done) continue;
            model[n]!.done = true;
            await spool.acknowledge(frame);
            while (model[0]?.done === true) model.shift();
          } else {
            await spool[Symbol.asyncDispose]();
            // What was being written when the process died.
            const last = segments().at(-1);
            if (last !== undefined && torn > 0) appendFileSync(last, Buffer.alloc(torn, 'N'));
            spool = await openSpool();
            // An acknowledgement behind a waiting frame is forgotten: sent again, known again.
            model = model.map((entry) => ({ ...entry, done: false }));
          }
          assert.deepEqual(
            await texts(spool),
            model.map(({ text }) => text),
          );
          assert.deepEqual(
            model.map((_, i) => `${spool.peek(i)!.source}/${spool.peek(i)!.batch}`),
            model.map(({ id }) => id),
          );
        }
        await spool[Symbol.asyncDispose]();
      }),
      { numRuns: 25 },
    );
  });
});

/** A file system of its own that is soon full; undefined (and skipped) where none can be mounted. */
function smallDisk(t: TestContext, size: string): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), 'nunchi-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk], { stdio: 'ignore' });
  } catch {
    rmSync(disk, { recursive: true, force: true });
    t.skip('needs the right to mount a small file system');
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  return disk;
}

/** Writes until nothing fits. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  const piece = Buffer.alloc(4096);
  try {
    for (;;) writeSync(fd, piece);
  } catch {
    // Full.
  } finally {
    closeSync(fd);
  }
}
