import { type Clock, isAbortError, type Logger, type MetricsRegistry } from '#base';
import type { RemoteWriteConfig } from '#metrics/config';
import { createHttpClient, type HttpClient } from '#metrics/http';
import type { Exemplar, Labels } from '#metrics/model';
import { relabel } from '#metrics/relabel';
import type { FollowedBatch, MetricStore, SeriesRef } from '#metrics/tsdb';
import type { OutgoingSeries } from '../encode.ts';
import { withExternalLabels } from '../external-labels.ts';
import { DeliveredCursor } from './cursor.ts';
import { type SenderMetrics, senderMetrics } from './sender-metrics.ts';
import { Shard } from './shard.ts';

export interface SenderDeps {
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Folder for the cursors of all receivers. */
  readonly folder: string;
}

const saveEveryMs = 5000;
const reshardEveryMs = 10_000;
/** Series whose labels are at hand; beyond it they are made anew. */
const maxCachedSeries = 2_000_000;
/** What is on its way may take so long when the program stops; the rest is sent after the next start. */
const drainMs = 5000;

/** Follows the store's log for one receiver and sends what comes. */
export class RemoteWriteQueue implements AsyncDisposable {
  readonly #config: RemoteWriteConfig;
  readonly #deps: SenderDeps;
  readonly #external: Readonly<Record<string, string>>;
  readonly #metrics: SenderMetrics;
  readonly #log: Logger;
  readonly #reading = new AbortController();
  readonly #sending = new AbortController();
  readonly #client: HttpClient;
  readonly #labels = new Map<SeriesRef, Labels | undefined>();
  #shards: Shard[] = [];
  #done: Promise<void> = Promise.resolve();
  #cursor: DeliveredCursor | undefined;
  #lastReshardMs = 0;
  #blockedMs = 0;

  constructor(
    config: RemoteWriteConfig,
    external: Readonly<Record<string, string>>,
    deps: SenderDeps,
  ) {
    this.#config = config;
    this.#external = external;
    this.#deps = deps;
    const receiver = {
      remote_name: config.name || new URL(config.url).host,
      url: bare(config.url),
    };
    this.#metrics = senderMetrics(deps.metrics, receiver);
    this.#log = deps.log.child('metrics/remote').child(receiver.remote_name);
    this.#client = createHttpClient(config, deps);
  }

  /** From now on what is appended is sent. */
  async start(): Promise<void> {
    const { store, folder } = this.#deps;
    const identity = `${this.#config.name}\n${this.#config.url}`;
    const cursor = await DeliveredCursor.load(folder, identity, store.cursor());
    this.#cursor = cursor;
    this.#done = this.#run(cursor).catch((error: unknown) => {
      if (!this.#reading.signal.aborted && !isAbortError(error)) {
        this.#log.error('Sending to a remote write receiver ended', { err: error });
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#reading.signal.aborted) return;
    this.#reading.abort(new DOMException('The sender is stopping', 'AbortError'));
    const timer = setTimeout(() => this.#sending.abort(), drainMs);
    await Promise.all(this.#shards.map((shard) => shard.close()));
    clearTimeout(timer);
    this.#sending.abort();
    await this.#done;
    await this.#cursor?.save();
    this.#client[Symbol.dispose]();
  }

  async #run(cursor: DeliveredCursor): Promise<void> {
    const { store, clock } = this.#deps;
    this.#setShards(this.#config.queueConfig.minShards);
    this.#lastReshardMs = clock.monotonicMs();
    const saving = this.#saveAgainAndAgain(cursor);
    try {
      for await (const followed of store.follow(cursor.value, this.#reading.signal)) {
        await this.#enqueue(followed, cursor);
        await this.#reshardWhenDue();
      }
    } finally {
      await saving;
    }
  }

  async #saveAgainAndAgain(cursor: DeliveredCursor): Promise<void> {
    const { signal } = this.#reading;
    while (!signal.aborted) {
      await this.#deps.clock.sleep(saveEveryMs, signal).catch(() => {});
      this.#metrics.pending(this.#shards.reduce((sum, shard) => sum + shard.size, 0));
      await cursor.save().catch((error: unknown) => {
        this.#log.warn('How far remote write has come could not be noted', { err: error });
      });
    }
  }

  async #enqueue(followed: FollowedBatch, cursor: DeliveredCursor): Promise<void> {
    const { batch } = followed;
    const exemplars = this.#config.sendExemplars ? exemplarsOf(batch.exemplars) : undefined;
    const progress = cursor.begin(followed.cursor, batch.length);
    const done = (): void => progress.done(1);
    const { clock } = this.#deps;
    let newestMs = 0;
    for (let at = 0; at < batch.length; at++) {
      const ref = batch.refs[at]!;
      const labels = this.#labelsOf(ref, followed);
      const histogram = batch.histograms?.get(at);
      if (labels === undefined || (histogram !== undefined && !this.#config.sendNativeHistograms)) {
        progress.done(1);
        continue;
      }
      const timeMs = batch.timesMs[at]!;
      newestMs = Math.max(newestMs, timeMs);
      const ofSeries = exemplars?.get(ref);
      exemplars?.delete(ref);
      const series: OutgoingSeries = {
        labels,
        samples: [
          {
            timeMs,
            value: batch.values[at]!,
            startTimeMs: batch.startTimesMs?.[at] ?? 0,
            ...(histogram === undefined ? {} : { histogram }),
          },
        ],
        ...(ofSeries === undefined ? {} : { exemplars: ofSeries }),
      };
      const shard = this.#shards[ref % this.#shards.length]!;
      if (shard.size < this.#config.queueConfig.capacity) void shard.add({ series, timeMs, done });
      else {
        const startMs = clock.monotonicMs();
        await shard.add({ series, timeMs, done });
        this.#blockedMs += clock.monotonicMs() - startMs;
      }
      // What was read and not sent is read again after the next start.
      if (this.#reading.signal.aborted) return;
    }
    if (newestMs > 0) this.#metrics.newest(newestMs);
  }

  /** Labels as they leave; undefined when the relabelling drops the series. */
  #labelsOf(ref: SeriesRef, followed: FollowedBatch): Labels | undefined {
    if (this.#labels.has(ref)) return this.#labels.get(ref);
    const stored = followed.labels(ref);
    const labels =
      stored === undefined
        ? undefined
        : relabel(this.#config.writeRelabelConfigs, withExternalLabels(stored, this.#external));
    if (this.#labels.size >= maxCachedSeries) this.#labels.clear();
    this.#labels.set(ref, labels);
    return labels;
  }

  /** More requests at once while reading waits for sending; fewer when there is nothing to do. */
  async #reshardWhenDue(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    const elapsedMs = nowMs - this.#lastReshardMs;
    if (elapsedMs < reshardEveryMs) return;
    this.#lastReshardMs = nowMs;
    const share = this.#blockedMs / elapsedMs;
    this.#blockedMs = 0;
    const { minShards, maxShards } = this.#config.queueConfig;
    const now = this.#shards.length;
    const waiting = this.#shards.reduce((sum, shard) => sum + shard.size, 0);
    let wanted = now;
    if (share > 0.1) wanted = Math.min(maxShards, now * 2);
    else if (share === 0 && waiting < now * 10) wanted = Math.max(minShards, Math.ceil(now / 2));
    if (wanted === now) return;
    // Samples of a series stay in order: the old ones are sent before the new shards begin.
    await Promise.all(this.#shards.map((shard) => shard.close()));
    this.#setShards(wanted);
  }

  #setShards(count: number): void {
    const deps = {
      client: this.#client,
      clock: this.#deps.clock,
      log: this.#log,
      metrics: this.#metrics,
      random: Math.random,
    };
    this.#shards = Array.from(
      { length: Math.max(1, count) },
      () => new Shard(this.#config, deps, this.#sending.signal),
    );
    this.#metrics.shards(this.#shards.length);
  }
}

function exemplarsOf(
  all: FollowedBatch['batch']['exemplars'],
): Map<SeriesRef, Exemplar[]> | undefined {
  if (all === undefined) return undefined;
  const bySeries = new Map<SeriesRef, Exemplar[]>();
  for (const { ref, exemplar } of all) {
    const known = bySeries.get(ref);
    if (known === undefined) bySeries.set(ref, [exemplar]);
    else known.push(exemplar);
  }
  return bySeries;
}

/** Without what may be secret. */
function bare(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
