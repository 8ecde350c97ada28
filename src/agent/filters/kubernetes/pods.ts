import { type Clock, describeError, isAppError, type Logger } from '#base';
import type { KubeApi } from './api.ts';
import { asList, asMap, asTexts, type ContainerInfo, type PodInfo, podInfoOf } from './pod.ts';

/** What the tag says about a container. */
export interface ContainerKey {
  readonly pod: string;
  readonly namespace: string;
  readonly container: string;
  readonly id: string;
}

export interface ContainerMetadata {
  readonly pod: PodInfo;
  readonly container: ContainerInfo | undefined;
}

export interface NamespaceInfo {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PodSourceOptions {
  readonly apiUrl: string;
  /** Asks the node's own kubelet for all of its pods at once, which spares the API server. */
  readonly kubeletUrl?: string;
  /** 0: found metadata never expires. */
  readonly ttlMs: number;
  readonly namespaceTtlMs: number;
}

const maxContainers = 4096;
const maxNamespaces = 1024;
const minKubeletGapMs = 1000;
const missRetryMs = 5000;
const failureRetryMs = 10_000;

interface Entry {
  metadata: ContainerMetadata | undefined;
  /** Asked again after this time. */
  untilMs: number;
  pending: Promise<void> | undefined;
}

/**
 * Metadata of containers, kept by container id: a pod that is made anew under its old name has new
 * ids, so nothing stale is ever shown. Misses and failures are remembered for some seconds, so that
 * an API server in trouble is not asked for each line. One that does not answer is waited for once;
 * then it is asked in the background, once in `failureRetryMs`, until it answers again.
 */
export class PodSource {
  readonly #api: KubeApi;
  readonly #options: PodSourceOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #namespaces = new Map<string, { info: NamespaceInfo | undefined; untilMs: number }>();
  #kubeletPods: ReadonlyMap<string, PodInfo> = new Map();
  #kubeletAtMs = Number.NEGATIVE_INFINITY;
  #kubeletLoading: Promise<void> | undefined;
  #isAway = false;
  /** While it is away nothing is asked before this time. */
  #probeAtMs = Number.NEGATIVE_INFINITY;
  failures = 0;

  constructor(api: KubeApi, options: PodSourceOptions, clock: Clock, log: Logger) {
    this.#api = api;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is known without asking; `ask` is a promise where asking is due. */
  lookUp(key: ContainerKey): {
    metadata: ContainerMetadata | undefined;
    ask: Promise<void> | undefined;
  } {
    const nowMs = this.#clock.monotonicMs();
    let entry = this.#entries.get(key.id);
    if (entry === undefined) {
      if (this.#entries.size >= maxContainers) {
        // Oldest first: Map keeps the order of insertion.
        this.#entries.delete(this.#entries.keys().next().value!);
      }
      entry = { metadata: undefined, untilMs: Number.NEGATIVE_INFINITY, pending: undefined };
      this.#entries.set(key.id, entry);
    }
    if (nowMs >= entry.untilMs && entry.pending === undefined && this.#mayAsk(nowMs)) {
      const asked = entry;
      entry.pending = this.#load(key, asked).finally(() => {
        asked.pending = undefined;
      });
    }
    // Old metadata is better than waiting; only a container that was never seen waits.
    const mayWait = entry.metadata === undefined && !this.#isAway;
    return { metadata: entry.metadata, ask: mayWait ? entry.pending : undefined };
  }

  async namespace(name: string): Promise<NamespaceInfo | undefined> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#namespaces.get(name);
    if (known !== undefined && nowMs < known.untilMs) return known.info;
    // Pods are asked for all the time and find out when it is back.
    if (this.#isAway) return known?.info;
    let info = known?.info;
    let untilMs = nowMs + this.#options.namespaceTtlMs;
    try {
      const value = await this.#api.get(
        `${this.#options.apiUrl}/api/v1/namespaces/${encodeURIComponent(name)}`,
      );
      const metadata = asMap(asMap(value)['metadata']);
      info = { labels: asTexts(metadata['labels']), annotations: asTexts(metadata['annotations']) };
    } catch (error) {
      untilMs = nowMs + failureRetryMs;
      this.#failed('namespace', name, error);
    }
    if (this.#namespaces.size >= maxNamespaces) this.#namespaces.clear();
    this.#namespaces.set(name, { info, untilMs });
    return info;
  }

  async #load(key: ContainerKey, entry: Entry): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const { ttlMs } = this.#options;
    try {
      const pod = await this.#pod(key);
      this.#isAway = false;
      const container =
        pod?.containers.find(({ ids }) => ids.includes(key.id)) ??
        pod?.containers.find(({ name }) => name === key.container);
      if (pod !== undefined) entry.metadata = { pod, container };
      // A pod whose status does not name this container yet: its image is known a moment later.
      const isSure = container?.ids.includes(key.id) === true;
      entry.untilMs = isSure
        ? ttlMs > 0
          ? nowMs + ttlMs
          : Number.POSITIVE_INFINITY
        : this.#missUntilMs(nowMs);
    } catch (error) {
      entry.untilMs = nowMs + failureRetryMs;
      this.#failed('pod', `${key.namespace}/${key.pod}`, error);
    }
  }

  #mayAsk(nowMs: number): boolean {
    if (!this.#isAway) return true;
    if (nowMs < this.#probeAtMs) return false;
    this.#probeAtMs = nowMs + failureRetryMs;
    return true;
  }

  /** A list of the kubelet from before this container's start is asked for again soon. */
  #missUntilMs(nowMs: number): number {
    const nextListMs = this.#kubeletAtMs + minKubeletGapMs;
    return this.#kubeletAtMs < nowMs && nowMs < nextListMs ? nextListMs : nowMs + missRetryMs;
  }

  async #pod({ namespace, pod, id }: ContainerKey): Promise<PodInfo | undefined> {
    const { apiUrl, kubeletUrl } = this.#options;
    if (kubeletUrl === undefined) {
      return podInfoOf(
        await this.#api.get(
          `${apiUrl}/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`,
        ),
      );
    }
    const name = `${namespace}/${pod}`;
    const known = this.#kubeletPods.get(name);
    if (known?.containers.some(({ ids }) => ids.includes(id)) !== true)
      await this.#loadKubelet(kubeletUrl);
    return this.#kubeletPods.get(name);
  }

  async #loadKubelet(url: string): Promise<void> {
    if (this.#clock.monotonicMs() - this.#kubeletAtMs < minKubeletGapMs) return;
    this.#kubeletLoading ??= (async () => {
      const list = asMap(await this.#api.get(`${url}/pods`));
      const pods = new Map<string, PodInfo>();
      for (const item of asList(list['items'])) {
        const pod = podInfoOf(item);
        if (pod !== undefined) pods.set(`${pod.namespace}/${pod.name}`, pod);
      }
      this.#kubeletPods = pods;
      this.#kubeletAtMs = this.#clock.monotonicMs();
    })().finally(() => {
      this.#kubeletLoading = undefined;
    });
    await this.#kubeletLoading;
  }

  #failed(what: string, name: string, error: unknown): void {
    this.failures++;
    // An answer that refuses (a missing right) concerns that object alone, and came at once.
    if (!isAppError(error) || !isRefusal(error.details['status'])) {
      this.#isAway = true;
      this.#probeAtMs = this.#clock.monotonicMs() + failureRetryMs;
    }
    this.#log.warn('Kubernetes metadata cannot be read', {
      what,
      name,
      reason: describeError(error),
    });
  }
}

function isRefusal(status: unknown): boolean {
  return typeof status === 'number' && status >= 400 && status < 500;
}
