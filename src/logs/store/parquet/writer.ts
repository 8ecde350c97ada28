import { constants, crc32, zstdCompress } from 'node:zlib';
import { encodeDelta } from './delta.ts';
import { ThriftWriter } from './thrift.ts';

/**
 * Rows of one log group on their way into a row group. Parquet's columns are made from these by
 * moving bytes; a row is never an object.
 */
export interface EventBlock {
  readonly group: string;
  /** Names that `streamRuns` points into. */
  readonly streams: readonly string[];
  /** Pairs of (index of a stream, rows), adding up to `rows`. */
  readonly streamRuns: readonly number[];
  readonly rows: number;
  /** At least `rows` long; safe integers. */
  readonly timesMs: Float64Array;
  readonly ingestsMs: Float64Array;
  readonly sequences: Float64Array;
  /** `length u32 | UTF-8 bytes` per row, exactly. */
  readonly messages: Uint8Array;
  /** Unique in the store; lets a query name the blocks it wants. */
  readonly blockId: number;
}

const physical = { int64: 2, byteArray: 6 };
export const encoding = { plain: 0, rle: 3, delta: 5, rleDictionary: 8 };
const codec = { none: 0, zstd: 6 };
export const pageType = { data: 0, dictionary: 2 };
const magic = Buffer.from('PAR1');

export interface ColumnSchema {
  readonly name: string;
  readonly type: number;
  /** Rows may lack a value: data pages begin with definition levels. */
  readonly optional?: boolean;
}

/** A column of texts that rows may lack. */
export const optionalText = (name: string): ColumnSchema => ({
  name,
  type: physical.byteArray,
  optional: true,
});

/** Columns of every segment, in file order. */
export const segmentColumns: readonly ColumnSchema[] = [
  { name: 'log_group', type: physical.byteArray },
  { name: 'log_stream', type: physical.byteArray },
  { name: 'ts_ms', type: physical.int64 },
  { name: 'ingest_ms', type: physical.int64 },
  { name: 'seq', type: physical.int64 },
  { name: 'message', type: physical.byteArray },
  { name: 'blk', type: physical.int64 },
];

export interface Page {
  readonly type: number;
  readonly encoding: number;
  readonly values: number;
  readonly body: Uint8Array;
}

export interface Column {
  readonly pages: readonly Page[];
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

export interface WrittenColumn {
  readonly codec: number;
  readonly encodings: readonly number[];
  readonly uncompressed: number;
  readonly compressed: number;
  readonly dataOffset: number;
  readonly dictionaryOffset: number | undefined;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

export interface WrittenGroup {
  readonly rows: number;
  readonly columns: readonly WrittenColumn[];
}

/** Output space given to one step of the compressor. */
const compressChunkBytes = 256 * 1024;
/** Smaller pages stay as they are: a compressor of their own costs more than they save. */
const minCompressBytes = 4096;

const compress = (bytes: Uint8Array, level: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    zstdCompress(
      bytes,
      {
        // The default of 16 KiB would make a callback of every few pages.
        chunkSize: compressChunkBytes,
        params: {
          [constants.ZSTD_c_compressionLevel]: level,
          // The reader verifies it: a flipped bit is an error that names the file, not wrong text.
          [constants.ZSTD_c_checksumFlag]: 1,
        },
      },
      (error, result) => (error === null ? resolve(result) : reject(error)),
    );
  });

/** A row group ready to be put into a file. */
export interface CompressedBlock {
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly bodies: readonly (readonly Uint8Array[])[];
  readonly codecs: readonly number[];
}

/** Encodes at once, compresses on the thread pool; the block's buffers are read until it resolves. */
export async function compressBlock(block: EventBlock, level: number): Promise<CompressedBlock> {
  return await compressColumns(encodeColumns(block), block.rows, level);
}

export async function compressColumns(
  columns: readonly Column[],
  rows: number,
  level: number,
): Promise<CompressedBlock> {
  const bodies: (readonly Uint8Array[])[] = columns.map((column) =>
    column.pages.map((page) => page.body),
  );
  const codecs = columns.map(() => codec.none);
  await Promise.all(
    columns.map(async ({ pages }, index) => {
      if (pages.every((page) => page.body.length < minCompressBytes)) return;
      bodies[index] = await Promise.all(pages.map((page) => compress(page.body, level)));
      codecs[index] = codec.zstd;
    }),
  );
  return { rows, columns, bodies, codecs };
}

/**
 * Makes a Parquet file piece by piece; whoever calls it writes the pieces, in order, to the file.
 * Format: https://parquet.apache.org/docs/file-format/
 */
export class ParquetWriter {
  #offset = 0;
  readonly #groups: WrittenGroup[] = [];
  readonly #schema: readonly ColumnSchema[];

  constructor(schema: readonly ColumnSchema[] = segmentColumns) {
    this.#schema = schema;
  }

  /** The first bytes of the file. */
  start(): Uint8Array {
    this.#offset = magic.length;
    return magic;
  }

  /** A row group without compression, for files that live for seconds. */
  plainBlock(block: EventBlock): Uint8Array[] {
    const columns = encodeColumns(block);
    return this.#place(
      block.rows,
      columns,
      columns.map((column) => column.pages.map((page) => page.body)),
      columns.map(() => codec.none),
    );
  }

  /** A row group that was compressed before. */
  place(block: CompressedBlock): Uint8Array[] {
    return this.#place(block.rows, block.columns, block.bodies, block.codecs);
  }

  /** A row group of another file, whose bytes begin at `group.start` there, as it is. */
  copy(bytes: Uint8Array, group: WrittenGroup & { readonly start: number }): Uint8Array {
    const shift = this.#offset - group.start;
    this.#groups.push({
      rows: group.rows,
      columns: group.columns.map((column) => ({
        ...column,
        dataOffset: column.dataOffset + shift,
        dictionaryOffset:
          column.dictionaryOffset === undefined ? undefined : column.dictionaryOffset + shift,
      })),
    });
    this.#offset += bytes.length;
    return bytes;
  }

  /** The last bytes of the file. */
  finish(): Uint8Array {
    const footer = encodeFooter(this.#groups, this.#schema);
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(footer.length, 0);
    tail.set(magic, 4);
    this.#offset += footer.length + tail.length;
    return Buffer.concat([footer, tail]);
  }

  /** Bytes given out so far. */
  get bytes(): number {
    return this.#offset;
  }

  #place(
    rows: number,
    columns: readonly Column[],
    bodies: readonly (readonly Uint8Array[])[],
    codecs: readonly number[],
  ): Uint8Array[] {
    const out: Uint8Array[] = [];
    const written = columns.map((column, index): WrittenColumn => {
      let uncompressed = 0;
      const start = this.#offset;
      let dataOffset = start;
      let dictionaryOffset: number | undefined;
      column.pages.forEach((page, pageIndex) => {
        const body = bodies[index]![pageIndex]!;
        const header = encodePageHeader(page, body);
        if (page.type === pageType.dictionary) dictionaryOffset = this.#offset;
        else dataOffset = this.#offset;
        out.push(header, body);
        this.#offset += header.length + body.length;
        uncompressed += header.length + page.body.length;
      });
      return {
        codec: codecs[index]!,
        encodings: column.pages.map((page) => page.encoding),
        uncompressed,
        compressed: this.#offset - start,
        dataOffset,
        dictionaryOffset,
        min: column.min,
        max: column.max,
      };
    });
    this.#groups.push({ rows, columns: written });
    return out;
  }
}

function encodeColumns(block: EventBlock): Column[] {
  const used = [...block.streams].map((name) => Buffer.from(name));
  const constantRun = [0, block.rows];
  return [
    dictionaryColumn([Buffer.from(block.group)], constantRun, block.rows),
    dictionaryColumn(used, block.streamRuns, block.rows),
    integerColumn(block.timesMs, block.rows),
    integerColumn(block.ingestsMs, block.rows),
    integerColumn(block.sequences, block.rows),
    {
      pages: [
        {
          type: pageType.data,
          encoding: encoding.plain,
          values: block.rows,
          body: block.messages,
        },
      ],
      min: undefined,
      max: undefined,
    },
    constantColumn(block.blockId, block.rows),
  ];
}

export function dictionaryColumn(
  values: readonly Buffer[],
  runs: readonly number[],
  rows: number,
): Column {
  const dictionary = Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(value.length);
      return [length, value];
    }),
  );
  const seen = new Set<number>();
  for (let i = 0; i < runs.length; i += 2) seen.add(runs[i]!);
  let min: Buffer | undefined;
  let max: Buffer | undefined;
  for (const index of seen) {
    const value = values[index]!;
    if (min === undefined || Buffer.compare(value, min) < 0) min = value;
    if (max === undefined || Buffer.compare(value, max) > 0) max = value;
  }
  return {
    pages: [
      {
        type: pageType.dictionary,
        encoding: encoding.plain,
        values: values.length,
        body: dictionary,
      },
      {
        type: pageType.data,
        encoding: encoding.rleDictionary,
        values: rows,
        body: encodeRuns(runs, values.length),
      },
    ],
    min,
    max,
  };
}

/** Dictionary indices as runs of the RLE hybrid encoding, after one byte of bit width. */
function encodeRuns(runs: readonly number[], dictionarySize: number): Uint8Array {
  const width = Math.max(1, 32 - Math.clz32(dictionarySize - 1));
  const valueBytes = Math.ceil(width / 8);
  const out = new Uint8Array(1 + (runs.length / 2) * (5 + valueBytes));
  let at = 0;
  out[at++] = width;
  for (let i = 0; i < runs.length; i += 2) {
    let header = runs[i + 1]! * 2;
    while (header >= 128) {
      out[at++] = (header % 128) | 128;
      header = Math.floor(header / 128);
    }
    out[at++] = header;
    for (let b = 0; b < valueBytes; b++) out[at++] = (runs[i]! >>> (8 * b)) & 255;
  }
  return out.subarray(0, at);
}

function constantColumn(value: number, rows: number): Column {
  const bytes = int64(value);
  return {
    pages: [
      { type: pageType.dictionary, encoding: encoding.plain, values: 1, body: bytes },
      {
        type: pageType.data,
        encoding: encoding.rleDictionary,
        values: rows,
        body: encodeRuns([0, rows], 1),
      },
    ],
    min: bytes,
    max: bytes,
  };
}

export function integerColumn(values: Float64Array, rows: number): Column {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const delta = encodeDelta(values, rows);
  return {
    pages: [
      {
        type: pageType.data,
        encoding: delta === undefined ? encoding.plain : encoding.delta,
        values: rows,
        body: delta ?? plainIntegers(values, rows),
      },
    ],
    min: int64(min),
    max: int64(max),
  };
}

function plainIntegers(values: Float64Array, rows: number): Uint8Array {
  const out = new BigInt64Array(rows);
  for (let i = 0; i < rows; i++) out[i] = BigInt(values[i]!);
  return new Uint8Array(out.buffer);
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

function encodePageHeader(page: Page, body: Uint8Array): Uint8Array {
  const thrift = new ThriftWriter();
  thrift.i32(1, page.type);
  thrift.i32(2, page.body.length);
  thrift.i32(3, body.length);
  thrift.i32(4, crc32(body) | 0);
  if (page.type === pageType.dictionary) {
    thrift.struct(7, () => {
      thrift.i32(1, page.values);
      thrift.i32(2, page.encoding);
    });
  } else {
    thrift.struct(5, () => {
      thrift.i32(1, page.values);
      thrift.i32(2, page.encoding);
      thrift.i32(3, encoding.rle);
      thrift.i32(4, encoding.rle);
    });
  }
  thrift.end();
  return thrift.bytes();
}

function encodeFooter(
  groups: readonly WrittenGroup[],
  schema: readonly ColumnSchema[],
): Uint8Array {
  const thrift = new ThriftWriter();
  thrift.i32(1, 1);
  thrift.structList(2, [undefined, ...schema], (column) => {
    if (column === undefined) {
      thrift.text(4, 'events');
      thrift.i32(5, schema.length);
      return;
    }
    thrift.i32(1, column.type);
    thrift.i32(3, column.optional === true ? 1 : 0);
    thrift.text(4, column.name);
    if (column.type === physical.byteArray) thrift.i32(6, 0); // UTF8
  });
  thrift.i64(
    3,
    groups.reduce((sum, group) => sum + group.rows, 0),
  );
  thrift.structList(4, groups, (group) => {
    thrift.structList(1, group.columns, (column, index) => {
      const { name, type } = schema[index]!;
      thrift.i64(2, column.dictionaryOffset ?? column.dataOffset);
      thrift.struct(3, () => {
        thrift.i32(1, type);
        thrift.i32List(2, column.encodings);
        thrift.textList(3, [name]);
        thrift.i32(4, column.codec);
        thrift.i64(5, group.rows);
        thrift.i64(6, column.uncompressed);
        thrift.i64(7, column.compressed);
        thrift.i64(9, column.dataOffset);
        if (column.dictionaryOffset !== undefined) thrift.i64(11, column.dictionaryOffset);
        const { min, max } = column;
        if (min !== undefined && max !== undefined) {
          thrift.struct(12, () => {
            thrift.i64(3, 0);
            thrift.text(5, max);
            thrift.text(6, min);
          });
        }
      });
    });
    thrift.i64(
      2,
      group.columns.reduce((sum, column) => sum + column.uncompressed, 0),
    );
    thrift.i64(3, group.rows);
  });
  thrift.text(6, 'nunchi');
  // Bounds are ordered as the type says, without which readers ignore min_value and max_value.
  thrift.structList(7, schema, () => thrift.struct(1, () => {}));
  thrift.end();
  return thrift.bytes();
}
