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
import { ProtoReader, ProtoWriter } from './protobuf.ts';

/** A protobuf ExportLogsServiceRequest. Unknown fields are skipped. @throws {AppError} WIRE_INVALID */
export function decodeOtlpLogsProto(bytes: Uint8Array): OtlpResourceLogs[] {
  const reader = new ProtoReader(bytes);
  const resources: OtlpResourceLogs[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) resources.push(readResourceLogs(reader.message()));
    else reader.skip();
  }
  return resources;
}

function readResourceLogs(reader: ProtoReader): OtlpResourceLogs {
  let resource = noAttributes;
  const scopeLogs: OtlpScopeLogs[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) resource = readAttributesIn(reader.message(), 1);
    else if (reader.field === 2) scopeLogs.push(readScopeLogs(reader.message()));
    else reader.skip();
  }
  return { resource, scopeLogs };
}

export function readAttributesIn(reader: ProtoReader, field: number): OtlpAttributes {
  const attributes = new Map<string, OtlpValue>();
  while (reader.nextField()) {
    if (reader.field === field) readKeyValue(reader.message(), attributes, 0);
    else reader.skip();
  }
  return attributes;
}

function readScopeLogs(reader: ProtoReader): OtlpScopeLogs {
  const { items, ...scope } = readScopeOf(reader, readLogRecord);
  return { ...scope, logRecords: items };
}

/** A scope and what it holds: logs and metrics have the same form. */
export function readScopeOf<T>(
  reader: ProtoReader,
  readItem: (reader: ProtoReader) => T,
): {
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: OtlpAttributes;
  readonly items: readonly T[];
} {
  let scopeName = '';
  let scopeVersion = '';
  let scopeAttributes = noAttributes;
  const items: T[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) {
      const scope = reader.message();
      const attributes = new Map<string, OtlpValue>();
      while (scope.nextField()) {
        if (scope.field === 1) scopeName = scope.string();
        else if (scope.field === 2) scopeVersion = scope.string();
        else if (scope.field === 3) readKeyValue(scope.message(), attributes, 0);
        else scope.skip();
      }
      scopeAttributes = attributes;
    } else if (reader.field === 2) items.push(readItem(reader.message()));
    else reader.skip();
  }
  return { scopeName, scopeVersion, scopeAttributes, items };
}

function readLogRecord(reader: ProtoReader): OtlpLogRecord {
  let timeUnixNano = 0n;
  let observedTimeUnixNano = 0n;
  let severityNumber = 0;
  let severityText = '';
  let body: OtlpValue = null;
  let attributes: Map<string, OtlpValue> | undefined;
  let droppedAttributesCount = 0;
  let flags = 0;
  let traceId = '';
  let spanId = '';
  let eventName = '';
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        timeUnixNano = reader.fixed64();
        break;
      case 2:
        severityNumber = Number(BigInt.asIntN(32, BigInt(reader.int64())));
        break;
      case 3:
        severityText = reader.string();
        break;
      case 5:
        body = readAnyValue(reader.message(), 0);
        break;
      case 6:
        attributes ??= new Map();
        readKeyValue(reader.message(), attributes, 0);
        break;
      case 7:
        droppedAttributesCount = reader.uint();
        break;
      case 8:
        flags = reader.fixed32();
        break;
      case 9:
        traceId = reader.bytes().toString('hex');
        break;
      case 10:
        spanId = reader.bytes().toString('hex');
        break;
      case 11:
        observedTimeUnixNano = reader.fixed64();
        break;
      case 12:
        eventName = reader.string();
        break;
      default:
        reader.skip();
    }
  }
  return {
    timeUnixNano,
    observedTimeUnixNano,
    severityNumber,
    severityText,
    body,
    attributes: attributes ?? noAttributes,
    droppedAttributesCount,
    flags,
    traceId,
    spanId,
    eventName,
  };
}

export function readKeyValue(
  reader: ProtoReader,
  into: Map<string, OtlpValue>,
  depth: number,
): void {
  let key = '';
  let value: OtlpValue = null;
  while (reader.nextField()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = readAnyValue(reader.message(), depth);
    else reader.skip();
  }
  into.set(key, value);
}

function readAnyValue(reader: ProtoReader, depth: number): OtlpValue {
  if (depth >= maxOtlpDepth) {
    throw wireInvalid(`A value is nested deeper than ${maxOtlpDepth} levels`, reader.offset);
  }
  let value: OtlpValue = null;
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        value = reader.string();
        break;
      case 2:
        value = reader.boolean();
        break;
      case 3:
        value = reader.int64();
        break;
      case 4:
        value = reader.double();
        break;
      case 5: {
        const list = reader.message();
        const items: OtlpValue[] = [];
        while (list.nextField()) {
          if (list.field === 1) items.push(readAnyValue(list.message(), depth + 1));
          else list.skip();
        }
        value = items;
        break;
      }
      case 6: {
        const list = reader.message();
        const items = new Map<string, OtlpValue>();
        while (list.nextField()) {
          if (list.field === 1) readKeyValue(list.message(), items, depth + 1);
          else list.skip();
        }
        value = items;
        break;
      }
      case 7:
        value = Uint8Array.from(reader.bytes());
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

/** The same request as protobuf; default values are left out. */
export function encodeOtlpLogsProto(resources: readonly OtlpResourceLogs[]): Buffer {
  const writer = new ProtoWriter();
  for (const { resource, scopeLogs } of resources) {
    const outer = writer.open(1);
    const inner = writer.open(1);
    writeAttributes(writer, 1, resource, 0);
    writer.close(inner);
    for (const scope of scopeLogs) {
      const mark = writer.open(2);
      const head = writer.open(1);
      if (scope.scopeName !== '') writer.string(1, scope.scopeName);
      if (scope.scopeVersion !== '') writer.string(2, scope.scopeVersion);
      writeAttributes(writer, 3, scope.scopeAttributes, 0);
      writer.close(head);
      for (const record of scope.logRecords) writeLogRecord(writer, record);
      writer.close(mark);
    }
    writer.close(outer);
  }
  return writer.take();
}

function writeLogRecord(writer: ProtoWriter, record: OtlpLogRecord): void {
  const mark = writer.open(2);
  if (record.timeUnixNano !== 0n) writer.fixed64(1, record.timeUnixNano);
  if (record.severityNumber !== 0) writer.int64(2, record.severityNumber);
  if (record.severityText !== '') writer.string(3, record.severityText);
  if (record.body !== null) writeAnyValue(writer, 5, record.body, 0);
  writeAttributes(writer, 6, record.attributes, 0);
  if (record.droppedAttributesCount !== 0) writer.uint(7, record.droppedAttributesCount);
  if (record.flags !== 0) writer.fixed32(8, record.flags);
  if (record.traceId !== '') writer.bytes(9, Buffer.from(record.traceId, 'hex'));
  if (record.spanId !== '') writer.bytes(10, Buffer.from(record.spanId, 'hex'));
  if (record.observedTimeUnixNano !== 0n) writer.fixed64(11, record.observedTimeUnixNano);
  if (record.eventName !== '') writer.string(12, record.eventName);
  writer.close(mark);
}

function writeAttributes(
  writer: ProtoWriter,
  field: number,
  attributes: OtlpAttributes,
  depth: number,
): void {
  for (const [key, value] of attributes) {
    const mark = writer.open(field);
    writer.string(1, key);
    if (value !== null) writeAnyValue(writer, 2, value, depth);
    writer.close(mark);
  }
}

function writeAnyValue(writer: ProtoWriter, field: number, value: OtlpValue, depth: number): void {
  if (depth >= maxOtlpDepth) {
    throw wireInvalid(`A value is nested deeper than ${maxOtlpDepth} levels`, -1);
  }
  const mark = writer.open(field);
  if (typeof value === 'string') writer.string(1, value);
  else if (typeof value === 'boolean') writer.uint(2, value ? 1 : 0);
  else if (typeof value === 'bigint') writer.int64(3, value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.int64(3, value);
    else writer.double(4, value);
  } else if (value instanceof Uint8Array) writer.bytes(7, value);
  else if (Array.isArray(value)) {
    const list = writer.open(5);
    for (const item of value as readonly OtlpValue[]) {
      // An empty AnyValue is how the protocol writes null.
      if (item === null) writer.close(writer.open(1));
      else writeAnyValue(writer, 1, item, depth + 1);
    }
    writer.close(list);
  } else if (value !== null) {
    const list = writer.open(6);
    writeAttributes(writer, 1, value as OtlpAttributes, depth + 1);
    writer.close(list);
  }
  writer.close(mark);
}

/** The answer to a request, protobuf: empty on plain success. */
export function encodeOtlpLogsResponseProto(partial: OtlpPartialSuccess | undefined): Buffer {
  const writer = new ProtoWriter();
  if (partial !== undefined) {
    const mark = writer.open(1);
    if (partial.rejectedLogRecords !== 0) writer.int64(1, partial.rejectedLogRecords);
    if (partial.errorMessage !== '') writer.string(2, partial.errorMessage);
    writer.close(mark);
  }
  return writer.take();
}

/** What a receiver answered, protobuf. @throws {AppError} WIRE_INVALID */
export function decodeOtlpLogsResponseProto(bytes: Uint8Array): OtlpPartialSuccess | undefined {
  const reader = new ProtoReader(bytes);
  let partial: OtlpPartialSuccess | undefined;
  while (reader.nextField()) {
    if (reader.field !== 1) reader.skip();
    else {
      let rejectedLogRecords = 0;
      let errorMessage = '';
      const inner = reader.message();
      while (inner.nextField()) {
        if (inner.field === 1) rejectedLogRecords = Number(inner.int64());
        else if (inner.field === 2) errorMessage = inner.string();
        else inner.skip();
      }
      partial = { rejectedLogRecords, errorMessage };
    }
  }
  return partial;
}

/** google.rpc.Status: the body of an error answer. */
export function encodeRpcStatusProto(code: number, message: string): Buffer {
  const writer = new ProtoWriter();
  if (code !== 0) writer.uint(1, code);
  if (message !== '') writer.string(2, message);
  return writer.take();
}
