/**
 * What the lines of a target's last body began with: a comment line whole, of a series its name and
 * labels. The next body nearly always has the same lines in the same order.
 */
export class BodyMemory {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Line i is `bytes[starts[i], starts[i + 1])`. */
  readonly starts: Uint32Array;
  /** The series' slot; -1: a comment. */
  readonly slots: Int32Array;
  /** What the TYPE line before a series says of labels; of a TYPE line what it says itself. */
  readonly contexts: Uint8Array;
  #table: Uint32Array | undefined;

  constructor(parts: {
    readonly bytes: Buffer;
    readonly starts: Uint32Array;
    readonly slots: Int32Array;
    readonly contexts: Uint8Array;
  }) {
    this.bytes = parts.bytes;
    this.view = new DataView(parts.bytes.buffer, parts.bytes.byteOffset, parts.bytes.length);
    this.starts = parts.starts;
    this.slots = parts.slots;
    this.contexts = parts.contexts;
  }

  get lines(): number {
    return this.slots.length;
  }

  /** The first line of a series with this text and context, -1 when there is none. */
  find(body: Buffer, start: number, end: number, context: number): number {
    if (this.lines === 0) return -1;
    this.#table ??= this.#hashed();
    const table = this.#table;
    const mask = table.length - 1;
    const length = end - start;
    for (let at = hashOf(body, start, end) & mask; ; at = (at + 1) & mask) {
      const line = table[at]! - 1;
      if (line < 0) return -1;
      const from = this.starts[line]!;
      if (
        this.starts[line + 1]! - from === length &&
        this.contexts[line] === context &&
        this.bytes.compare(body, start, end, from, from + length) === 0
      ) {
        return line;
      }
    }
  }

  /** Made when a body differs for the first time: most never do. Slots hold line + 1; 0 is free. */
  #hashed(): Uint32Array {
    const size = 2 ** Math.ceil(Math.log2(this.lines * 2 + 2));
    const table = new Uint32Array(size);
    for (let line = 0; line < this.lines; line++) {
      if (this.slots[line]! < 0) continue;
      const start = this.starts[line]!;
      const end = this.starts[line + 1]!;
      if (line > 0 && this.#isIn(table, start, end, this.contexts[line]!)) continue;
      let at = hashOf(this.bytes, start, end) & (size - 1);
      while (table[at] !== 0) at = (at + 1) & (size - 1);
      table[at] = line + 1;
    }
    return table;
  }

  #isIn(table: Uint32Array, start: number, end: number, context: number): boolean {
    const mask = table.length - 1;
    for (let at = hashOf(this.bytes, start, end) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const line = table[at]! - 1;
      const from = this.starts[line]!;
      const to = this.starts[line + 1]!;
      if (this.contexts[line] !== context || to - from !== end - start) continue;
      if (this.bytes.compare(this.bytes, start, end, from, to) === 0) return true;
    }
    return false;
  }
}

export const emptyMemory: BodyMemory = new BodyMemory({
  bytes: Buffer.alloc(0),
  starts: new Uint32Array(1),
  slots: new Int32Array(0),
  contexts: new Uint8Array(0),
});

/** FNV-1a, with its bits mixed once more at the end, for the table takes the lowest. */
export function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
