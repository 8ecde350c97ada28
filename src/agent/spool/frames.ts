import { crc32 } from 'node:zlib';
import type { Checkpoint } from '../contract.ts';

/**
 * One frame of a spool segment, little endian. A frame is written with one call and is whole or not
 * there: a torn one at the end of a segment is cut off when the spool is opened.
 *
 *     | 'NSF1' | headerBytes u32 | payloadBytes u32 | crc32 of header and payload u32 |
 *     | header: JSON | payload |
 */
export interface FrameHeader {
  /** Grows by one with each frame of the spool's life. */
  readonly frame: number;
  /** Sender and number of the batch; 0: the frame carries checkpoints alone. */
  readonly source: string;
  readonly batch: number;
  readonly events: number;
  /** Bytes of the payload before compression. */
  readonly rawBytes: number;
  readonly checkpoints: readonly Checkpoint[];
  /** Of the record pipeline: which outputs must have which chunk of the payload. */
  readonly routes?: readonly FrameRoute[];
}

export interface FrameRoute {
  /** Index of the chunk in the payload. */
  readonly chunk: number;
  readonly tag: string;
  readonly output: string;
  /** The output's own number for the chunk, dense, from 1 in every run. */
  readonly number: number;
  readonly events: number;
  readonly bytes: number;
}

const magic = 0x3146534e; // 'NSF1'
export const framePrefixBytes = 16;

/** A length beyond this in a prefix is damage, not a frame. */
const maxPartBytes = 256 * 1024 * 1024;

/** `[prefix and header, payload]`, to be written one after the other. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Buffer {
  const text = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(framePrefixBytes + headerBytes + payload.length);
  frame.write(text, framePrefixBytes);
  frame.set(payload, framePrefixBytes + headerBytes);
  frame.writeUInt32LE(magic, 0);
  frame.writeUInt32LE(headerBytes, 4);
  frame.writeUInt32LE(payload.length, 8);
  frame.writeUInt32LE(crc32(frame.subarray(framePrefixBytes)), 12);
  return frame;
}

/** Length of the whole frame that begins with this prefix; undefined when none does. */
export function frameLength(prefix: Buffer): number | undefined {
  if (prefix.length < framePrefixBytes || prefix.readUInt32LE(0) !== magic) return undefined;
  const headerBytes = prefix.readUInt32LE(4);
  const payloadBytes = prefix.readUInt32LE(8);
  if (headerBytes > maxPartBytes || payloadBytes > maxPartBytes) return undefined;
  return framePrefixBytes + headerBytes + payloadBytes;
}

/** Undefined when the frame is cut short or damaged. The payload is a view of `frame`. */
export function decodeFrame(frame: Buffer): { header: FrameHeader; payload: Buffer } | undefined {
  const length = frameLength(frame);
  if (length === undefined || frame.length < length) return undefined;
  const whole = frame.subarray(framePrefixBytes, length);
  if (crc32(whole) !== frame.readUInt32LE(12)) return undefined;
  const headerBytes = frame.readUInt32LE(4);
  try {
    const header = JSON.parse(whole.toString('utf8', 0, headerBytes)) as FrameHeader;
    return { header, payload: whole.subarray(headerBytes) };
  } catch {
    return undefined;
  }
}
