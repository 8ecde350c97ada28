import { type LogsClient, LogsServiceError } from '#aws-client';
import {
  backoffMs,
  type Clock,
  type Counter,
  describeError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import type { Collection, StateStore } from '#state';
import { type ControlPlaneLogType, controlPlaneGroup, typeOfStream } from '../names.ts';
import {
  afterPage,
  hashOfId,
  nextPage,
  type PageRequest,
  type PullPlace,
  type SeenEvent,
  startAt,
  withoutToken,
} from './place.ts';

export interface PullOptions {
  /** Name of the cluster; its events go to the group of that name here. */
  readonly cluster: string;
  readonly region: string;
  /** The group to read; EKS's own unless given. */
  readonly sourceGroup?: string | undefined;
  readonly types: readonly ControlPlaneLogType[];
  /** How far back the first pull begins. */
  readonly sinceMs: number;
  readonly intervalMs: number;
  /** How late an event may come to CloudWatch. */
  readonly overlapMs: number;
}

export interface PullDeps {
  readonly client: Pick<LogsClient, 'call'>;
  readonly store: Pick<LogStore, 'append' | 'storedUpTo'>;
  readonly state: Pick<StateStore, 'collection'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/**
 * What is in the state store while a batch is on its way: the store says whether the batch arrived,
 * and so which of the two places holds. That makes event and position one step.
 */
interface SavedPull {
  readonly number: number;
  readonly before: PullPlace;
  readonly page: PageRequest;
  readonly token: string | null;
  readonly stored: readonly SeenEvent[];
}

interface SourceEvent {
  readonly id: string;
  readonly stream: string;
  readonly timestampMs: number;
  readonly message: string;
}

const pageEvents = 10_000;
const callTimeoutMs = 60_000;
const backoff = { baseMs: 1000, maxMs: 60_000 };

/**
 * Copies the control-plane logs of a managed cluster out of CloudWatch Logs, each event once: by
 * FilterLogEvents over the whole group, whose ids tell what is there already.
 */
export class ControlPlanePuller {
  readonly #options: PullOptions;
  readonly #deps: PullDeps;
  readonly #saves: Collection<SavedPull>;
  readonly #source: string;
  readonly #events: Counter;
  readonly #failures: Counter;
  #place: PullPlace = startAt(0);
  #number = 0;
  #lagMs = Number.NaN;

  constructor(options: PullOptions, deps: PullDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#source = `control-plane-pull/${options.region}/${options.cluster}`;
    this.#saves = deps.state.collection('control-plane-pulls');
    const { metrics } = deps;
    this.#events = metrics.counter(
      'nunchi_control_plane_pulled_events_total',
      'Events copied from CloudWatch Logs, by cluster',
    );
    this.#failures = metrics.counter(
      'nunchi_control_plane_pull_failures_total',
      'Calls of CloudWatch Logs that failed, by cluster and code',
    );
  }

  /** Seconds between now and the end of what was read; NaN before the first page. */
  get lagSeconds(): number {
    return this.#lagMs / 1000;
  }

  /** Until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    const { cluster, intervalMs } = this.#options;
    let isOpen = false;
    for (let attempt = 0; !signal.aborted; ) {
      let waitMs = 0;
      try {
        if (!isOpen) await this.#open();
        isOpen = true;
        const hasMore = await this.#pull(signal);
        attempt = 0;
        waitMs = hasMore ? 0 : intervalMs;
      } catch (error) {
        if (signal.aborted) return;
        const code = error instanceof LogsServiceError ? error.code : 'OTHER';
        this.#failures.add(1, { cluster, code });
        if (this.#place.token !== null && code === 'InvalidParameterException') {
          this.#place = withoutToken(this.#place);
        }
        waitMs = backoffMs(attempt++, backoff);
        // The first time, and not each time again: a role may be missing for days.
        const level = attempt === 1 && !isThrottling(code) ? 'warn' : 'debug';
        log[level]('Cannot read control-plane logs from CloudWatch', {
          cluster,
          code,
          waitMs: Math.round(waitMs),
          reason: describeError(error),
        });
      }
      if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  async #open(): Promise<void> {
    const saved = (await this.#saves.get(this.#source))?.value;
    if (saved === undefined) {
      this.#place = startAt(this.#deps.clock.nowMs() - this.#options.sinceMs);
      this.#number = this.#deps.store.storedUpTo(this.#source);
      return;
    }
    const { number, before, page, token, stored } = saved;
    const arrived = this.#deps.store.storedUpTo(this.#source) >= number;
    this.#number = arrived ? number : number - 1;
    const after = afterPage(before, page, { token, stored }, this.#options.overlapMs);
    this.#place = arrived ? after : before;
  }

  /** One page. @returns whether the next is worth asking for at once */
  async #pull(signal: AbortSignal): Promise<boolean> {
    const { clock, client, log } = this.#deps;
    const { cluster, types, overlapMs, sourceGroup } = this.#options;
    const page = nextPage(this.#place, clock.nowMs());
    const answer = await client.call(
      'FilterLogEvents',
      JSON.stringify({
        logGroupName: sourceGroup ?? controlPlaneGroup(cluster),
        startTime: page.fromMs,
        endTime: page.toMs,
        limit: pageEvents,
        ...(page.token === null ? {} : { nextToken: page.token }),
      }),
      AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]),
    );
    const seen = new Set(this.#place.seen.map(([, hash]) => hash));
    const fresh: SourceEvent[] = [];
    const stored: SeenEvent[] = [];
    for (const event of eventsOf(answer)) {
      const type = typeOfStream(event.stream);
      if (type === undefined || !types.includes(type)) continue;
      const hash = hashOfId(event.id);
      if (seen.has(hash)) continue;
      seen.add(hash);
      fresh.push(event);
      stored.push([event.timestampMs, hash]);
    }
    const nextToken = answer['nextToken'];
    const token = typeof nextToken === 'string' ? nextToken : null;
    if (fresh.length > 0) await this.#store(fresh, { page, token, stored });
    this.#place = afterPage(this.#place, page, { token, stored }, overlapMs);
    const lagMs = clock.nowMs() - page.toMs;
    this.#lagMs = lagMs;
    log.debug('Read control-plane logs from CloudWatch', { cluster, events: fresh.length });
    return token !== null || lagMs > overlapMs;
  }

  async #store(
    events: readonly SourceEvent[],
    next: Pick<SavedPull, 'page' | 'token' | 'stored'>,
  ): Promise<void> {
    const { cluster } = this.#options;
    const group = controlPlaneGroup(cluster);
    const builders = new Map<string, SectionBuilder>();
    for (const { stream, timestampMs, message } of events) {
      let builder = builders.get(stream);
      if (builder === undefined) {
        builder = new SectionBuilder(group, stream);
        builders.set(stream, builder);
      }
      builder.add(timestampMs, message);
    }
    const number = this.#number + 1;
    await this.#saves.put(this.#source, { number, before: this.#place, ...next });
    try {
      await this.#deps.store.append({
        sections: [...builders.values()].map((builder) => builder.finish()),
        source: { id: this.#source, number },
      });
    } catch (error) {
      // It may be there all the same: its number tells.
      if (this.#deps.store.storedUpTo(this.#source) < number) throw error;
    }
    this.#number = number;
    this.#events.add(events.length, { cluster });
  }
}

const isThrottling = (code: string): boolean => /Throttl|TooManyRequests|LimitExceeded/.test(code);

/** Events of an answer; what is not whole is left out. */
function eventsOf(answer: Readonly<Record<string, unknown>>): SourceEvent[] {
  const events = Array.isArray(answer['events']) ? (answer['events'] as unknown[]) : [];
  return events.flatMap((value): SourceEvent[] => {
    const { eventId, logStreamName, timestamp, message } = value as Record<string, unknown>;
    const isWhole =
      typeof eventId === 'string' &&
      typeof logStreamName === 'string' &&
      typeof timestamp === 'number' &&
      typeof message === 'string';
    return isWhole ? [{ id: eventId, stream: logStreamName, timestampMs: timestamp, message }] : [];
  });
}
