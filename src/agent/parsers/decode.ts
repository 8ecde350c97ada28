import { AppError } from '#base';
import type { RecordMap, RecordValue } from '../contract.ts';
import { parseJsonValue } from '../records/json-parse.ts';

/** Changes one key of a parsed record in place. */
export type FieldDecoder = (record: RecordMap) => void;

type Decode = (text: string) => RecordValue | undefined;

const decoders: Readonly<Record<string, Decode>> = {
  json: (text) => {
    const value = parseJsonValue(text);
    return value instanceof Map || Array.isArray(value) ? value : undefined;
  },
  escaped: unescapeText,
  escaped_utf8: unescapeText,
  mysql_quoted: (text) => {
    const quote = text[0];
    if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) return text;
    return unescapeText(text.slice(1, -1));
  },
};

interface DecodeRule {
  readonly decode: Decode;
  /** `decode_field_as`: replaces the value; otherwise a decoded map's keys are added to the record. */
  readonly replace: boolean;
  readonly action: 'stop' | 'try_next' | 'do_next';
}

/** One `Decode_Field` or `Decode_Field_As` line. */
export interface DecodeLine {
  readonly value: string;
  readonly replace: boolean;
}

/**
 * Rules of one key run in order: `try_next` goes on where this one failed, `do_next` in any case.
 * @throws {AppError} PARSER_DECODER_INVALID
 */
export function compileDecoders(lines: readonly DecodeLine[]): readonly FieldDecoder[] {
  const byKey = new Map<string, DecodeRule[]>();
  for (const { value, replace } of lines) {
    const [name = '', key, action = 'stop'] = value.trim().split(/\s+/);
    const decode = decoders[name.toLowerCase()];
    if (decode === undefined || key === undefined || !isAction(action)) {
      throw new AppError('PARSER_DECODER_INVALID', `"${value}" is not DECODER KEY [ACTION]`, {
        hint: 'Decoders: json, escaped, escaped_utf8, mysql_quoted; actions: try_next, do_next',
      });
    }
    const rules = byKey.get(key) ?? [];
    rules.push({ decode, replace, action });
    byKey.set(key, rules);
  }
  return [...byKey].map(
    ([key, rules]) =>
      (record) =>
        decodeKey(record, key, rules),
  );
}

function isAction(text: string): text is DecodeRule['action'] {
  return text === 'stop' || text === 'try_next' || text === 'do_next';
}

function decodeKey(record: RecordMap, key: string, rules: readonly DecodeRule[]): void {
  let text = record.get(key);
  for (const { decode, replace, action } of rules) {
    if (typeof text !== 'string') return;
    const decoded = decode(text);
    if (decoded === undefined) {
      if (action === 'stop') return;
      continue;
    }
    if (replace || typeof decoded === 'string') record.set(key, decoded);
    else if (decoded instanceof Map) for (const [name, value] of decoded) record.set(name, value);
    text = decoded;
    if (action !== 'do_next') return;
  }
}

/** Undoes C and JSON escapes: `\n`, `\"`, `\u00e9`, `\x41`; an unknown escape stays as it is. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g,
    (whole, unicode: string | undefined, hex: string | undefined, char: string | undefined) => {
      const code = unicode ?? hex;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return plainOf.get(char ?? '') ?? whole;
    },
  );
}

const plainOf: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\x07'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['/', '/'],
]);
