import type { Clock, Logger } from '#base';
import type { LineHandler } from './handler.ts';
import type { SliceOptions } from './slice-reader.ts';
import type { TailStats } from './stats.ts';

export interface FollowerOptions extends SliceOptions {
  /** Name of the input in checkpoints. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly excludePaths: readonly string[];
  /** Files that are there at the first start: from their head, or only what is written later. */
  readonly fromHead: boolean;
  /** At most so much from the end of each file that is there at the first start; absent: all. */
  readonly maxFirstReadBytes?: number;
  /** The same for files that appear later. */
  readonly newFromHead: boolean;
  readonly refreshIntervalMs: number;
  /** How long a rotated or deleted file is watched for late lines after its end was reached. */
  readonly rotateWaitMs: number;
  /** Files not modified for so long are left alone when they are first seen; 0: none. */
  readonly ignoreOlderMs: number;
  readonly maxOpenFiles: number;
  /** Folder for unpacked rotated files. */
  readonly scratchFolder: string;
}

export interface FollowerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stats: TailStats;
  /** Undefined: this path is not for us. */
  readonly handlerFor: (path: string, realPath: string) => LineHandler | undefined;
  /** Something changed outside of a poll (a file was unpacked). */
  readonly wake: () => void;
}
