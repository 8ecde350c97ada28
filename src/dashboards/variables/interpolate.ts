import type { Formatter, Interpolated, Lookup, Reference } from './contract.ts';
import { formatValue } from './format.ts';

/** `$name`, `[[name:format]]`, `${name.path["key"]:format}`. */
const reference =
  /\$(\w+)|\[\[(\w+)(?::([^\]]*))?\]\]|\$\{(\w+)((?:\.[^.:}[\]]+|\["[^"]*"\]|\['[^']*'\]|\[[^\]]*\])*)(?::([^}]*))?\}/g;
const pathPart = /\.([^.[\]]+)|\["([^"]*)"\]|\['([^']*)'\]|\[([^\]]*)\]/g;

/** Values of "All" may hold references, theirs may not go round in circles. */
const maxDepth = 3;
const maxNesting = 10;

function referenceOf(match: RegExpMatchArray): Reference {
  const [, plain, legacy, legacyFormat, braced, path, format] = match;
  return {
    name: plain ?? legacy ?? braced ?? '',
    path: path === undefined ? [] : pathOf(path),
    format: format ?? legacyFormat,
  };
}

function pathOf(path: string): string[] {
  return [...path.matchAll(pathPart)].map(([, a, b, c, d]) => a ?? b ?? c ?? d ?? '');
}

/** The names that a text refers to, each once. */
export function referencesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of text.matchAll(reference)) names.add(referenceOf(match).name);
  return names;
}

/**
 * Puts values in the place of references. What `lookup` does not know stays as it is. `format` is for
 * references without one: the name of a format, or a function; default: `glob`.
 */
export function interpolate(text: string, lookup: Lookup, format?: string | Formatter): string {
  return replace(text, lookup, format, 0);
}

/** Puts values into every text of a value of JSON, keys aside. What is nested too deep stays as it is. */
export function interpolateAll(value: unknown, lookup: Lookup, nesting = 0): unknown {
  if (typeof value === 'string') return interpolate(value, lookup);
  if (typeof value !== 'object' || value === null || nesting > maxNesting) return value;
  if (Array.isArray(value)) return value.map((item) => interpolateAll(item, lookup, nesting + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolateAll(item, lookup, nesting + 1)]),
  );
}

function replace(
  text: string,
  lookup: Lookup,
  format: string | Formatter | undefined,
  depth: number,
): string {
  if (!text.includes('$') && !text.includes('[[')) return text;
  return text.replace(reference, (...args) => {
    const match = args as unknown as RegExpMatchArray;
    const ref = referenceOf(match);
    const found = lookup(ref);
    if (found === undefined) return match[0];
    const value = ref.path.length === 0 ? found : within(found, ref.path);
    if (value === undefined) return match[0];
    const written = print(value, ref, format);
    return value.isVerbatim === true && depth < maxDepth
      ? replace(written, lookup, format, depth + 1)
      : written;
  });
}

function print(
  value: Interpolated,
  { name, format: own }: Reference,
  given: string | Formatter | undefined,
): string {
  if (own === undefined && typeof given === 'function' && value.isVerbatim !== true) {
    return given(value, name);
  }
  const format = own ?? (typeof given === 'string' ? given : 'glob');
  return formatValue(value, format, name);
}

/** What a path leads to; names with dots are found whole. */
function within(found: Interpolated, path: readonly string[]): Interpolated | undefined {
  let value: unknown = found.value;
  for (let at = 0; at < path.length; at++) {
    if (typeof value !== 'object' || value === null) return undefined;
    const holder = value as Readonly<Record<string, unknown>>;
    const rest = path.slice(at).join('.');
    if (Object.hasOwn(holder, rest)) return { value: holder[rest] };
    const key = path[at] as string;
    if (!Object.hasOwn(holder, key)) return undefined;
    value = holder[key];
  }
  return value === undefined || value === null ? undefined : { value };
}
