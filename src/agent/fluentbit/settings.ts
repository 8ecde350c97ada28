import { AppError } from '#base';
import type { ProblemList, SourcePlace } from './problems.ts';
import { type Property, propertyOf, type Section } from './sections.ts';
import { parseBoolean, parseSecondsMs, parseSize, splitCommas, splitWords } from './values.ts';

/** What an option's text must be. */
export type OptionKind =
  | 'text'
  | 'bool'
  | 'integer'
  | 'number'
  /** Bytes, decimal units. */
  | 'size'
  /** `10s`; bare numbers are seconds. */
  | 'time'
  /** Items between commas. */
  | 'list'
  /** Words between spaces; `words` is the least number of them, the last takes the rest. */
  | 'words';

export interface Option {
  readonly kind: OptionKind;
  /** May stand more than once; order counts. */
  readonly multi?: boolean;
  /** For `words`. */
  readonly words?: number;
  /** Known to Fluent Bit, without effect here; the text says why. Named as a warning. */
  readonly noEffect?: string;
}

/** Options by their name in lower case. */
export type OptionTable = Readonly<Record<string, Option>>;

const text: Option = { kind: 'text' };
const bool: Option = { kind: 'bool' };

/** Short names for tables. */
export const option: {
  readonly text: Option;
  readonly bool: Option;
  readonly integer: Option;
  readonly number: Option;
  readonly size: Option;
  readonly time: Option;
  readonly list: Option;
  readonly texts: Option;
  words(atLeast: number): Option;
  noEffect(why: string): Option;
} = {
  text,
  bool,
  integer: { kind: 'integer' },
  number: { kind: 'number' },
  size: { kind: 'size' },
  time: { kind: 'time' },
  list: { kind: 'list', multi: true },
  texts: { kind: 'text', multi: true },
  words: (words) => ({ kind: 'words', words, multi: true }),
  noEffect: (why) => ({ kind: 'text', noEffect: why, multi: true }),
};

/** The checked options of one plugin instance. Getters give undefined (or `otherwise`) when not set. */
export class Settings implements SourcePlace {
  /** `tail`. */
  readonly plugin: string;
  /** `tail.0`, or the alias. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly #section: Section;

  constructor(section: Section, plugin: string, name: string) {
    this.plugin = plugin;
    this.name = name;
    this.file = section.file;
    this.line = section.line;
    this.#section = section;
  }

  /** All lines of a key, in file order. Lines that expanded to nothing count as not there. */
  all(key: string): readonly Property[] {
    return this.#section.properties.filter((item) => item.key === key && item.value !== '');
  }

  /** All lines, for plugins whose rules are in file order over several keys. */
  get lines(): readonly Property[] {
    return this.#section.properties.filter((item) => item.value !== '');
  }

  has(key: string): boolean {
    return this.text(key) !== undefined;
  }

  text(key: string): string | undefined;
  text(key: string, otherwise: string): string;
  text(key: string, otherwise?: string): string | undefined {
    const value = propertyOf(this.#section, key)?.value;
    return value === undefined || value === '' ? otherwise : value;
  }

  texts(key: string): readonly string[] {
    return this.all(key).map((property) => property.value);
  }

  bool(key: string, otherwise: boolean): boolean {
    const value = this.text(key);
    return value === undefined ? otherwise : (parseBoolean(value) ?? otherwise);
  }

  number(key: string): number | undefined;
  number(key: string, otherwise: number): number;
  number(key: string, otherwise?: number): number | undefined {
    const value = this.text(key);
    return value === undefined ? otherwise : Number(value);
  }

  /** Bytes. */
  size(key: string): number | undefined;
  size(key: string, otherwise: number): number;
  size(key: string, otherwise?: number): number | undefined {
    const value = this.text(key);
    return value === undefined ? otherwise : parseSize(value);
  }

  /** Milliseconds. */
  timeMs(key: string): number | undefined;
  timeMs(key: string, otherwise: number): number;
  timeMs(key: string, otherwise?: number): number | undefined {
    const value = this.text(key);
    return value === undefined ? otherwise : parseSecondsMs(value);
  }

  list(key: string): readonly string[] {
    return this.texts(key).flatMap(splitCommas);
  }

  /** @throws {AppError} when not set */
  required(key: string): string {
    const value = this.text(key);
    if (value === undefined)
      throw this.problem(`${this.plugin}: the property '${key}' is required`);
    return value;
  }

  /** An error that names the line of `key`, or of the section. */
  problem(message: string, key?: string): AppError {
    const place: SourcePlace =
      (key === undefined ? undefined : propertyOf(this.#section, key)) ?? this;
    return new AppError('FLUENTBIT_CONFIG_INVALID', message, {
      details: { file: place.file, line: place.line },
    });
  }
}

/** Checks every line of a section against the options that are allowed. */
export function checkOptions(
  section: Section,
  plugin: string,
  table: OptionTable,
  problems: ProblemList,
): void {
  const counts = new Map<string, number>();
  for (const property of section.properties) {
    const { key, value } = property;
    const spec = table[key] ?? (/^(?:net|tls|host_net)\./.test(key) ? text : undefined);
    if (spec === undefined) {
      const allowed = Object.keys(table).sort().join(', ');
      problems.add(
        property,
        `[config] ${plugin}: unknown configuration property '${key}'. The following properties are allowed: ${allowed}`,
      );
      continue;
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > 1 && spec.multi !== true) {
      problems.add(
        property,
        `[config] ${plugin}: configuration property '${key}' is set ${count} times`,
      );
      continue;
    }
    if (spec.noEffect !== undefined)
      problems.warn(property, `${plugin}: '${key}' has no effect: ${spec.noEffect}`);
    const trouble = value === '' ? undefined : valueTrouble(key, value, spec);
    if (trouble !== undefined) problems.add(property, `[config] ${plugin}: ${trouble}`);
  }
}

function valueTrouble(key: string, value: string, spec: Option): string | undefined {
  switch (spec.kind) {
    case 'text':
    case 'list':
      return undefined;
    case 'bool':
      return parseBoolean(value) === undefined
        ? `invalid value for boolean property '${key}=${value}'`
        : undefined;
    case 'integer':
      return /^-?\d+$/.test(value)
        ? undefined
        : `invalid value for integer property '${key}=${value}'`;
    case 'number':
      return Number.isFinite(Number(value))
        ? undefined
        : `invalid value for number property '${key}=${value}'`;
    case 'size':
      return parseSize(value) === undefined
        ? `invalid value for size property '${key}=${value}'`
        : undefined;
    case 'time':
      return parseSecondsMs(value) === undefined
        ? `invalid value for time property '${key}=${value}'`
        : undefined;
    case 'words': {
      const found = splitWords(value).length;
      const wanted = spec.words ?? 1;
      return found < wanted
        ? `property '${key}' expects ${wanted} values (only ${found} were found)`
        : undefined;
    }
  }
}
