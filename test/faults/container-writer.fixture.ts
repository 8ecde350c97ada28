/**
 * Writes what a kubelet's node has under /var/log/pods and /var/log/containers, at a steady rate,
 * and rotates as the kubelet does. In a process of its own, as container runtimes are.
 *
 * Argument: JSON of `WriterOptions`. Prints one JSON line with the lines written per container.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { criLines, lineText } from './lines.ts';

export interface WriterOptions {
  /** Stands for /var/log. */
  readonly folder: string;
  /** The same folder as the agent sees it: where links point to. */
  readonly seenFolder: string;
  readonly containers: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** A log is rotated above this size. */
  readonly rotateBytes: number;
  /** With the current one; older ones are removed. */
  readonly maxFiles: number;
  readonly seed: number;
  /** After the first lines it waits until this file is there. */
  readonly goFile: string;
}

const tickMs = 40;

/** mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class ContainerLog {
  readonly #options: WriterOptions;
  readonly #index: number;
  readonly #random: () => number;
  readonly #folder: string;
  readonly #path: string;
  #fd: number;
  #bytes = 0;
  #rotations = 0;
  lines = 0;

  constructor(options: WriterOptions, index: number, random: () => number) {
    this.#options = options;
    this.#index = index;
    this.#random = random;
    const pod = `shop-${index}-7d9c5b6f8-abcde`;
    const uid = `0a1b2c3d-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const parts = ['pods', `default_${pod}_${uid}`, 'app'];
    this.#folder = join(options.folder, ...parts);
    this.#path = join(this.#folder, '0.log');
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(join(options.folder, 'containers'), { recursive: true });
    this.#fd = openSync(this.#path, 'a');
    const id = String(index).padStart(64, 'f');
    symlinkSync(
      join(options.seenFolder, ...parts, '0.log'),
      join(options.folder, 'containers', `${pod}_default_app-${id}.log`),
    );
  }

  write(bytes: number): void {
    const pieces: Buffer[] = [];
    let made = 0;
    while (made < bytes) {
      const text = lineText(this.#index, this.lines);
      const lines = criLines(text, this.lines % 3 === 0 ? 'stderr' : 'stdout', Date.now());
      this.lines++;
      for (const line of lines) {
        pieces.push(line);
        made += line.length;
      }
    }
    const buffer = Buffer.concat(pieces);
    this.#bytes += buffer.length;
    // A reader sees a write in the middle now and then.
    const middle = Math.floor(this.#random() * buffer.length);
    this.#writeAll(buffer.subarray(0, middle));
    // Also between the pieces of a line may the log be renamed.
    if (this.#bytes > this.#options.rotateBytes) this.#rotate(buffer.subarray(middle));
    else this.#writeAll(buffer.subarray(middle));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #writeAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }

  /** In the kubelet's order: remove the oldest, compress what is left, rename, reopen. */
  #rotate(last: Buffer): void {
    const rotated = readdirSync(this.#folder)
      .filter((name) => name.startsWith('0.log.'))
      .sort();
    for (const name of rotated.splice(0, Math.max(0, rotated.length - this.#options.maxFiles + 2)))
      rmSync(join(this.#folder, name));
    for (const name of rotated.filter((name) => !name.endsWith('.gz'))) {
      const from = join(this.#folder, name);
      writeFileSync(`${from}.tmp`, gzipSync(readFileSync(from), { level: 1 }));
      renameSync(`${from}.tmp`, `${from}.gz`);
      rmSync(from);
    }
    const seconds = new Date(Date.UTC(2026, 0, 1) + this.#rotations++ * 1000).toISOString();
    const stamp = seconds.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    renameSync(this.#path, `${this.#path}.${stamp}`);
    // The runtime has the old file until it is told to open its log again.
    this.#writeAll(last);
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, 'a');
    this.#bytes = 0;
  }
}

async function main(options: WriterOptions): Promise<void> {
  const random = randomOf(options.seed);
  const logs = Array.from(
    { length: options.containers },
    (_, index) => new ContainerLog(options, index, random),
  );
  for (const log of logs) log.write(1);
  // What was rotated away before the agent ever looked is no concern of its.
  while (!existsSync(options.goFile)) await new Promise((resolve) => setTimeout(resolve, 20));
  const startMs = performance.now();
  const perLog = (options.bytesPerSecond * tickMs) / 1000 / options.containers;
  for (let tick = 0; tick * tickMs < options.seconds * 1000; tick++) {
    for (const log of logs) log.write(perLog);
    const aheadMs = (tick + 1) * tickMs - (performance.now() - startMs);
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  for (const log of logs) log.close();
  process.stdout.write(`${JSON.stringify(logs.map((log) => log.lines))}\n`);
}

if (import.meta.main) await main(JSON.parse(process.argv[2]!) as WriterOptions);
