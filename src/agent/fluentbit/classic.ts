import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { AppError } from '#base';
import type { ProblemList } from './problems.ts';
import type { Property, Section } from './sections.ts';
import type { Variables } from './variables.ts';

const maxFiles = 1000;
const maxLineLength = 32 * 1024 * 1024;

/**
 * Reads a file of the classic format with everything it includes. Problems go to `problems`. Variables
 * are replaced when all is read: a `@SET` holds for what stands before it too, and the last one counts.
 */
export function readClassicFile(
  path: string,
  variables: Variables,
  problems: ProblemList,
): readonly Section[] {
  const reader = new ClassicReader(dirname(path), variables, problems);
  reader.readFile(path, { file: path, line: 0 });
  return reader.sections.map((section) => ({
    ...section,
    properties: section.properties.map((property) => ({
      ...property,
      value: variables.expand(property.value, property),
    })),
  }));
}

interface OpenSection {
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly properties: Property[];
}

class ClassicReader {
  readonly sections: OpenSection[] = [];
  readonly #folder: string;
  readonly #variables: Variables;
  readonly #problems: ProblemList;
  /** Device and inode of each file read, so that one file is not read twice under two names. */
  readonly #seen = new Set<string>();

  constructor(folder: string, variables: Variables, problems: ProblemList) {
    this.#folder = folder;
    this.#variables = variables;
    this.#problems = problems;
  }

  readFile(path: string, from: { file: string; line: number }): void {
    let text: string;
    try {
      const { dev, ino } = statSync(path);
      const identity = `${dev}:${ino}`;
      if (this.#seen.has(identity)) {
        this.#problems.add(from, `Read twice: ${path}`);
        return;
      }
      if (this.#seen.size >= maxFiles) {
        this.#problems.add(from, `more than ${maxFiles} files are included`);
        return;
      }
      this.#seen.add(identity);
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      this.#problems.add(from, `could not open configuration file ${path}: ${reasonOf(cause)}`);
      return;
    }
    this.#readText(text, path);
  }

  #readText(text: string, file: string): void {
    let section: OpenSection | undefined;
    let indent: string | undefined;
    const lines = text.replace(/^\ufeff/, '').split('\n');
    lines.forEach((raw, index) => {
      const place = { file, line: index + 1 };
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      const content = line.trim();
      if (content === '' || content.startsWith('#')) return;
      if (line.length > maxLineLength) {
        this.#problems.add(place, 'the line is longer than 32 MiB');
        return;
      }
      const isIndented = line[0] === ' ' || line[0] === '\t';
      if (content.startsWith('@')) {
        this.#command(content, isIndented, place);
        return;
      }
      if (!isIndented && content.startsWith('[')) {
        section = this.#openSection(content, place);
        return;
      }
      const leading = /^[ \t]*/.exec(line)![0];
      indent ??= leading === '' ? undefined : leading;
      const trouble = indentTrouble(leading, indent);
      if (trouble !== undefined) {
        this.#problems.add(place, `${trouble}: invalid indentation level`);
        return;
      }
      if (content.startsWith('[')) {
        this.#problems.add(place, `the group ${content} is not supported`);
        return;
      }
      const property = this.#property(content, place);
      if (property === undefined) return;
      if (section === undefined)
        this.#problems.add(place, `${property.key} stands before any section`);
      else section.properties.push(property);
    });
  }

  #openSection(content: string, place: { file: string; line: number }): OpenSection | undefined {
    if (!content.endsWith(']')) {
      this.#problems.add(place, `bad header definition: ${content}`);
      return undefined;
    }
    const name = content.slice(1, -1).trim().toLowerCase();
    const kind = /^(?:inputs|filters|outputs|parsers|multiline_parsers|customs)$/.test(name)
      ? name.slice(0, -1)
      : name;
    const section = { kind, ...place, properties: [] };
    this.sections.push(section);
    return section;
  }

  #property(content: string, place: { file: string; line: number }): Property | undefined {
    // A tab does not end the key, as in the original.
    const space = content.indexOf(' ');
    if (space === -1) {
      this.#problems.add(place, 'undefined value - check config is in valid classic format');
      return undefined;
    }
    const key = content.slice(0, space).trim().toLowerCase();
    const value = content.slice(space + 1).trim();
    return { key, value, ...place };
  }

  #command(content: string, isIndented: boolean, place: { file: string; line: number }): void {
    const match = /^@(\w+)\s*(.*)$/.exec(content);
    const command = match?.[1]?.toLowerCase();
    const rest = this.#variables.expand(match?.[2]?.trim() ?? '', place);
    if (isIndented && command === 'include') {
      this.#problems.warn(place, 'an indented @INCLUDE is taken as one that is not');
    }
    if (command === 'include') this.#include(rest, place);
    else if (command === 'set') {
      const equals = rest.indexOf('=');
      if (equals <= 0) this.#problems.add(place, '@SET wants NAME=VALUE');
      else this.#variables.set(rest.slice(0, equals).trim(), rest.slice(equals + 1).trim());
    } else this.#problems.add(place, `unknown command ${content.split(/\s/)[0]}`);
  }

  #include(pattern: string, place: { file: string; line: number }): void {
    const path = isAbsolute(pattern) ? pattern : join(this.#folder, pattern);
    if (!pattern.includes('*')) {
      this.readFile(path, place);
      return;
    }
    const files = globSync(path).sort();
    if (files.length === 0) this.#problems.add(place, `no file matches @INCLUDE ${pattern}`);
    for (const file of files) this.readFile(file, place);
  }
}

function indentTrouble(leading: string, indent: string | undefined): string | undefined {
  if (leading === indent) return undefined;
  if (leading === '' || indent === undefined) return 'indentation level is too low';
  const shorter = Math.min(leading.length, indent.length);
  if (leading.slice(0, shorter) !== indent.slice(0, shorter))
    return 'inconsistent use of tab and space';
  return leading.length < indent.length
    ? 'indentation level is too low'
    : 'extra indentation level found';
}

function reasonOf(cause: unknown): string {
  return cause instanceof AppError
    ? cause.message
    : ((cause as NodeJS.ErrnoException).code ?? String(cause));
}
