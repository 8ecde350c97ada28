import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isMissing } from './missing.ts';

/** Where the machine's file systems are mounted; others than these in a container. */
export interface HostPaths {
  /** Such as `/proc` or `/host/proc`. */
  readonly proc: string;
  readonly sys: string;
  /** What `/` of the machine is called here. */
  readonly root: string;
}

/** Most files of procfs fit; the buffer grows to the largest that was read. */
const firstBufferBytes = 64 * 1024;
/** /proc/stat of a machine with 512 CPUs is 0.2 MiB; beyond this it is not what we think it is. */
const maxFileBytes = 8 * 1024 * 1024;

/**
 * Reads small files of procfs and sysfs, synchronously: they are memory of the kernel and do not
 * wait for a device. One buffer serves all reads.
 */
export class HostFiles {
  readonly paths: HostPaths;
  #buffer: Buffer = Buffer.allocUnsafeSlow(firstBufferBytes);

  constructor(paths: HostPaths) {
    this.paths = paths;
  }

  /** The text of a file below /proc. @throws as `openSync` and `readSync` do */
  proc(path: string): string {
    return this.#read(join(this.paths.proc, path));
  }

  sys(path: string): string {
    return this.#read(join(this.paths.sys, path));
  }

  root(path: string): string {
    return this.#read(join(this.paths.root, path));
  }

  /** A file below /proc/net of the machine, which in a container is not that of this process. */
  net(path: string): string {
    if (this.paths.proc === '/proc') return this.proc(`net/${path}`);
    return this.tryProc(`1/net/${path}`) ?? this.proc(`net/${path}`);
  }

  /** Undefined: there is no such file, or the kernel does not give its value now. */
  tryProc(path: string): string | undefined {
    return orUndefined(() => this.proc(path));
  }

  trySys(path: string): string | undefined {
    return orUndefined(() => this.sys(path));
  }

  tryRoot(path: string): string | undefined {
    return orUndefined(() => this.root(path));
  }

  tryNet(path: string): string | undefined {
    return orUndefined(() => this.net(path));
  }

  /** A number that is all of a file; undefined where it is not there or is none. */
  sysNumber(path: string): number | undefined {
    const text = this.trySys(path)?.trim();
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    return Number.isNaN(value) ? undefined : value;
  }

  /** Names in a folder below /sys, in order; none where it is not there. */
  sysNames(path: string): string[] {
    return orUndefined(() => readdirSync(join(this.paths.sys, path)).sort()) ?? [];
  }

  /** Names in a folder below /proc. */
  procNames(path: string): string[] {
    return orUndefined(() => readdirSync(join(this.paths.proc, path))) ?? [];
  }

  hasSys(path: string): boolean {
    return statSync(join(this.paths.sys, path), { throwIfNoEntry: false }) !== undefined;
  }

  /** The last name of what a link below /sys points to. */
  sysLink(path: string): string | undefined {
    const target = orUndefined(() => readlinkSync(join(this.paths.sys, path)));
    return target === undefined ? undefined : basename(target);
  }

  #read(path: string): string {
    const file = openSync(path, 'r');
    try {
      let length = 0;
      for (;;) {
        if (length === this.#buffer.length) this.#grow(path);
        const got = readSync(file, this.#buffer, length, this.#buffer.length - length, null);
        if (got === 0) return this.#buffer.toString('utf8', 0, length);
        length += got;
      }
    } finally {
      closeSync(file);
    }
  }

  #grow(path: string): void {
    if (this.#buffer.length >= maxFileBytes) {
      throw new RangeError(`${path} is larger than ${maxFileBytes} bytes`);
    }
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
