/** `singlestat`: one value with a text before and behind it, perhaps over a line or in a gauge. */
import { type JsonObject, numberOf, objectOf, setDefined, stringOf } from '../json.ts';
import {
  calculationOf,
  deleteKeys,
  fixedColor,
  mappingsOf,
  percentRange,
  stepsOf,
  textOrNone,
} from './angular.ts';
import type { PanelMigration } from './index.ts';

const oldKeys = [
  'cacheTimeout',
  'colorBackground',
  'colorPostfix',
  'colorPrefix',
  'colorValue',
  'colors',
  'decimals',
  'format',
  'gauge',
  'mappingType',
  'mappingTypes',
  'nullPointMode',
  'nullText',
  'postfix',
  'postfixFontSize',
  'prefix',
  'prefixFontSize',
  'rangeMaps',
  'sparkline',
  'tableColumn',
  'thresholds',
  'valueFontSize',
  'valueMaps',
  'valueName',
];

/** Not RegExp.escape, which writes `cpu` as `\x63pu`: people read this. */
const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export const migrateSinglestat: PanelMigration = (panel, dropped) => {
  const options = objectOf(panel['options']);
  const config = objectOf(panel['fieldConfig']);
  const defaults = objectOf(config['defaults']);
  const unit = unitOf(panel, dropped);
  setDefined(defaults, 'unit', unit);
  setDefined(defaults, 'decimals', numberOf(panel['decimals']));
  setDefined(defaults, 'noValue', textOrNone(panel['nullText']));
  Object.assign(defaults, percentRange(unit));
  const gauge = objectOf(panel['gauge']);
  if (gauge['show'] === true) {
    setDefined(defaults, 'min', numberOf(gauge['minValue']));
    setDefined(defaults, 'max', numberOf(gauge['maxValue']));
  }
  const steps = stepsOf(panel['thresholds'], panel['colors']);
  if (steps !== undefined) defaults['thresholds'] = { mode: 'absolute', steps };
  // Texts had the color of their value's threshold, never one of their own.
  const mappings = mappingsOf(panel, undefined);
  if (mappings.length > 0) defaults['mappings'] = mappings;
  const colorMode =
    panel['colorBackground'] === true
      ? 'background'
      : panel['colorValue'] === true
        ? 'value'
        : 'none';
  const sparkline = objectOf(panel['sparkline']);
  const hasLine = sparkline['show'] === true;
  const lineColor = stringOf(sparkline['lineColor']);
  if (hasLine && lineColor !== undefined && colorMode === 'none') {
    defaults['color'] = fixedColor(lineColor);
  }
  const valueName = stringOf(panel['valueName']) ?? 'avg';
  const column = stringOf(panel['tableColumn']) ?? '';
  Object.assign(options, {
    reduceOptions: {
      values: false,
      calcs: [calculationOf(valueName)],
      fields: column === '' ? '' : `/^${escapePattern(column)}$/`,
    },
    orientation: 'horizontal',
    colorMode,
    graphMode: hasLine ? 'area' : 'none',
    ...(valueName === 'name' ? { textMode: 'name' } : {}),
  });
  panel['type'] = 'stat';
  panel['options'] = options;
  panel['fieldConfig'] = { ...config, defaults };
  deleteKeys(panel, oldKeys);
};

/** A text behind a plain number is its unit; beside a unit there is no place for it. */
function unitOf(panel: JsonObject, dropped: (option: string) => void): string | undefined {
  const format = textOrNone(panel['format']);
  const prefix = textOrNone(panel['prefix']);
  const postfix = textOrNone(panel['postfix']);
  const isPlain = format === undefined || format === 'none';
  if (isPlain && postfix !== undefined && prefix === undefined) return `suffix:${postfix}`;
  if (isPlain && prefix !== undefined && postfix === undefined) return `prefix:${prefix}`;
  if (prefix !== undefined) dropped('prefix');
  if (postfix !== undefined) dropped('postfix');
  return format;
}
