import { describeError } from '#base';
import type { FollowerDeps } from './follower-options.ts';

/** Counts and tells of what could not be read; it is tried again. */
export function tellReadError(
  { stats, logger }: Pick<FollowerDeps, 'stats' | 'logger'>,
  sentence: string,
  path: string,
  error: unknown,
): void {
  stats.readErrors++;
  logger.warn(sentence, { path, err: describeError(error) });
}
