import type { Clock, Counter, Histogram, Logger, MetricsRegistry } from '#base';
import type { AlertmanagerConfig, KubernetesSdConfig, PrometheusConfig } from '#metrics/config';
import { type Discoverer, DiscoveryManager, type TargetGroup } from '#metrics/discovery';
import { createHttpClient, type HttpClient } from '#metrics/http';
import { type Labels, labelsToRecord, labelValue, withLabel } from '#metrics/model';
import { type RelabelRule, relabel, relabelInPlace } from '#metrics/relabel';
import type { AlertSink, OutgoingAlert } from '#metrics/rules';

export interface NotifierDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Gets every alert too, with external labels and relabelled: the server's own Alertmanager. */
  readonly local?: AlertSink;
  readonly kubernetes?: ((config: KubernetesSdConfig) => Discoverer) | undefined;
}

/** As the reference: what waits for Alertmanagers, and how many go at once. */
const maxQueuedAlerts = 10_000;
const maxBatchAlerts = 256;
/** An answer to alerts is empty or a sentence. */
const maxAnswerBytes = 64 * 1024;
/** What is still queued may take so long when the program stops. */
const drainMs = 5000;

interface Receiver {
  readonly url: string;
  readonly set: AlertmanagerSet;
}

interface AlertmanagerSet {
  readonly key: string;
  readonly config: AlertmanagerConfig;
  readonly client: HttpClient;
  receivers: readonly string[];
  dropped: readonly string[];
}

/**
 * Sends alerts to Alertmanagers (API v2), to each of them and all at once. A failed batch is not
 * repeated: the rules send what still fires again soon.
 */
export class AlertNotifier implements AlertSink, AsyncDisposable {
  readonly #deps: NotifierDeps;
  readonly #log: Logger;
  readonly #discovery: DiscoveryManager;
  readonly #queue: OutgoingAlert[] = [];
  readonly #sent: Counter;
  readonly #errors: Counter;
  readonly #dropped: Counter;
  readonly #latency: Histogram;
  #sets: readonly AlertmanagerSet[] = [];
  #externalLabels: Readonly<Record<string, string>> = {};
  #relabel: readonly RelabelRule[] = [];
  #sending: Promise<void> | undefined;
  #isStopping = false;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
    this.#log = deps.log.child('metrics/notifier');
    this.#discovery = new DiscoveryManager({ name: 'notify' }, deps, () => this.#resolve());
    const { metrics } = deps;
    this.#sent = metrics.counter(
      'prometheus_notifications_sent_total',
      'Alerts sent, by Alertmanager',
    );
    this.#errors = metrics.counter(
      'prometheus_notifications_errors_total',
      'Alerts that an Alertmanager did not take',
    );
    this.#dropped = metrics.counter(
      'prometheus_notifications_dropped_total',
      'Alerts given up: the queue was full, or no Alertmanager took them',
    );
    this.#latency = metrics.histogram(
      'prometheus_notifications_latency_seconds',
      'Time of one sending to one Alertmanager',
    );
    const gauge = (name: string, help: string, value: () => number): void =>
      metrics.collected(`prometheus_notifications_${name}`, help, 'gauge', () => [
        { value: value() },
      ]);
    gauge('queue_length', 'Alerts waiting', () => this.#queue.length);
    gauge('queue_capacity', 'Alerts that may wait', () => maxQueuedAlerts);
    gauge('alertmanagers_discovered', 'Alertmanagers known', () => this.#receivers().length);
  }

  /** Goes over to a configuration; connections of what did not change are kept. */
  apply(config: PrometheusConfig): void {
    this.#externalLabels = config.global.externalLabels;
    this.#relabel = config.alerting.alertRelabelConfigs;
    const before = new Map(this.#sets.map((set) => [set.key, set]));
    this.#sets = config.alerting.alertmanagers.map((alertmanager, at) => {
      const key = `config-${at}`;
      const old = before.get(key);
      if (old !== undefined && JSON.stringify(old.config) === JSON.stringify(alertmanager)) {
        before.delete(key);
        return { ...old, config: alertmanager };
      }
      const client = createHttpClient(alertmanager, this.#deps);
      return { key, config: alertmanager, client, receivers: [], dropped: [] };
    });
    for (const { client } of before.values()) client[Symbol.dispose]();
    this.#discovery.apply(new Map(this.#sets.map(({ key, config: one }) => [key, one])));
    this.#resolve();
  }

  /** For `/api/v1/alertmanagers`. */
  alertmanagers(): {
    readonly activeAlertmanagers: readonly { readonly url: string }[];
    readonly droppedAlertmanagers: readonly { readonly url: string }[];
  } {
    const urls = (all: readonly string[]) => [...new Set(all)].map((url) => ({ url }));
    return {
      activeAlertmanagers: urls(this.#sets.flatMap(({ receivers }) => receivers)),
      droppedAlertmanagers: urls(this.#sets.flatMap(({ dropped }) => dropped)),
    };
  }

  send(alerts: readonly OutgoingAlert[]): void {
    const relabelled = alerts.flatMap((alert) => {
      const labels = relabel(this.#relabel, this.#withExternal(alert.labels));
      return labels === undefined ? [] : [{ ...alert, labels }];
    });
    this.#deps.local?.send(relabelled);
    if (this.#sets.length === 0) return;
    this.#queue.push(...relabelled);
    const excess = this.#queue.length - maxQueuedAlerts;
    if (excess > 0) {
      this.#queue.splice(0, excess);
      this.#dropped.add(excess);
      this.#log.warn('Alerts are dropped: too many wait for Alertmanagers', { alerts: excess });
    }
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    await Promise.race([
      this.#sending,
      new Promise((resolve) => setTimeout(resolve, drainMs).unref()),
    ]);
    await this.#discovery[Symbol.asyncDispose]();
    for (const { client } of this.#sets) client[Symbol.dispose]();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, maxBatchAlerts);
      const receivers = this.#receivers();
      const results = await Promise.all(receivers.map((receiver) => this.#post(receiver, batch)));
      if (!results.includes(true)) {
        this.#dropped.add(batch.length);
        if (receivers.length === 0) {
          this.#log.warn('Alerts are dropped: no Alertmanager is known', { alerts: batch.length });
        }
      }
    }
  }

  async #post({ url, set }: Receiver, batch: readonly OutgoingAlert[]): Promise<boolean> {
    const { clock } = this.#deps;
    const startMs = clock.monotonicMs();
    const wanted = batch.flatMap((alert) => {
      const labels = relabel(set.config.alertRelabelConfigs, alert.labels);
      return labels === undefined ? [] : [wireAlert({ ...alert, labels })];
    });
    if (wanted.length === 0) return true;
    try {
      const { status, statusText } = await set.client.request({
        url,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(wanted)),
        maxBytes: maxAnswerBytes,
        signal: AbortSignal.timeout(set.config.timeoutMs),
      });
      if (status < 200 || status > 299)
        throw new Error(`bad response status ${status} ${statusText}`);
      this.#sent.add(wanted.length, { alertmanager: url });
      return true;
    } catch (error) {
      this.#errors.add(wanted.length, { alertmanager: url });
      this.#log.warn('An Alertmanager did not take alerts', {
        alertmanager: url,
        alerts: wanted.length,
        err: error,
      });
      return false;
    } finally {
      this.#latency.observe((clock.monotonicMs() - startMs) / 1000, { alertmanager: url });
    }
  }

  #receivers(): readonly Receiver[] {
    return this.#sets.flatMap((set) => set.receivers.map((url) => ({ url, set })));
  }

  #withExternal(labels: Labels): Labels {
    let all = labels;
    for (const [name, value] of Object.entries(this.#externalLabels)) {
      if (labelValue(all, name) === '') all = withLabel(all, name, value);
    }
    return all;
  }

  #resolve(): void {
    for (const set of this.#sets) {
      const { receivers, dropped } = receiversOf(set.config, this.#discovery.groups(set.key));
      set.receivers = receivers;
      set.dropped = dropped;
    }
  }
}

/** The addresses of Alertmanagers out of discovered targets. */
export function receiversOf(
  config: AlertmanagerConfig,
  groups: readonly TargetGroup[],
): { readonly receivers: readonly string[]; readonly dropped: readonly string[] } {
  const receivers = new Set<string>();
  const dropped = new Set<string>();
  for (const group of groups) {
    for (const target of group.targets) {
      const labels = new Map(
        Object.entries({
          __scheme__: config.scheme,
          __alerts_path__: `${config.pathPrefix.replace(/\/+$/, '')}/api/v2/alerts`,
          ...group.labels,
          ...target,
        }),
      );
      const before = urlOf(labels);
      if (relabelInPlace(config.relabelConfigs, labels)) receivers.add(urlOf(labels));
      else dropped.add(before);
    }
  }
  return { receivers: [...receivers], dropped: [...dropped] };
}

function urlOf(labels: ReadonlyMap<string, string>): string {
  const path = labels.get('__alerts_path__') ?? '/';
  const scheme = labels.get('__scheme__') ?? 'http';
  return `${scheme}://${labels.get('__address__') ?? ''}${path.startsWith('/') ? '' : '/'}${path}`;
}

const wireAlert = (alert: OutgoingAlert): unknown => ({
  labels: labelsToRecord(alert.labels),
  annotations: labelsToRecord(alert.annotations),
  startsAt: new Date(alert.startsAtMs).toISOString(),
  endsAt: new Date(alert.endsAtMs).toISOString(),
  generatorURL: alert.generatorUrl,
});
