import { ByteReader } from '../codec/bytes.ts';
import { groupHeaderBytes } from './format.ts';

/** A group in shared memory. */
export interface LoadedGroup {
  readonly buffer: SharedArrayBuffer;
  /** Byte where each chunk begins, and the end of the last. */
  readonly starts: Uint32Array;
  readonly counts: Uint32Array;
  readonly kinds: Uint8Array;
}

/** @param raw decompressed, with a checksum that held */
export function loadGroup(raw: Uint8Array): LoadedGroup {
  const buffer = new SharedArrayBuffer(raw.length);
  const bytes = new Uint8Array(buffer);
  bytes.set(raw);
  const reader = new ByteReader(bytes);
  const chunks = Math.min(reader.u32(), raw.length);
  const starts = new Uint32Array(chunks + 1);
  const counts = new Uint32Array(chunks);
  let at = groupHeaderBytes(chunks);
  for (let chunk = 0; chunk < chunks; chunk++) {
    starts[chunk] = at;
    at += reader.u32();
  }
  starts[chunks] = at;
  for (let chunk = 0; chunk < chunks; chunk++) counts[chunk] = reader.u32();
  return { buffer, starts, counts, kinds: bytes.subarray(reader.at, reader.at + chunks) };
}

/** Groups that were read lately, bounded by their bytes. */
export class GroupCache {
  readonly #maxBytes: number;
  readonly #groups = new Map<string, LoadedGroup>();
  #bytes = 0;
  hits = 0;
  misses = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): LoadedGroup | undefined {
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.#groups.delete(key);
    this.#groups.set(key, group);
    return group;
  }

  put(key: string, group: LoadedGroup): void {
    if (this.#groups.has(key)) return;
    this.#groups.set(key, group);
    this.#bytes += group.buffer.byteLength;
    for (const [oldest, each] of this.#groups) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#groups.delete(oldest);
      this.#bytes -= each.buffer.byteLength;
    }
  }

  /** Forgets what a block had. */
  removeAll(prefix: string): void {
    for (const [key, group] of this.#groups) {
      if (!key.startsWith(prefix)) continue;
      this.#groups.delete(key);
      this.#bytes -= group.buffer.byteLength;
    }
  }
}
