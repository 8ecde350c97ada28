import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ManualClock, silentLogger } from '#base';
import type { Checkpoint } from '../contract.ts';
import { until } from '../testing/until.ts';
import { fileKey } from './file.ts';
import { FileFollower, type FollowerOptions } from './follower.ts';
import type { LineHandler } from './handler.ts';
import { newTailStats, type TailStats } from './stats.ts';

/** Follows files of a test's folder under a clock that moves when told to. */
export class Tail {
  readonly clock: ManualClock = new ManualClock(Date.now());
  stats: TailStats = newTailStats();
  follower: FileFollower;
  lines: string[] = [];
  readonly byPath: Map<string, string[]> = new Map<string, string[]>();
  /** What a spool would have kept. */
  readonly #saved = new Map<string, Checkpoint>();
  #kept = 0;
  readonly #options: FollowerOptions;

  constructor(folder: string, options: Partial<FollowerOptions> = {}) {
    const scratchFolder = join(folder, '.scratch');
    mkdirSync(scratchFolder, { recursive: true });
    this.#options = {
      name: 'files',
      paths: [join(folder, '*.log')],
      excludePaths: [],
      fromHead: true,
      newFromHead: true,
      refreshIntervalMs: 1000,
      rotateWaitMs: 5000,
      maxLineBytes: 1_000_000,
      longLines: 'split',
      ignoreOlderMs: 0,
      sliceBytes: 4096,
      maxOpenFiles: 1000,
      scratchFolder,
      ...options,
    };
    this.follower = this.#open();
  }

  /** One look at everything, `ms` later. */
  round(ms = 2500): this {
    this.clock.skip(ms);
    this.follower.scan();
    return this.poll(0);
  }

  /** The same without looking for new names. */
  poll(ms = 2500): this {
    this.clock.skip(ms);
    this.follower.poll();
    for (let slices = 0; this.follower.hasReady; slices++) {
      this.follower.readSlice();
      assert.ok(slices < 100_000, 'reading does not come to an end');
    }
    return this;
  }

  /** What was read and the positions are stored together. */
  keep(): this {
    for (const checkpoint of this.follower.takeCheckpoints()) {
      const plain = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
      if (plain.value === null) this.#saved.delete(plain.key);
      else this.#saved.set(plain.key, plain);
    }
    this.#kept = this.lines.length;
    return this;
  }

  /** As after kill -9: what was not kept is forgotten. */
  crash(options: Partial<FollowerOptions> = {}): this {
    this.follower.close();
    this.lines.length = this.#kept;
    Object.assign(this.#options, options);
    this.follower = this.#open();
    return this;
  }

  /**
   * What was kept says that the file had the inode of another: as after the reuse of an inode, which
   * no test can bring about on every file system.
   */
  giveInode(of: string, to: string): this {
    for (const [key, checkpoint] of this.#saved) {
      const text = JSON.stringify(checkpoint).replaceAll(`"${of}"`, `"${to}"`);
      this.#saved.set(key, JSON.parse(text) as Checkpoint);
    }
    return this;
  }

  /** Positions that were kept, as JSON. */
  get kept(): string {
    return JSON.stringify([...this.#saved.values()]);
  }

  /** The lines that a crash does not take away. */
  get keptLines(): readonly string[] {
    return this.lines.slice(0, this.#kept);
  }

  positions(): number {
    return this.#saved.size;
  }

  async unpacked(): Promise<this> {
    await until(() => {
      this.round(0);
      return this.follower.atEnd;
    });
    return this.round().round();
  }

  #open(): FileFollower {
    const follower = new FileFollower(this.#options, {
      clock: this.clock,
      logger: silentLogger,
      stats: this.stats,
      wake: () => {},
      handlerFor: (path): LineHandler => ({
        lines: (bytes, start, end) => {
          const text = bytes.toString('latin1', start, end);
          assert.equal(text.at(-1), '\n');
          const found = text.slice(0, -1).split('\n');
          const name = basename(path);
          this.lines.push(...found);
          this.byPath.set(name, [...(this.byPath.get(name) ?? []), ...found]);
        },
        saveState: () => undefined,
        restoreState: () => {},
        flushIdle: () => false,
        finish: () => {},
      }),
    });
    follower.restore(this.#saved.values());
    return follower;
  }
}

/** A file as checkpoints name it. */
export function fileId(path: string): string {
  const { dev, ino } = statSync(path);
  return fileKey(dev, ino);
}

/** The log of a container, kept as a kubelet keeps it. Its lines are numbered. */
export class KubeletLog {
  readonly path: string;
  readonly #name: string;
  /** Rotated files, as they were named first, oldest first, and how many lines precede their end. */
  readonly rotated: string[] = [];
  readonly #ends: number[] = [];
  #removed = 0;
  #line = 0;

  constructor(folder: string) {
    this.#name = basename(folder);
    this.path = join(folder, '0.log');
    mkdirSync(folder);
    appendFileSync(this.path, '');
  }

  /** All lines so far. */
  get lines(): string[] {
    return Array.from({ length: this.#line }, (_, i) => `${this.#name} ${i} ${'.'.repeat(40)}`);
  }

  write(count = 3): this {
    const from = this.#line;
    this.#line += count;
    for (const line of this.lines.slice(from)) appendFileSync(this.path, `${line}\n`);
    return this;
  }

  /** There is no current file afterwards, until something is written. */
  rename(): this {
    const stamp = `20260101-${String(this.rotated.length).padStart(6, '0')}`;
    appendFileSync(this.path, '');
    renameSync(this.path, `${this.path}.${stamp}`);
    this.rotated.push(`${this.path}.${stamp}`);
    this.#ends.push(this.#line);
    return this;
  }

  rotate(): this {
    this.rename();
    appendFileSync(this.path, '');
    return this;
  }

  /** Renamed in the middle of a line, whose rest the runtime writes before it opens the next file. */
  rotateInLine(between: () => void): this {
    const line = `${this.#name} ${this.#line++} ${'.'.repeat(40)}\n`;
    appendFileSync(this.path, line.slice(0, 9));
    this.rename();
    between();
    appendFileSync(this.rotated.at(-1)!, line.slice(9));
    appendFileSync(this.path, '');
    return this;
  }

  pack(index: number): this {
    const path = this.rotated[index]!;
    writeFileSync(`${path}.tmp`, gzipSync(readFileSync(path)));
    renameSync(`${path}.tmp`, `${path}.gz`);
    unlinkSync(path);
    return this;
  }

  /** As the kubelet does before it rotates. */
  packAll(): this {
    this.rotated.forEach((path, index) => {
      if (existsSync(path)) this.pack(index);
    });
    return this;
  }

  /** The oldest goes, if its lines are among those given. */
  removeOldest(read: readonly string[]): this {
    const path = this.rotated[this.#removed];
    const end = this.#ends[this.#removed];
    if (path === undefined || end === undefined) return this;
    const known = new Set(read);
    if (!this.lines.slice(0, end).every((line) => known.has(line))) return this;
    rmSync(path, { force: true });
    rmSync(`${path}.gz`, { force: true });
    this.#removed++;
    return this;
  }
}
