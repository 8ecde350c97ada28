import { type Labels, labelsKey } from '#metrics/model';
import type { Alert } from './contract.ts';

/** Resolved alerts are kept and sent again for so long: a receiver may have missed the first. */
const resolvedRetentionMs = 15 * 60_000;

/** One element of an alerting rule's result, with its texts. */
export interface AlertElement {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
}

export interface AlertTiming {
  readonly atMs: number;
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

export type Alerts = ReadonlyMap<string, Alert>;

/**
 * The alerts of a rule after an evaluation. Pure: the alerts before, what was seen, and when.
 *
 * Source: the alerting rules of Prometheus.
 */
export function nextAlerts(
  before: Alerts,
  seen: readonly AlertElement[],
  timing: AlertTiming,
): Alerts {
  const { atMs, forMs } = timing;
  const after = new Map<string, Alert>();
  const present = new Set<string>();
  for (const { labels, annotations, value } of seen) {
    const key = labelsKey(labels);
    present.add(key);
    const old = before.get(key);
    const isActive = old !== undefined && old.state !== 'inactive';
    const alert: Alert = isActive
      ? { ...old, annotations, value, keepFiringSinceMs: undefined }
      : {
          state: 'pending',
          labels,
          annotations,
          value,
          activeAtMs: atMs,
          firedAtMs: undefined,
          resolvedAtMs: undefined,
          lastSentMs: undefined,
          validUntilMs: 0,
          keepFiringSinceMs: undefined,
        };
    after.set(key, fireWhenDue(alert, atMs, forMs));
  }
  for (const [key, alert] of before) {
    if (present.has(key)) continue;
    const next = withoutElement(alert, timing);
    if (next !== undefined) after.set(key, next);
  }
  return after;
}

function fireWhenDue(alert: Alert, atMs: number, forMs: number): Alert {
  if (alert.state !== 'pending' || atMs - alert.activeAtMs < forMs) return alert;
  return { ...alert, state: 'firing', firedAtMs: atMs };
}

function withoutElement(alert: Alert, { atMs, keepFiringForMs }: AlertTiming): Alert | undefined {
  if (alert.state === 'pending') return undefined;
  if (alert.state === 'firing') {
    if (keepFiringForMs > 0) {
      const sinceMs = alert.keepFiringSinceMs ?? atMs;
      if (atMs - sinceMs < keepFiringForMs) return { ...alert, keepFiringSinceMs: sinceMs };
    }
    return { ...alert, state: 'inactive', resolvedAtMs: atMs };
  }
  const isKept =
    alert.resolvedAtMs !== undefined && atMs - alert.resolvedAtMs <= resolvedRetentionMs;
  return isKept ? alert : undefined;
}

/** Whether an alert must be sent now: it resolved since the last time, or is due again. */
export function needsSending(alert: Alert, atMs: number, resendDelayMs: number): boolean {
  if (alert.state === 'pending') return false;
  const lastMs = alert.lastSentMs;
  if (lastMs === undefined) return true;
  if (alert.resolvedAtMs !== undefined && alert.resolvedAtMs > lastMs) return true;
  return lastMs + resendDelayMs <= atMs;
}
