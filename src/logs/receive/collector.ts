import { isAppError, type MetricsRegistry } from '#base';
import { type BatchSection, SectionBuilder } from '#logs/batch';
import type { ReceiveDeps } from './contract.ts';
import { groupName, streamName } from './template.ts';

/** CloudWatch's own bound on one event, 1 MiB; longer messages are cut and counted. */
const maxMessageBytes = 1024 * 1024;
const cutMark = ' [cut by nunchi]';

/** Times before 2000-01-01 are clocks that were never set. */
const minTimeMs = 946_684_800_000;
/** A sender's clock may be ahead by this much. */
const maxAheadMs = 24 * 3_600_000;

/** One batch holds at most this many streams: a sender that names one per event must not eat memory. */
const maxStreamsPerBatch = 10_000;
const overflowKey = '/nunchi/overflow\noverflow';

/** Counters of one receiver, shared by all its requests and connections. */
export class ReceiverMetrics {
  readonly name: string;
  readonly #registry: MetricsRegistry;

  constructor(name: string, registry: MetricsRegistry) {
    this.name = name;
    this.#registry = registry;
  }

  received(events: number, bytes: number): void {
    this.#add('nunchi_receive_events_total', 'Events taken from shippers and stored', events);
    this.#add('nunchi_receive_bytes_total', 'Message bytes taken from shippers and stored', bytes);
  }

  retimed(): void {
    this.#add(
      'nunchi_receive_retimed_events_total',
      'Events whose time was missing or impossible and which got their time of arrival',
      1,
    );
  }

  cut(): void {
    this.#add('nunchi_receive_cut_events_total', 'Events cut to the longest allowed message', 1);
  }

  overflowed(): void {
    this.#add(
      'nunchi_receive_overflow_events_total',
      'Events put into /nunchi/overflow because one batch named too many streams',
      1,
    );
  }

  /** Events that will not be stored. */
  rejected(events: number, reason: string): void {
    this.#add('nunchi_receive_rejected_events_total', 'Events refused, by reason', events, reason);
  }

  failed(reason: string): void {
    this.#add(
      'nunchi_receive_failures_total',
      'Requests and messages refused, by reason',
      1,
      reason,
    );
  }

  retried(): void {
    this.#add('nunchi_receive_append_retries_total', 'Appends tried again', 1);
  }

  #add(name: string, help: string, delta: number, reason?: string): void {
    this.#registry
      .counter(name, help)
      .add(delta, { receiver: this.name, ...(reason === undefined ? {} : { reason }) });
  }
}

/** Gathers events by group and stream and appends them as one durable batch. */
export class Collector {
  readonly #deps: ReceiveDeps;
  readonly #metrics: ReceiverMetrics;
  #builders = new Map<string, SectionBuilder>();
  #events = 0;
  #bytes = 0;
  /** Names as asked for to names as stored: each is cleaned once. */
  readonly #keys = new Map<string, string>();
  /** Events come in runs of one stream. */
  #last:
    | { readonly group: string; readonly stream: string; readonly builder: SectionBuilder }
    | undefined;

  constructor(deps: ReceiveDeps, metrics: ReceiverMetrics) {
    this.#deps = deps;
    this.#metrics = metrics;
  }

  get events(): number {
    return this.#events;
  }

  /** Message bytes gathered. */
  get bytes(): number {
    return this.#bytes;
  }

  /** For events whose sender gives no time by design. */
  nowMs(): number {
    return this.#deps.clock.nowMs();
  }

  /** `timeMs` undefined: the sender should have given one and did not. The message is copied. */
  add(
    group: string,
    stream: string,
    timeMs: number | undefined,
    message: string | Uint8Array,
  ): void {
    const last = this.#last;
    const builder =
      last !== undefined && last.group === group && last.stream === stream
        ? last.builder
        : this.#builderFor(group, stream);
    const before = builder.messageBytes;
    builder.add(this.#saneTime(timeMs), this.#cut(message));
    this.#events += 1;
    this.#bytes += builder.messageBytes - before - 4;
  }

  #builderFor(group: string, stream: string): SectionBuilder {
    const rawKey = `${group}\n${stream}`;
    let key = this.#keys.get(rawKey);
    if (key === undefined) {
      // When names multiply, what comes later goes to one place rather than to nowhere.
      const tooMany = this.#builders.size >= maxStreamsPerBatch;
      key = tooMany ? overflowKey : `${groupName(group)}\n${streamName(stream)}`;
      if (tooMany) this.#metrics.overflowed();
      else this.#keys.set(rawKey, key);
    }
    let builder = this.#builders.get(key);
    if (builder === undefined) {
      const [cleanGroup, cleanStream] = key.split('\n') as [string, string];
      builder = new SectionBuilder(cleanGroup, cleanStream);
      this.#builders.set(key, builder);
    }
    this.#last = { group, stream, builder };
    return builder;
  }

  /**
   * Resolves when all that was gathered is durable; the collector is empty then.
   * @throws {AppError} what the store throws, STORE_FULL above all; the events are kept for a retry
   */
  async append(): Promise<void> {
    if (this.#events === 0) return;
    const sections: BatchSection[] = [];
    for (const builder of this.#builders.values()) sections.push(builder.finish());
    await this.#deps.store.append({ sections });
    this.#metrics.received(this.#events, this.#bytes);
    this.#builders = new Map();
    this.#keys.clear();
    this.#last = undefined;
    this.#events = 0;
    this.#bytes = 0;
  }

  #saneTime(timeMs: number | undefined): number {
    const nowMs = this.#deps.clock.nowMs();
    if (timeMs !== undefined && timeMs >= minTimeMs && timeMs <= nowMs + maxAheadMs) {
      return Math.floor(timeMs);
    }
    this.#metrics.retimed();
    return nowMs;
  }

  #cut(message: string | Uint8Array): string | Uint8Array {
    if (message.length * (typeof message === 'string' ? 3 : 1) <= maxMessageBytes) return message;
    const bytes = typeof message === 'string' ? Buffer.from(message) : message;
    if (bytes.length <= maxMessageBytes) return bytes;
    this.#metrics.cut();
    let end = maxMessageBytes - cutMark.length;
    // Not inside a character.
    while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
    return Buffer.concat([bytes.subarray(0, end), Buffer.from(cutMark)]);
  }
}

/** Why a request failed, as a metric label with few values. */
export function failureReason(error: unknown): string {
  if (isAppError(error)) return error.code;
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (status === 413) return 'BODY_TOO_LARGE';
  return typeof status === 'number' && status < 500 ? 'INVALID_REQUEST' : 'INTERNAL';
}

/** True for failures that go away: the sender should try again. */
export function isRetryable(error: unknown): boolean {
  return isAppError(error, 'STORE_FULL') || isAppError(error, 'STORE_CLOSED');
}
