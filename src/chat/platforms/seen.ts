/** Chats deliver again what they think was not heard; so many are known. */
const maxSeen = 2000;

/** Knows which deliveries there were, the newest of them. */
export class Seen {
  readonly #ids = new Set<string>();

  /** @returns whether it is seen for the first time */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > maxSeen) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return true;
  }
}
