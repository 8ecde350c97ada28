import { rangeUtil } from '@grafana/data';
import type { BucketOptions } from './heat-options.ts';
import type { Column } from './series-model.ts';

export interface HeatBucketsRequest {
  readonly xBuckets: BucketOptions;
  readonly yBuckets: BucketOptions;
  /** What the default and a number of columns are a share of. */
  readonly rangeMs: number;
  /** What is beyond them is left out. */
  readonly maxColumns: number;
  readonly maxRows: number;
  /** More are refused. */
  readonly maxCells?: number;
}

export interface HeatBuckets {
  /** Where each column begins, Unix ms, ascending. */
  readonly columnsMs: readonly number[];
  readonly columnMs: number;
  /** Between the rows, ascending: one more than rows. */
  readonly edges: readonly number[];
  /** `counts[column * rows + row]` */
  readonly counts: Float64Array;
}

interface Points {
  /** Unix ms, ascending. */
  readonly xsMs: readonly number[];
  readonly values: Column;
}

/**
 * How often values of series fall into buckets of time and value. Undefined: there is no value.
 * @throws Error how many cells there would be, where they are too many
 */
export function heatBuckets(
  series: readonly Points[],
  request: HeatBucketsRequest,
): HeatBuckets | undefined {
  const { xBuckets, yBuckets, rangeMs, maxColumns, maxRows, maxCells } = request;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { xsMs, values } of series) {
    firstMs = Math.min(firstMs, xsMs[0] ?? firstMs);
    lastMs = Math.max(lastMs, xsMs.at(-1) ?? lastMs);
    for (const value of values) {
      if (!isCounted(value, yBuckets)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return undefined;
  const edges = valueEdges(low, high, yBuckets, maxRows);
  const columnMs = Math.max(1, timeBucketMs(xBuckets, rangeMs));
  const startMs = Math.floor(firstMs / columnMs) * columnMs;
  const columnCount = Math.min(maxColumns, Math.floor((lastMs - startMs) / columnMs) + 1);
  const rowCount = edges.length - 1;
  const cellCount = columnCount * rowCount;
  if (maxCells !== undefined && cellCount > maxCells) {
    throw new Error(
      `${columnCount} x ${rowCount} buckets are too many: allowed are ${maxCells} cells`,
    );
  }
  const counts = new Float64Array(cellCount);
  for (const { xsMs, values } of series) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (!isCounted(value, yBuckets)) continue;
      const column = Math.floor(((xsMs[at] as number) - startMs) / columnMs);
      const row = Math.min(rowCount - 1, rowAt(edges, value));
      if (column < columnCount && row >= 0) {
        counts[column * rowCount + row] = (counts[column * rowCount + row] as number) + 1;
      }
    }
  }
  const columnsMs = Array.from({ length: columnCount }, (_, column) => startMs + column * columnMs);
  return { columnsMs, columnMs, edges, counts };
}

const isCounted = (value: number | null | undefined, { isLog }: BucketOptions): value is number =>
  Number.isFinite(value) && !(isLog && (value as number) <= 0);

/** The bucket that begins at or below the value. */
function rowAt(edges: readonly number[], value: number): number {
  let from = 0;
  let to = edges.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((edges[middle] as number) <= value) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

const defaultBuckets = 24;

function valueEdges(
  low: number,
  high: number,
  options: BucketOptions,
  maxRows: number,
): readonly number[] {
  if (options.isLog) {
    const base = options.logBase === 10 ? 10 : 2;
    const split = Math.max(1, options.mode === 'count' ? Number(options.value) || 1 : 1);
    const log = (value: number): number => Math.log(value) / Math.log(base);
    const from = Math.floor(log(low) * split);
    const to = Math.max(from + 1, Math.ceil(log(high) * split + 1e-9));
    return Array.from(
      { length: Math.min(maxRows, to - from) + 1 },
      (_, at) => base ** ((from + at) / split),
    );
  }
  const asked = Number(options.value);
  const size =
    options.mode === 'size' && asked > 0
      ? asked
      : roundStep((high - low) / (options.mode === 'count' && asked > 0 ? asked : defaultBuckets));
  const from = Math.floor(low / size);
  const count = Math.min(maxRows, Math.max(1, Math.ceil(high / size + 1e-9) - from));
  return Array.from({ length: count + 1 }, (_, at) => Number(((from + at) * size).toPrecision(12)));
}

/** 1, 2, 2.5 or 5 of a power of ten, not below the value. */
function roundStep(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function timeBucketMs({ mode, value }: BucketOptions, rangeMs: number): number {
  if (value !== '' && mode === 'count') return rangeMs / Math.max(1, Number(value) || 1);
  if (value !== '') {
    const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) : durationMs(value);
    if (ms > 0) return ms;
  }
  return rangeUtil.roundInterval(rangeMs / 60);
}

function durationMs(text: string): number {
  try {
    return rangeUtil.intervalToMs(text);
  } catch {
    return 0;
  }
}
