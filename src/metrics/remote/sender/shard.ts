import { compress } from 'snappy';
import { backoffMs, type Clock, type Logger } from '#base';
import type { RemoteWriteConfig } from '#metrics/config';
import type { HttpClient } from '#metrics/http';
import { encodeWriteV1, encodeWriteV2, type OutgoingSeries } from '../encode.ts';
import type { SenderMetrics } from './sender-metrics.ts';

/** One sample on its way, and whom to tell. */
export interface Waiting {
  readonly series: OutgoingSeries;
  readonly timeMs: number;
  readonly done: () => void;
}

/** An answer is empty or a sentence. */
const maxAnswerBytes = 64 * 1024;

const messageType: Readonly<
  Record<RemoteWriteConfig['protobufMessage'], readonly [string, string]>
> = {
  'prometheus.WriteRequest': ['application/x-protobuf', '0.1.0'],
  'io.prometheus.write.v2.Request': [
    'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    '2.0.0',
  ],
};

export interface ShardDeps {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SenderMetrics;
  readonly random: () => number;
}

/** Sends its samples in order, one request at a time, until each is taken or refused for good. */
export class Shard {
  readonly #config: RemoteWriteConfig;
  readonly #deps: ShardDeps;
  readonly #stop: AbortSignal;
  #waiting: Waiting[] = [];
  #wake: () => void = () => {};
  #room: (() => void)[] = [];
  #isClosing = false;
  readonly #loop: Promise<void>;

  constructor(config: RemoteWriteConfig, deps: ShardDeps, stop: AbortSignal) {
    this.#config = config;
    this.#deps = deps;
    this.#stop = stop;
    stop.addEventListener('abort', () => this.#wakeAll(), { once: true });
    this.#loop = this.#run();
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Takes a sample; waits while the queue is full. */
  async add(item: Waiting): Promise<void> {
    while (this.#waiting.length >= this.#config.queueConfig.capacity && !this.#stop.aborted) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
    this.#waiting.push(item);
    if (this.#waiting.length === 1 || this.#isFull) this.#wake();
  }

  /** Resolves when all that was added is delivered or refused, or the sender stops. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    await this.#loop;
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#config.queueConfig.maxSamplesPerSend;
  }

  async #run(): Promise<void> {
    const { maxSamplesPerSend, batchSendDeadlineMs } = this.#config.queueConfig;
    for (;;) {
      if (this.#stop.aborted) return;
      if (this.#waiting.length === 0) {
        if (this.#isClosing) return;
        await this.#woken();
        continue;
      }
      if (!this.#isFull && !this.#isClosing) await this.#woken(batchSendDeadlineMs);
      if (this.#stop.aborted) return;
      const batch = this.#waiting.splice(0, maxSamplesPerSend);
      for (const resolve of this.#room.splice(0)) resolve();
      await this.#deliver(batch);
    }
  }

  /** Until something is added or full, the shard closes, or the time is over. */
  #woken(withinMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs === undefined ? undefined : setTimeout(resolve, withinMs);
      this.#wake = () => {
        if (timer !== undefined && !this.#isFull && !this.#isClosing && !this.#stop.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wakeAll(): void {
    this.#wake();
    for (const resolve of this.#room.splice(0)) resolve();
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    const { metrics, log, clock, random } = this.#deps;
    const { minBackoffMs, maxBackoffMs, sampleAgeLimitMs } = this.#config.queueConfig;
    let items = batch;
    for (let attempt = 0; ; attempt++) {
      if (sampleAgeLimitMs > 0) items = this.#youngEnough(items, sampleAgeLimitMs);
      if (items.length === 0) return;
      const outcome = await this.#send(items);
      if (this.#stop.aborted) return;
      if (outcome.kind !== 'retry') {
        if (outcome.kind === 'refused') {
          metrics.failed(items.length);
          log.error('A remote write receiver refuses samples: they are dropped', {
            samples: items.length,
            reason: outcome.reason,
          });
        } else metrics.sent(items.length);
        for (const { done } of items) done();
        return;
      }
      metrics.retried(items.length);
      if (attempt === 0 || attempt % 20 === 0) {
        log.warn('A remote write receiver does not answer well: samples wait', {
          samples: items.length,
          attempt,
          reason: outcome.reason,
        });
      }
      const waitMs =
        outcome.retryAfterMs ??
        backoffMs(attempt, { baseMs: minBackoffMs, maxMs: maxBackoffMs }, random);
      await clock.sleep(waitMs, this.#stop).catch(() => {});
    }
  }

  #youngEnough(items: readonly Waiting[], limitMs: number): readonly Waiting[] {
    const oldestMs = this.#deps.clock.nowMs() - limitMs;
    const young = items.filter(({ timeMs }) => timeMs >= oldestMs);
    if (young.length === items.length) return items;
    this.#deps.metrics.dropped(items.length - young.length, 'too_old');
    for (const item of items) if (item.timeMs < oldestMs) item.done();
    return young;
  }

  async #send(items: readonly Waiting[]): Promise<Outcome> {
    const { client, clock, metrics } = this.#deps;
    const { url, headers, remoteTimeoutMs, protobufMessage, queueConfig } = this.#config;
    const series = items.map((item) => item.series);
    const plain =
      protobufMessage === 'prometheus.WriteRequest' ? encodeWriteV1(series) : encodeWriteV2(series);
    const body = await compress(plain);
    const [contentType, version] = messageType[protobufMessage];
    const startMs = clock.monotonicMs();
    try {
      const {
        status,
        statusText,
        headers: answer,
        body: text,
      } = await client.request({
        url,
        method: 'POST',
        headers: {
          ...headers,
          'content-type': contentType,
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': version,
        },
        body,
        maxBytes: maxAnswerBytes,
        signal: AbortSignal.any([this.#stop, AbortSignal.timeout(remoteTimeoutMs)]),
      });
      metrics.requested(body.length, (clock.monotonicMs() - startMs) / 1000);
      if (status >= 200 && status < 300) return { kind: 'sent' };
      const reason = `${status} ${statusText}: ${text.toString('utf8').slice(0, 256).trim()}`;
      const isLater = status >= 500 || (status === 429 && queueConfig.retryOnHttp_429);
      if (!isLater) return { kind: 'refused', reason };
      return { kind: 'retry', reason, ...retryAfter(answer['retry-after']) };
    } catch (error) {
      return { kind: 'retry', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly retryAfterMs?: number };

/** A receiver that asks for more than this is as good as away. */
const maxRetryAfterMs = 5 * 60_000;

function retryAfter(value: string | string[] | undefined): { readonly retryAfterMs?: number } {
  const seconds = Number(Array.isArray(value) ? value[0] : value);
  return Number.isFinite(seconds) && seconds > 0
    ? { retryAfterMs: Math.min(maxRetryAfterMs, seconds * 1000) }
    : {};
}
