import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { type ReadyAction, readyActions } from './actions.ts';
import type { ChannelBindings, ChatConfig } from './config/contract.ts';
import { Outbox } from './outbox.ts';
import { isRefusal } from './platforms/failures.ts';
import { openSink } from './sinks/open.ts';
import type { SourceEvent } from './sources/contract.ts';
import { incomingEvent } from './sources/incoming.ts';
import { KubernetesSources } from './sources/kubernetes.ts';
import { followPrometheus, type PrometheusAlert } from './sources/prometheus.ts';

/** A channel, as far as it is told of something. */
export interface Listener {
  /** Names of sources at the moment. */
  readonly sources: () => readonly string[];
  /** Somebody has switched notifications off. */
  readonly isNotified: () => boolean;
  readonly say: (event: SourceEvent) => void;
}

export interface NotificationsDeps<L extends Listener> {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stopping: AbortSignal;
  readonly ownAlerts: () => readonly PrometheusAlert[];
  readonly listeners: () => readonly L[];
  readonly isEnabled: (action: ReadyAction['action']) => boolean;
  /** Runs the command of an action for those who are to see what comes of it. */
  readonly automate: (
    title: string,
    bindings: ChannelBindings,
    command: string,
    targets: readonly L[],
  ) => Promise<void>;
}

/** Those who hear of errors hear what actions do that nobody else is bound to. */
const fallbackSource = 'k8s-err-events';

/** What sources tell, to the channels and sinks that are bound to them; and the actions that it sets off. */
export class Notifications<L extends Listener> implements AsyncDisposable {
  readonly #config: ChatConfig;
  readonly #deps: NotificationsDeps<L>;
  readonly #actions: readonly ReadyAction[];
  readonly #kubernetes: KubernetesSources;
  readonly #sinks;
  readonly #running: Promise<void>[] = [];
  readonly #lonely = new Set<string>();

  constructor(config: ChatConfig, deps: NotificationsDeps<L>) {
    this.#config = config;
    this.#deps = deps;
    this.#actions = readyActions(config, deps.log);
    this.#kubernetes = new KubernetesSources(
      config.sources,
      { ...deps, clusterName: config.clusterName },
      (told) => this.#hear(told),
    );
    const { metrics, log, clock, stopping } = deps;
    const sent = metrics.counter('nunchi_chat_sink_events_total', 'Events that sinks took');
    const lost = metrics.counter(
      'nunchi_chat_sink_events_dropped_total',
      'Events that no sink took',
    );
    this.#sinks = config.sinks.map((sink) => {
      const send = openSink(sink, { ...deps, clusterName: config.clusterName });
      const labels = { sink: sink.kind };
      const outbox = new Outbox<Parameters<typeof send>[0]>({
        ...{ clock, stopping, isRefusal },
        send: (told) => send(told, stopping),
        told: () => sent.add(1, labels),
        dropped: (error) => {
          lost.add(1, labels);
          const reason = error === undefined ? 'too many wait' : describeError(error);
          log.error('A sink does not take an event', { ...labels, group: sink.group, reason });
        },
      });
      return { sink, outbox };
    });
  }

  start(): void {
    this.#kubernetes.start((name) => this.#isUsed(name));
    for (const { name, prometheus } of this.#config.sources) {
      if (prometheus === undefined) continue;
      const deps = {
        ...this.#deps,
        clusterName: this.#config.clusterName,
        isUsed: () => this.#isUsed(name),
      };
      this.#running.push(followPrometheus(name, prometheus, deps, (told) => this.#hear(told)));
    }
  }

  /** Somebody has bound a channel to other sources, or switched an action on. */
  changed(): void {
    this.#kubernetes.follow((name) => this.#isUsed(name));
  }

  /** Others tell of something. False: there is no such source. */
  incoming(name: string, payload: Readonly<Record<string, unknown>>): boolean {
    const source = this.#config.sources.find((one) => one.name === name && one.isIncoming);
    if (source === undefined) return false;
    const { clusterName } = this.#config;
    const timeMs = this.#deps.clock.nowMs();
    this.#hear(new Map([[name, incomingEvent(source, payload, { clusterName, timeMs })]]));
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kubernetes[Symbol.dispose]();
    await Promise.allSettled([
      ...this.#running,
      ...this.#sinks.map(({ outbox }) => outbox[Symbol.asyncDispose]()),
    ]);
  }

  #isUsed(name: string): boolean {
    return (
      this.#deps.listeners().some((one) => one.sources().includes(name)) ||
      this.#config.sinks.some(({ sources }) => sources.includes(name)) ||
      this.#config.actions.some(
        (action) => this.#deps.isEnabled(action) && action.bindings.sources.includes(name),
      )
    );
  }

  #hear(told: ReadonlyMap<string, SourceEvent>): void {
    const heard = this.#deps.listeners().filter((one) => {
      // What several sources tell of is said once.
      const source = one.sources().find((name) => told.has(name));
      const event = source === undefined ? undefined : told.get(source);
      if (event === undefined || !one.isNotified()) return false;
      one.say(event);
      return true;
    });
    for (const { sink, outbox } of this.#sinks) {
      const sources = sink.sources.filter((name) => told.has(name));
      const event = told.get(sources[0] ?? '');
      if (event !== undefined) outbox.put({ sources, event });
    }
    for (const ready of this.#actions) this.#act(ready, told, heard);
  }

  #act(
    { action, command }: ReadyAction,
    told: ReadonlyMap<string, SourceEvent>,
    heard: readonly L[],
  ): void {
    if (!this.#deps.isEnabled(action)) return;
    const source = action.bindings.sources.find((name) => told.has(name));
    const event = source === undefined ? undefined : told.get(source);
    const text = event === undefined ? undefined : command(event.data);
    if (text === undefined) return;
    const targets = this.#targets(action, heard);
    if (targets.length === 0) return;
    const { automate, log } = this.#deps;
    automate(action.displayName, action.bindings, text, targets).catch((error: unknown) => {
      log.error('An action failed', { action: action.name, reason: describeError(error) });
    });
  }

  #targets({ name, bindings }: ReadyAction['action'], heard: readonly L[]): readonly L[] {
    const listeners = this.#deps.listeners();
    const isBound = (one: L, sources: readonly string[]): boolean =>
      one.sources().some((source) => sources.includes(source));
    const bound = listeners.filter((one) => isBound(one, bindings.sources));
    if (bound.length > 0) return bound.filter((one) => one.isNotified());
    if (!this.#lonely.has(name)) {
      this.#lonely.add(name);
      this.#deps.log.warn(
        'No channel is bound to the sources of an action: its results go where errors are told',
        { action: name, sources: bindings.sources },
      );
    }
    if (heard.length > 0) return heard;
    return listeners.filter((one) => isBound(one, [fallbackSource]) && one.isNotified());
  }
}
