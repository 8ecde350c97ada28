import type { FollowedFiles } from './followed-files.ts';
import type { FollowerDeps, FollowerOptions } from './follower-options.ts';
import type { OpenFiles } from './open-files.ts';
import type { Unpacker } from './unpacker.ts';

/** What the jobs of one follower work on together. */
export interface FollowerParts {
  readonly options: FollowerOptions;
  readonly deps: FollowerDeps;
  readonly files: FollowedFiles;
  readonly open: OpenFiles;
  readonly unpacker: Unpacker;
}
