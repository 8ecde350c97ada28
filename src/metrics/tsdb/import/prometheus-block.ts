import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#base';
import type { Labels } from '#metrics/model';
import { read } from '../block/index-file.ts';
import { ByteReader } from '../codec/bytes.ts';

const indexMagic = 0xbaaad700;
const chunksMagic = 0x85bd40dd;
const tombstonesMagic = 0x0130ba30;
const tocBytes = 52;
/** Entries of the series section begin at multiples of this. */
const seriesAlignment = 16;

export interface PrometheusChunk {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** 1 XOR, 2 and 3 histograms. */
  readonly encoding: number;
  readonly data: Uint8Array;
}

/**
 * A block of Prometheus, read series by series in label order.
 * Source: `tsdb/docs/format/{index,chunks,tombstones}.md` of Prometheus; index versions 1 and 2.
 */
export class PrometheusBlock {
  readonly folder: string;
  readonly #index: Buffer;
  readonly #symbols: string[] = [];
  readonly #symbolsByOffset = new Map<number, string>();
  readonly #version: number;
  readonly #seriesFrom: number;
  readonly #seriesTo: number;
  readonly #files: number[] = [];
  readonly #tombstones: ReadonlyMap<number, number[]>;

  /** @throws {AppError} IMPORT_INVALID */
  constructor(folder: string) {
    this.folder = folder;
    const index = readFileSync(join(folder, 'index'));
    this.#index = index;
    if (index.length < tocBytes + 5 || index.readUInt32BE(0) !== indexMagic) {
      throw this.#invalid('index', 'it does not begin as an index of Prometheus does');
    }
    this.#version = index[4]!;
    if (this.#version !== 1 && this.#version !== 2) {
      throw this.#invalid('index', `version ${this.#version}; 1 and 2 are known`);
    }
    const toc = index.length - tocBytes;
    const section = (at: number): number => Number(index.readBigUInt64BE(toc + at * 8));
    this.#readSymbols(section(0));
    this.#seriesFrom = section(1);
    // The first section behind the series.
    this.#seriesTo = Math.min(
      ...[2, 3, 4, 5].map(section).filter((offset) => offset > this.#seriesFrom),
      toc,
    );
    for (const name of readdirSync(join(folder, 'chunks')).sort()) {
      const file = openSync(join(folder, 'chunks', name), 'r');
      this.#files.push(file);
      if (read(file, 0, 8).readUInt32BE(0) !== chunksMagic) {
        throw this.#invalid(`chunks/${name}`, 'it does not begin as chunks of Prometheus do');
      }
    }
    this.#tombstones = this.#readTombstones();
  }

  /** Bytes of the series section, for progress. */
  get seriesBytes(): number {
    return this.#seriesTo - this.#seriesFrom;
  }

  close(): void {
    for (const file of this.#files.splice(0)) closeSync(file);
  }

  *series(): Generator<{
    readonly labels: Labels;
    readonly chunks: readonly PrometheusChunk[];
    readonly deleted: readonly number[];
    readonly doneBytes: number;
  }> {
    const reader = new ByteReader(this.#index);
    let at = this.#seriesFrom;
    for (;;) {
      at = Math.ceil(at / seriesAlignment) * seriesAlignment;
      if (at >= this.#seriesTo) return;
      reader.at = at;
      const length = reader.uvarint();
      if (length === 0) return;
      const end = reader.at + length;
      if (end > this.#seriesTo) throw this.#invalid('index', `a series at ${at} has no end`);
      const ref = this.#version === 2 ? at / seriesAlignment : at;
      const labels: string[] = [];
      for (let left = reader.uvarint(); left > 0; left--) {
        labels.push(this.#symbol(reader.uvarint()), this.#symbol(reader.uvarint()));
      }
      const chunks: PrometheusChunk[] = [];
      const count = reader.uvarint();
      let minTimeMs = 0;
      let maxTimeMs = 0;
      let place = 0;
      for (let chunk = 0; chunk < count; chunk++) {
        minTimeMs = chunk === 0 ? reader.varint() : maxTimeMs + reader.uvarint();
        maxTimeMs = minTimeMs + reader.uvarint();
        place = chunk === 0 ? reader.uvarint() : place + reader.varint();
        chunks.push({ minTimeMs, maxTimeMs, ...this.#chunk(place) });
      }
      at = end + 4;
      const deleted = this.#tombstones.get(ref) ?? [];
      yield { labels, chunks, deleted, doneBytes: at - this.#seriesFrom };
    }
  }

  #chunk(place: number): Pick<PrometheusChunk, 'encoding' | 'data'> {
    const file = this.#files[Math.floor(place / 2 ** 32)];
    const offset = place % 2 ** 32;
    if (file === undefined) throw this.#invalid('index', `a chunk at ${place} has no file`);
    const { size } = fstatSync(file);
    // Most chunks are smaller: one read gives length and content.
    let bytes = read(file, offset, Math.min(1024, size - offset));
    const reader = new ByteReader(bytes);
    const length = reader.uvarint();
    const start = reader.at;
    if (offset + start + 1 + length > size) {
      throw this.#invalid('chunks', `a chunk at ${offset} reaches beyond its file`);
    }
    if (start + 1 + length > bytes.length) bytes = read(file, offset, start + 1 + length);
    return { encoding: bytes[start]!, data: bytes.subarray(start + 1, start + 1 + length) };
  }

  #readSymbols(offset: number): void {
    const reader = new ByteReader(this.#index, offset + 8);
    const count = this.#index.readUInt32BE(offset + 4);
    for (let at = 0; at < count; at++) {
      const place = reader.at;
      const text = reader.text();
      this.#symbols.push(text);
      if (this.#version === 1) this.#symbolsByOffset.set(place, text);
    }
  }

  #symbol(number: number): string {
    const text = this.#version === 2 ? this.#symbols[number] : this.#symbolsByOffset.get(number);
    if (text === undefined) throw this.#invalid('index', `symbol ${number} is missing`);
    return text;
  }

  #readTombstones(): Map<number, number[]> {
    const ranges = new Map<number, number[]>();
    const path = join(this.folder, 'tombstones');
    if (!existsSync(path)) return ranges;
    const bytes = readFileSync(path);
    if (bytes.length < 9 || bytes.readUInt32BE(0) !== tombstonesMagic) return ranges;
    const reader = new ByteReader(bytes, 5);
    while (reader.at < bytes.length - 4) {
      const ref = reader.uvarint();
      const range = [reader.varint(), reader.varint()];
      ranges.set(ref, [...(ranges.get(ref) ?? []), ...range]);
    }
    return ranges;
  }

  #invalid(file: string, reason: string): AppError {
    return new AppError('IMPORT_INVALID', `${join(this.folder, file)}: ${reason}`, {
      hint: 'The folder must be a block of Prometheus 2 or 3, whole and not being written',
    });
  }
}
