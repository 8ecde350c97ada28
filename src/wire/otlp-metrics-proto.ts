import { noAttributes, type OtlpValue } from './otlp.ts';
import {
  type OtlpBuckets,
  type OtlpExponentialPoint,
  type OtlpHistogramPoint,
  type OtlpMetric,
  type OtlpMetricData,
  type OtlpNumberPoint,
  type OtlpResourceMetrics,
  type OtlpScopeMetrics,
  type OtlpSummaryPoint,
  type OtlpTemporality,
  temporalities,
} from './otlp-metrics.ts';
import { readAttributesIn, readKeyValue, readScopeOf } from './otlp-proto.ts';
import { ProtoReader } from './protobuf.ts';

/**
 * An ExportMetricsServiceRequest in protobuf.
 * @throws {AppError} WIRE_INVALID
 */
export function decodeOtlpMetricsProto(bytes: Uint8Array): OtlpResourceMetrics[] {
  const resources: OtlpResourceMetrics[] = [];
  const reader = new ProtoReader(bytes);
  while (reader.nextField()) {
    if (reader.field === 1) resources.push(readResource(reader.message()));
    else reader.skip();
  }
  return resources;
}

function readResource(reader: ProtoReader): OtlpResourceMetrics {
  let resource = noAttributes;
  const scopes: OtlpScopeMetrics[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) resource = readAttributesIn(reader.message(), 1);
    else if (reader.field === 2) scopes.push(readScope(reader.message()));
    else reader.skip();
  }
  return { resource, scopes };
}

function readScope(reader: ProtoReader): OtlpScopeMetrics {
  const { items, ...scope } = readScopeOf(reader, readMetric);
  return { ...scope, metrics: items };
}

function readMetric(reader: ProtoReader): OtlpMetric {
  let name = '';
  let description = '';
  let unit = '';
  let data: OtlpMetricData | undefined;
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        name = reader.string();
        break;
      case 2:
        description = reader.string();
        break;
      case 3:
        unit = reader.string();
        break;
      case 5:
        data = { kind: 'gauge', points: readData(reader.message(), readNumber).points };
        break;
      case 7: {
        const { points, temporality, isMonotonic } = readData(reader.message(), readNumber);
        data = { kind: 'sum', points, temporality, isMonotonic };
        break;
      }
      case 9: {
        const { points, temporality } = readData(reader.message(), readHistogram);
        data = { kind: 'histogram', points, temporality };
        break;
      }
      case 10: {
        const { points, temporality } = readData(reader.message(), readExponential);
        data = { kind: 'exponential', points, temporality };
        break;
      }
      case 11:
        data = { kind: 'summary', points: readData(reader.message(), readSummary).points };
        break;
      default:
        reader.skip();
    }
  }
  return { name, description, unit, data };
}

function readData<T>(
  reader: ProtoReader,
  readPoint: (reader: ProtoReader) => T,
): {
  readonly points: readonly T[];
  readonly temporality: OtlpTemporality;
  readonly isMonotonic: boolean;
} {
  const points: T[] = [];
  let temporality = 0;
  let isMonotonic = false;
  while (reader.nextField()) {
    if (reader.field === 1) points.push(readPoint(reader.message()));
    else if (reader.field === 2) temporality = reader.uint();
    else if (reader.field === 3) isMonotonic = reader.boolean();
    else reader.skip();
  }
  return { points, temporality: temporalities[temporality] ?? 'unspecified', isMonotonic };
}

const toMs = (nanos: bigint): number => Number(nanos / 1_000_000n);
const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));
/** A zigzag number of at most 32 bits. */
const sint = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

function readNumber(reader: ProtoReader): OtlpNumberPoint {
  const attributes = new Map<string, OtlpValue>();
  let startMs = 0;
  let timeMs = 0;
  let value = 0;
  let flags = 0;
  while (reader.nextField()) {
    if (reader.field === 7) readKeyValue(reader.message(), attributes, 0);
    else if (reader.field === 2) startMs = toMs(reader.fixed64());
    else if (reader.field === 3) timeMs = toMs(reader.fixed64());
    else if (reader.field === 4) value = reader.double();
    else if (reader.field === 6) value = signed(reader.fixed64());
    else if (reader.field === 8) flags = reader.uint();
    else reader.skip();
  }
  return { attributes, startMs, timeMs, value, flags };
}

function readHistogram(reader: ProtoReader): OtlpHistogramPoint {
  const attributes = new Map<string, OtlpValue>();
  let startMs = 0;
  let timeMs = 0;
  let count = 0;
  let sum = Number.NaN;
  let flags = 0;
  const bucketCounts: number[] = [];
  const bounds: number[] = [];
  while (reader.nextField()) {
    if (reader.field === 9) readKeyValue(reader.message(), attributes, 0);
    else if (reader.field === 2) startMs = toMs(reader.fixed64());
    else if (reader.field === 3) timeMs = toMs(reader.fixed64());
    else if (reader.field === 4) count = Number(reader.fixed64());
    else if (reader.field === 5) sum = reader.double();
    else if (reader.field === 6) readFixed(reader, bucketCounts, false);
    else if (reader.field === 7) readFixed(reader, bounds, true);
    else if (reader.field === 10) flags = reader.uint();
    else reader.skip();
  }
  return { attributes, startMs, timeMs, count, sum, flags, bucketCounts, bounds };
}

function readExponential(reader: ProtoReader): OtlpExponentialPoint {
  const attributes = new Map<string, OtlpValue>();
  const none: OtlpBuckets = { offset: 0, counts: [] };
  let startMs = 0;
  let timeMs = 0;
  let count = 0;
  let sum = Number.NaN;
  let scale = 0;
  let zeroCount = 0;
  let zeroThreshold = 0;
  let flags = 0;
  let positive = none;
  let negative = none;
  while (reader.nextField()) {
    if (reader.field === 1) readKeyValue(reader.message(), attributes, 0);
    else if (reader.field === 2) startMs = toMs(reader.fixed64());
    else if (reader.field === 3) timeMs = toMs(reader.fixed64());
    else if (reader.field === 4) count = Number(reader.fixed64());
    else if (reader.field === 5) sum = reader.double();
    else if (reader.field === 6) scale = sint(reader.uint());
    else if (reader.field === 7) zeroCount = Number(reader.fixed64());
    else if (reader.field === 8) positive = readBuckets(reader.message());
    else if (reader.field === 9) negative = readBuckets(reader.message());
    else if (reader.field === 10) flags = reader.uint();
    else if (reader.field === 14) zeroThreshold = reader.double();
    else reader.skip();
  }
  const counts = { count, sum, scale, zeroCount, zeroThreshold, positive, negative };
  return { attributes, startMs, timeMs, flags, ...counts };
}

function readBuckets(reader: ProtoReader): OtlpBuckets {
  let offset = 0;
  const counts: number[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) offset = sint(reader.uint());
    else if (reader.field !== 2) reader.skip();
    else if (reader.wireType === 0) counts.push(reader.uint());
    else {
      const packed = reader.bytes();
      // A list of varints: as the fields of a message would be, without their keys.
      let value = 0;
      let scale = 1;
      for (const byte of packed) {
        value += (byte & 0x7f) * scale;
        scale *= 128;
        if (byte >= 0x80) continue;
        counts.push(value);
        value = 0;
        scale = 1;
      }
    }
  }
  return { offset, counts };
}

function readSummary(reader: ProtoReader): OtlpSummaryPoint {
  const attributes = new Map<string, OtlpValue>();
  let startMs = 0;
  let timeMs = 0;
  let count = 0;
  let sum = 0;
  let flags = 0;
  const quantiles: { quantile: number; value: number }[] = [];
  while (reader.nextField()) {
    if (reader.field === 7) readKeyValue(reader.message(), attributes, 0);
    else if (reader.field === 2) startMs = toMs(reader.fixed64());
    else if (reader.field === 3) timeMs = toMs(reader.fixed64());
    else if (reader.field === 4) count = Number(reader.fixed64());
    else if (reader.field === 5) sum = reader.double();
    else if (reader.field === 6) {
      const inner = reader.message();
      const pair = { quantile: 0, value: 0 };
      while (inner.nextField()) {
        if (inner.field === 1) pair.quantile = inner.double();
        else if (inner.field === 2) pair.value = inner.double();
        else inner.skip();
      }
      quantiles.push(pair);
    } else if (reader.field === 8) flags = reader.uint();
    else reader.skip();
  }
  return { attributes, startMs, timeMs, count, sum, flags, quantiles };
}

/** 64-bit numbers of a fixed width, packed or one by one. */
function readFixed(reader: ProtoReader, into: number[], isDouble: boolean): void {
  if (reader.wireType === 1) {
    into.push(isDouble ? reader.double() : Number(reader.fixed64()));
    return;
  }
  const packed = reader.bytes();
  for (let at = 0; at + 8 <= packed.length; at += 8) {
    into.push(isDouble ? packed.readDoubleLE(at) : Number(packed.readBigUInt64LE(at)));
  }
}
