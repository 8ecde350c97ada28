import type { ChartMark } from '../../../charts/chart-marks.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** Something that happened to what the page is about: an event, a restart, a rollout, an alert. */
export interface Happening {
  readonly key: string;
  readonly atMs: number;
  readonly severity: Severity;
  /** A word or two: `OOMKilled`, `Rollout`. */
  readonly title: string;
  /** The whole sentence. */
  readonly text: string;
  /** `Pod shop/web-1`, where it is about another object than the page. */
  readonly about?: string | undefined;
  /** How often, where the same is told as one. */
  readonly count?: number | undefined;
  /** Drawn through the charts; others stay in the strip. */
  readonly isMark?: boolean | undefined;
}

export const severityToken: Readonly<Record<Severity, string>> = {
  critical: '--critical',
  warning: '--warning',
  info: '--info',
};

const rank: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

export function marksOf(happenings: readonly Happening[]): readonly ChartMark[] {
  return happenings
    .filter((one) => one.isMark !== false)
    .map(({ atMs, severity }) => ({ atMs, colorToken: severityToken[severity] }));
}

/** Flags of the strip: what would stand on the same few pixels is one flag. */
export interface Flag {
  readonly key: string;
  /** Share of the range, 0 to 1. */
  readonly place: number;
  readonly atMs: number;
  readonly severity: Severity;
  /** Oldest first. */
  readonly happenings: readonly Happening[];
}

/** @param slots how many flags fit side by side */
export function flagsOf(
  happenings: readonly Happening[],
  range: { readonly fromMs: number; readonly toMs: number },
  slots: number,
): readonly Flag[] {
  const lengthMs = range.toMs - range.fromMs;
  // Slots are fixed to the clock, so that a flag does not jump as the range moves on.
  const slotMs = lengthMs / slots;
  const inside = happenings
    .filter(({ atMs }) => atMs >= range.fromMs && atMs <= range.toMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  const groups: { readonly startMs: number; slot: number; readonly list: Happening[] }[] = [];
  for (const one of inside) {
    const slot = Math.floor(one.atMs / slotMs);
    const last = groups.at(-1);
    // A flag stands where the first of it was: one early in the next slot may be too near to that.
    if (last !== undefined && (slot === last.slot || one.atMs - last.startMs < slotMs)) {
      last.slot = slot;
      last.list.push(one);
    } else {
      groups.push({ startMs: one.atMs, slot, list: [one] });
    }
  }
  return groups.map(({ startMs, list }) => {
    const worst = list.toSorted((a, b) => rank[a.severity] - rank[b.severity])[0] as Happening;
    return {
      key: worst.key,
      place: (startMs - range.fromMs) / lengthMs,
      atMs: startMs,
      severity: worst.severity,
      happenings: list,
    };
  });
}
