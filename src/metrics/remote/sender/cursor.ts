import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * How far into the store's log everything has been delivered, kept in a file of its own per receiver.
 * Batches may be delivered in any order; the cursor is that of the last one before which all are.
 */
export class DeliveredCursor {
  readonly #file: string;
  readonly #open: { readonly cursor: string; left: number }[] = [];
  #cursor: string;
  #saved: string;
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, cursor: string, saved: string) {
    this.#file = file;
    this.#cursor = cursor;
    this.#saved = saved;
  }

  /**
   * @param identity of the receiver: another address is another receiver
   * @param present where a receiver begins that was never sent to
   */
  static async load(folder: string, identity: string, present: string): Promise<DeliveredCursor> {
    await mkdir(folder, { recursive: true });
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    const file = join(folder, `${name}.json`);
    try {
      const known: unknown = JSON.parse(await readFile(file, 'utf8'));
      if (typeof known === 'object' && known !== null && 'cursor' in known) {
        return new DeliveredCursor(file, String(known.cursor), String(known.cursor));
      }
    } catch {
      // None yet, or one that a full disk left behind: the present moment counts.
    }
    // Noted at once: what comes from now on is owed, also when nothing is delivered before the end.
    const begun = new DeliveredCursor(file, present, '');
    await begun.save();
    return begun;
  }

  get value(): string {
    return this.#cursor;
  }

  /** A batch begins; call `done` for each of its samples. */
  begin(cursor: string, samples: number): { done(count: number): void } {
    const entry = { cursor, left: samples };
    this.#open.push(entry);
    if (samples === 0) this.#advance();
    return {
      done: (count) => {
        entry.left -= count;
        if (entry.left <= 0) this.#advance();
      },
    };
  }

  #advance(): void {
    while (this.#open[0] !== undefined && this.#open[0].left <= 0) {
      this.#cursor = this.#open.shift()!.cursor;
    }
  }

  /** Writes the file when there is something new to tell. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const cursor = this.#cursor;
      if (cursor === this.#saved) return;
      const next = `${this.#file}.next`;
      await writeFile(next, JSON.stringify({ cursor }));
      await rename(next, this.#file);
      this.#saved = cursor;
    });
    return this.#saving;
  }
}
