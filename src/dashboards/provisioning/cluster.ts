import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts';
import { type Clock, describeError, type Logger } from '#base';
import type { Catalogue } from '#dashboards/catalogue';
import type { Cluster, SharedInformer } from '#kubernetes/cluster';
import type { Provisioner } from './apply.ts';
import { type DataKind, type DataObject, dataObjectOf, providedOf } from './config-maps.ts';
import type { Provided, ProvisioningProblem } from './contract.ts';
import { externalIdOf, type GrafanaDashboard, providedBy } from './grafana-dashboards.ts';

export type ClusterResource = DataKind | 'grafanadashboards';

export interface ClusterProvisioningOptions {
  readonly label: string;
  /** Undefined: whatever it is. */
  readonly labelValue: string | undefined;
  readonly folderAnnotation: string;
  readonly resources: readonly ClusterResource[];
  /** Empty: those of the cluster. */
  readonly namespaces: readonly string[];
  readonly maxSizeBytes: number;
}

export interface ClusterProvisioningDeps {
  readonly cluster: Cluster;
  readonly catalogue: Catalogue;
  readonly provisioner: Provisioner;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Objects change in bursts, as when a chart is installed. */
const settleMs = 300;
/** What an object refers to is not watched: looked at again after this time. */
const referencesMs = 5000;
/** A catalogue that does not answer is not asked at each look. */
const failedMs = 60_000;

export const clusterSource = (resource: ClusterResource): string => `kubernetes/${resource}`;

const words: Readonly<Record<ClusterResource, string>> = {
  configmaps: 'ConfigMaps',
  secrets: 'Secrets',
  grafanadashboards: 'GrafanaDashboards',
};

/** Content of one kind of objects at one moment. */
interface Found {
  readonly provided: readonly Provided[];
  readonly problems: readonly ProvisioningProblem[];
  readonly unreadable: ReadonlySet<string>;
}

interface Remembered {
  readonly generation: string;
  readonly result: Provided | Error;
  readonly untilMs: number;
}

/**
 * Dashboards in ConfigMaps, Secrets and GrafanaDashboards, followed as they change. What may not be
 * listed (any more) takes nothing away.
 */
export class ClusterProvisioning implements AsyncDisposable {
  readonly #options: ClusterProvisioningOptions;
  readonly #deps: ClusterProvisioningDeps;
  readonly #shares = new DisposableStack();
  readonly #stopping = new AbortController();
  readonly #remembered = new Map<string, Remembered>();
  #loop: Promise<void> | undefined;
  readonly #wakes = new Map<ClusterResource, () => void>();

  constructor(options: ClusterProvisioningOptions, deps: ClusterProvisioningDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  start(): this {
    const loops = this.#options.resources.map((resource) => this.#follow(resource));
    this.#loop = Promise.all(loops).then(() => {});
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    for (const wake of this.#wakes.values()) wake();
    await this.#loop;
    this.#shares.dispose();
  }

  async #follow(resource: ClusterResource): Promise<void> {
    const informer = this.#shares.use(this.#informer(resource));
    const { signal } = this.#stopping;
    let changed = Promise.withResolvers<void>();
    const wake = (): void => changed.resolve();
    this.#wakes.set(resource, wake);
    informer.subscribe({ add: wake, update: wake, delete: wake });
    void informer.settled.then(wake);
    while (!signal.aborted) {
      await changed.promise;
      await this.#deps.clock.sleep(settleMs, signal).catch(() => {});
      if (signal.aborted) return;
      changed = Promise.withResolvers();
      const isOver = await this.#look(resource, informer).catch((error: unknown) => {
        // A bug in one place must not end the watch over the others.
        this.#deps.log.error('Dashboards of the cluster could not be read', {
          resource,
          err: error,
        });
        return true;
      });
      if (!isOver) void this.#deps.clock.sleep(referencesMs, signal).then(wake, wake);
    }
  }

  /** False: look again soon, whether something has changed or not. */
  async #look(resource: ClusterResource, informer: SharedInformer<unknown>): Promise<boolean> {
    const { provisioner } = this.#deps;
    const source = clusterSource(resource);
    const { state, error, objects } = informer.status();
    if (state === 'absent') {
      await provisioner.forget((one) => one === source, false);
      return true;
    }
    if (state === 'syncing' || state === 'forbidden') {
      const message = `${words[resource]} cannot be listed: ${error?.message ?? state}`;
      if (state === 'forbidden') provisioner.report(source, [{ place: resource, message }]);
      return false;
    }
    const found =
      resource === 'grafanadashboards'
        ? await this.#ofOperator(informer.store.values() as Iterable<GrafanaDashboard>)
        : this.#ofData(resource, informer.store.values() as Iterable<DataObject>);
    const isUnreadable = (externalId: string): boolean => found.unreadable.has(externalId);
    const { provided } = found;
    const content = { source, provided, isUnreadable, allowUiUpdates: false, keepsRemoved: false };
    await provisioner.apply(content, found.problems);
    return resource !== 'grafanadashboards' || objects === 0;
  }

  #ofData(kind: DataKind, objects: Iterable<DataObject>): Found {
    const all = [...objects].sort(byName).map((object) => providedOf(kind, object, this.#options));
    return {
      provided: all.flatMap(({ provided }) => provided),
      problems: all.flatMap(({ problems }) => problems),
      unreadable: new Set(all.flatMap(({ unreadable }) => unreadable)),
    };
  }

  async #ofOperator(objects: Iterable<GrafanaDashboard>): Promise<Found> {
    const provided: Provided[] = [];
    const problems: ProvisioningProblem[] = [];
    const unreadable = new Set<string>();
    const present = new Set<string>();
    for (const object of [...objects].sort(byName)) {
      const place = externalIdOf(object);
      present.add(place);
      const result = await this.#resolve(object);
      if (!(result instanceof Error)) provided.push(result);
      else {
        problems.push({ place, message: describeError(result) });
        unreadable.add(place);
      }
    }
    for (const place of [...this.#remembered.keys()]) {
      if (!present.has(place)) this.#remembered.delete(place);
    }
    return { provided, problems, unreadable };
  }

  async #resolve(object: GrafanaDashboard): Promise<Provided | Error> {
    const place = externalIdOf(object);
    const { uid = '', generation = 0 } = object.metadata ?? {};
    const nowMs = this.#deps.clock.monotonicMs();
    const known = this.#remembered.get(place);
    const version = `${uid} ${generation}`;
    if (known?.generation === version && known.untilMs > nowMs) return known.result;
    let result: Provided | Error;
    try {
      result = await providedBy(object, {
        catalogue: this.#deps.catalogue,
        maxSizeBytes: this.#options.maxSizeBytes,
        configMapKey: (namespace, name, key) => this.#configMapKey(namespace, name, key),
        signal: this.#stopping.signal,
      });
    } catch (error) {
      result = error instanceof Error ? error : new Error(String(error));
    }
    const isReference = object.spec?.configMapRef !== undefined;
    const keepMs = isReference ? 0 : result instanceof Error ? failedMs : Infinity;
    this.#remembered.set(place, { generation: version, result, untilMs: nowMs + keepMs });
    return result;
  }

  async #configMapKey(namespace: string, name: string, key: string): Promise<string> {
    const type = { group: '', version: 'v1', resource: 'configmaps', namespaced: true };
    const { signal } = this.#stopping;
    const map = await this.#deps.cluster.client.get<ConfigMap>(type, name, { namespace, signal });
    const text = map.data?.[key];
    if (text === undefined) throw new Error(`ConfigMap ${namespace}/${name} has no key "${key}"`);
    return text;
  }

  #informer(resource: ClusterResource): SharedInformer<unknown> {
    const { cluster } = this.#deps;
    const { label, labelValue, namespaces } = this.#options;
    const within = namespaces.length === 0 ? {} : { namespaces };
    if (resource === 'grafanadashboards') {
      const group = 'grafana.integreatly.org';
      return cluster.useCustom<GrafanaDashboard>({
        group,
        resource,
        versions: ['v1beta1'],
        ...within,
      });
    }
    return cluster.useCustom<ConfigMap | Secret, DataObject>({
      group: '',
      resource,
      versions: ['v1'],
      labelSelector: labelValue === undefined ? label : `${label}=${labelValue}`,
      project: (object) => dataObjectOf(resource, object),
      ...within,
    });
  }
}

interface Named {
  readonly metadata?: { readonly namespace?: string; readonly name?: string } | undefined;
}

const nameOf = ({ metadata }: Named): string =>
  `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
const byName = (a: Named, b: Named): number => (nameOf(a) < nameOf(b) ? -1 : 1);
