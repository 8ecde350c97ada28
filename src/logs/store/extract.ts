import { type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot } from './fresh.ts';
import { type BlockPlace, blockPlaces } from './parquet/reader.ts';
import { ParquetWriter } from './parquet/writer.ts';
import type { SegmentState } from './state.ts';

/**
 * A rare text leaves a few blocks in each of many segments. The engine would open every segment and
 * look at the bounds of every row group: instead the blocks are copied, as they are, into one small
 * file. Above this many blocks (some 100 KB each) copying costs more than it saves.
 */
const maxBlocks = 128;
/** Segments read at once. */
const maxReads = 8;
/** Places of blocks kept between queries: some 2 KB each. */
const maxCachedBlocks = 4096;
const footerBytesGuess = 64 * 1024;

export interface ExtractJob {
  readonly segment: SegmentState;
  readonly blocks: readonly number[];
}

/** Blocks of several segments of one group in a file of their own. */
export interface Extract {
  readonly segments: ReadonlySet<SegmentState>;
  /** Undefined: none of the segments has a wanted block. */
  readonly file: Snapshot | undefined;
}

/** Where the blocks of the segments read last begin. */
export class BlockPlaces {
  readonly #places = new Map<number, readonly BlockPlace[]>();
  #blocks = 0;

  async of(segment: SegmentState, file: FileHandle): Promise<readonly BlockPlace[]> {
    const known = this.#places.get(segment.id);
    if (known !== undefined) return known;
    const { size } = await file.stat();
    const guess = Math.min(size, footerBytesGuess);
    let tail = await readAt(file, size - guess, guess);
    const needed = tail.length < 8 ? 0 : tail.readUInt32LE(tail.length - 8) + 8;
    if (needed > guess && needed <= size) tail = await readAt(file, size - needed, needed);
    const places = blockPlaces(tail, size);
    if (this.#places.has(segment.id)) return places;
    this.#places.set(segment.id, places);
    this.#blocks += places.length;
    for (const [oldest, { length }] of this.#places) {
      if (this.#blocks <= maxCachedBlocks || oldest === segment.id) break;
      this.#places.delete(oldest);
      this.#blocks -= length;
    }
    return places;
  }
}

/**
 * Undefined where the engine had better read the segments themselves. A segment that cannot be read
 * is left out: the engine meets it and tells.
 */
export async function extractBlocks(
  jobs: readonly ExtractJob[],
  places: BlockPlaces,
  path: { readonly directory: string; readonly nextId: () => number },
): Promise<Extract | undefined> {
  const blocks = jobs.reduce((sum, job) => sum + job.blocks.length, 0);
  if (jobs.length < 2 || blocks > maxBlocks) return undefined;
  const read = new Map<SegmentState, readonly { place: BlockPlace; bytes: Buffer }[]>();
  const waiting = jobs.toReversed();
  const next = async (): Promise<void> => {
    for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) {
      try {
        read.set(job.segment, await readJob(job, places));
      } catch {
        // The usual way finds out what is wrong with the file.
      }
    }
  };
  await Promise.all(Array.from({ length: maxReads }, next));
  const writer = new ParquetWriter();
  const pieces: Uint8Array[] = [writer.start()];
  let rows = 0;
  let bytes = 0;
  let minMs = Number.POSITIVE_INFINITY;
  let maxMs = Number.NEGATIVE_INFINITY;
  for (const [segment, found] of read) {
    for (const { place, bytes: block } of found) {
      pieces.push(writer.copy(block, place));
      rows += place.rows;
      bytes += place.messageBytes;
    }
    if (found.length === 0) continue;
    minMs = Math.min(minMs, segment.minMs);
    maxMs = Math.max(maxMs, segment.maxMs);
  }
  const segments = new Set(read.keys());
  if (rows === 0) return { segments, file: undefined };
  pieces.push(writer.finish());
  const target = join(path.directory, `${path.nextId()}.parquet`);
  try {
    await writeFile(target, Buffer.concat(pieces));
  } catch {
    // No room for it: the engine reads the segments.
    await rm(target, { force: true });
    return undefined;
  }
  // Nobody else is offered this file: it goes with its one user.
  return { segments, file: { path: target, rows, bytes, minMs, maxMs, users: 0, retired: true } };
}

async function readJob(
  { segment, blocks }: ExtractJob,
  places: BlockPlaces,
): Promise<readonly { place: BlockPlace; bytes: Buffer }[]> {
  if (blocks.length === 0) return [];
  const file = await open(segment.path, 'r');
  try {
    const all = await places.of(segment, file);
    return await Promise.all(
      blocks.map(async (index) => {
        const place = all[index];
        if (place === undefined) throw new Error('The filter names a block that does not exist');
        const bytes = await readAt(file, place.start, place.end - place.start);
        if (bytes.length < place.end - place.start) throw new Error('The segment is cut short');
        return { place, bytes };
      }),
    );
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
