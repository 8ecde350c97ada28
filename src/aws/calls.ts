import { AwsError } from './errors.ts';

/** Bodies held at one time; beyond, clients are asked to come again, which all of them do. */
const maxBytesInFlight = 256 * 1024 * 1024;

/** The requests that are being answered: bounds what they hold, and ends them when the server stops. */
export class CallsInFlight {
  readonly #active = new Set<AbortController>();
  #bytes = 0;
  #isStopping = false;

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Makes room for a body. @returns what gives the room back
   * @throws {AwsError} ThrottlingException while there is none
   */
  admit(bytes: number): () => void {
    if (this.#bytes + bytes > maxBytesInFlight) {
      throw new AwsError('ThrottlingException', 'Rate exceeded');
    }
    this.#bytes += bytes;
    return () => {
      this.#bytes -= bytes;
    };
  }

  /**
   * Starts one call. Its signal aborts after `maxMs`, when the server stops, and with `end`, which
   * the caller must call once the connection is closed or the reply is sent.
   */
  start(maxMs: number | undefined): { readonly signal: AbortSignal; readonly end: () => void } {
    const controller = new AbortController();
    this.#active.add(controller);
    if (this.#isStopping) controller.abort();
    const timer = maxMs === undefined ? undefined : setTimeout(() => controller.abort(), maxMs);
    timer?.unref();
    return {
      signal: controller.signal,
      end: () => {
        clearTimeout(timer);
        this.#active.delete(controller);
        controller.abort();
      },
    };
  }

  stop(): void {
    this.#isStopping = true;
    for (const controller of this.#active) controller.abort();
  }
}
