import type { WireLevel } from '../api/logs.ts';

/** One line of a {@link LogList}. Made once per event; what is parsed out of it is kept beside it. */
export interface LogRow {
  /** Stable and unique in the list: the pointer, where the row is an event. */
  readonly key: string;
  readonly timestampMs: number;
  readonly message: string;
  readonly stream?: string;
  readonly group?: string;
  readonly ingestionMs?: number;
  /** Further fields of a query's result; shown first when the row is open. */
  readonly fields?: readonly (readonly [string, string])[];
}

export interface ParsedRow {
  readonly level: WireLevel;
  /** Undefined: the message is not a JSON object. */
  readonly json: readonly (readonly [string, string])[] | undefined;
}

const parsed = new WeakMap<LogRow, ParsedRow>();

/** Only rows in sight are parsed, each once. */
export function parseRow(row: LogRow): ParsedRow {
  let known = parsed.get(row);
  if (known === undefined) {
    const json = flattenJson(row.message);
    known = { level: levelOf(row.message, json), json };
    parsed.set(row, known);
  }
  return known;
}

/**
 * What people call a stream: pod, namespace and container without the path in front and the hash
 * behind, a control-plane component with the first digits of its id. Others stay as they are.
 */
export function streamLabel(stream: string): string {
  const container = /(?:^|\.)containers\.(.+)-[0-9a-f]{64}\.log$/.exec(stream);
  if (container !== null) return container[1] as string;
  return stream.replace(/-([0-9a-f]{6})[0-9a-f]{26}$/, '-$1');
}

/** Larger messages stay text: flattening them would cost more than it shows. */
const maxJsonChars = 64 * 1024;
const maxFields = 200;

/** Numbers as they are written: ids longer than a double holds stay whole. */
const keepDigits = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? (context?.source ?? value) : value;

/** A JSON object as `a.b.0` paths with text values; undefined for anything else. */
export function flattenJson(message: string): readonly (readonly [string, string])[] | undefined {
  const start = message.trimStart();
  if (!start.startsWith('{') || message.length > maxJsonChars) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(message, keepDigits);
  } catch {
    return undefined;
  }
  const out: [string, string][] = [];
  const walk = (path: string, node: unknown): void => {
    if (out.length >= maxFields) return;
    if (typeof node === 'object' && node !== null) {
      const entries = Object.entries(node);
      if (entries.length > 0) {
        for (const [key, child] of entries) walk(path === '' ? key : `${path}.${key}`, child);
        return;
      }
    }
    out.push([path, typeof node === 'string' ? node : JSON.stringify(node)]);
  };
  walk('', value);
  return out;
}

const levelFields = new Set(['level', 'severity', 'lvl', 'loglevel', 'log.level', 'levelname']);

const levelWords: readonly (readonly [WireLevel, RegExp])[] = [
  ['error', /^(?:e|err(?:or)?|fatal|crit(?:ical)?|panic|alert|emerg(?:ency)?|severe)$/i],
  ['warn', /^(?:w|warn(?:ing)?)$/i],
  ['info', /^(?:i|info(?:rmation)?|notice)$/i],
  ['debug', /^(?:d|t|debug|trace|verbose|fine)$/i],
];

/** klog's `E1124 09:…`, `level=warn`, `[ERROR]`, ` WARN ` in the first part of a line. */
const linePattern =
  /^([EWIDF])\d{4} |\b(?:level|lvl|severity)=["']?(\w+)|(?:^|[\s[(|<"])(ERROR|FATAL|PANIC|CRITICAL|SEVERE|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE|error|fatal|panic|critical|warn(?:ing)?|info|notice|debug|trace)(?=[\s\])|:>"])/;

/** Where levels are written; further right the words are somebody's prose. */
const levelChars = 200;

/** Pino and Bunyan write numbers. */
function numericLevel(value: number): WireLevel {
  if (value >= 50) return 'error';
  if (value >= 40) return 'warn';
  return value >= 30 ? 'info' : 'debug';
}

export function levelOf(
  message: string,
  json: readonly (readonly [string, string])[] | undefined,
): WireLevel {
  if (json !== undefined) {
    for (const [key, value] of json) {
      if (!levelFields.has(key.toLowerCase())) continue;
      if (/^\d{2}$/.test(value)) return numericLevel(Number(value));
      return wordLevel(value) ?? 'other';
    }
    // An agent's envelope: what the program wrote is a field in it, parsed or as text.
    for (const [key, value] of json) {
      const inner = key.slice(key.lastIndexOf('.') + 1).toLowerCase();
      if (key.startsWith('log_processed.') && levelFields.has(inner)) {
        return wordLevel(value) ?? 'other';
      }
    }
    const text = json.find(([key]) => key === 'log')?.[1];
    return text === undefined ? 'other' : levelOf(text, undefined);
  }
  const match = linePattern.exec(message.slice(0, levelChars));
  if (match === null) return 'other';
  if (match[1] === 'F') return 'error';
  return wordLevel(match[1] ?? match[2] ?? match[3] ?? '') ?? 'other';
}

function wordLevel(word: string): WireLevel | undefined {
  return levelWords.find(([, pattern]) => pattern.test(word))?.[0];
}
