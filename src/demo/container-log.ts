import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DemoPod } from './cluster.ts';
import { Random } from './random.ts';

/** kubelet's containerLogMaxSize and containerLogMaxFiles. */
const maxFileBytes = 10 * 1024 * 1024;
const maxFiles = 5;
/** A dead container's log stays for this long at least, so that nothing unread goes. */
const keepDeadMs = 120_000;

const compressGzip = promisify(gzip);

/**
 * The log of one container as a kubelet keeps it: the file under var/log/pods, the link under
 * var/log/containers, rotation by size with older files gzipped, a new file after a restart.
 */
export class ContainerLog {
  readonly #pod: DemoPod;
  readonly #folder: string;
  readonly #links: string;
  #restarts: number;
  #file: number;

  /** Goes on with the files of an earlier run where there are some. */
  constructor(root: string, pod: DemoPod) {
    this.#pod = pod;
    const base = resolve(root, 'var/log');
    this.#folder = join(base, 'pods', `${pod.namespace}_${pod.name}_${pod.uid}`, pod.container);
    this.#links = join(base, 'containers');
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(this.#links, { recursive: true });
    this.#restarts = Math.max(0, ...this.#generations());
    this.#file = this.#open();
  }

  get restarts(): number {
    return this.#restarts;
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
  }

  /** The container died and runs again: a new file, and the link of a new container id. */
  restart(): void {
    closeSync(this.#file);
    this.#restarts++;
    this.#file = this.#open();
  }

  /** What the kubelet does every ten seconds: rotates a large file, clears away what is old. */
  async maintain(nowMs: number): Promise<void> {
    this.#removeDead(nowMs);
    if (fstatSync(this.#file).size < maxFileBytes) return;
    const name = `${this.#restarts}.log`;
    const rotated = readdirSync(this.#folder)
      .filter((entry) => entry.startsWith(`${name}.`) && !entry.endsWith('.tmp'))
      .sort();
    for (const old of rotated.slice(0, Math.max(0, rotated.length - (maxFiles - 2)))) {
      rmSync(join(this.#folder, old), { force: true });
    }
    for (const old of rotated.slice(-(maxFiles - 2))) {
      if (!old.endsWith('.gz')) await compressFile(join(this.#folder, old));
    }
    const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
    renameSync(join(this.#folder, name), join(this.#folder, `${name}.${stamp.replace('T', '-')}`));
    closeSync(this.#file);
    this.#file = openSync(join(this.#folder, name), 'a');
  }

  close(): void {
    closeSync(this.#file);
  }

  #open(): number {
    const path = join(this.#folder, `${this.#restarts}.log`);
    const file = openSync(path, 'a');
    const link = this.#linkOf(this.#restarts);
    if (!existsSync(link)) {
      rmSync(link, { force: true });
      symlinkSync(path, link);
    }
    return file;
  }

  #linkOf(restart: number): string {
    const { name, namespace, container, containerId } = this.#pod;
    const id = restart === 0 ? containerId : new Random(`${containerId}/${restart}`).hex(64);
    return join(this.#links, `${name}_${namespace}_${container}-${id}.log`);
  }

  #generations(): number[] {
    return readdirSync(this.#folder)
      .map((entry) => /^(\d+)\.log$/.exec(entry)?.[1])
      .filter((number) => number !== undefined)
      .map(Number);
  }

  /** The kubelet keeps the last dead container's log beside the running one's. */
  #removeDead(nowMs: number): void {
    for (const restart of this.#generations()) {
      if (restart >= this.#restarts - 1) continue;
      const path = join(this.#folder, `${restart}.log`);
      if (nowMs - statSync(path).mtimeMs < keepDeadMs) continue;
      rmSync(this.#linkOf(restart), { force: true });
      unlinkSync(path);
    }
  }
}

/** As the kubelet does it: into a .tmp, which is then renamed. */
async function compressFile(path: string): Promise<void> {
  writeFileSync(`${path}.tmp`, await compressGzip(readFileSync(path)));
  renameSync(`${path}.tmp`, `${path}.gz`);
  unlinkSync(path);
}
