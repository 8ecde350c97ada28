import { AppError } from '#base';

/**
 * What texts a block can not hold. Two bit sets over the bytes of its messages:
 *
 * - all 3-byte grams, which tell words apart,
 * - one in four of the 6-byte grams (chosen by the gram's own hash, so that a query chooses the
 *   same ones), which tell ids and numbers apart: a block full of UUIDs holds every 3-byte gram of
 *   hex digits, but few of the 6-byte ones.
 *
 * A text in the block has all its grams in the sets, whatever its language and wherever it stands
 * in a word; so a block that lacks one gram cannot hold the text. The other way round is a guess.
 *
 * On disk, little endian: | 'NGF1' | blocks u32 | per block: | 3-byte set bits u32 |
 * 6-byte set bits u32 | bits | bits |
 */
const magic = 0x3146474e; // 'NGF1' read as a little-endian u32
const shortBits = 16;
const longBits = 20;
const minBits = 9;
/** A set is halved by laying its halves over each other while at most this share is set. */
const maxFill = 0.5;

export class GramFilterBuilder {
  readonly #short = new Uint32Array(2 ** (shortBits - 5));
  readonly #long = new Uint32Array(2 ** (longBits - 5));
  readonly #pieces: Uint8Array[] = [];
  #blocks = 0;

  /** Adds a block: `length u32 | bytes` per message. */
  add(messages: Uint8Array, rows: number): void {
    this.#short.fill(0);
    this.#long.fill(0);
    const short = this.#short;
    const long = this.#long;
    const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      const start = at + 4;
      const end = start + view.getUint32(at, true);
      at = end;
      // `low` holds the last four bytes, `high` the two before them.
      let low = 0;
      let high = 0;
      for (let i = start; i < end; i++) {
        high = ((high << 8) | (low >>> 24)) & 0xffff;
        low = (low << 8) | messages[i]!;
        if (i < start + 2) continue;
        let hash = Math.imul(low & 0xffffff, 0x9e3779b1);
        hash ^= hash >>> 15;
        short[(hash & 0xffff) >>> 5]! |= 1 << (hash & 31);
        if (i < start + 5) continue;
        hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        if (hash >>> 30 !== 0) continue;
        long[(hash & 0xfffff) >>> 5]! |= 1 << (hash & 31);
      }
    }
    const shortSet = folded(short, shortBits);
    const longSet = folded(long, longBits);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(shortSet.length * 32, 0);
    head.writeUInt32LE(longSet.length * 32, 4);
    this.#pieces.push(head, bytesOf(shortSet), bytesOf(longSet));
    this.#blocks += 1;
  }

  finish(): Buffer {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(magic, 0);
    head.writeUInt32LE(this.#blocks, 4);
    return Buffer.concat([head, ...this.#pieces]);
  }
}

const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

function folded(bits: Uint32Array, log2: number): Uint32Array {
  let set = bits.slice();
  for (let size = log2; size > minBits; size--) {
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

/** The grams of a text that a block must hold. */
export interface TextGrams {
  readonly short: readonly number[];
  readonly long: readonly number[];
}

export function gramsOf(text: string): TextGrams {
  const bytes = Buffer.from(text);
  const short = new Set<number>();
  const long = new Set<number>();
  let low = 0;
  let high = 0;
  for (let i = 0; i < bytes.length; i++) {
    high = ((high << 8) | (low >>> 24)) & 0xffff;
    low = (low << 8) | bytes[i]!;
    if (i < 2) continue;
    let hash = Math.imul(low & 0xffffff, 0x9e3779b1);
    hash ^= hash >>> 15;
    short.add(hash);
    if (i < 5) continue;
    hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    if (hash >>> 30 === 0) long.add(hash);
  }
  return { short: [...short], long: [...long] };
}

/** Indices of the blocks that may hold every text. @throws {AppError} SEGMENT_DAMAGED */
export function blocksThatMayHold(filter: Uint8Array, texts: readonly TextGrams[]): number[] {
  const view = new DataView(filter.buffer, filter.byteOffset, filter.length);
  const found: number[] = [];
  if (filter.length < 8 || view.getUint32(0, true) !== magic) throw damaged();
  const blocks = view.getUint32(4, true);
  let at = 8;
  for (let block = 0; block < blocks; block++) {
    if (at + 8 > filter.length) throw damaged();
    const shortSize = view.getUint32(at, true);
    const longSize = view.getUint32(at + 4, true);
    const shortAt = at + 8;
    const longAt = shortAt + shortSize / 8;
    at = longAt + longSize / 8;
    if (at > filter.length) throw damaged();
    const has = (start: number, size: number, hash: number): boolean => {
      const bit = hash & (size - 1);
      return (filter[start + (bit >>> 3)]! & (1 << (bit & 7))) !== 0;
    };
    const may = texts.every(
      ({ short, long }) =>
        long.every((hash) => has(longAt, longSize, hash)) &&
        short.every((hash) => has(shortAt, shortSize, hash)),
    );
    if (may) found.push(block);
  }
  return found;
}

function damaged(): AppError {
  return new AppError('SEGMENT_DAMAGED', 'A search filter is not readable');
}
