/** `table-old` with its styles by column, and cells of tables before `cellOptions`. */
import {
  isObject,
  type JsonObject,
  numberOf,
  objectAt,
  objectOf,
  objectsOf,
  stringOf,
} from '../json.ts';
import {
  calculationOf,
  deleteKeys,
  mappingsOf,
  matcherOf,
  stepsOf,
  textOrNone,
} from './angular.ts';
import type { PanelMigration } from './index.ts';

const oldKeys = [
  'columns',
  'fontSize',
  'pageSize',
  'scroll',
  'showHeader',
  'sort',
  'styles',
  'transform',
  'filterNull',
];

const transformIds: Readonly<Record<string, string>> = {
  timeseries_to_rows: 'seriesToRows',
  timeseries_to_columns: 'seriesToColumns',
  timeseries_aggregations: 'reduce',
  table: 'merge',
};

export const migrateAngularTable: PanelMigration = (panel) => {
  const config = objectOf(panel['fieldConfig']);
  const defaults = objectOf(config['defaults']);
  const overrides: JsonObject[] = objectsOf(config['overrides']);
  for (const style of objectsOf(panel['styles'])) {
    const pattern = stringOf(style['pattern']) ?? '';
    const properties = propertiesOf(style);
    if (pattern === '/.*/') {
      for (const [id, value] of properties) putField(defaults, id, value);
    } else if (pattern !== '' && properties.length > 0) {
      overrides.push({
        matcher: matcherOf(pattern),
        properties: properties.map(([id, value]) => ({ id, value })),
      });
    }
  }
  const options = objectOf(panel['options']);
  options['showHeader'] = panel['showHeader'] !== false;
  const rows = numberOf(panel['pageSize']);
  if (rows !== undefined && rows > 0)
    Object.assign(options, { enablePagination: true, pageSize: rows });
  const transform = transformOf(panel);
  if (transform !== undefined) {
    panel['transformations'] = [...objectsOf(panel['transformations']), transform];
  }
  panel['type'] = 'table';
  panel['options'] = options;
  panel['fieldConfig'] = { ...config, defaults, overrides };
  deleteKeys(panel, oldKeys);
};

function transformOf(panel: JsonObject): JsonObject | undefined {
  const old = stringOf(panel['transform']) ?? '';
  if (!Object.hasOwn(transformIds, old)) return undefined;
  const id = transformIds[old]!;
  if (id !== 'reduce') return { id, options: {} };
  const reducers = objectsOf(panel['columns'])
    .map((column) => stringOf(column['value']))
    .filter((name) => name !== undefined)
    .map(calculationOf);
  return { id, options: { includeTimeField: false, reducers } };
}

/** `custom.align` and its like lie in an object of their own. */
function putField(defaults: JsonObject, id: string, value: unknown): void {
  if (id.startsWith('custom.')) objectAt(defaults, 'custom')[id.slice('custom.'.length)] = value;
  else defaults[id] = value;
}

const cellOfColorMode: Readonly<Record<string, JsonObject>> = {
  cell: { type: 'color-background' },
  row: { type: 'color-background', applyToRow: true },
  value: { type: 'color-text' },
};

function propertiesOf(style: JsonObject): [id: string, value: unknown][] {
  const found: [string, unknown][] = [];
  const put = (id: string, value: unknown): void => {
    if (value !== undefined) found.push([id, value]);
  };
  put('displayName', textOrNone(style['alias']));
  if (style['type'] === 'date')
    put('unit', `time: ${stringOf(style['dateFormat']) ?? 'YYYY-MM-DD HH:mm:ss'}`);
  else if (style['type'] !== 'string') put('unit', textOrNone(style['unit']));
  put('decimals', style['type'] === 'date' ? undefined : numberOf(style['decimals']));
  if (style['type'] === 'hidden') put('custom.hidden', true);
  const align = textOrNone(style['align']);
  put('custom.align', align === undefined ? undefined : align);
  const url = textOrNone(style['linkUrl']);
  if (style['link'] === true && url !== undefined) {
    put('links', [
      {
        title: cellVariables(stringOf(style['linkTooltip']) ?? ''),
        url: cellVariables(url),
        targetBlank: style['linkTargetBlank'] === true,
      },
    ]);
  }
  const mode = stringOf(style['colorMode']) ?? '';
  const steps = stepsOf(style['thresholds'], style['colors']);
  if (Object.hasOwn(cellOfColorMode, mode)) {
    put('custom.cellOptions', cellOfColorMode[mode]);
    put('thresholds', steps === undefined ? undefined : { mode: 'absolute', steps });
  }
  const mappings = mappingsOf(style, undefined);
  if (mappings.length > 0) put('mappings', mappings);
  return found;
}

/** `$__cell` is this cell, `$__cell_2` the third one of the row. */
const cellVariables = (text: string): string =>
  text
    .replaceAll(/\$\{?__cell_(\d+)(?::raw)?\}?/g, '$${__data.fields[$1]}')
    .replaceAll(/\$\{?__cell:raw\}?/g, '$${__value.raw}')
    .replaceAll(/\$\{?__cell\}?/g, '$${__value.text}');

const cellOfDisplayMode: Readonly<Record<string, JsonObject>> = {
  basic: { type: 'gauge', mode: 'basic' },
  'gradient-gauge': { type: 'gauge', mode: 'gradient' },
  'lcd-gauge': { type: 'gauge', mode: 'lcd' },
  'color-background': { type: 'color-background', mode: 'gradient' },
  'color-background-solid': { type: 'color-background', mode: 'basic' },
};

const cellOptionsOf = (mode: string): JsonObject =>
  Object.hasOwn(cellOfDisplayMode, mode) ? { ...cellOfDisplayMode[mode] } : { type: mode };

/** A `table` of any age: with styles it is the first generation, with `displayMode` the second. */
export const migrateTable: PanelMigration = (panel, dropped) => {
  if (Array.isArray(panel['styles'])) migrateAngularTable(panel, dropped);
  const config = panel['fieldConfig'];
  if (!isObject(config)) return;
  const custom = objectOf(objectOf(config['defaults'])['custom']);
  const mode = stringOf(custom['displayMode']);
  if (mode !== undefined) {
    custom['cellOptions'] ??= cellOptionsOf(mode);
    delete custom['displayMode'];
  }
  for (const override of objectsOf(config['overrides'])) {
    for (const property of objectsOf(override['properties'])) {
      if (property['id'] !== 'custom.displayMode') continue;
      property['id'] = 'custom.cellOptions';
      property['value'] = cellOptionsOf(stringOf(property['value']) ?? 'auto');
    }
  }
};
