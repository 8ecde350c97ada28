import { configKey, type DiscoveryConfig } from '#metrics/config';
import type { Discoverer, DiscoveryDeps, TargetGroup } from './contract.ts';
import { dnsDiscoverer } from './dns.ts';
import { fileDiscoverer } from './file.ts';
import { httpDiscoverer } from './http.ts';
import { staticDiscoverer } from './static.ts';

/** However often sources change, those who listen hear of it at most this often. */
const updateIntervalMs = 5000;

interface Provider {
  /** For the sources of its groups; never its key, which holds secrets. */
  readonly name: string;
  readonly groups: Map<string, TargetGroup>;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  /** Has said at least once what it knows. */
  isKnown: boolean;
  jobs: Set<string>;
}

/**
 * Runs the discoverers of all jobs and keeps what they found. Jobs with equal entries share one; a
 * reload keeps those that did not change, with their groups.
 */
export class DiscoveryManager implements AsyncDisposable {
  readonly #deps: DiscoveryDeps;
  readonly #name: string;
  readonly #onUpdate: (jobs: ReadonlySet<string>) => void;
  #providers = new Map<string, Provider>();
  #started = 0;
  #changed = new Set<string>();
  #lastUpdateMs = Number.NEGATIVE_INFINITY;
  #waiting: AbortController | undefined;

  /**
   * @param options.name what the targets are for (`scrape`, `notify`), in metrics
   * @param onUpdate the groups of these jobs changed: ask `groups`
   */
  constructor(
    options: { readonly name: string },
    deps: DiscoveryDeps,
    onUpdate: (jobs: ReadonlySet<string>) => void,
  ) {
    this.#deps = deps;
    this.#name = options.name;
    this.#onUpdate = onUpdate;
    deps.metrics.collected(
      'prometheus_sd_discovered_targets',
      'Current number of discovered targets',
      'gauge',
      () =>
        [...this.#jobs()].map((config) => ({
          labels: { name: this.#name, config },
          value: this.groups(config).reduce((sum, { targets }) => sum + targets.length, 0),
        })),
    );
  }

  /** Starts, keeps and stops discoverers so that they are those of these jobs. */
  apply(jobs: ReadonlyMap<string, DiscoveryConfig>): void {
    const before = this.#providers;
    this.#providers = new Map();
    const wanted = new Map<string, { make: () => Discoverer; jobs: Set<string> }>();
    for (const [job, config] of jobs) {
      this.#changed.add(job);
      for (const [key, make] of this.#discoverers(config)) {
        const entry = wanted.get(key);
        if (entry === undefined) wanted.set(key, { make, jobs: new Set([job]) });
        else entry.jobs.add(job);
      }
    }
    for (const [key, { make, jobs: users }] of wanted) {
      const kept = before.get(key);
      if (kept !== undefined) {
        kept.jobs = users;
        before.delete(key);
        this.#providers.set(key, kept);
      } else {
        const name = `${key.slice(0, key.indexOf(' '))}/${this.#started++}`;
        this.#providers.set(key, this.#start(name, make(), users));
      }
    }
    for (const provider of before.values()) provider.stop.abort();
    for (const job of this.#changed) if (!jobs.has(job)) this.#changed.delete(job);
    this.#update();
  }

  /**
   * What is known of a job's targets now. Groups without targets are left out; one that did not change
   * is the same object as before.
   */
  groups(job: string): TargetGroup[] {
    const found: TargetGroup[] = [];
    for (const provider of this.#providers.values()) {
      if (!provider.jobs.has(job)) continue;
      for (const group of provider.groups.values()) found.push(group);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting?.abort();
    const providers = [...this.#providers.values()];
    this.#providers = new Map();
    for (const { stop } of providers) stop.abort();
    await Promise.allSettled(providers.map(({ done }) => done));
  }

  #jobs(): Set<string> {
    return new Set([...this.#providers.values()].flatMap(({ jobs }) => [...jobs]));
  }

  #discoverers(config: DiscoveryConfig): [string, () => Discoverer][] {
    const deps = this.#deps;
    const { kubernetes } = deps;
    const found: [string, () => Discoverer][] = [];
    const add = <C>(mechanism: string, entry: C, make: (entry: C) => Discoverer): void =>
      void found.push([`${mechanism} ${configKey(entry)}`, () => make(entry)]);
    if (config.staticConfigs.length > 0) add('static', config.staticConfigs, staticDiscoverer);
    for (const entry of config.fileSdConfigs)
      add('file', entry, (one) => fileDiscoverer(one, deps));
    for (const entry of config.httpSdConfigs)
      add('http', entry, (one) => httpDiscoverer(one, deps));
    for (const entry of config.dnsSdConfigs) add('dns', entry, (one) => dnsDiscoverer(one, deps));
    for (const entry of config.kubernetesSdConfigs) {
      if (kubernetes !== undefined) add('kubernetes', entry, kubernetes);
      else {
        deps.log
          .child('metrics/discovery')
          .warn('kubernetes_sd_configs give no targets: there is no cluster', { role: entry.role });
      }
    }
    return found;
  }

  #start(name: string, discoverer: Discoverer, jobs: Set<string>): Provider {
    const stop = new AbortController();
    const received = this.#deps.metrics.counter(
      'prometheus_sd_received_updates_total',
      'Total number of update events received from the SD providers',
    );
    const groups = new Map<string, TargetGroup>();
    const emit = (fresh: readonly TargetGroup[]): void => {
      if (stop.signal.aborted) return;
      received.add(1, { name: this.#name });
      provider.isKnown = true;
      for (const group of fresh) {
        const source = `${name}/${group.source}`;
        if (group.targets.length === 0) groups.delete(source);
        else groups.set(source, { ...group, source });
      }
      for (const job of provider.jobs) this.#changed.add(job);
      this.#update();
    };
    const provider: Provider = {
      name,
      groups,
      stop,
      jobs,
      isKnown: false,
      done: Promise.resolve(),
    };
    // On its own turn: what it emits at once must find the provider in its place.
    const done = Promise.resolve()
      .then(() => discoverer.run(emit, stop.signal))
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        this.#deps.log
          .child('metrics/discovery')
          .error('A discovery ended, its last targets stay', { err: error });
        emit([]);
      });
    return Object.assign(provider, { done });
  }

  /** Tells now, or when the last time is long enough ago. */
  #update(): void {
    if (this.#changed.size === 0) return;
    const { clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    const isDue = nowMs - this.#lastUpdateMs >= updateIntervalMs;
    // A job some of whose sources have not spoken yet waits for them, but not for ever: otherwise a
    // reload would end loops that go on a moment later.
    const isKnown = [...this.#providers.values()].every(
      (provider) => provider.isKnown || ![...provider.jobs].some((job) => this.#changed.has(job)),
    );
    if (isDue && isKnown) {
      this.#tell();
      return;
    }
    if (this.#waiting !== undefined) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    const restMs = isDue ? updateIntervalMs : updateIntervalMs - (nowMs - this.#lastUpdateMs);
    clock.sleep(restMs, waiting.signal).then(
      () => {
        if (this.#waiting === waiting) this.#tell();
      },
      () => {},
    );
  }

  #tell(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
    this.#lastUpdateMs = this.#deps.clock.monotonicMs();
    const changed = this.#changed;
    this.#changed = new Set();
    this.#deps.metrics
      .counter(
        'prometheus_sd_updates_total',
        'Total number of update events sent to the SD consumers',
      )
      .add(1, { name: this.#name });
    this.#onUpdate(changed);
  }
}
