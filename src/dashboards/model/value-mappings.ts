/** Value mappings of every age, as `{type: value|range|regex|special, options}`. */
import { isObject, type JsonObject, numberOf, objectsOf, stringOf } from './json.ts';

const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value);

/** The colour of a step that covers a value; undefined where there are no steps or no number. */
export function thresholdColorAt(
  thresholds: unknown,
  value: number | undefined,
): string | undefined {
  if (!isObject(thresholds) || value === undefined) return undefined;
  let color: string | undefined;
  for (const step of objectsOf(thresholds['steps'])) {
    const from = numberOf(step['value']) ?? Number.NEGATIVE_INFINITY;
    if (value >= from) color = stringOf(step['color']);
  }
  return color;
}

/**
 * Mappings in their present form. Values with a text of their own come together in one mapping, as
 * they do in an editor. The colours of old mappings come from the thresholds at the text they show.
 */
export function readMappings(mappings: unknown, thresholds: unknown): JsonObject[] {
  const read: JsonObject[] = [];
  const oldValues: JsonObject = {};
  for (const mapping of objectsOf(mappings)) {
    if (typeof mapping['type'] === 'string' && mapping['options'] !== undefined) {
      read.push(mapping);
      continue;
    }
    const result: JsonObject = { text: textOf(mapping['text']) };
    const color = thresholdColorAt(thresholds, numberOf(mapping['text']));
    if (color !== undefined) result['color'] = color;
    const kind = numberOf(mapping['type']);
    const value = mapping['value'];
    // Old files hold both forms in one entry; the number says which one is meant.
    const isRange = kind === 2 || (kind === undefined && mapping['from'] !== undefined);
    if (isRange) {
      const [from, to] = [mapping['from'], mapping['to']];
      if (from === 'null' && to === 'null') {
        read.push({ type: 'special', options: { match: 'null', result } });
      } else {
        const options = { from: numberOf(from) ?? null, to: numberOf(to) ?? null, result };
        read.push({ type: 'range', options });
      }
    } else if (value === null || value === 'null') {
      read.push({ type: 'special', options: { match: 'null', result } });
    } else if (value !== undefined && textOf(value) !== '') {
      oldValues[textOf(value)] = result;
    }
  }
  if (Object.keys(oldValues).length > 0) read.unshift({ type: 'value', options: oldValues });
  return read;
}
