import type { FloatHistogram } from '#metrics/model';
import type { CounterKind } from './counters.ts';
import { boundValues, type Extension, extendedBounds } from './extended-bounds.ts';
import { extendedHistograms } from './extended-histograms.ts';
import { countChanges, countResets, type MixedSample, mixedSamples } from './histogram-steps.ts';
import type { FloatKernel, HistogramStep, RangeFunction } from './kernel.ts';
import { warnOfMix } from './notes.ts';

function extendedFloats(extension: Extension, { isCounter, isRate }: CounterKind): FloatKernel {
  return (windows, row) => {
    const { low, high, timesMs, values } = windows;
    for (let step = 0; step < row.steps; step++) {
      const from = low[step]!;
      const bounds = extendedBounds(timesMs, from, high[step]!, windows, step, extension);
      if (bounds === undefined) continue;
      const { left, right } = boundValues(windows, step, bounds, from, extension, isCounter);
      let change = right - left;
      if (isCounter) {
        const first = bounds.first + (timesMs[bounds.first]! <= windows.startMs(step) ? 1 : 0);
        const last = bounds.last - (timesMs[bounds.last]! >= windows.endMs(step) ? 1 : 0);
        let previous = left;
        for (let at = first; at <= last; at++) {
          if (values[at]! < previous) change += previous;
          previous = values[at]!;
        }
        if (right < previous) change += previous;
      }
      row.setFloat(step, isRate ? change / (windows.windows.rangeMs / 1000) : change);
    }
  };
}

/** `changes` and `resets` from the anchor on. */
function anchoredCount(count: (samples: readonly MixedSample[]) => number): RangeFunction {
  const atStep: HistogramStep = (windows, step, row) => {
    row.remove(step);
    const samples = mixedSamples(windows, step);
    const startMs = windows.startMs(step);
    const after = samples.findIndex(({ timeMs }) => timeMs > startMs);
    if (after < 0) return;
    row.setFloat(step, count(samples.slice(Math.max(0, after - 1))));
  };
  return {
    floats: (windows, row, call) => {
      for (let step = 0; step < row.steps; step++) atStep(windows, step, row, call);
    },
    histograms: atStep,
  };
}

function extendedRate(extension: Extension, kind: CounterKind): RangeFunction {
  const histograms = extendedHistograms(extension, kind);
  return {
    floats: extendedFloats(extension, kind),
    histograms: (windows, step, row, call) => {
      row.remove(step);
      if (windows.high[step]! > windows.low[step]!) return warnOfMix(call);
      const change: FloatHistogram | undefined = histograms(windows, step, call);
      if (change !== undefined) row.setHistogram(step, change);
    },
  };
}

const rates = (extension: Extension): [name: string, fn: RangeFunction][] => [
  ['rate', extendedRate(extension, { isCounter: true, isRate: true })],
  ['increase', extendedRate(extension, { isCounter: true, isRate: false })],
  ['delta', extendedRate(extension, { isCounter: false, isRate: false })],
];

/** The functions that know extended ranges. */
export const extendedFunctions: Readonly<Record<Extension, ReadonlyMap<string, RangeFunction>>> = {
  anchored: new Map([
    ...rates('anchored'),
    ['changes', anchoredCount(countChanges)],
    ['resets', anchoredCount(countResets)],
  ]),
  smoothed: new Map(rates('smoothed')),
};
