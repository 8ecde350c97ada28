import { type Labels, labelsKey, withLabel } from '#metrics/model';
import { formatHistogram } from '../histogram/text.ts';
import type { Aggregation } from '../parser/ast.ts';
import { formatFloat } from '../parser/go-text.ts';
import { grouper } from './grouping.ts';
import { floatSample, noSample, Row } from './row.ts';
import { evaluateVector, type Scope } from './scope.ts';
import { type StoredSeries, storedSeries, Vector } from './vector.ts';

/** How often each value occurs: a series for each value of each group. */
export async function countValues(expr: Aggregation, label: string, scope: Scope): Promise<Vector> {
  const { evaluation, grid } = scope;
  const source = await evaluateVector(expr.expr, scope);
  const grouping = expr.isWithout ? expr.grouping : [...expr.grouping, label];
  const group = grouper({ ...expr, grouping });
  const counts = new Map<string, { readonly labels: Labels; readonly counts: Float64Array }>();
  const row = new Row(grid.count);
  try {
    for (let index = 0; index < source.count; index++) {
      if (evaluation.isDue()) await evaluation.pause();
      if (!source.read(index, row)) continue;
      const own = source.labels(index);
      for (let step = 0; step < row.steps; step++) {
        if (row.kinds[step] === noSample) continue;
        const text =
          row.kinds[step] === floatSample
            ? formatFloat(row.values[step]!)
            : formatHistogram(row.histograms![step]!);
        const labels = group.labels(withLabel(own, label, text));
        const key = labelsKey(labels);
        let found = counts.get(key);
        if (found === undefined) {
          evaluation.hold(grid.count);
          found = { labels, counts: new Float64Array(grid.count) };
          counts.set(key, found);
        }
        found.counts[step]!++;
      }
    }
  } finally {
    source.dispose?.();
  }
  const series: StoredSeries[] = [];
  for (const found of counts.values()) {
    row.clear();
    for (let step = 0; step < row.steps; step++) {
      if (found.counts[step]! > 0) row.setFloat(step, found.counts[step]!);
    }
    series.push(storedSeries(found.labels, false, row)!);
  }
  return new Vector(series);
}
