import {
  customBucketsSchema,
  type FloatHistogram,
  type Labels,
  labelsKey,
  labelValue,
  metricNameLabel,
  withLabel,
} from '#metrics/model';
import { parseBound } from '../functions/vector/classic.ts';
import { toSpans } from '../histogram/buckets.ts';
import type { MemorySample } from './memory-queryable.ts';
import type { LoadCommand } from './script.ts';

interface Collected {
  readonly labels: Labels;
  readonly byTime: Map<
    number,
    { readonly buckets: Map<number, number>; count?: number; sum?: number }
  >;
}

/** Classic histograms of a load command as native ones with custom buckets. */
export function customBucketSeries(
  command: LoadCommand,
): { readonly labels: Labels; readonly samples: MemorySample[] }[] {
  const collected = new Map<string, Collected>();
  for (const { labels, values } of command.series) {
    const name = labelValue(labels, metricNameLabel);
    const [, base, suffix] = /^(.*)_(bucket|count|sum)$/.exec(name) ?? [];
    if (base === undefined) continue;
    const bound = parseBound(labelValue(labels, 'le'));
    if (suffix === 'bucket' && (bound === undefined || Number.isNaN(bound))) continue;
    const own = withLabel(withLabel(labels, metricNameLabel, base), 'le', '');
    const key = labelsKey(own);
    const entry = collected.get(key) ?? { labels: own, byTime: new Map() };
    collected.set(key, entry);
    for (const [index, value] of values.entries()) {
      if (value.kind !== 'float') continue;
      const timeMs = index * command.stepMs;
      const parts = entry.byTime.get(timeMs) ?? { buckets: new Map<number, number>() };
      entry.byTime.set(timeMs, parts);
      if (suffix === 'bucket') parts.buckets.set(bound!, value.value);
      else if (suffix === 'count') parts.count = value.value;
      else parts.sum = value.value;
    }
  }
  return [...collected.values()].map(({ labels, byTime }) => ({
    labels,
    samples: [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([timeMs, parts]) => ({ timeMs, value: 0, histogram: customHistogram(parts) })),
  }));
}

function customHistogram({
  buckets,
  count,
  sum = 0,
}: {
  readonly buckets: ReadonlyMap<number, number>;
  readonly count?: number;
  readonly sum?: number;
}): FloatHistogram {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const infinite = buckets.get(Number.POSITIVE_INFINITY);
  const total = count ?? infinite ?? sorted.at(-1)?.[1] ?? 0;
  if (infinite === undefined) sorted.push([Number.POSITIVE_INFINITY, total]);
  let previous = 0;
  const counts = sorted.map(([, cumulative], index): [number, number] => {
    const own = cumulative - previous;
    previous = cumulative;
    return [index, own];
  });
  const { spans, counts: positiveBuckets } = toSpans(counts);
  return {
    schema: customBucketsSchema,
    zeroThreshold: 0,
    zeroCount: 0,
    count: total,
    sum,
    positiveSpans: spans,
    positiveBuckets,
    negativeSpans: [],
    negativeBuckets: [],
    customValues: sorted.slice(0, -1).map(([bound]) => bound),
    counterResetHint: 'unknown',
  };
}
