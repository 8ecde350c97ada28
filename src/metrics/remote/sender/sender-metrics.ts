import type { MetricsRegistry } from '#base';

/** The metrics of one receiver, under the names of the reference's dashboards. */
export interface SenderMetrics {
  sent(samples: number): void;
  failed(samples: number): void;
  retried(samples: number): void;
  dropped(samples: number, reason: string): void;
  requested(bytes: number, seconds: number): void;
  shards(count: number): void;
  pending(samples: number): void;
  newest(inMs: number): void;
}

export function senderMetrics(
  metrics: MetricsRegistry,
  receiver: { readonly remote_name: string; readonly url: string },
): SenderMetrics {
  const name = (suffix: string): string => `prometheus_remote_storage_${suffix}`;
  const counter = (suffix: string, help: string) => metrics.counter(name(suffix), help);
  const gauge = (suffix: string, help: string) => metrics.gauge(name(suffix), help);
  const samplesTotal = counter('samples_total', 'Samples sent to a receiver');
  const failedTotal = counter('samples_failed_total', 'Samples that a receiver refused for good');
  const retriedTotal = counter('samples_retried_total', 'Samples sent again');
  const droppedTotal = counter('samples_dropped_total', 'Samples not sent, by reason');
  const bytesTotal = counter('bytes_total', 'Compressed bytes sent to a receiver');
  const seconds = metrics.histogram(name('sent_batch_duration_seconds'), 'Time of one request');
  const shardGauge = gauge('shards', 'Requests that may be under way at once');
  const pendingGauge = gauge('samples_pending', 'Samples waiting to be sent');
  const newestGauge = gauge(
    'queue_highest_sent_timestamp_seconds',
    'Unix time of the newest sample handed to the queue',
  );
  return {
    sent: (samples) => samplesTotal.add(samples, receiver),
    failed: (samples) => failedTotal.add(samples, receiver),
    retried: (samples) => retriedTotal.add(samples, receiver),
    dropped: (samples, reason) => droppedTotal.add(samples, { ...receiver, reason }),
    requested(bytes, duration) {
      bytesTotal.add(bytes, receiver);
      seconds.observe(duration, receiver);
    },
    shards: (count) => shardGauge.set(count, receiver),
    pending: (samples) => pendingGauge.set(samples, receiver),
    newest: (inMs) => newestGauge.set(inMs / 1000, receiver),
  };
}
