/** `heatmap` before it had options: everything lay beside them. */
import { type JsonObject, numberOf, objectOf, setDefined, stringOf } from '../json.ts';
import { deleteKeys } from './angular.ts';
import type { PanelMigration } from './index.ts';

const oldKeys = [
  'cards',
  'color',
  'dataFormat',
  'heatmap',
  'hideZeroBuckets',
  'highlightCards',
  'legend',
  'reverseYBuckets',
  'tooltip',
  'tooltipDecimals',
  'xAxis',
  'xBucketNumber',
  'xBucketSize',
  'yAxis',
  'yBucketBound',
  'yBucketNumber',
  'yBucketSize',
];

/** Bounds of buckets as names of layouts. */
const layouts: Readonly<Record<string, string>> = {
  auto: 'auto',
  upper: 'ge',
  lower: 'le',
  middle: 'unknown',
};

const hasOptions = (panel: JsonObject): boolean =>
  Object.keys(objectOf(panel['options'])).length > 0;

const isOld = (panel: JsonObject): boolean =>
  !hasOptions(panel) &&
  ['dataFormat', 'yAxis', 'color', 'cards'].some((key) => panel[key] !== undefined);

export const migrateHeatmap: PanelMigration = (panel) => {
  if (isOld(panel)) panel['options'] = optionsOf(panel);
  // Newer panels drag the old keys along, without effect.
  if (hasOptions(panel)) deleteKeys(panel, oldKeys);
};

function optionsOf(panel: JsonObject): JsonObject {
  const axis = objectOf(panel['yAxis']);
  const cards = objectOf(panel['cards']);
  const tooltip = objectOf(panel['tooltip']);
  const calculate = panel['dataFormat'] !== 'tsbuckets';
  const yAxis: JsonObject = {
    axisPlacement: axis['show'] === false ? 'hidden' : 'left',
    reverse: panel['reverseYBuckets'] === true,
  };
  setDefined(yAxis, 'unit', stringOf(axis['format']));
  for (const key of ['min', 'max', 'decimals']) setDefined(yAxis, key, numberOf(axis[key]));
  const options: JsonObject = {
    calculate,
    color: colorOf(objectOf(panel['color'])),
    yAxis,
    cellGap: numberOf(cards['cardPadding']) ?? 2,
    legend: { show: objectOf(panel['legend'])['show'] === true },
    tooltip: {
      mode: tooltip['show'] === false ? 'none' : 'single',
      yHistogram: tooltip['showHistogram'] === true,
    },
    showValue: 'never',
  };
  setDefined(options, 'cellRadius', numberOf(cards['cardRound']));
  if (panel['hideZeroBuckets'] === true) options['filterValues'] = { le: 1e-9 };
  const bound = stringOf(panel['yBucketBound']) ?? 'auto';
  if (calculate) options['calculation'] = calculationOf(panel, axis);
  else if (Object.hasOwn(layouts, bound)) options['rowsFrame'] = { layout: layouts[bound] };
  return options;
}

function colorOf(old: JsonObject): JsonObject {
  const color: JsonObject = {
    mode: old['mode'] === 'opacity' ? 'opacity' : 'scheme',
    exponent: numberOf(old['exponent']) ?? 0.5,
    scale: old['colorScale'] === 'linear' ? 'linear' : 'exponential',
  };
  setDefined(color, 'scheme', stringOf(old['colorScheme'])?.replace(/^interpolate/, ''));
  setDefined(color, 'fill', stringOf(old['cardColor']));
  for (const key of ['min', 'max']) setDefined(color, key, numberOf(old[key]));
  return color;
}

/** How values become buckets: a number of them goes before their size. */
function calculationOf(panel: JsonObject, axis: JsonObject): JsonObject {
  const made: JsonObject = {};
  for (const side of ['x', 'y'] as const) {
    const count = numberOf(panel[`${side}BucketNumber`]);
    const size = panel[`${side}BucketSize`];
    if (count !== undefined && count > 0) {
      made[`${side}Buckets`] = { mode: 'count', value: String(count) };
    } else if (size !== undefined && size !== null) {
      made[`${side}Buckets`] = { mode: 'size', value: String(size) };
    }
  }
  const base = numberOf(axis['logBase']) ?? 1;
  if (base > 1) {
    made['yBuckets'] = { ...objectOf(made['yBuckets']), scale: { type: 'log', log: base } };
  }
  return made;
}
