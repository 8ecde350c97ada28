import {
  backoffMs,
  type Clock,
  type Counter,
  describeError,
  type Logger,
  type MetricsRegistry,
} from '#base';
import type { ContainerName } from '../container/names.ts';
import type { ContainerWishes, StreamWish } from '../container/wishes.ts';
import { podWishesOf } from '../filters/kubernetes/annotations.ts';
import { AccountFiles, type ApiIdentity, KubeApi } from '../filters/kubernetes/api.ts';
import { asList, asMap, type PodInfo, podInfoOf, podOwnerOf } from '../filters/kubernetes/pod.ts';
import { kubernetesObject } from './discover.ts';

/** Where the API server is and how the agent proves who it is: files of a service account. */
export interface ServiceAccountAccess {
  readonly url: string;
  readonly tokenFile: string;
  readonly caFile: string;
}

/** As whom a kubeconfig names, outside of a pod. */
export interface KubeconfigAccess {
  readonly url: string;
  readonly identity: ApiIdentity;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
}

export type KubernetesAccess = ServiceAccountAccess | KubeconfigAccess;

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What every pod is told about its cluster; undefined outside of one. */
export function inClusterAccess(
  env: Readonly<Record<string, string | undefined>>,
): ServiceAccountAccess | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  if (host === '') return undefined;
  const port = env['KUBERNETES_SERVICE_PORT_HTTPS'] ?? env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tokenFile: `${accountFolder}/token`,
    caFile: `${accountFolder}/ca.crt`,
  };
}

/** The `kubernetes` object of a container's records as JSON text; replaced when more is known. */
export interface KubernetesText {
  text: string;
  /** What the pod's annotations ask for; undefined: nothing. */
  wishes?: ContainerWishes | undefined;
}

interface Entry {
  readonly name: ContainerName;
  readonly object: KubernetesText;
  readonly sinceMs: number;
  /** `new`: never asked for; `partial`: its pod or its image digest is not known yet. */
  state: 'new' | 'partial' | 'known';
  tries: number;
}

/** A burst of new pods is one list. */
const minGapMs = 250;
/** A kubelet reports a container's image digest about a second after its start. */
const partialRetryMs = 2000;
const maxPartialTries = 5;
/** Labels of running pods may change. */
const refreshMs = 60_000;
/** Log files of pods that are gone, found at the start: their pod will not come. */
const giveUpMs = 300_000;
const failureBackoff = { baseMs: 2000, maxMs: 60_000 };
const requestTimeoutMs = 5000;
/** The lines of a new container wait for its metadata as long as an answer may take, and only the first time. */
const maxWaitMs = requestTimeoutMs;
/** A node runs at most some hundred pods; the rest are restarts of the same. */
const maxEntries = 4096;
/** Pods asked for by name to learn the node's name from, in one go. */
const maxNodeTries = 8;

/**
 * Metadata of this node's containers from the API server: one list of the node's pods when a new
 * container shows up (at most four a second) and once a minute for changed labels, answered from the
 * API server's cache. Without an answer the records say what the file's name says; reading waits for
 * one at most five seconds.
 */
export class NodePods {
  readonly #api: KubeApi;
  readonly #url: string;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #requests: Counter;
  readonly #failures: Counter;
  /** By uid; a mirror of a static pod also by the hash that the kubelet names its folder with. */
  #pods: ReadonlyMap<string, PodInfo> = new Map();
  /** By the runtime's id. */
  #images: ReadonlyMap<string, string> = new Map();
  #node: string | undefined;
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #failed = 0;
  #dueMs = Number.POSITIVE_INFINITY;
  #wake: (() => void) | undefined;
  #answer: PromiseWithResolvers<void> | undefined;
  /** Loaded when the first pod asks for one. */
  #parsers: typeof import('./pod-parsers.ts') | undefined;
  #parsersWanted = false;
  readonly #complained = new Set<string>();

  constructor(
    access: KubernetesAccess,
    host: string,
    deps: { readonly clock: Clock; readonly logger: Logger; readonly metrics: MetricsRegistry },
  ) {
    const isOfKubeconfig = 'identity' in access;
    this.#api = new KubeApi({
      identity: isOfKubeconfig
        ? access.identity
        : new AccountFiles({ ...access, tokenTtlMs: 60_000 }),
      verify: !isOfKubeconfig || !access.insecureSkipVerify,
      verifyHostname: true,
      serverName: isOfKubeconfig ? access.serverName : undefined,
      timeoutMs: requestTimeoutMs,
    });
    this.#url = access.url;
    this.#host = host;
    this.#clock = deps.clock;
    this.#log = deps.logger;
    this.#requests = deps.metrics.counter(
      'nunchi_agent_kubernetes_requests_total',
      'Requests for pods to the API server',
    );
    this.#failures = deps.metrics.counter(
      'nunchi_agent_kubernetes_failures_total',
      'Failed requests for pods to the API server',
    );
    deps.metrics.collected(
      'nunchi_agent_kubernetes_containers',
      'Containers that metadata is kept for',
      'gauge',
      () => [{ value: this.#entries.size }],
    );
  }

  /** The object of a container whose log was found. It changes when the API server has answered. */
  objectOf(name: ContainerName): KubernetesText {
    const object = { text: kubernetesObject(name, this.#host) };
    const key = name.id ?? `${name.podUid}/${name.container}`;
    const entry: Entry = {
      name,
      object,
      sinceMs: this.#clock.monotonicMs(),
      state: 'new',
      tries: 0,
    };
    if (this.#entries.size >= maxEntries) {
      // Oldest first: Map keeps the order of insertion. Its lines go on with what was known.
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#fill(entry);
    if (entry.state !== 'known') this.#askBy(this.#listedAtMs + minGapMs);
    return object;
  }

  /** What a container was made of, as its status says; undefined until the API server has told. */
  imageOf(containerId: string): string | undefined {
    return this.#images.get(containerId);
  }

  /**
   * Undefined when nothing is worth waiting for. Otherwise resolves when the API server has answered
   * for the new containers, has failed to, or has taken too long.
   */
  settled(): Promise<void> | undefined {
    if (this.#answer === undefined) {
      // While the API server is in trouble nobody waits for it.
      if (this.#failed > 0 || !this.#anyNew()) return undefined;
      const answer = Promise.withResolvers<void>();
      this.#answer = answer;
      const timer = setTimeout(() => this.#release(), maxWaitMs);
      void answer.promise.then(() => clearTimeout(timer));
    }
    return this.#answer.promise;
  }

  /** Asks whenever something is to be known, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const waitMs = this.#dueMs - this.#clock.monotonicMs();
        if (waitMs > 0) await this.#wait(waitMs);
        else await this.#refresh(signal);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#release();
      this.#api.close();
    }
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY;
    const asked = [...this.#entries.values()].filter(({ state }) => state === 'new');
    try {
      this.#pods = await this.#list();
      this.#images = imagesOf(this.#pods.values());
      if (this.#failed > 0) this.#log.info('The Kubernetes API server answers again', {});
      this.#failed = 0;
    } catch (error) {
      if (signal.aborted) return;
      this.#failures.add(1);
      if (this.#failed === 0) {
        this.#log.warn('Kubernetes metadata cannot be read, records have what file names say', {
          url: this.#url,
          err: describeError(error),
          hint: 'The service account, or whom the kubeconfig names, must be allowed to get and list pods',
        });
      }
      this.#dueMs = this.#clock.monotonicMs() + backoffMs(this.#failed++, failureBackoff);
    }
    this.#listedAtMs = this.#clock.monotonicMs();
    if (this.#failed === 0) this.#fillAll();
    if (this.#parsersWanted && this.#parsers === undefined) {
      this.#parsers = await import('./pod-parsers.ts');
      for (const entry of this.#entries.values()) this.#fill(entry);
    }
    for (const entry of asked) {
      if (entry.state === 'new') entry.state = 'partial';
    }
    // A container that was found meanwhile has the next answer, or the end of the wait.
    if (this.#failed > 0 || !this.#anyNew()) this.#release();
  }

  #anyNew(): boolean {
    for (const { state } of this.#entries.values()) if (state === 'new') return true;
    return false;
  }

  #fillAll(): void {
    const nowMs = this.#listedAtMs;
    for (const [key, entry] of this.#entries) {
      this.#fill(entry);
      const isGone = this.#podOf(entry.name) === undefined;
      if (isGone && (entry.state === 'known' || nowMs - entry.sinceMs > giveUpMs)) {
        this.#entries.delete(key);
        continue;
      }
      if (entry.state === 'known') continue;
      if (entry.tries++ < maxPartialTries) this.#askBy(nowMs + partialRetryMs);
    }
    if (this.#entries.size > 0) this.#askBy(nowMs + refreshMs);
  }

  /** Puts what is known now into an entry's text. */
  #fill(entry: Entry): void {
    const { name, object } = entry;
    const pod = this.#podOf(name);
    if (pod === undefined) return;
    const running = pod.containers.find(
      ({ ids }) => name.id !== undefined && ids.includes(name.id),
    );
    const same = running ?? pod.containers.find((container) => container.name === name.container);
    const text = kubernetesObject(name, this.#host, {
      podUid: pod.uid,
      labels: pod.labels,
      node: pod.node,
      owner: podOwnerOf(pod),
      // A container that is about to run has no status yet; the one before it had the same image.
      image: same?.image ?? pod.images[name.container],
      imageId: same?.imageId,
    });
    // Readers compare by identity.
    if (text !== object.text) object.text = text;
    object.wishes = this.#wishesOf(pod, name);
    const isSure = running?.imageId !== undefined || (name.id === undefined && same !== undefined);
    entry.state = isSure || entry.tries >= maxPartialTries ? 'known' : 'partial';
  }

  #wishesOf(pod: PodInfo, name: ContainerName): ContainerWishes | undefined {
    const stdout = this.#wishOf(pod, name, 'stdout');
    const stderr = this.#wishOf(pod, name, 'stderr');
    return stdout === undefined && stderr === undefined ? undefined : { stdout, stderr };
  }

  #wishOf(
    { annotations, namespace, name: podName }: PodInfo,
    { container }: ContainerName,
    stream: 'stdout' | 'stderr',
  ): StreamWish | undefined {
    const { exclude, parser } = podWishesOf(annotations, container, stream);
    if (parser === undefined || exclude) return exclude ? { exclude, parse: undefined } : undefined;
    this.#parsersWanted = true;
    if (this.#parsers === undefined) return undefined;
    const parse = this.#parsers.podParser(parser, this.#clock);
    const pod = `${namespace}/${podName}`;
    if (parse === undefined && !this.#complained.has(pod) && this.#complained.size < maxEntries) {
      this.#complained.add(pod);
      this.#log.warn('A pod asks for a parser that is not there: its lines stay text', {
        pod,
        parser,
        hint: `Known here: ${this.#parsers.podParserNames.join(', ')}; with a Fluent Bit configuration, all of its parsers`,
      });
    }
    return parse === undefined ? undefined : { exclude: false, parse };
  }

  #podOf({ podUid, namespace, pod }: ContainerName): PodInfo | undefined {
    return this.#pods.get(podUid ?? `${namespace}/${pod}`);
  }

  async #list(): Promise<ReadonlyMap<string, PodInfo>> {
    const node = this.#node ?? (await this.#learnNode());
    const pods = new Map<string, PodInfo>();
    if (node === undefined) return pods;
    this.#node = node;
    const selector = encodeURIComponent(`spec.nodeName=${node}`);
    // Version 0: whatever the API server has in its cache, no read of all pods from its database.
    const list = await this.#get(`/api/v1/pods?fieldSelector=${selector}&resourceVersion=0`);
    for (const item of asList(asMap(list)['items'])) {
      const pod = podInfoOf(item);
      if (pod === undefined) continue;
      const hash = pod.annotations['kubernetes.io/config.hash'];
      if (pod.uid !== undefined) pods.set(pod.uid, pod);
      if (hash !== undefined) pods.set(hash, pod);
      pods.set(`${pod.namespace}/${pod.name}`, pod);
    }
    return pods;
  }

  /** The node's name in the cluster need not be this host's: its pods know it. */
  async #learnNode(): Promise<string | undefined> {
    const seen = new Set<string>();
    for (const { name } of [...this.#entries.values()].reverse()) {
      const path = `/api/v1/namespaces/${encodeURIComponent(name.namespace)}/pods/${encodeURIComponent(name.pod)}`;
      if (seen.has(path)) continue;
      if (seen.size >= maxNodeTries) break;
      seen.add(path);
      const pod = podInfoOf(await this.#get(path));
      if (pod?.node === undefined) continue;
      const hash = pod.annotations['kubernetes.io/config.hash'];
      const isSame = name.podUid === undefined || pod.uid === name.podUid || hash === name.podUid;
      // A pod of the same name may run on another node by now.
      if (isSame) return pod.node;
    }
    return undefined;
  }

  #get(path: string): Promise<unknown> {
    this.#requests.add(1);
    return this.#api.get(`${this.#url}${path}`);
  }

  #askBy(atMs: number): void {
    if (this.#failed > 0 && this.#dueMs < Number.POSITIVE_INFINITY) return;
    if (atMs >= this.#dueMs) return;
    this.#dueMs = atMs;
    this.#wake?.();
  }

  #release(): void {
    this.#answer?.resolve();
    this.#answer = undefined;
    for (const entry of this.#entries.values()) {
      if (entry.state === 'new') entry.state = 'partial';
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(() => this.#wake?.(), ms) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

function imagesOf(pods: Iterable<PodInfo>): Map<string, string> {
  const images = new Map<string, string>();
  for (const { containers } of pods) {
    for (const { ids, image } of containers) {
      if (image !== undefined) for (const id of ids) images.set(id, image);
    }
  }
  return images;
}
