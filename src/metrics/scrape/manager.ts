import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock, Logger, MetricsRegistry } from '#base';
import {
  formatPrometheusDuration,
  type PrometheusConfig,
  plainRule,
  printConfig,
} from '#metrics/config';
import { type DiscoveryDeps, DiscoveryManager } from '#metrics/discovery';
import { type Labels, labelsOf, labelsToRecord, type MetricMetadata } from '#metrics/model';
import { relabelSteps } from '#metrics/relabel';
import { createFailureLog } from './failure-log.ts';
import type { LocalTargets } from './fetch.ts';
import { BatchPool, type ScrapeLoop } from './loop.ts';
import { type PoolDeps, ScrapePool } from './pool.ts';
import { scrapeMetrics } from './scrape-metrics.ts';

export interface ScrapeManagerDeps {
  readonly store: PoolDeps['store'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** `kubernetes_sd_configs`; absent: they give no targets. */
  readonly kubernetes?: DiscoveryDeps['kubernetes'];
  readonly resolver?: DiscoveryDeps['resolver'];
  /** Targets whose body this process has itself. */
  readonly local?: LocalTargets;
  /**
   * Jobs that leave pods and URLs to other jobs: each to all that are not named here and to those
   * before it.
   */
  readonly yielding?: readonly string[];
  /** Host and port under which others reach this server; `localhost` in `globalUrl` becomes that. */
  readonly externalHost?: string;
}

/** A target that is scraped. Times are Unix ms. */
export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  readonly lastScrapeMs: number | undefined;
  readonly lastScrapeDurationSeconds: number;
  readonly health: 'up' | 'down' | 'unknown';
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

/** Targets are made for so long before scrapes and requests have their turn. */
const maxTurnMs = 30;

/** The metrics of all targets of all jobs: pools, kept up to date with configuration and discovery. */
export class ScrapeManager implements AsyncDisposable {
  readonly #deps: ScrapeManagerDeps;
  readonly #poolDeps: PoolDeps;
  readonly #discovery: DiscoveryManager;
  #pools = new Map<string, ScrapePool>();
  readonly #retiring = new Set<ScrapePool>();
  readonly #unsynced = new Set<string>();
  #isSyncing = false;

  constructor(deps: ScrapeManagerDeps) {
    this.#deps = deps;
    const log = deps.log.child('metrics/scrape');
    this.#poolDeps = {
      store: deps.store,
      clock: deps.clock,
      log,
      metrics: scrapeMetrics(deps.metrics),
      // Steady over restarts of one server, other for its twin.
      seed: createHash('sha1').update(hostname()).digest().readBigUInt64BE(0),
      batches: new BatchPool(),
      env: deps.env,
      version: deps.version,
      local: deps.local,
      onFailure: createFailureLog(log),
    };
    this.#discovery = new DiscoveryManager({ name: 'scrape' }, deps, (jobs) => {
      for (const job of jobs) this.#unsynced.add(job);
      if (!this.#isSyncing) void this.#sync();
    });
    const poolGauge = (name: string, help: string, value: (pool: ScrapePool) => number): void =>
      deps.metrics.collected(`prometheus_target_${name}`, help, 'gauge', () =>
        [...this.#pools].map(([job, pool]) => ({
          labels: { scrape_job: job },
          value: value(pool),
        })),
      );
    poolGauge(
      'scrape_pool_targets',
      'Current number of targets in this scrape pool',
      (pool) => pool.size,
    );
    poolGauge(
      'metadata_cache_entries',
      'Total number of metric metadata entries in the cache',
      (pool) => [...pool.loops].reduce((sum, loop) => sum + loop.metadata.size, 0),
    );
  }

  /** Takes a configuration over; jobs and targets that it does not change go on undisturbed. */
  apply(config: PrometheusConfig): void {
    const before = this.#pools;
    this.#pools = new Map();
    for (const job of config.scrapeConfigs) {
      const kept = before.get(job.jobName);
      before.delete(job.jobName);
      if (kept === undefined) this.#poolDeps.metrics.pools.add(1);
      else kept.reload(job);
      this.#pools.set(job.jobName, kept ?? new ScrapePool(job, this.#poolDeps));
    }
    for (const pool of before.values()) {
      this.#retiring.add(pool);
      void pool.retire().finally(() => this.#retiring.delete(pool));
    }
    this.#discovery.apply(new Map(config.scrapeConfigs.map((job) => [job.jobName, job])));
  }

  /** Many jobs that look at all pods of a large cluster take seconds: others must run meanwhile. */
  async #sync(): Promise<void> {
    const { clock } = this.#deps;
    this.#isSyncing = true;
    let sinceMs = clock.monotonicMs();
    for (const job of this.#unsynced) {
      this.#unsynced.delete(job);
      try {
        this.#pools.get(job)?.sync(this.#discovery.groups(job));
      } catch (error) {
        // A bug: the job keeps the targets that it has, and the others theirs.
        this.#poolDeps.log.error('Targets could not be exchanged', { job, err: error });
      }
      if (clock.monotonicMs() - sinceMs < maxTurnMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sinceMs = clock.monotonicMs();
    }
    this.#isSyncing = false;
    this.#yield();
  }

  /** Nothing is scraped by a job that yields and by another one too. */
  #yield(): void {
    const names = (this.#deps.yielding ?? []).filter((name) => this.#pools.has(name));
    if (names.length === 0) return;
    let taken: ReadonlySet<string> = new Set();
    for (const [name, pool] of this.#pools) {
      if (!names.includes(name)) taken = taken.union(pool.takes());
    }
    for (const name of names) {
      const pool = this.#pools.get(name);
      pool?.leave(taken);
      taken = taken.union(pool?.takes() ?? new Set());
    }
  }

  active(pool?: string): ActiveTarget[] {
    return this.#chosen(pool).flatMap(([name, { loops }]) =>
      [...loops].map((loop) => this.#shown(name, loop)),
    );
  }

  dropped(pool?: string): { discoveredLabels: Record<string, string>; scrapePool: string }[] {
    return this.#chosen(pool).flatMap(([scrapePool, { dropped }]) =>
      dropped.map(({ discovered }) => ({
        discoveredLabels: labelsToRecord(discovered),
        scrapePool,
      })),
    );
  }

  droppedCounts(pool?: string): Record<string, number> {
    return Object.fromEntries(
      this.#chosen(pool).map(([name, { droppedCount }]) => [name, droppedCount]),
    );
  }

  pools(): string[] {
    return [...this.#pools.keys()].sort();
  }

  poolConfig(pool: string): string | undefined {
    const found = this.#pools.get(pool);
    return found === undefined ? undefined : printConfig(found.config);
  }

  *metadata(): Generator<{
    readonly target: Record<string, string>;
    readonly metric: string;
    readonly metadata: MetricMetadata;
  }> {
    for (const pool of this.#pools.values()) {
      for (const loop of pool.loops) {
        const target = labelsToRecord(loop.target.labels);
        for (const [metric, metadata] of loop.metadata) yield { target, metric, metadata };
      }
    }
  }

  /** What each rule of a job makes of a target's labels; none where there is no such job. */
  relabelSteps(
    pool: string,
    labels: Readonly<Record<string, string>>,
  ): { rule: Record<string, unknown>; output: Record<string, string>; keep: boolean }[] {
    const found = this.#pools.get(pool);
    if (found === undefined) return [];
    const start: Labels = labelsOf(Object.entries(labels));
    return relabelSteps(found.config.relabelConfigs, start).map(({ rule, output, keep }) => ({
      rule: plainRule(rule),
      output: labelsToRecord(output),
      keep,
    }));
  }

  /** Ends all loops; series stay as they are, for the next start goes on with them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discovery[Symbol.asyncDispose]();
    const pools = [...this.#pools.values(), ...this.#retiring];
    this.#pools = new Map();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #chosen(name: string | undefined): [string, ScrapePool][] {
    return [...this.#pools]
      .filter(([pool]) => name === undefined || name === '' || pool === name)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #shown(scrapePool: string, { target, status }: ScrapeLoop): ActiveTarget {
    return {
      discoveredLabels: labelsToRecord(target.discovered),
      labels: labelsToRecord(target.labels),
      scrapePool,
      scrapeUrl: target.url,
      globalUrl: this.#globalUrl(target.url),
      lastError: status.lastError,
      lastScrapeMs: status.lastScrapeMs,
      lastScrapeDurationSeconds: status.lastDurationSeconds,
      health: status.health,
      scrapeInterval: formatPrometheusDuration(target.intervalMs),
      scrapeTimeout: formatPrometheusDuration(target.timeoutMs),
    };
  }

  /** As somebody elsewhere must write it: our loopback is not theirs. */
  #globalUrl(url: string): string {
    const { externalHost } = this.#deps;
    const name = externalHost?.replace(/:\d+$/, '');
    const parsed = new URL(url);
    const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname);
    if (name === undefined || name === '' || !isLocal) return url;
    return url.replace(/^(\w+:\/\/)(?:localhost|127\.0\.0\.1|\[::1\])/, `$1${name}`);
  }
}
