import { readFile, stat } from 'node:fs/promises';
import { AppError, describeError } from '#base';

/** Tokens, passwords and certificates are small. */
const maxFileBytes = 4 * 1024 * 1024;

/**
 * Files that are read when they are used: a changed file counts at the next use, an unchanged one is
 * not read again.
 */
export class FileCache {
  readonly #held = new Map<string, { readonly mark: string; readonly bytes: Buffer }>();

  /** @throws {AppError} HTTP_FILE_UNREADABLE */
  async read(path: string): Promise<Buffer> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      if (size > maxFileBytes) throw new TypeError('larger than 4 MiB');
      const mark = `${mtimeMs} ${size} ${ino}`;
      const held = this.#held.get(path);
      if (held?.mark === mark) return held.bytes;
      const bytes = await readFile(path);
      this.#held.set(path, { mark, bytes });
      return bytes;
    } catch (error) {
      throw new AppError(
        'HTTP_FILE_UNREADABLE',
        `unable to read file ${path}: ${describeError(error)}`,
        {
          hint: 'The configuration names this file',
          details: { path },
          cause: error,
        },
      );
    }
  }

  /** The text without blanks and line ends around it. */
  async readText(path: string): Promise<string> {
    return (await this.read(path)).toString('utf8').trim();
  }
}
