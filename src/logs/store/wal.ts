import { closeSync, constants as fsConstants, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * The write-ahead log. One frame of a file, little endian:
 *
 *     | 'NWF1' u32 | payload length u32 | crc32 of payload u32 | payload |
 *     payload: | version u8 | flags u8 | source id length u16 | events u32 | first sequence f64 |
 *              | ingestion time ms f64 | batch number f64 | source id | batch |
 *
 * Flag 1: the batch is zstd-compressed. A torn last frame is cut off on open.
 */
export interface WalFrame {
  readonly events: number;
  readonly firstSequence: number;
  readonly ingestionMs: number;
  readonly source: { readonly id: string; readonly number: number } | undefined;
  readonly compressed: boolean;
  readonly batch: Uint8Array;
}

const magic = 0x3146574e; // 'NWF1' read as a little-endian u32
const frameHeaderBytes = 12;
const payloadHeaderBytes = 32;
const version = 1;

/** The frame's bytes as two pieces, the second being the caller's own batch. */
export function encodeFrame(frame: WalFrame): [Buffer, Uint8Array] {
  const sourceId = Buffer.from(frame.source?.id ?? '');
  const head = Buffer.alloc(frameHeaderBytes + payloadHeaderBytes + sourceId.length);
  head.writeUInt32LE(magic, 0);
  head.writeUInt32LE(payloadHeaderBytes + sourceId.length + frame.batch.length, 4);
  head.writeUInt8(version, 12);
  head.writeUInt8(frame.compressed ? 1 : 0, 13);
  head.writeUInt16LE(sourceId.length, 14);
  head.writeUInt32LE(frame.events, 16);
  head.writeDoubleLE(frame.firstSequence, 20);
  head.writeDoubleLE(frame.ingestionMs, 28);
  head.writeDoubleLE(frame.source?.number ?? 0, 36);
  head.set(sourceId, frameHeaderBytes + payloadHeaderBytes);
  const crc = crc32(frame.batch, crc32(head.subarray(frameHeaderBytes)));
  head.writeUInt32LE(crc, 8);
  return [head, frame.batch];
}

/** The frame at `offset`, or undefined where none is whole and sound. */
function decodeFrame(bytes: Buffer, offset: number): { frame: WalFrame; end: number } | undefined {
  if (offset + frameHeaderBytes + payloadHeaderBytes > bytes.length) return undefined;
  if (bytes.readUInt32LE(offset) !== magic) return undefined;
  const length = bytes.readUInt32LE(offset + 4);
  const start = offset + frameHeaderBytes;
  const end = start + length;
  if (length < payloadHeaderBytes || end > bytes.length) return undefined;
  if (crc32(bytes.subarray(start, end)) !== bytes.readUInt32LE(offset + 8)) return undefined;
  const sourceLength = bytes.readUInt16LE(start + 2);
  const batchStart = start + payloadHeaderBytes + sourceLength;
  if (bytes[start] !== version || batchStart > end) return undefined;
  const sourceId = bytes.toString('utf8', start + payloadHeaderBytes, batchStart);
  return {
    end,
    frame: {
      events: bytes.readUInt32LE(start + 4),
      firstSequence: bytes.readDoubleLE(start + 8),
      ingestionMs: bytes.readDoubleLE(start + 16),
      source:
        sourceLength === 0 ? undefined : { id: sourceId, number: bytes.readDoubleLE(start + 24) },
      compressed: (bytes[start + 1]! & 1) === 1,
      batch: bytes.subarray(batchStart, end),
    },
  };
}

export interface WalContents {
  readonly frames: readonly WalFrame[];
  /** Bytes of the file up to the end of the last sound frame. */
  readonly soundBytes: number;
  readonly fileBytes: number;
  /** Ranges between sound frames that hold none: damage, not a torn tail. */
  readonly damaged: readonly { readonly from: number; readonly bytes: Buffer }[];
}

/** Reads every sound frame; a damaged one is stepped over by looking for the next. */
export async function readWal(path: string): Promise<WalContents> {
  const bytes = await readFile(path);
  const frames: WalFrame[] = [];
  const damaged: { from: number; bytes: Buffer }[] = [];
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(magic);
  let offset = 0;
  let soundBytes = 0;
  while (offset < bytes.length) {
    const found = decodeFrame(bytes, offset);
    if (found !== undefined) {
      if (offset > soundBytes) {
        damaged.push({ from: soundBytes, bytes: bytes.subarray(soundBytes, offset) });
      }
      frames.push(found.frame);
      offset = found.end;
      soundBytes = offset;
      continue;
    }
    const next = bytes.indexOf(mark, offset + 1);
    if (next === -1) break;
    offset = next;
  }
  return { frames, soundBytes, fileBytes: bytes.length, damaged };
}

export const walPath = (directory: string, id: number): string =>
  join(directory, `${String(id).padStart(10, '0')}.wal`);

/** Makes a file's entry in its directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, fsConstants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** One open file, written at its end. Not safe for two writers at once: the store's loop is one. */
export class WalFile {
  readonly id: number;
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(id: number, path: string, handle: FileHandle, bytes: number) {
    this.id = id;
    this.path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  static async create(directory: string, id: number): Promise<WalFile> {
    const path = walPath(directory, id);
    const handle = await open(path, 'wx');
    syncDirectory(directory);
    return new WalFile(id, path, handle, 0);
  }

  /** Writes and syncs all pieces or, on an error, leaves the file as it was and throws. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    const start = this.#bytes;
    try {
      let at = start;
      // The kernel takes at most 1024 pieces at once.
      for (let i = 0; i < pieces.length; i += 1000) {
        at = await this.#writeAll(pieces.slice(i, i + 1000), at);
      }
      await this.#handle.datasync();
      this.#bytes = at;
    } catch (error) {
      await this.#handle.truncate(start).catch(() => {});
      throw error;
    }
  }

  async #writeAll(pieces: readonly Uint8Array[], position: number): Promise<number> {
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const { bytesWritten } = await this.#handle.writev(pieces as Uint8Array[], position);
    if (bytesWritten === total) return position + total;
    // A short write: a full disk reports itself on the next one.
    const rest = Buffer.concat(pieces).subarray(bytesWritten);
    let at = position + bytesWritten;
    let done = 0;
    while (done < rest.length) {
      const result = await this.#handle.write(rest, done, rest.length - done, at);
      done += result.bytesWritten;
      at += result.bytesWritten;
    }
    return at;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
