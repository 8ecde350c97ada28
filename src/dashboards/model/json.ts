/** Reading and changing JSON of unknown form. */
import { DashboardError } from './errors.ts';

export type JsonObject = { [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or a new empty one for anything else. */
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** The objects of a list; whatever else stands in it is left out. */
export const objectsOf = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

export const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** A finite number, or a text that is one. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** The object under a key, put there when there is none. */
export function objectAt(owner: JsonObject, key: string): JsonObject {
  const found = owner[key];
  if (isObject(found)) return found;
  const made: JsonObject = {};
  owner[key] = made;
  return made;
}

/** Sets a key unless the value is undefined. */
export function setDefined(owner: JsonObject, key: string, value: unknown): void {
  if (value !== undefined) owner[key] = value;
}

/** The value at a path of keys with dots, or undefined. */
export function valueAt(owner: unknown, path: string): unknown {
  let place = owner;
  for (const key of path.split('.')) {
    if (!isObject(place)) return undefined;
    place = place[key];
  }
  return place;
}

/** Sets the value at a path of keys with dots, making objects on the way. */
export function setAt(owner: JsonObject, path: string, value: unknown): void {
  const keys = path.split('.');
  let place = owner;
  for (const key of keys.slice(0, -1)) place = objectAt(place, key);
  place[keys.at(-1)!] = value;
}

/** A dashboard of a thousand panels has some 100,000 values and 2 MB of text. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxValues: number;
  readonly maxChars: number;
}

/**
 * A copy that shares nothing with the original, without keys that JSON cannot hold or that would
 * reach an object's prototype.
 *
 * @throws {DashboardError} `DASHBOARD_TOO_LARGE` naming where a limit is crossed
 */
export function copyJson(value: unknown, limits: JsonLimits): unknown {
  let values = 0;
  let chars = 0;
  const refuse = (path: string, what: string): never => {
    throw new DashboardError('DASHBOARD_TOO_LARGE', path, what);
  };
  const copy = (from: unknown, path: string, depth: number): unknown => {
    if (++values > limits.maxValues) refuse(path, `more than ${limits.maxValues} values`);
    if (depth > limits.maxDepth) refuse(path, `nested deeper than ${limits.maxDepth} levels`);
    if (typeof from === 'string') {
      chars += from.length;
      if (chars > limits.maxChars) refuse(path, `more than ${limits.maxChars} characters of text`);
      return from;
    }
    if (Array.isArray(from)) {
      return from.map((entry, index) => copy(entry ?? null, `${path}[${index}]`, depth + 1));
    }
    if (isObject(from)) {
      const made: JsonObject = {};
      for (const [key, entry] of Object.entries(from)) {
        if (entry === undefined || key === '__proto__') continue;
        chars += key.length;
        made[key] = copy(entry, path === '' ? key : `${path}.${key}`, depth + 1);
      }
      return made;
    }
    if (typeof from === 'number') return Number.isFinite(from) ? from : null;
    return typeof from === 'boolean' ? from : null;
  };
  return copy(value, '', 0);
}

/** Equal as JSON: objects by keys in any order, lists by place. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((entry, index) => equalJson(entry, b[index]))
    );
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && equalJson(a[key], b[key]))
  );
}
