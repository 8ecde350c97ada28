import { sprintf } from './printf.ts';
import { bounded, entriesOf, isTrue, type TemplateValue, typeName, valueText } from './value.ts';

/** Throws an Error with a sentence when the arguments do not fit. */
export type TemplateFunction = (...args: readonly TemplateValue[]) => TemplateValue;

/** `and` and `or` do not look at what they need not: they are carried out by the executor. */
export const shortCircuit: ReadonlySet<string> = new Set(['and', 'or']);

/** The functions that every template has. */
export const builtinFunctions: Readonly<Record<string, TemplateFunction>> = {
  not: (value) => !isTrue(value),
  and: (...args) => args.find((value) => !isTrue(value)) ?? args.at(-1),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  len: (value) => {
    if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
    if (Array.isArray(value)) return BigInt(value.length);
    if (typeof value === 'object' && value !== null) return BigInt(entriesOf(value).length);
    throw new Error(`len of type ${typeName(value)}`);
  },
  index: (value, ...keys) => keys.reduce(indexOf, value),
  slice: (value, from, to) => {
    if (typeof value !== 'string' && !Array.isArray(value)) {
      throw new Error(`can't slice item of type ${typeName(value)}`);
    }
    const end = to === undefined ? value.length : whole(to);
    const start = from === undefined ? 0 : whole(from);
    if (start < 0 || end > value.length || start > end) throw new Error('slice index out of range');
    return value.slice(start, end);
  },
  print: (...args) => printed(args, false),
  println: (...args) => `${printed(args, true)}\n`,
  printf: (format, ...args) => sprintf(String(format), args),
  html: (...args) => escapeHtml(printed(args, false)),
  js: (...args) =>
    JSON.stringify(printed(args, false))
      .slice(1, -1)
      .replace(/</g, '\\u003C')
      .replace(/>/g, '\\u003E'),
  urlquery: (...args) => encodeURIComponent(printed(args, false)).replaceAll('%20', '+'),
  call: (callee, ...args) => {
    if (typeof callee !== 'function') throw new Error(`non-function of type ${typeName(callee)}`);
    return (callee as TemplateFunction)(...args);
  },
  eq: (first, ...others) => others.some((other) => isEqual(first, other)),
  ne: (a, b) => !isEqual(a, b),
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
};

function indexOf(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (Array.isArray(value) || typeof value === 'string') {
    const at = whole(key);
    if (at < 0 || at >= value.length) throw new Error(`index out of range: ${at}`);
    return typeof value === 'string' ? BigInt(Buffer.from(value, 'utf8')[at] ?? 0) : value[at];
  }
  if (value instanceof Map) return value.get(key);
  if (typeof value === 'object' && value !== null) {
    const name = String(key);
    return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }
  throw new Error(`can't index item of type ${typeName(value)}`);
}

function whole(value: TemplateValue): number {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new Error(`cannot index slice/array with type ${typeName(value)}`);
}

/** Go's Print: a space between operands when neither is a text. */
function printed(args: readonly TemplateValue[], always: boolean): string {
  let out = '';
  for (const [at, arg] of args.entries()) {
    const before = args[at - 1];
    const isBetween = at > 0 && (always || (typeof before !== 'string' && typeof arg !== 'string'));
    out = bounded(`${out}${isBetween ? ' ' : ''}${arg === undefined ? '<nil>' : valueText(arg)}`);
  }
  return out;
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\u0000': '\ufffd',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'\0]/g, (char) => htmlEscapes[char]!);

/** Whole numbers and floats compare by value; Go would refuse to compare the two. */
function isEqual(a: TemplateValue, b: TemplateValue): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a === 'object' || typeof b === 'object') {
    if ((a ?? undefined) === undefined || (b ?? undefined) === undefined)
      return (a ?? undefined) === (b ?? undefined);
    throw new Error('non-comparable type');
  }
  if (a !== undefined && b !== undefined && typeof a !== typeof b) {
    throw new Error('incompatible types for comparison');
  }
  return a === b;
}

function order(a: TemplateValue, b: TemplateValue): number {
  // NaN is neither less nor greater, which no order tells: no operator holds.
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  throw new Error(
    typeof a === typeof b ? 'invalid type for comparison' : 'incompatible types for comparison',
  );
}

const isNumber = (value: TemplateValue): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';
