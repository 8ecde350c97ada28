import { strftimeFromC, strftimeFromJava } from './date-format.ts';
import type { ExpressionPrinter } from './duckdb-expression.ts';
import { parseSubnet } from './ip.ts';
import type { PlanExpression } from './plan.ts';
import { listOfTexts, sqlInteger, sqlString } from './sql-text.ts';

type Call = Extract<PlanExpression, { kind: 'call' }>;
type Printer = (p: ExpressionPrinter, args: readonly PlanExpression[], call: Call) => string;

/** SQL of a function call, of the call's own type. */
export function printCall(call: Call, printer: ExpressionPrinter): string {
  const print = printers[call.name];
  if (print === undefined) throw new Error(`No printer for the function ${call.name}`);
  return print(printer, call.args, call);
}

/** True for functions that this dialect can print; a test compares with the vocabulary. */
export function canPrintFunction(name: string): boolean {
  return Object.hasOwn(printers, name.toLowerCase());
}

const number1 =
  (name: string): Printer =>
  (p, [a]) =>
    `${name}(CAST(${p.number(a!)} AS DOUBLE))`;

const string1 =
  (name: string): Printer =>
  (p, [a]) =>
    `${name}(${p.string(a!)})`;

const trimmer =
  (name: string): Printer =>
  (p, [a, chars]) =>
    chars === undefined
      ? `${name}(${p.string(a!)}, ' \t\r\n')`
      : `${name}(${p.string(a!)}, ${p.string(chars)})`;

const extreme =
  (name: string): Printer =>
  (p, args) =>
    // Null as soon as one argument is missing, unlike the engine's own function.
    `CASE WHEN ${args.map((a) => `${p.number(a)} IS NOT NULL`).join(' AND ')} THEN ${name}(${args.map((a) => `CAST(${p.number(a)} AS DOUBLE)`).join(', ')}) END`;

const ipv4Regex =
  "'^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$'";
const isIpv4 = (text: string): string => `regexp_full_match(${text}, ${ipv4Regex})`;

const hextet = '[0-9a-fA-F]{1,4}';
/** Each place where :: may stand, with at most seven groups around it; or eight groups. */
const ipv6Regex = sqlString(
  `^(?:(?:${hextet}:){7}${hextet}|` +
    Array.from({ length: 8 }, (_, left) => {
      const before = left === 0 ? ':' : `(?:${hextet}:){${left}}`;
      const right = 7 - left;
      const after = right === 0 ? '' : `(?:${hextet}(?::${hextet}){0,${right - 1}})?`;
      return `${before}:${after}`;
    }).join('|') +
    ')$',
);
const isIpv6 = (text: string): string => `regexp_full_match(${text}, ${ipv6Regex})`;

const ipv4Number = (text: string): string =>
  `CASE WHEN ${isIpv4(text)} THEN ${[16777216, 65536, 256, 1]
    .map(
      (weight, index) => `TRY_CAST(split_part(${text}, '.', ${index + 1}) AS BIGINT) * ${weight}`,
    )
    .join(' + ')} END`;

/** 32 hexadecimal digits of an IPv6 address. */
const ipv6Digits = (text: string): string => {
  const half = (index: number): string =>
    `list_filter(string_split(split_part(lower(${text}), '::', ${index}), ':'), lambda g: g <> '')`;
  const zeros = `list_transform(range(greatest(0, 8 - len(${half(1)}) - len(${half(2)}))), lambda z: '0')`;
  const groups = `list_concat(list_concat(${half(1)}, ${zeros}), ${half(2)})`;
  return `array_to_string(list_transform(${groups}, lambda g: lpad(g, 4, '0')), '')`;
};

function inSubnet(text: string, subnet: string): string {
  const net = parseSubnet(subnet);
  if (net === undefined) return 'false';
  if (net.version === 4) {
    return `(${ipv4Number(text)} BETWEEN ${sqlInteger(net.first)} AND ${sqlInteger(net.last)})`;
  }
  const digits = ipv6Digits(text);
  const tests = [isIpv6(text), `starts_with(${digits}, ${sqlString(net.prefix)})`];
  if (net.nextDigits.length > 0) {
    tests.push(
      `${digits}[${net.prefix.length + 1}] IN (${net.nextDigits.map(sqlString).join(', ')})`,
    );
  }
  return `(CASE WHEN ${tests[0]} THEN ${tests.slice(1).join(' AND ')} END)`;
}

const subnetTest =
  (versions: readonly (4 | 6)[]): Printer =>
  (p, [a, subnet]) => {
    const text = literalText(subnet);
    const net = parseSubnet(text);
    return net === undefined || !versions.includes(net.version)
      ? 'false'
      : inSubnet(p.string(a!), text);
  };

/** No text of the store is longer. */
const maxChars = 1_000_000_000;

const privateNets = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
/** IANA's special-purpose registries, the private networks left out. */
const reservedNets = [
  '0.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'ff00::/8',
  '2001:db8::/32',
];
const inAny = (text: string, nets: readonly string[]): string =>
  `(${nets.map((net) => `coalesce(${inSubnet(text, net)}, false)`).join(' OR ')})`;

function literalText(e: PlanExpression | undefined): string {
  return e?.kind === 'literal' && typeof e.value === 'string' ? e.value : '';
}

/** A value as the type that all branches of a call share. */
function branch(p: ExpressionPrinter, value: PlanExpression, call: Call): string {
  if (call.type === 'number' || call.type === 'timestamp') return p.number(value);
  if (call.type === 'boolean' || call.type === 'json') return p.native(value);
  return p.string(value);
}

const zone = (sql: string, name: string | undefined, toUtc: boolean): string =>
  name === undefined || name === '' || name === 'UTC'
    ? sql
    : toUtc
      ? `timezone('UTC', timezone(${sqlString(name)}, ${sql}))`
      : `timezone(${sqlString(name)}, timezone('UTC', ${sql}))`;

/** The checker has refused patterns that cannot be read. */
function formatOf(
  read: (pattern: string) => { readonly format: string } | { readonly unknown: string },
  e: PlanExpression | undefined,
): string {
  const result = read(literalText(e));
  return sqlString('format' in result ? result.format : '');
}

const timeText = (
  p: ExpressionPrinter,
  [time, , tz]: readonly PlanExpression[],
  format: string,
): string =>
  `strftime(${zone(p.time(time!), tz === undefined ? undefined : literalText(tz), false)}, ${format})`;

const hexNumber = (text: string): string =>
  `TRY_CAST('0x' || regexp_replace(${text}, '^0[xX]', '') AS BIGINT)`;

const printers: Readonly<Record<string, Printer>> = {
  abs: number1('abs'),
  ceil: number1('ceil'),
  floor: number1('floor'),
  greatest: extreme('greatest'),
  least: extreme('least'),
  log: (p, [a]) => `TRY(ln(CAST(${p.number(a!)} AS DOUBLE)))`,
  sqrt: (p, [a]) => `TRY(sqrt(CAST(${p.number(a!)} AS DOUBLE)))`,
  round: (p, [a, digits]) =>
    `round(CAST(${p.number(a!)} AS DOUBLE), ${digits === undefined ? '0' : `TRY_CAST(${p.number(digits)} AS INTEGER)`})`,
  haversine: (p, [lat1, lon1, lat2, lon2]) => {
    const rad = (e: PlanExpression | undefined): string => `radians(${p.number(e!)})`;
    const half = (a: string, b: string): string => `pow(sin((${b} - ${a}) / 2), 2)`;
    const sum = `${half(rad(lat1), rad(lat2))} + cos(${rad(lat1)}) * cos(${rad(lat2)}) * ${half(rad(lon1), rad(lon2))}`;
    // Rounding may lift it above 1, latitudes beyond the poles below 0; infinities have no sine.
    return `TRY(2 * 6371.0088 * asin(CASE WHEN ${sum} > 1 THEN 1 ELSE sqrt(${sum}) END))`;
  },
  tonumber: (p, [a]) => p.finite(a!),
  todouble: (p, [a]) => p.finite(a!),
  toint: (p, [a]) => `TRY_CAST(trunc(${p.finite(a!)}) AS INTEGER)`,
  tolong: (p, [a]) => `TRY_CAST(trunc(${p.finite(a!)}) AS BIGINT)`,

  isempty: (p, [a]) => `(coalesce(${p.string(a!)}, '') = '')`,
  isblank: (p, [a]) => `(trim(coalesce(${p.string(a!)}, ''), ' \t\r\n') = '')`,
  concat: (p, args) => `concat(${args.map((a) => p.string(a)).join(', ')})`,
  ltrim: trimmer('ltrim'),
  rtrim: trimmer('rtrim'),
  trim: trimmer('trim'),
  strlen: string1('length'),
  toupper: string1('upper'),
  tolower: string1('lower'),
  substr: (p, [a, start, length]) => {
    const whole = (e: PlanExpression): string =>
      `CAST(least(greatest(0, ${p.number(e)}), ${maxChars}) AS BIGINT)`;
    const from = `${whole(start!)} + 1`;
    const size = length === undefined ? '' : `, ${whole(length)}`;
    return `substring(${p.string(a!)}, ${from}${size})`;
  },
  replace: (p, [a, find, with_]) =>
    `replace(${p.string(a!)}, ${p.string(find!)}, ${p.string(with_!)})`,
  strcontains: (p, [a, part]) => `contains(${p.string(a!)}, ${p.string(part!)})`,
  regexreplace: (p, [a, with_], call) =>
    `regexp_replace(${p.string(a!)}, ${sqlString(call.regex?.source ?? '')}, ${replacement(p, with_!)}, 'g')`,
  startswith: (p, [a, part]) => `starts_with(${p.string(a!)}, ${p.string(part!)})`,
  endswith: (p, [a, part]) => `ends_with(${p.string(a!)}, ${p.string(part!)})`,
  split: (p, [a, by]) => `to_json(string_split(${p.string(a!)}, ${p.string(by!)}))`,
  urlencode: string1('url_encode'),
  urldecode: (p, [a]) => `TRY(url_decode(${p.string(a!)}))`,
  base64encode: (p, [a]) => `to_base64(encode(${p.string(a!)}))`,
  base64decode: (p, [a]) => `TRY(decode(from_base64(${p.string(a!)})))`,
  hextoascii: (p, [a]) => `TRY(decode(unhex(${p.string(a!)})))`,
  hextodec: (p, [a]) => hexNumber(p.string(a!)),
  dectohex: (p, [a]) => `lower(to_hex(TRY_CAST(${p.number(a!)} AS BIGINT)))`,

  frommillis: (p, [a]) => p.millis(a!),
  tomillis: (p, [a]) => p.number(a!),
  parsedate: (p, [a, format, tz]) => {
    const parsed = `try_strptime(${p.string(a!)}, ${formatOf(strftimeFromJava, format)})`;
    return `epoch_ms(CAST(${zone(`CAST(${parsed} AS TIMESTAMP)`, tz === undefined ? undefined : literalText(tz), true)} AS TIMESTAMP))`;
  },
  formatdate: (p, args) => timeText(p, args, formatOf(strftimeFromJava, args[1])),
  strftime: (p, args) => timeText(p, args, formatOf(strftimeFromC, args[1])),

  ispresent: (p, [a]) => `(${a!.type === 'boolean' ? 'true' : `${p.native(a!)} IS NOT NULL`})`,
  coalesce: (p, args, call) => `coalesce(${args.map((a) => branch(p, a, call)).join(', ')})`,
  if: (p, [condition, yes, no], call) =>
    `CASE WHEN ${p.condition(condition!)} THEN ${branch(p, yes!, call)}${no === undefined ? '' : ` ELSE ${branch(p, no, call)}`} END`,
  case: (p, args, call) => {
    let sql = 'CASE';
    for (let i = 0; i + 1 < args.length; i += 2) {
      sql += ` WHEN ${p.condition(args[i]!)} THEN ${branch(p, args[i + 1]!, call)}`;
    }
    if (args.length % 2 === 1) sql += ` ELSE ${branch(p, args.at(-1)!, call)}`;
    return `${sql} END`;
  },
  isnumeric: (p, [a]) => `(${p.finite(a!)} IS NOT NULL)`,
  messagesize: (p, [a]) => `strlen(${a === undefined ? 'message' : p.string(a)})`,

  jsonparse: (p, [a]) => {
    const text = p.string(a!);
    // A scalar is no map or list; json_valid first, or one bad text would fail the query.
    return `CASE WHEN json_valid(${text}) THEN CASE WHEN json_type(${text}) IN ('OBJECT', 'ARRAY') THEN CAST(${text} AS JSON) END END`;
  },
  jsonstringify: (p, [a]) =>
    a!.type === 'json'
      ? `CAST(${p.json(a!)} AS VARCHAR)`
      : `CAST(to_json(${p.string(a!)}) AS VARCHAR)`,
  jsonarraysize: (p, [a]) =>
    `CASE WHEN json_type(${p.json(a!)}) = 'ARRAY' THEN json_array_length(${p.json(a!)}) END`,
  jsonarraycontains: (p, [a, value]) =>
    `list_contains(${listOfTexts(`CASE WHEN json_type(${p.json(a!)}) = 'ARRAY' THEN ${p.json(a!)} END`)}, ${p.string(value!)})`,

  isvalidip: (p, [a]) => `(${isIpv4(p.string(a!))} OR ${isIpv6(p.string(a!))})`,
  isvalidipv4: (p, [a]) => isIpv4(p.string(a!)),
  isvalidipv6: (p, [a]) => isIpv6(p.string(a!)),
  isipinsubnet: subnetTest([4, 6]),
  isipv4insubnet: subnetTest([4]),
  isipv6insubnet: subnetTest([6]),
  cidrlookup: subnetTest([4, 6]),
  ipv4tonumber: (p, [a]) => ipv4Number(p.string(a!)),
  isprivateip: (p, [a]) => inAny(p.string(a!), privateNets),
  isreservedip: (p, [a]) => inAny(p.string(a!), reservedNets),
  ispublicip: (p, [a]) => {
    const text = p.string(a!);
    return `((${isIpv4(text)} OR ${isIpv6(text)}) AND NOT ${inAny(text, [...privateNets, ...reservedNets])})`;
  },

  md5: string1('md5'),
  sha256: string1('sha256'),

  // Folded to numbers when they stand alone; these are for what folding does not reach.
  now: () => 'CAST(epoch(now()) AS BIGINT)',
};

/** In a replacement $1 means the first group, as in Java; the engine writes \1. */
function replacement(p: ExpressionPrinter, e: PlanExpression): string {
  if (e.kind !== 'literal') return p.string(e);
  const text = String(e.value ?? '');
  const escaped = text.replaceAll('\\', '\\\\').replace(/\$(\d)/g, '\\$1');
  return sqlString(escaped);
}
