import { type Arena, byteOf, pageOf } from './arena.ts';

/**
 * A closed chunk in the arena: a header of 32 bytes and the encoded samples. Chunks of a series form a
 * list from the newest to the oldest.
 *
 *     | previous u32 | bytes u32 | count u16 | kind u8 | 0 u8 | file u32 | min time f64 | max time f64 |
 *
 * `file` is the number of the checkpoint file that holds the chunk, 0: none yet.
 */
export const chunkHeaderBytes = 32;

export interface ChunkHeader {
  previous: number;
  bytes: number;
  count: number;
  kind: number;
  file: number;
  minTimeMs: number;
  maxTimeMs: number;
}

/** @returns the address */
export function storeChunk(
  arena: Arena,
  header: Omit<ChunkHeader, 'bytes' | 'file'> & { readonly file?: number },
  payload: Uint8Array,
): number {
  const address = arena.allocate(chunkHeaderBytes + payload.length);
  const page = pageOf(address);
  const byte = byteOf(address);
  const words = arena.words[page]!;
  const word = byte / 4;
  words[word] = header.previous;
  words[word + 1] = payload.length;
  words[word + 2] = header.count | (header.kind << 16);
  words[word + 3] = header.file ?? 0;
  const doubles = arena.doubles[page]!;
  doubles[byte / 8 + 2] = header.minTimeMs;
  doubles[byte / 8 + 3] = header.maxTimeMs;
  arena.views[page]!.set(payload, byte + chunkHeaderBytes);
  return address;
}

/** Reads a header into an object that is used again by the next call. */
const shared: ChunkHeader = {
  previous: 0,
  bytes: 0,
  count: 0,
  kind: 0,
  file: 0,
  minTimeMs: 0,
  maxTimeMs: 0,
};

export function chunkAt(arena: Arena, address: number): ChunkHeader {
  const page = pageOf(address);
  const byte = byteOf(address);
  const words = arena.words[page]!;
  const word = byte / 4;
  shared.previous = words[word]!;
  shared.bytes = words[word + 1]!;
  const packed = words[word + 2]!;
  shared.count = packed & 0xffff;
  shared.kind = (packed >>> 16) & 0xff;
  shared.file = words[word + 3]!;
  const doubles = arena.doubles[page]!;
  shared.minTimeMs = doubles[byte / 8 + 2]!;
  shared.maxTimeMs = doubles[byte / 8 + 3]!;
  return shared;
}

export function setPrevious(arena: Arena, address: number, previous: number): void {
  arena.words[pageOf(address)]![byteOf(address) / 4] = previous;
}

export function setFile(arena: Arena, address: number, file: number): void {
  arena.words[pageOf(address)]![byteOf(address) / 4 + 3] = file;
}

/** The encoded samples, in place. */
export function payloadOf(arena: Arena, address: number, bytes: number): Uint8Array {
  const start = byteOf(address) + chunkHeaderBytes;
  return arena.views[pageOf(address)]!.subarray(start, start + bytes);
}

export function freeChunk(arena: Arena, address: number, bytes: number): void {
  arena.free(address, chunkHeaderBytes + bytes);
}

/**
 * Takes chunks out of a list, oldest first, that `isGone` names and frees them.
 * @returns the new head of the list
 */
export function dropChunks(
  arena: Arena,
  newest: number,
  isGone: (header: ChunkHeader, address: number) => boolean,
): { readonly newest: number; readonly dropped: number } {
  let head = newest;
  let before = 0;
  let dropped = 0;
  for (let address = newest; address !== 0; ) {
    const header = chunkAt(arena, address);
    const { previous, bytes } = header;
    if (isGone(header, address)) {
      if (before === 0) head = previous;
      else setPrevious(arena, before, previous);
      freeChunk(arena, address, bytes);
      dropped++;
    } else {
      before = address;
    }
    address = previous;
  }
  return { newest: head, dropped };
}
