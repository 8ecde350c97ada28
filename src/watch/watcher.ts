import { randomBytes } from 'node:crypto';
import type { PostedAlert } from '#alerting';
import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import { type Cluster, parseLabelSelector } from '#kubernetes/cluster';
import { lastPodLines } from '#logs/pods';
import type { LogStore } from '#logs/store';
import type { Queryable } from '#metrics/model';
import type { StateStore } from '#state';
import { AlertSource, incidentLabels } from './alert-source.ts';
import { changesBefore } from './changes-before.ts';
import { Charts } from './chart/charts.ts';
import type { ChartSources } from './chart/draw.ts';
import { type ChartPlan, chartPlan, usualPlan } from './chart/plan.ts';
import type { WatchConfig } from './config/contract.ts';
import {
  type Incident,
  type IncidentChange,
  type Member,
  type MutedBy,
  reasonNames,
  type Subject,
  type Trouble,
} from './contract.ts';
import { Dependencies } from './depend/dependencies.ts';
import type { EvidenceDeps } from './evidence.ts';
import { advise } from './explain/advice.ts';
import type { Language } from './explain/language.ts';
import { Filters } from './filters.ts';
import { openHealth } from './health.ts';
import { IncidentBook } from './incidents/book.ts';
import { IncidentEngine, type IncidentIdentity } from './incidents/engine.ts';
import type { SavedWorkload } from './log-errors/known-errors.ts';
import { LogErrors, type LogErrorsRules } from './log-errors/log-errors.ts';
import { CertificateLook } from './looks/certificates.ts';
import { Rounds } from './looks/rounds.ts';
import { troublesOf, VolumeLook } from './looks/volumes.ts';
import { latestTrouble, tellingTrouble } from './messages/words.ts';

import { type IncidentSilence, NotesWatch } from './notes.ts';
import { Observer } from './observer.ts';
import { type Related, relatedTo } from './related.ts';
import { Reporter } from './reporter.ts';
import { Stories, type Story } from './story.ts';
import { type OpenedOutboxes, openOutboxes } from './tell/open-outboxes.ts';

export interface WatcherDeps {
  readonly cluster: Cluster;
  readonly clusterName: string;
  readonly state: StateStore;
  readonly logs: LogStore;
  /** Kubelets' series of volumes. */
  readonly metricStore: Queryable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly publicUrl: string | undefined;
  /** Of sentences in messages and alerts; English unless given. */
  readonly language?: Language | undefined;
  /** Which errors in logs are told of; undefined: none. */
  readonly newErrors: LogErrorsRules | undefined;
  /** Incidents are alerts too. */
  readonly postAlerts: (alerts: readonly PostedAlert[]) => Promise<unknown>;
  /** The id of a silence of alerts with these labels; undefined: there is none. */
  readonly silenceOf: (labels: Readonly<Record<string, string>>) => string | undefined;
  /** The name of an open maintenance window of incidents with these labels. */
  readonly windowOf: (labels: Readonly<Record<string, string>>) => string | undefined;
  /** Silences that name incidents; absent: nobody is asked. */
  readonly silences?: () => readonly IncidentSilence[];
  /** Whether a bot with this token answers buttons of messages. */
  readonly isAnswered?: (token: string) => boolean;
  /** Where charts come from; absent: none are drawn. */
  readonly charts?: ChartSources;
}

const tickMs = 1000;
/** Open incidents are sent as alerts so often. */
const alertEveryMs = 60_000;
const maxOpen = 2000;
const certificatesEveryMs = 3_600_000;
const logErrorsEveryMs = 15_000;
/** The first looks may take so long before the watch begins without them. */
const firstLookMs = 2000;
/** Those that ended last and may come back. */
const maxEnded = 200;

interface Meta {
  readonly version: string;
}

/** The last day of a container that is gone. */
const storedForMs = 86_400_000;

const storedLines =
  (logs: LogStore, clock: Clock): NonNullable<EvidenceDeps['storedLines']> =>
  async ({ subject, container }, maxLines, signal) => {
    const toMs = clock.nowMs();
    const range = { fromMs: toMs - storedForMs, toMs, maxLines };
    const pod = { namespace: subject.namespace, pod: subject.name, container };
    const found = await lastPodLines(logs, { ...pod, ...range }, signal);
    return found?.lines.map(({ text }) => text) ?? [];
  };

/**
 * Watches a cluster: what goes wrong becomes incidents, and people are told of them once. Everything that
 * must not be repeated or lost over a restart is in the state store.
 */
export class Watcher implements AsyncDisposable {
  readonly #config: WatchConfig;
  readonly #deps: WatcherDeps;
  readonly #engine: IncidentEngine;
  readonly #filters: Filters;
  readonly #alerts: AlertSource;
  readonly #parts = new AsyncDisposableStack();
  readonly #stopping = new AbortController();
  /** Changes are told in their order, one at a time. */
  #reporting: Promise<void> = Promise.resolve();
  #book: IncidentBook | undefined;
  #reporter: Reporter | undefined;
  #told: OpenedOutboxes | undefined;
  #stories: Stories | undefined;
  readonly #notes = new NotesWatch();
  /** Incidents whose evidence is being gathered. */
  readonly #finding = new Map<string, Promise<void>>();
  #running: Promise<void> | undefined;
  /** By the labels of the namespace. */
  #isSelected: (namespace: string) => boolean = () => true;

  private constructor(config: WatchConfig, deps: WatcherDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#filters = new Filters(config);
    this.#alerts = new AlertSource(deps);
    this.#engine = new IncidentEngine(
      { ...config.incidents, maxOpen },
      {
        newId: () => randomBytes(8).toString('hex'),
        mutedBy: (incident) => this.mutedBy(incident),
      },
    );
  }

  static async open(config: WatchConfig, deps: WatcherDeps): Promise<Watcher> {
    const watcher = new Watcher(config, deps);
    await watcher.#open();
    return watcher;
  }

  async #open(): Promise<void> {
    const { state, clock, log, metrics, logs, cluster, clusterName, publicUrl } = this.#deps;
    const book = await IncidentBook.open(
      state.collection<Incident>('watch-incidents'),
      state.collection<Incident>('watch-incidents-resolved'),
    );
    this.#book = book;
    this.#engine.restore(await book.openIncidents(), await book.recent(maxEnded));
    const stories = new Stories(state.collection<Story>('watch-stories'));
    this.#stories = stories;
    const { charts: chartSources, isAnswered = () => false } = this.#deps;
    this.#told = await openOutboxes(
      this.#config,
      {
        ...this.#deps,
        isAnswered,
        pictureOf: async (id) => chartSources?.pictureOf(id),
        onDelivery: (incidentId, delivery) => {
          stories
            .add(incidentId, { kind: 'delivery', atMs: delivery.addedMs, ...delivery })
            .catch((error: unknown) => {
              log.warn('A delivery could not be noted', { reason: describeError(error) });
            });
        },
      },
      this.#parts,
    );
    const { outboxes } = this.#told;
    this.#reporter = new Reporter(this.#config, {
      clock,
      log,
      evidence: {
        client: cluster.client,
        clock,
        log,
        changes: changesBefore(logs, clusterName),
        storedLines: storedLines(logs, clock),
      },
      stories,
      charts:
        chartSources === undefined ? undefined : new Charts({ clock, log, sources: chartSources }),
      filters: this.#filters,
      outboxes,
      publicUrl,
      language: this.#deps.language ?? 'en',
      clusterName: this.#config.clusterName || clusterName,
    });
    metrics.collected('nunchi_watch_incidents', 'Incidents that are open', 'gauge', () => [
      { value: this.#engine.openCount },
    ]);
    metrics.collected(
      'nunchi_watch_messages_waiting',
      'Messages that providers have not taken yet',
      'gauge',
      () => [{ value: outboxes.reduce((sum, { outbox }) => sum + outbox.waiting, 0) }],
    );
    metrics.collected(
      'nunchi_watch_troubles_refused_total',
      'Troubles that found no room beside the incidents that are open',
      'counter',
      () => [{ value: this.#engine.refused }],
    );
    for (const { outbox } of outboxes) outbox.start();
  }

  /** Begins to watch; resolves when everything that may be read was looked at once. */
  async start(): Promise<void> {
    await this.#openHealth();
    await this.#sayHello();
    const { cluster, clock } = this.#deps;
    await this.#selectNamespaces();
    const { log, logs } = this.#deps;
    const dependencies = this.#parts.use(
      new Dependencies({
        ...{ cluster, clock, log },
        evidence: { storedLines: storedLines(logs, clock) },
        hear: (subject, troubles) => this.#hear(subject, troubles),
      }),
    );
    const observer = this.#parts.use(
      new Observer(this.#config, { cluster, clock, known: this.#members() }, (subject, troubles) =>
        dependencies.hear(subject, troubles),
      ),
    );
    await observer.start();
    const errors = await this.#openLogErrors(dependencies);
    errors?.start();
    const rounds = this.#rounds(errors);
    // What only looks can tell of is not over before they were there.
    rounds.begin(this.#stopping.signal);
    await within(firstLookMs, rounds.settled());
    // In whatever order they were heard of: who needs whom is known before it is told.
    await within(firstLookMs, this.#settle(dependencies));
    dependencies.hurry();
    this.#take(this.#engine.begin(clock.nowMs()));
    this.#running = this.#run(observer, rounds, dependencies);
  }

  async #settle(dependencies: Dependencies): Promise<void> {
    await dependencies.ready();
    await dependencies.idle();
    dependencies.again();
    await dependencies.idle();
  }

  async #openLogErrors(dependencies: Dependencies): Promise<LogErrors | undefined> {
    const { newErrors, logs, clock, log, metrics, state, cluster } = this.#deps;
    if (newErrors === undefined) return undefined;
    const pods = this.#parts.use(cluster.use('pods'));
    const errors = await LogErrors.open(newErrors, {
      ...{ logs, clock, log, metrics },
      saved: state.collection<SavedWorkload>('watch-log-errors'),
      ownerOf: ({ namespace, pod: name }) => {
        const pod = pods.store.get(namespace, name);
        if (pod === undefined) return undefined;
        const owner = cluster.workload(pod);
        return { kind: owner.kind, namespace, name: owner.name };
      },
      hear: (subject, troubles) => dependencies.hear(subject, troubles),
    });
    return this.#parts.use(errors);
  }

  /** The worst first. */
  openIncidents(): readonly Incident[] {
    return this.#engine.open();
  }

  /** Those that are over, newest first. */
  async recentIncidents(limit: number): Promise<readonly Incident[]> {
    return (await this.#book?.recent(limit)) ?? [];
  }

  async findIncident(id: string): Promise<Incident | undefined> {
    return this.#engine.find(id) ?? (await this.#book?.find(id));
  }

  /** What keeps it quiet at this moment; undefined: nothing. */
  mutedBy(incident: IncidentIdentity): MutedBy | undefined {
    const { clusterName, windowOf, silenceOf } = this.#deps;
    const labels = incidentLabels(incident, clusterName);
    const window = windowOf(labels);
    if (window !== undefined) return { kind: 'maintenance', name: window };
    const silence = silenceOf(labels);
    return silence === undefined ? undefined : { kind: 'silence', name: silence };
  }

  /** The incident that a thread of a chat is about; undefined: none. */
  async incidentOfThread(thread: string): Promise<Incident | undefined> {
    const threads = await this.#deps.state.collection<string>('watch-threads').list();
    const key = threads.find(({ value }) => value === thread)?.id;
    return key === undefined ? undefined : this.findIncident(key.slice(key.lastIndexOf('/') + 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Stopping', 'AbortError'));
    await this.#running;
    await this.#reporting;
    await this.#parts.disposeAsync();
  }

  /** What happened to it, and who was told. */
  async storyOf(incident: Incident): Promise<Story> {
    const { id, state } = incident;
    const story = (await this.#stories?.get(id)) ?? { entries: [] };
    if (story.evidence !== undefined || state !== 'open') return story;
    // It was told with others, or before anybody watched: what can be found is found when it is asked for.
    let finding = this.#finding.get(id);
    if (finding === undefined) {
      finding = (this.#reporter?.find(incident) ?? Promise.resolve()).finally(() =>
        this.#finding.delete(id),
      );
      this.#finding.set(id, finding);
    }
    await finding;
    return (await this.#stories?.get(id)) ?? story;
  }

  /** Names of those that are told. */
  get providers(): readonly string[] {
    return this.#told?.outboxes.map(({ outbox }) => outbox.name) ?? [];
  }

  /** What is shown beside it: its labels as an alert, a chart, what to look at first. */
  viewOf(
    incident: Incident,
    { evidence }: Story,
    language: Language = 'en',
  ): {
    readonly labels: Readonly<Record<string, string>>;
    readonly chart: ChartPlan | undefined;
    readonly advice: string | undefined;
  } {
    const known = evidence ?? { events: [] };
    const trouble = tellingTrouble(incident);
    const latest = latestTrouble(incident);
    return {
      labels: incidentLabels(incident, this.#deps.clusterName),
      chart: chartPlan(trouble, known) ?? chartPlan(latest, known) ?? usualPlan(trouble, known),
      advice: advise(latest, known, language),
    };
  }

  relatedTo(incident: Incident, others: readonly Incident[]): readonly Related[] {
    return relatedTo(incident, others);
  }

  /** A chart of an incident; undefined: it is kept no longer. */
  async pictureOf(id: string): Promise<Buffer | undefined> {
    return await this.#deps.charts?.pictureOf(id);
  }

  #lookAtNotes(): void {
    const { silences, clock, log } = this.#deps;
    if (silences === undefined) return;
    const atMs = clock.nowMs();
    for (const change of this.#notes.look(silences(), () => this.#engine.open())) {
      const { incident, notes, begun, ended } = change;
      const work = async (): Promise<void> => {
        for (const { id, note } of begun)
          await this.#stories?.add(incident.id, { kind: 'note', atMs, id, note });
        for (const id of ended)
          await this.#stories?.add(incident.id, { kind: 'note-ended', atMs, id });
        await this.#reporter?.notes(incident, notes);
      };
      work().catch((error: unknown) => {
        log.warn('Who is at an incident could not be told', { reason: describeError(error) });
      });
    }
  }

  #hear(subject: Subject, troubles: readonly Trouble[]): void {
    const wanted = (this.#isSelected(subject.namespace) ? troubles : [])
      .filter((trouble) => this.#filters.isWanted(trouble))
      .map((trouble) => this.#graded(trouble));
    this.#take(this.#engine.set(subject, wanted, this.#deps.clock.nowMs()));
  }

  #graded(trouble: Trouble): Trouble {
    const { severityByReason, severityByOwnerKind } = this.#config;
    const [byReason] = reasonNames(trouble).flatMap((name) => severityByReason[name] ?? []);
    const severity =
      byReason ??
      severityByOwnerKind[trouble.owner.kind] ??
      severityByOwnerKind['default'] ??
      (trouble.owner.kind === 'StatefulSet' && trouble.severity === 'medium'
        ? 'high'
        : trouble.severity);
    return severity === trouble.severity ? trouble : { ...trouble, severity };
  }

  #take(changes: readonly IncidentChange[]): void {
    for (const change of changes) {
      this.#reporting = this.#reporting
        .then(() => this.#report(change))
        .catch((error: unknown) => {
          this.#deps.log.error('An incident could not be told', { reason: describeError(error) });
        });
    }
  }

  async #report(change: IncidentChange): Promise<void> {
    const incidents = 'incidents' in change ? change.incidents : [change.incident];
    // Kept before it is told: what is told twice is worse than what is told a moment later.
    for (const incident of incidents) {
      if (change.kind === 'resolved') {
        const dropped = await this.#book?.end(incident);
        await this.#stories?.drop(dropped ?? []);
      } else await this.#book?.save(incident);
      await this.#stories?.add(incident.id, {
        kind: 'change',
        atMs: this.#deps.clock.nowMs(),
        what: change.kind,
        why: change.kind === 'updated' ? change.why : undefined,
        severity: incident.severity,
        reason: incident.reasons.at(-1) ?? incident.cause.reason,
        affected: incident.state === 'open' ? incident.members.length : incident.peak,
      });
    }
    await this.#reporter?.report(change);
    await this.#alerts.post(incidents);
  }

  async #run(observer: Observer, rounds: Rounds, dependencies: Dependencies): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    for (;;) {
      await clock.sleep(tickMs, signal).catch(() => {});
      if (signal.aborted) break;
      try {
        observer.tick();
        dependencies.tick();
        this.#take(this.#engine.tick(clock.nowMs()));
        this.#lookAtNotes();
      } catch (error) {
        log.error('The watch stumbled', { reason: describeError(error) });
      }
      rounds.begin(signal);
    }
    await rounds.settled();
  }

  /** Objects of open incidents. */
  #members(): readonly Member[] {
    return this.#engine.open().flatMap((incident) => incident.members);
  }

  /** What is looked at from time to time; one that fails does not keep the others. */
  #rounds(errors: LogErrors | undefined): Rounds {
    const { clock, log, metricStore, cluster } = this.#deps;
    const { volumes, certificates, heartbeat } = this.#config;
    const hear = (subject: Subject, troubles: readonly Trouble[]): void =>
      this.#hear(subject, troubles);
    const rounds = new Rounds({ clock, log });
    const members = this.#members();
    rounds.add('alerts', alertEveryMs, () => this.#alerts.post(this.#engine.open()));
    if (errors !== undefined) rounds.add('log errors', logErrorsEveryMs, () => errors.pass());
    if (volumes.enabled) {
      const known = troublesOf('PersistentVolumeClaim', members);
      const look = new VolumeLook(volumes, known, { metricStore, clock, log, cluster, hear });
      rounds.add('volumes', volumes.intervalMs, (signal) => look.look(signal));
    }
    if (certificates.enabled) {
      const look = new CertificateLook(certificates, troublesOf('Secret', members), {
        cluster,
        clock,
        hear,
      });
      rounds.add('certificates', certificatesEveryMs, (signal) => look.look(signal));
    }
    if (heartbeat.enabled && heartbeat.url !== '') {
      rounds.add('heartbeat', heartbeat.intervalMs, (signal) => beat(heartbeat.url, signal));
    }
    return rounds;
  }

  /** A port that cannot be had is said; the watch goes on. */
  async #openHealth(): Promise<void> {
    const { enabled } = this.#config.healthCheck;
    if (!enabled) return;
    const { metrics, clusterName } = this.#deps;
    try {
      this.#parts.use(
        await openHealth(this.#config.healthCheck, {
          metrics,
          incidents: () => this.openIncidents(),
          deadLetters: async () => (await this.#told?.deadLetters.list()) ?? [],
          testAlert: async () =>
            this.#reporter?.text(`:test_tube: A test message of the watch over ${clusterName}`),
        }),
      );
    } catch (error) {
      this.#deps.log.error('Probes are not answered', { reason: describeError(error) });
    }
  }

  async #selectNamespaces(): Promise<void> {
    const { namespaceSelector } = this.#config;
    if (namespaceSelector === '') return;
    const fits = parseLabelSelector(namespaceSelector);
    const namespaces = this.#parts.use(this.#deps.cluster.use('namespaces'));
    await namespaces.settled;
    // What belongs to no namespace is everybody's.
    this.#isSelected = (name) =>
      name === '' || fits(namespaces.store.get(undefined, name)?.metadata?.labels ?? {});
  }

  /** Once for each version that starts. */
  async #sayHello(): Promise<void> {
    const { state, version } = this.#deps;
    const meta = state.collection<Meta>('watch-meta');
    const known = await meta.get('start');
    if (!this.#config.tellsStart || known?.value.version === version) return;
    await this.#reporter?.text(`:tada: kwatch@nunchi-${version} just started!`);
    await meta.put('start', { version });
  }
}

/** Resolves when the work has ended, or when it has taken too long. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

/** Somebody else notices when this stops. */
async function beat(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  await answer.body?.cancel();
}
