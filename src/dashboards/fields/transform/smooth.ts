/**
 * Automatic smoothing as in "ASAP: Prioritizing Attention via Time Series Smoothing" (Rong and Bailis, VLDB 2017):
 * of the moving averages that keep the outliers (their kurtosis is not below that of the series) the one that jumps
 * least (least deviation of its steps). Series are short here once averaged to `points`, so every window is tried.
 */

/** Of the averaged points: a longer window leaves nothing but the mean. */
const maxWindowShare = 0.1;

interface Line {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/**
 * Values at the same moments, between as many averages as `points`.
 * @param xs rising
 * @returns undefined: there is no number
 */
export function smoothed(
  xs: readonly number[],
  values: readonly unknown[],
  points: number,
): readonly number[] | undefined {
  const given: { readonly x: number; readonly y: number }[] = [];
  for (const [at, value] of values.entries()) {
    const x = xs[at];
    if (x !== undefined && typeof value === 'number' && Number.isFinite(value)) {
      given.push({ x, y: value });
    }
  }
  if (given.length === 0) return undefined;
  const averaged = averagedLine(
    { xs: given.map(({ x }) => x), ys: given.map(({ y }) => y) },
    Math.max(1, Math.floor(given.length / points)),
  );
  const window = bestWindow(averaged.ys);
  const line = { xs: averaged.xs, ys: movingAverage(averaged.ys, window) };
  let segment = 0;
  return xs.map((x) => {
    while (segment < line.xs.length - 2 && (line.xs[segment + 1] as number) < x) segment++;
    return valueAt(line, segment, x);
  });
}

/** One point for each `size` of them, at their middle. */
function averagedLine({ xs, ys }: Line, size: number): Line {
  if (size === 1) return { xs, ys };
  const starts = Array.from({ length: Math.ceil(xs.length / size) }, (_, at) => at * size);
  return {
    xs: starts.map((from) => mean(xs.slice(from, from + size))),
    ys: starts.map((from) => mean(ys.slice(from, from + size))),
  };
}

/** Before the first and after the last point their value holds. */
function valueAt({ xs, ys }: Line, segment: number, x: number): number {
  const [fromX, toX] = [xs[segment] as number, xs[segment + 1]];
  const [fromY, toY] = [ys[segment] as number, ys[segment + 1]];
  if (toX === undefined || toY === undefined || toX === fromX) return fromY;
  const share = Math.min(1, Math.max(0, (x - fromX) / (toX - fromX)));
  return fromY + share * (toY - fromY);
}

function bestWindow(ys: readonly number[]): number {
  const kept = kurtosis(ys);
  let best = 1;
  let least = roughness(ys);
  for (let window = 2; window <= ys.length * maxWindowShare; window++) {
    const tried = wholeWindows(ys, window);
    const rough = roughness(tried);
    if (rough < least && kurtosis(tried) >= kept) [best, least] = [window, rough];
  }
  return best;
}

/** Averages of all windows that lie within the series. */
function wholeWindows(ys: readonly number[], window: number): readonly number[] {
  const sums = runningSums(ys);
  return Array.from(
    { length: ys.length - window + 1 },
    (_, at) => ((sums[at + window] as number) - (sums[at] as number)) / window,
  );
}

/** As many points as before: windows end where the series does. */
function movingAverage(ys: readonly number[], window: number): readonly number[] {
  if (window === 1) return ys;
  const sums = runningSums(ys);
  return ys.map((_, at) => {
    const from = Math.max(0, at - Math.floor((window - 1) / 2));
    const to = Math.min(ys.length, at + Math.floor(window / 2) + 1);
    return ((sums[to] as number) - (sums[from] as number)) / (to - from);
  });
}

function runningSums(ys: readonly number[]): Float64Array {
  const sums = new Float64Array(ys.length + 1);
  for (const [at, y] of ys.entries()) sums[at + 1] = (sums[at] as number) + y;
  return sums;
}

const mean = (ys: readonly number[]): number => ys.reduce((sum, y) => sum + y, 0) / ys.length;

/** Standard deviation of the steps from one point to the next. */
function roughness(ys: readonly number[]): number {
  const steps = ys.slice(1).map((y, at) => y - (ys[at] as number));
  return steps.length === 0 ? 0 : Math.sqrt(moment(steps, 2));
}

/** 0 where all values are equal. */
function kurtosis(ys: readonly number[]): number {
  const variance = moment(ys, 2);
  return variance === 0 ? 0 : moment(ys, 4) / variance ** 2;
}

function moment(ys: readonly number[], power: 2 | 4): number {
  const middle = mean(ys);
  return mean(ys.map((y) => (y - middle) ** power));
}
