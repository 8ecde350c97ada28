import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { Clock, Logger } from '#base';
import type { Cluster, SharedInformer } from '#kubernetes/cluster';
import type { DataSourceProvisioner } from './provisioner.ts';
import { readProvided } from './read-file.ts';

/** What sidecars of Grafana look for. */
const label = 'grafana_datasource';
const resources = ['configmaps', 'secrets'] as const;
/** Objects change in bursts, as when a chart is installed. */
const settleMs = 300;
const maxTextLength = 1024 * 1024;
const around = { env: {}, mayReadFiles: false };

type Resource = (typeof resources)[number];

interface Provider {
  readonly metadata: ObjectMeta | undefined;
  /** Texts of YAML by key. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface ClusterDataSourcesDeps {
  readonly cluster: Cluster;
  readonly provisioner: DataSourceProvisioner;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Data sources in ConfigMaps and Secrets labelled `grafana_datasource`, followed as they change. What
 * may not be listed (any more) takes nothing away. Nothing of this machine is put into their texts.
 */
export class ClusterDataSources implements AsyncDisposable {
  readonly #deps: ClusterDataSourcesDeps;
  readonly #shares = new DisposableStack();
  readonly #stopping = new AbortController();
  readonly #wakes = new Set<() => void>();
  #loops: Promise<unknown> | undefined;

  constructor(deps: ClusterDataSourcesDeps) {
    this.#deps = deps;
  }

  start(): this {
    this.#loops = Promise.all(resources.map((resource) => this.#follow(resource)));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    for (const wake of this.#wakes) wake();
    await this.#loops;
    this.#shares.dispose();
  }

  async #follow(resource: Resource): Promise<void> {
    const informer = this.#shares.use(
      this.#deps.cluster.useCustom<ConfigMap | Secret, Provider>({
        group: '',
        resource,
        versions: ['v1'],
        labelSelector: label,
        project: (object) => providerOf(resource, object),
      }),
    );
    const { signal } = this.#stopping;
    let changed = Promise.withResolvers<void>();
    const wake = (): void => changed.resolve();
    this.#wakes.add(wake);
    informer.subscribe({ add: wake, update: wake, delete: wake });
    void informer.settled.then(wake);
    while (!signal.aborted) {
      await changed.promise;
      await this.#deps.clock.sleep(settleMs, signal).catch(() => {});
      if (signal.aborted) return;
      changed = Promise.withResolvers();
      await this.#look(resource, informer).catch((error: unknown) =>
        this.#deps.log.error('Data sources of the cluster could not be read', {
          resource,
          err: error,
        }),
      );
    }
  }

  async #look(resource: Resource, informer: SharedInformer<Provider>): Promise<void> {
    const { state } = informer.status();
    if (state === 'syncing' || state === 'forbidden') return;
    const { provisioner } = this.#deps;
    const places = new Set<string>();
    for (const { metadata, texts } of informer.store.values()) {
      for (const [key, text] of Object.entries(texts)) {
        const place = `${resource}/${metadata?.namespace}/${metadata?.name}/${key}`;
        places.add(place);
        await provisioner.apply(place, readProvided(text, place, around), true);
      }
    }
    await provisioner.keepOnly(`${resource}/`, places);
  }
}

function providerOf(resource: Resource, { metadata, data = {} }: ConfigMap | Secret): Provider {
  const texts = Object.fromEntries(
    Object.entries(data)
      .filter(([key, text]) => /\.(ya?ml|json)$/i.test(key) && text.length <= maxTextLength)
      .map(([key, text]) => [
        key,
        resource === 'secrets' ? Buffer.from(text, 'base64').toString('utf8') : text,
      ]),
  );
  return { metadata, texts };
}
