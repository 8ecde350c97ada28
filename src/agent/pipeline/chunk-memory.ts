/** What memory is asked for; its identity is the key. */
export interface MemoryItem {
  /** Of its text: events in memory take several times as much. */
  readonly bytes: number;
  /** Grows; what comes later is needed later. */
  readonly order: number;
}

interface Entry<T> {
  readonly value: Promise<T>;
  users: number;
  /** Its bytes are in the sum: false while it waits for room. */
  isCounted: boolean;
}

/**
 * The chunks that are in memory, out of all that wait in the spool. What nobody uses at the moment
 * makes room for what somebody needs, the latest first; who needs more than there is waits until
 * others are done. One item always has room, however large it is.
 */
export class ChunkMemory<K extends MemoryItem, T> {
  readonly #maxBytes: number;
  readonly #load: (item: K) => Promise<T>;
  readonly #entries = new Map<K, Entry<T>>();
  #bytes = 0;
  #waiters: (() => void)[] = [];
  #closed = false;

  /** @param load reads an item back from where it is kept */
  constructor(maxBytes: number, load: (item: K) => Promise<T>) {
    this.#maxBytes = maxBytes;
    this.#load = load;
  }

  /** Bytes in memory or being read into it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps what is at hand if there is room that nobody waits for. */
  offer(item: K, value: T): void {
    if (this.#waiters.length > 0 || this.#bytes + item.bytes > this.#maxBytes) return;
    this.#bytes += item.bytes;
    this.#entries.set(item, { value: Promise.resolve(value), users: 0, isCounted: true });
  }

  /** The item, from memory or read back; every `take` that resolved is followed by a `release`. */
  async take(item: K): Promise<T> {
    let entry = this.#entries.get(item);
    if (entry === undefined) {
      entry = this.#enter(item);
      this.#entries.set(item, entry);
    }
    entry.users++;
    return await entry.value;
  }

  release(item: K): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    entry.users--;
    if (entry.users === 0) this.#wake();
  }

  /** The item will not be asked for again. */
  forget(item: K): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    if (entry.isCounted) this.#bytes -= item.bytes;
    this.#wake();
  }

  /** Whoever waits for room is told that there will be none. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #enter(item: K): Entry<T> {
    const read = async (): Promise<T> => {
      await this.#room(item.bytes, entry);
      return await this.#load(item);
    };
    const entry: Entry<T> = {
      // Later than `entry` itself is there.
      value: Promise.resolve()
        .then(read)
        .catch((error: unknown) => {
          if (this.#entries.get(item) === entry) this.forget(item);
          throw error;
        }),
      users: 0,
      isCounted: false,
    };
    return entry;
  }

  /** Counts the entry in the same step that found room: others wait for room too. */
  async #room(bytes: number, entry: Entry<T>): Promise<void> {
    while (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      if (this.#evictLatest()) continue;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      if (this.#closed) throw new Error('The pipeline is stopped');
    }
    this.#bytes += bytes;
    entry.isCounted = true;
  }

  /** False when everything in memory is in use. */
  #evictLatest(): boolean {
    let latest: K | undefined;
    for (const [item, entry] of this.#entries) {
      if (entry.users > 0 || !entry.isCounted) continue;
      if (latest === undefined || item.order > latest.order) latest = item;
    }
    if (latest === undefined) return false;
    this.#entries.delete(latest);
    this.#bytes -= latest.bytes;
    return true;
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
