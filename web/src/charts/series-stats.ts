export type Values = readonly (number | null)[];

export interface SeriesStats {
  readonly last: number | null;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly sum: number;
}

/** What the legend's table says of a series; gaps do not count. */
export function seriesStats(values: Values): SeriesStats {
  let last: number | null = null;
  let min: number | null = null;
  let max: number | null = null;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null) continue;
    last = value;
    min = min === null || value < min ? value : min;
    max = max === null || value > max ? value : max;
    sum += value;
    count++;
  }
  return { last, min, max, sum, mean: count === 0 ? null : sum / count };
}

/** Running sums from the first series up: what a stacked chart draws. A gap adds nothing. */
export function stack(series: readonly Values[]): readonly (readonly number[])[] {
  const length = Math.max(0, ...series.map((values) => values.length));
  const base = new Float64Array(length);
  return series.map((values) => {
    const out = new Array<number>(length);
    for (let i = 0; i < length; i++) {
      base[i] = base[i]! + (values[i] ?? 0);
      out[i] = base[i]!;
    }
    return out;
  });
}
