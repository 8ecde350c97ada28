import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/**
 * Logs and checkpoints are files of frames, little endian:
 *
 *     | 'NMF1' u32 | payload length u32 | crc32 of type and payload u32 | type u8 | payload |
 *
 * A damaged frame is stepped over by looking for the next mark whose checksum holds.
 */
export const frameHeaderBytes = 13;
const magic = 0x31464d4e;
const mark = Buffer.from('NMF1');
/** Nothing that we write is larger; a length beyond it is damage. */
const maxFrameBytes = 512 * 1024 * 1024;
const readBytes = 1024 * 1024;

export interface Frame {
  readonly type: number;
  /** Valid until the next step. */
  readonly payload: Buffer;
  /** Byte after the frame. */
  readonly end: number;
}

export interface Damage {
  readonly from: number;
  readonly to: number;
}

/** A header and the caller's own bytes, to be written one after the other. */
export function encodeFrame(type: number, pieces: readonly Uint8Array[]): Uint8Array[] {
  const head = Buffer.allocUnsafe(frameHeaderBytes);
  let length = 0;
  head[12] = type;
  let crc = crc32(head.subarray(12, 13));
  for (const piece of pieces) {
    length += piece.length;
    crc = crc32(piece, crc);
  }
  head.writeUInt32LE(magic, 0);
  head.writeUInt32LE(length, 4);
  head.writeUInt32LE(crc, 8);
  return [head, ...pieces];
}

export interface FrameScan {
  /** Bytes up to the end of the last sound frame. */
  soundBytes: number;
  fileBytes: number;
  /** Between sound frames: not a torn tail. */
  readonly damaged: Damage[];
}

/**
 * The sound frames of a file from a byte on, in order; the file is read in pieces. `scan` tells
 * afterwards what else was there.
 */
export async function* readFrames(
  path: string,
  from: number,
  scan: FrameScan,
): AsyncGenerator<Frame> {
  const file = await open(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(readBytes * 2);
    /** Bytes [start, end) of the buffer are bytes of the file from `position` on. */
    let start = 0;
    let end = 0;
    let position = from;
    let isEnd = false;
    scan.soundBytes = from;
    const fill = async (wanted: number): Promise<boolean> => {
      while (end - start < wanted && !isEnd) {
        if (start > 0 && buffer.length - end < readBytes) {
          buffer.copyWithin(0, start, end);
          end -= start;
          start = 0;
        }
        if (buffer.length - start < wanted || buffer.length - end < readBytes) {
          const larger = Buffer.allocUnsafe(Math.max(wanted + readBytes, buffer.length * 2));
          buffer.copy(larger, 0, start, end);
          end -= start;
          start = 0;
          buffer = larger;
        }
        const { bytesRead } = await file.read(buffer, end, readBytes, position + end - start);
        if (bytesRead === 0) isEnd = true;
        end += bytesRead;
      }
      return end - start >= wanted;
    };
    const skip = (bytes: number): void => {
      start += bytes;
      position += bytes;
    };
    for (;;) {
      if (!(await fill(frameHeaderBytes))) break;
      const length = buffer.readUInt32LE(start + 4);
      const isMarked = buffer.readUInt32LE(start) === magic && length <= maxFrameBytes;
      if (isMarked && (await fill(frameHeaderBytes + length))) {
        const whole = start + frameHeaderBytes + length;
        const crc = crc32(buffer.subarray(start + 12, whole));
        if (crc === buffer.readUInt32LE(start + 8)) {
          if (position > scan.soundBytes) {
            scan.damaged.push({ from: scan.soundBytes, to: position });
          }
          const payload = buffer.subarray(start + frameHeaderBytes, whole);
          const type = buffer[start + 12]!;
          scan.soundBytes = position + frameHeaderBytes + length;
          yield { type, payload, end: scan.soundBytes };
          skip(frameHeaderBytes + length);
          continue;
        }
      }
      // No frame here: look for the next mark.
      for (;;) {
        const found = buffer.subarray(start + 1, end).indexOf(mark);
        if (found >= 0) {
          skip(found + 1);
          break;
        }
        skip(Math.max(0, end - start - 3));
        if (!(await fill(readBytes)) && buffer.subarray(start, end).indexOf(mark) < 0) {
          skip(end - start);
          break;
        }
        if (buffer.subarray(start, start + 4).equals(mark)) break;
      }
    }
    scan.fileBytes = position + end - start;
  } finally {
    await file.close();
  }
}

export const newScan = (): FrameScan => ({ soundBytes: 0, fileBytes: 0, damaged: [] });
