/** Names and values of one dimension set. */
export type Labels = Readonly<Record<string, string>>;

/** A point: null is "nothing known", which is not the same as NaN. */
export type Point = number | null;

/** One number for a set of labels. */
export interface NumberValue {
  readonly kind: 'number';
  readonly labels: Labels;
  readonly value: Point;
}

/** Points over time, oldest first. Times are Unix ms. */
export interface SeriesValue {
  readonly kind: 'series';
  readonly labels: Labels;
  readonly timesMs: readonly number[];
  readonly values: readonly Point[];
}

/** A constant: it has no labels and goes with anything. */
export interface ScalarValue {
  readonly kind: 'scalar';
  readonly value: Point;
}

/** The query was answered, and the answer is empty. */
export interface NoDataValue {
  readonly kind: 'noData';
}

export type Value = NumberValue | SeriesValue | ScalarValue | NoDataValue;

/** What one query or expression gives. Empty is the same as one `noData`. */
export type Values = readonly Value[];

export const noData: NoDataValue = { kind: 'noData' };

export const isNoData = (values: Values): boolean => values.every(({ kind }) => kind === 'noData');

export const labelsOf = (value: Value): Labels =>
  value.kind === 'number' || value.kind === 'series' ? value.labels : {};

/** Equal for equal label sets. */
export const labelsKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** The same value with each point changed. */
export function mapPoints(value: Value, change: (point: Point) => Point): Value {
  switch (value.kind) {
    case 'number':
    case 'scalar':
      return { ...value, value: change(value.value) };
    case 'series':
      return { ...value, values: value.values.map(change) };
    case 'noData':
      return value;
  }
}
