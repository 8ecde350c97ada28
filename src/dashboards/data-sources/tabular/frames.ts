import type { Frame } from '../contract.ts';
import { dataError } from '../errors.ts';
import type { QueryLimits } from '../kind.ts';
import { epochMs, type TableColumn, type TimeFill } from './column.ts';

const timeNames: ReadonlySet<string> = new Set(['time', 'time_sec', 'timeend']);

export interface TableOptions {
  readonly executedQueryString: string;
  readonly notices: readonly string[];
}

/** Columns as they are; a number named `time` is a time. */
export function tableFrame(columns: readonly TableColumn[], options: TableOptions): Frame {
  return {
    meta: metaOf(options),
    fields: columns.map((column) => {
      const { name, type, values } = asTime(column);
      return { name, type, values };
    }),
  };
}

export interface SeriesOptions extends TableOptions {
  readonly fill: TimeFill | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits: Pick<QueryLimits, 'maxSeries' | 'maxPoints'>;
}

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly displayName: string | undefined;
  readonly byTime: Map<number, number | null>;
}

/**
 * Rows as series: a column `time`, columns of numbers as values; `metric` names the series, other
 * columns of text are its labels. One wide frame in order of time.
 * @throws {AppError} DATA_QUERY_INVALID, DATA_QUERY_TOO_LARGE
 */
export function seriesFrame(columns: readonly TableColumn[], options: SeriesOptions): Frame {
  const timeColumn =
    columns.find(({ name }) => timeNames.has(name.toLowerCase())) ??
    columns.find(({ type }) => type === 'time');
  if (timeColumn === undefined) {
    throw dataError('DATA_QUERY_INVALID', 'A time series needs a column "time"', {
      hint: 'Name one AS "time", or choose the format Table',
    });
  }
  const times = asTime(timeColumn);
  if (times.type !== 'time') {
    throw dataError('DATA_QUERY_INVALID', `The column "${timeColumn.name}" holds no times`);
  }
  const rest = columns.filter((column) => column !== timeColumn);
  const series = collect(times, rest, options);
  const grid = gridOf(series, options);
  const values = series.length * grid.length;
  if (values > options.limits.maxPoints) {
    throw dataError(
      'DATA_QUERY_TOO_LARGE',
      `${series.length} series at ${grid.length} times are too many`,
      {
        hint: 'Group by a larger interval, or select fewer series',
      },
    );
  }
  return {
    meta: { ...metaOf(options), type: 'timeseries-wide' },
    fields: [
      { name: 'Time', type: 'time', values: grid },
      ...series.map(({ name, labels, displayName, byTime }) => ({
        name,
        type: 'number' as const,
        labels,
        ...(displayName === undefined ? {} : { config: { displayNameFromDS: displayName } }),
        values: filled(grid, byTime, options.fill?.value),
      })),
    ],
  };
}

function collect(
  times: TableColumn,
  rest: readonly TableColumn[],
  { limits }: SeriesOptions,
): readonly Series[] {
  const metric = rest.find(({ name, type }) => name === 'metric' && type === 'string');
  const labelColumns = rest.filter((one) => one.type === 'string' && one !== metric);
  const valueColumns = rest.filter(({ type }) => type === 'number' || type === 'boolean');
  const found = new Map<string, Series>();
  for (const [row, timeMs] of times.values.entries()) {
    if (typeof timeMs !== 'number') continue;
    const labels = Object.fromEntries(
      labelColumns.map(({ name, values }) => [name, String(values[row] ?? '')]),
    );
    const prefix = metric === undefined ? '' : String(metric.values[row] ?? '');
    for (const { name, values } of valueColumns) {
      const shown =
        metric === undefined ? undefined : valueColumns.length === 1 ? prefix : `${prefix} ${name}`;
      const key = JSON.stringify([shown ?? name, labels]);
      let series = found.get(key);
      if (series === undefined) {
        if (found.size >= limits.maxSeries) {
          throw dataError(
            'DATA_QUERY_TOO_LARGE',
            `The query answers with more than ${limits.maxSeries} series`,
            {
              hint: 'dashboards.dataSources.maxSeries is the limit',
            },
          );
        }
        series = { name: shown ?? name, labels, displayName: shown, byTime: new Map() };
        found.set(key, series);
      }
      const value = values[row] ?? null;
      series.byTime.set(timeMs, value === null ? null : Number(value));
    }
  }
  return [...found.values()];
}

/** The times of all series, and where they are to be filled the times in between. */
function gridOf(
  series: readonly Series[],
  { fill, fromMs, toMs, limits }: SeriesOptions,
): number[] {
  const times = new Set<number>();
  for (const { byTime } of series) for (const timeMs of byTime.keys()) times.add(timeMs);
  if (fill !== undefined) {
    const { intervalMs } = fill;
    if ((toMs - fromMs) / intervalMs > limits.maxPoints) {
      throw dataError(
        'DATA_QUERY_TOO_LARGE',
        'There are too many times to fill: group by a larger interval',
      );
    }
    const startMs = Math.floor(fromMs / intervalMs) * intervalMs;
    for (let timeMs = startMs; timeMs <= toMs; timeMs += intervalMs) times.add(timeMs);
  }
  return [...times].sort((a, b) => a - b);
}

function filled(
  grid: readonly number[],
  byTime: ReadonlyMap<number, number | null>,
  fill: TimeFill['value'] | undefined,
): (number | null)[] {
  let previous: number | null = null;
  return grid.map((timeMs) => {
    const value = byTime.get(timeMs);
    if (value !== undefined) {
      previous = value;
      return value;
    }
    if (fill === 'previous') return previous;
    return typeof fill === 'number' ? fill : null;
  });
}

function asTime(column: TableColumn): TableColumn {
  if (column.type !== 'number' || !timeNames.has(column.name.toLowerCase())) return column;
  const values = column.values.map((value) => (typeof value === 'number' ? epochMs(value) : null));
  return { name: column.name, type: 'time', values };
}

function metaOf({ executedQueryString, notices }: TableOptions): Readonly<Record<string, unknown>> {
  return {
    executedQueryString,
    ...(notices.length === 0
      ? {}
      : { notices: notices.map((text) => ({ severity: 'warning', text })) }),
  };
}
