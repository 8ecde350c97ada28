import { labelsKey, metricNameLabel, withLabel } from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import type { Alert } from './contract.ts';
import type { Rule } from './rule.ts';

export interface RestoreSettings {
  readonly outageToleranceMs: number;
  readonly gracePeriodMs: number;
}

/**
 * The state of alerts of an earlier run, out of the ALERTS_FOR_STATE series that they wrote.
 *
 * Source: the restoration of `for` state in Prometheus.
 */
export class RestoredStates {
  readonly #engine: PromqlEngine;
  readonly #settings: RestoreSettings;

  constructor(engine: PromqlEngine, settings: RestoreSettings) {
    this.#engine = engine;
    this.#settings = settings;
  }

  async apply(rule: Rule, atMs: number, signal: AbortSignal): Promise<void> {
    const { outageToleranceMs, gracePeriodMs } = this.#settings;
    // Shorter ones are back by themselves before anybody notices.
    if (rule.config.forMs < gracePeriodMs || rule.alerts.size === 0) return;
    const name = JSON.stringify(rule.name);
    const { value } = await this.#engine.instant(
      `ALERTS_FOR_STATE{alertname=${name}}[${Math.ceil(outageToleranceMs / 1000)}s]`,
      atMs,
      {},
      signal,
    );
    if (value.type !== 'matrix') return;
    const lastOf = new Map<string, { readonly timeMs: number; readonly activeAtMs: number }>();
    for (const series of value.series) {
      const last = series.timesMs.length - 1;
      if (last < 0) continue;
      lastOf.set(labelsKey(withLabel(series.labels, metricNameLabel, '')), {
        timeMs: series.timesMs[last]!,
        activeAtMs: series.values[last]! * 1000,
      });
    }
    const alerts = new Map(rule.alerts);
    for (const [key, alert] of alerts) {
      const last = lastOf.get(key);
      if (last === undefined || alert.state !== 'pending') continue;
      alerts.set(key, { ...alert, activeAtMs: restoredMs(alert, last, rule, atMs, gracePeriodMs) });
    }
    rule.alerts = alerts;
  }
}

function restoredMs(
  alert: Alert,
  last: { readonly timeMs: number; readonly activeAtMs: number },
  rule: Rule,
  atMs: number,
  gracePeriodMs: number,
): number {
  const { forMs } = rule.config;
  const spentMs = last.timeMs - last.activeAtMs;
  const remainingMs = forMs - spentMs;
  // It had been firing: it fires again at once.
  if (remainingMs <= 0) return last.activeAtMs;
  // Nearly due: it waits for the grace period, so that what it depends on can come up too.
  if (remainingMs < gracePeriodMs) return atMs + gracePeriodMs - forMs;
  const downMs = Math.max(0, atMs - last.timeMs);
  return Math.min(alert.activeAtMs, last.activeAtMs + downMs);
}
