/**
 * Values as templates see them. Go's `int` is a bigint and its `float64` a number, because they print
 * differently (1000000 and 1e+06); maps are `Map`s or plain objects, lists are arrays; a function stands
 * for a method. `undefined` and `null` are nil.
 */
export type TemplateValue = unknown;

/** A text that is already safe or typed elsewhere prints itself. */
export interface Printable {
  toTemplateText(): string;
}

/** Methods of a value, by name: they come before keys of the same name. */
export interface HasMethods {
  readonly templateMethods: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
}

/** Undefined: the value has no such method. */
export function methodOf(value: TemplateValue, name: string): unknown {
  if (typeof value !== 'object' || value === null || !('templateMethods' in value))
    return undefined;
  const methods = (value as HasMethods).templateMethods;
  const isMethod = typeof methods === 'object' && Object.hasOwn(methods, name);
  return isMethod ? methods[name] : undefined;
}

export const isPrintable = (value: unknown): value is Printable =>
  typeof value === 'object' && value !== null && 'toTemplateText' in value;

/** What `if`, `with`, `and` and `or` take for true: anything but the zero value of its type. */
export function isTrue(value: TemplateValue): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0 && !Number.isNaN(value);
    case 'bigint':
      return value !== 0n;
    case 'undefined':
      return false;
    case 'object':
      if (value === null) return false;
      if (Array.isArray(value)) return value.length > 0;
      if (value instanceof Map) return value.size > 0;
      return true;
    default:
      return true;
  }
}

/** Go's shortest 'g' form: with an exponent below 1e-4 and from 1e6 (or 10^maxExponent) on. */
export function floatText(value: number, maxExponent: number = 6): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < maxExponent) return plainText(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A number without an exponent, however large or small. */
export function plainText(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const [, sign = '', digits = '', exponentText = '0'] =
    /^(-?)([\d.]+)e([+-]\d+)$/.exec(text) ?? [];
  const exponent = Number(exponentText);
  const [whole = '', fraction = ''] = digits.split('.');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`;
}

/** One text that a template makes, in characters; a larger one is a loop gone wrong. */
export const maxTextChars: number = 4 * 1024 * 1024;
/** Items of lists and maps in one text. What holds another twice doubles it, level by level. */
const maxParts = 100_000;

/** @throws {Error} when the text has become too long */
export function bounded(text: string): string {
  if (text.length <= maxTextChars) return text;
  throw new Error(`a text of more than ${maxTextChars} characters`);
}

/** What `{{ . }}` prints: Go's `%v`. @throws {Error} when it is too much */
export function valueText(value: TemplateValue): string {
  return textWithin(value, { parts: 0, chars: 0 });
}

function textWithin(value: TemplateValue, spent: { parts: number; chars: number }): string {
  spent.parts += 1;
  if (spent.parts > maxParts) throw new Error(`a value of more than ${maxParts} parts`);
  const inner = (item: TemplateValue): string => {
    const text = textWithin(item, spent);
    if (typeof item === 'object' && item !== null && !isPrintable(item)) return text;
    spent.chars += text.length;
    if (spent.chars > maxTextChars)
      throw new Error(`a text of more than ${maxTextChars} characters`);
    return text;
  };
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return floatText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return '<no value>';
    case 'object':
      if (value === null) return '<nil>';
      if (isPrintable(value)) return value.toTemplateText();
      if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`;
      return `map[${entriesOf(value)
        .map(([key, item]) => `${key}:${inner(item)}`)
        .join(' ')}]`;
    default:
      return '<function>';
  }
}

/** Entries of a map in the order of their keys, which is Go's order in templates. */
export function entriesOf(value: object): readonly (readonly [string, TemplateValue])[] {
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries
    .map(([key, item]) => [String(key), item as TemplateValue] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Go's name of a value's type, for error texts. */
export function typeName(value: TemplateValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'slice';
  return typeof value === 'object' ? 'map' : typeof value;
}
