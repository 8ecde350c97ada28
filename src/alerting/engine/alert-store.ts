import { type Alert, isResolved, type PostedAlert } from '../contract.ts';
import { invalidInput } from '../errors.ts';
import { fingerprintOf, withoutEmpty } from '../labels.ts';

/** Alerts known at once; more are refused, and counted. */
export const maxAlerts = 200_000;
/** A resolved alert is kept so long, for a silence or a restart in between. */
const keptAfterEndMs = 15 * 60_000;

/**
 * A sent alert with its times filled in, checked.
 * @throws {AppError} ALERTING_INVALID
 */
export function admit(
  posted: PostedAlert,
  { nowMs, resolveTimeoutMs }: { readonly nowMs: number; readonly resolveTimeoutMs: number },
): Alert {
  const labels = withoutEmpty(posted.labels);
  if (Object.keys(labels).length === 0) throw invalidInput('at least one label pair required');
  const annotations = withoutEmpty(posted.annotations ?? {});
  if (Object.hasOwn(labels, '')) throw invalidInput('invalid label set: invalid name ""');
  if (Object.hasOwn(annotations, '')) throw invalidInput('invalid annotations: invalid name ""');
  const startsAtMs = posted.startsAtMs ?? posted.endsAtMs ?? nowMs;
  const endsAtMs = posted.endsAtMs ?? nowMs + resolveTimeoutMs;
  if (endsAtMs < startsAtMs) throw invalidInput('start time must be before end time');
  return {
    fingerprint: fingerprintOf(labels),
    labels,
    annotations,
    startsAtMs,
    endsAtMs,
    updatedAtMs: nowMs,
    generatorUrl: posted.generatorUrl ?? '',
    isTimeout: posted.endsAtMs === undefined,
  };
}

/** Both tell of the same alert, with overlapping times: one alert. `next` is the later news. */
export function merge(old: Alert, next: Alert, nowMs: number): Alert {
  const overlaps =
    (next.endsAtMs > old.startsAtMs && next.endsAtMs < old.endsAtMs) ||
    (next.startsAtMs > old.startsAtMs && next.startsAtMs < old.endsAtMs);
  if (!overlaps) return next;
  const startsAtMs = Math.min(old.startsAtMs, next.startsAtMs);
  // The latest end counts where both are over; a time that was only assumed never beats a given one.
  const takesOldEnd =
    old.endsAtMs > next.endsAtMs &&
    (isResolved(next, nowMs) ? isResolved(old, nowMs) : !old.isTimeout);
  return { ...next, startsAtMs, endsAtMs: takesOldEnd ? old.endsAtMs : next.endsAtMs };
}

/** Alerts by fingerprint. */
export class AlertStore {
  readonly #alerts = new Map<string, Alert>();

  /** Undefined: there is no room for a new one. */
  put(alert: Alert, nowMs: number): Alert | undefined {
    const old = this.#alerts.get(alert.fingerprint);
    if (old === undefined && this.#alerts.size >= maxAlerts) return undefined;
    const stored = old === undefined ? alert : merge(old, alert, nowMs);
    this.#alerts.set(alert.fingerprint, stored);
    return stored;
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  get size(): number {
    return this.#alerts.size;
  }

  all(): IterableIterator<Alert> {
    return this.#alerts.values();
  }

  /** Forgets what is long over and no group holds. @returns what was forgotten */
  sweep(nowMs: number, isHeld: (fingerprint: string) => boolean): string[] {
    const gone: string[] = [];
    for (const { fingerprint, endsAtMs } of this.#alerts.values()) {
      if (endsAtMs + keptAfterEndMs <= nowMs && !isHeld(fingerprint)) gone.push(fingerprint);
    }
    for (const fingerprint of gone) this.#alerts.delete(fingerprint);
    return gone;
  }
}
