import { isUtf8 } from 'node:buffer';
import type { ByteSink } from './byte-sink.ts';
import { wireInvalid } from './errors.ts';
import { keyText, type MsgpackReader, MsgpackTime } from './msgpack-read.ts';

const maxDepth = 200;
const hex = '0123456789abcdef';

/**
 * Writes the reader's next value to `sink` as JSON, bytes to bytes. Keys keep their order (repeated
 * keys too); invalid UTF-8 becomes U+FFFD, NaN and infinities null, an event time its seconds with
 * nine decimals, other extensions their data in hex. A float that is whole is printed with `.0`.
 * @throws {AppError} WIRE_INVALID
 */
export function writeMsgpackAsJson(reader: MsgpackReader, sink: ByteSink, depth = 0): void {
  switch (reader.peek()) {
    case 'map': {
      const start = reader.offset;
      const count = reader.mapHeader();
      if (depth >= maxDepth) throw wireInvalid('Record is nested too deep', start);
      sink.byte(0x7b);
      for (let i = 0; i < count; i++) {
        if (i > 0) sink.byte(0x2c);
        const kind = reader.peek();
        if (kind === 'string' || kind === 'binary') writeText(reader, sink);
        else writeJsonString(Buffer.from(keyText(reader.value(depth + 1))), sink);
        sink.byte(0x3a);
        writeMsgpackAsJson(reader, sink, depth + 1);
      }
      sink.byte(0x7d);
      return;
    }
    case 'array': {
      const start = reader.offset;
      const count = reader.arrayHeader();
      if (depth >= maxDepth) throw wireInvalid('Record is nested too deep', start);
      sink.byte(0x5b);
      for (let i = 0; i < count; i++) {
        if (i > 0) sink.byte(0x2c);
        writeMsgpackAsJson(reader, sink, depth + 1);
      }
      sink.byte(0x5d);
      return;
    }
    case 'string':
    case 'binary':
      writeText(reader, sink);
      return;
    case 'float': {
      const value = reader.value() as number;
      if (!Number.isFinite(value)) sink.ascii('null');
      else sink.ascii(Number.isInteger(value) ? wholeFloat(value) : String(value));
      return;
    }
    case 'ext': {
      const value = reader.value();
      if (value instanceof MsgpackTime) {
        sink.ascii(`${value.seconds}.${String(value.nanoseconds).padStart(9, '0')}`);
      } else if (value !== null && typeof value === 'object' && 'data' in value) {
        sink.ascii(`"${Buffer.from(value.data as Uint8Array).toString('hex')}"`);
      }
      return;
    }
    default:
      sink.ascii(String(reader.value()));
  }
}

/** A JSON string of UTF-8 bytes. */
export function writeJsonString(text: Uint8Array, sink: ByteSink): void {
  writeSpan(text, 0, text.length, sink);
}

function writeText(reader: MsgpackReader, sink: ByteSink): void {
  const start = reader.rawStart();
  writeSpan(reader.input, start, reader.offset, sink);
}

/** One pass over plain ASCII, without a view of it; what else it may be is looked at only if seen. */
function writeSpan(source: Uint8Array, start: number, end: number, sink: ByteSink): void {
  // Six bytes for a control character, and the two quotes.
  sink.reserve((end - start) * 6 + 2);
  const { bytes } = sink;
  let offset = sink.length;
  bytes[offset++] = 0x22;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c) {
      bytes[offset++] = byte;
      continue;
    }
    if (byte >= 0x80) {
      const rest = source.subarray(i, end);
      sink.length = offset;
      writeCleanTail(isUtf8(rest) ? rest : Buffer.from(Buffer.from(rest).toString('utf8')), sink);
      return;
    }
    offset = writeEscape(byte, bytes, offset);
  }
  bytes[offset++] = 0x22;
  sink.length = offset;
}

/** The rest of a string that is known to be valid UTF-8, and its closing quote. */
function writeCleanTail(text: Uint8Array, sink: ByteSink): void {
  sink.reserve(text.length * 6 + 1);
  const { bytes } = sink;
  let offset = sink.length;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) bytes[offset++] = byte;
    else offset = writeEscape(byte, bytes, offset);
  }
  bytes[offset++] = 0x22;
  sink.length = offset;
}

function writeEscape(byte: number, bytes: Buffer, at: number): number {
  let offset = at;
  bytes[offset++] = 0x5c;
  const short = shortEscapes[byte];
  if (short === undefined) {
    return offset + bytes.write(`u00${hex[byte >> 4]}${hex[byte & 15]}`, offset, 'latin1');
  }
  bytes[offset++] = short;
  return offset;
}

const shortEscapes: Readonly<Record<number, number>> = {
  8: 0x62,
  9: 0x74,
  10: 0x6e,
  12: 0x66,
  13: 0x72,
  34: 0x22,
  92: 0x5c,
};

function wholeFloat(value: number): string {
  const text = String(value);
  return text.includes('e') ? text : `${text}.0`;
}
