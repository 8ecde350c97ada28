import { type DataFrame, type Field, type GrafanaTheme2, rangeUtil } from '@grafana/data';
import { isExemplars } from '../frames.ts';
import type { BucketOptions, HeatOptions } from './heat-options.ts';
import { type Column, seriesModel } from './series-model.ts';

/** Counts by moment and bucket; buckets are rows from below. */
export interface HeatGrid {
  /** Where each column begins, Unix ms, ascending. */
  readonly columnsMs: readonly number[];
  readonly columnMs: number;
  readonly rows: readonly HeatRow[];
  /** `counts[column * rows.length + row]`; NaN: nothing there. */
  readonly counts: Float64Array;
  readonly min: number;
  readonly max: number;
}

export interface HeatRow {
  readonly name: string;
  /** Bounds, where the row's name or calculation gives them. */
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

/** More cells than pixels show nothing more. */
const maxRows = 400;
const maxColumns = 4000;

export function heatGrid(
  frames: readonly DataFrame[],
  options: HeatOptions,
  theme: GrafanaTheme2,
  rangeMs: number,
): HeatGrid | undefined {
  const plain = frames.filter((frame) => !isExemplars(frame) && frame.length > 0);
  if (options.calculates) return calculatedGrid(plain, options, theme, rangeMs);
  const cells = plain.find((frame) => frame.meta?.type === 'heatmap-cells');
  return cells === undefined ? rowsGrid(plain, options, theme) : cellsGrid(cells, options);
}

/** Each numeric column is a bucket, named after its bound. */
function rowsGrid(
  frames: readonly DataFrame[],
  options: HeatOptions,
  theme: GrafanaTheme2,
): HeatGrid | undefined {
  const model = seriesModel(frames, theme);
  if (!model.isTime || model.series.length === 0) return undefined;
  const series = summed(
    model.series.slice(0, maxRows).map((one) => ({
      name: bucketName(one.name, one.field),
      values: one.values,
    })),
  );
  const bounds = series.map(({ name }) => boundOf(name));
  const isNumeric = bounds.every((bound) => bound !== undefined);
  const order = series.map((_, at) => at);
  if (isNumeric) order.sort((a, b) => (bounds[a] as number) - (bounds[b] as number));
  const isUpper = options.layout !== 'ge';
  const rows = order.map((at, place): HeatRow => {
    const name = series[at]?.name ?? '';
    if (!isNumeric || options.layout === 'unknown') {
      return { name, lower: undefined, upper: undefined };
    }
    const bound = bounds[at] as number;
    const before = bounds[order[place - 1] as number];
    const after = bounds[order[place + 1] as number];
    return isUpper
      ? { name, lower: before, upper: bound }
      : { name, lower: bound, upper: after ?? Number.POSITIVE_INFINITY };
  });
  const columnsMs = model.xs.map((seconds) => Math.round(seconds * 1000));
  const counts = new Float64Array(columnsMs.length * rows.length).fill(Number.NaN);
  for (const [row, at] of order.entries()) {
    const values = series[at]?.values ?? [];
    for (let column = 0; column < columnsMs.length; column++) {
      const value = values[column];
      if (value != null) counts[column * rows.length + row] = value;
    }
  }
  const columnMs = leastStep(columnsMs);
  // A sample of Prometheus tells of the time before it: with `le` cells end at their moment.
  const starts = isUpper && isNumeric ? columnsMs.map((ms) => ms - columnMs) : columnsMs;
  return { columnsMs: starts, columnMs, rows, counts, ...bounded(counts, options) };
}

/** `{le="0.5"}` is a bucket, and so is a column of the name of its bound. */
function bucketName(name: string, field: Field): string {
  return field.labels?.['le'] ?? (boundOf(field.name) === undefined ? name : field.name);
}

interface NamedValues {
  readonly name: string;
  readonly values: Column;
}

/** The same bucket of several histograms is one row. */
function summed(series: readonly NamedValues[]): readonly NamedValues[] {
  const byName = new Map<string, NamedValues>();
  for (const one of series) {
    const known = byName.get(one.name);
    const values = known?.values.map((value, at) => {
      const other = one.values[at];
      return value == null ? other : value + (other ?? 0);
    });
    byName.set(one.name, values === undefined ? one : { name: one.name, values });
  }
  return [...byName.values()];
}

/** Native histograms: a row of the frame is a bucket of a moment. */
function cellsGrid(frame: DataFrame, options: HeatOptions): HeatGrid | undefined {
  const valuesOf = (name: string): readonly number[] =>
    (frame.fields.find((field) => field.name === name)?.values ?? []) as number[];
  const times = valuesOf('xMax');
  const [lowers, uppers, counts] = [valuesOf('yMin'), valuesOf('yMax'), valuesOf('count')];
  const moments = [...new Set(times)].sort((a, b) => a - b).slice(0, maxColumns);
  // Buckets come and go with the resolution: a row for each that occurs.
  const edges = new Map<string, HeatRow>();
  for (let at = 0; at < lowers.length; at++) {
    const [lower, upper] = [lowers[at] as number, uppers[at] as number];
    edges.set(`${lower} ${upper}`, { name: String(upper), lower, upper });
  }
  const rows = [...edges.values()]
    .sort((a, b) => (a.lower ?? 0) - (b.lower ?? 0) || (a.upper ?? 0) - (b.upper ?? 0))
    .slice(0, maxRows);
  if (rows.length === 0) return undefined;
  const rowAtEdges = new Map(rows.map(({ lower, upper }, row) => [`${lower} ${upper}`, row]));
  const columnOf = new Map(moments.map((ms, column) => [ms, column]));
  const filled = new Float64Array(moments.length * rows.length).fill(Number.NaN);
  for (let at = 0; at < times.length; at++) {
    const column = columnOf.get(times[at] as number);
    const row = rowAtEdges.get(`${lowers[at]} ${uppers[at]}`);
    if (column === undefined || row === undefined) continue;
    filled[column * rows.length + row] = counts[at] as number;
  }
  const columnMs = leastStep(moments);
  const columnsMs = moments.map((ms) => ms - columnMs);
  return { columnsMs, columnMs, rows, counts: filled, ...bounded(filled, options) };
}

/** `0.5`, `+Inf`, `1e3`; undefined: the name is no number. */
function boundOf(name: string): number | undefined {
  const text = name.trim();
  if (/^\+?inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/** How often values of series fall into buckets of time and value. */
function calculatedGrid(
  frames: readonly DataFrame[],
  options: HeatOptions,
  theme: GrafanaTheme2,
  rangeMs: number,
): HeatGrid | undefined {
  const model = seriesModel(frames, theme);
  const { xs } = model;
  const [firstS] = xs;
  const lastS = xs.at(-1);
  if (!model.isTime || firstS === undefined || lastS === undefined) return undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of model.series) {
    for (const value of values) {
      if (value == null || (options.yBuckets.isLog && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return undefined;
  const edges = valueEdges(low, high, options.yBuckets);
  const columnMs = Math.max(1, timeBucketMs(options.xBuckets, rangeMs));
  const startMs = Math.floor((firstS * 1000) / columnMs) * columnMs;
  const columnCount = Math.min(maxColumns, Math.floor((lastS * 1000 - startMs) / columnMs) + 1);
  const rowCount = edges.length - 1;
  const counts = new Float64Array(columnCount * rowCount);
  for (const { values } of model.series) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (value == null || value < low) continue;
      const column = Math.floor(((xs[at] as number) * 1000 - startMs) / columnMs);
      const row = Math.min(rowCount - 1, rowAt(edges, value));
      if (column < columnCount && row >= 0) {
        counts[column * rowCount + row] = (counts[column * rowCount + row] as number) + 1;
      }
    }
  }
  return {
    columnsMs: Array.from({ length: columnCount }, (_, column) => startMs + column * columnMs),
    columnMs,
    rows: Array.from({ length: rowCount }, (_, row) => ({
      name: String(edges[row + 1]),
      lower: edges[row],
      upper: edges[row + 1],
    })),
    counts,
    ...bounded(counts, options),
  };
}

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

function valueEdges(low: number, high: number, options: BucketOptions): readonly number[] {
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

/** The least distance of neighbours; a minute where there is only one. */
function leastStep(columnsMs: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 1; at < columnsMs.length; at++) {
    const step = (columnsMs[at] as number) - (columnsMs[at - 1] as number);
    if (step > 0 && step < least) least = step;
  }
  return Number.isFinite(least) ? least : 60_000;
}

function bounded(
  counts: Float64Array,
  options: HeatOptions,
): { readonly min: number; readonly max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const count of counts) {
    if (!isShown(count, options)) continue;
    if (count < min) min = count;
    if (count > max) max = count;
  }
  const shownMin = options.color.min ?? (Number.isFinite(min) ? min : 0);
  const shownMax = options.color.max ?? (Number.isFinite(max) ? max : 1);
  return { min: shownMin, max: Math.max(shownMax, shownMin) };
}

export function isShown(count: number, { hideUpTo, hideFrom }: HeatOptions): boolean {
  return !Number.isNaN(count) && count > hideUpTo && count < hideFrom;
}
