import { backoffMs, type Clock, type Counter, type Logger, type MetricsRegistry } from '#base';
import type { BatchClient } from '../ship/client.ts';
import type { MetricSpool, SpooledRequest } from './spool.ts';

export interface SenderDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly client: BatchClient;
}

const backoff = { baseMs: 250, maxMs: 30_000 };
/** The log tells of the same trouble once, then this often. */
const remindMs = 60_000;

/** Sends what the spool holds, oldest first, one at a time, until the server has it or refuses it. */
export class MetricSender {
  readonly #spool: MetricSpool;
  readonly #deps: SenderDeps;
  readonly #sent: Counter;
  readonly #retries: Counter;
  readonly #dropped: Counter;
  readonly #toldMs = new Map<string, number>();

  constructor(spool: MetricSpool, deps: SenderDeps) {
    this.#spool = spool;
    this.#deps = deps;
    const { metrics } = deps;
    this.#sent = metrics.counter(
      'nunchi_agent_metrics_sent_samples_total',
      'Samples that the server has taken',
    );
    this.#retries = metrics.counter(
      'nunchi_agent_metrics_retries_total',
      'Requests with samples that failed and are repeated',
    );
    this.#dropped = metrics.counter(
      'nunchi_agent_metrics_dropped_samples_total',
      'Samples given up, by reason',
    );
    metrics.collected(
      'nunchi_agent_metrics_spooled_bytes',
      'Bytes of samples that wait on the disk',
      'gauge',
      () => [{ value: spool.bytes }],
    );
    metrics.collected(
      'nunchi_agent_metrics_spooled_requests',
      'Collections that wait on the disk',
      'gauge',
      () => [{ value: spool.requests }],
    );
  }

  /** Counts samples that are given up, and says why. */
  dropped(samples: number, reason: string, message: string, err?: unknown): void {
    this.#dropped.add(samples, { reason });
    const fields = { samples, reason, ...(err === undefined ? {} : { err }) };
    this.#tell(`dropped ${reason}`, () =>
      this.#deps.logger.warn(`Samples of this machine are given up: ${message}`, fields),
    );
  }

  /** Until the signal aborts; what is not sent by then stays in the spool. */
  async run(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; ) {
      const request = this.#spool.head();
      if (request === undefined) {
        await this.#spool.changed(signal);
        continue;
      }
      let waitMs: number | undefined;
      try {
        waitMs = await this.#send(request, attempt, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.dropped(request.samples, 'unreadable', 'The spool cannot be read', error);
        await this.#spool.remove(request).catch(() => {});
      }
      attempt = waitMs === undefined ? 0 : attempt + 1;
      if (waitMs !== undefined) await this.#deps.clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  /** Resolves when the spool is empty or the time is over. */
  async drain(timeoutMs: number): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs);
    while (this.#spool.requests > 0 && !timeout.aborted) await this.#spool.changed(timeout);
  }

  /** How long to wait before it is tried again; undefined: it is done with. */
  async #send(
    request: SpooledRequest,
    attempt: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const result = await this.#deps.client.writeMetrics(await this.#spool.read(request), signal);
    switch (result.kind) {
      case 'stored': {
        const written = Math.min(result.written ?? request.samples, request.samples);
        this.#sent.add(written);
        if (written < request.samples) {
          const missing = request.samples - written;
          this.dropped(missing, 'refused', 'The server did not store them');
        }
        this.#recovered();
        await this.#spool.remove(request);
        return undefined;
      }
      case 'refused': {
        const written = Math.min(result.written ?? 0, request.samples);
        this.#sent.add(written);
        this.dropped(request.samples - written, 'refused', result.reason);
        await this.#spool.remove(request);
        return undefined;
      }
      case 'retry':
        this.#retries.add(1);
        this.#tell('away', () =>
          this.#deps.logger.warn('The server does not take samples; they wait in the spool', {
            reason: result.reason,
            spooledBytes: this.#spool.bytes,
          }),
        );
        return result.afterMs ?? backoffMs(attempt, backoff);
    }
  }

  #recovered(): void {
    if (!this.#toldMs.delete('away')) return;
    this.#deps.logger.info('The server takes samples again', {
      spooledRequests: this.#spool.requests,
    });
  }

  #tell(what: string, say: () => void): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - (this.#toldMs.get(what) ?? Number.NEGATIVE_INFINITY) < remindMs) return;
    this.#toldMs.set(what, nowMs);
    say();
  }
}
