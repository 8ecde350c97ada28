import { backoffMs, type Clock } from '#base';

export interface OutboxDeps<T> {
  readonly clock: Clock;
  /** Ends what waits. */
  readonly stopping: AbortSignal;
  readonly send: (message: T) => Promise<unknown>;
  /** Another try would not help. */
  readonly isRefusal: (error: unknown) => boolean;
  readonly told: () => void;
  /** @param error undefined: there was no room */
  readonly dropped: (error: unknown) => void;
}

/** Messages that wait for one receiver; the oldest go first when there is no room. */
const maxWaiting = 200;
const maxTries = 30;
const retry = { baseMs: 2000, maxMs: 60_000 };

/** One message after the other to one receiver, tried again while it is away. */
export class Outbox<T> implements AsyncDisposable {
  readonly #deps: OutboxDeps<T>;
  readonly #waiting: T[] = [];
  #sending: Promise<void> | undefined;

  constructor(deps: OutboxDeps<T>) {
    this.#deps = deps;
  }

  put(message: T): void {
    if (this.#deps.stopping.aborted) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#waiting.shift();
      this.#deps.dropped(undefined);
    }
    this.#waiting.push(message);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    const { clock, stopping, send, isRefusal, told, dropped } = this.#deps;
    let tries = 0;
    while (!stopping.aborted) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      try {
        await send(next);
        told();
      } catch (error) {
        if (stopping.aborted) return;
        tries += 1;
        if (!isRefusal(error) && tries <= maxTries) {
          await clock.sleep(backoffMs(tries, retry), stopping).catch(() => {});
          continue;
        }
        dropped(error);
      }
      // The oldest may have gone meanwhile for want of room.
      if (this.#waiting[0] === next) this.#waiting.shift();
      tries = 0;
    }
  }
}
