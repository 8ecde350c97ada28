import type { BucketSpan, FloatHistogram } from '#metrics/model';
import type { ProtoReader } from '#wire';
import type { ParsedExemplar } from './entries.ts';
import { expositionInvalid } from './errors.ts';

/** A native histogram has some hundred buckets; a body cannot make us hold more. */
const maxBuckets = 100_000;

/** The fields of a `Histogram` message that make it a native one, as they come in. */
export class NativeParts {
  readonly exemplars: ParsedExemplar[] = [];
  #schema = 0;
  #zeroThreshold = 0;
  #zeroCount = 0;
  #isMarked = false;
  readonly #negativeSpans: BucketSpan[] = [];
  readonly #negativeDeltas: number[] = [];
  readonly #negativeCounts: number[] = [];
  readonly #positiveSpans: BucketSpan[] = [];
  readonly #positiveDeltas: number[] = [];
  readonly #positiveCounts: number[] = [];

  /** Spans, or a zero bucket, also an empty one whose threshold is given. */
  get isNative(): boolean {
    return this.#isMarked || this.#negativeSpans.length > 0 || this.#positiveSpans.length > 0;
  }

  /** False: not a field of ours, and not read. */
  readField(reader: ProtoReader): boolean {
    switch (reader.field) {
      case 5:
        this.#schema = zigzag(reader.uint());
        return true;
      case 6:
        this.#zeroThreshold = reader.double();
        this.#isMarked ||= this.#zeroThreshold > 0;
        return true;
      case 7:
        this.#zeroCount = reader.uint() || this.#zeroCount;
        this.#isMarked ||= this.#zeroCount > 0;
        return true;
      case 8:
        this.#zeroCount = reader.double() || this.#zeroCount;
        this.#isMarked ||= this.#zeroCount > 0;
        return true;
      case 9:
        this.#negativeSpans.push(readSpan(reader.message()));
        return true;
      case 10:
        readVarints(reader, this.#negativeDeltas);
        return true;
      case 11:
        readDoubles(reader, this.#negativeCounts);
        return true;
      case 12:
        this.#positiveSpans.push(readSpan(reader.message()));
        return true;
      case 13:
        readVarints(reader, this.#positiveDeltas);
        return true;
      case 14:
        readDoubles(reader, this.#positiveCounts);
        return true;
      default:
        return false;
    }
  }

  /** @throws {AppError} EXPOSITION_INVALID when spans and buckets do not fit together */
  histogram(of: {
    readonly count: number;
    readonly sum: number;
    readonly isGauge: boolean;
  }): FloatHistogram {
    return {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      count: of.count,
      sum: of.sum,
      positiveSpans: this.#positiveSpans,
      positiveBuckets: counts(this.#positiveSpans, this.#positiveDeltas, this.#positiveCounts),
      negativeSpans: this.#negativeSpans,
      negativeBuckets: counts(this.#negativeSpans, this.#negativeDeltas, this.#negativeCounts),
      customValues: [],
      counterResetHint: of.isGauge ? 'gauge' : 'unknown',
    };
  }
}

function counts(
  spans: readonly BucketSpan[],
  deltas: readonly number[],
  floats: readonly number[],
): number[] {
  const buckets = [...floats];
  if (floats.length === 0) {
    let count = 0;
    for (const delta of deltas) {
      count += delta;
      buckets.push(count);
    }
  }
  const wanted = spans.reduce((sum, span) => sum + span.length, 0);
  if (wanted !== buckets.length) {
    throw expositionInvalid(
      `histogram spans need ${wanted} buckets, have ${buckets.length} buckets`,
      0,
    );
  }
  if (buckets.some((bucket) => bucket < 0)) {
    throw expositionInvalid('histogram has a bucket whose observation count is negative', 0);
  }
  return buckets;
}

function readSpan(reader: ProtoReader): BucketSpan {
  let offset = 0;
  let length = 0;
  while (reader.nextField()) {
    if (reader.field === 1) offset = zigzag(reader.uint());
    else if (reader.field === 2) length = reader.uint();
    else reader.skip();
  }
  return { offset, length };
}

/** A repeated sint64, packed or not. */
function readVarints(reader: ProtoReader, into: number[]): void {
  if (reader.wireType === 0) into.push(zigzag(reader.uint()));
  else {
    const bytes = reader.bytes();
    for (let at = 0; at < bytes.length; ) {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = bytes[at++];
        if (byte === undefined) throw expositionInvalid('histogram bucket is cut off', 0);
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
        scale *= 128;
      }
      into.push(zigzag(value));
    }
  }
  checkCount(into);
}

function readDoubles(reader: ProtoReader, into: number[]): void {
  if (reader.wireType === 1) into.push(reader.double());
  else {
    const bytes = reader.bytes();
    if (bytes.length % 8 !== 0) throw expositionInvalid('histogram bucket is cut off', 0);
    for (let at = 0; at < bytes.length; at += 8) into.push(bytes.readDoubleLE(at));
  }
  checkCount(into);
}

function checkCount(buckets: readonly number[]): void {
  if (buckets.length > maxBuckets) {
    throw expositionInvalid(`histogram has more than ${maxBuckets} buckets`, 0);
  }
}

const zigzag = (value: number): number =>
  value % 2 === 0 ? value / 2 : -Math.floor(value / 2) - 1;
