import { crc32, zstdDecompressSync } from 'node:zlib';
import { AppError } from '#base';
import type { RowSource } from './block.ts';
import { decodeDelta } from './delta.ts';
import { readThriftStruct, type ThriftStruct } from './thrift.ts';
import type { WrittenColumn, WrittenGroup } from './writer.ts';

/**
 * Reads the Parquet files that writer.ts makes, and no others: for merging on bytes and for finding
 * damage. Checks the checksum of every page.
 */
export interface ReadBlock {
  readonly rows: number;
  /** Rows by stream, in file order; views of the block's columns. */
  readonly sources: readonly RowSource[];
}

const fail = (what: string): never => {
  throw new AppError('SEGMENT_DAMAGED', `The segment is damaged: ${what}`);
};

const num = (struct: ThriftStruct, field: number): number => {
  const value = struct.get(field);
  return typeof value === 'number' ? value : fail('its metadata lacks a number');
};
const sub = (struct: ThriftStruct, field: number): ThriftStruct => {
  const value = struct.get(field);
  return value instanceof Map ? value : fail('its metadata lacks a part');
};
const list = (struct: ThriftStruct, field: number): readonly ThriftStruct[] => {
  const value = struct.get(field);
  return Array.isArray(value) ? (value as ThriftStruct[]) : fail('its metadata lacks a list');
};

/** @throws {AppError} SEGMENT_DAMAGED */
export function* readBlocks(file: Buffer): Generator<ReadBlock> {
  for (const block of blocksOf(file)) yield block.read();
}

/** A block of which only its number of rows was looked at. */
export interface UnreadBlock {
  readonly rows: number;
  /** @throws {AppError} SEGMENT_DAMAGED */
  read(): ReadBlock;
}

/** What a file holds, to be read block by block. @throws {AppError} SEGMENT_DAMAGED */
export function blocksOf(file: Buffer): readonly UnreadBlock[] {
  if (file.length < 12 || file.toString('latin1', file.length - 4) !== 'PAR1') {
    fail('its end is missing');
  }
  const footerBytes = file.readUInt32LE(file.length - 8);
  const footerAt = file.length - 8 - footerBytes;
  if (footerAt < 4) fail('its end is not readable');
  const { struct: footer } = readThriftStruct(file.subarray(0, file.length - 8), footerAt);
  return list(footer, 4).map((group) => {
    const rows = num(group, 3);
    return { rows, read: () => readBlock(file, group, rows) };
  });
}

function readBlock(file: Buffer, group: ThriftStruct, rows: number): ReadBlock {
  const pages = list(group, 1).map((column) => readColumn(file, sub(column, 3)));
  if (pages.length !== 7) fail('it has other columns');
  const [, streams, times, ingests, sequences, messages] = pages;
  return { rows, sources: toSources(rows, streams!, times!, ingests!, sequences!, messages!) };
}

/** Where one block lies in its file, and what the file's footer says of it. */
export interface BlockPlace extends WrittenGroup {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** With the length of each. */
  readonly messageBytes: number;
}

/**
 * Places of all blocks, from the end of the file.
 * @param tail the last bytes of a file of `fileBytes`, its whole footer among them
 * @throws {AppError} SEGMENT_DAMAGED
 */
export function blockPlaces(tail: Buffer, fileBytes: number): readonly BlockPlace[] {
  if (tail.length < 12 || tail.toString('latin1', tail.length - 4) !== 'PAR1') {
    fail('its end is missing');
  }
  const footerAt = tail.length - 8 - tail.readUInt32LE(tail.length - 8);
  if (footerAt < 0) fail('its end is not readable');
  const { struct: footer } = readThriftStruct(tail.subarray(0, tail.length - 8), footerAt);
  const groups = list(footer, 4).map((group): WrittenGroup => {
    const columns = list(group, 1).map((column) => writtenColumn(sub(column, 3)));
    if (columns.length !== 7) fail('it has other columns');
    return { rows: num(group, 3), columns };
  });
  const startOf = ({ columns }: WrittenGroup): number =>
    columns[0]!.dictionaryOffset ?? columns[0]!.dataOffset;
  const end = fileBytes - tail.length + footerAt;
  return groups.map((group, index) => {
    const next = groups[index + 1];
    return {
      ...group,
      start: startOf(group),
      end: next === undefined ? end : startOf(next),
      messageBytes: group.columns[5]!.uncompressed,
    };
  });
}

function writtenColumn(meta: ThriftStruct): WrittenColumn {
  const encodings = meta.get(2);
  const bounds = meta.has(12) ? sub(meta, 12) : undefined;
  const bytes = (field: number): Uint8Array | undefined => {
    const value = bounds?.get(field);
    // A copy: a view would keep the whole footer in memory.
    return value instanceof Uint8Array ? value.slice() : undefined;
  };
  return {
    codec: num(meta, 4),
    encodings: Array.isArray(encodings)
      ? (encodings as number[])
      : fail('a column has no encoding'),
    uncompressed: num(meta, 6),
    compressed: num(meta, 7),
    dataOffset: num(meta, 9),
    dictionaryOffset: meta.has(11) ? num(meta, 11) : undefined,
    min: bytes(6),
    max: bytes(5),
  };
}

/** Into one buffer, where the default would join many of 16 KiB. */
const inflate = (stored: Buffer, bytes: number): Buffer =>
  zstdDecompressSync(stored, {
    maxOutputLength: Math.max(1, bytes),
    chunkSize: Math.max(minChunkBytes, bytes),
  });

/** The least that zlib takes. */
const minChunkBytes = 64;

interface ColumnPages {
  readonly dictionary: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly encoding: number;
}

function readColumn(file: Buffer, meta: ThriftStruct): ColumnPages {
  const codec = num(meta, 4);
  const read = (offset: number): { header: ThriftStruct; body: Uint8Array } => {
    const { struct: header, end } = readThriftStruct(file, offset);
    const stored = file.subarray(end, end + num(header, 3));
    if (stored.length !== num(header, 3)) fail('a page ends beyond the file');
    if ((crc32(stored) | 0) !== num(header, 4)) fail('the checksum of a page is wrong');
    const body = codec === 0 ? stored : inflate(stored, num(header, 2));
    return { header, body };
  };
  const data = read(num(meta, 9));
  return {
    dictionary: meta.has(11) ? read(num(meta, 11)).body : undefined,
    data: data.body,
    encoding: num(sub(data.header, 5), 2),
  };
}

function toSources(
  rows: number,
  streams: ColumnPages,
  times: ColumnPages,
  ingests: ColumnPages,
  sequences: ColumnPages,
  messages: ColumnPages,
): RowSource[] {
  const names = dictionaryTexts(streams.dictionary ?? fail('it has no stream names'));
  const timesMs = integers(times, rows);
  const ingestsMs = integers(ingests, rows);
  const sequenceNumbers = integers(sequences, rows);
  const bytes = messages.data;
  const offsets = new Uint32Array(rows);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (at + 4 > bytes.length) fail('its messages end early');
    offsets[row] = at;
    at += 4 + view.getUint32(at, true);
  }
  if (at !== bytes.length) fail('its messages do not add up');
  const sources: RowSource[] = [];
  let row = 0;
  for (const [index, count] of runsOf(streams.data)) {
    const end = row + count;
    if (end > rows) fail('its streams do not add up');
    const fromByte = offsets[row]!;
    const toByte = end === rows ? bytes.length : offsets[end]!;
    const own = offsets.subarray(row, end);
    for (let i = 0; i < own.length; i++) own[i]! -= fromByte;
    sources.push({
      stream: names[index] ?? fail('a stream has no name'),
      rows: count,
      bytes: toByte - fromByte,
      timesMs: timesMs.subarray(row, end),
      ingestsMs: ingestsMs.subarray(row, end),
      sequences: sequenceNumbers.subarray(row, end),
      offsets: own,
      messages: bytes.subarray(fromByte, toByte),
    });
    row = end;
  }
  if (row !== rows) fail('its streams do not add up');
  return sources;
}

function dictionaryTexts(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= buffer.length) {
    const length = buffer.readUInt32LE(at);
    texts.push(buffer.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

/** Pairs of (dictionary index, rows): the writer makes nothing but runs. */
function* runsOf(bytes: Uint8Array): Generator<[number, number]> {
  const valueBytes = Math.ceil((bytes[0] ?? fail('a page is empty')) / 8);
  let at = 1;
  while (at < bytes.length) {
    let header = 0;
    let factor = 1;
    for (;;) {
      const next = bytes[at++] ?? fail('a run ends early');
      header += (next & 127) * factor;
      if (next < 128) break;
      factor *= 128;
    }
    if (header % 2 !== 0) fail('a page holds other than runs');
    let value = 0;
    for (let b = 0; b < valueBytes; b++) value += (bytes[at++] ?? 0) * 256 ** b;
    yield [value, header / 2];
  }
}

function integers(column: ColumnPages, rows: number): Float64Array {
  const out = new Float64Array(rows);
  if (column.encoding === 5) {
    decodeDelta(column.data, out);
    return out;
  }
  if (column.data.length !== rows * 8) fail('a column of numbers has a wrong length');
  const view = new DataView(column.data.buffer, column.data.byteOffset, column.data.length);
  for (let i = 0; i < rows; i++) out[i] = Number(view.getBigInt64(i * 8, true));
  return out;
}
