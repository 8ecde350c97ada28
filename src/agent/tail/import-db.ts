import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describeError, type Logger } from '#base';
import type { Checkpoint } from '../contract.ts';
import { fileKey } from './file.ts';
import type { SavedFile, SavedSource } from './positions.ts';

/**
 * Positions from Fluent Bit's own offset database, so that an agent that takes over from it neither
 * repeats nor misses lines. The database is only read. Without a file, or without its table, there
 * are none.
 */
export function importPositions(input: string, path: string, logger: Logger): Checkpoint[] {
  if (!existsSync(path)) return [];
  const found: Checkpoint[] = [];
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const rows = db
        .prepare('SELECT name, offset, inode, rotated FROM in_tail_files ORDER BY id')
        .all() as { name: string; offset: number; inode: number; rotated: number }[];
      for (const { name, offset, inode } of rows) {
        const stats = statSync(name, { throwIfNoEntry: false });
        // The database knows no device; a rotated file stays on that of its successor.
        if (stats === undefined) continue;
        const id = fileKey(stats.dev, inode);
        const file: SavedFile = { id, offset, fp: [0, 0] };
        found.push({ input, key: name, value: { files: [file] } satisfies SavedSource });
      }
    } finally {
      db.close();
    }
    if (found.length > 0) logger.info('Took over file positions', { path, files: found.length });
  } catch (error) {
    logger.warn('Cannot take over file positions', { path, err: describeError(error) });
  }
  return found;
}
