import {
  type Column,
  type CompressedBlock,
  compressColumns,
  dictionaryColumn,
  type EventBlock,
  encoding,
  integerColumn,
  optionalText,
  ParquetWriter,
  pageType,
  segmentColumns,
} from '../parquet/writer.ts';
import { FieldColumn, isMissing } from './column.ts';
import { FieldScanner } from './json-scan.ts';

/** Rows in a row group: few and large, for such a file is read whole or not at all. */
const maxRows = 65_536;

/** The first columns of a fields file: those of a segment that name an event. */
const eventColumns = segmentColumns.slice(0, 5);

export interface FieldsFile {
  /** JSON pointers, as the columns are named. */
  readonly fields: readonly string[];
  readonly bytes: Uint8Array;
}

/**
 * Collects the rows of a segment again without their messages, with a column for each JSON field
 * that many of them have: a query that needs no more reads a twentieth of the bytes and parses none.
 */
export class FieldsFileBuilder {
  readonly #group: string;
  readonly #level: number;
  readonly #paths: readonly (readonly string[])[];
  readonly #scanner: FieldScanner;
  readonly #columns: readonly FieldColumn[];
  readonly #timesMs = new Float64Array(maxRows);
  readonly #ingestsMs = new Float64Array(maxRows);
  readonly #sequences = new Float64Array(maxRows);
  readonly #done: Promise<CompressedBlock>[] = [];
  #streams: string[] = [];
  #runs: number[] = [];
  #rows = 0;

  /** @param paths what a `FieldChooser` chose for the rows that will be added */
  constructor(group: string, paths: readonly (readonly string[])[], level: number) {
    this.#group = group;
    this.#level = level;
    this.#paths = paths;
    this.#scanner = new FieldScanner(this.#paths);
    this.#columns = this.#paths.map(() => new FieldColumn(maxRows));
  }

  /** True while at least one field is worth its column. */
  get isUseful(): boolean {
    return this.#columns.some((_, field) => this.#isSound(field));
  }

  #isSound(field: number): boolean {
    return this.#scanner.doubted[field] === 0 && !this.#columns[field]!.overflown;
  }

  add(block: EventBlock): void {
    if (!this.isUseful) return;
    if (this.#rows + block.rows > maxRows) this.#flush();
    const start = this.#rows;
    this.#timesMs.set(block.timesMs.subarray(0, block.rows), start);
    this.#ingestsMs.set(block.ingestsMs.subarray(0, block.rows), start);
    this.#sequences.set(block.sequences.subarray(0, block.rows), start);
    for (let i = 0; i < block.streamRuns.length; i += 2) {
      const stream = block.streams[block.streamRuns[i]!]!;
      if (this.#streams.at(-1) !== stream) {
        this.#streams.push(stream);
        this.#runs.push(this.#streams.length - 1, 0);
      }
      this.#runs[this.#runs.length - 1]! += block.streamRuns[i + 1]!;
    }
    const { messages } = block;
    const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
    const scanner = this.#scanner;
    const columns = this.#columns;
    scanner.use(messages);
    let at = 0;
    for (let row = start; row < start + block.rows; row++) {
      const end = at + 4 + view.getUint32(at, true);
      scanner.scan(at + 4, end);
      for (let field = 0; field < columns.length; field++) {
        columns[field]!.set(row, scanner, field, messages);
      }
      at = end;
    }
    this.#rows += block.rows;
  }

  #flush(): void {
    const rows = this.#rows;
    if (rows === 0) return;
    const columns = [
      dictionaryColumn([Buffer.from(this.#group)], [0, rows], rows),
      dictionaryColumn(
        this.#streams.map((name) => Buffer.from(name)),
        this.#runs,
        rows,
      ),
      integerColumn(this.#timesMs, rows),
      integerColumn(this.#ingestsMs, rows),
      integerColumn(this.#sequences, rows),
      ...this.#columns.map((column) => fieldColumn(column, rows)),
    ];
    const done = compressColumns(columns, rows, this.#level);
    // Awaited by finish(), if ever.
    done.catch(() => {});
    this.#done.push(done);
    this.#rows = 0;
    this.#streams = [];
    this.#runs = [];
  }

  /** The whole file; undefined where no field is both frequent and certain. */
  async finish(): Promise<FieldsFile | undefined> {
    if (!this.isUseful) return undefined;
    this.#flush();
    const sound = this.#paths.flatMap((_, field) => (this.#isSound(field) ? [field] : []));
    const fields = sound.map((field) => `/${this.#paths[field]!.join('/')}`);
    const writer = new ParquetWriter([...eventColumns, ...fields.map(optionalText)]);
    const pieces: Uint8Array[] = [writer.start()];
    const kept = [...eventColumns.keys(), ...sound.map((field) => field + eventColumns.length)];
    for (const { rows, columns, bodies, codecs } of await Promise.all(this.#done)) {
      pieces.push(
        ...writer.place({
          rows,
          columns: kept.map((index) => columns[index]!),
          bodies: kept.map((index) => bodies[index]!),
          codecs: kept.map((index) => codecs[index]!),
        }),
      );
    }
    pieces.push(writer.finish());
    return { fields, bytes: Buffer.concat(pieces) };
  }
}

function fieldColumn(column: FieldColumn, rows: number): Column {
  const { values, dictionary, indices } = column.take(rows);
  return {
    pages: [
      { type: pageType.dictionary, encoding: encoding.plain, values, body: dictionary },
      {
        type: pageType.data,
        encoding: encoding.rleDictionary,
        values: rows,
        body: encodeIndices(indices, values),
      },
    ],
    min: undefined,
    max: undefined,
  };
}

/** Definition levels (is there a value?) and after them the indices of the rows that have one. */
function encodeIndices(indices: Uint16Array, values: number): Uint8Array {
  const rows = indices.length;
  const width = Math.max(1, 32 - Math.clz32(Math.max(1, values) - 1));
  const out = new Uint8Array(32 + Math.ceil(rows / 8) + Math.ceil(rows / 8) * width);
  const present = new Uint16Array(rows);
  let found = 0;
  for (let row = 0; row < rows; row++) {
    const index = indices[row]!;
    if (!isMissing(index)) present[found++] = index;
  }
  let at = 4;
  if (found === rows || found === 0) {
    at = varint(out, at, rows * 2);
    out[at++] = found === 0 ? 0 : 1;
  } else {
    at = varint(out, at, Math.ceil(rows / 8) * 2 + 1);
    for (let row = 0; row < rows; row++) {
      if (!isMissing(indices[row]!)) out[at + (row >>> 3)]! |= 1 << (row & 7);
    }
    at += Math.ceil(rows / 8);
  }
  new DataView(out.buffer).setUint32(0, at - 4, true);
  out[at++] = width;
  if (found === 0) return out.subarray(0, at);
  if (values === 1) {
    at = varint(out, at, found * 2);
    out[at++] = 0;
    return out.subarray(0, at);
  }
  const groups = Math.ceil(found / 8);
  at = varint(out, at, groups * 2 + 1);
  // A run of packed values is whole groups of eight; the rest of the last group is zeros.
  const end = at + groups * width;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < found; i++) {
    bits |= present[i]! << held;
    held += width;
    while (held >= 8) {
      out[at++] = bits & 255;
      bits >>>= 8;
      held -= 8;
    }
  }
  if (held > 0) out[at] = bits & 255;
  return out.subarray(0, end);
}

function varint(out: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 128) {
    out[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}
