import type { Counter, Histogram, MetricsRegistry } from '#base';

export interface AlertRuleMetrics {
  readonly evaluations: Counter;
  readonly failures: Counter;
  readonly missed: Counter;
  readonly duration: Histogram;
}

/** Metrics of rules under the names that dashboards of Grafana's alerting know. */
export function alertRuleMetrics(
  metrics: MetricsRegistry,
  counts: { readonly rules: () => number; readonly groups: () => number },
): AlertRuleMetrics {
  metrics.collected('grafana_alerting_rule_group_rules', 'Alert rules', 'gauge', () => [
    { value: counts.rules() },
  ]);
  metrics.collected('grafana_alerting_rule_groups', 'Groups of alert rules', 'gauge', () => [
    { value: counts.groups() },
  ]);
  return {
    evaluations: metrics.counter(
      'grafana_alerting_rule_evaluations_total',
      'Evaluations of alert rules',
    ),
    failures: metrics.counter(
      'grafana_alerting_rule_evaluation_failures_total',
      'Evaluations of alert rules that failed',
    ),
    missed: metrics.counter(
      'grafana_alerting_schedule_rule_evaluations_missed_total',
      'Evaluations of groups that were left out, as the one before took too long',
    ),
    duration: metrics.histogram(
      'grafana_alerting_rule_evaluation_duration_seconds',
      'Time that one evaluation took',
      [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    ),
  };
}
