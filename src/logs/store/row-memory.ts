import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Large pieces of shared memory. The C library of Linux maps what is larger than 32 MiB on its own:
 * its pages exist once they are written to, and go back to the system when it is freed, where smaller
 * pieces would leave holes in a heap that never shrinks.
 */
const slabBytes = 33 * 1024 * 1024;

/**
 * Memory for unsealed rows, used again by one generation after the other: the same pages serve for
 * as long as events keep coming, whatever the garbage collectors of two threads do and when.
 */
export class RowMemory {
  #free: SharedArrayBuffer[] = [];
  /** Free slabs that nobody needed since the last `trim`. */
  #unused = 0;

  /** Bytes that are held for later use. */
  get freeBytes(): number {
    return this.#free.length * slabBytes;
  }

  take(): SharedArrayBuffer {
    const slab = this.#free.pop() ?? new SharedArrayBuffer(slabBytes);
    this.#unused = Math.min(this.#unused, this.#free.length);
    return slab;
  }

  /** Takes slabs back. Nobody may hold a view of them any more, on no thread. */
  giveBack(slabs: readonly SharedArrayBuffer[]): void {
    for (const slab of slabs) if (slab.byteLength === slabBytes) this.#free.push(slab);
  }

  /**
   * Lets go of slabs that were not needed since the last call; called now and then. True where there
   * were some: they are garbage then, which nothing else would make a collector look for.
   */
  trim(): boolean {
    // The oldest lie at the front.
    const gone = this.#free.splice(0, this.#unused);
    this.#unused = this.#free.length;
    return gone.length > 0;
  }
}

/** Memory of one generation: given out from front to back, and back all at once. */
export class RowArena {
  readonly #memory: RowMemory;
  readonly #slabs: SharedArrayBuffer[] = [];
  #slab: SharedArrayBuffer | undefined;
  #at = 0;
  /** Bytes given out. */
  bytes = 0;

  constructor(memory: RowMemory) {
    this.#memory = memory;
  }

  /**
   * Room for at least `least` and at most `most` bytes, both multiples of 8: what is left of a slab
   * is used up before the next is begun.
   */
  take(least: number, most: number): { slab: SharedArrayBuffer; start: number; bytes: number } {
    if (least > slabBytes) {
      // A batch beyond all measure: memory of its own, which is not kept.
      const slab = new SharedArrayBuffer(least);
      this.#slabs.push(slab);
      this.bytes += least;
      return { slab, start: 0, bytes: least };
    }
    if (this.#slab === undefined || slabBytes - this.#at < least) {
      this.#slab = this.#memory.take();
      this.#slabs.push(this.#slab);
      this.#at = 0;
    }
    const start = this.#at;
    const bytes = Math.min(most, slabBytes - start);
    this.#at += bytes;
    this.bytes += bytes;
    return { slab: this.#slab, start, bytes };
  }

  /** Gives all of it back; no view of it may be used any more. */
  release(): void {
    this.#memory.giveBack(this.#slabs);
    this.#slabs.length = 0;
    this.#slab = undefined;
  }
}

let collect: (() => void) | undefined;

/**
 * A full collection, some 20 ms. Shared memory does not count for the collector's schedule: a server
 * that has become idle would hold what it let go of for minutes.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
