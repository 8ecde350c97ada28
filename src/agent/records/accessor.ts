import { AppError } from '#base';
import { RawNumber, type RecordMap, type RecordValue } from '../contract.ts';
import { printJsonNumber, printJsonValue } from './json-print.ts';

/** The path of a value in a record: map keys and list indexes. */
export type RecordPath = readonly (string | number)[];

/**
 * Reads `$key`, `$key['a']['b'][0]` or a bare top-level `key`.
 * @throws {AppError} RECORD_ACCESSOR_INVALID
 */
export function parseRecordPath(text: string): RecordPath {
  if (!text.startsWith('$')) return [text];
  const scanned = scanPath(text, 1);
  if (scanned === undefined || scanned.end !== text.length) throw invalidAccessor(text);
  return scanned.path;
}

/** The value at a path; undefined when any step is missing. */
export function valueAt(record: RecordMap, path: RecordPath): RecordValue | undefined {
  let value: RecordValue | undefined = record;
  for (const step of path) {
    if (value instanceof Map) value = value.get(String(step));
    else if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else return undefined;
  }
  return value;
}

/** Removes the value at a path, and nothing else. */
export function deleteAt(record: RecordMap, path: RecordPath): void {
  const parent = path.length === 1 ? record : valueAt(record, path.slice(0, -1));
  if (parent instanceof Map) parent.delete(String(path.at(-1)));
}

/** A scalar as text: strings plainly, numbers as written, maps and lists as JSON, null as empty. */
export function textOf(value: RecordValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return printJsonNumber(value);
  if (value instanceof RawNumber) return value.text;
  if (value === null) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return typeof value === 'object' ? printJsonValue(value) : String(value);
}

/** What a template may refer to besides the record. */
export interface TemplateScope {
  readonly tag: string;
  readonly record: RecordMap;
  /** For `$0` to `$9`. */
  readonly captures?: readonly (string | undefined)[];
}

type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tag'; readonly part?: number }
  | { readonly kind: 'capture'; readonly index: number }
  | { readonly kind: 'path'; readonly path: RecordPath };

/** A text with `$TAG`, `$TAG[n]`, `$0`..`$9`, `$key['sub']` in it. */
export interface RecordTemplate {
  /** The text; undefined when a key it names is missing or empty. */
  render(scope: TemplateScope): string | undefined;
  /** The text with nothing in place of what is missing. */
  renderLoose(scope: TemplateScope): string;
  /** True when the text is the same for every record. */
  readonly isConstant: boolean;
}

/**
 * The templates of the Go plugins: `$(tag)`, `$(tag[2])` (zero-based part between dots), `$(key)`,
 * `$(key['sub'])`.
 */
export function parseGoTemplate(text: string): RecordTemplate {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\(([^)]*)\)/g)) {
    parts.push({ kind: 'text', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const inside = match[1]!.trim();
    const tag = /^tag(?:\[(\d+)\])?$/.exec(inside);
    if (tag === null) parts.push({ kind: 'path', path: parseRecordPath(`$${inside}`) });
    else parts.push(tag[1] === undefined ? { kind: 'tag' } : { kind: 'tag', part: Number(tag[1]) });
  }
  parts.push({ kind: 'text', text: text.slice(end) });
  return templateOf(parts);
}

/** @throws {AppError} RECORD_ACCESSOR_INVALID */
export function parseRecordTemplate(text: string): RecordTemplate {
  const parts: TemplatePart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
  };
  for (let at = 0; at < text.length; ) {
    const part = text[at] === '$' ? scanReference(text, at + 1) : undefined;
    if (part === undefined) {
      literal += text[at++];
      continue;
    }
    flush();
    parts.push(part.part);
    at = part.end;
  }
  flush();
  return templateOf(parts);
}

function templateOf(parts: readonly TemplatePart[]): RecordTemplate {
  const render = (scope: TemplateScope, loose: boolean): string | undefined => {
    let out = '';
    for (const part of parts) {
      const value = renderPart(part, scope);
      if ((value === undefined || value === '') && part.kind !== 'text' && !loose) return undefined;
      out += value ?? '';
    }
    return out;
  };
  return {
    render: (scope) => render(scope, false),
    renderLoose: (scope) => render(scope, true) ?? '',
    isConstant: parts.every((part) => part.kind === 'text'),
  };
}

function renderPart(part: TemplatePart, scope: TemplateScope): string | undefined {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'tag':
      return part.part === undefined ? scope.tag : scope.tag.split('.')[part.part];
    case 'capture':
      return scope.captures?.[part.index];
    case 'path': {
      const value = valueAt(scope.record, part.path);
      return value === undefined ? undefined : textOf(value);
    }
  }
}

function scanReference(text: string, at: number): { part: TemplatePart; end: number } | undefined {
  const digit = /^\d/.exec(text.slice(at, at + 1));
  if (digit !== null) return { part: { kind: 'capture', index: Number(digit[0]) }, end: at + 1 };
  const tag = /^TAG(?:\[(\d+)\]|(?![\w-]))/.exec(text.slice(at, at + 40));
  if (tag !== null) {
    const part: TemplatePart =
      tag[1] === undefined ? { kind: 'tag' } : { kind: 'tag', part: Number(tag[1]) };
    return { part, end: at + tag[0].length };
  }
  const scanned = scanPath(text, at);
  return scanned && { part: { kind: 'path', path: scanned.path }, end: scanned.end };
}

function scanPath(text: string, start: number): { path: RecordPath; end: number } | undefined {
  const head = /[^\s.,;:"'$/[\](){}]+/y;
  head.lastIndex = start;
  const name = head.exec(text);
  if (name === null) return undefined;
  const path: (string | number)[] = [name[0]];
  const step = /\[(?:'([^']*)'|"([^"]*)"|(\d+))\]/y;
  let end = head.lastIndex;
  for (;;) {
    step.lastIndex = end;
    const match = step.exec(text);
    if (match === null) return { path, end };
    path.push(match[3] === undefined ? (match[1] ?? match[2] ?? '') : Number(match[3]));
    end = step.lastIndex;
  }
}

function invalidAccessor(text: string): AppError {
  return new AppError('RECORD_ACCESSOR_INVALID', `"${text}" is not a record accessor`, {
    hint: "Write $key or $key['nested']['deeper'][0]",
  });
}
