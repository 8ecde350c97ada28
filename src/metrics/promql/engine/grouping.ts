import { type Labels, labelValue, matchingKey, metricNameLabel, pickLabels } from '#metrics/model';
import type { Aggregation } from '../parser/ast.ts';
import type { VectorSource } from './vector.ts';

/** Which group each series of a vector belongs to. */
export interface Groups {
  readonly indexes: Int32Array;
  /** Labels of each group, in order of its first series. */
  readonly labels: readonly Labels[];
}

export function groupSeries(source: VectorSource, expr: Aggregation): Groups {
  const indexes = new Int32Array(source.count);
  if (!expr.isWithout && expr.grouping.length === 0) return { indexes, labels: [[]] };
  const labels: Labels[] = [];
  const byKey = new Map<string, number>();
  const group = grouper(expr);
  for (let index = 0; index < source.count; index++) {
    const own = source.labels(index);
    const key = group.key(own);
    let at = byKey.get(key);
    if (at === undefined) {
      at = labels.length;
      byKey.set(key, at);
      labels.push(group.labels(own));
    }
    indexes[index] = at;
  }
  return { indexes, labels };
}

/** How series are told into groups. */
export function grouper(expr: Aggregation): {
  key(labels: Labels): string;
  labels(labels: Labels): Labels;
} {
  const { isWithout } = expr;
  const names = new Set(expr.grouping);
  if (isWithout) {
    names.add(metricNameLabel);
    return {
      key: (labels) => matchingKey(labels, names, false),
      labels: (labels) => pickLabels(labels, names, false),
    };
  }
  const [only] = expr.grouping;
  return {
    key: (labels) =>
      names.size === 1 ? labelValue(labels, only!) : matchingKey(labels, names, true),
    labels: (labels) => pickLabels(labels, names, true),
  };
}
