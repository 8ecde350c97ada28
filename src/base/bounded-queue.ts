/**
 * A first-in first-out queue with a bound on the weight it holds. `push` waits while the queue is
 * full (one item may always enter an empty queue, whatever its weight); `shift` waits while empty.
 */
export class BoundedQueue<T> {
  readonly #maxWeight: number;
  #items: { item: T; weight: number }[] = [];
  #weight = 0;
  #closed = false;
  #waiters: (() => void)[] = [];

  /** @param maxWeight in the unit of the weights given to `push` (bytes, items…) */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  get length(): number {
    return this.#items.length;
  }

  get weight(): number {
    return this.#weight;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Adds without waiting; false when the queue is full or closed. */
  tryPush(item: T, weight = 1): boolean {
    if (this.#closed) return false;
    if (this.#items.length > 0 && this.#weight + weight > this.#maxWeight) return false;
    this.#items.push({ item, weight });
    this.#weight += weight;
    this.#wake();
    return true;
  }

  /** Resolves true once the item is in, false when the queue was closed. */
  async push(item: T, weight = 1, signal?: AbortSignal): Promise<boolean> {
    while (!this.tryPush(item, weight)) {
      if (this.#closed) return false;
      await this.#changed(signal);
    }
    return true;
  }

  tryShift(): T | undefined {
    const first = this.#items.shift();
    if (first === undefined) return undefined;
    this.#weight -= first.weight;
    this.#wake();
    return first.item;
  }

  /** The oldest item; undefined once the queue is closed and empty. */
  async shift(signal?: AbortSignal): Promise<T | undefined> {
    for (;;) {
      if (this.#items.length > 0) return this.tryShift();
      if (this.#closed) return undefined;
      await this.#changed(signal);
    }
  }

  /** No more pushes; what is inside can still be taken. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  #changed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }
}
