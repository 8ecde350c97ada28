import { readFileSync, statSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { AppError, isAppError, parseDurationMs } from '#base';

/** A ConfigMap holds a mebibyte. */
const maxChars = 1_048_576;

/** Reads values leniently, as users write them, and keeps what is wrong with its line. */
export class Source {
  readonly #file: string;
  readonly #lines: LineCounter;
  /** Values that cannot be used. */
  readonly problems: string[] = [];
  /** Keys that mean nothing here. */
  readonly warnings: string[] = [];
  /** Keys that somebody has asked for, by their mapping. */
  readonly #asked = new Map<YAMLMap, Set<string>>();
  readonly #paths = new Map<YAMLMap, string>();

  private constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  /** @throws {AppError} WATCH_CONFIG_INVALID when it is no YAML mapping */
  static parse(file: string, text: string): { readonly source: Source; readonly root: Section } {
    const lines = new LineCounter();
    const source = new Source(file, lines);
    if (text.length > maxChars) {
      throw invalid(`${file} has ${text.length} characters; ${maxChars} are allowed`);
    }
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
    const [error] = document.errors;
    if (error !== undefined) {
      const { line } = lines.linePos(error.pos[0]);
      throw invalid(`failed to load config: ${file}:${line}: ${error.message.split('\n')[0]}`);
    }
    const { contents } = document;
    if (contents === null) return { source, root: new Section(source, undefined, '') };
    if (!isMap(contents)) {
      throw invalid(`failed to load config: ${file}:1: expected a mapping of keys`);
    }
    return { source, root: new Section(source, contents, '') };
  }

  where(node: Node | null | undefined): string {
    const at = node?.range?.[0];
    return at === undefined ? this.#file : `${this.#file}:${this.#lines.linePos(at).line}`;
  }

  problem(node: Node | null | undefined, path: string, message: string): void {
    this.problems.push(`${this.where(node)}: ${path}: ${message}`);
  }

  noteSection(map: YAMLMap, path: string): Set<string> {
    this.#paths.set(map, path);
    const asked = this.#asked.get(map) ?? new Set<string>();
    this.#asked.set(map, asked);
    return asked;
  }

  /** Keys nobody has asked for are said; they hinder nothing. */
  warnUnknown(): void {
    for (const [map, asked] of this.#asked) {
      const path = this.#paths.get(map) ?? '';
      for (const { key } of map.items) {
        const name = String(isScalar(key) ? key.value : key);
        if (asked.has(name)) continue;
        const full = path === '' ? name : `${path}.${name}`;
        this.warn(key as Node, full, 'is not known and has no effect');
      }
    }
  }

  warn(node: Node | null | undefined, path: string, message: string): void {
    this.warnings.push(`${this.where(node)}: ${path}: ${message}`);
  }
}

const invalid = (message: string): AppError => new AppError('WATCH_CONFIG_INVALID', message);

export interface DurationOptions {
  readonly byDefaultMs: number;
  /** What a number alone counts. */
  readonly unitMs: number;
  /** 0 unless given. */
  readonly minMs?: number;
  /** About 30 years unless given. */
  readonly maxMs?: number;
}

/** A mounted Secret is at most this long. */
const maxSecretBytes = 1_048_576;

/** A mapping; keys are asked for, and those that nobody asked for are warned of. */
export class Section {
  readonly #source: Source;
  readonly #map: YAMLMap | undefined;
  readonly #path: string;
  readonly #asked: Set<string>;

  constructor(source: Source, map: YAMLMap | undefined, path: string) {
    this.#source = source;
    this.#map = map;
    this.#path = path;
    this.#asked = map === undefined ? new Set() : source.noteSection(map, path);
  }

  get isThere(): boolean {
    return this.#map !== undefined;
  }

  keys(): string[] {
    return (this.#map?.items ?? []).map(({ key }) => String(isScalar(key) ? key.value : key));
  }

  section(key: string): Section {
    const node = this.#node(key);
    if (node === undefined) return new Section(this.#source, undefined, this.path(key));
    if (isMap(node)) return new Section(this.#source, node, this.path(key));
    this.problem(key, 'expected a mapping of keys');
    return new Section(this.#source, undefined, this.path(key));
  }

  /** Also of numbers and truth values, which people write without quotes. */
  text(key: string): string | undefined {
    const node = this.#node(key);
    if (node === undefined) return undefined;
    if (isScalar(node) && ['string', 'number', 'boolean'].includes(typeof node.value)) {
      // 0755 and 1e3 are what is written, not what YAML makes of it.
      return typeof node.value === 'number'
        ? (node.source ?? String(node.value))
        : this.#withFile(key, String(node.value));
    }
    this.problem(key, 'expected a text');
    return undefined;
  }

  /** `${file:/path}`: what a mounted Secret holds. */
  #withFile(key: string, text: string): string {
    const path = /^\$\{file:(\/[^}]+)\}$/.exec(text)?.[1];
    if (path === undefined) return text;
    try {
      if (statSync(path).size > maxSecretBytes) throw new Error('the file is longer than 1 MiB');
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      this.problem(key, `\${file:${path}} cannot be read: ${(error as Error).message}`);
      return '';
    }
  }

  /** Of a number that counts units, or of a duration such as `90s`, `5m`. */
  durationMs(
    key: string,
    { byDefaultMs, unitMs, minMs = 0, maxMs = 1e12 }: DurationOptions,
  ): number {
    const text = this.text(key)?.trim();
    if (text === undefined) return byDefaultMs;
    const value = durationOf(text, unitMs);
    if (value !== undefined && value >= minMs && value <= maxMs) return value;
    const range = `from ${minMs / unitMs} to ${maxMs / unitMs}`;
    this.problem(
      key,
      `"${text}" is no number ${range}, nor a duration such as 90s; ${byDefaultMs / unitMs} is used`,
    );
    return byDefaultMs;
  }

  number(key: string, byDefault: number, range: readonly [min: number, max: number]): number {
    const text = this.text(key);
    if (text === undefined) return byDefault;
    const [min, max] = range;
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    this.problem(key, `"${text}" is no number from ${min} to ${max}; ${byDefault} is used`);
    return byDefault;
  }

  flag(key: string, byDefault: boolean): boolean {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return byDefault;
    if (['true', 'yes', 'on'].includes(text)) return true;
    if (['false', 'no', 'off'].includes(text)) return false;
    this.problem(key, `"${text}" is neither true nor false; ${byDefault} is used`);
    return byDefault;
  }

  /** Of a single text a list of one. */
  texts(key: string): readonly string[] {
    const node = this.#node(key);
    if (node === undefined) return [];
    if (isScalar(node)) {
      const text = this.text(key);
      return text === undefined || text === '' ? [] : [text];
    }
    if (!isSeq(node)) {
      this.problem(key, 'expected a list of texts');
      return [];
    }
    return node.items.flatMap((item) => {
      if (isScalar(item) && item.value !== null) return [String(item.value)];
      this.#source.problem(item as Node, this.path(key), 'expected a text');
      return [];
    });
  }

  sections(key: string): readonly Section[] {
    const node = this.#node(key);
    if (node === undefined) return [];
    if (!isSeq(node)) {
      this.problem(key, 'expected a list');
      return [];
    }
    return node.items.flatMap((item, at) => {
      const path = `${this.path(key)}[${at}]`;
      if (isMap(item)) return [new Section(this.#source, item, path)];
      this.#source.problem(item as Node, path, 'expected a mapping of keys');
      return [];
    });
  }

  /** A mapping of texts. */
  map(key: string): Readonly<Record<string, string>> {
    const section = this.section(key);
    return Object.fromEntries(
      section.keys().flatMap((name) => {
        const value = section.text(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  }

  /** A key that is of no interest, with all that is in it. */
  skip(key: string): void {
    this.#asked.add(key);
  }

  /** A key that is known and does nothing: it is said why, unless it is switched off. */
  without(key: string, why: string): void {
    const node = this.#node(key);
    if (node === undefined) return;
    const isOff = isMap(node) && String(node.get('enabled')) === 'false';
    if (!isOff) this.warn(key, `has no effect: ${why}`);
  }

  warn(key: string, message: string): void {
    this.#source.warn(this.#raw(key), this.path(key), message);
  }

  problem(key: string, message: string): void {
    this.#source.problem(this.#raw(key) ?? this.#map, this.path(key), message);
  }

  path(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  #raw(key: string): Node | undefined {
    return (this.#map?.get(key, true) as Node | undefined) ?? undefined;
  }

  #node(key: string): Node | undefined {
    this.#asked.add(key);
    const node = this.#raw(key);
    if (node === undefined || (isScalar(node) && node.value === null)) return undefined;
    if (!isAlias(node)) return node;
    this.problem(key, 'aliases are not followed here; write the value out');
    return undefined;
  }
}

function durationOf(text: string, unitMs: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * unitMs;
  try {
    return parseDurationMs(text);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
