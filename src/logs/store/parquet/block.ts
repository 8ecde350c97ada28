import type { EventBlock } from './writer.ts';

/** A block is what a search filter can skip and what one thread scans at a time. */
export const maxBlockRows = 16_384;
export const maxBlockBytes: number = 1 * 1024 * 1024;

/** Rows of one stream with their columns, addressed by row. */
export interface RowSource {
  readonly stream: string;
  readonly rows: number;
  readonly bytes: number;
  readonly timesMs: Float64Array;
  readonly ingestsMs: Float64Array;
  readonly sequences: Float64Array;
  readonly offsets: Uint32Array;
  readonly messages: Uint8Array;
}

interface Buffers {
  readonly timesMs: Float64Array;
  readonly ingestsMs: Float64Array;
  readonly sequences: Float64Array;
  messages: Uint8Array;
}

const newBuffers = (messageBytes: number): Buffers => ({
  timesMs: new Float64Array(maxBlockRows),
  ingestsMs: new Float64Array(maxBlockRows),
  sequences: new Float64Array(maxBlockRows),
  messages: new Uint8Array(messageBytes),
});

/**
 * Collects rows into blocks of bounded size. The block given to `emit` is a view that is used again
 * after the call, unless its buffers are detached.
 */
export class BlockBuilder {
  readonly #group: string;
  readonly #emit: (block: EventBlock) => void;
  #blockId: number;
  #buffers = newBuffers(64 * 1024);
  readonly #spare: Buffers[] = [];
  #rows = 0;
  #bytes = 0;
  #streams: string[] = [];
  #runs: number[] = [];

  /** @param firstBlockId the ids of blocks count up from here */
  constructor(group: string, firstBlockId: number, emit: (block: EventBlock) => void) {
    this.#group = group;
    this.#blockId = firstBlockId;
    this.#emit = emit;
  }

  /** Rows `from` to `to` (exclusive) of `source`, as they follow each other in memory. */
  addRange(source: RowSource, from: number, to: number): void {
    let row = from;
    while (row < to) {
      const start = source.offsets[row]!;
      let end = row + 1;
      const lastByRows = Math.min(to, row + maxBlockRows - this.#rows);
      const room = maxBlockBytes - this.#bytes;
      if (endOf(source, lastByRows - 1) - start <= room) {
        end = lastByRows;
      } else {
        while (end < lastByRows && endOf(source, end) - start <= room) end++;
        // A block takes at least one row, whatever its size.
        if (this.#rows > 0 && endOf(source, end - 1) - start > room) {
          this.flush();
          continue;
        }
      }
      this.#copy(source, row, end, start, endOf(source, end - 1));
      row = end;
      if (this.#rows === maxBlockRows || this.#bytes >= maxBlockBytes) this.flush();
    }
  }

  flush(): void {
    if (this.#rows === 0) return;
    this.#emit({
      group: this.#group,
      streams: this.#streams,
      streamRuns: this.#runs,
      rows: this.#rows,
      timesMs: this.#buffers.timesMs,
      ingestsMs: this.#buffers.ingestsMs,
      sequences: this.#buffers.sequences,
      messages: this.#buffers.messages.subarray(0, this.#bytes),
      blockId: this.#blockId,
    });
    this.#blockId += 1;
    this.#rows = 0;
    this.#bytes = 0;
    this.#streams = [];
    this.#runs = [];
  }

  /**
   * Gives the buffers away with the block that is being emitted; the next block gets others. Call
   * the result when the block is done with, so that they are used again.
   */
  detachBuffers(): () => void {
    const used = this.#buffers;
    this.#buffers = this.#spare.pop() ?? newBuffers(used.messages.length);
    return () => void this.#spare.push(used);
  }

  #copy(source: RowSource, from: number, to: number, fromByte: number, toByte: number): void {
    const count = to - from;
    const bytes = toByte - fromByte;
    const buffers = this.#buffers;
    if (this.#bytes + bytes > buffers.messages.length) {
      const grown = new Uint8Array(Math.max(this.#bytes + bytes, buffers.messages.length * 2));
      grown.set(buffers.messages.subarray(0, this.#bytes));
      buffers.messages = grown;
    }
    buffers.messages.set(source.messages.subarray(fromByte, toByte), this.#bytes);
    if (count === 1) {
      buffers.timesMs[this.#rows] = source.timesMs[from]!;
      buffers.ingestsMs[this.#rows] = source.ingestsMs[from]!;
      buffers.sequences[this.#rows] = source.sequences[from]!;
    } else {
      buffers.timesMs.set(source.timesMs.subarray(from, to), this.#rows);
      buffers.ingestsMs.set(source.ingestsMs.subarray(from, to), this.#rows);
      buffers.sequences.set(source.sequences.subarray(from, to), this.#rows);
    }
    if (this.#streams.at(-1) !== source.stream) {
      this.#streams.push(source.stream);
      this.#runs.push(this.#streams.length - 1, 0);
    }
    this.#runs[this.#runs.length - 1]! += count;
    this.#rows += count;
    this.#bytes += bytes;
  }
}

function endOf(source: RowSource, row: number): number {
  return row + 1 < source.rows ? source.offsets[row + 1]! : source.bytes;
}
