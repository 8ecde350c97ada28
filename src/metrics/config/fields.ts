import { dirname, isAbsolute, join } from 'node:path';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { describeError, isAppError, nearestWord } from '#base';
import { compileLabelPattern } from '#metrics/model';
import { compileRelabelRule, type RelabelRule } from '#metrics/relabel';
import type { DocumentReader } from './reader.ts';
import { Secret } from './secret.ts';
import { parseBase2Bytes, parsePrometheusDurationMs } from './units.ts';

/** How one key is read. Problems go to the reader; the default is returned instead. */
export interface Field<T> {
  readonly absent: () => T;
  readonly read: (node: Node, reader: DocumentReader, path: string) => T;
}

type Parse<T> = (text: string, reader: DocumentReader) => T;

function scalar<T>(fallback: T, allowed: string, parse: Parse<T>): Field<T> {
  return {
    absent: () => fallback,
    read: (node, reader, path) => {
      const value = reader.text(node, path, allowed);
      if (value === undefined) return fallback;
      try {
        return parse(value, reader);
      } catch (error) {
        if (!(error instanceof TypeError) && !isAppError(error)) throw error;
        reader.problem(node, path, { message: describeError(error), value, allowed });
        return fallback;
      }
    },
  };
}

export const text = (fallback = ''): Field<string> => scalar(fallback, 'text', (value) => value);

/** A key that may be left out. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { absent: () => undefined, read: field.read };
}

export const secret: Field<Secret | undefined> = scalar<Secret | undefined>(
  undefined,
  'text',
  (value) => new Secret(value),
);

/** A path, relative to the folder of the file that names it. */
export const path: Field<string> = scalar('', 'a path', (value, reader) =>
  value === '' || isAbsolute(value) ? value : join(dirname(reader.file), value),
);

/** The words of YAML 1.1, which the reference reads. */
const yesWords = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const noWords = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

export const flag = (fallback: boolean): Field<boolean> =>
  scalar(fallback, 'true, false', (value) => {
    if (yesWords.test(value)) return true;
    if (noWords.test(value)) return false;
    throw new TypeError(`"${value}" is neither true nor false`);
  });

export const count = (fallback: number): Field<number> =>
  scalar(fallback, 'a whole number from 0', (value) => {
    if (!/^\+?\d{1,19}$/.test(value)) throw new TypeError(`"${value}" is not a whole number`);
    return Number(value);
  });

export const decimal = (fallback: number): Field<number> =>
  scalar(fallback, 'a number', (value) => {
    const number = Number(value);
    if (value === '' || !Number.isFinite(number)) throw new TypeError(`"${value}" is not a number`);
    return number;
  });

/** Milliseconds; the property's name ends in `Ms`. */
export const duration = (fallbackMs: number): Field<number> =>
  scalar(fallbackMs, 'a duration such as 15s, 1m30s', parsePrometheusDurationMs);

/** Bytes; the property's name ends in `Bytes`. */
export const size = (fallbackBytes: number): Field<number> =>
  scalar(fallbackBytes, 'a size such as 10MB', parseBase2Bytes);

export const choice = <const T extends string>(values: readonly T[], fallback: T): Field<T> =>
  scalar(fallback, values.join(', '), (value) => {
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    throw new TypeError(`"${value}" is not one of them${didYouMean(value, values)}`);
  });

export const httpUrl: Field<string> = scalar('', 'an http or https URL', (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return value;
  throw new TypeError(`"${value}" is not an http or https URL`);
});

export function list<T>(item: Field<T>): Field<readonly T[]> {
  return {
    absent: () => [],
    read: (node, reader, at) => {
      if (isNull(node)) return [];
      if (!isSeq(node)) {
        reader.problem(node, at, { message: 'expected a list', allowed: 'a list' });
        return [];
      }
      return node.items.map((child, index) =>
        item.read(reader.resolve(child as Node), reader, `${at}[${index}]`),
      );
    },
  };
}

/** Names of one's own choice, such as labels or parameters. */
export function record<T>(
  value: Field<T>,
  checkName?: (name: string) => string | undefined,
): Field<Readonly<Record<string, T>>> {
  return {
    absent: () => ({}),
    read: (node, reader, at) => {
      const found: Record<string, T> = Object.create(null) as Record<string, T>;
      if (isNull(node)) return found;
      if (!isMap(node)) {
        reader.problem(node, at, { message: 'expected names and values', allowed: 'name: value' });
        return found;
      }
      for (const { key, value: child } of node.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const problem = checkName?.(name);
        if (problem !== undefined) {
          reader.problem(key as Node, `${at}.${name}`, { message: problem });
        } else if (child !== null) {
          found[name] = value.read(reader.resolve(child as Node), reader, `${at}.${name}`);
        }
      }
      return found;
    },
  };
}

/** The key of a property: `scrapeIntervalMs` is `scrape_interval`. */
export function yamlKey(property: string): string {
  return property
    .replace(/(?:Ms|Bytes)$/, '')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

/**
 * A section with these keys and no others. `check` tells what single keys cannot know: a message, or a
 * key of the section and a message.
 */
export function section<T extends object>(
  fields: Fields<T>,
  check?: (value: T, given: ReadonlySet<string>) => string | undefined,
): Field<T> {
  const properties = new Map(Object.keys(fields).map((name) => [yamlKey(name), name as keyof T]));
  const absent = (): T =>
    Object.fromEntries(
      Object.keys(fields).map((key) => [key, fields[key as keyof T].absent()]),
    ) as T;
  return {
    absent,
    read: (node, reader, at) => {
      const result = absent();
      if (!isNull(node) && !isMap(node)) {
        reader.problem(node, at, { message: 'expected a section', allowed: keysOf(properties) });
        return result;
      }
      const given = new Set<string>();
      for (const { key, value } of isMap(node) ? node.items : []) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const childPath = at === '' ? name : `${at}.${name}`;
        const property = properties.get(name);
        if (property === undefined) {
          const hint = didYouMean(name, properties.keys());
          reader.problem(key as Node, childPath, {
            message: `unknown key "${name}"${hint}`,
            // A job has fifty keys: shown where there is no better idea.
            ...(hint !== '' && properties.size > 20 ? {} : { allowed: keysOf(properties) }),
          });
          continue;
        }
        given.add(name);
        const child = value === null ? undefined : reader.resolve(value as Node);
        if (child === undefined || isNull(child)) continue;
        result[property] = fields[property].read(child, reader, childPath);
      }
      const message = check?.(result, given);
      if (message !== undefined) reader.problem(node, at, { message });
      return result;
    },
  };
}

interface RuleParts {
  readonly sourceLabels: readonly string[] | undefined;
  readonly separator: string | undefined;
  readonly regex: string | undefined;
  readonly modulus: number | undefined;
  readonly targetLabel: string | undefined;
  readonly replacement: string | undefined;
  readonly action: string | undefined;
}

const ruleParts: Field<RuleParts> = section<RuleParts>({
  sourceLabels: optional(list(text())),
  separator: optional(text()),
  regex: optional(text()),
  modulus: optional(count(0)),
  targetLabel: optional(text()),
  replacement: optional(text()),
  action: optional(text()),
});

const harmlessRule: RelabelRule = compileRelabelRule({ action: 'labeldrop', regex: '' });

const relabelRule: Field<RelabelRule> = {
  absent: () => harmlessRule,
  read: (node, reader, at) => {
    const parts = ruleParts.read(node, reader, at);
    try {
      return compileRelabelRule(parts);
    } catch (error) {
      if (!isAppError(error)) throw error;
      const value = error.code === 'METRICS_PATTERN_INVALID' ? parts.regex : undefined;
      reader.problem(node, at, {
        message: error.message,
        ...(value === undefined ? {} : { value }),
      });
      return harmlessRule;
    }
  },
};

export const relabelRules: Field<readonly RelabelRule[]> = list(relabelRule);

/** A regular expression kept as text, refused when it is none. */
export const pattern: Field<string> = scalar('', 'an RE2 pattern', (value) => {
  compileLabelPattern(value);
  return value;
});

/** Any YAML, as plain values: for sections that we accept and do nothing with. */
export const anything: Field<unknown> = {
  absent: () => undefined,
  read: (node, reader) => reader.plain(node),
};

export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `, did you mean "${nearest}"?`;
}

const keysOf = (properties: ReadonlyMap<string, unknown>): string =>
  [...properties.keys()].sort().join(', ');

/** `key:` with nothing after it. */
const isNull = (node: Node): boolean => isScalar(node) && node.value === null;
