/** Bytes that do not live in shared memory are copied into buffers of at least this size. */
const minCopyBytes = 64 * 1024;

/** Where the samples of a selection are: runs of encoded samples in shared memory, as columns. */
export interface SourceData {
  readonly buffers: readonly SharedArrayBuffer[];
  readonly buffer: Uint32Array;
  readonly offset: Uint32Array;
  readonly size: Uint32Array;
  readonly count: Uint32Array;
  /** Kind of the chunk in the low bits; `clippedBit`: samples before `clipMs` do not count. */
  readonly kind: Uint8Array;
}

export const clippedBit = 128;

/** Collects sources; series are told apart by the caller, by `length`. */
export class SourceList {
  readonly buffers: SharedArrayBuffer[];
  length = 0;
  samples = 0;
  #buffer = new Uint32Array(16);
  #offset = new Uint32Array(16);
  #size = new Uint32Array(16);
  #count = new Uint32Array(16);
  #kind = new Uint8Array(16);
  #copy: Uint8Array | undefined;
  #copyIndex = 0;
  #copyUsed = 0;

  constructor(buffers: SharedArrayBuffer[] = []) {
    this.buffers = buffers;
  }

  add(
    buffer: number,
    offset: number,
    size: number,
    count: number,
    kind: number,
    clipped: boolean,
  ): void {
    this.addPacked(buffer, offset, size, count, clipped ? kind | clippedBit : kind);
  }

  /** As `add`, with the bit within `packed`. */
  addPacked(buffer: number, offset: number, size: number, count: number, packed: number): void {
    const at = this.length++;
    if (at === this.#buffer.length) this.#grow();
    this.#buffer[at] = buffer;
    this.#offset[at] = offset;
    this.#size[at] = size;
    this.#count[at] = count;
    this.#kind[at] = packed;
    this.samples += count;
  }

  /** Adds bytes that are not shared. */
  addCopy(bytes: Uint8Array, count: number, kind: number, clipped: boolean): void {
    if (this.#copy === undefined || this.#copyUsed + bytes.length > this.#copy.length) {
      const buffer = new SharedArrayBuffer(Math.max(minCopyBytes, bytes.length));
      this.#copy = new Uint8Array(buffer);
      this.#copyUsed = 0;
      this.#copyIndex = this.buffers.push(buffer) - 1;
    }
    this.#copy.set(bytes, this.#copyUsed);
    this.add(this.#copyIndex, this.#copyUsed, bytes.length, count, kind, clipped);
    this.#copyUsed += bytes.length;
  }

  /** What was collected, in shared memory: a query hands it to its threads without a copy. */
  take(): SourceData {
    const { length } = this;
    const shared = new SharedArrayBuffer(length * (4 * 4 + 1));
    const column = (at: number, from: Uint32Array): Uint32Array => {
      const own = new Uint32Array(shared, at * length * 4, length);
      own.set(from.subarray(0, length));
      return own;
    };
    const kind = new Uint8Array(shared, 16 * length, length);
    kind.set(this.#kind.subarray(0, length));
    return {
      buffers: this.buffers,
      buffer: column(0, this.#buffer),
      offset: column(1, this.#offset),
      size: column(2, this.#size),
      count: column(3, this.#count),
      kind,
    };
  }

  #grow(): void {
    const capacity = this.#buffer.length * 2;
    const wider = (column: Uint32Array): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(capacity);
      larger.set(column);
      return larger;
    };
    this.#buffer = wider(this.#buffer);
    this.#offset = wider(this.#offset);
    this.#size = wider(this.#size);
    this.#count = wider(this.#count);
    const kinds = new Uint8Array(capacity);
    kinds.set(this.#kind);
    this.#kind = kinds;
  }
}
