/** Options of stat, gauge and bar gauge before field config was the same for all panels. */
import {
  isObject,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  setDefined,
  stringOf,
} from '../json.ts';
import { calculationOf, percentRange, textOrNone } from './angular.ts';
import type { PanelMigration } from './index.ts';

/** A second generation panel has neither `fieldOptions` nor `valueOptions`: it is left alone. */
export const migrateSingleStatOptions: PanelMigration = (panel, dropped) => {
  const inOldPlace = Object.keys(panel).find((key) => key.startsWith('options-'));
  if (inOldPlace !== undefined) {
    panel['options'] = { ...objectOf(panel[inOldPlace]), ...objectOf(panel['options']) };
    delete panel[inOldPlace];
  }
  const options = panel['options'];
  if (!isObject(options)) return;
  if (isObject(options['valueOptions'])) fromValueOptions(panel, options, dropped);
  if (isObject(options['fieldOptions'])) fromFieldOptions(panel, options, options['fieldOptions']);
};

function fieldConfigOf(panel: JsonObject): { config: JsonObject; defaults: JsonObject } {
  const config = objectOf(panel['fieldConfig']);
  const defaults = objectOf(config['defaults']);
  panel['fieldConfig'] = { ...config, defaults };
  return { config: panel['fieldConfig'] as JsonObject, defaults };
}

function fromFieldOptions(panel: JsonObject, options: JsonObject, old: JsonObject): void {
  const { config, defaults } = fieldConfigOf(panel);
  const { title, ...rest } = objectOf(old['defaults']);
  Object.assign(defaults, { ...rest, ...defaults });
  if (title !== undefined) defaults['displayName'] ??= title;
  for (const key of ['thresholds', 'mappings'] as const) {
    const value = old[key];
    if (Array.isArray(value)) {
      defaults[key] ??= key === 'mappings' ? value : { mode: 'absolute', steps: oldSteps(value) };
    }
  }
  const overrides = [...objectsOf(config['overrides']), ...objectsOf(old['overrides'])];
  if (overrides.length > 0) config['overrides'] = overrides;
  const calcs = Array.isArray(old['calcs']) ? old['calcs'] : [];
  const reduce: JsonObject = {
    values: old['values'] === true,
    calcs: calcs.filter((name) => typeof name === 'string').map(calculationOf),
    fields: '',
  };
  setDefined(reduce, 'limit', numberOf(old['limit']));
  options['reduceOptions'] ??= reduce;
  delete options['fieldOptions'];
}

/** The first beta: `{valueOptions, thresholds, minValue, maxValue, valueMappings}`. */
function fromValueOptions(
  panel: JsonObject,
  options: JsonObject,
  dropped: (option: string) => void,
): void {
  const { defaults } = fieldConfigOf(panel);
  const old = objectOf(options['valueOptions']);
  const unit = textOrNone(old['unit']);
  setDefined(defaults, 'unit', unit);
  Object.assign(defaults, percentRange(unit));
  setDefined(defaults, 'decimals', numberOf(old['decimals']));
  setDefined(defaults, 'min', numberOf(options['minValue']));
  setDefined(defaults, 'max', numberOf(options['maxValue']));
  for (const key of ['prefix', 'suffix']) if (textOrNone(old[key])) dropped(key);
  if (Array.isArray(options['thresholds'])) {
    defaults['thresholds'] = { mode: 'absolute', steps: oldSteps(options['thresholds']) };
  }
  if (Array.isArray(options['valueMappings'])) defaults['mappings'] = options['valueMappings'];
  const stat = stringOf(old['stat']) ?? 'current';
  options['reduceOptions'] ??= { values: false, calcs: [calculationOf(stat)], fields: '' };
  for (const key of ['valueOptions', 'thresholds', 'minValue', 'maxValue', 'valueMappings']) {
    delete options[key];
  }
}

/** Steps in rising order; the first version wrote them falling, with an index each. */
function oldSteps(steps: readonly unknown[]): JsonObject[] {
  return objectsOf(steps)
    .map(
      ({ index: _, ...step }): JsonObject => ({ ...step, value: numberOf(step['value']) ?? null }),
    )
    .sort((a, b) => (numberOf(a['value']) ?? -Infinity) - (numberOf(b['value']) ?? -Infinity));
}
