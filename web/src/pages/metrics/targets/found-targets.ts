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
  /** What a filter looks in, in small letters: made once, for thousands of targets. */
  readonly searchText: string;
}

export const foundStates = ['up', 'down', 'unknown', 'dropped'] as const;
export type FoundState = (typeof foundStates)[number];

export const stateOf = ({ active }: FoundTarget): FoundState => active?.health ?? 'dropped';

/** How many there are in each state. */
export function countStates(targets: readonly FoundTarget[]): Readonly<Record<FoundState, number>> {
  const counts = { up: 0, down: 0, unknown: 0, dropped: 0 };
  for (const target of targets) counts[stateOf(target)]++;
  return counts;
}

export const healthRank = { down: 0, unknown: 1, up: 2 } as const;

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
    const key = count === 0 ? base : `${base} ${count + 1}`;
    return { ...one, key, searchText: searchTextOf(one) };
  });
}

function searchTextOf(target: Omit<FoundTarget, 'key' | 'searchText'>): string {
  const labels = { ...target.discovered, ...target.active?.labels };
  return [
    target.pool,
    target.title,
    target.active?.scrapeUrl,
    target.active?.lastError,
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  ]
    .join('\n')
    .toLowerCase();
}

/** Every word must be in the address, the job, a label or the error. */
export const matchesFilter = ({ searchText }: FoundTarget, filter: string): boolean =>
  filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searchText.includes(word));

/** Names a target in the series that tell of its scrapes. */
export const scrapeKey = (labels: Labels): string =>
  `${labels['job'] ?? ''} ${labels['instance'] ?? ''}`;

/** Undefined: never; the API writes that as the year 1. */
export function scrapedMs(target: WireTarget): number | undefined {
  const ms = Date.parse(target.lastScrape);
  return ms > 0 ? ms : undefined;
}
