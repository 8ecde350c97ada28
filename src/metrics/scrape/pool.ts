import { configKey, type ScrapeConfig } from '#metrics/config';
import type { TargetGroup } from '#metrics/discovery';
import type { HttpClientDeps } from '#metrics/http';
import type { Labels } from '#metrics/model';
import { createFetcher, type Fetcher, type LocalTargets } from './fetch.ts';
import { type LoopDeps, ScrapeLoop } from './loop.ts';
import { type BuiltTarget, buildTargets, type Target } from './target.ts';

export type PoolDeps = LoopDeps & HttpClientDeps & { readonly local?: LocalTargets | undefined };

/** The targets of one job and their loops. */
export class ScrapePool {
  config: ScrapeConfig;
  /** Targets that relabelling dropped, as many as are kept for display. */
  dropped: readonly { readonly discovered: Labels }[] = [];
  droppedCount = 0;
  readonly #deps: PoolDeps;
  #fetcher: Fetcher;
  #loops = new Map<string, ScrapeLoop>();
  #groups: readonly TargetGroup[] = [];
  /** Targets of groups that are still the same ones. */
  #built = new WeakMap<TargetGroup, readonly BuiltTarget[]>();
  /** URLs and uids of pods that are left to others. */
  #left: ReadonlySet<string> = new Set();
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
    this.#built = new WeakMap();
    const fetcher = this.#fetcher;
    this.#fetcher = createFetcher(config, this.#deps);
    for (const loop of this.#loops.values()) loop.reconfigure(config, this.#fetcher);
    // Scrapes in flight end on their own connections.
    setTimeout(() => fetcher[Symbol.dispose](), config.scrapeTimeoutMs + 1000).unref();
    this.sync(this.#groups);
  }

  /** URLs that are scraped, and uids of their pods. */
  takes(): ReadonlySet<string> {
    return new Set([...this.#loops.values()].flatMap(({ target }) => placesOf(target)));
  }

  /** Leaves these URLs and pods to others from now on. */
  leave(places: ReadonlySet<string>): void {
    const mine = this.#groups.flatMap((group) =>
      this.#targetsOf(group).flatMap((built) =>
        built.kind === 'target' ? placesOf(built.target).filter((place) => places.has(place)) : [],
      ),
    );
    const left = new Set(mine);
    if (left.size === this.#left.size && left.isSubsetOf(this.#left)) return;
    this.#left = left;
    this.sync(this.#groups);
  }

  /** Makes the loops those of these groups. */
  sync(groups: readonly TargetGroup[]): void {
    const { clock, metrics } = this.#deps;
    const job = this.config.jobName;
    const startMs = clock.monotonicMs();
    this.#groups = groups;
    const wanted = new Map<string, Target>();
    const dropped: { readonly discovered: Labels }[] = [];
    const kept = this.config.keepDroppedTargets || Number.POSITIVE_INFINITY;
    let droppedCount = 0;
    for (const group of groups) {
      for (const built of this.#targetsOf(group)) {
        if (built.kind === 'invalid') continue;
        const target = built.kind === 'target' ? built.target : undefined;
        const isLeft = target !== undefined && placesOf(target).some((one) => this.#left.has(one));
        if (target !== undefined && !isLeft) wanted.set(target.key, target);
        else {
          droppedCount++;
          if (dropped.length < kept) dropped.push(target ?? (built as { discovered: Labels }));
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

  /** Made once for each group: most of a job's groups are those of the last time. */
  #targetsOf(group: TargetGroup): readonly BuiltTarget[] {
    const known = this.#built.get(group);
    if (known !== undefined) return known;
    const { metrics, log } = this.#deps;
    const built = buildTargets(this.config, group);
    for (const one of built) {
      if (one.kind !== 'invalid') continue;
      metrics.syncFailed.add(1, { scrape_job: this.config.jobName });
      log.warn('A target cannot be scraped', {
        job: this.config.jobName,
        source: group.source,
        reason: one.message,
      });
    }
    this.#built.set(group, built);
    return built;
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

const placesOf = ({ url, pod }: Target): string[] => (pod === undefined ? [url] : [url, pod]);
