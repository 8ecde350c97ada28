import { readFileSync } from 'node:fs';
import { type Alertmanager, type EvidenceSources, parseMatcher, silenceState } from '#alerting';
import { AppError, describeError, systemClock, watchFiles } from '#base';
import type { KubernetesView } from '#kubernetes/api';
import type { Cluster } from '#kubernetes/cluster';
import type { LogStore } from '#logs/store';
import type { MetricStore } from '#metrics/tsdb';
import type { PictureShelf } from '#picture';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import { resolveZone } from '#time';
import type {
  ChartSources,
  Incident,
  IncidentSilence,
  Maintenance,
  SavedWindow,
  Watcher,
} from '#watch';
import type { IncidentsView } from '#watch/api';
import { pictureBase, serverZone } from './alert-evidence.ts';
import { defaultClusterName } from './cluster-history-role.ts';
import type { ServerRoleOptions } from './server-role.ts';

export interface WatchParts {
  readonly edges: readonly Edge[];
  /** Open ones. */
  readonly incidents: () => readonly Incident[];
  readonly findIncident: (id: string) => Promise<Incident | undefined>;
  /** What a thread of a chat is about. */
  readonly incidentOfThread: (thread: string) => Promise<Incident | undefined>;
  /** Begins to watch, once the metric store has started. */
  start(): Promise<AsyncDisposable>;
}

interface WatchDeps {
  readonly kubernetes: KubernetesView;
  readonly state: StateStore;
  readonly logs: LogStore;
  readonly metricStore: MetricStore;
  readonly alertmanager: Alertmanager;
  readonly version: string;
  readonly evidence: EvidenceSources;
  readonly shelf: PictureShelf;
  /** Whether a bot with this token answers buttons of messages. */
  readonly isAnswered: (token: string) => boolean;
}

/** A config.yaml, with the name that its problems are told by. */
interface WatchText {
  readonly file: string;
  readonly text: string;
}

/** A ConfigMap is looked at so often. */
const configMapEveryMs = 10_000;
const maxConfigMapBytes = 4 * 1024 * 1024;

/** The watch over the cluster; without one its edge says why there is none. */
export async function openWatch(options: ServerRoleOptions, deps: WatchDeps): Promise<WatchParts> {
  const { incidentsEdge } = await import('#watch/api');
  const { acknowledgedComment } = await import('#watch');
  const role = new WatchRole(options, deps);
  const view: IncidentsView = {
    watcher: () => role.watcher,
    reason: () => role.reason,
    problems: () => [...role.problems, ...(role.maintenance?.problems ?? [])],
    maintenance: () => role.maintenance,
    notes: {
      list: () => incidentSilences(deps.alertmanager),
      add: ({ incidentId, kind, forMs, by }) => {
        const startsAtMs = systemClock.nowMs();
        return deps.alertmanager.setSilence({
          matchers: [parseMatcher(`incident="${incidentId}"`)],
          startsAtMs,
          endsAtMs: startsAtMs + forMs,
          createdBy: by,
          comment: kind === 'acknowledged' ? acknowledgedComment : 'Silenced on its page',
        });
      },
      end: (id) => deps.alertmanager.expireSilence(id),
    },
  };
  return {
    edges: [incidentsEdge(view, { clock: systemClock })],
    incidents: () => role.watcher?.openIncidents() ?? [],
    findIncident: async (id) => role.watcher?.findIncident(id),
    incidentOfThread: async (thread) => role.watcher?.incidentOfThread(thread),
    start: () => role.start(),
  };
}

/** Runs a watcher by the configuration of the moment, and another one when that changes. */
class WatchRole implements AsyncDisposable {
  readonly #options: ServerRoleOptions;
  readonly #deps: WatchDeps;
  readonly #parts = new AsyncDisposableStack();
  readonly #stopping = new AbortController();
  #files: Disposable | undefined;
  #text: string | undefined;
  #changing: Promise<void> = Promise.resolve();
  watcher: Watcher | undefined;
  maintenance: Maintenance | undefined;
  reason: string | undefined;
  problems: readonly string[] = [];

  constructor(options: ServerRoleOptions, deps: WatchDeps) {
    this.#options = options;
    this.#deps = deps;
    if (!options.config().watch.enabled) this.reason = 'watch.enabled is false';
    else if (deps.kubernetes.cluster === undefined) this.reason = deps.kubernetes.reason;
  }

  async start(): Promise<AsyncDisposable> {
    await this.#openMaintenance();
    if (this.reason !== undefined) return this;
    await this.#change();
    const end = this.#options.onConfigChange?.(() => {
      this.#configureMaintenance();
      this.#changeSoon();
    });
    if (end !== undefined) this.#parts.defer(end);
    this.#follow();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#files?.[Symbol.dispose]();
    await this.#parts.disposeAsync();
    await this.#changing;
    await this.watcher?.[Symbol.asyncDispose]();
  }

  async #openMaintenance(): Promise<void> {
    const { Maintenance: Opened } = await import('#watch');
    this.maintenance = await Opened.open({
      clock: systemClock,
      log: this.#options.log.child('watch'),
      saved: this.#deps.state.collection<SavedWindow>('watch-maintenance'),
    });
    this.#configureMaintenance();
  }

  #configureMaintenance(): void {
    const { maintenance } = this.#options.config().watch;
    this.maintenance?.configure(
      maintenance.map((one) => ({
        ...one,
        timeZone: resolveZone(one.timeZone === 'local' ? 'browser' : one.timeZone),
      })),
    );
  }

  #follow(): void {
    const { config, env = {}, log } = this.#options;
    const { kwatchConfig, kwatch, kwatchConfigMap } = config().watch;
    const path = kwatchConfig ?? (kwatch === undefined ? env['CONFIG_FILE'] : undefined);
    if (path !== undefined) this.#files = watchFiles([path], () => this.#changeSoon(), log);
    if (kwatchConfigMap === undefined) return;
    const timer = setInterval(() => this.#changeSoon(), configMapEveryMs);
    this.#parts.defer(() => clearInterval(timer));
  }

  #changeSoon(): void {
    this.#changing = this.#changing.then(async () => {
      if (!this.#stopping.signal.aborted) await this.#change();
    });
  }

  /** What cannot be read leaves the watch as it is. */
  async #change(): Promise<void> {
    const { log } = this.#options;
    const { cluster } = this.#deps.kubernetes;
    if (cluster === undefined) return;
    try {
      const source = await this.#read(cluster);
      const { newErrors, language } = this.#options.config().watch;
      const key = JSON.stringify([source ?? null, newErrors, language]);
      if (key === this.#text) return;
      const { readKwatchConfig } = await import('#watch');
      const { file, text } = source ?? { file: '', text: '' };
      const config = readKwatchConfig(file, text, this.#options.env);
      this.problems = config.problems;
      for (const problem of config.problems)
        log.error('A value of the watch cannot be used', { problem });
      for (const warning of config.warnings)
        log.warn('A key of the watch has no effect', { warning });
      await this.watcher?.[Symbol.asyncDispose]();
      this.watcher = undefined;
      this.#text = key;
      this.watcher = await this.#open(cluster, config);
      // Listing everything may take a while, or may never end where something is forbidden.
      void this.watcher.start().catch((error: unknown) => {
        if (!this.#stopping.signal.aborted)
          log.error('The watch did not start', { reason: describeError(error) });
      });
    } catch (error) {
      this.problems = [describeError(error)];
      log.error('The configuration of the watch cannot be used', { reason: describeError(error) });
    }
  }

  async #open(cluster: Cluster, config: Parameters<typeof Watcher.open>[0]): Promise<Watcher> {
    const { Watcher: Opened } = await import('#watch');
    const { log, metrics, env = {} } = this.#options;
    const { kubernetes, state, logs, metricStore, alertmanager, version } = this.#deps;
    const { server, watch } = this.#options.config();
    const { publicUrl } = server;
    const { newErrors, language } = watch;
    return Opened.open(config, {
      cluster,
      clusterName: kubernetes.clusterName() ?? defaultClusterName,
      state,
      logs,
      metricStore,
      clock: systemClock,
      log: log.child('watch'),
      metrics,
      env,
      version,
      publicUrl: publicUrl?.replace(/\/$/, ''),
      language,
      newErrors: newErrors.enabled ? newErrors : undefined,
      postAlerts: (alerts) => alertmanager.put(alerts),
      silenceOf: (labels) => alertmanager.silences.silencing(labels, systemClock.nowMs())[0],
      windowOf: (labels) => this.maintenance?.windowOf(labels),
      silences: () => incidentSilences(alertmanager),
      isAnswered: this.#deps.isAnswered,
      charts: await this.#charts(),
    });
  }

  /** By the same means as charts of alerts. */
  async #charts(): Promise<ChartSources> {
    const { evidence, shelf } = this.#deps;
    const { config } = this.#options;
    const { picturePath } = await import('#picture/api');
    return {
      queryRange: evidence.queryRange,
      renderPng: evidence.renderPng,
      keep: async (png) => {
        const id = await shelf.put(png);
        const base = pictureBase(config());
        return { id, ...(base === undefined ? {} : { url: `${base}${picturePath(id)}` }) };
      },
      pictureOf: (id) => shelf.get(id),
      theme: () => config().alerting.messages.theme,
      zone: () => serverZone(config()),
    };
  }

  async #read(cluster: Cluster): Promise<WatchText | undefined> {
    const { config, env = {} } = this.#options;
    const { kwatchConfig, kwatch, kwatchConfigMap } = config().watch;
    if (kwatchConfigMap !== undefined) return readConfigMap(cluster, kwatchConfigMap);
    if (kwatch !== undefined) return { file: kwatch.source, text: kwatch.text };
    const path = kwatchConfig ?? env['CONFIG_FILE'];
    if (path === undefined || path === '') return undefined;
    try {
      return { file: path, text: readFileSync(path, 'utf8') };
    } catch (error) {
      throw new AppError(
        'WATCH_CONFIG_UNREADABLE',
        `failed to load config: ${describeError(error)}`,
      );
    }
  }
}

/** Those that are about single incidents. */
function incidentSilences({ silences }: Alertmanager): readonly IncidentSilence[] {
  const nowMs = systemClock.nowMs();
  return [...silences.all()].flatMap((silence) => {
    const named = silence.matchers.find(({ name }) => name === 'incident');
    if (named === undefined || silence.matchers.length > 1) return [];
    const { id, createdBy, comment, endsAtMs } = silence;
    const isActive = silenceState(silence, nowMs) === 'active';
    const matches = (incident: string): boolean => named.matches(incident);
    return [{ id, createdBy, comment, endsAtMs, isActive, matches }];
  });
}

async function readConfigMap(cluster: Cluster, place: string): Promise<WatchText> {
  const [namespace = '', name = ''] = place.split('/');
  const found = await cluster.client.json<{ readonly data?: Readonly<Record<string, string>> }>({
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`,
    maxBytes: maxConfigMapBytes,
  });
  const text = found.data?.['config.yaml'];
  if (text !== undefined) return { file: `ConfigMap ${place}`, text };
  throw new AppError(
    'WATCH_CONFIG_UNREADABLE',
    `failed to load config: ConfigMap ${place} has no key config.yaml`,
  );
}
