import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, describeError } from '#base';

/**
 * One server for one data directory. The lock is SQLite's on a file of its own: the system lets go
 * of it when the process dies, however it dies, and it works on every platform.
 * @throws {AppError} DATA_DIR_IN_USE, DATA_DIR_UNUSABLE
 */
export function lockDataDir(dataDir: string): Disposable {
  const path = join(dataDir, 'server.lock');
  const pidPath = join(dataDir, 'server.pid');
  let db: DatabaseSync;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o750 });
    db = new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusable(dataDir, error);
  }
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!/locked|busy/i.test(describeError(error))) throw unusable(dataDir, error);
    const pid = readPid(pidPath);
    throw new AppError(
      'DATA_DIR_IN_USE',
      `Another Nunchi${pid === undefined ? '' : ` (process ${pid})`} uses ${dataDir}`,
      { hint: 'Stop it, or choose another folder with --data-dir', cause: error },
    );
  }
  writeFileSync(pidPath, `${process.pid}\n`);
  return {
    [Symbol.dispose]: () => {
      rmSync(pidPath, { force: true });
      db.close();
    },
  };
}

function readPid(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function unusable(dataDir: string, cause: unknown): AppError {
  return new AppError('DATA_DIR_UNUSABLE', `Cannot use ${dataDir}: ${describeError(cause)}`, {
    hint: 'Check that the folder can be written, or choose another with --data-dir',
    cause,
  });
}
