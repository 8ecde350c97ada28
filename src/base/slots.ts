interface Waiting {
  readonly signal: AbortSignal;
  readonly go: () => void;
}

/** A bounded number of things at once; the others wait in order of their coming. */
export class Slots {
  readonly #max: () => number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  /** @param max how many there are; one that changes holds from the next on that is taken or given back */
  constructor(max: number | (() => number)) {
    this.#max = typeof max === 'number' ? () => max : max;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#taken >= this.#max();
  }

  /** Resolves when there is room; disposing of the slot gives it back. @throws what the signal aborts with */
  async take(signal: AbortSignal): Promise<{ readonly signal: AbortSignal } & Disposable> {
    signal.throwIfAborted();
    if (this.isFull) await this.#wait(signal);
    else this.#taken++;
    let isHeld = true;
    return {
      signal,
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#giveBack();
      },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const at = this.#waiting.indexOf(one);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason);
      };
      const one: Waiting = {
        signal,
        go: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#waiting.push(one);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #giveBack(): void {
    const next = this.#taken <= this.#max() ? this.#waiting.shift() : undefined;
    if (next === undefined) this.#taken--;
    else next.go();
  }
}
