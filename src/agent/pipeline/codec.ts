import { type AgentEvent, RawNumber, type RecordMap, type RecordValue } from '../contract.ts';

/**
 * Chunks as the spool keeps them. Little endian:
 *
 *     | chunks u32 | per chunk: tag string | events u32 | per event: seconds f64 | nanoseconds u32 |
 *     | metadata map or null | record map |
 *     value: kind u8, then: string, bytes, raw number, big integer: length u32 and bytes;
 *     number: f64; map: entries u32, each key string and value; list: items u32 and values
 */
export interface TaggedEvents {
  readonly tag: string;
  readonly events: readonly AgentEvent[];
}

const kinds = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  string: 4,
  bytes: 5,
  raw: 6,
  bigint: 7,
  map: 8,
  list: 9,
} as const;

class Writer {
  #bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  #end = 0;

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#end = this.#bytes.writeUInt32LE(value, this.#end);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  text(value: string): void {
    this.#reserve(4 + value.length * 3);
    const written = this.#bytes.write(value, this.#end + 4);
    this.#bytes.writeUInt32LE(written, this.#end);
    this.#end += 4 + written;
  }

  blob(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    this.#bytes.writeUInt32LE(value.length, this.#end);
    this.#bytes.set(value, this.#end + 4);
    this.#end += 4 + value.length;
  }

  take(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  #reserve(extra: number): void {
    if (this.#end + extra <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#end + extra, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}

export function encodeChunks(chunks: readonly TaggedEvents[]): Buffer {
  const out = new Writer();
  out.u32(chunks.length);
  for (const { tag, events } of chunks) {
    out.text(tag);
    out.u32(events.length);
    for (const event of events) {
      out.f64(event.time.seconds);
      out.u32(event.time.nanoseconds);
      if (event.metadata === undefined) out.u8(kinds.null);
      else writeValue(out, event.metadata);
      writeValue(out, event.record);
    }
  }
  return out.take();
}

function writeValue(out: Writer, value: RecordValue): void {
  if (value === null || value === undefined) out.u8(kinds.null);
  else if (typeof value === 'string') {
    out.u8(kinds.string);
    out.text(value);
  } else if (typeof value === 'number') {
    out.u8(kinds.number);
    out.f64(value);
  } else if (typeof value === 'boolean') out.u8(value ? kinds.true : kinds.false);
  else if (typeof value === 'bigint') {
    out.u8(kinds.bigint);
    out.text(value.toString());
  } else if (value instanceof RawNumber) {
    out.u8(kinds.raw);
    out.text(value.text);
  } else if (value instanceof Uint8Array) {
    out.u8(kinds.bytes);
    out.blob(value);
  } else if (value instanceof Map) {
    out.u8(kinds.map);
    out.u32(value.size);
    for (const [key, inner] of value) {
      out.text(key);
      writeValue(out, inner);
    }
  } else {
    out.u8(kinds.list);
    out.u32(value.length);
    for (const item of value) writeValue(out, item);
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  f64(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  text(): string {
    const length = this.u32();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  blob(): Uint8Array {
    const length = this.u32();
    this.#at += length;
    return Uint8Array.from(this.#bytes.subarray(this.#at - length, this.#at));
  }
}

/** @throws {RangeError} when the bytes end early (a frame's checksum guards against that) */
export function decodeChunks(bytes: Buffer): TaggedEvents[] {
  const input = new Reader(bytes);
  const chunks: TaggedEvents[] = [];
  const count = input.u32();
  for (let i = 0; i < count; i++) {
    const tag = input.text();
    const events: AgentEvent[] = [];
    const eventCount = input.u32();
    for (let k = 0; k < eventCount; k++) {
      const time = { seconds: input.f64(), nanoseconds: input.u32() };
      const metadata = readValue(input);
      const record = readValue(input) as RecordMap;
      events.push(metadata instanceof Map ? { time, record, metadata } : { time, record });
    }
    chunks.push({ tag, events });
  }
  return chunks;
}

function readValue(input: Reader): RecordValue {
  const kind = input.u8();
  switch (kind) {
    case kinds.null:
      return null;
    case kinds.false:
      return false;
    case kinds.true:
      return true;
    case kinds.number:
      return input.f64();
    case kinds.string:
      return input.text();
    case kinds.bytes:
      return input.blob();
    case kinds.raw:
      return new RawNumber(input.text());
    case kinds.bigint:
      return BigInt(input.text());
    case kinds.map: {
      const map: RecordMap = new Map();
      const entries = input.u32();
      for (let i = 0; i < entries; i++) {
        const key = input.text();
        map.set(key, readValue(input));
      }
      return map;
    }
    case kinds.list: {
      const items: RecordValue[] = [];
      const length = input.u32();
      for (let i = 0; i < length; i++) items.push(readValue(input));
      return items;
    }
    default:
      throw new RangeError(`A spooled chunk holds a value of unknown kind ${kind}`);
  }
}
