import type { Collection } from '#state';

/** A message that a provider never took. */
export interface DeadLetter {
  readonly atMs: number;
  readonly provider: string;
  readonly reason: string;
  /** Of the message in one line. */
  readonly text: string;
  readonly incidentId: string | undefined;
}

/** Kept to be looked at. */
const maxKept = 100;

/** The last messages that were not told, on disk. */
export class DeadLetters {
  readonly #kept: Collection<DeadLetter>;
  #ids: string[] = [];
  #sequence = 0;

  private constructor(kept: Collection<DeadLetter>) {
    this.#kept = kept;
  }

  static async open(kept: Collection<DeadLetter>): Promise<DeadLetters> {
    const letters = new DeadLetters(kept);
    letters.#ids = (await kept.list()).map(({ id }) => id);
    letters.#sequence = Number(letters.#ids.at(-1) ?? 0);
    return letters;
  }

  async add(letter: DeadLetter): Promise<void> {
    this.#sequence += 1;
    const id = String(this.#sequence).padStart(12, '0');
    this.#ids.push(id);
    await this.#kept.put(id, letter);
    while (this.#ids.length > maxKept) {
      const oldest = this.#ids.shift();
      if (oldest !== undefined) await this.#kept.delete(oldest);
    }
  }

  /** Newest first. */
  async list(): Promise<readonly DeadLetter[]> {
    return (await this.#kept.list()).map(({ value }) => value).reverse();
  }
}
