import {
  compareLabels,
  type FloatHistogram,
  type LabelMatcher,
  type LabelQuery,
  type Labels,
  labelsKey,
  labelValue,
  type Queryable,
  type SampleColumns,
  type SelectRequest,
  type SeriesSelection,
} from '#metrics/model';
import { equalBounds } from '../histogram/buckets.ts';
import { isReset } from '../histogram/resets.ts';
import { withHint } from '../histogram/scale.ts';

/** One sample; a histogram goes before the value. */
export interface MemorySample {
  readonly timeMs: number;
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
  /** 0 or undefined: unknown. */
  readonly startMs?: number | undefined;
}

interface MemorySeries {
  readonly labels: Labels;
  readonly samples: MemorySample[];
}

/** Series in plain objects, for tests of the engine alone. Not fast. */
export class MemoryQueryable implements Queryable {
  readonly #series = new Map<string, MemorySeries>();

  /** Samples in order of time; a sample at a time that is there replaces it. */
  append(labels: Labels, samples: readonly MemorySample[]): void {
    const key = labelsKey(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, samples: [] };
      this.#series.set(key, series);
    }
    const times = new Set(samples.map(({ timeMs }) => timeMs));
    const kept = series.samples.filter(({ timeMs }) => !times.has(timeMs));
    series.samples.splice(0, series.samples.length, ...kept, ...samples);
    series.samples.sort((a, b) => a.timeMs - b.timeMs);
    series.samples.splice(0, series.samples.length, ...withStoredHints(series.samples));
  }

  clear(): void {
    this.#series.clear();
  }

  async select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    signal.throwIfAborted();
    const found = this.#matching([request.matchers]).map(({ labels, samples }) => ({
      labels,
      samples: samples.filter(({ timeMs }) => timeMs >= request.fromMs && timeMs <= request.toMs),
    }));
    return {
      count: found.length,
      maxSamples: found.reduce((sum, { samples }) => sum + samples.length, 0),
      labels: (index) => found[index]!.labels,
      read: (index, into) => fill(into, found[index]!.samples),
      [Symbol.dispose]: () => {},
    };
  }

  #matching(sets: readonly (readonly LabelMatcher[])[]): MemorySeries[] {
    return [...this.#series.values()]
      .filter(
        ({ labels }) =>
          sets.length === 0 ||
          sets.some((set) =>
            set.every((matcher) => matcher.matches(labelValue(labels, matcher.name))),
          ),
      )
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async labelNames({ matcherSets }: LabelQuery): Promise<readonly string[]> {
    const names = this.#matching(matcherSets).flatMap(({ labels }) =>
      labels.filter((_, at) => at % 2 === 0),
    );
    return [...new Set(names)].sort();
  }

  async labelValues(name: string, { matcherSets }: LabelQuery): Promise<readonly string[]> {
    const values = this.#matching(matcherSets).map(({ labels }) => labelValue(labels, name));
    return [...new Set(values)].filter((value) => value !== '').sort();
  }

  async series({ matcherSets }: LabelQuery): Promise<readonly Labels[]> {
    return this.#matching(matcherSets).map(({ labels }) => labels);
  }
}

/**
 * Counter reset hints as a store of the reference gives them back: known to be no reset only within a
 * run of histograms of one layout.
 */
export function withStoredHints(samples: readonly MemorySample[]): MemorySample[] {
  return samples.map((sample, at) => {
    const { histogram } = sample;
    if (histogram === undefined || histogram.counterResetHint === 'gauge') return sample;
    const previous = samples[at - 1]?.histogram;
    const isRun =
      previous !== undefined &&
      previous.counterResetHint !== 'gauge' &&
      previous.schema === histogram.schema &&
      previous.zeroThreshold === histogram.zeroThreshold &&
      equalBounds(previous.customValues, histogram.customValues) &&
      !isReset(histogram, previous);
    return { ...sample, histogram: withHint(histogram, isRun ? 'notReset' : 'unknown') };
  });
}

function fill(into: SampleColumns, samples: readonly MemorySample[]): void {
  into.clear();
  into.reserve(samples.length);
  const hasStarts = samples.some(({ startMs = 0 }) => startMs !== 0);
  if (hasStarts) into.startTimesMs = new Float64Array(into.timesMs.length);
  for (const [at, { timeMs, value, histogram, startMs = 0 }] of samples.entries()) {
    into.timesMs[at] = timeMs;
    into.values[at] = value;
    if (into.startTimesMs !== undefined) into.startTimesMs[at] = startMs;
    if (histogram === undefined) continue;
    into.histograms ??= [];
    into.histograms[at] = histogram;
  }
  into.count = samples.length;
}
