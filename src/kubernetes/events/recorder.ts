import type { Event } from 'kubernetes-types/core/v1.d.ts';
import {
  backoffMs,
  type Clock,
  type Counter,
  describeError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import { isKubernetesError, type ReflectorSink } from '#kubernetes/client';
import type { Cluster, SharedInformer } from '#kubernetes/cluster';
import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import {
  eventRecord,
  eventsLogGroup,
  type Occurrence,
  occurrenceOf,
  parseEventRecord,
} from './record.ts';
import { SeenEvents } from './seen.ts';

export interface EventRecorderOptions {
  readonly clusterName: string;
  /** From an event to its record; a reader who waits for it sees it so late. */
  readonly flushEveryMs?: number;
  /** Events whose records wait for the log store. */
  readonly maxPending?: number;
}

export interface EventRecorderDeps {
  readonly cluster: Cluster;
  readonly store: LogStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Records that are looked through at a start: longer than any API server usually keeps an event. */
const lookBackMs = 26 * 60 * 60_000;
const lookAheadMs = 2 * 60 * 60_000;
/** Few questions, each of some megabytes. */
const pageEvents = 20_000;
/** Of one write. */
const maxBatchEvents = 1000;
const restartBackoff = { baseMs: 1000, maxMs: 60_000 };
const appendBackoff = { baseMs: 200, maxMs: 5000 };
const maxAppendTries = 8;

interface Pending {
  readonly event: Event;
  readonly occurrence: Occurrence;
  readonly occurrences: number;
}

/**
 * Writes the events of a cluster into its log group: one record for each new occurrence. What is
 * stored is read back at a start, so that neither a restart of Nunchi nor one of the API server makes
 * doubles, and what happened meanwhile (within the hour for which the API server keeps events) is not
 * missed.
 */
export class EventRecorder implements AsyncDisposable {
  readonly #options: Required<EventRecorderOptions>;
  readonly #deps: EventRecorderDeps;
  readonly #group: string;
  readonly #stored: Counter;
  readonly #failures: Counter;
  readonly #stopping = new AbortController();
  #seen = new SeenEvents();
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;
  #isForbidden = false;

  constructor(options: EventRecorderOptions, deps: EventRecorderDeps) {
    this.#options = { flushEveryMs: 1000, maxPending: 20_000, ...options };
    this.#deps = deps;
    this.#group = eventsLogGroup(options.clusterName);
    const { metrics } = deps;
    this.#stored = metrics.counter(
      'nunchi_kubernetes_events_stored_total',
      'Records of Kubernetes events that were stored, by type of event',
    );
    this.#failures = metrics.counter(
      'nunchi_kubernetes_events_failures_total',
      'Times that events of Kubernetes could not be read or stored; they are read again',
    );
    metrics.collected(
      'nunchi_kubernetes_events_known',
      'Events that the API server holds and whose count is known',
      'gauge',
      () => [{ value: this.#seen.size }],
    );
    metrics.collected(
      'nunchi_kubernetes_events_pending',
      'Records of events that wait for the log store',
      'gauge',
      () => [{ value: this.#pending.length }],
    );
    metrics.collected(
      'nunchi_kubernetes_events_forgotten_total',
      'Events whose count was forgotten as there are too many',
      'counter',
      () => [{ value: this.#seen.forgotten }],
    );
  }

  start(): this {
    this.#running ??= this.#run();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Events are no longer recorded', 'AbortError'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { cluster, clock, log } = this.#deps;
    // Whom objects belong to is known of those that are mirrored.
    using shares = new DisposableStack();
    for (const name of ['pods', 'replicasets', 'jobs', 'horizontalpodautoscalers'] as const) {
      shares.use<SharedInformer<unknown>>(cluster.use(name));
    }
    for (let failures = 0; !signal.aborted; failures++) {
      const startMs = clock.monotonicMs();
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failures.add(1);
        log.warn('Events of Kubernetes are read anew', { err: describeError(error) });
        if (clock.monotonicMs() - startMs > restartBackoff.maxMs) failures = 0;
        await clock.sleep(backoffMs(failures, restartBackoff), signal).catch(() => {});
      }
    }
  }

  /** Until something goes wrong; then what was not stored is found anew. */
  async #session(outer: AbortSignal): Promise<void> {
    this.#pending = [];
    this.#seen = await this.#remember(outer);
    const ending = new AbortController();
    const signal = AbortSignal.any([outer, ending.signal]);
    const fail = (error: unknown): void => ending.abort(error);
    const following = this.#deps.cluster.follow<Event>(
      'events',
      (namespace) => this.#sink(namespace, fail),
      signal,
    );
    try {
      await this.#flushUntil(signal);
    } catch (error) {
      fail(error);
      throw error;
    } finally {
      await following;
      // What was seen last is stored before the end, if that is possible.
      if (outer.aborted)
        await this.#flush(AbortSignal.timeout(appendBackoff.maxMs)).catch(() => {});
    }
    ending.signal.throwIfAborted();
  }

  /** Counts of the events that were stored. */
  async #remember(signal: AbortSignal): Promise<SeenEvents> {
    const { store, clock } = this.#deps;
    const seen = new SeenEvents();
    const nowMs = clock.nowMs();
    if (store.group(this.#group) === undefined) return seen;
    let after: { readonly timestampMs: number; readonly sequence: number } | undefined;
    do {
      const page = await store.readEvents(
        {
          groups: [this.#group],
          fromMs: nowMs - lookBackMs,
          toMs: nowMs + lookAheadMs,
          direction: 'backward',
          maxEvents: pageEvents,
          ...(after === undefined ? {} : { after }),
        },
        signal,
      );
      for (const { message } of page.events) {
        const record = parseEventRecord(message);
        if (record === undefined) continue;
        const { metadata, count, lastTimestamp } = record;
        const lastMs = Date.parse(lastTimestamp) || 0;
        seen.take({ uid: metadata.uid, count, lastMs }, metadata.namespace);
      }
      after = page.next;
    } while (after !== undefined && !seen.isFull);
    return seen;
  }

  #sink(namespace: string | undefined, fail: (error: unknown) => void): ReflectorSink<Event> {
    let listed: Set<string> | undefined;
    return {
      listStarted: () => {
        listed = new Set();
      },
      listed: (event) => listed?.add(this.#take(event, fail)),
      listEnded: () => {
        if (listed !== undefined) this.#seen.keepOnly(listed, namespace);
        listed = undefined;
      },
      listFailed: () => {
        listed = undefined;
      },
      changed: (type, event) => {
        if (type !== 'DELETED') this.#take(event, fail);
        else this.#seen.delete(occurrenceOf(event, 0).uid);
      },
      alive: () => this.#alive(),
      failed: (error) => this.#failed(error),
    };
  }

  #take(event: Event, fail: (error: unknown) => void): string {
    const occurrence = occurrenceOf(event, this.#deps.clock.nowMs());
    const occurrences = this.#seen.take(occurrence, event.metadata.namespace ?? '');
    if (occurrences > 0) {
      // Who manages which field is half of an event.
      delete event.metadata.managedFields;
      this.#pending.push({ event, occurrence, occurrences });
    }
    if (this.#pending.length > this.#options.maxPending) {
      fail(new Error('events come faster than the log store takes them'));
    }
    return occurrence.uid;
  }

  async #flushUntil(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      await clock.sleep(this.#options.flushEveryMs, signal).catch(() => {});
      if (!signal.aborted) await this.#flush(signal);
    }
  }

  async #flush(signal: AbortSignal): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, maxBatchEvents);
      await this.#append(batch, signal);
      this.#pending.splice(0, batch.length);
    }
  }

  async #append(batch: readonly Pending[], signal: AbortSignal): Promise<void> {
    const { store, clock, cluster } = this.#deps;
    const byStream = new Map<string, SectionBuilder>();
    for (const { event, occurrence, occurrences } of batch) {
      const { kind = '', namespace, name = '' } = event.involvedObject;
      const owners = cluster.ownersByName({ kind, namespace, name });
      const record = eventRecord(event, occurrence, occurrences, owners);
      // Objects without a namespace have their events in `default`.
      const stream = namespace || 'cluster';
      const section = byStream.get(stream) ?? new SectionBuilder(this.#group, stream);
      byStream.set(stream, section);
      section.add(occurrence.lastMs, JSON.stringify(record));
    }
    const sections = [...byStream.values()].map((section) => section.finish());
    for (let tries = 0; ; tries++) {
      try {
        await store.append({ sections });
        break;
      } catch (error) {
        if (signal.aborted || tries + 1 >= maxAppendTries) throw error;
        await clock.sleep(backoffMs(tries, appendBackoff), signal);
      }
    }
    for (const { event } of batch) this.#stored.add(1, { type: event.type || 'Normal' });
  }

  #alive(): void {
    if (this.#isForbidden) this.#deps.log.info('Events of Kubernetes can be read again');
    this.#isForbidden = false;
  }

  #failed(error: unknown): void {
    this.#failures.add(1);
    // Each mirror tells of a server that is away; that events may not be read is told here only.
    if (!isKubernetesError(error) || !error.isForbidden || this.#isForbidden) return;
    this.#isForbidden = true;
    this.#deps.log.warn('Events of Kubernetes may not be read', {
      err: describeError(error),
      hint: 'Let the account list and watch events',
    });
  }
}
