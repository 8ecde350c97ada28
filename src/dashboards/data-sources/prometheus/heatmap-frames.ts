import { labelsToRecord, labelValue, pickLabels } from '#metrics/model';
import type { Frame } from '../contract.ts';
import type { PrometheusSeries } from './answer.ts';

type Meta = Readonly<Record<string, unknown>>;

/** Rounding of counters leaves differences of this size where nothing was counted. */
const leastCount = 1e-9;
const boundLabel: ReadonlySet<string> = new Set(['le']);

/**
 * Buckets over time: of classic histograms a column a bucket, with the counts of the buckets below it
 * taken away; of native ones their cells. Undefined: there are no buckets.
 */
export function heatmapFrames(
  series: readonly PrometheusSeries[],
  meta: Meta,
): readonly Frame[] | undefined {
  const groups = new Map<string, PrometheusSeries[]>();
  for (const one of series) {
    if (labelValue(one.labels, 'le') === '' || one.timesMs.length === 0) continue;
    const key = JSON.stringify(pickLabels(one.labels, boundLabel, false));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const frames = [
    ...[...groups.values()].map((group) => bucketFrame(group, meta)),
    ...cellFrames(series, meta),
  ];
  return frames.length === 0 ? undefined : frames;
}

const boundOf = ({ labels }: PrometheusSeries): number => {
  const text = labelValue(labels, 'le');
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
};

function bucketFrame(group: PrometheusSeries[], meta: Meta): Frame {
  const sorted = group.toSorted((a, b) => {
    const [left, right] = [boundOf(a), boundOf(b)];
    return left === right ? 0 : left - right;
  });
  const timesMs = Float64Array.from(
    new Set(sorted.flatMap((one) => Array.from(one.timesMs))),
  ).sort();
  const rowOf = new Map(Array.from(timesMs, (timeMs, row) => [timeMs, row]));
  const below = new Float64Array(timesMs.length);
  const labels = labelsToRecord(pickLabels(sorted[0]!.labels, boundLabel, false));
  const fields = sorted.map((one) => {
    const counts = new Array<number | null>(timesMs.length).fill(null);
    for (let at = 0; at < one.timesMs.length; at++) {
      const row = rowOf.get(one.timesMs[at]!)!;
      const value = one.values[at]!;
      const own = value - below[row]!;
      counts[row] = own < leastCount ? 0 : own;
      below[row] = value;
    }
    return {
      name: labelValue(one.labels, 'le'),
      type: 'number' as const,
      labels,
      values: counts,
    };
  });
  return {
    meta: { ...meta, type: 'heatmap-rows' },
    fields: [{ name: 'Time', type: 'time', values: timesMs }, ...fields],
  };
}

/** Native histograms: a row a bucket. */
export function cellFrames(series: readonly PrometheusSeries[], meta: Meta): readonly Frame[] {
  return series
    .filter(({ histograms }) => histograms !== undefined && histograms.length > 0)
    .map(({ labels, histograms }) => {
      const times: number[] = [];
      const lowers: number[] = [];
      const uppers: number[] = [];
      const counts: number[] = [];
      for (const { timeMs, cells } of histograms ?? []) {
        for (const { lower, upper, count } of cells) {
          times.push(timeMs);
          lowers.push(lower);
          uppers.push(upper);
          counts.push(count);
        }
      }
      const record = labelsToRecord(labels);
      return {
        meta: { ...meta, type: 'heatmap-cells' },
        fields: [
          { name: 'xMax', type: 'time', values: times },
          { name: 'yMin', type: 'number', values: lowers },
          { name: 'yMax', type: 'number', values: uppers },
          { name: 'count', type: 'number', labels: record, values: counts },
        ],
      };
    });
}
