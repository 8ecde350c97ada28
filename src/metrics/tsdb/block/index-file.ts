import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { compareText, type LabelMatcher, type Labels } from '#metrics/model';
import { ByteReader } from '../codec/bytes.ts';
import {
  damagedError,
  groupEntryBytes,
  type IndexDirectory,
  indexMagic,
  indexTailBytes,
  type LabelColumn,
  type Section,
  type Slice,
  unpack,
} from './format.ts';

/** Where the groups of a slice are, as columns. */
export interface SliceTable {
  readonly slice: Slice;
  /** Row of each chunk. */
  readonly rows: Uint32Array;
  /** Row i has chunk i and no other: no search is needed. */
  readonly isEven: boolean;
  readonly offsets: Float64Array;
  readonly sizes: Uint32Array;
  readonly rawSizes: Uint32Array;
  readonly crcs: Uint32Array;
  /** First chunk of each group, and the number of chunks at the end. */
  readonly firsts: Uint32Array;
}

/** Texts of a label, decoded when they are asked for. */
class Texts {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #texts: (string | undefined)[];

  constructor(bytes: Uint8Array, count: number) {
    this.#bytes = bytes;
    this.#starts = new Uint32Array(count);
    this.#texts = new Array(count);
    const reader = new ByteReader(bytes);
    for (let at = 0; at < count; at++) {
      this.#starts[at] = reader.at;
      const size = reader.uvarint();
      reader.at += size;
    }
  }

  get count(): number {
    return this.#starts.length;
  }

  get bytes(): number {
    return this.#bytes.length + this.#starts.length * 12;
  }

  text(at: number): string {
    let text = this.#texts[at];
    if (text === undefined) {
      text = new ByteReader(this.#bytes, this.#starts[at]!).text();
      this.#texts[at] = text;
    }
    return text;
  }

  /** Place of a text, -1: not there. */
  find(wanted: string): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareText(this.text(middle), wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.text(low) === wanted ? low : -1;
  }
}

interface OpenColumn {
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  readonly rows: Uint32Array | undefined;
}

/** The index of a block: labels by columns, read part by part when they are needed. */
export class BlockIndex {
  readonly directory: IndexDirectory;
  readonly path: string;
  /** Bytes in memory: about. */
  memoryBytes = 0;
  readonly #file: number;
  #texts = new Map<string, Texts>();
  #columns = new Map<string, OpenColumn>();
  #slices: (SliceTable | undefined)[] = [];

  private constructor(path: string, file: number, directory: IndexDirectory) {
    this.path = path;
    this.#file = file;
    this.directory = directory;
  }

  /** @throws {AppError} STORE_DAMAGED @throws what the file system says */
  static open(folder: string): BlockIndex {
    const path = join(folder, 'index');
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const tail = read(file, size - indexTailBytes, indexTailBytes);
      if (size < indexTailBytes || !tail.subarray(8).equals(indexMagic)) throw damagedError(path);
      const length = tail.readUInt32LE(0);
      const stored = read(file, size - indexTailBytes - length, length);
      // The length of what it becomes is not known here: zstd knows.
      const raw = unpack(
        stored,
        { size: length, rawSize: stored[0] === 0x7b ? length : -1, crc: tail.readUInt32LE(4) },
        path,
      );
      const directory = JSON.parse(Buffer.from(raw).toString('utf8')) as IndexDirectory;
      return new BlockIndex(path, file, directory);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Frees what was read; it is read again when it is needed. */
  forget(): void {
    this.#texts = new Map();
    this.#columns = new Map();
    this.#slices = [];
    this.memoryBytes = 0;
  }

  get series(): number {
    return this.directory.series;
  }

  labels(row: number): Labels {
    const labels: string[] = [];
    for (const column of this.directory.labels) {
      const id = idAt(this.#column(column), row);
      if (id > 0) labels.push(column.name, this.#textsOf(column).text(id - 1));
    }
    return labels;
  }

  /** Rows of the series that match, ascending, which is label order. */
  match(matchers: readonly LabelMatcher[]): Uint32Array {
    let rows: Uint32Array | undefined;
    // Texts before patterns: what they leave is less to test.
    const order = [...matchers].sort((a, b) => cost(a) - cost(b));
    for (const matcher of order) {
      const column = this.directory.labels.find(({ name }) => name === matcher.name);
      if (column === undefined) {
        if (matcher.matches('')) continue;
        return new Uint32Array(0);
      }
      const accepts = this.#accepted(column, matcher);
      const open = this.#column(column);
      rows = filterRows(rows, this.series, open, accepts);
      if (rows.length === 0) return rows;
    }
    return rows ?? Uint32Array.from({ length: this.series }, (_, row) => row);
  }

  labelNames(rows: Uint32Array | undefined): string[] {
    const names = this.directory.labels;
    if (rows === undefined) return names.map(({ name }) => name);
    return names
      .filter((column) => {
        const open = this.#column(column);
        return rows.some((row) => idAt(open, row) > 0);
      })
      .map(({ name }) => name);
  }

  labelValues(name: string, rows: Uint32Array | undefined): string[] {
    const column = this.directory.labels.find((each) => each.name === name);
    if (column === undefined) return [];
    const texts = this.#textsOf(column);
    if (rows === undefined) return Array.from({ length: texts.count }, (_, at) => texts.text(at));
    const open = this.#column(column);
    const seen = new Set<number>();
    for (const row of rows) seen.add(idAt(open, row));
    seen.delete(0);
    return Array.from(seen, (id) => texts.text(id - 1));
  }

  slice(at: number): SliceTable {
    let table = this.#slices[at];
    if (table === undefined) {
      table = this.#readSlice(this.directory.slices[at]!);
      this.#slices[at] = table;
    }
    return table;
  }

  #readSlice(slice: Slice): SliceTable {
    const rows = summed(this.#read(slice.rows));
    const raw = this.#read(slice.groups);
    const count = raw.length / groupEntryBytes;
    const offsets = new Float64Array(count);
    const sizes = new Uint32Array(count);
    const rawSizes = new Uint32Array(count);
    const crcs = new Uint32Array(count);
    const firsts = new Uint32Array(count + 1);
    const reader = new ByteReader(raw);
    for (let at = 0; at < count; at++) {
      offsets[at] = reader.f64();
      sizes[at] = reader.u32();
      rawSizes[at] = reader.u32();
      crcs[at] = reader.u32();
      firsts[at] = reader.u32();
    }
    firsts[count] = rows.length;
    const isEven = rows.length === this.series && rows.every((row, at) => row === at);
    return { slice, rows, isEven, offsets, sizes, rawSizes, crcs, firsts };
  }

  #accepted(column: LabelColumn, matcher: LabelMatcher): Uint8Array {
    const texts = this.#textsOf(column);
    const accepts = new Uint8Array(column.values + 1);
    accepts[0] = matcher.matches('') ? 1 : 0;
    const literals =
      matcher.operator === '='
        ? [matcher.value]
        : matcher.operator === '=~'
          ? matcher.pattern?.literals
          : undefined;
    if (literals !== undefined) {
      for (const literal of literals) accepts[texts.find(literal) + 1] ||= literal === '' ? 0 : 1;
      accepts[0] = matcher.matches('') ? 1 : 0;
      return accepts;
    }
    for (let at = 0; at < texts.count; at++)
      accepts[at + 1] = matcher.matches(texts.text(at)) ? 1 : 0;
    return accepts;
  }

  #textsOf(column: LabelColumn): Texts {
    let texts = this.#texts.get(column.name);
    if (texts === undefined) {
      texts = new Texts(this.#read(column.texts), column.values);
      this.#texts.set(column.name, texts);
      this.memoryBytes += texts.bytes;
    }
    return texts;
  }

  #column(column: LabelColumn): OpenColumn {
    let open = this.#columns.get(column.name);
    if (open === undefined) {
      const raw = this.#read(column.ids);
      const copy = new Uint8Array(raw);
      const ids =
        column.width === 1
          ? copy
          : column.width === 2
            ? new Uint16Array(copy.buffer, 0, copy.length / 2)
            : new Uint32Array(copy.buffer, 0, copy.length / 4);
      open = { ids, rows: column.rows === undefined ? undefined : summed(this.#read(column.rows)) };
      this.#columns.set(column.name, open);
    }
    return open;
  }

  #read(section: Section): Uint8Array {
    const stored = read(this.#file, section.offset, section.size);
    const raw = unpack(stored, section, this.path);
    this.memoryBytes += raw.length;
    return raw;
  }
}

/** Chunks of a row: first place and the one after the last. */
export function placesOf(table: SliceTable, row: number): [from: number, to: number] {
  if (table.isEven) return [row, row + 1];
  const { rows } = table;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < rows.length && rows[end] === row) end++;
  return [low, end];
}

/** The group that holds a chunk. */
export function groupOf(table: SliceTable, place: number): number {
  const { firsts } = table;
  let low = 0;
  let high = firsts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (firsts[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

const cost = (matcher: LabelMatcher): number =>
  matcher.operator === '=' ? (matcher.value === '' ? 2 : 0) : matcher.operator === '!=' ? 3 : 1;

function idAt({ ids, rows }: OpenColumn, row: number): number {
  if (rows === undefined) return ids[row]!;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low < rows.length && rows[low] === row ? ids[low]! : 0;
}

function filterRows(
  rows: Uint32Array | undefined,
  series: number,
  column: OpenColumn,
  accepts: Uint8Array,
): Uint32Array {
  const kept = new Uint32Array(rows?.length ?? series);
  let count = 0;
  if (rows !== undefined) {
    for (const row of rows) if (accepts[idAt(column, row)] === 1) kept[count++] = row;
  } else if (column.rows !== undefined && accepts[0] === 0) {
    for (let at = 0; at < column.rows.length; at++) {
      if (accepts[column.ids[at]!] === 1) kept[count++] = column.rows[at]!;
    }
  } else {
    for (let row = 0; row < series; row++) {
      if (accepts[idAt(column, row)] === 1) kept[count++] = row;
    }
  }
  return kept.slice(0, count);
}

function summed(steps: Uint8Array): Uint32Array {
  // A copy of its own: a Buffer may begin anywhere.
  const rows = new Uint32Array(new Uint8Array(steps).buffer);
  for (let at = 1; at < rows.length; at++) rows[at]! += rows[at - 1]!;
  return rows;
}

export function read(file: number, offset: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, size));
  let done = 0;
  while (done < bytes.length) {
    const some = readSync(file, bytes, done, bytes.length - done, offset + done);
    if (some === 0) return bytes.subarray(0, done);
    done += some;
  }
  return bytes;
}
