import type { MetricsRegistry } from '#base';

/** The metrics of rules under the names that Prometheus' dashboards ask for. */
export interface RuleMetrics {
  evaluated(group: string, seconds: number): void;
  failed(group: string): void;
  missed(group: string, count: number): void;
  groupEvaluated(group: string, intervalMs: number, atMs: number, seconds: number): void;
  forget(group: string): void;
}

export function ruleMetrics(metrics: MetricsRegistry): RuleMetrics {
  const evaluations = metrics.counter(
    'prometheus_rule_evaluations_total',
    'Evaluations of rules, by group',
  );
  const failures = metrics.counter(
    'prometheus_rule_evaluation_failures_total',
    'Evaluations of rules that failed, by group',
  );
  const seconds = metrics.histogram(
    'prometheus_rule_evaluation_duration_seconds',
    'Time of one evaluation of a rule',
  );
  const missedTotal = metrics.counter(
    'prometheus_rule_group_iterations_missed_total',
    'Evaluations of a group left out because the one before took too long',
  );
  const iterations = metrics.counter(
    'prometheus_rule_group_iterations_total',
    'Evaluations of a group that were due',
  );
  const interval = metrics.gauge('prometheus_rule_group_interval_seconds', 'Interval of a group');
  const lastDuration = metrics.gauge(
    'prometheus_rule_group_last_duration_seconds',
    'Time of the last evaluation of a group',
  );
  const lastTime = metrics.gauge(
    'prometheus_rule_group_last_evaluation_timestamp_seconds',
    'Unix time of the last evaluation of a group',
  );
  return {
    evaluated(rule_group, duration) {
      evaluations.add(1, { rule_group });
      seconds.observe(duration);
    },
    failed: (rule_group) => failures.add(1, { rule_group }),
    missed(rule_group, count) {
      missedTotal.add(count, { rule_group });
      iterations.add(count, { rule_group });
    },
    groupEvaluated(rule_group, intervalMs, atMs, duration) {
      iterations.add(1, { rule_group });
      interval.set(intervalMs / 1000, { rule_group });
      lastDuration.set(duration, { rule_group });
      lastTime.set(atMs / 1000, { rule_group });
    },
    forget(rule_group) {
      for (const gauge of [interval, lastDuration, lastTime]) gauge.remove({ rule_group });
    },
  };
}
