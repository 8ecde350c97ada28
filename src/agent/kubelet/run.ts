import {
  type Clock,
  type Counter,
  describeError,
  isAppError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import type { LabelPairs } from '#host';
import { isWantedSeries } from '#kubernetes/cadvisor';
import {
  type WriteRequest,
  WriteRequestBuilder,
  type WrittenSeries,
} from '../metrics/write-request.ts';
import { KubeletClient } from './client.ts';
import { cadvisorPath, instanceOf, type KubeletOptions } from './options.ts';
import { KubeletTarget } from './target.ts';

/** A node has at most some hundred pods; beyond this new series are left out and counted. */
const maxSeries = 50_000;
const maxTimeoutMs = 10_000;

export interface KubeletDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Takes a request on its way to the server. */
  readonly keep: (request: WriteRequest) => Promise<void>;
}

/** What the kubelet tells of containers, for whoever reads their cgroups too. */
export interface KubeletView {
  /** Resolves when the kubelet was asked for containers once. */
  readonly asked: Promise<void>;
  /** Whether it told of containers, ever and the last time. */
  readonly hasAnswered: boolean;
  readonly isAnswering: boolean;
  /** Whether it says which container a cgroup is: some kubelets know of pods only. */
  readonly knowsContainers: boolean;
  /** Whether it has series of this name, for pods or for the machine. */
  tells(name: string): boolean;
  isWanted(pairs: LabelPairs): boolean;
  /** How it calls a cgroup: `id`, `name`, `image`, `container`, `pod`, `namespace`. */
  labelsOf(id: string): LabelPairs | undefined;
}

interface Place {
  readonly path: string;
  readonly target: KubeletTarget;
  /** Told already, so that the log has each trouble once. */
  trouble: string | undefined;
}

/** Scrapes all paths of this node's kubelet, round after round, into one request each. */
export class KubeletScrape implements KubeletView {
  readonly asked: Promise<void>;
  hasAnswered = false;
  isAnswering = false;
  readonly #options: KubeletOptions;
  readonly #deps: KubeletDeps;
  readonly #client: KubeletClient;
  readonly #builder = new WriteRequestBuilder();
  readonly #places: readonly Place[];
  readonly #cadvisor: KubeletTarget | undefined;
  readonly #cgroups = new Map<string, { readonly labels: LabelPairs; series: number }>();
  /** Series by name: of pods, and those of no cgroup. */
  readonly #told = new Map<string, number>();
  #containerSeries = 0;
  readonly #scrapes: Counter;
  #markAsked: () => void = () => {};
  #answers = 0;

  constructor(options: KubeletOptions, deps: KubeletDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#client = new KubeletClient(options, deps.clock);
    this.asked = new Promise((resolve) => {
      this.#markAsked = resolve;
    });
    // What others wait for comes first.
    const first = options.paths.filter((path) => path === cadvisorPath);
    const paths = [...first, ...options.paths.filter((path) => path !== cadvisorPath)];
    this.#places = paths.map((path) => ({
      path,
      trouble: undefined,
      target: new KubeletTarget(this.#targetOptions(path), this.#builder),
    }));
    this.#cadvisor = this.#places.find(({ path }) => path === cadvisorPath)?.target;
    const { metrics } = deps;
    this.#scrapes = metrics.counter(
      'nunchi_agent_kubelet_scrapes_total',
      'Scrapes of the kubelet of this node, by path and result',
    );
    metrics.collected(
      'nunchi_agent_kubelet_series',
      'Series of the last scrape of the kubelet, by path',
      'gauge',
      () => this.#places.map(({ path, target }) => ({ labels: { path }, value: target.series })),
    );
    metrics.collected(
      'nunchi_agent_kubelet_refused_series_total',
      'Series of the kubelet beyond the limit',
      'counter',
      () => [{ value: this.#places.reduce((sum, { target }) => sum + target.refused, 0) }],
    );
  }

  get intervalMs(): number {
    return this.#options.intervalMs;
  }

  /** The node whose series came with the last round; undefined: none did. */
  get shippedNode(): string | undefined {
    return this.#answers > 0 ? this.#options.node : undefined;
  }

  /** One round. */
  async collect(signal: AbortSignal): Promise<void> {
    this.#builder.begin({ count: this.#count(), each: () => this.#live() });
    let answers = 0;
    for (const place of this.#places) {
      if (await this.#one(place, signal)) answers++;
      this.#markAsked();
    }
    if (signal.aborted) return;
    this.#answers = answers;
    await this.#deps.keep(this.#builder.request());
  }

  /** All series end: this agent stops. */
  async end(): Promise<void> {
    this.#markAsked();
    this.#client.close();
    this.#builder.begin({ count: this.#count(), each: () => this.#live() });
    const nowMs = this.#deps.clock.nowMs();
    for (const { target } of this.#places) target.end(nowMs);
    const request = this.#builder.request();
    if (request.samples > 0) await this.#deps.keep(request);
  }

  get knowsContainers(): boolean {
    return this.#containerSeries > 0;
  }

  tells(name: string): boolean {
    return this.#told.has(name);
  }

  isWanted(pairs: LabelPairs): boolean {
    return this.#options.keepAll || isWantedSeries(pairs);
  }

  labelsOf(id: string): LabelPairs | undefined {
    return this.#cgroups.get(id)?.labels;
  }

  async #one(place: Place, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#deps;
    const { path, target } = place;
    const timeMs = clock.nowMs();
    const startedMs = clock.monotonicMs();
    let failure: unknown;
    let durationMs = 0;
    try {
      const timeoutMs = Math.min(maxTimeoutMs, this.#options.intervalMs * 0.9);
      const body = await this.#client.get(path, timeoutMs, signal);
      durationMs = clock.monotonicMs() - startedMs;
      target.add(body, timeMs);
    } catch (error) {
      if (signal.aborted) return false;
      durationMs ||= clock.monotonicMs() - startedMs;
      failure = error;
    }
    const isUp = failure === undefined;
    target.report(timeMs, { isUp, durationMs });
    this.#scrapes.add(1, { path, result: isUp ? 'success' : 'failure' });
    if (target === this.#cadvisor) {
      this.isAnswering = isUp;
      this.hasAnswered ||= isUp;
    }
    this.#tell(place, failure);
    return isUp;
  }

  /** Each trouble of a path once, and its end. */
  #tell(place: Place, failure: unknown): void {
    const { logger } = this.#deps;
    const { path } = place;
    const before = place.trouble;
    place.trouble = failure === undefined ? undefined : describeError(failure);
    if (place.trouble === before) return;
    if (place.trouble === undefined) {
      logger.info('The kubelet answers again', { path });
      return;
    }
    const hint = isAppError(failure) ? failure.hint : undefined;
    logger.warn('The kubelet of this node cannot be scraped', {
      path,
      reason: place.trouble,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #targetOptions(path: string): ConstructorParameters<typeof KubeletTarget>[0] {
    const { url, node } = this.#options;
    const labels = [
      'instance',
      instanceOf(url),
      'job',
      'kubelet',
      'metrics_path',
      path,
      'node',
      node,
    ];
    if (path !== cadvisorPath) return { labels, isWanted: () => true, maxSeries };
    return {
      labels,
      isWanted: (pairs) => this.isWanted(pairs),
      maxSeries,
      onSeries: (all, isGone) => this.#noteCgroup(all, isGone),
    };
  }

  #noteCgroup(all: LabelPairs, isGone: boolean): void {
    const change = isGone ? -1 : 1;
    const labels = cgroupLabels(all);
    const id = labels[0] === 'id' ? labels[1] : undefined;
    if (id === undefined || labels.includes('pod')) {
      const name = labelOf(all, '__name__');
      const count = (this.#told.get(name) ?? 0) + change;
      if (count > 0) this.#told.set(name, count);
      else this.#told.delete(name);
    }
    if (id === undefined) return;
    if (labels.includes('container')) this.#containerSeries += change;
    const series = (this.#cgroups.get(id)?.series ?? 0) + change;
    if (series > 0) this.#cgroups.set(id, { labels, series });
    else this.#cgroups.delete(id);
  }

  #count(): number {
    return this.#places.reduce((sum, { target }) => sum + target.series, 0);
  }

  *#live(): Generator<WrittenSeries> {
    for (const { target } of this.#places) yield* target.live();
  }
}

const cgroupNames: readonly string[] = ['id', 'container', 'image', 'name', 'namespace', 'pod'];

/** Those labels that say which cgroup a series is of, `id` first. */
function cgroupLabels(all: LabelPairs): LabelPairs {
  return cgroupNames.flatMap((name) => {
    const value = labelOf(all, name);
    return value === '' ? [] : [name, value];
  });
}

function labelOf(labels: LabelPairs, name: string): string {
  for (let at = 0; at + 1 < labels.length; at += 2) if (labels[at] === name) return labels[at + 1]!;
  return '';
}
