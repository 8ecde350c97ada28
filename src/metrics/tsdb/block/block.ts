import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import { AppError } from '#base';
import { formatMatcher, type LabelMatcher } from '#metrics/model';
import type { BlockInfo } from '../contract.ts';
import { FoundCache, FoundSeries, type SelectPart } from '../select/found.ts';
import type { SourceList } from '../select/sources.ts';
import { writeDurable } from '../wal/files.ts';
import { type BlockMeta, damagedError } from './format.ts';
import { type GroupCache, type LoadedGroup, loadGroup } from './groups.ts';
import { BlockIndex, groupOf, placesOf, type SliceTable } from './index-file.ts';

/** Groups of one selection that are read at once. */
const parallelReads = 8;
/** What one selection may hold in memory; more is a question too wide. */
const maxSelectedBytes = 2 * 1024 ** 3;

/** Series of selectors that a block remembers: there are many blocks. */
const maxFoundSeries = 20_000;

const inflate = promisify(zstdDecompress);

/** Deleted ranges by row: from and to alternating, inclusive. */
export type Tombstones = ReadonlyMap<number, readonly number[]>;

/** A block that queries read. Disposed of when it was replaced and its last reader is gone. */
export class Block {
  readonly meta: BlockMeta;
  readonly folder: string;
  readonly index: BlockIndex;
  readonly sizeBytes: number;
  tombstones: Map<number, number[]>;
  readonly #file: FileHandle;
  readonly #cache: GroupCache;
  #found = new FoundCache(maxFoundSeries);
  #readers = 0;
  #onUnused: (() => void) | undefined;

  private constructor(
    meta: BlockMeta,
    folder: string,
    index: BlockIndex,
    file: FileHandle,
    cache: GroupCache,
    sizeBytes: number,
    tombstones: Map<number, number[]>,
  ) {
    this.meta = meta;
    this.folder = folder;
    this.index = index;
    this.#file = file;
    this.#cache = cache;
    this.sizeBytes = sizeBytes;
    this.tombstones = tombstones;
  }

  /** @throws {AppError} STORE_DAMAGED @throws what the file system says */
  static async open(
    folder: string,
    meta: BlockMeta,
    cache: GroupCache,
    sizeBytes: number,
  ): Promise<Block> {
    const index = BlockIndex.open(folder);
    try {
      const tombstones = readTombstones(folder);
      const file = await open(join(folder, 'chunks'), 'r');
      return new Block(meta, folder, index, file, cache, sizeBytes, tombstones);
    } catch (error) {
      index.close();
      throw error;
    }
  }

  get info(): BlockInfo {
    const { id, minTimeMs, maxTimeMs, series, samples, level } = this.meta;
    return { id, minTimeMs, maxTimeMs, series, samples, level, sizeBytes: this.sizeBytes };
  }

  overlaps(fromMs: number, toMs: number): boolean {
    return this.meta.minTimeMs <= toMs && this.meta.maxTimeMs >= fromMs;
  }

  find(matchers: readonly LabelMatcher[]): FoundSeries {
    const key = matchers.map(formatMatcher).join(',');
    return this.#found.get(
      key,
      0,
      () => new FoundSeries(this.index.match(matchers), (row) => this.index.labels(row)),
    );
  }

  /** Undefined: all rows. */
  rowsOfAny(sets: readonly (readonly LabelMatcher[])[]): Uint32Array | undefined {
    if (sets.length === 0) return undefined;
    const [only] = sets;
    if (only !== undefined && sets.length === 1) return this.find(only).ids;
    const rows = new Set<number>();
    for (const matchers of sets) for (const row of this.find(matchers).ids) rows.add(row);
    return Uint32Array.from(rows).sort();
  }

  /** Frees what was read of the index; it is read again when it is needed. */
  forget(): void {
    this.index.forget();
    this.#found = new FoundCache(maxFoundSeries);
  }

  /** A reader begins: the files stay until what is returned was called. */
  enter(): () => void {
    this.#readers++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      if (--this.#readers === 0) this.#onUnused?.();
    };
  }

  /** Runs `then` once nobody reads any more, and closes the files. */
  async retire(then: () => Promise<void>): Promise<void> {
    if (this.#readers > 0) await new Promise<void>((resolve) => (this.#onUnused = resolve));
    this.index.close();
    await this.#file.close();
    this.#cache.removeAll(this.#key(''));
    await then();
  }

  /**
   * Reads what a selection needs.
   * @throws {AppError} STORE_DAMAGED, QUERY_TOO_LARGE
   */
  async load(
    found: FoundSeries,
    fromMs: number,
    toMs: number,
    signal: AbortSignal,
  ): Promise<SelectPart> {
    const { slices } = this.index.directory;
    const loaded: LoadedSlice[] = [];
    const wanted: { readonly table: SliceTable; readonly group: number; into: LoadedSlice }[] = [];
    let bytes = 0;
    for (let at = 0; at < slices.length; at++) {
      const { minTimeMs, maxTimeMs } = slices[at]!;
      if (minTimeMs > toMs || maxTimeMs < fromMs) continue;
      const table = this.index.slice(at);
      const into: LoadedSlice = { table, groups: new Map() };
      loaded.push(into);
      let last = -1;
      for (const row of found.ids) {
        const [from, to] = placesOf(table, row);
        for (let place = from; place < to; place++) {
          // Rows ascend, and so do their groups.
          if (last >= 0 && place < table.firsts[last + 1]!) continue;
          last = groupOf(table, place);
          wanted.push({ table, group: last, into });
          bytes += table.rawSizes[last]!;
        }
      }
    }
    if (bytes > maxSelectedBytes) {
      throw new AppError('QUERY_TOO_LARGE', `The query would read ${bytes} bytes of samples`, {
        hint: `Ask for fewer series or a shorter time; at most ${maxSelectedBytes} bytes are read`,
      });
    }
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < wanted.length) {
        signal.throwIfAborted();
        const { table, group, into } = wanted[next++]!;
        into.groups.set(group, await this.#group(table, group));
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallelReads, wanted.length) }, worker));
    return {
      found,
      collect: (row, into) => collectRow(loaded, row, into),
      tombstones: (row) => this.tombstones.get(row),
    };
  }

  async saveTombstones(tombstones: Map<number, number[]>): Promise<void> {
    await writeTombstones(this.folder, tombstones);
    this.tombstones = tombstones;
  }

  #key(rest: string): string {
    return `${this.meta.id}:${rest}`;
  }

  async #group(table: SliceTable, group: number): Promise<LoadedGroup> {
    const offset = table.offsets[group]!;
    const key = this.#key(String(offset));
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const size = table.sizes[group]!;
    const stored = Buffer.allocUnsafe(size);
    const { bytesRead } = await this.#file.read(stored, 0, size, offset);
    const path = join(this.folder, 'chunks');
    if (bytesRead !== size || crc32(stored) !== table.crcs[group]) throw damagedError(path);
    const raw = size === table.rawSizes[group] ? stored : await inflate(stored);
    const loaded = loadGroup(raw);
    this.#cache.put(key, loaded);
    return loaded;
  }
}

export interface LoadedSlice {
  readonly table: SliceTable;
  readonly groups: Map<number, LoadedGroup>;
}

/** Numbers of buffers by list, so that a group stands in a selection once. */
const bufferNumbers = new WeakMap<SourceList, Map<SharedArrayBuffer, number>>();

export function collectRow(slices: readonly LoadedSlice[], row: number, into: SourceList): void {
  let numbers = bufferNumbers.get(into);
  if (numbers === undefined) {
    numbers = new Map();
    bufferNumbers.set(into, numbers);
  }
  for (const { table, groups } of slices) {
    const [from, to] = placesOf(table, row);
    for (let place = from; place < to; place++) {
      const number = groupOf(table, place);
      const group = groups.get(number);
      if (group === undefined) continue;
      let buffer = numbers.get(group.buffer);
      if (buffer === undefined) {
        buffer = into.buffers.push(group.buffer) - 1;
        numbers.set(group.buffer, buffer);
      }
      const chunk = place - table.firsts[number]!;
      const start = group.starts[chunk]!;
      const size = group.starts[chunk + 1]! - start;
      into.add(buffer, start, size, group.counts[chunk]!, group.kinds[chunk]!, false);
    }
  }
}

/** `tombstones.json`: `[[row, [from, to, …]], …]`. */
export function readTombstones(folder: string): Map<number, number[]> {
  let text: string;
  try {
    text = readFileSync(join(folder, 'tombstones.json'), 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    return new Map(JSON.parse(text) as [number, number[]][]);
  } catch (error) {
    throw damagedError(join(folder, 'tombstones.json'), error);
  }
}

async function writeTombstones(folder: string, tombstones: Tombstones): Promise<void> {
  const { rename } = await import('node:fs/promises');
  const path = join(folder, 'tombstones.json');
  await writeDurable(`${path}.tmp`, Buffer.from(JSON.stringify([...tombstones])));
  await rename(`${path}.tmp`, path);
}
