import {
  backoffMs,
  type Clock,
  describeError,
  isAppError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import type { Collection } from '#state';
import type { RetryConfig } from '../config/contract.ts';
import type { Incident } from '../contract.ts';
import type { IncidentNews, MessagePicture, WatchMessage } from '../messages/contract.ts';
import { headline } from '../messages/words.ts';
import type { Teller } from './contract.ts';
import type { DeadLetters } from './dead-letters.ts';

/** A message that a provider has not taken yet. */
export interface OutboxEntry {
  readonly message: WatchMessage | IncidentNews;
  /** Of the incident, for its thread; undefined: it belongs to none. */
  readonly incidentId: string | undefined;
  readonly addedMs: number;
}

export interface OutboxDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly entries: Collection<OutboxEntry>;
  /** Threads by `PROVIDER/INCIDENT`. */
  readonly threads: Collection<string>;
  readonly deadLetters: DeadLetters;
  /** How soon it is tried again, and after how many tries the fallback is told. */
  readonly retry: RetryConfig;
  /** Tells somebody else what this provider does not take; absent: nobody else. */
  readonly fallback?: (message: WatchMessage) => Promise<void>;
  /** A chart of the shelf; undefined: it is gone. */
  readonly pictureOf: (id: string) => Promise<Buffer | undefined>;
  /** What became of a message about an incident. */
  readonly onDelivery?: (incidentId: string, delivery: Delivery) => void;
}

/** A message on its way to a provider, or there. */
export interface Delivery {
  /** The same for all news of one message. */
  readonly id: string;
  readonly provider: string;
  readonly what: 'created' | 'updated' | 'resolved' | 'picture' | 'notes';
  readonly state: 'waiting' | 'delivered' | 'dropped';
  readonly tries: number;
  readonly addedMs: number;
  /** Of the last try; undefined: there was none. */
  readonly triedMs?: number | undefined;
  /** Why the last try failed. */
  readonly problem?: string | undefined;
}

const maxWaiting = 1000;
/** What could not be told in a day is told no more. */
const maxAgeMs = 86_400_000;

/**
 * Messages on their way to one provider, in order, kept on disk until it took them: an outage of the
 * chat loses none, nor does a restart.
 */
export class Outbox implements AsyncDisposable {
  readonly #teller: Teller;
  readonly #name: string;
  readonly #deps: OutboxDeps;
  readonly #stopping = new AbortController();
  readonly #waiting: { readonly id: string; readonly entry: OutboxEntry }[] = [];
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #sequence = 0;
  readonly #told;
  readonly #failures;
  readonly #dropped;

  private constructor(name: string, teller: Teller, deps: OutboxDeps) {
    this.#name = name;
    this.#teller = teller;
    this.#deps = deps;
    const { metrics } = deps;
    this.#told = metrics.counter('nunchi_watch_messages_total', 'Messages that providers took');
    this.#failures = metrics.counter(
      'nunchi_watch_delivery_failures_total',
      'Tries to tell a provider that failed',
    );
    this.#dropped = metrics.counter(
      'nunchi_watch_messages_dropped_total',
      'Messages that were not told: too many, too old, or refused for good',
    );
  }

  /** @param name of the provider, the same over restarts */
  static async open(name: string, teller: Teller, deps: OutboxDeps): Promise<Outbox> {
    const outbox = new Outbox(name, teller, deps);
    for (const { id, value } of await deps.entries.list({ prefix: `${name}/` })) {
      outbox.#waiting.push({ id, entry: value });
      outbox.#sequence = Math.max(outbox.#sequence, Number(id.split('/').at(-1)));
    }
    return outbox;
  }

  /** Of the provider. */
  get name(): string {
    return this.#name;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Resolves when it is on disk. */
  async add(message: WatchMessage | IncidentNews): Promise<void> {
    if (!this.#takes(message)) return;
    const { entries, clock, log } = this.#deps;
    if (this.#waiting.length >= maxWaiting) {
      // The oldest says least about now.
      const oldest = this.#waiting.shift();
      if (oldest !== undefined) {
        await entries.delete(oldest.id);
        this.#note(oldest, { state: 'dropped', problem: 'too many messages wait' });
      }
      this.#dropped.add(1, { provider: this.#teller.type });
      log.warn('A message is dropped: too many wait', { provider: this.#name, limit: maxWaiting });
    }
    this.#sequence += 1;
    const id = `${this.#name}/${String(this.#sequence).padStart(12, '0')}`;
    const incidentId = message.kind === 'text' ? undefined : message.incident.id;
    const entry: OutboxEntry = { message, incidentId, addedMs: clock.nowMs() };
    await entries.put(id, entry);
    this.#waiting.push({ id, entry });
    this.#note({ id, entry }, { state: 'waiting' });
    this.#wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Stopping', 'AbortError'));
    this.#wake.resolve();
    await this.#running;
    this.#teller[Symbol.dispose]();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    for (let failures = 0; !signal.aborted; ) {
      const next = this.#waiting[0];
      if (next === undefined) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
        continue;
      }
      let waitMs = 0;
      try {
        await this.#tell(next.entry, signal);
        await this.#done(next.id);
        this.#note(next, { state: 'delivered', tries: failures + 1 });
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#failures.add(1, { provider: this.#teller.type });
        const details = isAppError(error) ? error.details : {};
        const isOld = clock.nowMs() - next.entry.addedMs > maxAgeMs;
        const { retry, fallback } = this.#deps;
        const isGivenUp = fallback !== undefined && failures >= retry.maxAttempts;
        if (details['isFinal'] === true || isOld || isGivenUp) {
          await this.#giveUp(next, describeError(error), failures);
          failures = 0;
          continue;
        }
        this.#note(next, { state: 'waiting', tries: failures, problem: describeError(error) });
        if (failures === 1)
          log.warn('A provider takes no message, it is tried again', {
            provider: this.#name,
            reason: describeError(error),
          });
        const asked = Number(details['retryAfterMs']);
        const { delayMs, maxBackoffMs } = retry;
        waitMs = asked > 0 ? asked : backoffMs(failures, { baseMs: delayMs, maxMs: maxBackoffMs });
      }
      if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  /** For good: the fallback is told, and it is kept to be looked at. */
  async #giveUp(
    waiting: { readonly id: string; readonly entry: OutboxEntry },
    reason: string,
    tries: number,
  ): Promise<void> {
    const { log, fallback, deadLetters, clock } = this.#deps;
    const provider = this.#name;
    log.error('A message cannot be told', { provider, reason });
    this.#dropped.add(1, { provider: this.#teller.type });
    const { message, incidentId } = waiting.entry;
    if (message.kind === 'text' || message.kind === 'incident') {
      const text = message.kind === 'text' ? message.text : headline(message);
      await deadLetters.add({ atMs: clock.nowMs(), provider, reason, text, incidentId });
      await fallback?.(message);
    }
    await this.#done(waiting.id);
    this.#note(waiting, { state: 'dropped', tries, problem: reason });
  }

  /** A chart, or who is at it, is nothing to those who have no place for it. */
  #takes(message: WatchMessage | IncidentNews): boolean {
    const { takesTexts, tellPicture, tellNotes } = this.#teller;
    switch (message.kind) {
      case 'text':
        return takesTexts;
      case 'picture':
        return tellPicture !== undefined || (takesTexts && message.picture.url !== undefined);
      case 'notes':
        return tellNotes !== undefined;
      default:
        return true;
    }
  }

  async #tell({ message, incidentId }: OutboxEntry, signal: AbortSignal): Promise<void> {
    const { threads } = this.#deps;
    const key = incidentId === undefined ? undefined : `${this.#name}/${incidentId}`;
    const known = key === undefined ? undefined : (await threads.get(key))?.value;
    if (message.kind === 'notes') {
      await this.#teller.tellNotes?.(message.incident, message.notes, signal);
      return;
    }
    if (message.kind === 'picture') {
      await this.#tellPicture(message.picture, message.incident, known, signal);
      return;
    }
    const thread = await this.#teller.tell(message, known, signal);
    this.#told.add(1, { provider: this.#teller.type });
    if (key === undefined || message.kind !== 'incident') return;
    const isOver = message.change === 'resolved';
    if (isOver) await threads.delete(key);
    else if (thread !== undefined && thread !== known) await threads.put(key, thread);
    if (message.picture !== undefined && this.#teller.tellPicture !== undefined)
      await this.#tellPicture(message.picture, message.incident, thread ?? known, signal);
  }

  /** The message is told: what is wrong with its chart is no reason to tell it again. */
  async #tellPicture(
    picture: MessagePicture,
    incident: Incident,
    thread: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { pictureOf, log } = this.#deps;
    try {
      if (this.#teller.tellPicture === undefined) {
        const text = `${picture.altText}: ${picture.url}`;
        await this.#teller.tell({ kind: 'text', text }, undefined, signal);
        return;
      }
      const png = await pictureOf(picture.id);
      if (png === undefined) return;
      await this.#teller.tellPicture({ ...picture, png }, { incident, thread }, signal);
    } catch (error) {
      log.warn('The chart of an incident is not shown', {
        provider: this.#name,
        incident: incident.id,
        reason: describeError(error),
      });
    }
  }

  #note(
    { id, entry }: { readonly id: string; readonly entry: OutboxEntry },
    news: Pick<Delivery, 'state'> & Partial<Delivery>,
  ): void {
    const { message, incidentId, addedMs } = entry;
    if (incidentId === undefined || message.kind === 'text') return;
    const what = message.kind === 'incident' ? message.change : message.kind;
    const { tries = 0 } = news;
    this.#deps.onDelivery?.(incidentId, {
      id,
      provider: this.#name,
      what,
      addedMs,
      ...(tries > 0 ? { triedMs: this.#deps.clock.nowMs() } : {}),
      ...news,
      tries,
    });
  }

  async #done(id: string): Promise<void> {
    const at = this.#waiting.findIndex((one) => one.id === id);
    if (at >= 0) this.#waiting.splice(at, 1);
    await this.#deps.entries.delete(id);
  }
}
