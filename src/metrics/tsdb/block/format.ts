import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '#base';

/** A compressed part of a file. */
export interface Section {
  readonly offset: number;
  readonly size: number;
  /** Bytes when decompressed; equal to `size`: stored as it is. */
  readonly rawSize: number;
  /** Of the stored bytes. */
  readonly crc: number;
}

/** One label name: its values, sorted, and which of them each series has. */
export interface LabelColumn {
  readonly name: string;
  readonly values: number;
  /** Texts: length varint and UTF-8, one after the other. */
  readonly texts: Section;
  /** By series: number of the value from 1 on, 0 absent. Little endian, `width` bytes each. */
  readonly ids: Section;
  readonly width: 1 | 2 | 4;
  /** Undefined: `ids` has an entry a series. Else the rows that have the label, u32, ascending. */
  readonly rows: Section | undefined;
}

/** Samples of a stretch of time, of all series that have some in it. */
export interface Slice {
  /** Both inclusive. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly samples: number;
  readonly chunks: number;
  /** Row of each chunk, u32, ascending; a row may have several chunks, in order of time. */
  readonly rows: Section;
  /** For each group: offset f64, size u32, raw size u32, crc u32, first chunk u32. */
  readonly groups: Section;
}

/** The last part of an index file, JSON. */
export interface IndexDirectory {
  readonly version: 1;
  readonly series: number;
  readonly labels: readonly LabelColumn[];
  readonly slices: readonly Slice[];
}

/** `meta.json`. */
export interface BlockMeta {
  readonly version: 1;
  readonly id: string;
  /** Both inclusive. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly series: number;
  readonly samples: number;
  readonly chunks: number;
  readonly level: number;
  /** Cut from the head, which had nothing in order before this time afterwards. */
  readonly headUntilMs?: number;
  /** Blocks that this one takes the place of. */
  readonly replaces: readonly string[];
}

/**
 * An index file:
 *
 *     | 'NMI1' | sections… | directory JSON, zstd | length u32 | crc32 u32 | 'NMI1' |
 */
export const indexMagic: Buffer = Buffer.from('NMI1');
/** A file of chunks: `'NMC1'`, then groups, each zstd or as it is. */
export const chunksMagic: Buffer = Buffer.from('NMC1');
export const indexTailBytes = 12;
export const groupEntryBytes = 24;

/**
 * A group, decompressed:
 *
 *     | chunks u32 | size u32… | samples u32… | kind u8… | chunk bytes… |
 */
export const groupHeaderBytes = (chunks: number): number => 4 + chunks * 9;

/** Small parts gain nothing, and each compression has its cost. */
const minCompressBytes = 64;

export interface Packed {
  readonly bytes: Uint8Array;
  readonly rawSize: number;
  readonly crc: number;
}

export function pack(raw: Uint8Array, level: number): Packed {
  let bytes: Uint8Array = raw;
  if (raw.length >= minCompressBytes) {
    const compressed = zstdCompressSync(raw, {
      params: { [constants.ZSTD_c_compressionLevel]: level },
    });
    if (compressed.length < raw.length) bytes = compressed;
  }
  return { bytes, rawSize: raw.length, crc: crc32(bytes) };
}

/** @throws {AppError} STORE_DAMAGED */
export function unpack(
  bytes: Uint8Array,
  section: Pick<Section, 'size' | 'rawSize' | 'crc'>,
  path: string,
): Uint8Array {
  if (bytes.length !== section.size || crc32(bytes) !== section.crc) throw damagedError(path);
  if (section.size === section.rawSize) return bytes;
  return zstdDecompressSync(bytes);
}

export const damagedError = (path: string, cause?: unknown): AppError =>
  new AppError('STORE_DAMAGED', `The file ${path} is damaged`, {
    hint: 'The block is set aside; restore it from a snapshot if there is one',
    ...(cause === undefined ? {} : { cause }),
  });

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID: 48 bits of time, 80 of chance. https://github.com/ulid/spec */
export function newUlid(nowMs: number, random: () => number = Math.random): string {
  let time = '';
  let rest = Math.max(0, Math.floor(nowMs));
  for (let at = 0; at < 10; at++) {
    time = crockford[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  let chance = '';
  for (let at = 0; at < 16; at++) chance += crockford[Math.floor(random() * 32)];
  return time + chance;
}

export const ulidPattern: RegExp = /^[0-9A-HJKMNP-TV-Z]{26}$/;
