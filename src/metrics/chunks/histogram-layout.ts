import { type BucketSpan, customBucketsSchema, type FloatHistogram } from '#metrics/model';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from './varbit.ts';
import { bitsOfNumber } from './xor-value.ts';

/** What all histograms of a chunk have in common. */
export type HistogramLayout = Pick<
  FloatHistogram,
  'schema' | 'zeroThreshold' | 'positiveSpans' | 'negativeSpans' | 'customValues'
>;

/** More buckets than any histogram has: a damaged chunk must not ask for memory. */
const maxBuckets = 1_000_000;

/** The byte before a threshold that is no power of two, or one beyond those below. */
const anyThreshold = 255;
const thresholdBias = 243;
const minThresholdExponent = -242;
const maxThresholdExponent = 11;
/** Custom bounds up to this many thousandths are written as whole thousandths. */
const maxThousandths = 33_554_430;

/** Undefined: it is damaged. */
export function readLayout(reader: BitReader): HistogramLayout | undefined {
  const zeroThreshold = readZeroThreshold(reader);
  const schema = readVarbitInt(reader);
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  if (positiveSpans === undefined || negativeSpans === undefined) return undefined;
  const customValues: number[] = [];
  if (schema === customBucketsSchema) {
    const count = readVarbitUint(reader);
    if (count > maxBuckets) return undefined;
    for (let at = 0; at < count; at++) customValues.push(readBound(reader));
  }
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues };
}

export function writeLayout(writer: BitWriter, layout: HistogramLayout): void {
  writeZeroThreshold(writer, layout.zeroThreshold);
  writeVarbitInt(writer, layout.schema);
  for (const spans of [layout.positiveSpans, layout.negativeSpans]) {
    writeVarbitUint(writer, spans.length);
    for (const { offset, length } of spans) {
      writeVarbitUint(writer, length);
      writeVarbitInt(writer, offset);
    }
  }
  if (layout.schema !== customBucketsSchema) return;
  writeVarbitUint(writer, layout.customValues.length);
  for (const bound of layout.customValues) writeBound(writer, bound);
}

export const bucketCount = (spans: readonly BucketSpan[]): number =>
  spans.reduce((sum, { length }) => sum + length, 0);

export function hasSameLayout(a: HistogramLayout, b: HistogramLayout): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    a.customValues.length === b.customValues.length &&
    a.customValues.every((value, at) => Object.is(value, b.customValues[at]))
  );
}

const sameSpans = (a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean =>
  a.length === b.length &&
  a.every(({ offset, length }, at) => b[at]!.offset === offset && b[at]!.length === length);

function readSpans(reader: BitReader): BucketSpan[] | undefined {
  const count = readVarbitUint(reader);
  if (count > maxBuckets) return undefined;
  const spans: BucketSpan[] = [];
  let buckets = 0;
  for (let at = 0; at < count; at++) {
    const length = readVarbitUint(reader);
    spans.push({ length, offset: readVarbitInt(reader) });
    buckets += length;
    if (buckets > maxBuckets) return undefined;
  }
  return spans;
}

function readZeroThreshold(reader: BitReader): number {
  const byte = reader.bits(8);
  if (byte === 0) return 0;
  return byte === anyThreshold ? readFloat(reader) : 2 ** (byte - thresholdBias - 1);
}

function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  if (threshold === 0) {
    writer.byte(0);
    return;
  }
  const exponent = Math.log2(threshold) + 1;
  const isShort =
    Number.isInteger(exponent) &&
    2 ** (exponent - 1) === threshold &&
    exponent >= minThresholdExponent &&
    exponent <= maxThresholdExponent;
  writer.byte(isShort ? exponent + thresholdBias : anyThreshold);
  if (!isShort) writer.bits(bitsOfNumber(threshold), 64);
}

function readBound(reader: BitReader): number {
  const thousandths = readVarbitUint(reader);
  return thousandths === 0 ? readFloat(reader) : (thousandths - 1) / 1000;
}

function writeBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  if (thousandths < 0 || thousandths > maxThousandths || !Object.is(thousandths / 1000, bound)) {
    writer.bit(0);
    writer.bits(bitsOfNumber(bound), 64);
    return;
  }
  writeVarbitUint(writer, thousandths + 1);
}

const scratch = new DataView(new ArrayBuffer(8));

function readFloat(reader: BitReader): number {
  scratch.setUint32(0, reader.bits(32));
  scratch.setUint32(4, reader.bits(32));
  return scratch.getFloat64(0);
}
