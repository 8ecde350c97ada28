import type { Column } from './series-model.ts';

/** What decides with which others a series is stacked. */
export interface Stackable {
  readonly stacking: 'none' | 'normal' | 'percent';
  /** Series of the same group are stacked on each other. */
  readonly group: string;
  readonly values: Column;
}

/** The sums below a series, where the series below has gaps and cannot be the edge of an area. */
export interface Baseline {
  /** Index of the series that stands on it. */
  readonly under: number;
  readonly column: Column;
}

export interface Stacked {
  /** What is drawn: sums from below, or the values themselves. */
  readonly columns: readonly Column[];
  readonly baselines: readonly Baseline[];
  /**
   * Pairs between which an area is filled: the sum, and the sum below it. A `lower` beyond the series
   * is a baseline.
   */
  readonly bands: readonly {
    readonly upper: number;
    readonly lower: number;
    readonly down: boolean;
  }[];
}

/**
 * Sums of each group. Series that are below zero are stacked downwards, apart from those above. A gap
 * stays a gap and adds nothing. `percent` shows shares of the sum at each moment, 0 to 1.
 */
export function stacked(series: readonly Stackable[]): Stacked {
  const columns: Column[] = series.map(({ values }) => values);
  const bands: { upper: number; lower: number; down: boolean }[] = [];
  const baselines: Baseline[] = [];
  const groups = new Map<string, number[]>();
  for (const [index, one] of series.entries()) {
    if (one.stacking === 'none') continue;
    const key = `${one.stacking} ${one.group} ${isBelowZero(one.values) ? 'down' : 'up'}`;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [index]);
    else members.push(index);
  }
  for (const [key, members] of groups) {
    const down = key.endsWith('down');
    const length = series[members[0] as number]?.values.length ?? 0;
    const totals = key.startsWith('percent') ? totalsOf(series, members, length) : undefined;
    const sums = new Float64Array(length);
    let below = -1;
    let hasGaps = false;
    for (const index of members) {
      const { values } = series[index] as Stackable;
      if (below >= 0) {
        const lower = hasGaps ? series.length + baselines.length : below;
        if (hasGaps) baselines.push({ under: index, column: Array.from(sums) });
        bands.push({ upper: index, lower, down });
      }
      const out = new Array<number | null | undefined>(length);
      for (let at = 0; at < length; at++) {
        const value = values[at];
        if (value === null || value === undefined) {
          out[at] = value;
          hasGaps = true;
          continue;
        }
        const total = totals?.[at] ?? 1;
        sums[at] = (sums[at] as number) + (total === 0 ? 0 : value / total);
        out[at] = sums[at];
      }
      columns[index] = out;
      below = index;
    }
  }
  return { columns, baselines, bands };
}

function totalsOf(
  series: readonly Stackable[],
  members: readonly number[],
  length: number,
): Float64Array {
  const totals = new Float64Array(length);
  for (const index of members) {
    const { values } = series[index] as Stackable;
    for (let at = 0; at < length; at++)
      totals[at] = (totals[at] as number) + Math.abs(values[at] ?? 0);
  }
  return totals;
}

function isBelowZero(values: Column): boolean {
  let hasNegative = false;
  for (const value of values) {
    if (value == null || value === 0) continue;
    if (value > 0) return false;
    hasNegative = true;
  }
  return hasNegative;
}
