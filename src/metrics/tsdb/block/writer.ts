import { closeSync, fdatasyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { compareText, type Labels } from '#metrics/model';
import { ByteWriter } from '../codec/bytes.ts';
import { syncDirectory } from '../wal/files.ts';
import {
  type BlockMeta,
  chunksMagic,
  groupHeaderBytes,
  type IndexDirectory,
  indexMagic,
  type LabelColumn,
  pack,
  type Section,
  type Slice,
} from './format.ts';

/** Chunks are compressed together in groups of about so many bytes: what a query reads at once. */
const groupBytes = 128 * 1024;
const chunkLevel = 3;
const indexLevel = 3;
/** A label that fewer series than this share have is kept as a list of rows. */
const sparseShare = 1 / 8;

interface OpenSlice {
  minTimeMs: number;
  maxTimeMs: number;
  samples: number;
  readonly rows: GrowingInts;
  readonly payload: ByteWriter;
  readonly sizes: number[];
  readonly counts: number[];
  readonly kinds: number[];
  readonly groups: ByteWriter;
  firstOfGroup: number;
}

class GrowingInts {
  numbers = new Uint32Array(256);
  count = 0;

  push(value: number): void {
    if (this.count === this.numbers.length) {
      const larger = new Uint32Array(this.count * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.count++] = value;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.numbers.buffer, 0, this.count * 4);
  }
}

interface OpenLabel {
  readonly ids: Map<string, number>;
  readonly rows: GrowingInts;
  readonly values: GrowingInts;
}

/** What a finished block is, but for its place among others. */
export type BlockContent = Pick<
  BlockMeta,
  'minTimeMs' | 'maxTimeMs' | 'series' | 'samples' | 'chunks'
>;

/**
 * Writes a block into a folder. Series are added in label order, then the chunks of each, in any
 * slices. Works synchronously: it runs on a thread of its own.
 */
export class BlockWriter {
  readonly #directory: string;
  readonly #chunks: number;
  readonly #labels = new Map<string, OpenLabel>();
  readonly #slices = new Map<number, OpenSlice>();
  #offset = chunksMagic.length;
  #series = 0;
  #isOpen = true;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    this.#chunks = openSync(join(directory, 'chunks'), 'w');
    writeAllSync(this.#chunks, chunksMagic);
  }

  get series(): number {
    return this.#series;
  }

  /** @returns the row of the series */
  addSeries(labels: Labels): number {
    const row = this.#series++;
    for (let at = 0; at < labels.length; at += 2) {
      let label = this.#labels.get(labels[at]!);
      if (label === undefined) {
        label = { ids: new Map(), rows: new GrowingInts(), values: new GrowingInts() };
        this.#labels.set(labels[at]!, label);
      }
      const text = labels[at + 1]!;
      let id = label.ids.get(text);
      if (id === undefined) {
        id = label.ids.size;
        label.ids.set(text, id);
      }
      label.rows.push(row);
      label.values.push(id);
    }
    return row;
  }

  /** Adds a chunk of the newest series. Chunks of a slice must not go back in time. */
  addChunk(
    slice: number,
    row: number,
    kind: number,
    count: number,
    minTimeMs: number,
    maxTimeMs: number,
    payload: Uint8Array,
  ): void {
    const open = this.#slice(slice);
    open.minTimeMs = Math.min(open.minTimeMs, minTimeMs);
    open.maxTimeMs = Math.max(open.maxTimeMs, maxTimeMs);
    open.samples += count;
    open.rows.push(row);
    open.sizes.push(payload.length);
    open.counts.push(count);
    open.kinds.push(kind);
    open.payload.copy(payload);
    if (open.payload.at >= groupBytes) this.#endGroup(open);
  }

  /**
   * Adds a group as it is stored elsewhere. `rows` are those of its chunks here. Not to be mixed with
   * `addChunk` in one slice.
   */
  addGroup(
    slice: number,
    rows: ArrayLike<number>,
    stored: Uint8Array,
    group: { readonly rawSize: number; readonly crc: number },
  ): void {
    const open = this.#slice(slice);
    const first = open.rows.count;
    for (let at = 0; at < rows.length; at++) open.rows.push(rows[at]!);
    this.#putGroup(open, stored, group.rawSize, group.crc, first);
  }

  /** What a slice of whole groups holds. */
  describeSlice(slice: number, minTimeMs: number, maxTimeMs: number, samples: number): void {
    const open = this.#slice(slice);
    open.minTimeMs = Math.min(open.minTimeMs, minTimeMs);
    open.maxTimeMs = Math.max(open.maxTimeMs, maxTimeMs);
    open.samples += samples;
  }

  /** Ends the files and makes them durable; `meta.json` is written last. */
  finish(meta: (content: BlockContent) => BlockMeta): BlockMeta {
    for (const open of this.#slices.values()) if (open.sizes.length > 0) this.#endGroup(open);
    fdatasyncSync(this.#chunks);
    this.abandon();
    const content = this.#writeIndex();
    const whole = meta(content);
    const path = join(this.#directory, 'meta.json');
    writeFileSync(path, `${JSON.stringify(whole, null, 2)}\n`, { flush: true });
    syncDirectory(this.#directory);
    return whole;
  }

  /** Closes what is open; the folder is the caller's to remove. */
  abandon(): void {
    // Once: the number may be another file's by now.
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#chunks);
  }

  #slice(key: number): OpenSlice {
    let open = this.#slices.get(key);
    if (open === undefined) {
      open = {
        minTimeMs: Number.POSITIVE_INFINITY,
        maxTimeMs: Number.NEGATIVE_INFINITY,
        samples: 0,
        rows: new GrowingInts(),
        payload: new ByteWriter(16 * 1024),
        sizes: [],
        counts: [],
        kinds: [],
        groups: new ByteWriter(256),
        firstOfGroup: 0,
      };
      this.#slices.set(key, open);
    }
    return open;
  }

  #endGroup(open: OpenSlice): void {
    const chunks = open.sizes.length;
    const out = new ByteWriter(groupHeaderBytes(chunks) + open.payload.at);
    out.u32(chunks);
    for (const size of open.sizes) out.u32(size);
    for (const count of open.counts) out.u32(count);
    for (const kind of open.kinds) out.u8(kind);
    out.copy(open.payload.written());
    const packed = pack(out.written(), chunkLevel);
    this.#putGroup(open, packed.bytes, packed.rawSize, packed.crc, open.firstOfGroup);
    open.firstOfGroup = open.rows.count;
    open.sizes.length = 0;
    open.counts.length = 0;
    open.kinds.length = 0;
    open.payload.reset();
  }

  #putGroup(open: OpenSlice, bytes: Uint8Array, rawSize: number, crc: number, first: number): void {
    open.groups.f64(this.#offset);
    open.groups.u32(bytes.length);
    open.groups.u32(rawSize);
    open.groups.u32(crc);
    open.groups.u32(first);
    writeAllSync(this.#chunks, bytes);
    this.#offset += bytes.length;
  }

  #writeIndex(): BlockContent {
    const file = openSync(join(this.#directory, 'index'), 'w');
    try {
      writeAllSync(file, indexMagic);
      let offset = indexMagic.length;
      const put = (raw: Uint8Array): Section => {
        const { bytes, rawSize, crc } = pack(raw, indexLevel);
        writeAllSync(file, bytes);
        const section = { offset, size: bytes.length, rawSize, crc };
        offset += bytes.length;
        return section;
      };
      const names = [...this.#labels.keys()].sort(compareText);
      const labels = names.map((name) =>
        labelColumn(name, this.#labels.get(name)!, this.#series, put),
      );
      const slices: Slice[] = [...this.#slices.values()]
        .filter((open) => open.rows.count > 0)
        .sort((a, b) => a.minTimeMs - b.minTimeMs)
        .map((open) => ({
          minTimeMs: open.minTimeMs,
          maxTimeMs: open.maxTimeMs,
          samples: open.samples,
          chunks: open.rows.count,
          rows: put(deltas(open.rows)),
          groups: put(open.groups.written()),
        }));
      const directory: IndexDirectory = { version: 1, series: this.#series, labels, slices };
      const tail = pack(Buffer.from(JSON.stringify(directory)), indexLevel);
      const end = new ByteWriter(12);
      end.u32(tail.bytes.length);
      end.u32(tail.crc);
      end.copy(indexMagic);
      writeAllSync(file, tail.bytes);
      writeAllSync(file, end.written());
      fdatasyncSync(file);
      return {
        minTimeMs: Math.min(...slices.map((slice) => slice.minTimeMs)),
        maxTimeMs: Math.max(...slices.map((slice) => slice.maxTimeMs)),
        series: this.#series,
        samples: slices.reduce((sum, slice) => sum + slice.samples, 0),
        chunks: slices.reduce((sum, slice) => sum + slice.chunks, 0),
      };
    } finally {
      closeSync(file);
    }
  }
}

/** Rows grow by small steps, which compress better than the rows. */
function deltas(rows: GrowingInts): Uint8Array {
  const steps = new Uint32Array(rows.count);
  let last = 0;
  for (let at = 0; at < rows.count; at++) {
    steps[at] = rows.numbers[at]! - last;
    last = rows.numbers[at]!;
  }
  return new Uint8Array(steps.buffer);
}

function labelColumn(
  name: string,
  label: OpenLabel,
  series: number,
  put: (raw: Uint8Array) => Section,
): LabelColumn {
  const texts = [...label.ids.keys()];
  const order = texts.map((_, at) => at).sort((a, b) => compareText(texts[a]!, texts[b]!));
  const rank = new Uint32Array(texts.length);
  const out = new ByteWriter(1024);
  order.forEach((at, place) => {
    rank[at] = place + 1;
    out.text(texts[at]!);
  });
  const width = texts.length < 255 ? 1 : texts.length < 65_535 ? 2 : 4;
  const isSparse = label.rows.count < series * sparseShare;
  const ids =
    width === 1
      ? new Uint8Array(isSparse ? label.rows.count : series)
      : width === 2
        ? new Uint16Array(isSparse ? label.rows.count : series)
        : new Uint32Array(isSparse ? label.rows.count : series);
  for (let at = 0; at < label.rows.count; at++) {
    ids[isSparse ? at : label.rows.numbers[at]!] = rank[label.values.numbers[at]!]!;
  }
  return {
    name,
    values: texts.length,
    texts: put(out.written()),
    ids: put(new Uint8Array(ids.buffer)),
    width,
    rows: isSparse ? put(deltas(label.rows)) : undefined,
  };
}

export function writeAllSync(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done);
}
