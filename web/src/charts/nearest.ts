import type { Values } from './series-stats.ts';

/** A tooltip with more lines covers what it explains. */
export const maxTipRows = 12;

/**
 * The series whose value at an index is nearest to a value; in a stack the one whose area holds it.
 * -1: none has a value there. `columns` are what is drawn: sums, for a stack.
 */
export function nearestSeries(
  columns: readonly Values[],
  index: number,
  value: number,
  isStacked: boolean,
): number {
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < columns.length; at++) {
    const own = columns[at]?.[index];
    if (own === null || own === undefined) continue;
    // The first sum from below that reaches the pointer; above all of them, the last.
    const distance = isStacked && own >= value ? (own - value) / 1e9 : Math.abs(own - value);
    if (distance < least || (isStacked && distance === least)) {
      least = distance;
      nearest = at;
    }
  }
  return nearest;
}

/** At most as many as a tooltip has lines, those nearest to `value`; largest first. */
export function rowsNear<Row extends { readonly value: number | null }>(
  rows: readonly Row[],
  value: number | undefined,
): readonly Row[] {
  const byValue = (a: Row, b: Row): number => (b.value ?? 0) - (a.value ?? 0);
  if (rows.length <= maxTipRows || value === undefined) {
    return rows.toSorted(byValue).slice(0, maxTipRows);
  }
  return rows
    .toSorted((a, b) => Math.abs((a.value ?? 0) - value) - Math.abs((b.value ?? 0) - value))
    .slice(0, maxTipRows)
    .toSorted(byValue);
}
