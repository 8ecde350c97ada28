interface Waiting {
  readonly start: () => void;
  readonly order: number;
}

/**
 * Lets so many run at once; the others wait by `order`, the lowest first. A browser has six requests
 * to a server in flight: those that a person does not wait for must leave some.
 */
export class RequestQueue {
  readonly #maxRunning: number;
  #running = 0;
  #waiting: Waiting[] = [];

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  /** @throws the signal's reason, also while waiting */
  async run<T>(work: () => Promise<T>, signal: AbortSignal, order: number): Promise<T> {
    signal.throwIfAborted();
    if (this.#running >= this.#maxRunning) await this.#turn(signal, order);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(signal: AbortSignal, order: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        order,
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      const at = this.#waiting.findIndex((one) => one.order > order);
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, waiting);
    });
  }

  /** The place goes to who waits first, or is free again. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next.start();
  }
}
