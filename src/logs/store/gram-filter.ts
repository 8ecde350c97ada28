import { AppError } from '#base';

/**
 * What texts a block can not hold: a bit set over all runs of five bytes of its messages.
 *
 * A text in the block has all its grams in the set, whatever its language and wherever it stands in
 * a word; so a block that lacks one gram cannot hold the text. The other way round is a guess. Five
 * bytes tell even hex digits apart: a megabyte of audit events has some 40,000 of the million grams
 * that ids can have, where every run of four occurs.
 *
 * On disk, little endian: | 'NGF1' | blocks u32 | per block: | bits of the set u32 | bits |
 */
const magic = 0x3146474e; // 'NGF1' read as a little-endian u32
const gramBytes = 5;
const maxLog2Bits = 18;
const minLog2Bits = 9;
/** A set is halved by laying its halves over each other while at most this share is set. */
const maxFill = 0.5;
/** Texts shorter than this are in every block for all the filter knows. */
export const minTextBytes: number = gramBytes;

/** The hash of a gram from its last four bytes and the one before. */
function gramHash(low: number, high: number): number {
  const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8;
}

const placeShift = 18;
const minMatch = 12;
/** How far after the end of a repetition it is looked for again at the same distance, bytes. */
const maxSkip = 48;

export class GramFilterBuilder {
  readonly #set = new Uint32Array(2 ** (maxLog2Bits - 5));
  /** By hash of eight bytes: where they stood last, and where that message ends. */
  readonly #places = new Int32Array(2 ** (32 - placeShift));
  readonly #ends = new Int32Array(2 ** (32 - placeShift));
  readonly #pieces: Uint8Array[] = [];
  #blocks = 0;

  /**
   * Adds a block: `length u32 | bytes` per message. Logs repeat themselves: text that stood in the
   * block before is found as a compressor finds it, and stepped over, for its grams are known.
   */
  add(messages: Uint8Array, rows: number): void {
    this.#set.fill(0);
    this.#places.fill(-1);
    const places = this.#places;
    const ends = this.#ends;
    const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      const start = at + 4;
      const end = start + view.getUint32(at, true);
      const lastProbe = end - minMatch;
      at = end;
      // Grams of the bytes before `done` are in the sets.
      let done = start;
      let i = start;
      let misses = 0;
      while (i <= lastProbe) {
        const first = view.getUint32(i, true);
        const second = view.getUint32(i + 4, true);
        const slot = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> placeShift;
        let place = places[slot]!;
        const placeEnd = ends[slot]!;
        places[slot] = i;
        ends[slot] = end;
        if (
          place === -1 ||
          place + minMatch > placeEnd ||
          view.getUint32(place, true) !== first ||
          view.getUint32(place + 4, true) !== second ||
          view.getUint32(place + 8, true) !== view.getUint32(i + 8, true)
        ) {
          // Where nothing repeats, looking gets rarer.
          i += 1 + (misses++ >>> 4);
          continue;
        }
        misses = 0;
        const distance = i - place;
        // Past the end of either message nothing repeats.
        const last = Math.min(end, placeEnd + distance) - 4;
        for (;;) {
          // Grams that begin before the repeated text end in its first four bytes.
          this.#grams(messages, start, done, i + gramBytes - 1);
          i += minMatch;
          place += minMatch;
          while (i <= last && view.getUint32(place, true) === view.getUint32(i, true)) {
            i += 4;
            place += 4;
          }
          done = i;
          // An id or a number of the same width: the text goes on as far away as before.
          const mostSkipped = Math.min(last - minMatch + 4, i + maxSkip);
          let next = i + 4;
          while (
            next <= mostSkipped &&
            (view.getUint32(next - distance, true) !== view.getUint32(next, true) ||
              view.getUint32(next + 4 - distance, true) !== view.getUint32(next + 4, true) ||
              view.getUint32(next + 8 - distance, true) !== view.getUint32(next + 8, true))
          ) {
            next += 4;
          }
          if (next > mostSkipped) break;
          i = next;
          place = next - distance;
        }
      }
      this.#grams(messages, start, done, end);
    }
    const set = folded(this.#set, maxLog2Bits);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(set.length * 32, 0);
    this.#pieces.push(head, new Uint8Array(set.buffer, set.byteOffset, set.byteLength));
    this.#blocks += 1;
  }

  /** Adds the grams that end at `from` to `to` (exclusive) in a message that begins at `start`. */
  #grams(messages: Uint8Array, start: number, from: number, to: number): void {
    const set = this.#set;
    const first = Math.max(from, start + gramBytes - 1);
    let i = first - gramBytes + 1;
    // `low` holds the last four bytes, `high` the one before them.
    let low = 0;
    let high = 0;
    for (; i < first && i < to; i++) low = (low << 8) | messages[i]!;
    for (; i < to; i++) {
      high = low >>> 24;
      low = (low << 8) | messages[i]!;
      const hash = gramHash(low, high);
      set[(hash & (2 ** maxLog2Bits - 1)) >>> 5]! |= 1 << (hash & 31);
    }
  }

  finish(): Buffer {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(magic, 0);
    head.writeUInt32LE(this.#blocks, 4);
    return Buffer.concat([head, ...this.#pieces]);
  }
}

function folded(bits: Uint32Array, log2: number): Uint32Array {
  let set = bits.slice();
  for (let size = log2; size > minLog2Bits; size--) {
    const half = set.length / 2;
    const smaller = set.slice(0, half);
    let count = 0;
    for (let i = 0; i < half; i++) {
      smaller[i]! |= set[half + i]!;
      count += popCount(smaller[i]!);
    }
    if (count > half * 32 * maxFill) break;
    set = smaller;
  }
  return set;
}

function popCount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The grams of a text that a block must hold, as hashes; none for a short text. */
export function gramsOf(text: string): readonly number[] {
  const bytes = Buffer.from(text);
  const grams = new Set<number>();
  let low = 0;
  let high = 0;
  for (let i = 0; i < bytes.length; i++) {
    high = low >>> 24;
    low = (low << 8) | bytes[i]!;
    if (i >= gramBytes - 1) grams.add(gramHash(low, high));
  }
  return [...grams];
}

/** Texts wanted in a block, as their grams. */
export interface GramQuery {
  readonly all: readonly number[];
  /** Of each choice one text at least. */
  readonly anyOf: readonly (readonly (readonly number[])[])[];
}

/** Indices of the blocks that may hold what is wanted. @throws {AppError} SEGMENT_DAMAGED */
export function blocksThatMayHold(filter: Uint8Array, { all, anyOf }: GramQuery): number[] {
  const view = new DataView(filter.buffer, filter.byteOffset, filter.length);
  const found: number[] = [];
  if (filter.length < 8 || view.getUint32(0, true) !== magic) throw damaged();
  const blocks = view.getUint32(4, true);
  let at = 8;
  for (let block = 0; block < blocks; block++) {
    if (at + 4 > filter.length) throw damaged();
    const bits = view.getUint32(at, true);
    const start = at + 4;
    at = start + bits / 8;
    if (at > filter.length || bits === 0 || (bits & (bits - 1)) !== 0) throw damaged();
    const mayHold = (grams: readonly number[]): boolean =>
      grams.every((hash) => {
        const bit = hash & (bits - 1);
        return (filter[start + (bit >>> 3)]! & (1 << (bit & 7))) !== 0;
      });
    if (mayHold(all) && anyOf.every((choice) => choice.some(mayHold))) found.push(block);
  }
  return found;
}

function damaged(): AppError {
  return new AppError('SEGMENT_DAMAGED', 'A search filter is not readable');
}
