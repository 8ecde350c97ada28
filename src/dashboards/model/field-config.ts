/** Field config as panels expect it, whatever wrote it. */
import { isObject, type JsonObject, numberOf, objectsOf, stringOf } from './json.ts';
import { readMappings } from './value-mappings.ts';

/** `fieldConfig` with defaults and overrides, their values in their one form; in place. */
export function normaliseFieldConfig(panel: JsonObject): void {
  const config = isObject(panel['fieldConfig']) ? panel['fieldConfig'] : {};
  panel['fieldConfig'] = config;
  const defaults = isObject(config['defaults']) ? config['defaults'] : {};
  config['defaults'] = defaults;
  for (const key of Object.keys(defaults)) {
    if (key === 'custom') continue;
    defaults[key] = readStandardValue(key, defaults[key], defaults['thresholds']);
  }
  const custom = defaults['custom'];
  if (custom !== undefined && !isObject(custom)) delete defaults['custom'];
  else if (custom?.['hideFrom'] !== undefined)
    custom['hideFrom'] = readHideFrom(custom['hideFrom']);
  config['overrides'] = objectsOf(config['overrides'])
    .filter(
      (override) =>
        isObject(override['matcher']) &&
        isObject(override) &&
        stringOf(override['matcher']['id']) !== undefined,
    )
    .map((override) => ({
      ...override,
      properties: readProperties(objectsOf(override['properties']), defaults['thresholds']),
    }));
}

function readProperties(properties: readonly JsonObject[], thresholds: unknown): JsonObject[] {
  const own = properties.find((property) => property['id'] === 'thresholds')?.['value'];
  return properties
    .filter((property) => stringOf(property['id']) !== undefined)
    .map((property) => {
      if (!('value' in property)) return property;
      const id = property['id'] as string;
      return { ...property, value: readStandardValue(id, property['value'], own ?? thresholds) };
    });
}

function readStandardValue(id: string, value: unknown, thresholds: unknown): unknown {
  switch (id) {
    // Found in widely used files: a bare color where an object belongs.
    case 'color':
      return typeof value === 'string' ? { mode: 'fixed', fixedColor: value } : value;
    case 'thresholds':
      return readThresholds(value);
    case 'mappings':
      return readMappings(value, thresholds);
    case 'custom.hideFrom':
      return readHideFrom(value);
    case 'min':
    case 'max':
    case 'decimals':
      // Text that is no number stands for "from the data"; a variable stays as it is.
      return typeof value === 'string' && !value.includes('$') ? (numberOf(value) ?? null) : value;
    default:
      return value;
  }
}

/** `graph` was the name of `viz` before other charts could hide series too. */
function readHideFrom(value: unknown): unknown {
  if (!isObject(value) || value['graph'] === undefined) return value;
  const { graph, ...rest } = value;
  return { viz: graph, ...rest };
}

/** Thresholds with a mode and with steps in order, the first one from −∞. */
function readThresholds(value: unknown): unknown {
  if (!isObject(value)) return value;
  const steps = objectsOf(value['steps']).map((step) => ({
    ...step,
    value: numberOf(step['value']) ?? null,
    color: stringOf(step['color']) ?? 'green',
  }));
  const first = steps[0];
  if (first !== undefined) first.value = null;
  return {
    ...value,
    mode: value['mode'] === 'percentage' ? 'percentage' : 'absolute',
    steps: first === undefined ? [{ value: null, color: 'green' }] : steps,
  };
}
