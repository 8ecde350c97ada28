import {
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  type GrafanaTheme2,
  getFieldDisplayName,
  getFieldSeriesColor,
} from '@grafana/data';
import { flagAt, objectAt } from '../read.ts';

export interface BarSeries {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly field: Field;
  readonly values: readonly (number | null)[];
}

export interface BarModel {
  /** What stands under each group. */
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
  /** Colour of each group, where a field says so. */
  readonly categoryColors: readonly (string | undefined)[];
}

/** More bars than these are thinner than a pixel. */
const maxCategories = 1000;

/** Rows are groups of bars, numeric fields are the bars of each. */
export function barModel(
  frames: readonly DataFrame[],
  theme: GrafanaTheme2,
  xField: string,
  colorByField: string,
): BarModel | undefined {
  const frame = frames.find((one) => one.fields.some((field) => field.type === FieldType.number));
  if (frame === undefined) return undefined;
  const named = (name: string): Field | undefined =>
    name === ''
      ? undefined
      : frame.fields.find(
          (field) => field.name === name || getFieldDisplayName(field, frame, [...frames]) === name,
        );
  const x =
    named(xField) ??
    frame.fields.find((field) => field.type === FieldType.string) ??
    frame.fields.find((field) => field.type === FieldType.time);
  const colorField = named(colorByField);
  const rowCount = Math.min(frame.length, maxCategories);
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const series = frame.fields.flatMap((field, at): BarSeries[] => {
    const isHidden = flagAt(objectAt(objectAt(field.config.custom), 'hideFrom'), 'viz', false);
    if (field === x || field.type !== FieldType.number || isHidden) return [];
    const name = getFieldDisplayName(field, frame, [...frames]);
    return [
      {
        key: `${at} ${name}`,
        name,
        color: getFieldSeriesColor(field, theme).color,
        field,
        values: rows.map((row) => finite(field.values[row])),
      },
    ];
  });
  if (series.length === 0) return undefined;
  return {
    series,
    categories: rows.map((row) => textOf(x, row)),
    categoryColors: rows.map((row) => colorField?.display?.(colorField.values[row]).color),
  };
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(field: Field | undefined, row: number): string {
  if (field === undefined) return String(row + 1);
  const value: unknown = field.values[row];
  return field.display === undefined
    ? String(value ?? '')
    : formattedValueToString(field.display(value));
}

/** A rectangle along the value axis, in the units of the values. */
export interface BarRect {
  readonly category: number;
  readonly series: BarSeries;
  /** Place in its group, and how many places there are. */
  readonly place: number;
  readonly places: number;
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** Where each bar begins and ends. */
export function barRects(
  model: BarModel,
  shown: readonly BarSeries[],
  stacking: 'none' | 'normal' | 'percent',
): readonly BarRect[] {
  return model.categories.flatMap((_, category) => {
    let above = 0;
    let below = 0;
    const total =
      stacking === 'percent'
        ? shown.reduce((sum, { values }) => sum + Math.abs(values[category] ?? 0), 0) || 1
        : 1;
    return shown.flatMap((series, place): BarRect[] => {
      const value = series.values[category];
      if (value === null || value === undefined) return [];
      if (stacking === 'none') {
        return [{ category, series, place, places: shown.length, from: 0, to: value, value }];
      }
      const size = value / total;
      const from = size < 0 ? below : above;
      if (size < 0) below += size;
      else above += size;
      return [{ category, series, place: 0, places: 1, from, to: from + size, value }];
    });
  });
}

/** Round numbers over a range, about `count` of them. */
export function roundTicks(min: number, max: number, count: number): readonly number[] {
  const raw = (max - min) / Math.max(1, count);
  if (!(raw > 0)) return [min];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= raw) ?? 10) * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(min / step); at * step <= max + step * 1e-9; at++) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}
