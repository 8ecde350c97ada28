import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { ByteWriter } from '../codec/bytes.ts';
import { histogramChunk, openChunk } from '../codec/chunk.ts';
import { encodeHistograms } from '../codec/histograms.ts';
import type { SeriesRef } from '../contract.ts';
import type { StoreCore } from '../core.ts';
import { byteOf, pageOf } from '../head/arena.ts';
import { chunkAt, payloadOf, setFile } from '../head/chunks.ts';
import { encodeLate } from '../head/late.ts';
import { numberedPath, syncDirectory, writeAll } from './files.ts';
import { encodeFrame } from './frames.ts';
import {
  type ChunkRecord,
  frameTypes,
  type RefExemplar,
  writeChunk,
  writeDeletion,
  writeExemplars,
  writeMetadata,
} from './records.ts';
import { writeSeries } from './series-record.ts';

/** Rows looked at between two turns of the event loop: a few milliseconds. */
const rowsPerTurn = 2000;
const frameBytes = 1024 * 1024;

/** A file of closed chunks. It goes when all of them are in blocks. */
export interface ChunkFile {
  readonly number: number;
  readonly maxTimeMs: number;
  readonly bytes: number;
}

/** What a checkpoint says about itself, JSON in its first frame. */
export interface CheckpointInfo {
  readonly version: 1;
  /** Files of the log before this one are not needed. */
  readonly logFrom: number;
  readonly minTimeMs: number | null;
  readonly nextRef: number;
  readonly chunkFiles: readonly ChunkFile[];
}

export interface Checkpoint {
  readonly number: number;
  readonly bytes: number;
  readonly info: CheckpointInfo;
}

/**
 * Writes what a start needs besides the log: the chunks that were closed since the last checkpoint
 * into a file that stays, and everything else of the head (series, open chunks, late samples,
 * deletions, exemplars, metadata) into a file that the next checkpoint replaces. Appends go on
 * meanwhile: what they add may be in here too, and replaying it again changes nothing.
 */
export async function writeCheckpoint(
  directory: string,
  core: StoreCore,
  number: number,
  logFrom: number,
  chunkFiles: readonly ChunkFile[],
): Promise<Checkpoint> {
  const { head } = core;
  const { table, arena } = head;
  const chunks = await FrameFile.create(numberedPath(directory, number, 'chunks'));
  const state = await FrameFile.create(`${numberedPath(directory, number, 'state')}.tmp`);
  const done: number[] = [];
  let maxTimeMs = Number.NEGATIVE_INFINITY;
  try {
    const info: CheckpointInfo = {
      version: 1,
      logFrom,
      minTimeMs: Number.isFinite(head.minTimeMs) ? head.minTimeMs : null,
      nextRef: table.nextRef,
      chunkFiles: [],
    };
    let series: SeriesRef[] = [];
    const open = new ByteWriter(64 * 1024);
    const addresses: number[] = [];
    const endTurn = async (): Promise<void> => {
      // Series stand before the chunks that refer to them.
      writeSeries(state.begin(frameTypes.series), series, table);
      series = [];
      await state.end();
      state.begin(frameTypes.chunks).copy(open.written());
      open.reset();
      await state.end();
      await chunks.end();
    };
    for (let row = 1; row < table.rows; row++) {
      if (row % rowsPerTurn === 0) {
        await endTurn();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const ref = table.ref[row]!;
      if (ref === 0) continue;
      // All of a series at one moment: a chunk that closes between two looks would be in neither.
      series.push(ref);
      addresses.length = 0;
      for (let address = table.lastChunk[row]!; address !== 0; ) {
        const chunk = chunkAt(arena, address);
        if (chunk.file !== 0) break;
        addresses.push(address);
        address = chunk.previous;
      }
      for (let at = addresses.length - 1; at >= 0; at--) {
        const address = addresses[at]!;
        const chunk = chunkAt(arena, address);
        const payload = payloadOf(arena, address, chunk.bytes);
        maxTimeMs = Math.max(maxTimeMs, chunk.maxTimeMs);
        writeChunk(chunks.begin(frameTypes.chunks), { ...chunk, ref, isLate: false, payload });
        done.push(address);
      }
      for (const chunk of openChunks(core, row)) writeChunk(open, chunk);
    }
    await endTurn();
    await writeRest(core, state);
    const chunkBytes = await chunks.finish();
    const files = [...chunkFiles];
    if (done.length > 0) files.push({ number, maxTimeMs, bytes: chunkBytes });
    else await rm(chunks.path, { force: true });
    const whole = { ...info, chunkFiles: files };
    state.begin(frameTypes.end).text(JSON.stringify(whole));
    const bytes = await state.finish();
    await rename(state.path, numberedPath(directory, number, 'state'));
    syncDirectory(directory);
    for (const address of done) setFile(arena, address, number);
    return { number, bytes, info: whole };
  } catch (error) {
    await chunks.abandon();
    await state.abandon();
    throw error;
  }
}

/** What is not in a file of closed chunks: the open chunk, open histograms, late samples. */
function* openChunks(core: StoreCore, row: number): Generator<ChunkRecord> {
  const { table, arena, samples, late } = core.head;
  const ref = table.ref[row]!;
  const count = table.openCount[row]!;
  if (table.openBytes[row] !== 0 && count > 0) {
    const address = table.openAddress[row]!;
    const start = byteOf(address);
    const view = arena.views[pageOf(address)]!;
    yield {
      ref,
      kind: openChunk,
      isLate: false,
      count,
      minTimeMs: new DataView(view.buffer, start, 8).getFloat64(0, true),
      maxTimeMs: table.lastTime[row]!,
      payload: view.subarray(start, start + table.openBytes[row]!),
    };
  }
  const open = samples.openHistograms.get(row);
  if (open !== undefined) {
    const out = new ByteWriter(4096);
    const times = Float64Array.from(open.timesMs);
    const starts =
      open.startTimesMs === undefined ? undefined : Float64Array.from(open.startTimesMs);
    encodeHistograms(out, times, open.histograms, starts, times.length);
    yield {
      ref,
      kind: histogramChunk,
      isLate: false,
      count: times.length,
      minTimeMs: times[0]!,
      maxTimeMs: times.at(-1)!,
      payload: out.written(),
    };
  }
  const lateSamples = late.get(row);
  if (lateSamples === undefined) return;
  for (let address = lateSamples.lastChunk; address !== 0; ) {
    const { previous, ...chunk } = chunkAt(arena, address);
    yield { ...chunk, ref, isLate: true, payload: payloadOf(arena, address, chunk.bytes) };
    address = previous;
  }
  for (const chunk of encodeLate(lateSamples)) yield { ...chunk, ref, isLate: true };
}

async function writeRest(core: StoreCore, state: FrameFile): Promise<void> {
  for (const [ref, ranges] of core.query.tombstones) {
    for (let at = 0; at < ranges.length; at += 2) {
      const [fromMs, toMs] = [ranges[at]!, ranges[at + 1]!];
      writeDeletion(state.begin(frameTypes.tombstones), { fromMs, toMs, refs: [ref] });
      await state.end();
    }
  }
  let exemplars: RefExemplar[] = [];
  const flush = async (): Promise<void> => {
    writeExemplars(state.begin(frameTypes.exemplars), exemplars);
    exemplars = [];
    await state.end();
  };
  for (const each of core.exemplars.all()) {
    if (exemplars.push(each) >= rowsPerTurn) await flush();
  }
  await flush();
  for (const [metric, list] of core.metadataOf()) {
    for (const metadata of list) {
      writeMetadata(state.begin(frameTypes.metadata), metric, metadata);
      await state.end();
    }
  }
}

/** A file that is written frame by frame, through a buffer. */
class FrameFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #out = new ByteWriter(64 * 1024);
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #type = 0;
  #at = 0;
  #isClosed = false;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<FrameFile> {
    return new FrameFile(path, await open(path, 'w'));
  }

  /** The open frame, which is of this type; records of one type may share a frame. */
  begin(type: number): ByteWriter {
    if (this.#out.at > 0 && (this.#type !== type || this.#out.at >= frameBytes)) this.#seal();
    this.#type = type;
    return this.#out;
  }

  /** Ends the frame, and writes when there is enough. */
  async end(): Promise<void> {
    this.#seal();
    if (this.#pendingBytes >= frameBytes) await this.#flush();
  }

  async finish(): Promise<number> {
    this.#seal();
    await this.#flush();
    await this.#file.datasync();
    await this.#file.close();
    this.#isClosed = true;
    return this.#at;
  }

  async abandon(): Promise<void> {
    if (!this.#isClosed) await this.#file.close().catch(() => {});
    this.#isClosed = true;
    await rm(this.path, { force: true }).catch(() => {});
  }

  #seal(): void {
    if (this.#out.at === 0) return;
    const pieces = encodeFrame(this.#type, [this.#out.written().slice()]);
    for (const piece of pieces) this.#pendingBytes += piece.length;
    this.#pieces.push(...pieces);
    this.#out.reset();
  }

  async #flush(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pendingBytes = 0;
    this.#at = await writeAll(this.#file, pieces, this.#at);
  }
}
