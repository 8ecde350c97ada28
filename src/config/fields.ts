import { isIP } from 'node:net';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { isAppError, nearestWord, parseBytes, parseDurationMs } from '#base';
import { parseCron } from '#time';
import type { RawSection } from './contract.ts';
import type { Reader } from './reader.ts';

/** One key of the configuration: how it is read, and what its reference page says. */
export interface Field<T> {
  readonly kind: 'scalar' | 'list' | 'section';
  /** For people, in the reference: `duration`, `size`, `one of a, b`. */
  readonly type: string;
  readonly doc: string;
  /** The default as one would write it; undefined: none. */
  readonly defaultText: string | undefined;
  readonly isReloadable: boolean;
  /** The value when the key is absent. */
  readonly absent: () => T;
  /** The value of a node; problems go to the reader, and the default is returned instead. */
  readonly read: (node: Node, reader: Reader, path: string) => T;
  /** Of a section; of a list of sections those of its items. Keyed by property, not by YAML key. */
  readonly children?: Readonly<Record<string, Field<unknown>>>;
}

/** What all kinds of key have. */
export interface FieldOptions {
  readonly doc: string;
  /** Takes effect without a restart. */
  readonly reloadable?: boolean;
}

interface ScalarOptions extends FieldOptions {
  /** As one would write it. */
  readonly default: string;
}

interface ScalarKind<T> {
  readonly type: string;
  /** What may stand there, for the error. */
  readonly allowed: string;
  /** Undefined: not a value of this kind. A string: the reason why not. */
  readonly parse: (text: string) => { value: T } | { problem: string } | undefined;
}

function scalar<T>(kind: ScalarKind<T>, options: ScalarOptions): Field<T> {
  const absent = (): T => {
    const parsed = kind.parse(options.default);
    if (parsed === undefined || !('value' in parsed)) {
      throw new TypeError(`The default ${options.default} is no ${kind.type}`);
    }
    return parsed.value;
  };
  return {
    kind: 'scalar',
    type: kind.type,
    doc: options.doc,
    defaultText: options.default,
    isReloadable: options.reloadable ?? false,
    absent,
    read: (node, reader, path) => {
      if (isNothing(node)) return absent();
      const text = reader.scalarText(node, path, kind.allowed);
      if (text === undefined) return absent();
      const parsed = kind.parse(text);
      if (parsed !== undefined && 'value' in parsed) return parsed.value;
      reader.problem(node, path, {
        message: parsed?.problem ?? `"${text}" is not a valid ${kind.type}`,
        value: text,
        allowed: kind.allowed,
      });
      return absent();
    },
  };
}

/** A key that may be left out: undefined without it. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    ...field,
    defaultText: undefined,
    absent: () => undefined,
    read: (node, reader, path) => (isNothing(node) ? undefined : field.read(node, reader, path)),
  };
}

export function text(
  options: ScalarOptions & { readonly pattern?: RegExp; readonly allowed?: string },
): Field<string> {
  const { pattern } = options;
  const allowed = options.allowed ?? 'text';
  return scalar(
    {
      type: options.allowed ?? 'text',
      allowed,
      parse: (value) =>
        pattern === undefined || pattern.test(value)
          ? { value }
          : { problem: `"${value}" is not ${allowed}` },
    },
    options,
  );
}

export function flag(options: ScalarOptions): Field<boolean> {
  return scalar(
    {
      type: 'true or false',
      allowed: 'true, false',
      parse: (value) =>
        value === 'true' ? { value: true } : value === 'false' ? { value: false } : undefined,
    },
    options,
  );
}

export function integer(
  options: ScalarOptions & { readonly min: number; readonly max: number },
): Field<number> {
  const allowed = `a whole number from ${options.min} to ${options.max}`;
  return scalar(
    {
      type: 'whole number',
      allowed,
      parse: (value) => {
        if (!/^-?\d{1,15}$/.test(value)) return undefined;
        const number = Number(value);
        return number >= options.min && number <= options.max
          ? { value: number }
          : { problem: `${value} is out of range` };
      },
    },
    options,
  );
}

/** Milliseconds out of `5m`, `1h30m`. The property's name ends in `Ms`. */
export function duration(options: ScalarOptions & { readonly min?: string }): Field<number> {
  return quantity(parseDurationMs, options, {
    type: 'duration',
    allowed: 'a duration such as 30s, 5m, 1h30m, 7d',
  });
}

/** Bytes out of `64MiB`, `10GiB`. The property's name ends in `Bytes`. */
export function size(options: ScalarOptions & { readonly min?: string }): Field<number> {
  return quantity(parseBytes, options, {
    type: 'size',
    allowed: 'a size such as 64MiB, 10GiB, 500MB',
  });
}

function quantity(
  parse: (text: string) => number,
  options: ScalarOptions & { readonly min?: string },
  words: { readonly type: string; readonly allowed: string },
): Field<number> {
  const min = options.min === undefined ? 0 : parse(options.min);
  const allowed =
    options.min === undefined ? words.allowed : `${words.allowed}, at least ${options.min}`;
  return scalar(
    {
      type: words.type,
      allowed,
      parse: (value) => {
        try {
          const number = parse(value);
          return number >= min ? { value: number } : { problem: `${value} is too small` };
        } catch (error) {
          if (isAppError(error)) return undefined;
          throw error;
        }
      },
    },
    options,
  );
}

export function choice<const T extends string>(
  values: readonly T[],
  options: ScalarOptions,
): Field<T> {
  const allowed = values.join(', ');
  return scalar(
    {
      type: `one of ${values.map((value) => `\`${value}\``).join(', ')}`,
      allowed,
      parse: (text) => {
        const value = values.find((known) => known === text);
        return value === undefined
          ? { problem: `"${text}" is not one of them${didYouMean(text, values)}` }
          : { value };
      },
    },
    options,
  );
}

/** `host:port`, `[::1]:7600`, `:7600`. */
export function listenAddress(options: ScalarOptions): Field<string> {
  return scalar(
    {
      type: 'address',
      allowed: 'host:port, such as 127.0.0.1:7600',
      parse: (value) => {
        const match = /^(\[[^\]]+\]|[^:[\]\s]*):(\d{1,5})$/.exec(value);
        if (match === null || Number(match[2]) > 65_535) return undefined;
        const host = match[1]!;
        if (host.startsWith('[') && isIP(host.slice(1, -1)) !== 6) return undefined;
        return { value };
      },
    },
    options,
  );
}

/** An http or https URL without a trailing slash. */
export function httpUrl(options: ScalarOptions): Field<string> {
  return scalar(
    {
      type: 'URL',
      allowed: 'a URL such as https://nunchi.example.com',
      parse: (value) => {
        if (!URL.canParse(value)) return undefined;
        const { protocol } = new URL(value);
        if (protocol !== 'http:' && protocol !== 'https:') return undefined;
        return { value: value.replace(/\/+$/, '') };
      },
    },
    options,
  );
}

/** Unix ms of a moment with its offset from UTC. The property's name ends in `Ms`. */
export function moment(options: ScalarOptions): Field<number> {
  return scalar(
    {
      type: 'moment',
      allowed: 'a date with a time and an offset, such as 2026-12-05T22:00:00+09:00',
      parse: (value) => {
        if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(value))
          return undefined;
        const timeMs = Date.parse(value.replace(' ', 'T'));
        return Number.isNaN(timeMs) ? undefined : { value: timeMs };
      },
    },
    options,
  );
}

/** Five fields of cron, or `@daily` and its kin, as they are written. */
export function cron(options: ScalarOptions): Field<string> {
  return scalar(
    {
      type: 'cron schedule',
      allowed: 'minute, hour, day of month, month, day of week, such as 0 2 * * SAT',
      parse: (value) => {
        try {
          parseCron(value);
          return { value };
        } catch (error) {
          if (error instanceof TypeError) return { problem: error.message };
          throw error;
        }
      },
    },
    options,
  );
}

/** An IANA time zone, or `local`. */
export function timeZone(options: ScalarOptions): Field<string> {
  return scalar(
    {
      type: 'time zone',
      allowed: 'an IANA time zone such as Asia/Seoul, UTC, or local',
      parse: (value) => {
        if (value === 'local') return { value };
        try {
          return {
            value: new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone,
          };
        } catch {
          return undefined;
        }
      },
    },
    options,
  );
}

/** A sequence; one plain value stands for a sequence of one. */
export function list<T>(item: Field<T>, options: FieldOptions): Field<readonly T[]> {
  return {
    kind: 'list',
    type: item.kind === 'section' ? 'list of sections' : `list of ${item.type}`,
    doc: options.doc,
    defaultText: '[]',
    isReloadable: options.reloadable ?? false,
    absent: () => [],
    read: (node, reader, path) => {
      if (isNothing(node)) return [];
      if (isSeq(node)) {
        return node.items.map((child, index) =>
          item.read(reader.resolve(child as Node), reader, `${path}[${index}]`),
        );
      }
      if (isScalar(node) && item.kind === 'scalar') return [item.read(node, reader, path)];
      reader.problem(node, path, { message: 'expected a list', allowed: 'a list' });
      return [];
    },
    ...(item.children === undefined ? {} : { children: item.children }),
  };
}

/** A section whose keys are not ours to know. */
export function raw(options: FieldOptions): Field<RawSection | undefined> {
  return {
    kind: 'scalar',
    type: 'section',
    doc: options.doc,
    defaultText: undefined,
    isReloadable: options.reloadable ?? false,
    absent: () => undefined,
    read: (node, reader, path) => {
      if (isNothing(node)) return undefined;
      if (isMap(node)) return reader.rawSection(node);
      reader.problem(node, path, { message: 'expected a section', allowed: 'a section' });
      return undefined;
    },
  };
}

/** The key in the file for a property: the unit at its end is left to the value. */
export function yamlKey(property: string): string {
  return property.replace(/(?:Ms|Bytes)$/, '');
}

export function section<T extends object>(
  doc: string,
  fields: { readonly [K in keyof T]: Field<T[K]> },
): Field<T> {
  const properties = new Map(Object.keys(fields).map((name) => [yamlKey(name), name as keyof T]));
  const absent = (): T =>
    Object.fromEntries(
      Object.keys(fields).map((key) => [key, fields[key as keyof T].absent()]),
    ) as T;
  return {
    kind: 'section',
    type: 'section',
    doc,
    defaultText: undefined,
    isReloadable: false,
    absent,
    children: fields as Readonly<Record<string, Field<unknown>>>,
    read: (node, reader, path) => {
      const result = absent();
      if (isNothing(node)) return result;
      if (!isMap(node)) {
        reader.problem(node, path, {
          message: 'expected a section',
          allowed: `a section with ${[...properties.keys()].join(', ')}`,
        });
        return result;
      }
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const childPath = path === '' ? name : `${path}.${name}`;
        const property = properties.get(name);
        if (property === undefined) {
          const known = [...properties.keys()];
          reader.problem(key as Node, childPath, {
            message: `unknown key "${name}"${didYouMean(name, known)}`,
            allowed: known.join(', '),
          });
        } else if (value !== null) {
          result[property] = fields[property].read(
            reader.resolve(value as Node),
            reader,
            childPath,
          );
        }
      }
      return result;
    },
  };
}

function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `, did you mean "${nearest}"?`;
}

/** `key:` with nothing after it stands for the default. */
function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}
