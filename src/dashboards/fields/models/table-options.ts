import type { Field } from '@grafana/data';
import { choiceAt, flagAt, maybeNumberAt, numberAt, objectAt, textAt, textsAt } from '../read.ts';

export interface TableOptions {
  readonly hasHeader: boolean;
  readonly rowHeightPx: number;
  readonly frameIndex: number;
  readonly sortBy: { readonly displayName: string; readonly desc: boolean } | undefined;
  readonly hasPages: boolean;
  /** Undefined: as many as there is room for. */
  readonly rowsPerPage: number | undefined;
  readonly frozenColumns: number;
  /** The footer of versions before 12: the same calculations for all of its columns. */
  readonly footer: {
    readonly reducers: readonly string[];
    readonly countsRows: boolean;
    /** Names; empty: all that are numbers. */
    readonly fields: readonly string[];
  };
}

const rowHeights = { sm: 28, md: 36, lg: 48, auto: 28 };

export function tableOptions(options: Readonly<Record<string, unknown>>): TableOptions {
  const footer = objectAt(options, 'footer');
  const sortBy = Array.isArray(options['sortBy']) ? objectAt(options['sortBy'][0]) : {};
  const displayName = textAt(sortBy, 'displayName', '');
  const hasFooter = flagAt(footer, 'show', false);
  return {
    hasHeader: flagAt(options, 'showHeader', true),
    rowHeightPx: rowHeights[choiceAt(options, 'cellHeight', ['sm', 'md', 'lg', 'auto'], 'sm')],
    frameIndex: numberAt(options, 'frameIndex', 0),
    sortBy: displayName === '' ? undefined : { displayName, desc: flagAt(sortBy, 'desc', false) },
    hasPages:
      flagAt(options, 'enablePagination', false) || flagAt(footer, 'enablePagination', false),
    rowsPerPage: maybeNumberAt(options, 'pageSize'),
    frozenColumns: numberAt(objectAt(options, 'frozenColumns'), 'left', 0),
    footer: {
      reducers: hasFooter ? textsAt(footer, 'reducer') : [],
      countsRows: hasFooter && flagAt(footer, 'countRows', false),
      fields: textsAt(footer, 'fields'),
    },
  };
}

export type CellType =
  | 'auto'
  | 'color-text'
  | 'color-background'
  | 'gauge'
  | 'sparkline'
  | 'json-view'
  | 'image'
  | 'data-links'
  | 'markdown'
  | 'pill';

export interface ColumnOptions {
  readonly cell: CellType;
  /** Of a background: the colour fades to the right. */
  readonly isGradient: boolean;
  readonly barMode: 'basic' | 'gradient' | 'lcd';
  readonly valueMode: 'color' | 'text' | 'hidden';
  readonly colorsRow: boolean;
  readonly align: 'left' | 'center' | 'right';
  readonly widthPx: number | undefined;
  readonly minWidthPx: number;
  readonly isHidden: boolean;
  readonly hasHeader: boolean;
  readonly isSortable: boolean;
  readonly wrapsHeader: boolean;
  /** Of a series in a cell: its shape alone. */
  readonly hidesValue: boolean;
  readonly isFilterable: boolean;
  readonly canInspect: boolean;
  readonly wraps: boolean;
  readonly footerReducers: readonly string[];
}

/** Names of cells before version 9.5, and what they are now. */
const oldDisplayModes: Readonly<Record<string, readonly [CellType, mode?: string]>> = {
  'color-background': ['color-background', 'gradient'],
  'color-background-solid': ['color-background', 'basic'],
  'color-text': ['color-text'],
  'gradient-gauge': ['gauge', 'gradient'],
  'lcd-gauge': ['gauge', 'lcd'],
  basic: ['gauge', 'basic'],
  gauge: ['gauge', 'gradient'],
  'json-view': ['json-view'],
  image: ['image'],
};

const cellTypes = [
  'auto',
  'color-text',
  'color-background',
  'gauge',
  'sparkline',
  'json-view',
  'image',
  'data-links',
  'markdown',
  'pill',
] as const;

export function columnOptions(field: Field, isNumber: boolean): ColumnOptions {
  const custom = objectAt(field.config.custom);
  const cell = objectAt(custom, 'cellOptions');
  const old = oldDisplayModes[textAt(custom, 'displayMode', '')];
  const type = choiceAt(cell, 'type', cellTypes, old?.[0] ?? 'auto');
  const mode = textAt(cell, 'mode', old?.[1] ?? 'basic');
  const align = choiceAt(custom, 'align', ['auto', 'left', 'center', 'right'], 'auto');
  return {
    cell: type,
    isGradient: type === 'color-background' && mode === 'gradient',
    barMode: mode === 'lcd' || mode === 'gradient' ? mode : 'basic',
    valueMode: choiceAt(cell, 'valueDisplayMode', ['text', 'color', 'hidden'], 'text'),
    colorsRow: flagAt(cell, 'applyToRow', false),
    align: align === 'auto' ? (isNumber ? 'right' : 'left') : align,
    widthPx: maybeNumberAt(custom, 'width'),
    minWidthPx: numberAt(custom, 'minWidth', 0),
    isHidden: flagAt(custom, 'hidden', false) || flagAt(objectAt(custom, 'hideFrom'), 'viz', false),
    hasHeader: !flagAt(custom, 'hideHeader', false),
    isSortable: flagAt(custom, 'sortable', true),
    wrapsHeader: flagAt(custom, 'wrapHeaderText', false),
    hidesValue: flagAt(cell, 'hideValue', false),
    isFilterable: flagAt(custom, 'filterable', false) || field.config.filterable === true,
    canInspect: flagAt(custom, 'inspect', false),
    wraps: flagAt(custom, 'wrapText', false) || flagAt(cell, 'wrapText', false),
    footerReducers: textsAt(objectAt(custom, 'footer'), 'reducers'),
  };
}
