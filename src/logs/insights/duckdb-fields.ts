import type { PathSegment } from './lexer.ts';
import type { SystemField } from './plan.ts';
import { sqlString } from './sql-text.ts';

/** How DuckDB gets at the fields of an event: system columns, JSON, and known text formats. */

/** How many readings of a dotted name are tried: `a.b.c` may mean the key "b.c" inside a. */
const maxReadings = 4;

const whiteSpace = "' \t\r\n'";

/**
 * True for messages that look like a JSON object. Cheap, so that only a rare line that looks so and
 * is not reaches TRY, which goes row by row once a block holds a bad one.
 */
const looksLikeJson =
  `((starts_with(message, '{') OR (message < '!' AND starts_with(ltrim(message, ${whiteSpace}), '{')))` +
  ` AND (ends_with(message, '}') OR ends_with(rtrim(message, ${whiteSpace}), '}')))`;

/** JSON pointers to try in turn. Array indexes are steps like any other. */
export function jsonPointers(path: readonly PathSegment[]): readonly string[] {
  const segments: string[] = [];
  for (const [index, segment] of path.entries()) {
    // A field whose own name begins with @ is written @@name.
    const text =
      index === 0 && segment.text.startsWith('@@') ? segment.text.slice(1) : segment.text;
    if (segment.quoted && text.includes('.') && path.length === 1)
      segments.push(...text.split('.'));
    else segments.push(text);
  }
  const readings = [pointer(segments)];
  for (let kept = segments.length - 2; kept >= 0 && readings.length < maxReadings; kept--) {
    readings.push(pointer([...segments.slice(0, kept), segments.slice(kept).join('.')]));
  }
  return readings;
}

function unescapePointer(text: string): string {
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

export function pointer(segments: readonly string[]): string {
  return segments.map((one) => `/${one.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Text of one field taken straight from the message; JSON booleans stay words. */
export function inlineField(name: string, path: readonly PathSegment[]): string {
  const [first = '', ...others] = jsonPointers(path);
  return withTextFormats(name, first, withOtherReadings(extractOne(first), others));
}

function extractOne(pointer_: string): string {
  return `CASE WHEN ${looksLikeJson} THEN TRY(json_extract_string(message, ${sqlString(pointer_)})) END`;
}

/** One list of texts for all pointers, with one parse of the message. */
export function extractAll(pointers: readonly string[]): string {
  if (pointers.length === 1) return extractOne(pointers[0]!);
  const list = pointers.map(sqlString).join(', ');
  return `CASE WHEN ${looksLikeJson} THEN TRY(json_extract_string(message, [${list}])) END`;
}

/** Keys with dots are rare: the message is parsed again only where such a key stands in it. */
function withOtherReadings(value: string, others: readonly string[]): string {
  if (others.length === 0) return value;
  const readings = others.map((one) => {
    const key = unescapePointer(one.slice(one.lastIndexOf('/') + 1));
    return `CASE WHEN contains(message, ${sqlString(`"${key}"`)}) THEN ${extractOne(one)} END`;
  });
  return `coalesce(${value}, ${readings.join(', ')})`;
}

/** The field's text from the extracted value, booleans as 1 and 0. */
export function fieldFromExtracted(
  name: string,
  pointers: readonly string[],
  extracted: string,
): string {
  const [first = '', ...others] = pointers;
  const isBoolean = pointers
    .map((one) => `json_type(message, ${sqlString(one)}) = 'BOOLEAN'`)
    .join(' OR ');
  const value = withOtherReadings(extracted, others);
  // The type is asked only where the text could be a boolean: a second parse of few messages.
  const text =
    `CASE WHEN ${value} IN ('true', 'false') AND (${isBoolean})` +
    ` THEN CASE ${value} WHEN 'true' THEN '1' ELSE '0' END ELSE ${value} END`;
  return withTextFormats(name, first, text);
}

/** True for a field that only JSON messages have, wherever they are from. */
export const isJsonOnly = (name: string): boolean =>
  !Object.hasOwn(lambdaFields, name) &&
  !['startTime', 'endTime', ...vpcFields, ...routeFields].includes(name);

/** Functions on Lambda write JSON behind other text: fields are found there too. */
export const hasJsonFragments = (group: string): boolean => group.startsWith('/aws/lambda/');

export function systemColumn(name: SystemField, accountId: string): string {
  switch (name) {
    case '@timestamp':
      return 'ts_ms';
    case '@ingestionTime':
      return 'ingest_ms';
    case '@message':
      return 'message';
    case '@logStream':
      return 'log_stream';
    case '@logGroup':
      return 'log_group';
    case '@log':
      return `(${sqlString(`${accountId}:`)} || log_group)`;
    case '@ptr':
      // The same bytes that encodePointer makes: time, sequence and group with colons between.
      return `to_base64(encode(ts_ms || ':' || seq || ':' || log_group))`;
    default:
      name satisfies never;
      return 'NULL';
  }
}

const vpcFields: readonly string[] = [
  'version',
  'accountId',
  'interfaceId',
  'srcAddr',
  'dstAddr',
  'srcPort',
  'dstPort',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'logStatus',
];

const routeFields: readonly string[] = [
  'version',
  'timestamp',
  'hostedZoneId',
  'queryName',
  'queryType',
  'responseCode',
  'protocol',
  'edgeLocation',
  'resolverIp',
  'ednsClientSubnet',
];

/** Lambda's own lines: START, END and REPORT. */
const lambdaFields: Readonly<Record<string, string>> = {
  '@requestId': 'RequestId: ([0-9a-f-]{36})',
  '@type': '^(START|END|REPORT) RequestId',
  '@duration': '\\tDuration: ([0-9.]+) ms',
  '@billedDuration': '\\tBilled Duration: ([0-9.]+) ms',
  '@initDuration': '\\tInit Duration: ([0-9.]+) ms',
  '@maxMemoryUsed': '\\tMax Memory Used: ([0-9]+) MB',
  '@memorySize': '\\tMemory Size: ([0-9]+) MB',
};

const isVpcLine = `regexp_matches(message, '^[0-9]+ (?:[0-9]{12}|unknown) eni-')`;
const isRouteLine = `regexp_matches(message, '^[0-9]+\\.[0-9]+ [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z Z')`;
/** Megabytes in the line, bytes in the field. */
const lambdaMemory = new Set(['@maxMemoryUsed', '@memorySize']);

/** Adds the readings of lines that are no JSON but have a known shape. */
function withTextFormats(name: string, first: string, json: string): string {
  const readings = [json];
  const lambda = Object.hasOwn(lambdaFields, name) ? lambdaFields[name] : undefined;
  if (lambda !== undefined) {
    const text = `nullif(regexp_extract(message, ${sqlString(lambda)}, 1), '')`;
    readings.push(
      lambdaMemory.has(name)
        ? `CAST(CAST(TRY_CAST(${text} AS DOUBLE) * 1000000 AS BIGINT) AS VARCHAR)`
        : text,
    );
  }
  const vpcName = name === 'startTime' ? 'start' : name === 'endTime' ? 'end' : name;
  const vpc = vpcFields.indexOf(vpcName);
  if (vpc !== -1) {
    readings.push(
      `CASE WHEN ${isVpcLine} THEN nullif(split_part(message, ' ', ${vpc + 1}), '-') END`,
    );
  }
  const route = routeFields.indexOf(name);
  if (route !== -1) {
    readings.push(
      `CASE WHEN ${isRouteLine} THEN nullif(split_part(message, ' ', ${route + 1}), '-') END`,
    );
  }
  if (!name.startsWith('@')) {
    // A Lambda function's own lines hold at most one piece of JSON after its time and request id.
    const fragment = `regexp_extract(message, '(?s)\\{.*\\}', 0)`;
    readings.push(
      `CASE WHEN starts_with(log_group, '/aws/lambda/') AND NOT starts_with(message, '{')` +
        ` THEN TRY(json_extract_string(nullif(${fragment}, ''), ${sqlString(first)})) END`,
    );
  }
  return readings.length === 1 ? json : `coalesce(${readings.join(', ')})`;
}
