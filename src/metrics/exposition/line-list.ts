import { BodyMemory, hashOf } from './body-memory.ts';

/** Lines of a body that differs from the last: those that the memory has, by their number there. */
export class LineList {
  /** Line of the memory; of a new line minus its place in `#new`, minus 1. */
  readonly #lines: number[] = [];
  /** Four numbers for each: start, end, slot, context. */
  readonly #new: number[] = [];
  /** New series by their bytes: place in `#new` + 1, by hash; 0 is free. At most half full. */
  #table = new Uint32Array(64);
  #tableCount = 0;

  constructor(linesBefore: number) {
    for (let line = 0; line < linesBefore; line++) this.#lines.push(line);
  }

  addOld(line: number): void {
    this.#lines.push(line);
  }

  addNew(start: number, end: number, slot: number, context: number): void {
    this.#lines.push(-this.#new.length - 1);
    this.#new.push(start, end, slot, context);
  }

  /**
   * The slot of a series that this body had before, among the new ones; -1: none, and the one that is
   * added next will be found from then on.
   */
  findNew(body: Buffer, start: number, end: number, context: number): number {
    const added = this.#new;
    if (this.#tableCount * 2 >= this.#table.length) this.#grow(body);
    const mask = this.#table.length - 1;
    let at = hashOf(body, start, end) & mask;
    for (; this.#table[at] !== 0; at = (at + 1) & mask) {
      const place = this.#table[at]! - 1;
      const from = added[place]!;
      const to = added[place + 1]!;
      if (to - from !== end - start || added[place + 3] !== context) continue;
      if (body.compare(body, start, end, from, to) === 0) return added[place + 2]!;
    }
    this.#table[at] = added.length + 1;
    this.#tableCount++;
    return -1;
  }

  #grow(body: Buffer): void {
    const before = this.#table;
    this.#table = new Uint32Array(before.length * 4);
    const mask = this.#table.length - 1;
    for (const entry of before) {
      if (entry === 0) continue;
      let at = hashOf(body, this.#new[entry - 1]!, this.#new[entry]!) & mask;
      while (this.#table[at] !== 0) at = (at + 1) & mask;
      this.#table[at] = entry;
    }
  }

  build(old: BodyMemory, body: Buffer): BodyMemory {
    const lines = this.#lines;
    const added = this.#new;
    const starts = new Uint32Array(lines.length + 1);
    const slots = new Int32Array(lines.length);
    const contexts = new Uint8Array(lines.length);
    let size = 0;
    lines.forEach((line, index) => {
      size +=
        line >= 0 ? old.starts[line + 1]! - old.starts[line]! : added[-line]! - added[-line - 1]!;
      starts[index + 1] = size;
    });
    const bytes = Buffer.allocUnsafeSlow(size);
    lines.forEach((line, index) => {
      if (line >= 0) {
        old.bytes.copy(bytes, starts[index]!, old.starts[line]!, old.starts[line + 1]!);
        slots[index] = old.slots[line]!;
        contexts[index] = old.contexts[line]!;
      } else {
        body.copy(bytes, starts[index]!, added[-line - 1]!, added[-line]!);
        slots[index] = added[-line + 1]!;
        contexts[index] = added[-line + 2]!;
      }
    });
    return new BodyMemory({ bytes, starts, slots, contexts });
  }
}
