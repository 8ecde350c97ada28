import type { Clock, Logger } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import type { LocalBody, LocalTargets } from '#metrics/scrape';

/** Agents of this cluster have introduced themselves by then. */
const patienceMs = 20_000;
/** From one look at the agents to the next. */
const lookMs = 5000;
/** Somebody gives the rights that are missing; an API server that is away comes back sooner. */
const retryMs = { denied: 5 * 60_000, unknown: 10_000 };
const maxBodyBytes = 64 * 1024 * 1024;

export interface KubeletProxyDeps {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Logger;
  /** Nodes whose kubelet an agent scrapes now. */
  readonly agentNodes: () => ReadonlySet<string>;
  /** Of the URLs of kubelets; what follows is a path of the API server. */
  readonly prefix: string;
  /** Told when other nodes are to be scraped than before. */
  readonly onChange: () => void;
}

/** Kubelets that no agent scrapes, asked through the API server, as far as that is allowed. */
export class KubeletProxy {
  readonly #deps: KubeletProxyDeps;
  #left: ReadonlySet<string> | undefined;
  #isDenialTold = false;

  constructor(deps: KubeletProxyDeps) {
    this.#deps = deps;
  }

  /** Nodes that are left to their agents; undefined: nothing is to be scraped (yet). */
  get left(): ReadonlySet<string> | undefined {
    return this.#left;
  }

  /** Bodies of kubelets, by the URL of the API server's proxy. */
  get targets(): LocalTargets {
    const { client } = this.#deps.cluster;
    const prefix = this.#deps.prefix;
    return {
      get: (url): LocalBody | undefined => {
        if (!url.startsWith(`${prefix}/api/v1/nodes/`)) return undefined;
        const path = url.slice(prefix.length);
        return (signal) => client.bytes({ path, signal, maxBytes: maxBodyBytes });
      },
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    try {
      await clock.sleep(patienceMs, signal);
      for (;;) {
        const verdict = await this.#verdict(signal);
        if (verdict === 'allowed') break;
        await clock.sleep(retryMs[verdict], signal);
      }
      for (;;) {
        this.#look();
        await clock.sleep(lookMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #look(): void {
    const { agentNodes, onChange } = this.#deps;
    const now = agentNodes();
    const before = this.#left;
    if (before !== undefined && before.size === now.size && before.isSubsetOf(now)) return;
    this.#left = now;
    onChange();
  }

  async #verdict(signal: AbortSignal): Promise<'allowed' | 'denied' | 'unknown'> {
    const { client } = this.#deps.cluster;
    const resourceAttributes = { verb: 'get', resource: 'nodes', subresource: 'proxy' };
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    try {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const review = await client.json<Review>({ method: 'POST', path, body, signal });
      if (review.status?.allowed === true) return 'allowed';
    } catch {
      signal.throwIfAborted();
      // Whether the API server answers is said elsewhere.
      return 'unknown';
    }
    this.#tellDenied();
    return 'denied';
  }

  #tellDenied(): void {
    if (this.#isDenialTold) return;
    this.#isDenialTold = true;
    this.#deps.log.warn('Kubelets of nodes without an agent are not scraped', {
      reason: 'get on nodes/proxy is denied',
      hint: 'Allow it, run an agent on each node, or set kubernetes.scrape.kubelet: false',
    });
  }
}

interface Review {
  readonly status?: { readonly allowed?: boolean };
}
