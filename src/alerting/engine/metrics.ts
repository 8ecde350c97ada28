import type { Counter, Histogram, MetricsRegistry } from '#base';

/** Metrics by Alertmanager's names; dashboards and alerts about alerting know them. */
export interface AlertingMetrics {
  readonly received: Counter;
  readonly invalid: Counter;
  readonly refused: Counter;
  readonly notifications: Counter;
  readonly notificationsFailed: Counter;
  readonly requests: Counter;
  readonly requestsFailed: Counter;
  readonly suppressed: Counter;
  readonly latency: Histogram;
}

export function alertingMetrics(metrics: MetricsRegistry): AlertingMetrics {
  return {
    received: metrics.counter('alertmanager_alerts_received_total', 'Alerts that came in'),
    invalid: metrics.counter('alertmanager_alerts_invalid_total', 'Alerts that were no alerts'),
    refused: metrics.counter(
      'nunchi_alerting_refused_total',
      'Alerts, groups and messages that had no room',
    ),
    notifications: metrics.counter('alertmanager_notifications_total', 'Notifications tried'),
    notificationsFailed: metrics.counter(
      'alertmanager_notifications_failed_total',
      'Notifications that did not arrive in time',
    ),
    requests: metrics.counter(
      'alertmanager_notification_requests_total',
      'Messages sent, retries too',
    ),
    requestsFailed: metrics.counter(
      'alertmanager_notification_requests_failed_total',
      'Messages that were not taken',
    ),
    suppressed: metrics.counter(
      'alertmanager_notifications_suppressed_total',
      'Alerts left out of notifications',
    ),
    latency: metrics.histogram('alertmanager_notification_latency_seconds', 'Time of one message'),
  };
}
