/** `graph`: lines, bars and points over time, or one value for each series. */
import {
  isObject,
  type JsonObject,
  numberOf,
  objectAt,
  objectOf,
  objectsOf,
  setDefined,
} from '../json.ts';
import { aliasColorOverrides, calculationOf, deleteKeys, textOrNone } from './angular.ts';
import { readFirstAxes } from './graph-first-axes.ts';
import { seriesOverrides } from './graph-overrides.ts';
import { thresholdsOf } from './graph-thresholds.ts';
import type { PanelMigration } from './index.ts';

const oldKeys = [
  'aliasColors',
  'bars',
  'dashLength',
  'dashes',
  'decimals',
  'fill',
  'fillGradient',
  'hiddenSeries',
  'legend',
  'lines',
  'linewidth',
  'nullPointMode',
  'paceLength',
  'percentage',
  'pointradius',
  'points',
  'renderer',
  'seriesOverrides',
  'spaceLength',
  'stack',
  'steppedLine',
  'thresholds',
  'tooltip',
  'xaxis',
  'yaxes',
  'yaxis',
];

export const migrateGraph: PanelMigration = (panel, dropped) => {
  readFirstAxes(panel);
  const options = objectOf(panel['options']);
  const config = objectOf(panel['fieldConfig']);
  const defaults = objectOf(config['defaults']);
  const custom = { ...objectOf(defaults['custom']), ...customOf(panel) };
  const axes = objectsOf(panel['yaxes']);
  const thresholds = thresholdsOf(panel['thresholds']);
  Object.assign(defaults, axisFields(objectOf(axes[0]), panel));
  Object.assign(custom, axisCustom(objectOf(axes[0])));
  if (panel['nullPointMode'] === 'null as zero') defaults['nullValueMode'] = 'null as zero';
  if (thresholds !== undefined) {
    defaults['thresholds'] = thresholds.thresholds;
    custom['thresholdsStyle'] = { mode: thresholds.style };
  }
  defaults['custom'] = custom;
  const links = [...objectsOf(defaults['links']), ...objectsOf(options['dataLinks'])];
  if (links.length > 0) defaults['links'] = links;
  delete options['dataLinks'];
  panel['fieldConfig'] = {
    ...config,
    defaults,
    overrides: [
      ...objectsOf(config['overrides']),
      ...aliasColorOverrides(panel['aliasColors']),
      ...seriesOverrides(panel, {
        fields: { ...axisFields(objectOf(axes[1]), {}) },
        custom: axisCustom(objectOf(axes[1])),
      }),
    ],
  };
  options['legend'] = legendOf(panel['legend']);
  options['tooltip'] = tooltipOf(panel['tooltip']);
  panel['options'] = options;
  if (objectsOf(panel['timeRegions']).length > 0) dropped('timeRegions');
  delete panel['timeRegions'];
  becomeType(panel);
  deleteKeys(panel, oldKeys);
};

/** What an axis says of the values on it. */
function axisFields(axis: JsonObject, panel: JsonObject): JsonObject {
  const fields: JsonObject = {};
  setDefined(fields, 'unit', textOrNone(axis['format']));
  setDefined(fields, 'decimals', numberOf(axis['decimals']) ?? numberOf(panel['decimals']));
  setDefined(fields, 'min', numberOf(axis['min']));
  setDefined(fields, 'max', numberOf(axis['max']));
  return fields;
}

/** Bases that scales have now; 32 and 1024 were powers of two. */
const scaleOf = (base: number): JsonObject => ({ type: 'log', log: base === 10 ? 10 : 2 });

function axisCustom(axis: JsonObject): JsonObject {
  const custom: JsonObject = {};
  setDefined(custom, 'axisLabel', textOrNone(axis['label']));
  if (axis['show'] === false) custom['axisPlacement'] = 'hidden';
  const base = numberOf(axis['logBase']) ?? 1;
  if (base > 1) custom['scaleDistribution'] = scaleOf(base);
  return custom;
}

/** How all series are drawn unless an override says otherwise. */
function customOf(panel: JsonObject): JsonObject {
  const hasLines = panel['lines'] !== false;
  const drawStyle = panel['bars'] === true ? 'bars' : hasLines ? 'line' : 'points';
  const custom: JsonObject = { drawStyle };
  setDefined(custom, 'lineWidth', numberOf(panel['linewidth']));
  const fill = numberOf(panel['fill']);
  if (fill !== undefined) custom['fillOpacity'] = fill * 10;
  const gradient = numberOf(panel['fillGradient']) ?? 0;
  if (gradient > 0) {
    custom['gradientMode'] = 'opacity';
    custom['fillOpacity'] = gradient * 10;
  }
  if (drawStyle === 'bars') custom['fillOpacity'] = 100;
  if (panel['points'] === true) {
    custom['showPoints'] = 'always';
    custom['pointSize'] = 2 + 2 * (numberOf(panel['pointradius']) ?? 2);
  } else if (drawStyle !== 'points') {
    custom['showPoints'] = 'never';
  }
  if (panel['steppedLine'] === true) custom['lineInterpolation'] = 'stepAfter';
  if (panel['dashes'] === true) {
    const dash = [numberOf(panel['dashLength']) ?? 10, numberOf(panel['spaceLength']) ?? 10];
    custom['lineStyle'] = { fill: 'dash', dash };
  }
  if (panel['stack'] === true || panel['percentage'] === true) {
    custom['stacking'] = { mode: panel['percentage'] === true ? 'percent' : 'normal', group: 'A' };
  }
  if (panel['nullPointMode'] === 'connected') custom['spanNulls'] = true;
  return custom;
}

const legendValues: readonly (readonly [old: string, title: string])[] = [
  ['min', 'Min'],
  ['max', 'Max'],
  ['avg', 'Mean'],
  ['current', 'Last *'],
  ['total', 'Total'],
];

function legendOf(old: unknown): JsonObject {
  const legend = objectOf(old);
  const made: JsonObject = {
    showLegend: legend['show'] !== false,
    displayMode: legend['alignAsTable'] === true ? 'table' : 'list',
    placement: legend['rightSide'] === true ? 'right' : 'bottom',
    calcs:
      legend['values'] === true
        ? legendValues
            .filter(([name]) => legend[name] === true)
            .map(([name]) => calculationOf(name))
        : [],
  };
  setDefined(made, 'width', numberOf(legend['sideWidth']));
  const sort = legendValues.find(([name]) => name === legend['sort']);
  if (sort !== undefined) {
    made['sortBy'] = sort[1];
    made['sortDesc'] = legend['sortDesc'] === true;
  }
  return made;
}

function tooltipOf(old: unknown): JsonObject {
  const tooltip = objectOf(old);
  const sort = ['none', 'asc', 'desc'][numberOf(tooltip['sort']) ?? 0] ?? 'none';
  return { mode: tooltip['shared'] === false ? 'single' : 'multi', sort };
}

/** Graphs with an axis of series or of values are other panels now. */
function becomeType(panel: JsonObject): void {
  const xaxis = objectOf(panel['xaxis']);
  panel['type'] = 'timeseries';
  if (xaxis['mode'] === 'histogram') {
    panel['type'] = 'histogram';
    const options = objectAt(panel, 'options');
    setDefined(options, 'bucketCount', numberOf(xaxis['buckets']));
  }
  if (xaxis['mode'] !== 'series') return;
  const values = Array.isArray(xaxis['values']) ? xaxis['values'] : [];
  const calculation = calculationOf(typeof values[0] === 'string' ? values[0] : 'total');
  const legend = panel['legend'];
  const options = objectAt(panel, 'options');
  if (isObject(legend) && legend['values'] === true) {
    panel['type'] = 'bargauge';
    keepCustom(panel, []);
    for (const key of ['tooltip', 'alertThreshold']) delete options[key];
    options['reduceOptions'] = { values: false, calcs: [calculation], fields: '' };
    options['displayMode'] = 'basic';
    options['orientation'] = 'vertical';
    return;
  }
  panel['type'] = 'barchart';
  keepCustom(panel, ['lineWidth', 'fillOpacity', 'gradientMode', 'axisLabel', 'axisPlacement']);
  delete options['alertThreshold'];
  options['xField'] = 'Field';
  panel['transformations'] = [
    ...objectsOf(panel['transformations']),
    { id: 'reduce', options: { reducers: [calculation] } },
  ];
}

/** Of the custom fields those that the new type has too. */
function keepCustom(panel: JsonObject, keys: readonly string[]): void {
  const defaults = objectAt(objectAt(panel, 'fieldConfig'), 'defaults');
  const custom = objectOf(defaults['custom']);
  defaults['custom'] = Object.fromEntries(
    Object.entries(custom).filter(([key]) => keys.includes(key)),
  );
}
