import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of few megabytes; `undefined` where mounting is not allowed. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Something else takes all room but this. */
  leave(megabytes: number): void;
  /** It gives the room back. */
  clear(): void;
}

export function mountSmallDisk(path: string, megabytes: number): SmallDisk {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'nunchi-test', path]);
  const ballast = join(path, 'ballast');
  return {
    path,
    leave: (megabytes) => {
      const { bavail, bsize } = statfsSync(path);
      const taken = Buffer.alloc(Math.max(0, bavail * bsize - megabytes * 1024 * 1024));
      try {
        writeFileSync(ballast, taken);
      } catch (error) {
        // Who writes there just now took some of it: then it is full all the same.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]: () => void execFileSync('umount', ['-l', path]),
  };
}
