import { bounded, floatText, plainText, type TemplateValue, typeName, valueText } from './value.ts';

/** A width or precision beyond this is a mistake, and memory. */
const maxWidth = 1000;

/** Go's `fmt.Sprintf`, the verbs that templates use: v s q d f F e E g G x X t c b o U T %. */
export function sprintf(format: string, args: readonly TemplateValue[]): string {
  let next = 0;
  let out = '';
  const pattern = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(.)/gsu;
  let last = 0;
  for (const match of format.matchAll(pattern)) {
    out += format.slice(last, match.index);
    last = match.index + match[0].length;
    const [, flags = '', widthText, , verb = ''] = match;
    if (verb === '%') {
      out += '%';
      continue;
    }
    const hasPrecision = match[0].includes('.');
    const star = (text: string | undefined): number | undefined =>
      text === '*' ? Number(args[next++]) : text === undefined ? undefined : Number(text);
    const width = Math.min(maxWidth, star(widthText) ?? 0);
    const precision = hasPrecision ? Math.min(maxWidth, star(match[3]) ?? 0) : undefined;
    if (next >= args.length) {
      out += `%!${verb}(MISSING)`;
      continue;
    }
    out = bounded(
      out + padded(formatOne(verb, flags, precision, args[next++]), width, flags, verb),
    );
  }
  out += format.slice(last);
  if (next < args.length) {
    const extra = args.slice(next).map((arg) => `${goType(arg)}=${valueText(arg)}`);
    out += `%!(EXTRA ${extra.join(', ')})`;
  }
  return out.endsWith('%') && last < format.length ? `${out}!(NOVERB)` : out;
}

function padded(text: string, width: number, flags: string, verb: string): string {
  if (text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(width);
  const isNumber = !'sqvtT'.includes(verb) || /^[+-]?\d/.test(text);
  if (!flags.includes('0') || !isNumber) return text.padStart(width);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function formatOne(
  verb: string,
  flags: string,
  precision: number | undefined,
  value: TemplateValue,
): string {
  const plus = (text: string): string =>
    flags.includes('+') && !text.startsWith('-') && !text.startsWith('+') ? `+${text}` : text;
  switch (verb) {
    case 'v':
      return typeof value === 'number' || typeof value === 'bigint'
        ? plus(valueText(value))
        : goText(value);
    case 's':
      return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
        ? wrong(verb, value)
        : cut(goText(value), precision);
    case 'q':
      return typeof value === 'bigint'
        ? `'${String.fromCodePoint(Number(value))}'`
        : typeof value === 'string'
          ? JSON.stringify(cut(value, precision))
          : wrong(verb, value);
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong(verb, value);
    case 'T':
      return goType(value);
    case 'd':
    case 'b':
    case 'o':
    case 'c':
    case 'U':
      return typeof value === 'bigint' ? plus(wholeText(verb, value)) : wrong(verb, value);
    case 'x':
    case 'X':
      return hexText(verb, value);
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return typeof value === 'number'
        ? plus(realText(verb, value, precision))
        : wrong(verb, value);
    default:
      return wrong(verb, value);
  }
}

function wholeText(verb: string, value: bigint): string {
  if (verb === 'c') return String.fromCodePoint(Number(BigInt.asUintN(21, value)));
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  return value.toString(verb === 'b' ? 2 : verb === 'o' ? 8 : 10);
}

function hexText(verb: string, value: TemplateValue): string {
  const text =
    typeof value === 'bigint'
      ? value.toString(16)
      : typeof value === 'string'
        ? Buffer.from(value, 'utf8').toString('hex')
        : wrong(verb, value);
  return verb === 'X' ? text.toUpperCase() : text;
}

function realText(verb: string, value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return floatText(value);
  switch (verb) {
    case 'f':
    case 'F':
      return fixedText(value, precision ?? 6);
    case 'e':
    case 'E': {
      const text = value
        .toExponential(Math.min(100, precision ?? 6))
        .replace(/e([+-])(\d)$/, 'e$10$2');
      return verb === 'E' ? text.toUpperCase() : text;
    }
    default:
      return precision === undefined ? floatText(value) : significantText(value, precision);
  }
}

/** toFixed beyond 1e21 would turn to an exponent, and rounds halves up where Go rounds to even. */
function fixedText(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21) {
    return digits === 0 ? plainText(value) : `${plainText(value)}.${'0'.repeat(digits)}`;
  }
  const places = Math.min(100, digits);
  // Halves have few digits behind the place: a float with one there is exact well before these.
  const exact = value.toFixed(Math.min(100, places + 30));
  const cutAt = exact.indexOf('.') + 1 + places;
  const kept = exact.slice(0, places === 0 ? cutAt - 1 : cutAt);
  const isHalf = /^50*$/.test(exact.slice(cutAt));
  return isHalf && Number(kept.at(-1)) % 2 === 0 ? kept : value.toFixed(places);
}

/** `%.4g`: so many digits, without zeros at the end. */
export function significantText(value: number, precision: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const digits = Math.min(100, Math.max(1, precision));
  const [mantissa = '', exponentText = '0'] = value.toExponential(digits - 1).split('e');
  const exponent = Number(exponentText);
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? '-' : '+';
    return `${trimmed}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return plainText(Number(`${mantissa}e${exponent}`));
}

const cut = (text: string, precision: number | undefined): string =>
  precision === undefined ? text : [...text].slice(0, precision).join('');

/** fmt prints nil where a template's own action prints `<no value>`. */
const goText = (value: TemplateValue): string => (value === undefined ? '<nil>' : valueText(value));

const goType = (value: TemplateValue): string => {
  const name = typeName(value);
  return name === 'slice' ? '[]interface {}' : name === 'map' ? 'map[string]interface {}' : name;
};

const wrong = (verb: string, value: TemplateValue): string =>
  value === undefined || value === null
    ? `%!${verb}(<nil>)`
    : `%!${verb}(${goType(value)}=${valueText(value)})`;
