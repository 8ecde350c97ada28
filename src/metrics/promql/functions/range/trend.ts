import { timeAt } from '../../engine/grid.ts';
import type { SeriesWindows } from '../../engine/series-windows.ts';
import { executionError } from '../../errors.ts';
import type { FloatKernel } from './kernel.ts';

interface Line {
  /** Per second. */
  slope: number;
  /** Where the line is at the time asked for. */
  intercept: number;
}

/** The line of least squares through the samples from `from` to before `to`, at a time. */
function regression(
  { timesMs, values }: SeriesWindows,
  from: number,
  to: number,
  atMs: number,
  line: Line,
): void {
  const count = to - from;
  // Relative to the first sample, so that sums stay small and lose nothing.
  const baseMs = timesMs[from]!;
  const base = values[from]!;
  let sumX = 0;
  let sumY = 0;
  let sumXY = 0;
  let sumXX = 0;
  let isConstant = true;
  for (let at = from; at < to; at++) {
    const x = (timesMs[at]! - baseMs) / 1000;
    if (values[at]! !== base) isConstant = false;
    const y = values[at]! - base;
    sumX += x;
    sumY += y;
    sumXY += x * y;
    sumXX += x * x;
  }
  if (isConstant) {
    const isNumber = Number.isFinite(base);
    line.slope = isNumber ? 0 : Number.NaN;
    line.intercept = isNumber ? base : Number.NaN;
    return;
  }
  line.slope = (sumXY - (sumX * sumY) / count) / (sumXX - (sumX * sumX) / count);
  const meanX = sumX / count;
  line.intercept = base + sumY / count + line.slope * ((atMs - baseMs) / 1000 - meanX);
}

export const deriv: FloatKernel = (windows, row) => {
  const line = { slope: 0, intercept: 0 };
  for (let step = 0; step < row.steps; step++) {
    const from = windows.low[step]!;
    const to = windows.high[step]!;
    if (to - from < 2) continue;
    regression(windows, from, to, windows.timesMs[from]!, line);
    row.setFloat(step, line.slope);
  }
};

export const predictLinear: FloatKernel = (windows, row, { params, grid }) => {
  const line = { slope: 0, intercept: 0 };
  for (let step = 0; step < row.steps; step++) {
    const from = windows.low[step]!;
    const to = windows.high[step]!;
    if (to - from < 2) continue;
    regression(windows, from, to, timeAt(grid, step), line);
    row.setFloat(step, line.slope * params[0]![step]! + line.intercept);
  }
};

export const doubleExponentialSmoothing: FloatKernel = ({ low, high, values }, row, { params }) => {
  for (let step = 0; step < row.steps; step++) {
    const from = low[step]!;
    const to = high[step]!;
    if (to <= from) continue;
    const smoothing = params[0]![step]!;
    const trendFactor = params[1]![step]!;
    mustBeFactor('smoothing', smoothing);
    mustBeFactor('trend', trendFactor);
    if (to - from < 2) continue;
    let smoothed = values[from]!;
    let before = 0;
    let trend = values[from + 1]! - values[from]!;
    for (let at = from + 1; at < to; at++) {
      if (at > from + 1) {
        trend = trendFactor * (smoothed - before) + (1 - trendFactor) * trend;
      }
      before = smoothed;
      smoothed = smoothing * values[at]! + (1 - smoothing) * (smoothed + trend);
    }
    row.setFloat(step, smoothed);
  }
};

function mustBeFactor(kind: string, factor: number): void {
  if (factor <= 0 || factor >= 1) {
    throw executionError(
      `invalid ${kind} factor. Expected: 0 < ${kind[0]}f < 1, got: ${factor.toFixed(6)}`,
    );
  }
}
