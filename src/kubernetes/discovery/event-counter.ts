import type { MetricsRegistry } from '#base';
import type { KubernetesRole } from '#metrics/config';

/** Changes of objects that discovery has seen, under the reference's name. */
export class EventCounter {
  readonly #count: ReturnType<MetricsRegistry['counter']>;

  constructor(metrics: MetricsRegistry) {
    this.#count = metrics.counter(
      'prometheus_sd_kubernetes_events_total',
      'The number of Kubernetes events handled',
    );
  }

  add(role: KubernetesRole, event: 'add' | 'update' | 'delete'): void {
    this.#count.add(1, { role, event });
  }
}
