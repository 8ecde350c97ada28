import type { WireValue } from '../../api/logs.ts';
import type { ResultTable } from './run-store.ts';

export interface TimeModel {
  readonly kind: 'time';
  readonly timesMs: readonly number[];
  readonly binMs: number;
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
  /** Series that are not drawn. */
  readonly more: number;
}

export interface BarModel {
  readonly kind: 'bars';
  readonly measures: readonly string[];
  /** In the order of the result; `values` beside `measures`. */
  readonly bars: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly more: number;
}

export type ChartModel = TimeModel | BarModel;

/** More lines than this are a carpet; the largest are drawn. */
const maxSeries = 40;
const maxBars = 100;
/** A fill of gaps beyond this would be the chart's whole width many times over. */
const maxBins = 10_000;

const numberOf = (value: WireValue | undefined): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
};

/** What of a result can be drawn: over time where it is by bin(), else bars; undefined: nothing. */
export function chartOf(table: ResultTable): ChartModel | undefined {
  const indexes = table.columns.map((_, index) => index);
  const time = indexes.find((index) => table.columns[index]?.isTimeBin === true);
  const measures = indexes.filter((index) => {
    const column = table.columns[index]!;
    if (!column.isAggregate) return false;
    return column.kind === 'number' || isNumeric(table, index);
  });
  if (measures.length === 0 || table.rowCount === 0) return undefined;
  const keys = indexes.filter((index) => index !== time && !table.columns[index]!.isAggregate);
  return time === undefined ? bars(table, keys, measures) : overTime(table, time, keys, measures);
}

function isNumeric(table: ResultTable, index: number): boolean {
  const column = table.data[index] ?? [];
  for (let row = 0; row < table.rowCount; row++) {
    const value = column[row];
    if (value !== null && value !== undefined) return numberOf(value) !== null;
  }
  return false;
}

function keyOf(table: ResultTable, keys: readonly number[], row: number): string {
  return keys.map((key) => String(table.data[key]?.[row] ?? '–')).join(' · ');
}

function overTime(
  table: ResultTable,
  time: number,
  keys: readonly number[],
  measures: readonly number[],
): TimeModel | undefined {
  const times = new Set<number>();
  const lines = new Map<string, Map<number, number>>();
  for (let row = 0; row < table.rowCount; row++) {
    const ms = numberOf(table.data[time]?.[row]);
    if (ms === null) continue;
    times.add(ms);
    const key = keyOf(table, keys, row);
    for (const measure of measures) {
      const value = numberOf(table.data[measure]?.[row]);
      if (value === null) continue;
      const label = table.columns[measure]!.name;
      const name = keys.length === 0 ? label : measures.length === 1 ? key : `${key} · ${label}`;
      let line = lines.get(name);
      if (line === undefined) {
        line = new Map();
        lines.set(name, line);
      }
      line.set(ms, value);
    }
  }
  if (times.size === 0) return undefined;
  const sorted = [...times].toSorted((a, b) => a - b);
  let binMs = Number.POSITIVE_INFINITY;
  for (let i = 1; i < sorted.length; i++) binMs = Math.min(binMs, sorted[i]! - sorted[i - 1]!);
  if (!Number.isFinite(binMs)) binMs = 60_000;
  const timesMs = grid(sorted, binMs);
  const ranked = [...lines].toSorted(([, a], [, b]) => total(b) - total(a));
  return {
    kind: 'time',
    timesMs,
    binMs,
    series: ranked.slice(0, maxSeries).map(([name, line]) => ({
      name,
      values: timesMs.map((ms) => line.get(ms) ?? null),
    })),
    more: Math.max(0, ranked.length - maxSeries),
  };
}

/** Bins without events are not in the result; a line must not run across them. */
function grid(sorted: readonly number[], binMs: number): readonly number[] {
  const first = sorted[0]!;
  const count = (sorted.at(-1)! - first) / binMs + 1;
  // Months differ in length: such bins stand as they are.
  if (count > maxBins || sorted.some((ms) => (ms - first) % binMs !== 0)) return sorted;
  return Array.from({ length: count }, (_, index) => first + index * binMs);
}

function total(line: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const value of line.values()) sum += Math.abs(value);
  return sum;
}

function bars(
  table: ResultTable,
  keys: readonly number[],
  measures: readonly number[],
): BarModel | undefined {
  if (keys.length === 0) return undefined;
  const shown = Math.min(table.rowCount, maxBars);
  return {
    kind: 'bars',
    measures: measures.map((index) => table.columns[index]!.name),
    bars: Array.from({ length: shown }, (_, row) => ({
      name: keyOf(table, keys, row),
      values: measures.map((index) => numberOf(table.data[index]?.[row])),
    })),
    more: table.rowCount - shown,
  };
}
