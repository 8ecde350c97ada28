/** Panels in few words. Each has a size; where it stands is the dashboard's business. */

/** A panel without its place and number. */
export interface PanelSpec {
  /** Columns of 24. */
  readonly w: number;
  /** Cells of 38 px. */
  readonly h: number;
  readonly panel: Readonly<Record<string, unknown>>;
}

interface Step {
  readonly value: number | null;
  readonly color: string;
}

export interface Query {
  readonly expr: string;
  /** `{{label}}`; by itself otherwise. */
  readonly legend?: string;
}

interface Common {
  readonly description?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly thresholds?: readonly Step[];
  readonly mappings?: readonly unknown[];
  readonly links?: readonly unknown[];
  /** Said where there is nothing: `none` where that is well. */
  readonly noValue?: string;
  readonly w?: number;
  readonly h?: number;
}

export const metrics = { type: 'prometheus', uid: '${datasource}' } as const;
export const logs = { type: 'cloudwatch', uid: '${logs}' } as const;

export const q = (expr: string, legend?: string): Query =>
  legend === undefined ? { expr } : { expr, legend };

/** `steps('green', [80, 'orange'], [90, 'red'])` */
export const steps = (
  first: string,
  ...rest: readonly (readonly [value: number, color: string])[]
): readonly Step[] => [
  { value: null, color: first },
  ...rest.map(([value, color]) => ({ value, color })),
];

/** A share of something that runs out. */
export const fullness: readonly Step[] = steps('green', [0.8, 'orange'], [0.9, 'red']);

/** Zero is well, anything else is not. */
export const noneIsWell: readonly Step[] = steps('green', [1, 'red']);

const refIdOf = (index: number): string => String.fromCharCode(65 + index);

const target = (query: Query, index: number, more: object): object => ({
  refId: refIdOf(index),
  datasource: metrics,
  editorMode: 'code',
  expr: query.expr,
  legendFormat: query.legend ?? '__auto',
  ...more,
});

function panelOf(
  type: string,
  title: string,
  common: Common,
  more: {
    readonly options: object;
    readonly custom?: object;
    readonly colorMode: string;
    readonly overrides?: readonly object[];
    readonly rest?: object;
  },
): Readonly<Record<string, unknown>> {
  const { description, unit, decimals, min, max, thresholds, mappings, links, noValue } = common;
  const defaults = {
    color: { mode: more.colorMode },
    ...(unit === undefined ? {} : { unit }),
    ...(decimals === undefined ? {} : { decimals }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(thresholds === undefined ? {} : { thresholds: { mode: 'absolute', steps: thresholds } }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(links === undefined ? {} : { links }),
    ...(noValue === undefined ? {} : { noValue }),
    ...(more.custom === undefined ? {} : { custom: more.custom }),
  };
  return {
    type,
    title,
    ...(description === undefined ? {} : { description }),
    datasource: metrics,
    options: more.options,
    fieldConfig: { defaults, overrides: more.overrides ?? [] },
    ...more.rest,
  };
}

export interface TimeSeriesOptions extends Common {
  readonly isStacked?: boolean;
  /** `table` has last, mean and most; `list` names alone. */
  readonly legend?: 'table' | 'list' | 'none';
  /** Series below the zero line, by pattern: what goes out beside what comes in. */
  readonly negative?: string;
  readonly showsThresholds?: boolean;
}

/** Lines over time; stacked ones are areas. */
export function timeSeries(
  title: string,
  queries: readonly Query[],
  options: TimeSeriesOptions = {},
): PanelSpec {
  const { isStacked = false, legend = 'list', negative, showsThresholds = false } = options;
  const panel = panelOf('timeseries', title, options, {
    colorMode: 'palette-classic',
    options: {
      legend: {
        showLegend: legend !== 'none',
        displayMode: legend === 'table' ? 'table' : 'list',
        placement: 'bottom',
        calcs: legend === 'table' ? ['lastNotNull', 'mean', 'max'] : [],
        ...(legend === 'table' ? { sortBy: 'Last *', sortDesc: true } : {}),
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    custom: {
      lineWidth: 1,
      fillOpacity: isStacked ? 40 : 8,
      showPoints: 'never',
      ...(isStacked ? { stacking: { mode: 'normal', group: 'A' } } : {}),
      ...(negative === undefined ? {} : { axisCenteredZero: true }),
      ...(showsThresholds ? { thresholdsStyle: { mode: 'dashed' } } : {}),
    },
    overrides:
      negative === undefined
        ? []
        : [
            {
              matcher: { id: 'byRegexp', options: negative },
              properties: [{ id: 'custom.transform', value: 'negative-Y' }],
            },
          ],
    rest: { targets: queries.map((query, index) => target(query, index, { range: true })) },
  });
  return { w: options.w ?? 12, h: options.h ?? 8, panel };
}

export interface StatOptions extends Common {
  readonly hasGraph?: boolean;
  readonly showsName?: boolean;
  /** Text instead of a value: the name of what was found. */
  readonly textMode?: 'auto' | 'name' | 'value';
}

/** One number, large, in the color of its threshold. */
export function stat(
  title: string,
  queries: readonly Query[],
  options: StatOptions = {},
): PanelSpec {
  const { hasGraph = true, textMode = 'auto' } = options;
  const panel = panelOf('stat', title, options, {
    colorMode: 'thresholds',
    options: {
      reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
      colorMode: options.thresholds === undefined ? 'none' : 'value',
      graphMode: hasGraph ? 'area' : 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode,
    },
    rest: {
      targets: queries.map((query, index) =>
        target(query, index, hasGraph ? { range: true } : { instant: true, range: false }),
      ),
    },
  });
  return { w: options.w ?? 4, h: options.h ?? 4, panel };
}

/** A bar for each of few things, in the order of the query's answer. */
export function bars(title: string, query: Query, options: Common = {}): PanelSpec {
  const panel = panelOf(
    'bargauge',
    title,
    { min: 0, thresholds: steps('blue'), ...options },
    {
      colorMode: 'thresholds',
      options: {
        reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
        displayMode: 'basic',
        orientation: 'horizontal',
        showUnfilled: true,
        valueMode: 'color',
      },
      rest: { targets: [target(query, 0, { instant: true, range: false })] },
    },
  );
  return { w: options.w ?? 12, h: options.h ?? 8, panel };
}

/** A column of a table: a label, or the value of one query. */
export interface Column {
  /** A label's name, or which query: 0 is the first. */
  readonly from: string | number;
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  /** Color of the text or the bar by value. */
  readonly thresholds?: readonly Step[];
  /** A bar in the cell, up to this value. */
  readonly barUpTo?: number;
  readonly mappings?: readonly unknown[];
  /** Where a click on the cell leads; columns of the row are `${__data.fields["Title"]}`. */
  readonly url?: string;
}

export interface TableOptions extends Common {
  readonly columns: readonly Column[];
  /** Title of the column by which rows are sorted, highest first. */
  readonly sortBy?: string;
}

/** A row for each set of labels, with a column for each query. */
export function table(title: string, queries: readonly Query[], options: TableOptions): PanelSpec {
  const fieldOf = (column: Column): string =>
    typeof column.from === 'string'
      ? column.from
      : queries.length === 1
        ? 'Value'
        : `Value #${refIdOf(column.from)}`;
  const shown = options.columns.map(fieldOf);
  const panel = panelOf('table', title, options, {
    colorMode: 'thresholds',
    options: {
      showHeader: true,
      cellHeight: 'sm',
      ...(options.sortBy === undefined
        ? {}
        : { sortBy: [{ displayName: options.sortBy, desc: true }] }),
    },
    custom: { align: 'auto', filterable: false },
    overrides: options.columns.map(overrideOf).filter((entry) => entry.properties.length > 0),
    rest: {
      targets: queries.map((query, index) =>
        target(query, index, { instant: true, range: false, format: 'table' }),
      ),
      transformations: [
        ...(queries.length > 1 ? [{ id: 'merge', options: {} }] : []),
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true },
            indexByName: Object.fromEntries(shown.map((name, index) => [name, index])),
            renameByName: Object.fromEntries(
              shown.map((name, index) => [name, options.columns[index]!.title]),
            ),
          },
        },
      ],
    },
  });
  return { w: options.w ?? 24, h: options.h ?? 9, panel };
}

function overrideOf(column: Column): { matcher: object; properties: object[] } {
  const properties: object[] = [];
  const put = (id: string, value: unknown): void => {
    if (value !== undefined) properties.push({ id, value });
  };
  put('unit', column.unit);
  put('decimals', column.decimals);
  put('custom.width', column.width);
  put('mappings', column.mappings);
  if (column.thresholds !== undefined) {
    put('thresholds', { mode: 'absolute', steps: column.thresholds });
  }
  if (column.barUpTo !== undefined) {
    put('min', 0);
    put('max', column.barUpTo);
    put('custom.cellOptions', { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' });
  } else if (column.thresholds !== undefined) {
    put('custom.cellOptions', { type: 'color-text' });
  }
  if (column.url !== undefined) put('links', [{ title: '', url: column.url }]);
  return { matcher: { id: 'byName', options: column.title }, properties };
}

/** Lines of logs of the log groups, by a Logs Insights query. */
export function logLines(
  title: string,
  expression: string,
  options: { readonly description?: string; readonly w?: number; readonly h?: number } = {},
): PanelSpec {
  return {
    w: options.w ?? 24,
    h: options.h ?? 10,
    panel: {
      type: 'logs',
      title,
      ...(options.description === undefined ? {} : { description: options.description }),
      datasource: logs,
      options: {
        enableLogDetails: true,
        sortOrder: 'Descending',
        dedupStrategy: 'none',
      },
      fieldConfig: { defaults: {}, overrides: [] },
      targets: [logsTarget(expression)],
    },
  };
}

/** Counts of log events over time, by a Logs Insights query with `stats … by bin(…)`. */
export function logSeries(
  title: string,
  expression: string,
  options: { readonly description?: string; readonly w?: number; readonly h?: number } = {},
): PanelSpec {
  const { panel } = timeSeries(title, [], { unit: 'short', min: 0, ...options, isStacked: true });
  return {
    w: options.w ?? 24,
    h: options.h ?? 8,
    panel: { ...panel, datasource: logs, targets: [logsTarget(expression)] },
  };
}

const logsTarget = (expression: string): object => ({
  refId: 'A',
  datasource: logs,
  queryMode: 'Logs',
  expression,
});
