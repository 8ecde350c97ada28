import { ByteSink } from './byte-sink.ts';
import { decompress, type WireEncoding } from './compression.ts';
import { wireInvalid } from './errors.ts';
import { MsgpackReader, type MsgpackTime, type MsgpackValue } from './msgpack-read.ts';
import {
  encodeMsgpack,
  type MsgpackInput,
  MsgpackWriter,
  type TimeParts,
} from './msgpack-write.ts';

/** What a sender asks for with a message. */
export interface ForwardOption {
  /** Id that the receiver must send back as `{"ack": chunk}` once the events are durable. */
  readonly chunk: string | undefined;
  readonly size: number | undefined;
  readonly compressed: WireEncoding;
  /** 0 logs, 1 metrics, 2 traces (Fluent Bit). */
  readonly signal: number;
}

/** Events of one tag. `entries` holds `[time, record]` values back to back, as they came. */
export interface ForwardMessage {
  readonly mode: 'message' | 'forward' | 'packed';
  readonly tag: string;
  /** A view of the input; compressed where `option.compressed` says so. */
  readonly entries: Uint8Array;
  readonly option: ForwardOption;
}

const noOption: ForwardOption = {
  chunk: undefined,
  size: undefined,
  compressed: 'identity',
  signal: 0,
};

/**
 * One message of the Fluent forward protocol, any mode; undefined for `nil`, a heartbeat.
 * @throws {AppError} WIRE_INVALID
 */
export function decodeForward(bytes: Uint8Array): ForwardMessage | undefined {
  const reader = new MsgpackReader(bytes);
  if (reader.peek() === 'nil') return undefined;
  const count = reader.arrayHeader();
  if (count < 2 || count > 4) {
    throw wireInvalid(`A forward message has 2 to 4 elements, this one ${count},`, 0);
  }
  const tag = reader.text();
  const second = reader.peek();
  if (second === 'array') {
    // [tag, [[time, record], …], option?]
    const entryCount = reader.arrayHeader();
    const start = reader.offset;
    for (let i = 0; i < entryCount; i++) reader.skip();
    const entries = reader.slice(start, reader.offset);
    return { mode: 'forward', tag, entries, option: optionOf(reader, count - 2) };
  }
  if (second === 'string' || second === 'binary') {
    const entries = reader.raw();
    return { mode: 'packed', tag, entries, option: optionOf(reader, count - 2) };
  }
  // [tag, time, record, option?]
  if (count < 3) throw wireInvalid('A forward message has a time and no record', reader.offset);
  const start = reader.offset;
  reader.skip();
  reader.skip();
  const entry = new Uint8Array(1 + reader.offset - start);
  entry[0] = 0x92;
  entry.set(reader.slice(start, reader.offset), 1);
  return { mode: 'message', tag, entries: entry, option: optionOf(reader, count - 3) };
}

function optionOf(reader: MsgpackReader, left: number): ForwardOption {
  let option = noOption;
  if (left > 0) {
    const value = reader.value();
    if (value instanceof Map) {
      option = {
        chunk: textOf(value.get('chunk')),
        size: numberOf(value.get('size')),
        compressed: encodingOf(textOf(value.get('compressed')), reader.offset),
        signal: numberOf(value.get('fluent_signal')) ?? 0,
      };
    }
  }
  if (!reader.done) throw wireInvalid('Bytes follow the forward message', reader.offset);
  return option;
}

function encodingOf(name: string | undefined, offset: number): WireEncoding {
  if (name === undefined || name === 'text') return 'identity';
  if (name === 'gzip' || name === 'zstd') return name;
  throw wireInvalid(`Forward compression "${name}" is not known`, offset);
}

/** The entries, decompressed where they are compressed. @throws WIRE_TOO_LARGE, WIRE_INVALID */
export async function openForwardEntries(
  message: ForwardMessage,
  maxBytes: number,
): Promise<Uint8Array> {
  return await decompress(message.option.compressed, message.entries, maxBytes);
}

/**
 * Calls `visit` for each entry with its time and the reader placed before its record, of which it
 * must read all (`skip()` at least). Entries may be `[time, record]` or `[[time, metadata], record]`.
 * @throws {AppError} WIRE_INVALID
 */
export function forEachForwardEntry(
  entries: Uint8Array,
  visit: (time: MsgpackTime, reader: MsgpackReader) => void,
): void {
  const reader = new MsgpackReader(entries);
  while (!reader.done) {
    const start = reader.offset;
    const count = reader.arrayHeader();
    if (count !== 2) throw wireInvalid('A forward entry is not [time, record]', start);
    let time: MsgpackTime;
    if (reader.peek() === 'array') {
      const parts = reader.arrayHeader();
      if (parts < 1) throw wireInvalid('A forward entry has no time', start);
      time = reader.time();
      for (let i = 1; i < parts; i++) reader.skip();
    } else time = reader.time();
    visit(time, reader);
  }
}

/** One event to send. */
export interface ForwardEvent {
  readonly time: TimeParts;
  readonly record: ReadonlyMap<string, MsgpackInput>;
}

/** Entries back to back, for `encodeForward`. */
export function encodeForwardEntries(
  events: readonly ForwardEvent[],
  options: { readonly timeAsInteger?: boolean } = {},
): Buffer {
  const writer = new MsgpackWriter(new ByteSink(4096));
  for (const { time, record } of events) {
    writer.arrayHeader(2);
    if (options.timeAsInteger === true) writer.number(time.seconds);
    else writer.time(time);
    writer.value(record);
  }
  return writer.take();
}

export interface ForwardSendOptions {
  /** Events in `entries`. */
  readonly size?: number;
  readonly chunk?: string;
  /** Says that `entries` are compressed already. */
  readonly compressed?: 'gzip' | 'zstd';
  readonly signal?: number;
}

/** A PackedForward (or CompressedPackedForward) message. */
export function encodeForward(
  tag: string,
  entries: Uint8Array,
  options?: ForwardSendOptions,
): Buffer {
  const writer = new MsgpackWriter(new ByteSink(entries.length + tag.length * 3 + 128));
  writer
    .arrayHeader(options === undefined ? 2 : 3)
    .string(tag)
    .binary(entries);
  if (options !== undefined) writer.value(optionMap(options));
  return writer.take();
}

/** A Message mode message: one event. */
export function encodeForwardMessage(
  tag: string,
  event: ForwardEvent,
  options?: ForwardSendOptions,
): Buffer {
  const writer = new MsgpackWriter(new ByteSink(512));
  writer.arrayHeader(options === undefined ? 3 : 4).string(tag);
  writer.time(event.time).value(event.record);
  if (options !== undefined) writer.value(optionMap(options));
  return writer.take();
}

/** A Forward mode message: an array of `count` entries, which `entries` holds back to back. */
export function encodeForwardArray(
  tag: string,
  entries: Uint8Array,
  count: number,
  options?: ForwardSendOptions,
): Buffer {
  const writer = new MsgpackWriter(new ByteSink(entries.length + tag.length * 3 + 128));
  writer.arrayHeader(options === undefined ? 2 : 3).string(tag);
  writer.arrayHeader(count).raw(entries);
  if (options !== undefined) writer.value(optionMap(options));
  return writer.take();
}

function optionMap(options: ForwardSendOptions): Map<string, MsgpackInput> {
  const map = new Map<string, MsgpackInput>();
  if (options.size !== undefined) map.set('size', options.size);
  if (options.chunk !== undefined) map.set('chunk', options.chunk);
  if (options.compressed !== undefined) map.set('compressed', options.compressed);
  if (options.signal !== undefined) map.set('fluent_signal', options.signal);
  return map;
}

export function encodeForwardAck(chunk: string): Buffer {
  return encodeMsgpack(new Map([['ack', chunk]]));
}

/** The chunk id that an answer acknowledges; undefined when it is something else. */
export function decodeForwardAck(value: MsgpackValue): string | undefined {
  return value instanceof Map ? textOf(value.get('ack')) : undefined;
}

export function textOf(value: MsgpackValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
}

function numberOf(value: MsgpackValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
