/** What panels of the first generation have in common. */
import { type JsonObject, numberOf, objectsOf, stringOf } from '../json.ts';
import { readMappings } from '../value-mappings.ts';

const calculations: Readonly<Record<string, string>> = {
  avg: 'mean',
  current: 'lastNotNull',
  first: 'firstNotNull',
  name: 'lastNotNull',
  total: 'sum',
};

/** The present id of a calculation: `current` is `lastNotNull`. */
export const calculationOf = (name: string): string =>
  Object.hasOwn(calculations, name) ? calculations[name]! : name;

/** A matcher of series by name, or by pattern where the name is written as `/…/`. */
export const matcherOf = (name: string): JsonObject =>
  /^\/.*\/[a-z]*$/.test(name) ? { id: 'byRegexp', options: name } : { id: 'byName', options: name };

export const fixedColor = (color: string): JsonObject => ({ mode: 'fixed', fixedColor: color });

/** Overrides that give named series their color. */
export const aliasColorOverrides = (colors: unknown): JsonObject[] =>
  Object.entries((colors as object | null | undefined) ?? {})
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([name, color]) => ({
      matcher: { id: 'byName', options: name },
      properties: [{ id: 'color', value: fixedColor(color) }],
    }));

/** `"50,80"` or `["50", "80"]` with colors for below, between and above. */
export function stepsOf(thresholds: unknown, colors: unknown): JsonObject[] | undefined {
  const names = (Array.isArray(colors) ? colors : []).filter((color) => typeof color === 'string');
  if (names.length === 0) return undefined;
  const texts = typeof thresholds === 'string' ? thresholds.split(',') : thresholds;
  const given = (Array.isArray(texts) ? texts : []).map(numberOf).filter((v) => v !== undefined);
  // The first files had a bound below the first color as well.
  const values =
    given.length >= names.length ? given.slice(given.length - names.length + 1) : given;
  return names
    .slice(0, values.length + 1)
    .map((color, index) => ({ value: index === 0 ? null : values[index - 1], color }));
}

const valueMapType = 1;
const rangeMapType = 2;

/** Texts for values or for ranges: one of both was in use. */
export function mappingsOf(owner: JsonObject, thresholds: unknown): JsonObject[] {
  const values = objectsOf(owner['valueMaps']);
  const ranges = objectsOf(owner['rangeMaps']);
  const type = numberOf(owner['mappingType']) ?? (values.length > 0 ? valueMapType : rangeMapType);
  const maps = type === rangeMapType ? ranges : values;
  return readMappings(
    maps.map((map) => ({ ...map, type })),
    thresholds,
  );
}

/** `percent` and `percentunit` were drawn from 0 to the whole. */
export const percentRange = (unit: string | undefined): JsonObject =>
  unit === 'percent' ? { min: 0, max: 100 } : unit === 'percentunit' ? { min: 0, max: 1 } : {};

export const textOrNone = (value: unknown): string | undefined => stringOf(value) || undefined;

export function deleteKeys(owner: JsonObject, keys: readonly string[]): void {
  for (const key of keys) delete owner[key];
}
