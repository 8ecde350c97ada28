import { configKey, type ScrapeConfig } from '#metrics/config';
import type { TargetGroup } from '#metrics/discovery';
import type { HttpClientDeps } from '#metrics/http';
import type { Labels } from '#metrics/model';
import { createFetcher, type Fetcher, type LocalTargets } from './fetch.ts';
import { type LoopDeps, ScrapeLoop } from './loop.ts';
import { buildTargets, type Target } from './target.ts';

export type PoolDeps = LoopDeps & HttpClientDeps & { readonly local?: LocalTargets | undefined };

/** The targets of one job and their loops. */
export class ScrapePool {
  config: ScrapeConfig;
  /** Labels of targets that relabelling dropped, as many as are kept for display. */
  dropped: readonly Labels[] = [];
  droppedCount = 0;
  readonly #deps: PoolDeps;
  #fetcher: Fetcher;
  #loops = new Map<string, ScrapeLoop>();
  #groups: readonly TargetGroup[] = [];
  readonly #leaving = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(config: ScrapeConfig, deps: PoolDeps) {
    this.config = config;
    this.#deps = deps;
    this.#fetcher = createFetcher(config, deps);
  }

  get loops(): Iterable<ScrapeLoop> {
    return this.#loops.values();
  }

  get size(): number {
    return this.#loops.size;
  }

  /** Takes another configuration over. Targets that it does not change keep their loops and offsets. */
  reload(config: ScrapeConfig): void {
    const before = this.config;
    this.config = config;
    if (configKey(before) === configKey(config)) return;
    this.#deps.metrics.poolReloads.add(1);
    const fetcher = this.#fetcher;
    this.#fetcher = createFetcher(config, this.#deps);
    for (const loop of this.#loops.values()) loop.reconfigure(config, this.#fetcher);
    // Scrapes in flight end on their own connections.
    setTimeout(() => fetcher[Symbol.dispose](), config.scrapeTimeoutMs + 1000).unref();
    this.sync(this.#groups);
  }

  /** Makes the loops those of these groups. */
  sync(groups: readonly TargetGroup[]): void {
    const { clock, metrics, log } = this.#deps;
    const job = this.config.jobName;
    const startMs = clock.monotonicMs();
    this.#groups = groups;
    const wanted = new Map<string, Target>();
    const dropped: Labels[] = [];
    const kept = this.config.keepDroppedTargets || Number.POSITIVE_INFINITY;
    let droppedCount = 0;
    for (const group of groups) {
      for (const built of buildTargets(this.config, group)) {
        if (built.kind === 'target') wanted.set(built.target.key, built.target);
        else if (built.kind === 'dropped') {
          droppedCount++;
          if (dropped.length < kept) dropped.push(built.discovered);
        } else {
          metrics.syncFailed.add(1, { scrape_job: job });
          log.warn('A target cannot be scraped', {
            job,
            source: group.source,
            reason: built.message,
          });
        }
      }
    }
    this.dropped = dropped;
    this.droppedCount = droppedCount;
    this.#exchange(wanted);
    this.#limit();
    metrics.poolSyncs.add(1, { scrape_job: job });
    metrics.syncSeconds.observe((clock.monotonicMs() - startMs) / 1000, { scrape_job: job });
  }

  /** Ends all loops, their series with them: the job is gone. */
  async retire(): Promise<void> {
    for (const loop of this.#loops.values()) this.#leave(loop);
    this.#loops = new Map();
    await Promise.all(this.#leaving);
    this.#fetcher[Symbol.dispose]();
  }

  /** Ends all loops at once and leaves their series as they are: the program stops. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop()));
    await Promise.all(this.#leaving);
    this.#fetcher[Symbol.dispose]();
  }

  #exchange(wanted: ReadonlyMap<string, Target>): void {
    const loops = new Map<string, ScrapeLoop>();
    const fresh: ScrapeLoop[] = [];
    const leaving = new Map<string, ScrapeLoop>();
    for (const [key, loop] of this.#loops) {
      if (!wanted.has(key)) leaving.set(loop.target.identity, loop);
    }
    for (const [key, target] of wanted) {
      const kept = this.#loops.get(key);
      if (kept !== undefined) {
        this.#loops.delete(key);
        loops.set(key, kept);
        continue;
      }
      // Only its interval or time-out is another: its series go on.
      const previous = leaving.get(target.identity);
      if (previous !== undefined) {
        leaving.delete(target.identity);
        this.#loops.delete(previous.target.key);
      }
      const loop = new ScrapeLoop(target, this.config, this.#fetcher, this.#deps, previous);
      loops.set(key, loop);
      fresh.push(loop);
    }
    const gone = this.#loops;
    this.#loops = loops;
    for (const loop of gone.values()) this.#leave(loop);
    for (const loop of fresh) loop.start();
  }

  #leave(loop: ScrapeLoop): void {
    const leaving = loop.stopStale(this.#closing.signal).finally(() => {
      this.#leaving.delete(leaving);
    });
    this.#leaving.add(leaving);
  }

  #limit(): void {
    const { targetLimit, jobName } = this.config;
    const isOver = targetLimit > 0 && this.#loops.size > targetLimit;
    if (isOver) this.#deps.metrics.targetLimitExceeded.add(1, { scrape_job: jobName });
    const message = isOver
      ? `target_limit exceeded (number of targets: ${this.#loops.size}, limit: ${targetLimit})`
      : undefined;
    for (const loop of this.#loops.values()) loop.forceError(message);
  }
}
