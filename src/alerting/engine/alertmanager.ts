import { type Clock, isAppError, type Logger, type MetricsRegistry } from '#base';
import type { HttpClientDeps } from '#metrics/http';
import { labelsToRecord } from '#metrics/model';
import type { AlertSink, OutgoingAlert } from '#metrics/rules';
import type { Integration } from '../config/integrations.ts';
import type { AlertmanagerYaml } from '../config/load.ts';
import { isWithin } from '../config/time-interval.ts';
import {
  type Alert,
  isResolved,
  type LogEntry,
  type NotifiedAlert,
  type PostedAlert,
  type Silence,
} from '../contract.ts';
import type { LabelSet } from '../labels.ts';
import { matcherOf } from '../matchers.ts';
import type { MessageMaker } from '../messages/contract.ts';
import type { Sender } from '../receivers/contract.ts';
import { openSender } from '../receivers/open.ts';
import { AlertStore, admit, maxAlerts } from './alert-store.ts';
import { Channel, type ChannelView } from './delivery.ts';
import { Dispatcher, type Flush, type GroupView } from './dispatcher.ts';
import { Inhibitor } from './inhibition.ts';
import { Journal } from './journal.ts';
import { type AlertingMetrics, alertingMetrics } from './metrics.ts';
import { NotificationLog } from './notification-log.ts';
import { matchRoutes, type Route } from './route.ts';
import { type SilenceRequest, Silences, silenceState } from './silences.ts';

export interface AlertmanagerDeps extends HttpClientDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** For links in messages. */
  readonly externalUrl: string;
  /** Keeps silences, alerts and what was told. */
  readonly folder: string;
  /** Makes messages of notifications; absent: the texts of the configuration are all there is. */
  readonly messages?: MessageMaker;
  /** In place of real receivers, for tests. */
  readonly openSender?: (integration: Integration) => Sender;
}

/** Work that nobody asks for is looked at so often at least. */
const maxIdleMs = 30_000;
/** A notification may be tried so long at least, however short the group's interval. */
const minNotifyMs = 10_000;
/** A clock that goes ahead of the time that passed by so much was set, or the machine slept. */
const minJumpMs = 30_000;
/** Messages under way may take so long when the program stops. */
const drainMs = 5000;

export interface AlertStatus {
  readonly state: 'active' | 'suppressed';
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
  /** Names of time intervals that hold a group back. */
  readonly mutedBy: readonly string[];
}

/**
 * Alerts come in, are grouped, routed, inhibited and silenced, and receivers are told. What they were told
 * is kept, so that a restart neither repeats nor forgets.
 */
export class Alertmanager implements AlertSink, AsyncDisposable {
  readonly silences: Silences;
  readonly startedMs: number;
  readonly #deps: AlertmanagerDeps;
  readonly #log: Logger;
  readonly #metrics: AlertingMetrics;
  readonly #journal: Journal;
  readonly #alerts = new AlertStore();
  readonly #entries: NotificationLog;
  readonly #stopping = new AbortController();
  /** Deliveries of a group to a receiver, one after the other even over a reload. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #running = new Set<Promise<unknown>>();
  #config: AlertmanagerYaml;
  #dispatcher: Dispatcher;
  #inhibitor: Inhibitor;
  #channels = new Map<string, readonly Channel[]>();
  #generation = new AbortController();
  #wake: AbortController | undefined;
  #loop: Promise<void> | undefined;
  #lastSweepMs = 0;
  #sleepsUntilMs = 0;
  #seenClock: { readonly nowMs: number; readonly monotonicMs: number };

  private constructor(config: AlertmanagerYaml, journal: Journal, deps: AlertmanagerDeps) {
    this.#deps = deps;
    this.#log = deps.log.child('alerting');
    this.#metrics = alertingMetrics(deps.metrics);
    this.#journal = journal;
    this.startedMs = deps.clock.nowMs();
    this.#seenClock = { nowMs: this.startedMs, monotonicMs: deps.clock.monotonicMs() };
    this.silences = new Silences((id, silence) =>
      this.#keep('silence', id, silence === undefined ? undefined : plainSilence(silence)),
    );
    this.#entries = new NotificationLog((key, entry) => journal.set('notified', key, entry));
    this.#config = config;
    this.#dispatcher = new Dispatcher(config.route);
    this.#inhibitor = new Inhibitor(config.inhibitRules);
    this.#restore();
    this.#use(config);
    this.#collect();
  }

  /** Reads what an earlier run left in `deps.folder`. Tells nobody before `start`. */
  static async open(config: AlertmanagerYaml, deps: AlertmanagerDeps): Promise<Alertmanager> {
    return new Alertmanager(config, await Journal.open(deps.folder, deps.log), deps);
  }

  get config(): AlertmanagerYaml {
    return this.#config;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Goes over to a configuration. Groups form anew; what was told stays known. */
  apply(config: AlertmanagerYaml): void {
    this.#generation.abort();
    this.#generation = new AbortController();
    const old = [...this.#channels.values()].flat();
    void Promise.allSettled([...this.#running]).then(() => {
      for (const channel of old) channel[Symbol.dispose]();
    });
    this.#use(config);
    this.#wake?.abort();
  }

  /**
   * Takes alerts; resolves when they are on disk.
   * @returns what was wrong with those that were not taken
   */
  async put(posted: readonly PostedAlert[]): Promise<readonly string[]> {
    const nowMs = this.#deps.clock.nowMs();
    const { resolveTimeoutMs } = this.#config;
    const problems: string[] = [];
    const kept: Promise<void>[] = [];
    for (const one of posted) {
      let alert: Alert;
      try {
        alert = admit(one, { nowMs, resolveTimeoutMs });
      } catch (error) {
        if (!isAppError(error, 'ALERTING_INVALID')) throw error;
        this.#metrics.invalid.add(1, { version: 'v2' });
        problems.push(error.message);
        continue;
      }
      const status = isResolved(alert, nowMs) ? 'resolved' : 'firing';
      this.#metrics.received.add(1, { status, version: 'v2' });
      const stored = this.#alerts.put(alert, nowMs);
      if (stored === undefined) {
        this.#metrics.refused.add(1, { what: 'alert' });
        problems.push(`there are ${maxAlerts} alerts already`);
        continue;
      }
      this.#insert(stored, nowMs);
      kept.push(this.#journal.set('alert', stored.fingerprint, stored));
    }
    await Promise.all(kept);
    return problems;
  }

  /** Alerts of our own rules. */
  send(alerts: readonly OutgoingAlert[]): void {
    const posted = alerts.map((alert) => ({
      labels: labelsToRecord(alert.labels),
      annotations: labelsToRecord(alert.annotations),
      startsAtMs: alert.startsAtMs,
      endsAtMs: alert.endsAtMs,
      generatorUrl: alert.generatorUrl,
    }));
    this.put(posted).then(
      (problems) => {
        if (problems.length > 0) this.#log.warn('Alerts of rules are not taken', { problems });
      },
      (error: unknown) => this.#log.error('Alerts are not kept on disk', { err: error }),
    );
  }

  /** Sets a silence; resolves when it is on disk. @throws {AppError} ALERTING_INVALID, SILENCE_NOT_FOUND */
  async setSilence(request: SilenceRequest): Promise<string> {
    const id = this.silences.set(request, this.#deps.clock.nowMs());
    await this.#settled();
    return id;
  }

  /** @throws {AppError} SILENCE_NOT_FOUND */
  async expireSilence(id: string): Promise<void> {
    this.silences.expire(id, this.#deps.clock.nowMs());
    await this.#settled();
  }

  /** For links in messages. */
  get externalUrl(): string {
    return this.#deps.externalUrl;
  }

  /** Whether the moment lies in a time interval of the configuration. */
  isWithin(name: string, atMs: number): boolean {
    return isWithin(this.#config.timeIntervals.get(name) ?? [], atMs);
  }

  nowMs(): number {
    return this.#deps.clock.nowMs();
  }

  /** Alerts that are not over, with the receivers that their routes name. */
  alerts(): readonly { readonly alert: Alert; readonly receivers: readonly string[] }[] {
    const nowMs = this.nowMs();
    return [...this.#alerts.all()]
      .filter((alert) => !isResolved(alert, nowMs))
      .map((alert) => ({
        alert,
        receivers: [
          ...new Set(matchRoutes(this.#config.route, alert.labels).map(({ receiver }) => receiver)),
        ],
      }));
  }

  /** An alert by its fingerprint, also one that is over and not yet forgotten. */
  alert(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  /** The ways in which a receiver is told, with how the last try of each went. */
  channels(receiver: string): readonly ChannelView[] {
    return this.#channels.get(receiver) ?? [];
  }

  /** What an integration was told last about a group. */
  told(groupKey: string, channel: string): LogEntry | undefined {
    return this.#entries.get(`${groupKey}:${channel}`, this.nowMs());
  }

  /** The group of these labels below a node of the tree; undefined: no alert of it is known. */
  group(route: Route, groupLabels: LabelSet): GroupView | undefined {
    return this.#dispatcher.group(route, groupLabels);
  }

  groups(): Iterable<GroupView> {
    return this.#dispatcher.groups();
  }

  /**
   * Why an alert is told of or not.
   * @param route of the group that it is looked at in: what is muted is muted there
   */
  status(labels: LabelSet, route?: Route): AlertStatus {
    const nowMs = this.nowMs();
    const silencedBy = this.silences.silencing(labels, nowMs);
    const inhibitor = this.#inhibitor.inhibitedBy(labels, nowMs);
    const mutedBy = route === undefined ? [] : this.#mutedBy(route, nowMs);
    const isSuppressed = silencedBy.length > 0 || inhibitor !== undefined || mutedBy.length > 0;
    return {
      state: isSuppressed ? 'suppressed' : 'active',
      silencedBy,
      inhibitedBy: inhibitor === undefined ? [] : [inhibitor],
      mutedBy,
    };
  }

  /** Whether somebody is told of an alert as things are: nothing holds it back on one of its routes. */
  isHeard(labels: LabelSet): boolean {
    if (this.status(labels).state === 'suppressed') return false;
    const nowMs = this.nowMs();
    const routes = matchRoutes(this.#config.route, labels);
    return routes.some((route) => this.#mutedBy(route, nowMs).length === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#generation.abort();
    this.#wake?.abort();
    await this.#loop;
    await Promise.race([
      Promise.allSettled([...this.#running]),
      new Promise((resolve) => setTimeout(resolve, drainMs).unref()),
    ]);
    for (const channel of [...this.#channels.values()].flat()) channel[Symbol.dispose]();
    await this.#journal[Symbol.asyncDispose]();
  }

  #restore(): void {
    const nowMs = this.startedMs;
    for (const [, value] of this.#journal.table('silence')) {
      const silence = value as ReturnType<typeof plainSilence>;
      const matchers = silence.matchers.map(({ name, operator, value: text }) =>
        matcherOf(name, operator, text),
      );
      this.silences.restore({ ...silence, matchers });
    }
    for (const [key, entry] of this.#journal.table('notified')) {
      this.#entries.restore(key, entry as LogEntry);
    }
    for (const [, value] of this.#journal.table('alert')) {
      const alert = value as Alert;
      // It fired when we last heard of it: whoever watches it has had nobody to tell that it still does.
      const wasFiring = alert.endsAtMs > alert.updatedAtMs;
      const endsAtMs = wasFiring
        ? Math.max(alert.endsAtMs, nowMs + this.#config.resolveTimeoutMs)
        : alert.endsAtMs;
      this.#alerts.put({ ...alert, endsAtMs }, nowMs);
    }
  }

  #use(config: AlertmanagerYaml): void {
    this.#config = config;
    this.#dispatcher = new Dispatcher(config.route);
    this.#inhibitor = new Inhibitor(config.inhibitRules);
    const { clock, metrics: _metrics, ...http } = this.#deps;
    const open =
      this.#deps.openSender ??
      ((integration: Integration) => openSender(integration, config.templates, { clock, ...http }));
    const deps = { clock, log: this.#log, metrics: this.#metrics, entries: this.#entries };
    this.#channels = new Map(
      [...config.receivers].map(([name, integrations]) => [
        name,
        integrations.map((one) => new Channel(one, open(one), deps)),
      ]),
    );
    const nowMs = clock.nowMs();
    for (const alert of this.#alerts.all()) this.#insert(alert, nowMs);
  }

  #insert(alert: Alert, nowMs: number): void {
    this.#inhibitor.see(alert);
    const { refused, dueMs } = this.#dispatcher.insert(alert, nowMs);
    this.#wakeFor(dueMs);
    if (refused > 0) this.#metrics.refused.add(refused, { what: 'group' });
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const nowMs = clock.nowMs();
      this.#followClock(nowMs);
      for (const flush of this.#dispatcher.takeDue(nowMs)) this.#track(this.#notify(flush));
      if (Math.abs(nowMs - this.#lastSweepMs) >= maxIdleMs) this.#sweep(nowMs);
      const dueMs = this.#dispatcher.nextDueMs() ?? nowMs + maxIdleMs;
      const wake = new AbortController();
      this.#wake = wake;
      const pauseMs = Math.min(maxIdleMs, Math.max(0, dueMs - clock.nowMs()));
      this.#sleepsUntilMs = clock.nowMs() + pauseMs;
      await clock.sleep(pauseMs, AbortSignal.any([signal, wake.signal])).catch(() => {});
    }
  }

  /**
   * A clock that was set forward, or a machine that slept: nobody had the time to say that alerts still fire, so
   * that they are given it, as after a restart, rather than told to be over.
   */
  #followClock(nowMs: number): void {
    const monotonicMs = this.#deps.clock.monotonicMs();
    const before = this.#seenClock;
    this.#seenClock = { nowMs, monotonicMs };
    const jumpMs = nowMs - before.nowMs - (monotonicMs - before.monotonicMs);
    if (jumpMs < minJumpMs) return;
    this.#log.warn('The clock went ahead: what fires has time to say so', { jumpMs });
    const endsAtMs = nowMs + this.#config.resolveTimeoutMs;
    for (const alert of [...this.#alerts.all()]) {
      if (isResolved(alert, before.nowMs) || alert.endsAtMs >= endsAtMs) continue;
      const stored = this.#alerts.put({ ...alert, endsAtMs }, nowMs);
      if (stored !== undefined) this.#insert(stored, nowMs);
    }
  }

  /** The loop looks at all groups when it wakes: only for one that is due before. */
  #wakeFor(dueMs: number): void {
    if (dueMs < this.#sleepsUntilMs) this.#wake?.abort();
  }

  #track(work: Promise<unknown>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  /** Tells the receivers of one group; resolved alerts leave it once all of them know. */
  async #notify(flush: Flush): Promise<void> {
    const dispatcher = this.#dispatcher;
    const generation = this.#generation.signal;
    let isDone = false;
    let isHeld = (_fingerprint: string): boolean => false;
    try {
      const alerts = this.#audible(flush);
      isHeld = this.#heldOf(flush, alerts);
      const channels = this.#channels.get(flush.route.receiver) ?? [];
      const results =
        alerts.length === 0
          ? []
          : await Promise.all(
              channels.map((channel) => this.#deliver(channel, flush, alerts, generation)),
            );
      isDone = results.every(Boolean);
    } catch (error) {
      this.#log.error('A group of alerts could not be told of', {
        groupKey: flush.groupKey,
        err: error,
      });
    } finally {
      const dueMs = dispatcher.finish(flush, isDone, isHeld);
      if (dispatcher === this.#dispatcher) this.#wakeFor(dueMs);
    }
  }

  #deliver(
    channel: Channel,
    flush: Flush,
    alerts: readonly NotifiedAlert[],
    stop: AbortSignal,
  ): Promise<boolean> {
    const key = `${flush.groupKey}:${channel.name}`;
    const { groupIntervalMs, repeatIntervalMs, receiver } = flush.route;
    const deadlineMs = this.#deps.clock.monotonicMs() + Math.max(groupIntervalMs, minNotifyMs);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() =>
      channel.deliver({
        notification: {
          receiver,
          groupKey: flush.groupKey,
          groupLabels: flush.groupLabels,
          alerts,
          externalUrl: this.#deps.externalUrl,
          nowMs: flush.atMs,
        },
        repeatIntervalMs,
        deadlineMs,
        stop,
      }),
    );
    const settled = turn.catch(() => {});
    this.#turns.set(key, settled);
    void settled.then(() => {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    });
    return turn;
  }

  /**
   * Which of the resolved alerts were not heard now, by a receiver that was told that they fire: it hears of their
   * end once the silence is over, or would hear nothing when they fire anew.
   */
  #heldOf(flush: Flush, heard: readonly NotifiedAlert[]): (fingerprint: string) => boolean {
    if (heard.length === flush.alerts.length) return () => false;
    const known = new Set(heard.map(({ alert }) => alert.fingerprint));
    const told = new Set(
      (this.#channels.get(flush.route.receiver) ?? []).flatMap(
        ({ name }) => this.#entries.get(`${flush.groupKey}:${name}`, flush.atMs)?.firing ?? [],
      ),
    );
    return (fingerprint) => !known.has(fingerprint) && told.has(fingerprint);
  }

  /** Without what is inhibited, muted or silenced now. */
  #audible({ route, alerts, atMs }: Flush): readonly NotifiedAlert[] {
    const suppressed = (reason: string, count: number): void => {
      if (count > 0) this.#metrics.suppressed.add(count, { reason });
    };
    const free = alerts.filter(
      ({ alert }) => this.#inhibitor.inhibitedBy(alert.labels, atMs) === undefined,
    );
    suppressed('inhibition', alerts.length - free.length);
    if (this.#mutedBy(route, atMs).length > 0) {
      suppressed('mute_time_interval', free.length);
      return [];
    }
    const heard = free.filter(
      ({ alert }) => this.silences.silencing(alert.labels, atMs).length === 0,
    );
    suppressed('silence', free.length - heard.length);
    return heard;
  }

  #mutedBy(route: Route, nowMs: number): readonly string[] {
    const isIn = (name: string): boolean => this.isWithin(name, nowMs);
    const { activeTimeIntervals, muteTimeIntervals } = route;
    if (activeTimeIntervals.length > 0 && !activeTimeIntervals.some(isIn)) {
      return activeTimeIntervals;
    }
    return muteTimeIntervals.filter(isIn);
  }

  #sweep(nowMs: number): void {
    this.#lastSweepMs = nowMs;
    const held = this.#dispatcher.held();
    for (const gone of this.#alerts.sweep(nowMs, (fingerprint) => held.has(fingerprint))) {
      this.#keep('alert', gone, undefined);
    }
    this.#inhibitor.sweep(nowMs);
    this.silences.sweep(nowMs);
    this.#track(
      this.#entries
        .sweep(nowMs)
        .catch((error: unknown) =>
          this.#log.error('Cannot clear the log of notifications', { err: error }),
        ),
    );
  }

  #lastKept: Promise<void> = Promise.resolve();

  /** On disk soon; a failure is logged by the journal, and what is in memory counts. */
  #keep(table: string, key: string, value: unknown): void {
    this.#lastKept = this.#journal.set(table, key, value);
    this.#lastKept.catch(() => {});
  }

  /** @throws when the last change is not on disk */
  #settled(): Promise<void> {
    return this.#lastKept;
  }

  #collect(): void {
    const { metrics } = this.#deps;
    const states = ['active', 'suppressed'] as const;
    metrics.collected('alertmanager_alerts', 'Alerts by state', 'gauge', () => {
      const counts = { active: 0, suppressed: 0 };
      for (const { alert } of this.alerts()) counts[this.status(alert.labels).state]++;
      return states.map((state) => ({ labels: { state }, value: counts[state] }));
    });
    metrics.collected('alertmanager_silences', 'Silences by state', 'gauge', () => {
      const counts = { active: 0, pending: 0, expired: 0 };
      for (const silence of this.silences.all()) counts[silenceState(silence, this.nowMs())]++;
      return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
    });
    metrics.collected(
      'alertmanager_dispatcher_aggregation_groups',
      'Groups of alerts',
      'gauge',
      () => [{ value: this.#dispatcher.groupCount }],
    );
    metrics.collected('alertmanager_receivers', 'Receivers', 'gauge', () => [
      { value: this.#config.receivers.size },
    ]);
  }
}

const plainSilence = (silence: Silence) => ({
  ...silence,
  matchers: silence.matchers.map(({ name, operator, value }) => ({ name, operator, value })),
});
