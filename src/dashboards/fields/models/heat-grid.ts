import type { DataFrame, Field, GrafanaTheme2 } from '@grafana/data';
import { isExemplars } from '../frames.ts';
import { numberAt, objectAt } from '../read.ts';
import { heatBuckets } from './heat-buckets.ts';
import type { HeatOptions } from './heat-options.ts';
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

/** A row of the frame is a cell: of native histograms with all bounds, of a transformation with the lower ones. */
function cellsGrid(frame: DataFrame, options: HeatOptions): HeatGrid | undefined {
  const fieldOf = (name: string): Field | undefined =>
    frame.fields.find((field) => field.name.toLowerCase() === name);
  const [starts, ends] = [fieldOf('xmin'), fieldOf('xmax')];
  const times = ((ends ?? starts)?.values ?? []) as number[];
  const lowers = (fieldOf('ymin')?.values ?? []) as number[];
  const uppers = (fieldOf('ymax')?.values as number[] | undefined) ?? uppersOf(fieldOf('ymin'));
  const counts = (fieldOf('count')?.values ?? []) as number[];
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
  const columnMs = starts?.config.interval ?? leastStep(moments);
  const columnsMs = ends === undefined ? moments : moments.map((ms) => ms - columnMs);
  return { columnsMs, columnMs, rows, counts: filled, ...bounded(filled, options) };
}

/** Each bucket ends where the next begins; the last is as large, or on a scale of logarithms as many times larger. */
function uppersOf(field: Field | undefined): readonly number[] {
  const values = (field?.values ?? []) as number[];
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const [last = 0, before] = [sorted.at(-1), sorted.at(-2)];
  const scale = objectAt(field?.config.custom, 'scaleDistribution');
  const isLog = scale['type'] === 'log';
  const end = isLog
    ? last * (before === undefined ? numberAt(scale, 'log', 2) : last / before)
    : last + (field?.config.interval ?? last - (before ?? last - 1));
  const next = new Map(sorted.map((lower, at) => [lower, sorted[at + 1] ?? end]));
  return values.map((lower) => next.get(lower) as number);
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
  if (!model.isTime) return undefined;
  const xsMs = xs.map((seconds) => seconds * 1000);
  const found = heatBuckets(
    model.series.map(({ values }) => ({ xsMs, values })),
    { ...options, rangeMs, maxColumns, maxRows },
  );
  if (found === undefined) return undefined;
  const { columnsMs, columnMs, edges, counts } = found;
  return {
    columnsMs,
    columnMs,
    rows: edges.slice(1).map((upper, row) => ({ name: String(upper), lower: edges[row], upper })),
    counts,
    ...bounded(counts, options),
  };
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
