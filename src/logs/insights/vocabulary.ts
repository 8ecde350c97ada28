/** Words of Logs Insights QL as plain data: for the checker, for completion and for help texts. */

export type FunctionGroup =
  | 'numeric'
  | 'string'
  | 'datetime'
  | 'general'
  | 'json'
  | 'ip'
  | 'hash'
  | 'aggregate';

/** What a function gives; `same` is the type that its value arguments share. */
export type FunctionResult = 'string' | 'number' | 'timestamp' | 'boolean' | 'json' | 'same';

export interface FunctionEntry {
  readonly name: string;
  readonly group: FunctionGroup;
  /** How it is called, for people. */
  readonly signature: string;
  /** One line. */
  readonly help: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly result: FunctionResult;
}

export interface CommandEntry {
  readonly name: string;
  readonly signature: string;
  readonly help: string;
}

const many = 64;

function entries(
  group: FunctionGroup,
  rows: readonly (readonly [
    signature: string,
    minArgs: number,
    maxArgs: number,
    result: FunctionResult,
    help: string,
  ])[],
): FunctionEntry[] {
  return rows.map(([signature, minArgs, maxArgs, result, help]) => ({
    name: signature.slice(0, signature.indexOf('(')),
    group,
    signature,
    help,
    minArgs,
    maxArgs,
    result,
  }));
}

export const functions: readonly FunctionEntry[] = [
  ...entries('aggregate', [
    ['count(*)', 0, 1, 'number', 'Number of events, or of events that have the field'],
    ['count_distinct(field)', 1, 1, 'number', 'Number of different values'],
    ['sum(number)', 1, 1, 'number', 'Sum of the values'],
    ['avg(number)', 1, 1, 'number', 'Mean of the values'],
    ['min(field)', 1, 1, 'same', 'Smallest value'],
    ['max(field)', 1, 1, 'same', 'Largest value'],
    ['pct(number, percent)', 2, 2, 'number', 'Percentile, percent from 0 to 100'],
    ['stddev(number)', 1, 1, 'number', 'Standard deviation of the sample'],
    ['variance(number)', 1, 1, 'number', 'Variance of the sample'],
    ['earliest(field)', 1, 1, 'same', 'Value in the oldest event that has the field'],
    ['latest(field)', 1, 1, 'same', 'Value in the newest event that has the field'],
    ['sortsFirst(field)', 1, 1, 'same', 'Value that sorts first in natural order'],
    ['sortsLast(field)', 1, 1, 'same', 'Value that sorts last in natural order'],
    ['values(field)', 1, 1, 'json', 'List of the different values'],
    ['collect_values(field)', 1, 1, 'json', 'List of the different values'],
    ['topk(field, n)', 1, 2, 'json', 'List of the n most frequent values'],
    ['rate(field, period)', 1, 2, 'number', 'Sum of the values per period'],
    ['count_over_time(period)', 0, 2, 'number', 'Number of events per period'],
    ['sum_over_time(number, period)', 1, 2, 'number', 'Sum of the values per period'],
    ['histogram(number, width)', 2, 2, 'json', 'Counts by buckets of this width'],
  ]),
  ...entries('numeric', [
    ['abs(a)', 1, 1, 'number', 'Absolute value'],
    ['ceil(a)', 1, 1, 'number', 'Smallest integer not below a'],
    ['floor(a)', 1, 1, 'number', 'Largest integer not above a'],
    ['greatest(a, b, …)', 1, many, 'number', 'Largest of its arguments'],
    ['least(a, b, …)', 1, many, 'number', 'Smallest of its arguments'],
    ['log(a)', 1, 1, 'number', 'Natural logarithm'],
    ['sqrt(a)', 1, 1, 'number', 'Square root'],
    ['round(a, digits)', 1, 2, 'number', 'Rounded to this many decimals, 0 when absent'],
    ['haversine(lat1, lon1, lat2, lon2)', 4, 4, 'number', 'Distance on Earth in kilometres'],
    ['toNumber(a)', 1, 1, 'number', 'The number that the text holds'],
    ['toInt(a)', 1, 1, 'number', 'The whole part of the number, 32 bits'],
    ['toLong(a)', 1, 1, 'number', 'The whole part of the number, 64 bits'],
    ['toDouble(a)', 1, 1, 'number', 'The number that the text holds'],
  ]),
  ...entries('string', [
    ['isempty(field)', 1, 1, 'boolean', '1 when the field is missing or empty'],
    ['isblank(field)', 1, 1, 'boolean', '1 when the field is missing, empty or only white space'],
    ['concat(a, b, …)', 1, many, 'string', 'Texts joined together'],
    ['ltrim(text, chars)', 1, 2, 'string', 'Text without these characters at its start'],
    ['rtrim(text, chars)', 1, 2, 'string', 'Text without these characters at its end'],
    ['trim(text, chars)', 1, 2, 'string', 'Text without these characters at both ends'],
    ['strlen(text)', 1, 1, 'number', 'Length in characters'],
    ['toupper(text)', 1, 1, 'string', 'Upper case'],
    ['tolower(text)', 1, 1, 'string', 'Lower case'],
    ['substr(text, start, length)', 2, 3, 'string', 'Part of the text; start counts from 0'],
    ['replace(text, find, with)', 3, 3, 'string', 'Every find replaced; all literal'],
    ['strcontains(text, part)', 2, 3, 'boolean', '1 when the text contains the part'],
    ['regexReplace(text, regex, with)', 3, 3, 'string', 'Every match of the regex replaced'],
    ['startsWith(text, part)', 2, 2, 'boolean', '1 when the text begins with the part'],
    ['endsWith(text, part)', 2, 2, 'boolean', '1 when the text ends with the part'],
    ['split(text, separator)', 2, 2, 'json', 'List of the parts between separators'],
    ['urlencode(text)', 1, 1, 'string', 'Text escaped for use in a URL'],
    ['urldecode(text)', 1, 1, 'string', 'Text with URL escapes resolved'],
    ['base64encode(text)', 1, 1, 'string', 'Base64 of the text'],
    ['base64decode(text)', 1, 1, 'string', 'Text that the Base64 holds'],
    ['hexToAscii(text)', 1, 1, 'string', 'Text that the hexadecimal digits hold'],
    ['hexToDec(text)', 1, 1, 'number', 'Hexadecimal to decimal'],
    ['decToHex(number)', 1, 1, 'string', 'Decimal to hexadecimal'],
  ]),
  ...entries('datetime', [
    ['bin(period)', 0, 1, 'timestamp', 'Time of the event rounded down: bin(5m)'],
    ['datefloor(timestamp, period)', 2, 2, 'timestamp', 'Time rounded down'],
    ['dateceil(timestamp, period)', 2, 2, 'timestamp', 'Time rounded up'],
    ['fromMillis(number)', 1, 1, 'timestamp', 'Milliseconds since 1970 as a time'],
    ['toMillis(timestamp)', 1, 1, 'number', 'A time as milliseconds since 1970'],
    ['now()', 0, 0, 'number', 'Seconds since 1970 when the query began'],
    [
      'parseDate(text, format, zone)',
      2,
      3,
      'number',
      'Time in the text as milliseconds since 1970',
    ],
    [
      'formatDate(timestamp, format, zone)',
      2,
      3,
      'string',
      'Time as text: formatDate(@timestamp, "yyyy-MM-dd")',
    ],
    [
      'strftime(timestamp, format, zone)',
      2,
      3,
      'string',
      'Time as text: strftime(@timestamp, "%Y-%m-%d")',
    ],
    ['queryStartTime()', 0, 0, 'number', 'Start of the range, milliseconds since 1970'],
    ['queryEndTime()', 0, 0, 'number', 'End of the range, milliseconds since 1970'],
    ['queryTimeRange()', 0, 0, 'number', 'Length of the range in milliseconds'],
  ]),
  ...entries('general', [
    ['ispresent(field)', 1, 1, 'boolean', '1 when the field is there'],
    ['coalesce(a, b, …)', 1, many, 'same', 'First argument that is there'],
    ['if(condition, then, else)', 2, 3, 'same', 'One of two values'],
    ['case(condition1, value1, …, default)', 2, 21, 'same', 'Value of the first true condition'],
    ['isNumeric(field)', 1, 1, 'boolean', '1 when the value is a number'],
    ['messageSize()', 0, 1, 'number', 'Bytes of the message'],
    ['unmask(field)', 1, 1, 'same', 'The value itself: nothing is masked here'],
  ]),
  ...entries('json', [
    ['jsonParse(text)', 1, 1, 'json', 'Map or list that the text holds'],
    ['jsonStringify(value)', 1, 1, 'string', 'JSON text of a map or list'],
    ['jsonArraySize(list)', 1, 1, 'number', 'Number of elements'],
    ['jsonArrayContains(list, value)', 2, 2, 'boolean', '1 when the list holds the value'],
  ]),
  ...entries('ip', [
    ['isValidIp(field)', 1, 1, 'boolean', '1 for an IPv4 or IPv6 address'],
    ['isValidIpV4(field)', 1, 1, 'boolean', '1 for an IPv4 address'],
    ['isValidIpV6(field)', 1, 1, 'boolean', '1 for an IPv6 address'],
    ['isIpInSubnet(field, subnet)', 2, 2, 'boolean', '1 when the address is in the subnet'],
    ['isIpv4InSubnet(field, subnet)', 2, 2, 'boolean', '1 when the IPv4 address is in the subnet'],
    ['isIpv6InSubnet(field, subnet)', 2, 2, 'boolean', '1 when the IPv6 address is in the subnet'],
    ['cidrlookup(field, subnet)', 2, 2, 'boolean', '1 when the address is in the subnet'],
    ['ipv4ToNumber(field)', 1, 1, 'number', 'The IPv4 address as a number'],
    ['isPrivateIP(field)', 1, 1, 'boolean', '1 for an address of a private network'],
    ['isPublicIP(field)', 1, 1, 'boolean', '1 for an address of the public internet'],
    ['isReservedIP(field)', 1, 1, 'boolean', '1 for an address set aside for special use'],
  ]),
  ...entries('hash', [
    ['md5(text)', 1, 1, 'string', 'MD5 in hexadecimal'],
    ['sha256(text)', 1, 1, 'string', 'SHA-256 in hexadecimal'],
  ]),
];

const functionsByName = new Map(functions.map((entry) => [entry.name.toLowerCase(), entry]));

/** Function names are case-insensitive. */
export function functionNamed(name: string): FunctionEntry | undefined {
  return functionsByName.get(name.toLowerCase());
}

const command = (name: string, signature: string, help: string): CommandEntry => ({
  name,
  signature,
  help,
});

export const commands: readonly CommandEntry[] = [
  command('fields', 'fields @timestamp, expr as name', 'Adds columns'),
  command('display', 'display a, b', 'Chooses the columns shown'),
  command('filter', 'filter condition', 'Keeps events for which the condition holds'),
  command('where', 'where condition', 'The same as filter'),
  command('filterIndex', 'filterIndex field = value', 'A filter on a field by equality'),
  command('stats', 'stats count(*) as n by field, bin(5m)', 'Aggregates events, by group'),
  command('sort', 'sort field desc', 'Sorts in natural order'),
  command('limit', 'limit 100', 'Keeps the first rows; limit any stops at the first found'),
  command(
    'parse',
    'parse @message "user=*" as user',
    'Takes fields out of text: glob, /regex/, logfmt or csv',
  ),
  command('json', 'json field=@message "a.b" as b', 'Takes fields out of JSON text'),
  command('dedup', 'dedup field', 'Keeps the first event for each value'),
  command('unnest', 'unnest list into element', 'One row for each element of a list'),
  command('pattern', 'pattern @message', 'Groups events by the shape of their text'),
  command('diff', 'diff previousDay', 'After pattern: compares with an earlier time range'),
  command('anomaly', 'anomaly', 'After pattern: patterns that behave unlike before'),
  command('unmask', 'unmask @message', 'Shows masked data: nothing is masked here'),
  command('countFrequent', 'countFrequent field', 'The most frequent values with their counts'),
  command('addtotals', 'addtotals row=true col=false', 'Adds sums of the numbers'),
  command('filldown', 'filldown field', 'Fills missing values from the row above'),
  command('fillmissing', 'fillmissing 0 field', 'Puts a value where there is none'),
  command('accum', 'accum field as total', 'Running total'),
  command('autoregress', 'autoregress field as before p=1', 'Value of an earlier row'),
  command('lookup', 'lookup table key as field OUTPUT column', 'Adds columns from a lookup table'),
  command(
    'join',
    "join type=inner left=a right=b where a.id=b.id (SOURCE 'group')",
    'Puts events of other log groups with the same key beside each event',
  ),
  command('SOURCE', "SOURCE logGroups(namePrefix:['/aws/eks'])", 'Chooses the log groups'),
];

/** Commands that CloudWatch has and this program does not. */
export const unsupportedCommands: readonly string[] = [
  'expand',
  'relevantfields',
  'logcompare',
  'outlier',
  'appendcols',
  'sessionize',
];

export const keywords: readonly string[] = [
  'as',
  'by',
  'asc',
  'desc',
  'and',
  'or',
  'not',
  'in',
  'like',
  'offset',
  'into',
  'multi',
  'logfmt',
  'csv',
  'any',
];

export interface FieldEntry {
  readonly name: string;
  readonly help: string;
}

/** Fields that every event has. */
export const systemFields: readonly FieldEntry[] = [
  { name: '@timestamp', help: 'Time of the event' },
  { name: '@message', help: 'The raw text of the event' },
  { name: '@logStream', help: 'Log stream' },
  { name: '@log', help: 'Account and log group' },
  { name: '@ingestionTime', help: 'When the event was received' },
  { name: '@ptr', help: 'Names this event for ever' },
];

/** All that an editor completes. */
export const completions: {
  readonly commands: readonly CommandEntry[];
  readonly functions: readonly FunctionEntry[];
  readonly keywords: readonly string[];
  readonly fields: readonly FieldEntry[];
} = { commands, functions, keywords, fields: systemFields };
