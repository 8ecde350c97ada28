import { Slots } from '#base';
import { canceledError, queueTimeoutError } from '../errors.ts';

/** Lets at most so many queries run at once; the others wait in the order in which they came. */
export class QueryGate {
  readonly #slots: Slots;

  constructor(max: number) {
    this.#slots = new Slots(max);
  }

  get running(): number {
    return this.#slots.taken;
  }

  get waiting(): number {
    return this.#slots.waiting;
  }

  /**
   * Resolves when it is the caller's turn, which ends when the result is disposed of.
   * @throws {AppError} PROMQL_TIMEOUT, PROMQL_CANCELED
   */
  async enter(signal: AbortSignal, timeoutMs: number): Promise<Disposable> {
    if (signal.aborted) throw canceledError(signal.reason);
    if (!this.#slots.isFull) return this.#slots.take(signal);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), Math.min(timeoutMs, 2 ** 31 - 1));
    try {
      return await this.#slots.take(AbortSignal.any([signal, late.signal]));
    } catch {
      throw signal.aborted ? canceledError(signal.reason) : queueTimeoutError();
    } finally {
      clearTimeout(timer);
    }
  }
}
