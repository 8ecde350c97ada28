import { globSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { ProblemList, SourcePlace } from './problems.ts';
import type { Property, Section } from './sections.ts';
import type { Variables } from './variables.ts';

const maxFiles = 1000;

/** Reads a YAML configuration with everything it includes. Problems go to `problems`. */
export function readYamlFile(
  path: string,
  variables: Variables,
  problems: ProblemList,
): readonly Section[] {
  const reader = new YamlReader(variables, problems);
  reader.readFile(path, { file: path, line: 0 });
  return reader.sections;
}

const ignoredKeys: ReadonlySet<string> = new Set([
  'plugins',
  'upstream_servers',
  'stream_processor',
  'customs',
]);

class YamlReader {
  readonly sections: Section[] = [];
  readonly #variables: Variables;
  readonly #problems: ProblemList;
  readonly #seen = new Set<string>();

  constructor(variables: Variables, problems: ProblemList) {
    this.#variables = variables;
    this.#problems = problems;
  }

  readFile(path: string, from: SourcePlace): void {
    if (this.#seen.has(path) || this.#seen.size >= maxFiles) {
      this.#problems.add(from, `Read twice: ${path}`);
      return;
    }
    this.#seen.add(path);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      this.#problems.add(from, `could not open configuration file ${path}: ${reason}`);
      return;
    }
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, strict: true });
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      const what = error.message.split('\n')[0];
      this.#problems.add(
        { file: path, line },
        `[config] YAML error found in file "${path}", line ${line}, column ${col}: ${what}`,
      );
    }
    if (document.errors.length > 0) return;
    new YamlFile(path, lines, this.sections, this.#variables, this.#problems, (file, place) =>
      this.readFile(file, place),
    ).read(document.contents);
  }
}

class YamlFile {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #sections: Section[];
  readonly #variables: Variables;
  readonly #problems: ProblemList;
  readonly #include: (file: string, place: SourcePlace) => void;

  constructor(
    file: string,
    lines: LineCounter,
    sections: Section[],
    variables: Variables,
    problems: ProblemList,
    include: (file: string, place: SourcePlace) => void,
  ) {
    this.#file = file;
    this.#lines = lines;
    this.#sections = sections;
    this.#variables = variables;
    this.#problems = problems;
    this.#include = include;
  }

  read(root: unknown): void {
    if (root === null) return;
    if (!isMap(root)) {
      this.#unexpected(root, 'a map of sections');
      return;
    }
    // Variables first: they hold for the whole file, wherever the section stands.
    for (const [key, value] of this.#entries(root)) if (key === 'env') this.#environment(value);
    for (const [key, value, place] of this.#entries(root)) {
      switch (key) {
        case 'env':
          break;
        case 'includes':
          for (const item of this.#items(value)) this.#includeFiles(item);
          break;
        case 'service':
          this.#section('service', value);
          break;
        case 'pipeline':
          this.#pipeline(value);
          break;
        case 'parsers':
          for (const item of this.#items(value)) this.#section('parser', item);
          break;
        case 'multiline_parsers':
          for (const item of this.#items(value)) this.#section('multiline_parser', item);
          break;
        default:
          if (ignoredKeys.has(key)) this.#problems.warn(place, `the section ${key} has no effect`);
          else this.#problems.add(place, `unknown section '${key}'`);
      }
    }
  }

  #place(node: unknown): SourcePlace {
    const offset = (node as Node | null | undefined)?.range?.[0] ?? 0;
    return { file: this.#file, line: this.#lines.linePos(offset).line };
  }

  #unexpected(node: unknown, wanted: string): void {
    const offset = (node as Node | null | undefined)?.range?.[0] ?? 0;
    const { line, col } = this.#lines.linePos(offset);
    this.#problems.add(
      { file: this.#file, line },
      `[config] YAML error found in file "${this.#file}", line ${line}, column ${col}: expected ${wanted}`,
    );
  }

  #entries(map: YAMLMap): [key: string, value: unknown, place: SourcePlace][] {
    return map.items.map((pair) => [
      String(isScalar(pair.key) ? pair.key.value : pair.key),
      pair.value,
      this.#place(pair.key),
    ]);
  }

  #items(node: unknown): readonly unknown[] {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (isSeq(node)) return node.items;
    this.#unexpected(node, 'a list');
    return [];
  }

  #environment(node: unknown): void {
    if (isMap(node)) {
      for (const [key, value, place] of this.#entries(node))
        this.#setVariable(key, this.#text(value), place);
      return;
    }
    for (const item of this.#items(node)) {
      if (!isMap(item)) {
        this.#unexpected(item, 'a map with name and value');
        continue;
      }
      const fields = new Map(this.#entries(item).map(([key, value]) => [key, this.#text(value)]));
      const name = fields.get('name');
      const value = fields.get('value') ?? fields.get('uri');
      if (name === undefined || value === undefined) this.#unexpected(item, 'name and value');
      else this.#setVariable(name, value, this.#place(item));
    }
  }

  #setVariable(name: string, value: string | undefined, place: SourcePlace): void {
    if (value === undefined) return;
    if (!value.startsWith('file://')) {
      this.#variables.set(name, value);
      return;
    }
    try {
      this.#variables.set(name, readFileSync(value.slice('file://'.length), 'utf8').trim());
    } catch (cause) {
      this.#problems.add(
        place,
        `the variable ${name} cannot be read from ${value}: ${String(cause)}`,
      );
    }
  }

  #includeFiles(node: unknown): void {
    const pattern = this.#text(node);
    if (pattern === undefined) return;
    const place = this.#place(node);
    const path = isAbsolute(pattern) ? pattern : join(dirname(this.#file), pattern);
    if (!pattern.includes('*')) {
      this.#include(path, place);
      return;
    }
    const files = globSync(path).sort();
    if (files.length === 0) this.#problems.add(place, `no file matches ${pattern}`);
    for (const file of files) this.#include(file, place);
  }

  #pipeline(node: unknown): void {
    if (!isMap(node)) {
      this.#unexpected(node, 'a map with inputs, filters and outputs');
      return;
    }
    for (const [key, value, place] of this.#entries(node)) {
      const kind = /^(input|filter|output)s$/.exec(key)?.[1];
      if (kind === undefined) {
        this.#problems.add(place, `unknown section 'pipeline.${key}'`);
        continue;
      }
      for (const item of this.#items(value)) this.#section(kind, item);
    }
  }

  #section(kind: string, node: unknown): void {
    const section = this.#sectionOf(kind, node);
    if (section !== undefined) this.#sections.push(section);
  }

  #sectionOf(kind: string, node: unknown): Section | undefined {
    if (!isMap(node)) {
      this.#unexpected(node, `the properties of ${kind}`);
      return undefined;
    }
    const properties: Property[] = [];
    const processors: Section[] = [];
    for (const [name, value, place] of this.#entries(node)) {
      const key = snakeCase(name);
      if (kind === 'multiline_parser' && key === 'rules') {
        for (const rule of this.#items(value)) this.#rule(rule, properties);
        continue;
      }
      if (key === 'processors' && isMap(value)) {
        processors.push(...this.#processors(kind, value));
        continue;
      }
      for (const item of isSeq(value) ? value.items : [value]) {
        const text = this.#text(item);
        if (text === undefined) continue;
        properties.push({ key, value: this.#variables.expand(text, place), ...place });
      }
    }
    return { kind, ...this.#place(node), properties, ...(processors.length > 0 && { processors }) };
  }

  /** What is done to the logs of one input before filters see them. */
  #processors(kind: string, node: YAMLMap): Section[] {
    const found: Section[] = [];
    for (const [signal, value, place] of this.#entries(node)) {
      if (kind !== 'input') {
        this.#problems.add(
          place,
          `processors are supported under inputs alone, not under ${kind}s`,
        );
      } else if (signal === 'metrics' || signal === 'traces') {
        this.#problems.warn(place, `processors of ${signal} have no effect: inputs here give logs`);
      } else if (signal !== 'logs') {
        this.#problems.add(place, `unknown section 'processors.${signal}'`);
      } else {
        for (const item of this.#items(value)) {
          const section = this.#sectionOf('processor', item);
          if (section !== undefined) found.push(section);
        }
      }
    }
    return found;
  }

  #rule(node: unknown, properties: Property[]): void {
    if (!isMap(node)) {
      this.#unexpected(node, 'a rule with state, regex and next_state');
      return;
    }
    const fields = new Map(
      this.#entries(node).map(([key, value]) => [key, this.#text(value) ?? '']),
    );
    const words = ['state', 'regex', 'next_state'].map(
      (key) => `"${(fields.get(key) ?? '').replaceAll('"', '\\"')}"`,
    );
    properties.push({ key: 'rule', value: words.join(' '), ...this.#place(node) });
  }

  #text(node: unknown): string | undefined {
    if (node === null) return '';
    if (!isScalar(node)) {
      this.#unexpected(node, 'a value');
      return undefined;
    }
    if (node.value === null) return '';
    // Plain scalars keep their spelling: `on`, `0.2`, `007`.
    if (typeof node.value === 'string') return node.value;
    return node.source ?? String(node.value);
  }
}

/** `readFromHead` to `read_from_head`; keys with an underscore or an upper-case start only lose case. */
function snakeCase(key: string): string {
  if (/^[a-z][a-z0-9.]*(?:[A-Z][a-z0-9]*)+$/.test(key)) {
    return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
  return key.toLowerCase();
}
