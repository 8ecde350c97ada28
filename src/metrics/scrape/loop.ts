import { type Clock, describeError, isAppError, type Logger } from '#base';
import type { ScrapeConfig } from '#metrics/config';
import {
  type AppendResult,
  type IngestStore,
  refusedSeries,
  SampleBatch,
  type SeriesRef,
} from '#metrics/tsdb';
import type { FetchedBody, Fetcher } from './fetch.ts';
import { addStale, Ingest } from './ingest.ts';
import type { IngestCounts } from './pass.ts';
import { reportLabels } from './sample-labels.ts';
import { nextSlotMs, offsetMs, stampMs } from './schedule.ts';
import type { ScrapeMetrics } from './scrape-metrics.ts';
import type { Target } from './target.ts';

export interface LoopDeps {
  readonly store: Pick<IngestStore, 'seriesRef' | 'ownSeriesRef' | 'setMetadata' | 'append'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ScrapeMetrics;
  readonly seed: bigint;
  readonly batches: BatchPool;
  /** One failed scrape, for `scrape_failure_log_file`. */
  readonly onFailure: (file: string, line: Readonly<Record<string, unknown>>) => void;
}

export interface LoopStatus {
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  /** Unix ms; undefined: not yet. */
  readonly lastScrapeMs: number | undefined;
  readonly lastDurationSeconds: number;
}

/** Batches are used again: a scrape needs one for a moment. */
export class BatchPool {
  readonly #free: SampleBatch[] = [];

  take(): SampleBatch {
    return this.#free.pop() ?? new SampleBatch();
  }

  give(batch: SampleBatch): void {
    batch.clear();
    // A few of ordinary size; one of a huge target would be kept for nothing.
    if (this.#free.length < 8 && batch.refs.length <= 65_536) this.#free.push(batch);
  }
}

const reportNames = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;
const extraNames = [
  'scrape_timeout_seconds',
  'scrape_sample_limit',
  'scrape_body_size_bytes',
] as const;

/** Scrapes one target, interval after interval, until it is stopped. */
export class ScrapeLoop {
  readonly target: Target;
  status: LoopStatus = {
    health: 'unknown',
    lastError: '',
    lastScrapeMs: undefined,
    lastDurationSeconds: 0,
  };
  #config: ScrapeConfig;
  #fetcher: Fetcher;
  readonly #deps: LoopDeps;
  readonly #ingest: Ingest;
  readonly #previous: ScrapeLoop | undefined;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** Put on the target instead of scraping it: the job has too many. */
  #forcedError: string | undefined;
  #reportRefs = new Map<string, SeriesRef>();
  #lastStartMs: number | undefined;
  #loggedError = '';
  /** The slot after the last scrape: where a marker goes when the target is gone. */
  #nextMs = 0;

  /** @param previous the loop of the same series at another interval, which this one goes on for */
  constructor(
    target: Target,
    config: ScrapeConfig,
    fetcher: Fetcher,
    deps: LoopDeps,
    previous?: ScrapeLoop,
  ) {
    this.target = target;
    this.#config = config;
    this.#fetcher = fetcher;
    this.#deps = deps;
    this.#previous = previous;
    this.#ingest = previous === undefined ? new Ingest(deps.store) : previous.#ingest;
    if (previous !== undefined) {
      this.status = previous.status;
      this.#reportRefs = previous.#reportRefs;
      this.#loggedError = previous.#loggedError;
    }
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Another configuration with the same targets: its next scrape uses it. */
  reconfigure(config: ScrapeConfig, fetcher: Fetcher): void {
    this.#config = config;
    this.#fetcher = fetcher;
    this.#ingest.forgetSeries();
  }

  forceError(message: string | undefined): void {
    this.#forcedError = message;
  }

  get metadata(): Ingest['metadata'] {
    return this.#ingest.metadata;
  }

  /** Ends the loop without markers: the program stops, or another loop takes the target over. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * Ends the loop of a target that is gone. Its series end at the time of the scrape that does not
   * happen; that is written when it would be over, for a target that comes back under another address
   * may have written newer samples of them, which must win.
   */
  async stopStale(signal: AbortSignal): Promise<void> {
    await this.stop();
    const { clock } = this.#deps;
    if (this.status.lastScrapeMs === undefined) return;
    const { intervalMs } = this.target;
    const atMs = this.#nextMs;
    const waitMs = atMs - clock.nowMs() + intervalMs + intervalMs / 10;
    try {
      await clock.sleep(Math.max(0, waitMs), signal);
    } catch {
      return;
    }
    await this.#write((batch) => {
      this.#ingest.addAllStale(batch, atMs);
      for (const ref of this.#reportRefs.values()) {
        if (ref !== refusedSeries) addStale(batch, ref, atMs);
      }
    }).catch(() => {});
  }

  async #run(): Promise<void> {
    const { clock, seed, log } = this.#deps;
    const { intervalMs } = this.target;
    const { signal } = this.#stop;
    const offset = offsetMs(this.target.key, intervalMs, seed);
    let slotMs = nextSlotMs(clock.nowMs(), offset, intervalMs);
    // What is known of the series must not be used by two at once.
    if (this.#previous !== undefined) await this.#previous.stop();
    try {
      while (!signal.aborted) {
        await clock.sleep(Math.max(0, slotMs - clock.nowMs()), signal);
        const nowMs = clock.nowMs();
        this.#nextMs = slotMs + intervalMs;
        try {
          await this.scrape(stampMs(slotMs, nowMs, intervalMs));
        } catch (error) {
          if (signal.aborted) return;
          // Nothing that a target does may end its loop.
          log.error('A scrape broke', { target: this.target.url, err: error });
        }
        slotMs += intervalMs;
        const aheadMs = slotMs - clock.nowMs();
        // Late: the slots that passed are left out. Far ahead: somebody set the clock back.
        if (aheadMs < 0 || aheadMs > intervalMs * 1.5) {
          slotMs = nextSlotMs(clock.nowMs(), offset, intervalMs);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** One scrape, stored at a time. Public for tests and for the loop above. */
  async scrape(timeMs: number): Promise<void> {
    const { clock, metrics } = this.#deps;
    const startMs = clock.monotonicMs();
    if (this.#lastStartMs !== undefined) {
      const interval = `${this.target.intervalMs / 1000}s`;
      metrics.intervalSeconds.observe((startMs - this.#lastStartMs) / 1000, { interval });
    }
    this.#lastStartMs = startMs;
    let body: FetchedBody | undefined;
    let failure: unknown;
    try {
      if (this.#forcedError !== undefined) throw new TypeError(this.#forcedError);
      body = await this.#fetcher.fetch(this.target, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      failure = error;
    }
    const durationSeconds = (clock.monotonicMs() - startMs) / 1000;
    const outcome = await this.#store(timeMs, body, failure, durationSeconds);
    this.#settle(timeMs, durationSeconds, outcome);
  }

  /** Appends what was fetched and what is said of it. The failure, undefined when it went well. */
  async #store(
    timeMs: number,
    body: FetchedBody | undefined,
    fetchFailure: unknown,
    durationSeconds: number,
  ): Promise<unknown> {
    let failure = fetchFailure;
    let counts: IngestCounts | undefined;
    // Of a body with too many samples, for the report.
    let reached: IngestCounts | undefined;
    const of = { target: this.target, config: this.#config, timeMs };
    const fill = (batch: SampleBatch): void => {
      counts = undefined;
      if (body !== undefined) {
        try {
          counts = this.#ingest.add(batch, body, of);
        } catch (error) {
          if (!isAppError(error)) throw error;
          failure = error;
          reached = error.details['counts'] as IngestCounts | undefined;
        }
      }
      if (counts === undefined) {
        batch.clear();
        this.#ingest.addAllStale(batch, timeMs);
      }
      this.#addReport(batch, timeMs, { counts: counts ?? reached, durationSeconds, body, failure });
    };
    try {
      const result = await this.#write(fill);
      if (counts !== undefined) this.#count(counts, result);
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#ingest.forgetSeries();
      failure ??= error;
    }
    return failure;
  }

  /** Fills and appends a batch; once more when the store has forgotten series that we named. */
  async #write(fill: (batch: SampleBatch) => void): Promise<AppendResult> {
    const { store, batches } = this.#deps;
    const batch = batches.take();
    try {
      fill(batch);
      const result = await store.append(batch);
      if (result.unknown.length === 0) return result;
      this.#ingest.forgetSeries();
      this.#reportRefs = new Map();
      batch.clear();
      fill(batch);
      return await store.append(batch);
    } finally {
      batches.give(batch);
    }
  }

  #addReport(
    batch: SampleBatch,
    timeMs: number,
    of: {
      readonly counts: IngestCounts | undefined;
      readonly durationSeconds: number;
      readonly body: FetchedBody | undefined;
      readonly failure: unknown;
    },
  ): void {
    const { counts, failure } = of;
    const { store } = this.#deps;
    const values: number[] = [
      failure === undefined ? 1 : 0,
      of.durationSeconds,
      counts?.scraped ?? 0,
      counts?.postRelabel ?? 0,
      counts?.seriesAdded ?? 0,
    ];
    const names: string[] = [...reportNames];
    if (this.#config.extraScrapeMetrics) {
      const isTooLarge = isAppError(failure, 'HTTP_BODY_TOO_LARGE');
      names.push(...extraNames);
      values.push(
        this.target.timeoutMs / 1000,
        this.#config.sampleLimit,
        isTooLarge ? -1 : (of.body?.bytes.length ?? 0),
      );
    }
    names.forEach((name, index) => {
      let ref = this.#reportRefs.get(name);
      if (ref === undefined || ref === refusedSeries) {
        const labels = reportLabels(name, this.target.labels);
        ref = store.ownSeriesRef?.(labels) ?? store.seriesRef(labels);
        this.#reportRefs.set(name, ref);
      }
      if (ref !== refusedSeries) batch.add(ref, timeMs, values[index]!);
    });
  }

  #count(counts: IngestCounts, result: AppendResult): void {
    const { metrics, log } = this.#deps;
    const { rejected } = result;
    metrics.samples.add(result.appended);
    const duplicates = counts.duplicates + rejected.duplicate;
    const outOfOrder = rejected.outOfOrder + rejected.tooOld;
    const outOfBounds = counts.outOfBounds + rejected.outOfBounds;
    metrics.duplicates.add(duplicates);
    metrics.outOfOrder.add(outOfOrder);
    metrics.outOfBounds.add(outOfBounds);
    metrics.refusedSeries.add(counts.refused);
    if (duplicates + outOfOrder + outOfBounds + counts.refused === 0) return;
    log.debug('Some samples of a scrape were not stored', {
      target: this.target.url,
      duplicates,
      outOfOrder,
      outOfBounds,
      refused: counts.refused,
    });
  }

  #settle(timeMs: number, durationSeconds: number, failure: unknown): void {
    const { metrics, log } = this.#deps;
    const message = failure === undefined ? '' : failureText(failure);
    this.status = {
      health: failure === undefined ? 'up' : 'down',
      lastError: message,
      lastScrapeMs: timeMs,
      lastDurationSeconds: durationSeconds,
    };
    if (failure === undefined) {
      if (this.#loggedError !== '') log.info('A target is up again', { target: this.target.url });
      this.#loggedError = '';
      return;
    }
    const job = this.#config.jobName;
    metrics.failures.add(1, { job });
    if (message === 'sample limit exceeded') metrics.sampleLimitExceeded.add(1);
    if (message === 'histogram bucket limit exceeded') metrics.histogramLimitExceeded.add(1);
    if (isAppError(failure, 'HTTP_BODY_TOO_LARGE')) metrics.bodySizeExceeded.add(1);
    const { scrapeFailureLogFile } = this.#config;
    if (scrapeFailureLogFile !== undefined) {
      this.#deps.onFailure(scrapeFailureLogFile, {
        time: new Date(timeMs).toISOString(),
        level: 'ERROR',
        msg: message,
        job_name: job,
        target: this.target.url,
      });
    }
    // Once for each reason: a target that is down is asked for ever.
    if (message === this.#loggedError) return;
    this.#loggedError = message;
    log.warn('A scrape failed', { job, target: this.target.url, reason: message });
  }
}

/** For `lastError`, with the line where the body is wrong. */
function failureText(failure: unknown): string {
  const line = isAppError(failure, 'EXPOSITION_INVALID') ? Number(failure.details['line']) : 0;
  const message = isAppError(failure) ? failure.message : describeError(failure);
  return line > 0 ? `${message} (line ${line})` : message;
}
