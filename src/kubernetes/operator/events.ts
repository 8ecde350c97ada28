import { createHash } from 'node:crypto';
import { type Clock, describeError, type Logger } from '#base';
import { isKubernetesError, type KubernetesClient, resources } from '#kubernetes/client';
import type { MonitorObject } from './convert.ts';
import type { MonitorKind } from './settings.ts';

/** Objects whose events are remembered, so that each reason is told once. */
const maxTold = 10_000;

const apiVersions: Readonly<Record<MonitorKind, string>> = {
  PodMonitor: 'monitoring.coreos.com/v1',
  ServiceMonitor: 'monitoring.coreos.com/v1',
  Probe: 'monitoring.coreos.com/v1',
  ScrapeConfig: 'monitoring.coreos.com/v1alpha1',
  PrometheusRule: 'monitoring.coreos.com/v1',
};

/** Tells in the cluster why an object is left out: `kubectl describe` shows it. */
export class RejectionEvents {
  readonly #client: KubernetesClient;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #told = new Map<string, string>();
  #isForbidden = false;

  constructor(client: KubernetesClient, clock: Clock, log: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  /** Once for each reason of an object. Failures are logged: events are no more than a courtesy. */
  async tell(kind: MonitorKind, object: MonitorObject, reason: string): Promise<void> {
    const { namespace = 'default', name = '', uid = '' } = object.metadata ?? {};
    if (this.#isForbidden || this.#told.get(uid) === reason) return;
    if (this.#told.size >= maxTold) this.#told.clear();
    this.#told.set(uid, reason);
    const time = new Date(this.#clock.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z');
    // The same name for the same reason: a restart adds no second event.
    const hash = createHash('sha256').update(`${uid} ${reason}`).digest('hex').slice(0, 16);
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 200)}.${hash}`, namespace },
      involvedObject: { apiVersion: apiVersions[kind], kind, namespace, name, uid },
      reason: 'InvalidConfiguration',
      message: `Nunchi leaves this ${kind} out: ${reason}`.slice(0, 1024),
      type: 'Warning',
      source: { component: 'nunchi' },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    try {
      await this.#client.create(resources.events[0], event, { namespace });
    } catch (error) {
      if (!isKubernetesError(error)) throw error;
      if (error.isConflict) return;
      if (error.isForbidden) this.#isForbidden = true;
      this.#log.info('Events about monitors cannot be written', { reason: describeError(error) });
    }
  }
}
