/** `natel-discrete-panel`: states over time, before there was a state timeline. */
import { type JsonObject, objectOf, objectsOf, setDefined, stringOf } from '../json.ts';
import { deleteKeys, mappingsOf, textOrNone } from './angular.ts';
import type { PanelMigration } from './index.ts';

const oldKeys = [
  'backgroundColor',
  'colorMaps',
  'crosshairColor',
  'display',
  'expandFromQueryS',
  'extendLastValue',
  'highlightOnMouseover',
  'legendSortBy',
  'lineColor',
  'mappingTypes',
  'metricNameColor',
  'rangeMaps',
  'rowHeight',
  'showDistinctCount',
  'showLegend',
  'showLegendCounts',
  'showLegendNames',
  'showLegendPercent',
  'showLegendTime',
  'showLegendValues',
  'showTransitionCount',
  'textSize',
  'textSizeTime',
  'timeOptions',
  'timeTextColor',
  'units',
  'use12HourClock',
  'useTimePrecision',
  'valueMaps',
  'valueTextColor',
  'writeAllValues',
  'writeLastValue',
  'writeMetricNames',
];

export const discreteToStateTimeline: PanelMigration = (panel) => {
  const config = objectOf(panel['fieldConfig']);
  const defaults = objectOf(config['defaults']);
  setDefined(defaults, 'unit', textOrNone(panel['units']));
  const colors = new Map(
    objectsOf(panel['colorMaps']).map((map) => [stringOf(map['text']), stringOf(map['color'])]),
  );
  const mappings = mappingsOf(panel, undefined);
  // A color belonged to a text, whether the value had that text or a mapping gave it.
  for (const mapping of mappings) {
    const options = objectOf(mapping['options']);
    const results = mapping['type'] === 'value' ? Object.values(options) : [options['result']];
    for (const result of objectsOf(results)) {
      const color = colors.get(stringOf(result['text']));
      if (color !== undefined) result['color'] = color;
    }
  }
  const values: JsonObject = {};
  for (const [text, color] of colors) {
    if (text !== undefined && color !== undefined) values[text] = { text, color };
  }
  if (Object.keys(values).length > 0) mappings.push({ type: 'value', options: values });
  if (mappings.length > 0) defaults['mappings'] = mappings;
  panel['options'] = {
    ...objectOf(panel['options']),
    mergeValues: true,
    showValue: 'auto',
    legend: { showLegend: panel['showLegend'] !== false, displayMode: 'list', placement: 'bottom' },
  };
  panel['fieldConfig'] = { ...config, defaults };
  panel['type'] = 'state-timeline';
  deleteKeys(panel, oldKeys);
};
