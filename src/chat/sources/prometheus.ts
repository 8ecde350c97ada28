import { type Clock, describeError, type Logger } from '#base';
import type { PrometheusSource } from '../config/contract.ts';
import type { SourceEvent, SourceListener } from './contract.ts';

/** An alert as `GET /api/v1/alerts` has it. */
export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `firing`, `pending`, `inactive`. */
  readonly state: string;
  readonly activeAt: string;
}

export interface PrometheusAlertsDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly clusterName: string;
  readonly stopping: AbortSignal;
  /** Alerts of Nunchi itself, of a source that names no URL. */
  readonly ownAlerts: () => readonly PrometheusAlert[];
  readonly isUsed: () => boolean;
}

const everyMs = 5000;
const timeoutMs = 10_000;
const maxBytes = 8 * 1024 * 1024;
const maxAlerts = 5000;

/** Looks at the alerts of a Prometheus, and tells of those that are new or have another state. */
export async function followPrometheus(
  name: string,
  source: PrometheusSource,
  deps: PrometheusAlertsDeps,
  listener: SourceListener,
): Promise<void> {
  const { clock, log, stopping } = deps;
  const sinceMs = clock.nowMs();
  let known = new Set<string>();
  let problem = '';
  while (!stopping.aborted) {
    try {
      if (deps.isUsed()) {
        const alerts =
          source.url === undefined ? deps.ownAlerts() : await ask(source.url, stopping);
        known = tell(alerts.slice(0, maxAlerts), known);
        problem = '';
      }
    } catch (error) {
      if (stopping.aborted) return;
      const reason = describeError(error);
      // Once for each reason: it is asked every few seconds.
      if (reason !== problem)
        log.warn('Alerts of a source cannot be read', { source: name, reason });
      problem = reason;
    }
    await clock.sleep(everyMs, stopping).catch(() => {});
  }

  function tell(alerts: readonly PrometheusAlert[], before: ReadonlySet<string>): Set<string> {
    const now = new Set<string>();
    for (const alert of alerts) {
      const { labels, state, activeAt } = alert;
      if (!source.alertStates.includes(state)) continue;
      const startMs = Date.parse(activeAt);
      if (source.ignoreOldAlerts && startMs < sinceMs) continue;
      const key = JSON.stringify([state, Object.entries(labels).sort()]);
      now.add(key);
      if (!before.has(key)) listener(new Map([[name, alertEvent(alert, deps.clusterName)]]));
    }
    return now;
  }
}

async function ask(url: string, stopping: AbortSignal): Promise<readonly PrometheusAlert[]> {
  const response = await fetch(`${url.replace(/\/$/, '')}/api/v1/alerts`, {
    signal: AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]),
  });
  const text = await limitedText(response);
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 200)}`);
  const body = JSON.parse(text) as { data?: { alerts?: unknown } };
  const alerts = body.data?.alerts;
  if (!Array.isArray(alerts)) throw new Error(`${url} answers no list of alerts`);
  return alerts.map((alert: Partial<PrometheusAlert>) => ({
    labels: alert.labels ?? {},
    annotations: alert.annotations ?? {},
    state: alert.state ?? '',
    activeAt: alert.activeAt ?? '',
  }));
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function alertEvent(alert: PrometheusAlert, clusterName: string): SourceEvent {
  const { labels, annotations, state, activeAt } = alert;
  const { alertname = '', ...others } = labels;
  const emoji = state === 'firing' ? '❗' : state === 'pending' ? '💡' : '🟢';
  const timeMs = Number.isNaN(Date.parse(activeAt)) ? 0 : Date.parse(activeAt);
  const items = (map: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(map).map(([name, value]) => `${name}: ${value}`);
  return {
    message: {
      title: `${emoji} Prometheus alert ${state}`,
      fields: [
        ['Alert Name', alertname],
        ['State', state],
        ...(others['severity'] === undefined ? [] : [['Severity', others['severity']] as const]),
        ...(others['namespace'] === undefined ? [] : [['Namespace', others['namespace']] as const]),
        ['Cluster', clusterName],
      ],
      lists: [
        { title: 'Annotations', items: items(annotations) },
        { title: 'Labels', items: items(others) },
      ].filter(({ items: lines }) => lines.length > 0),
      timeMs,
    },
    data: {
      Labels: { ...labels },
      Annotations: { ...annotations },
      State: state,
      ActiveAt: activeAt,
      Cluster: clusterName,
      // What templates for events of the cluster ask for, as far as an alert has it.
      Name: others['pod'] ?? alertname,
      Namespace: others['namespace'] ?? '',
      Kind: others['pod'] === undefined ? '' : 'Pod',
      Type: state,
      Title: `Prometheus alert ${state}`,
    },
    timeMs,
  };
}
