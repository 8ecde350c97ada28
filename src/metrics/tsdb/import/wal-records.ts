import {
  type BucketSpan,
  type CounterResetHint,
  customBucketsSchema,
  type FloatHistogram,
  type Labels,
  labelsOf,
} from '#metrics/model';
import { ByteReader } from '../codec/bytes.ts';

/** Kinds of records, their first byte. */
const kinds = {
  series: 1,
  samples: 2,
  tombstones: 3,
  exemplars: 4,
  mmapMarkers: 5,
  metadata: 6,
  histograms: 7,
  floatHistograms: 8,
  customHistograms: 9,
  customFloatHistograms: 10,
} as const;

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'notReset', 'gauge'];
/** More than any record has: a damaged count must not ask for memory. */
const maxItems = 1_000_000;

/** Takes what the log holds; references name series within one data directory. */
export interface WalSink {
  series(ref: number, labels: Labels): void;
  /** @param bytes where the eight bytes of the value stand, high byte first */
  sample(ref: number, timeMs: number, bytes: Buffer, at: number): void;
  histogram(ref: number, timeMs: number, histogram: FloatHistogram): void;
  /** Unix ms, inclusive. */
  deleted(ref: number, fromMs: number, toMs: number): void;
  /** A record of a kind that is not known. */
  unknown(kind: number): void;
}

/**
 * Reads one record.
 * Source: `tsdb/docs/format/wal.md` and `tsdb/record/record.go` of Prometheus.
 * @returns false: it ends before what it says it holds
 */
export function readWalRecord(record: Buffer, sink: WalSink): boolean {
  const reader = new RecordReader(record);
  const kind = reader.u8();
  switch (kind) {
    case kinds.series:
      while (reader.at < record.length) sink.series(reader.be64(), reader.labels());
      break;
    case kinds.samples:
      readRows(reader, record, (ref, timeMs) => {
        sink.sample(ref, timeMs, record, reader.at);
        reader.at += 8;
      });
      break;
    case kinds.histograms:
    case kinds.customHistograms:
      readRows(reader, record, (ref, timeMs) =>
        sink.histogram(ref, timeMs, readHistogram(reader, wholeCounts)),
      );
      break;
    case kinds.floatHistograms:
    case kinds.customFloatHistograms:
      readRows(reader, record, (ref, timeMs) =>
        sink.histogram(ref, timeMs, readHistogram(reader, floatCounts)),
      );
      break;
    case kinds.tombstones:
      while (reader.at < record.length) {
        sink.deleted(reader.be64(), reader.varint(), reader.varint());
      }
      break;
    case kinds.exemplars:
    case kinds.mmapMarkers:
    case kinds.metadata:
      return true;
    default:
      sink.unknown(kind);
      return true;
  }
  return reader.at <= record.length;
}

/** Rows give reference and time as differences from those that stand first. */
function readRows(
  reader: RecordReader,
  record: Buffer,
  row: (ref: number, timeMs: number) => void,
): void {
  if (reader.at >= record.length) return;
  const baseRef = reader.be64();
  const baseMs = reader.be64();
  while (reader.at < record.length) {
    const ref = baseRef + reader.varint();
    const timeMs = baseMs + reader.varint();
    if (reader.at >= record.length) {
      reader.at = record.length + 1;
      return;
    }
    row(ref, timeMs);
  }
}

/** How counts and buckets are written. */
interface CountForm {
  count(reader: RecordReader): number;
  buckets(reader: RecordReader): number[];
}

const wholeCounts: CountForm = {
  count: (reader) => reader.uvarint(),
  buckets: (reader) => {
    let total = 0;
    return reader.list(() => {
      total += reader.varint();
      return total;
    });
  },
};

const floatCounts: CountForm = {
  count: (reader) => reader.float(),
  buckets: (reader) => reader.list(() => reader.float()),
};

function readHistogram(reader: RecordReader, form: CountForm): FloatHistogram {
  const counterResetHint = hints[reader.u8()] ?? 'unknown';
  const schema = reader.varint();
  const zeroThreshold = reader.float();
  const zeroCount = form.count(reader);
  const count = form.count(reader);
  const sum = reader.float();
  const span = (): BucketSpan => ({ offset: reader.varint(), length: reader.uvarint() });
  const positiveSpans = reader.list(span);
  const negativeSpans = reader.list(span);
  return {
    counterResetHint,
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans,
    negativeSpans,
    positiveBuckets: form.buckets(reader),
    negativeBuckets: form.buckets(reader),
    customValues: schema === customBucketsSchema ? reader.list(() => reader.float()) : [],
  };
}

/** Numbers as Go's encoding/binary writes them, high byte first. */
class RecordReader extends ByteReader {
  readonly #view: DataView;

  constructor(record: Buffer) {
    super(record);
    this.#view = new DataView(record.buffer, record.byteOffset, record.length);
  }

  /** A whole number of 64 bits; past 2^53 it loses digits. */
  be64(): number {
    if (this.at + 8 > this.bytes.length) {
      this.at = this.bytes.length + 1;
      return 0;
    }
    const high = this.#view.getInt32(this.at);
    const low = this.#view.getUint32(this.at + 4);
    this.at += 8;
    return high * 2 ** 32 + low;
  }

  float(): number {
    if (this.at + 8 > this.bytes.length) {
      this.at = this.bytes.length + 1;
      return 0;
    }
    const value = this.#view.getFloat64(this.at);
    this.at += 8;
    return value;
  }

  list<T>(item: () => T): T[] {
    const count = this.uvarint();
    const items: T[] = [];
    for (let at = 0; at < Math.min(count, maxItems) && this.at <= this.bytes.length; at++) {
      items.push(item());
    }
    return items;
  }

  labels(): Labels {
    const pairs = this.list((): readonly [string, string] => [this.text(), this.text()]);
    return labelsOf(pairs);
  }
}
