import type { Occurrence } from './record.ts';

interface Seen {
  count: number;
  lastMs: number;
  readonly namespace: string;
}

/** Events that an API server holds at a time: it forgets them after an hour, unless told otherwise. */
const defaultMaxEvents = 200_000;

/**
 * How often each event was seen. It holds what the API server holds: what that forgets is forgotten
 * here too.
 */
export class SeenEvents {
  readonly #seen = new Map<string, Seen>();
  readonly #maxEvents: number;
  /** Forgotten because there are too many: their next occurrence counts as their first. */
  forgotten = 0;

  constructor(maxEvents: number = defaultMaxEvents) {
    this.#maxEvents = maxEvents;
  }

  get size(): number {
    return this.#seen.size;
  }

  get isFull(): boolean {
    return this.#seen.size >= this.#maxEvents;
  }

  /** How many occurrences are new; they are known from now on. */
  take({ uid, count, lastMs }: Occurrence, namespace: string): number {
    const known = this.#seen.get(uid);
    if (known === undefined) {
      if (this.isFull) this.#forgetOldest();
      this.#seen.set(uid, { count, lastMs, namespace });
      return count;
    }
    // Some reporters write a later time without a higher count.
    const isLater = count === known.count && lastMs > known.lastMs;
    const occurrences = isLater ? 1 : Math.max(0, count - known.count);
    known.count = Math.max(count, known.count);
    known.lastMs = Math.max(lastMs, known.lastMs);
    return occurrences;
  }

  delete(uid: string): void {
    this.#seen.delete(uid);
  }

  /** The API server has no others. @param namespace what was listed; undefined: all */
  keepOnly(uids: ReadonlySet<string>, namespace: string | undefined): void {
    for (const [uid, seen] of this.#seen) {
      if (namespace !== undefined && seen.namespace !== namespace) continue;
      if (!uids.has(uid)) this.#seen.delete(uid);
    }
  }

  #forgetOldest(): void {
    const [first] = this.#seen.keys();
    if (first === undefined) return;
    this.#seen.delete(first);
    this.forgotten++;
  }
}
