import type uPlot from 'uplot';

/** What the numbers of an axis measure: it says at which values its lines stand. */
export type TickUnit = 'plain' | 'bytes' | 'seconds';

const bytesSteps = Array.from({ length: 6 }, (_, power) =>
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((step) => step * 1024 ** power),
).flat();

const minute = 60;
const hour = 3600;
const day = 86_400;
const secondsSteps = [
  ...[-9, -8, -7, -6, -5, -4, -3, -2, -1, 0].flatMap((power) =>
    [1, 2, 5].map((step) => Number(`${step}e${power}`)),
  ),
  ...[10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((count) => count * day),
];

/** Steps between the lines of a value axis, ascending; undefined: those of decimal numbers. */
export function tickSteps(unit: TickUnit): number[] | undefined {
  if (unit === 'bytes') return bytesSteps;
  return unit === 'seconds' ? secondsSteps : undefined;
}

/** Those that stand at least `gap` apart where they are drawn; the first stays. */
export function thinned(
  values: readonly number[],
  placeOf: (value: number) => number,
  gap: number,
): readonly number[] {
  const kept: number[] = [];
  let last = Number.NaN;
  for (const value of values) {
    const place = placeOf(value);
    if (Math.abs(place - last) < gap) continue;
    kept.push(value);
    last = place;
  }
  return kept;
}

/** 1, 2, 5 of each power of ten, both ends inclusive; powers alone where there would be too many. */
export function decadeTicks(min: number, max: number, maxCount: number): readonly number[] {
  const from = Math.floor(Math.log10(min));
  const to = Math.ceil(Math.log10(max));
  const of = (steps: readonly number[], stride: number): readonly number[] => {
    const ticks: number[] = [];
    for (let power = from; power <= to; power += stride) {
      for (const step of steps) {
        const value = Number(`${step}e${power}`);
        if (value >= min && value <= max) ticks.push(value);
      }
    }
    return ticks;
  };
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = of(steps, 1);
    if (ticks.length <= maxCount) return ticks;
  }
  return of([1], Math.ceil((to - from + 1) / Math.max(1, maxCount)));
}

export const axisWidth: NonNullable<uPlot.Axis['size']> = (_, values) =>
  12 + 6.6 * Math.max(0, ...(values ?? []).map((value) => value.length));
