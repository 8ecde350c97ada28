import { RawNumber, type RecordMap, type RecordValue } from '../contract.ts';

export interface JsonPrintOptions {
  /** Writes everything outside ASCII as `\uXXXX` (`json.escape_unicode` of the service section). */
  readonly escapeUnicode?: boolean;
}

/** One record as JSON, keys in record order, no white space. */
export function printJsonRecord(record: RecordMap, options: JsonPrintOptions = {}): string {
  return printMap(record, options.escapeUnicode === true);
}

/** One value as JSON. Bytes that are no UTF-8 become U+FFFD. */
export function printJsonValue(value: RecordValue, options: JsonPrintOptions = {}): string {
  return print(value, options.escapeUnicode === true);
}

/** A string as JSON text with its quotes. */
export function printJsonString(text: string, escapeUnicode = false): string {
  if (escapeUnicode ? !needsEscapeAscii.test(text) : !needsEscape.test(text)) return `"${text}"`;
  let out = JSON.stringify(text);
  // DEL is fine in JSON but stock escapes it, and messages are to be equal byte for byte.
  if (out.includes('\x7f')) out = out.replaceAll('\x7f', '\\u007f');
  return escapeUnicode ? out.replace(nonAscii, escapeUnit) : out;
}

/**
 * A number as stock prints it: whole numbers plainly, others with up to 17 significant digits; what
 * JSON cannot say (NaN, infinities) as null.
 */
export function printJsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

/** A double that keeps its kind when it is printed: 1 becomes `1.0`. */
export function floatNumber(value: number): RawNumber {
  return new RawNumber(Number.isInteger(value) ? value.toFixed(1) : printJsonNumber(value));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const needsEscape = /["\\\u0000-\u001f\u007f]|[\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const needsEscapeAscii = /["\\\u0000-\u001f\u007f-\uffff]/;
const nonAscii = /[\u0080-\uffff]/g;
const escapeUnit = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

const decoder = new TextDecoder();

function print(value: RecordValue, ascii: boolean): string {
  switch (typeof value) {
    case 'string':
      return printJsonString(value, ascii);
    case 'number':
      return printJsonNumber(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      if (value === null) return 'null';
      if (value instanceof Map) return printMap(value, ascii);
      if (value instanceof RawNumber) return value.text;
      if (value instanceof Uint8Array) return printJsonString(decoder.decode(value), ascii);
      return printList(value, ascii);
  }
}

function printMap(map: RecordMap, ascii: boolean): string {
  let out = '{';
  let separator = '';
  for (const [key, value] of map) {
    out += separator + printKey(key, ascii) + print(value, ascii);
    separator = ',';
  }
  return `${out}}`;
}

const maxKeys = 4096;
const maxKeyLength = 128;
const keys: readonly [Map<string, string>, Map<string, string>] = [new Map(), new Map()];

/** `"key":`. Records of one kind have the same keys, so their text is kept. */
function printKey(key: string, ascii: boolean): string {
  const known = keys[ascii ? 1 : 0];
  let text = known.get(key);
  if (text === undefined) {
    text = `${printJsonString(key, ascii)}:`;
    if (known.size >= maxKeys) known.clear();
    if (key.length <= maxKeyLength) known.set(key, text);
  }
  return text;
}

function printList(list: readonly RecordValue[], ascii: boolean): string {
  let out = '[';
  for (const value of list) out += `${out.length === 1 ? '' : ','}${print(value, ascii)}`;
  return `${out}]`;
}
