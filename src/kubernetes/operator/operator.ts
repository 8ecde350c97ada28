import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { InformerState } from '#kubernetes/client';
import { type Cluster, matchesSelector, type SharedInformer } from '#kubernetes/cluster';
import type { GlobalConfig, ScrapeConfig } from '#metrics/config';
import type { RuleGroupConfig } from '#metrics/rules';
import { AdditionalJobs } from './additional.ts';
import { type Converted, convert, keyOfConversion, type MonitorObject } from './convert.ts';
import { RejectionEvents } from './events.ts';
import { ReferenceStore } from './references.ts';
import {
  type Choice,
  type MonitorKind,
  type MonitorSettings,
  monitorKinds,
  settingsOfPrometheus,
} from './settings.ts';

const group = 'monitoring.coreos.com';
/** Objects change in bursts, as when a chart is installed. */
const settleMs = 200;

const collections: Readonly<Record<MonitorKind, { resource: string; version: string }>> = {
  PodMonitor: { resource: 'podmonitors', version: 'v1' },
  ServiceMonitor: { resource: 'servicemonitors', version: 'v1' },
  Probe: { resource: 'probes', version: 'v1' },
  ScrapeConfig: { resource: 'scrapeconfigs', version: 'v1alpha1' },
  PrometheusRule: { resource: 'prometheusrules', version: 'v1' },
};

export interface MonitorOperatorDeps {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** What counts where no `Prometheus` object is named. Asked whenever it may have changed. */
  readonly settings: () => MonitorSettings;
  /** `namespace/name` of a `Prometheus` object whose settings count. */
  readonly prometheus: () => string | undefined;
  readonly global: () => GlobalConfig;
  /** What `jobs` or `groups` say has changed. */
  readonly onChange: () => void;
}

/** What became of an object, to show. */
export interface MonitorStatus {
  readonly kind: MonitorKind;
  readonly namespace: string;
  readonly name: string;
  readonly state: Converted['state'] | 'unselected';
  readonly reason: string | undefined;
  readonly jobs: readonly string[];
  readonly groups: readonly string[];
}

export interface CollectionStatus {
  readonly kind: MonitorKind;
  readonly state: InformerState;
  readonly objects: number;
  readonly message: string | undefined;
}

type Namespaces = SharedInformer<{ metadata?: { labels?: Record<string, string> } }>;

interface Known {
  readonly key: string;
  readonly result: ReturnType<typeof convert>;
}

/**
 * PodMonitors, ServiceMonitors, Probes, ScrapeConfigs and PrometheusRules of a cluster, as scrape jobs
 * and groups of rules that follow them.
 */
export class MonitorOperator implements AsyncDisposable {
  readonly #deps: MonitorOperatorDeps;
  readonly #log: Logger;
  readonly #references: ReferenceStore;
  readonly #events: RejectionEvents;
  readonly #shares = new DisposableStack();
  readonly #additional = new AdditionalJobs();
  readonly #informers = new Map<MonitorKind, SharedInformer<MonitorObject>>();
  readonly #stopping = new AbortController();
  #known = new Map<string, Known>();
  #namespaces: Namespaces | undefined;
  #prometheuses: SharedInformer<MonitorObject> | undefined;
  readonly #warned = new Map<string, string>();
  #isMarked = false;
  #hasTold = false;
  #running: Promise<void> = Promise.resolve();
  #isReady = false;
  #problem: string | undefined;
  #jobs: readonly ScrapeConfig[] = [];
  #groups: readonly RuleGroupConfig[] = [];
  #statuses: readonly MonitorStatus[] = [];

  constructor(deps: MonitorOperatorDeps) {
    this.#deps = deps;
    this.#log = deps.log.child('kubernetes/operator');
    this.#references = this.#shares.use(new ReferenceStore(deps.cluster, () => this.refresh()));
    this.#events = new RejectionEvents(deps.cluster.client, deps.clock, this.#log);
    deps.metrics.collected(
      'nunchi_monitor_objects',
      'Objects of the Prometheus operator by kind and by what became of them',
      'gauge',
      () => this.#counts(),
    );
  }

  /** Jobs of all objects that count, in the order of their names. */
  get jobs(): readonly ScrapeConfig[] {
    return this.#jobs;
  }

  get groups(): readonly RuleGroupConfig[] {
    return this.#groups;
  }

  /** All objects were seen once, as far as they may be seen. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** What is wrong with the settings; undefined: nothing. */
  get problem(): string | undefined {
    return this.#problem ?? this.#additional.problem;
  }

  statuses(): readonly MonitorStatus[] {
    return this.#statuses;
  }

  collections(): readonly CollectionStatus[] {
    return [...this.#informers].map(([kind, informer]) => {
      const { state, objects, error } = informer.status();
      return { kind, state, objects, message: state === 'absent' ? undefined : error?.message };
    });
  }

  start(): this {
    const { cluster } = this.#deps;
    for (const kind of monitorKinds) {
      const { resource, version } = collections[kind];
      const options = { group, resource, versions: [version] };
      const informer = this.#shares.use(watchAll(cluster, options));
      this.#informers.set(kind, informer);
      this.#follow(informer);
    }
    const all = [...this.#informers.values()].map(({ settled }) => settled);
    void Promise.all(all).then(() => {
      this.#isReady = true;
      this.refresh();
    });
    return this;
  }

  /** Looks at everything anew, soon: settings or the configuration have changed. */
  refresh(): void {
    if (this.#isMarked || this.#stopping.signal.aborted) return;
    this.#isMarked = true;
    const { clock } = this.#deps;
    this.#running = clock.sleep(settleMs, this.#stopping.signal).then(
      () => {
        this.#isMarked = false;
        this.#resolve();
      },
      () => {},
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#shares.dispose();
  }

  #follow(informer: SharedInformer<unknown>): void {
    const changed = (): void => this.refresh();
    informer.subscribe({ add: changed, update: changed, delete: changed });
    void informer.settled.then(changed);
  }

  #resolve(): void {
    if (!this.#isReady) return;
    try {
      const settings = this.#settings();
      if (settings !== undefined) this.#resolveWith(settings);
    } catch (error) {
      // A bug in one place must not take the jobs that are there.
      this.#log.error('Monitors could not be read', { err: error });
    }
  }

  /** Undefined: not known yet, what is there stays. */
  #settings(): MonitorSettings | undefined {
    const { cluster, prometheus, settings } = this.#deps;
    const named = prometheus();
    if (named === undefined) {
      this.#problem = undefined;
      return settings();
    }
    if (this.#prometheuses === undefined) {
      const options = { group, resource: 'prometheuses', versions: ['v1'] };
      this.#prometheuses = this.#shares.use(watchAll(cluster, options));
      this.#follow(this.#prometheuses);
    }
    const [namespace = '', name = ''] = named.split('/');
    const { state, error } = this.#prometheuses.status();
    if (state === 'syncing') return undefined;
    const object = this.#prometheuses.store.get(namespace, name);
    try {
      if (object === undefined) throw new Error(error?.message ?? 'there is no such object');
      const found = settingsOfPrometheus(namespace, object.spec ?? {});
      this.#problem = undefined;
      return found;
    } catch (cause) {
      const problem = `The Prometheus object ${named} cannot be used: ${describeError(cause)}`;
      if (this.#problem !== problem) this.#log.error(problem, {});
      this.#problem = problem;
      return undefined;
    }
  }

  #resolveWith(settings: MonitorSettings): void {
    const key = keyOfConversion(settings, this.#deps.global());
    const before = this.#known;
    this.#known = new Map();
    const jobs: ScrapeConfig[] = [];
    const groups: RuleGroupConfig[] = [];
    const statuses: MonitorStatus[] = [];
    for (const [kind, informer] of this.#informers) {
      for (const object of [...informer.store.values()].sort(byName)) {
        const result = this.#convert(kind, object, settings, key, before);
        statuses.push(statusOf(kind, object, result));
        if (result?.state !== 'accepted') continue;
        jobs.push(...result.jobs);
        groups.push(...result.groups);
      }
    }
    const additional = this.#additional;
    jobs.push(...additional.read(settings, this.#deps.global(), this.#references));
    if (additional.problem !== undefined) this.#warn('additionalScrapeConfigs', additional.problem);
    this.#references.sweep();
    const hasChanged = !isSame(jobs, this.#jobs) || !isSame(groups, this.#groups);
    this.#jobs = jobs;
    this.#groups = groups;
    this.#statuses = statuses;
    if (hasChanged || !this.#hasTold) {
      this.#hasTold = true;
      this.#deps.onChange();
    }
  }

  /** Undefined: the object is not chosen. */
  #convert(
    kind: MonitorKind,
    object: MonitorObject,
    settings: MonitorSettings,
    settingsKey: string,
    before: ReadonlyMap<string, Known>,
  ): Known['result'] | undefined {
    if (!this.#isChosen(object, settings.choices[kind], settings.namespace)) return undefined;
    const { uid = '', resourceVersion = '' } = object.metadata ?? {};
    const known = before.get(uid);
    const keyWith = (references: Iterable<string>): string =>
      [settingsKey, resourceVersion, this.#references.versionOf(references)].join('\n');
    if (known !== undefined && known.key === keyWith(known.result.references)) {
      this.#known.set(uid, known);
      return known.result;
    }
    const { global } = this.#deps;
    const result = convert(kind, object, {
      settings,
      global: global(),
      references: this.#references,
    });
    // A secret that is read anew is no reason to stop what works.
    if (result.state === 'pending' && known?.result.state === 'accepted') {
      this.#known.set(uid, { key: '', result: known.result });
      return known.result;
    }
    this.#known.set(uid, { key: keyWith(result.references), result });
    if (result.state === 'rejected') this.#rejected(kind, object, result.reason);
    return result;
  }

  #isChosen({ metadata }: MonitorObject, choice: Choice, own: string): boolean {
    const { selector, namespaceSelector } = choice;
    if (!matchesSelector(selector, metadata?.labels)) return false;
    if (namespaceSelector === undefined) return metadata?.namespace === own;
    const { matchLabels = {}, matchExpressions = [] } = namespaceSelector;
    if (Object.keys(matchLabels).length + matchExpressions.length === 0) return true;
    if (this.#namespaces === undefined) {
      this.#namespaces = this.#shares.use(watchNamespaces(this.#deps.cluster));
      this.#follow(this.#namespaces);
    }
    const space = this.#namespaces.store.get(undefined, metadata?.namespace ?? '');
    return space !== undefined && matchesSelector(namespaceSelector, space.metadata?.labels ?? {});
  }

  #rejected(kind: MonitorKind, object: MonitorObject, reason: string): void {
    const { namespace = '', name = '' } = object.metadata ?? {};
    this.#warn(`${kind} ${namespace}/${name}`, reason);
    this.#events.tell(kind, object, reason).catch((error: unknown) => {
      this.#log.error('An event about a monitor failed', { err: error });
    });
  }

  /** Once for each reason. */
  #warn(object: string, reason: string): void {
    if (this.#warned.get(object) === reason) return;
    if (this.#warned.size > 10_000) this.#warned.clear();
    this.#warned.set(object, reason);
    this.#log.warn('An object of the Prometheus operator is left out', { object, reason });
  }

  *#counts(): Iterable<{ labels: Record<string, string>; value: number }> {
    const counts = new Map<string, number>();
    for (const { kind, state } of this.#statuses) {
      const key = `${kind} ${state}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, value] of counts) {
      const [kind = '', state = ''] = key.split(' ');
      yield { labels: { kind, state }, value };
    }
  }
}

function statusOf(
  kind: MonitorKind,
  { metadata }: MonitorObject,
  result: Converted | undefined,
): MonitorStatus {
  const isAccepted = result?.state === 'accepted';
  return {
    kind,
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    state: result?.state ?? 'unselected',
    reason:
      result === undefined
        ? 'no selector of the settings fits it'
        : isAccepted
          ? undefined
          : result.reason,
    jobs: isAccepted ? result.jobs.map(({ jobName }) => jobName) : [],
    groups: isAccepted ? result.groups.map(({ name }) => name) : [],
  };
}

const watchAll = (
  cluster: Cluster,
  options: { readonly group: string; readonly resource: string; readonly versions: string[] },
): SharedInformer<MonitorObject> => cluster.useCustom<MonitorObject>(options);

const watchNamespaces = (cluster: Cluster): Namespaces => cluster.use('namespaces');

const fullName = ({ metadata }: MonitorObject): string =>
  `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
const byName = (a: MonitorObject, b: MonitorObject): number => (fullName(a) < fullName(b) ? -1 : 1);

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);
