import { crc32 } from 'node:zlib';

/**
 * One message of the `application/vnd.amazon.eventstream` framing, big endian:
 *
 *     | total bytes u32 | header bytes u32 | CRC-32 of those 8 bytes u32 |
 *     | headers | payload | CRC-32 of everything before it u32 |
 *     header: | name bytes u8 | name | type u8 = 7 (string) | value bytes u16 | value |
 *
 * Source: "Event stream encoding" of the Amazon Transcribe and Smithy documentation.
 */
export function encodeMessage(
  headers: Readonly<Record<string, string>>,
  payload: Uint8Array | string,
): Buffer {
  const fields: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const nameBytes = Buffer.from(name);
    const valueBytes = Buffer.from(value);
    const head = Buffer.alloc(1 + nameBytes.length + 3);
    head.writeUInt8(nameBytes.length, 0);
    nameBytes.copy(head, 1);
    head.writeUInt8(stringType, 1 + nameBytes.length);
    head.writeUInt16BE(valueBytes.length, 2 + nameBytes.length);
    fields.push(head, valueBytes);
  }
  const headerBytes = Buffer.concat(fields);
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const message = Buffer.alloc(preludeBytes + headerBytes.length + body.length + crcBytes);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headerBytes.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  headerBytes.copy(message, preludeBytes);
  message.set(body, preludeBytes + headerBytes.length);
  const end = message.length - crcBytes;
  message.writeUInt32BE(crc32(message.subarray(0, end)), end);
  return message;
}

/** An event of a stream whose payload is JSON. */
export const encodeEvent = (type: string, payload: unknown): Buffer =>
  encodeMessage(
    { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' },
    JSON.stringify(payload),
  );

/** A modelled error that ends a stream. */
export const encodeException = (type: string, message: string): Buffer =>
  encodeMessage(
    { ':message-type': 'exception', ':exception-type': type, ':content-type': 'application/json' },
    JSON.stringify({ message }),
  );

const preludeBytes = 12;
const crcBytes = 4;
const stringType = 7;
