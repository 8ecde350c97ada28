import * as counters from './counters.ts';
import { extendedFunctions } from './extended.ts';
import type { Extension } from './extended-bounds.ts';
import { extrapolatedHistograms, instantHistogramChange } from './histogram-rate.ts';
import * as mixed from './histogram-steps.ts';
import type { FloatKernel, HistogramStep, RangeFunction } from './kernel.ts';
import * as order from './order.ts';
import * as steps from './steps.ts';
import * as sums from './sums.ts';
import * as trend from './trend.ts';

const pair = (floats: FloatKernel, histograms: HistogramStep): RangeFunction => ({
  floats,
  histograms,
});

function counter(isCounter: boolean, isRate: boolean): RangeFunction {
  const kind = { isCounter, isRate };
  return {
    floats: counters.extrapolated(kind),
    histograms: extrapolatedHistograms(kind),
    usesStartTimes: isCounter,
  };
}

const plain: Readonly<Record<string, RangeFunction>> = {
  rate: counter(true, true),
  increase: counter(true, false),
  delta: counter(false, false),
  irate: {
    ...pair(counters.instantChange(true), instantHistogramChange(true)),
    usesStartTimes: true,
  },
  idelta: pair(counters.instantChange(false), instantHistogramChange(false)),
  resets: { ...pair(steps.resets, mixed.resetsOfAll), usesStartTimes: true },
  changes: pair(steps.changes, mixed.changesOfAll),
  count_over_time: pair(steps.countOverTime, mixed.countAll),
  present_over_time: pair(steps.presentOverTime, mixed.presentAll),
  absent_over_time: pair(steps.presentOverTime, mixed.presentAll),
  first_over_time: { ...pair(steps.firstOverTime, mixed.firstOfAll), keepsName: true },
  last_over_time: { ...pair(steps.lastOverTime, mixed.lastOfAll), keepsName: true },
  ts_of_first_over_time: pair(steps.timeOfFirst, mixed.timeOfFirstAll),
  ts_of_last_over_time: pair(steps.timeOfLast, mixed.timeOfLastAll),
  sum_over_time: pair(sums.sumOverTime, mixed.sumAll),
  avg_over_time: pair(sums.avgOverTime, mixed.averageAll),
  stddev_over_time: pair(sums.stddevOverTime, mixed.ignored),
  stdvar_over_time: pair(sums.stdvarOverTime, mixed.ignored),
  min_over_time: pair(order.minOverTime, mixed.ignored),
  max_over_time: pair(order.maxOverTime, mixed.ignored),
  ts_of_min_over_time: pair(order.timeOfMin, mixed.ignored),
  ts_of_max_over_time: pair(order.timeOfMax, mixed.ignored),
  quantile_over_time: pair(order.quantileOverTime, mixed.ignored),
  mad_over_time: pair(order.madOverTime, mixed.ignored),
  deriv: pair(trend.deriv, mixed.ignored),
  predict_linear: pair(trend.predictLinear, mixed.ignored),
  double_exponential_smoothing: pair(trend.doubleExponentialSmoothing, mixed.ignored),
};

/** Functions over ranges, by name and by how their range is extended. */
export function rangeFunction(
  name: string,
  extension: Extension | undefined,
): RangeFunction | undefined {
  if (extension !== undefined) return extendedFunctions[extension].get(name);
  return Object.hasOwn(plain, name) ? plain[name] : undefined;
}

/** The functions that take an extended range, for the text of errors. */
export const extendedFunctionNames = (extension: Extension): readonly string[] =>
  [...extendedFunctions[extension].keys()].sort();

export type { Extension } from './extended-bounds.ts';
export { applyRange, type RangeCall, type RangeFunction } from './kernel.ts';
