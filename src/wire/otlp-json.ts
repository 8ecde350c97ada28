import { wireInvalid } from './errors.ts';
import {
  maxOtlpDepth,
  noAttributes,
  type OtlpAttributes,
  type OtlpLogRecord,
  type OtlpPartialSuccess,
  type OtlpResourceLogs,
  type OtlpScopeLogs,
  type OtlpValue,
} from './otlp.ts';

export type JsonObject = Record<string, unknown>;

/**
 * The JSON form of an ExportLogsServiceRequest: lowerCamelCase names (snake_case is taken too), ids
 * in hex, 64-bit integers as text or numbers, unknown members ignored.
 * @throws {AppError} WIRE_INVALID naming the place in the document
 */
export function decodeOtlpLogsJson(text: string): OtlpResourceLogs[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw wireInvalid('The body is not valid JSON', -1, error);
  }
  const root = object(body, 'The body');
  return list(root, 'resourceLogs', 'resource_logs', '').map((item, i): OtlpResourceLogs => {
    const place = `resourceLogs[${i}]`;
    const entry = object(item, place);
    const resource = optionalObject(entry['resource'], `${place}.resource`);
    return {
      resource: attributesOf(resource?.['attributes'], `${place}.resource.attributes`, 0),
      scopeLogs: list(entry, 'scopeLogs', 'scope_logs', place).map((scope, j) =>
        scopeLogs(scope, `${place}.scopeLogs[${j}]`),
      ),
    };
  });
}

function scopeLogs(item: unknown, place: string): OtlpScopeLogs {
  const entry = object(item, place);
  const scope = optionalObject(entry['scope'], `${place}.scope`);
  return {
    scopeName: text(scope?.['name']),
    scopeVersion: text(scope?.['version']),
    scopeAttributes: attributesOf(scope?.['attributes'], `${place}.scope.attributes`, 0),
    logRecords: list(entry, 'logRecords', 'log_records', place).map((record, k) =>
      logRecord(record, `${place}.logRecords[${k}]`),
    ),
  };
}

function logRecord(item: unknown, place: string): OtlpLogRecord {
  const record = object(item, place);
  const get = (camel: string, snake: string): unknown => record[camel] ?? record[snake];
  const severity = get('severityNumber', 'severity_number') ?? 0;
  return {
    timeUnixNano: nanoseconds(get('timeUnixNano', 'time_unix_nano'), `${place}.timeUnixNano`),
    observedTimeUnixNano: nanoseconds(
      get('observedTimeUnixNano', 'observed_time_unix_nano'),
      `${place}.observedTimeUnixNano`,
    ),
    severityNumber: severityOf(severity, `${place}.severityNumber`),
    severityText: text(get('severityText', 'severity_text')),
    body: record['body'] == null ? null : anyValue(record['body'], `${place}.body`, 0),
    attributes: attributesOf(record['attributes'], `${place}.attributes`, 0),
    droppedAttributesCount: count(get('droppedAttributesCount', 'dropped_attributes_count')),
    flags: count(record['flags']),
    traceId: hexId(get('traceId', 'trace_id'), `${place}.traceId`),
    spanId: hexId(get('spanId', 'span_id'), `${place}.spanId`),
    eventName: text(get('eventName', 'event_name')),
  };
}

function anyValue(item: unknown, place: string, depth: number): OtlpValue {
  if (depth >= maxOtlpDepth) {
    throw wireInvalid(`A value is nested deeper than ${maxOtlpDepth} levels`, -1);
  }
  const value = object(item, place);
  const get = (camel: string, snake: string): unknown => value[camel] ?? value[snake];
  const stringValue = get('stringValue', 'string_value');
  if (stringValue !== undefined) return String(stringValue);
  const boolValue = get('boolValue', 'bool_value');
  if (boolValue !== undefined) return boolValue === true || boolValue === 'true';
  const intValue = get('intValue', 'int_value');
  if (intValue !== undefined) return integer(intValue, `${place}.intValue`);
  const doubleValue = get('doubleValue', 'double_value');
  if (doubleValue !== undefined) return Number(doubleValue);
  const arrayValue = get('arrayValue', 'array_value');
  if (arrayValue !== undefined) {
    return list(object(arrayValue, place), 'values', 'values', place).map((inner) =>
      anyValue(inner, place, depth + 1),
    );
  }
  const kvlist = get('kvlistValue', 'kvlist_value');
  if (kvlist !== undefined) {
    return attributesOf(object(kvlist, place)['values'], `${place}.kvlistValue`, depth + 1);
  }
  const bytesValue = get('bytesValue', 'bytes_value');
  if (typeof bytesValue === 'string') return Uint8Array.from(Buffer.from(bytesValue, 'base64'));
  return null;
}

export function attributesOf(item: unknown, place: string, depth: number): OtlpAttributes {
  if (item === undefined || item === null) return noAttributes;
  if (!Array.isArray(item)) throw wireInvalid(`${place} is not an array`, -1);
  const attributes = new Map<string, OtlpValue>();
  for (const entry of item) {
    const pair = object(entry, place);
    const { value } = pair;
    attributes.set(text(pair['key']), value == null ? null : anyValue(value, place, depth));
  }
  return attributes;
}

/** The same request as JSON text. */
export function encodeOtlpLogsJson(resources: readonly OtlpResourceLogs[]): string {
  return JSON.stringify({
    resourceLogs: resources.map(({ resource, scopeLogs: scopes }) => ({
      resource: { attributes: plainAttributes(resource, 0) },
      scopeLogs: scopes.map((scope) => ({
        scope: {
          ...(scope.scopeName === '' ? {} : { name: scope.scopeName }),
          ...(scope.scopeVersion === '' ? {} : { version: scope.scopeVersion }),
          ...(scope.scopeAttributes.size === 0
            ? {}
            : { attributes: plainAttributes(scope.scopeAttributes, 0) }),
        },
        logRecords: scope.logRecords.map(plainRecord),
      })),
    })),
  });
}

function plainRecord(record: OtlpLogRecord): JsonObject {
  const plain: JsonObject = {};
  if (record.timeUnixNano !== 0n) plain['timeUnixNano'] = String(record.timeUnixNano);
  if (record.observedTimeUnixNano !== 0n) {
    plain['observedTimeUnixNano'] = String(record.observedTimeUnixNano);
  }
  if (record.severityNumber !== 0) plain['severityNumber'] = record.severityNumber;
  if (record.severityText !== '') plain['severityText'] = record.severityText;
  if (record.body !== null) plain['body'] = plainAny(record.body, 0);
  if (record.attributes.size > 0) plain['attributes'] = plainAttributes(record.attributes, 0);
  if (record.droppedAttributesCount !== 0) {
    plain['droppedAttributesCount'] = record.droppedAttributesCount;
  }
  if (record.flags !== 0) plain['flags'] = record.flags;
  if (record.traceId !== '') plain['traceId'] = record.traceId;
  if (record.spanId !== '') plain['spanId'] = record.spanId;
  if (record.eventName !== '') plain['eventName'] = record.eventName;
  return plain;
}

function plainAttributes(attributes: OtlpAttributes, depth: number): JsonObject[] {
  return [...attributes].map(([key, value]) => ({ key, value: plainAny(value, depth) }));
}

function plainAny(value: OtlpValue, depth: number): JsonObject {
  if (depth >= maxOtlpDepth) {
    throw wireInvalid(`A value is nested deeper than ${maxOtlpDepth} levels`, -1);
  }
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { intValue: String(value) };
    // JSON has no NaN; the protobuf mapping writes these three as text, and -0 needs it too.
    return {
      doubleValue: Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : value) : String(value),
    };
  }
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) {
    return { arrayValue: { values: value.map((item: OtlpValue) => plainAny(item, depth + 1)) } };
  }
  return { kvlistValue: { values: plainAttributes(value as OtlpAttributes, depth + 1) } };
}

/** The answer to a request, JSON: `{}` on plain success. */
export function encodeOtlpLogsResponseJson(partial: OtlpPartialSuccess | undefined): string {
  if (partial === undefined) return '{}';
  const { rejectedLogRecords, errorMessage } = partial;
  return JSON.stringify({
    partialSuccess: { rejectedLogRecords: String(rejectedLogRecords), errorMessage },
  });
}

/** What a receiver answered, JSON. @throws {AppError} WIRE_INVALID */
export function decodeOtlpLogsResponseJson(body: string): OtlpPartialSuccess | undefined {
  if (body.trim() === '') return undefined;
  let root: unknown;
  try {
    root = JSON.parse(body);
  } catch (error) {
    throw wireInvalid('The answer is not valid JSON', -1, error);
  }
  const answer = object(root, 'The answer');
  const partial = optionalObject(answer['partialSuccess'] ?? answer['partial_success'], 'answer');
  if (partial === undefined) return undefined;
  return {
    rejectedLogRecords: count(partial['rejectedLogRecords'] ?? partial['rejected_log_records']),
    errorMessage: text(partial['errorMessage'] ?? partial['error_message']),
  };
}

export function object(value: unknown, place: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw wireInvalid(`${place} is not an object`, -1);
}

export function optionalObject(value: unknown, place: string): JsonObject | undefined {
  return value === undefined || value === null ? undefined : object(value, place);
}

export function list(parent: JsonObject, camel: string, snake: string, place: string): unknown[] {
  const value = parent[camel] ?? parent[snake] ?? [];
  if (Array.isArray(value)) return value;
  throw wireInvalid(`${place === '' ? '' : `${place}.`}${camel} is not an array`, -1);
}

export function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

export function count(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

function integer(value: unknown, place: string): number | bigint {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : BigInt.asIntN(64, BigInt(value));
  }
  throw wireInvalid(`${place} is not an integer`, -1);
}

export function nanoseconds(value: unknown, place: string): bigint {
  if (value === undefined || value === null) return 0n;
  const parsed = integer(value, place);
  return parsed < 0 ? 0n : BigInt(parsed);
}

const severityNames = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** A number, or the enum's name, which senders that use the generic JSON mapping write. */
function severityOf(value: unknown, place: string): number {
  if (typeof value === 'string') {
    const match = /^SEVERITY_NUMBER_([A-Z]+?)([2-4])?$/.exec(value);
    if (match !== null) {
      const rank = severityNames.indexOf(match[1]!);
      return rank === -1 ? 0 : rank * 4 + Number(match[2] ?? 1);
    }
  }
  return Number(BigInt.asIntN(32, BigInt(integer(value, place))));
}

function hexId(value: unknown, place: string): string {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'string' && /^(?:[0-9a-fA-F]{2}){1,16}$/.test(value)) {
    return value.toLowerCase();
  }
  throw wireInvalid(`${place} is not a hexadecimal id`, -1);
}
