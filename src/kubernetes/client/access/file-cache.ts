import { readFileSync, statSync } from 'node:fs';

/**
 * Texts of small files, read anew when a file has changed: tokens and certificates are replaced while
 * the program runs. Kubernetes swaps a symbolic link, so time and inode both tell.
 */
export class ChangingFiles {
  readonly #texts = new Map<string, { readonly mark: string; readonly text: string }>();

  /** @throws what reading throws, unless the file was read before: then what it held */
  read(path: string): string {
    const known = this.#texts.get(path);
    try {
      const { mtimeMs, ino, size } = statSync(path);
      const mark = `${mtimeMs} ${ino} ${size}`;
      if (known?.mark === mark) return known.text;
      const text = readFileSync(path, 'utf8');
      this.#texts.set(path, { mark, text });
      return text;
    } catch (error) {
      // In the middle of being replaced.
      if (known !== undefined) return known.text;
      throw error;
    }
  }
}
