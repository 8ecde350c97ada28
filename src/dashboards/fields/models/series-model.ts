import {
  applyNullInsertThreshold,
  type DataFrame,
  type Field,
  FieldType,
  type GrafanaTheme2,
  getFieldDisplayName,
  getFieldSeriesColor,
} from '@grafana/data';
import { isExemplars } from '../frames.ts';
import { type SeriesOptions, seriesOptions } from './series-options.ts';

export type Column = (number | null | undefined)[];

/** A numeric field over time (or over another number). */
export interface ChartSeries {
  readonly name: string;
  readonly color: string;
  readonly options: SeriesOptions;
  readonly field: Field;
  readonly frame: DataFrame;
  /** Fields with the same unit, bounds and kind of scale share one. */
  readonly scaleKey: string;
  /** Aligned with the model's `xs`; null is a gap, undefined is no value of this series at all. */
  readonly values: Column;
}

export interface SeriesModel {
  /** Ascending; seconds since the epoch where the x axis is time. */
  readonly xs: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly isTime: boolean;
  /** Field of the x axis, of the first frame. */
  readonly x: Field | undefined;
}

/** Columns of one frame. */
interface Table {
  readonly xs: Column;
  readonly columns: readonly Column[];
  readonly fields: readonly Field[];
  readonly frame: DataFrame;
}

/** Which column a frame is drawn over. */
export type XField = (frame: DataFrame) => Field | undefined;

export const timeOf: XField = (frame) =>
  frame.fields.find((field) => field.type === FieldType.time);

/**
 * Frames on one common x axis. Columns of a frame alone are used as they are; frames at different
 * moments are joined, so that a series is undefined where only others have a value.
 */
export function seriesModel(
  frames: readonly DataFrame[],
  theme: GrafanaTheme2,
  xOf: XField = timeOf,
): SeriesModel {
  const tables: Table[] = [];
  let firstX: Field | undefined;
  for (const frame of frames) {
    const x = isExemplars(frame) ? undefined : xOf(frame);
    if (x === undefined || frame.length === 0) continue;
    firstX ??= x;
    const whole = withGaps(frame, x);
    const xs = whole.fields[frame.fields.indexOf(x)]?.values as number[];
    const at = frame.fields.flatMap((field, index) =>
      field !== x && isNumeric(field) ? [index] : [],
    );
    if (at.length === 0) continue;
    const order = ascendingOrder(xs);
    const inOrder = (values: Column): Column =>
      order === undefined ? values : order.map((row) => values[row]);
    tables.push({
      xs: inOrder(xs),
      columns: at.map((index) => numbersOf(inOrder(whole.fields[index]?.values as Column))),
      fields: at.map((index) => frame.fields[index] as Field),
      frame,
    });
  }
  const isTime = firstX?.type === FieldType.time;
  const [first] = tables;
  if (first === undefined) return { xs: [], series: [], isTime, x: firstX };
  const columns = aligned(tables.map((table) => [table.xs, ...table.columns]));
  const allFrames = [...frames];
  let next = 1;
  const series = tables.flatMap(({ fields, frame }) =>
    fields.map((field): ChartSeries => {
      const options = seriesOptions(field);
      return {
        name: getFieldDisplayName(field, frame, allFrames),
        color: getFieldSeriesColor(field, theme).color,
        options,
        field,
        frame,
        scaleKey: scaleKeyOf(field, options),
        values: transformedValues(columns[next++] as Column, options),
      };
    }),
  );
  const xs = columns[0] as number[];
  return { xs: isTime ? xs.map((ms) => ms / 1000) : xs, series, isTime, x: firstX };
}

function isNumeric(field: Field): boolean {
  return field.type === FieldType.number || field.type === FieldType.boolean;
}

/** A step without a sample is a gap, where the data source says how long a step is. */
export function withGaps(frame: DataFrame, x: Field): DataFrame {
  const isAsked = frame.fields.some(({ config }) => Number(config.custom?.['insertNulls']) > 0);
  if (x.type !== FieldType.time || (x.config.interval == null && !isAsked)) return frame;
  return applyNullInsertThreshold({ frame, refFieldName: x.name });
}

/** Undefined: they ascend already. */
function ascendingOrder(xs: readonly (number | null | undefined)[]): number[] | undefined {
  for (let at = 1; at < xs.length; at++) {
    if ((xs[at] as number) < (xs[at - 1] as number)) {
      return xs.map((_, row) => row).sort((a, b) => (xs[a] as number) - (xs[b] as number));
    }
  }
  return undefined;
}

function numbersOf(values: Column): Column {
  // What is no finite number has no place on an axis.
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value !== null && value !== undefined && !Number.isFinite(value)) {
      return values.map((one) => (one == null ? one : Number.isFinite(+one) ? +one : null));
    }
    if (typeof value === 'boolean') return values.map((one) => (one == null ? null : Number(one)));
  }
  return values;
}

/** Tables of [xs, …columns] as one; undefined where a table has no row. */
function aligned(tables: readonly (readonly Column[])[]): readonly Column[] {
  const [first] = tables as readonly [readonly Column[]];
  const xs = first[0] as Column;
  if (tables.every((table) => isSame(table[0] as Column, xs))) {
    return [xs, ...tables.flatMap((table) => table.slice(1))];
  }
  const union = Float64Array.from(new Set(tables.flatMap((table) => table[0] as number[]))).sort();
  return [
    Array.from(union),
    ...tables.flatMap(([own = [], ...columns]) => {
      // Both ascend: one walk says where each row of the table stands.
      const places = new Uint32Array(own.length);
      for (let row = 0, place = 0; row < own.length; row++) {
        while (place < union.length && (union[place] as number) < (own[row] as number)) place++;
        places[row] = place;
      }
      return columns.map((values) => {
        const out: Column = new Array(union.length).fill(undefined);
        for (let row = 0; row < own.length; row++) out[places[row] as number] = values[row];
        return out;
      });
    }),
  ];
}

function isSame(a: Column, b: Column): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

function transformedValues(values: Column, options: SeriesOptions): Column {
  if (options.transform === 'negative-Y') {
    return values.map((value) => (value == null ? value : -value));
  }
  if (options.transform === 'constant') {
    const constant = values.find((value) => value != null);
    return values.map(() => constant);
  }
  return values;
}

/** Gaps that are short enough to be bridged become undefined: uPlot draws over those. */
export function bridged(xs: readonly number[], values: Column, maxGapS: number): Column {
  let lastAt = -1;
  let out: Column | undefined;
  for (let at = 0; at < values.length; at++) {
    if (values[at] == null) continue;
    if (lastAt >= 0 && at - lastAt > 1 && (xs[at] as number) - (xs[lastAt] as number) < maxGapS) {
      out ??= values.slice();
      out.fill(undefined, lastAt + 1, at);
    }
    lastAt = at;
  }
  return out ?? values;
}

/** Fields that are measured alike have the same. */
export function scaleKeyOf(field: Field, options: SeriesOptions): string {
  const { min, max, unit } = field.config;
  return JSON.stringify([
    unit ?? '',
    min,
    max,
    options.axisSoftMin,
    options.axisSoftMax,
    options.axisPlacement,
    options.axisLabel,
    options.scale,
    options.logBase,
    options.isZeroCentered,
    options.stacking === 'percent',
  ]);
}
