import type { Labels, WireTarget, WireTargets } from '../../../api/metrics.ts';

/** What service discovery found: scraped, or dropped by relabelling. */
export interface FoundTarget {
  /** Unique and the same from one refresh to the next. */
  readonly key: string;
  readonly title: string;
  readonly pool: string;
  readonly discovered: Labels;
  /** Absent: dropped. */
  readonly active: WireTarget | undefined;
}

const healthRank = { down: 0, unknown: 1, up: 2 } as const;

/** Trouble first, then by job and address; the dropped ones last. */
export function foundTargets(targets: WireTargets): readonly FoundTarget[] {
  const active = targets.activeTargets
    .toSorted(
      (a, b) =>
        healthRank[a.health] - healthRank[b.health] ||
        a.scrapePool.localeCompare(b.scrapePool) ||
        a.scrapeUrl.localeCompare(b.scrapeUrl),
    )
    .map((one) => ({
      title: one.labels['instance'] ?? one.scrapeUrl,
      pool: one.scrapePool,
      discovered: one.discoveredLabels,
      active: one,
    }));
  const dropped = targets.droppedTargets.map((one) => ({
    title: one.discoveredLabels['__address__'] ?? '',
    pool: one.scrapePool,
    discovered: one.discoveredLabels,
    active: undefined,
  }));
  const seen = new Map<string, number>();
  return [...active, ...dropped].map((one) => {
    const base = `${one.pool} ${one.active?.scrapeUrl ?? one.title}`;
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return { ...one, key: count === 0 ? base : `${base} ${count + 1}` };
  });
}

/** Every word must be in the address, the job, a label or the error. */
export function matchesFilter(target: FoundTarget, filter: string): boolean {
  const labels = { ...target.discovered, ...target.active?.labels };
  const text = [
    target.pool,
    target.title,
    target.active?.scrapeUrl,
    target.active?.lastError,
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  ]
    .join('\n')
    .toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Undefined: never; the API writes that as the year 1. */
export function scrapedMs(target: WireTarget): number | undefined {
  const ms = Date.parse(target.lastScrape);
  return ms > 0 ? ms : undefined;
}
