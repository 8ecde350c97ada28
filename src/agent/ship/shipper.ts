import {
  backoffMs,
  type Clock,
  type Counter,
  describeError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import type { Spool, SpooledFrame } from '../spool/spool.ts';
import type { BatchClient } from './client.ts';

export interface ShipperDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** While one batch is being synced by the server, the next is on its way. */
const maxInFlight = 2;

const backoff = { baseMs: 250, maxMs: 30_000 };

/** The log tells of a server that is away once, then this often. */
const remindMs = 60_000;

/** Sends the spool's frames to a Nunchi server, in order, until each is acknowledged. */
export class Shipper {
  readonly #spool: Spool;
  readonly #client: BatchClient;
  readonly #deps: ShipperDeps;
  readonly #inFlight = new Map<number, Promise<void>>();
  readonly #sent: Counter;
  readonly #sentBytes: Counter;
  readonly #sentEvents: Counter;
  readonly #duplicates: Counter;
  readonly #retries: Counter;
  readonly #dropped: Counter;
  #droppedEvents = 0;
  #failures = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(spool: Spool, client: BatchClient, deps: ShipperDeps) {
    this.#spool = spool;
    this.#client = client;
    this.#deps = deps;
    const { metrics } = deps;
    this.#sent = metrics.counter(
      'nunchi_agent_batches_sent_total',
      'Batches acknowledged by the server',
    );
    this.#sentBytes = metrics.counter(
      'nunchi_agent_sent_bytes_total',
      'Compressed bytes of acknowledged batches',
    );
    this.#sentEvents = metrics.counter(
      'nunchi_agent_sent_events_total',
      'Events acknowledged by the server',
    );
    this.#duplicates = metrics.counter(
      'nunchi_agent_batches_duplicate_total',
      'Batches the server already had',
    );
    this.#retries = metrics.counter(
      'nunchi_agent_send_retries_total',
      'Attempts to send a batch that failed and are repeated',
    );
    this.#dropped = metrics.counter(
      'nunchi_agent_events_dropped_total',
      'Events given up, by reason',
    );
  }

  /** Events given up since the start. */
  get droppedEvents(): number {
    return this.#droppedEvents;
  }

  /** Failed attempts in a row; 0 while the server takes batches. */
  get failures(): number {
    return this.#failures;
  }

  /** Runs until the signal aborts; what is not acknowledged by then stays in the spool. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let index = 0;
      while (this.#inFlight.size < maxInFlight) {
        const frame = this.#spool.peek(index);
        if (frame === undefined) break;
        index++;
        if (frame.done || this.#inFlight.has(frame.frame)) continue;
        this.#start(frame, signal);
      }
      await this.#spool.changed(signal);
    }
    await Promise.allSettled(this.#inFlight.values());
  }

  /** Resolves true when the spool is empty, false when the time is over. */
  async drain(timeoutMs: number): Promise<boolean> {
    const timeout = AbortSignal.timeout(timeoutMs);
    while (this.#spool.frames > 0 && !timeout.aborted) await this.#spool.changed(timeout);
    return this.#spool.frames === 0;
  }

  #start(frame: SpooledFrame, signal: AbortSignal): void {
    const sending = this.#ship(frame, signal)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        this.#deps.logger.error('Cannot send a batch', {
          batch: frame.batch,
          err: describeError(error),
        });
      })
      .finally(() => this.#inFlight.delete(frame.frame));
    this.#inFlight.set(frame.frame, sending);
  }

  async #ship(frame: SpooledFrame, signal: AbortSignal): Promise<void> {
    if (frame.batch > 0) {
      let payload: Buffer | undefined;
      try {
        ({ payload } = await this.#spool.load(frame));
      } catch (error) {
        this.#countDropped(frame, 'spool_damaged');
        this.#deps.logger.error('Gave up a batch that cannot be read back', {
          batch: frame.batch,
          events: frame.events,
          err: describeError(error),
        });
      }
      if (payload !== undefined) await this.#deliver(frame, payload, signal);
    }
    const acknowledged = this.#spool.acknowledge(frame);
    // Marked as done by now: the loop, woken when the queue changes, finds the place free.
    this.#inFlight.delete(frame.frame);
    await acknowledged;
  }

  async #deliver(frame: SpooledFrame, payload: Buffer, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const source = { id: frame.source, number: frame.batch };
      const result = await this.#client.send(source, payload, signal);
      if (result.kind === 'stored') {
        this.#sent.add(1);
        this.#sentBytes.add(payload.length);
        this.#sentEvents.add(frame.events);
        if (result.duplicate) this.#duplicates.add(1);
        if (this.#failures > 0) {
          this.#deps.logger.info('The server takes batches again', { failures: this.#failures });
        }
        this.#failures = 0;
        return;
      }
      if (result.kind === 'refused') {
        this.#countDropped(frame, 'refused');
        this.#deps.logger.error('The server refused a batch', {
          batch: frame.batch,
          events: frame.events,
          reason: result.reason,
        });
        return;
      }
      this.#retries.add(1);
      this.#failures++;
      this.#tellRetry(result.reason);
      const waitMs = Math.max(result.afterMs ?? 0, backoffMs(attempt, backoff));
      await this.#deps.clock.sleep(waitMs, signal);
    }
  }

  #countDropped(frame: SpooledFrame, reason: string): void {
    this.#droppedEvents += frame.events;
    this.#dropped.add(frame.events, { reason });
  }

  #tellRetry(reason: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#toldMs < remindMs) return;
    this.#toldMs = nowMs;
    this.#deps.logger.warn('The server does not take batches: they wait in the spool', {
      reason,
      waitingFrames: this.#spool.frames,
      waitingBytes: this.#spool.bytes,
    });
  }
}
