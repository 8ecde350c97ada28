import type { FloatKernel } from './kernel.ts';
import { integerScratch } from './scratch.ts';
import { isResetByStart } from './start-times.ts';

export const countOverTime: FloatKernel = ({ low, high }, row) => {
  for (let step = 0; step < row.steps; step++) {
    const count = high[step]! - low[step]!;
    if (count > 0) row.setFloat(step, count);
  }
};

export const presentOverTime: FloatKernel = ({ low, high }, row) => {
  for (let step = 0; step < row.steps; step++) {
    if (high[step]! > low[step]!) row.setFloat(step, 1);
  }
};

export const firstOverTime: FloatKernel = ({ low, high, values }, row) => {
  for (let step = 0; step < row.steps; step++) {
    if (high[step]! > low[step]!) row.setFloat(step, values[low[step]!]!);
  }
};

export const lastOverTime: FloatKernel = ({ low, high, values }, row) => {
  for (let step = 0; step < row.steps; step++) {
    if (high[step]! > low[step]!) row.setFloat(step, values[high[step]! - 1]!);
  }
};

export const timeOfFirst: FloatKernel = ({ low, high, timesMs }, row) => {
  for (let step = 0; step < row.steps; step++) {
    if (high[step]! > low[step]!) row.setFloat(step, timesMs[low[step]!]! / 1000);
  }
};

export const timeOfLast: FloatKernel = ({ low, high, timesMs }, row) => {
  for (let step = 0; step < row.steps; step++) {
    if (high[step]! > low[step]!) row.setFloat(step, timesMs[high[step]! - 1]! / 1000);
  }
};

/** A value is another one, or a number comes or goes where there is none. */
export const isChange = (before: number, after: number): boolean =>
  before !== after && !(Number.isNaN(before) && Number.isNaN(after));

/** Counts pairs of neighbours; sums up to each sample make each window one subtraction. */
function countPairs(
  isCounted: (
    values: Float64Array,
    at: number,
    timesMs: Float64Array,
    starts: Float64Array | undefined,
  ) => boolean,
): FloatKernel {
  return ({ low, high, values, timesMs, startTimesMs, count }, row) => {
    const counted = integerScratch(count);
    counted[0] = 0;
    for (let at = 1; at < count; at++) {
      counted[at] = counted[at - 1]! + (isCounted(values, at, timesMs, startTimesMs) ? 1 : 0);
    }
    for (let step = 0; step < row.steps; step++) {
      const first = low[step]!;
      const last = high[step]! - 1;
      if (last >= first) row.setFloat(step, counted[last]! - counted[first]!);
    }
  };
}

export const changes: FloatKernel = countPairs((values, at) =>
  isChange(values[at - 1]!, values[at]!),
);

export const resets: FloatKernel = countPairs(
  (values, at, timesMs, starts) =>
    values[at]! < values[at - 1]! ||
    (starts !== undefined &&
      isResetByStart({
        previousStartMs: starts[at - 1]!,
        previousMs: timesMs[at - 1]!,
        startMs: starts[at]!,
        timeMs: timesMs[at]!,
      })),
);
