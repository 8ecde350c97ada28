import type { Logger } from '#base';
import type { ResourceName } from '#kubernetes/client';
import type { Cluster, ClusterObjects, SharedInformer } from '#kubernetes/cluster';
import type { KubernetesRole, KubernetesSdConfig } from '#metrics/config';

const resourceOf: Readonly<Record<KubernetesRole, ResourceName>> = {
  node: 'nodes',
  pod: 'pods',
  service: 'services',
  endpoints: 'endpoints',
  endpointslice: 'endpointslices',
  ingress: 'ingresses',
};

/** The mirrors that one entry of `kubernetes_sd_configs` reads. Ends its shares when it is disposed. */
export class Sources implements Disposable {
  readonly #cluster: Cluster;
  readonly #config: KubernetesSdConfig;
  readonly #isShared: boolean;
  readonly #log: Logger;
  readonly #shares = new DisposableStack();
  /** Empty: all. */
  readonly namespaces: ReadonlySet<string>;

  /** @param isShared others read this cluster as a whole too: a namespace is picked out of the whole */
  constructor(cluster: Cluster, config: KubernetesSdConfig, isShared: boolean, log: Logger) {
    this.#cluster = cluster;
    this.#config = config;
    this.#isShared = isShared;
    this.#log = log;
    const { names, ownNamespace } = config.namespaces;
    const own = ownNamespace ? [cluster.client.access.namespace] : [];
    this.namespaces = new Set([...names, ...own]);
  }

  [Symbol.dispose](): void {
    this.#shares.dispose();
  }

  /** A mirror of the objects that have a role, or that a role takes labels from. */
  async open<N extends ResourceName>(
    name: N,
    signal: AbortSignal,
  ): Promise<SharedInformer<ClusterObjects[N]>> {
    const informer = this.#shares.use(await this.#open(name, signal));
    await settled(informer, signal);
    const { state, error } = informer.status();
    if (state !== 'synced' && !signal.aborted) {
      this.#log.warn('Kubernetes discovery does without some objects for now', {
        role: this.#config.role,
        resource: name,
        state,
        reason: error?.message,
      });
    }
    return informer;
  }

  async #open<N extends ResourceName>(
    name: N,
    signal: AbortSignal,
  ): Promise<SharedInformer<ClusterObjects[N]>> {
    const selector = this.#config.selectors.find(({ role }) => resourceOf[role] === name);
    const isNamespaced = name !== 'nodes' && name !== 'namespaces';
    const namespaces = isNamespaced && this.namespaces.size > 0 ? [...this.namespaces] : undefined;
    if (selector !== undefined && (selector.label !== '' || selector.field !== '')) {
      return this.#cluster.use(name, {
        ...(selector.label === '' ? {} : { labelSelector: selector.label }),
        ...(selector.field === '' ? {} : { fieldSelector: selector.field }),
        ...(namespaces === undefined ? {} : { namespaces }),
      });
    }
    if (namespaces === undefined) return this.#cluster.use(name);
    if (!this.#isShared) return this.#cluster.use(name, { namespaces });
    const whole = this.#cluster.use(name);
    await settled(whole, signal);
    if (whole.status().state !== 'forbidden') return whole;
    whole[Symbol.dispose]();
    return this.#cluster.use(name, { namespaces });
  }
}

async function settled(informer: SharedInformer<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const onAbort = (): void => aborted.resolve();
  if (signal.aborted) return;
  signal.addEventListener('abort', onAbort, { once: true });
  await Promise.race([informer.settled, aborted.promise]);
  signal.removeEventListener('abort', onAbort);
}
