import { copyFile, mkdir, readdir, rm, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from '#base';
import { ByteReader } from '../codec/bytes.ts';
import { SampleBatch, type SeriesRef } from '../contract.ts';
import type { StoreCore } from '../core.ts';
import { storeChunk } from '../head/chunks.ts';
import { LateSamples } from '../head/late.ts';
import { hasLateSamples } from '../head/table.ts';
import type { Checkpoint, CheckpointInfo, ChunkFile } from './checkpoint.ts';
import { numberedFiles, numberedPath } from './files.ts';
import { type FrameScan, newScan, readFrames } from './frames.ts';
import {
  type ChunkRecord,
  frameTypes,
  readChunks,
  readDeletion,
  readExemplars,
  readMetadata,
  readSamples,
} from './records.ts';
import { loadSeries } from './series-record.ts';

export interface Restored {
  readonly checkpoint: Checkpoint | undefined;
  /** Files of the log and their sizes. */
  readonly segments: Map<number, number>;
  readonly nextSegment: number;
  readonly nextCheckpoint: number;
  readonly samples: number;
  /** Places where the files were damaged. */
  readonly corruptions: number;
}

export type Progress = (segment: number, first: number, last: number) => void;

/**
 * Builds the head from the newest whole checkpoint and the log behind it. A torn tail is cut, damage
 * in the middle is copied aside and stepped over, and what is whole is kept.
 *
 * @param signal ends it between two frames; what is on disk stays as it is
 * @param minTimeMs what is before it in order is in blocks
 */
export async function restoreHead(
  directory: string,
  core: StoreCore,
  minTimeMs: number,
  log: Logger,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<Restored> {
  const replay = new Replay(core);
  const headDirectory = join(directory, 'head');
  const logDirectory = join(directory, 'wal');
  const damaged = new Damaged(join(directory, 'damaged'), log);
  await removeLeftovers(headDirectory);
  core.head.minTimeMs = minTimeMs;
  const checkpoint = await loadCheckpoint(headDirectory, replay, damaged, log);
  signal.throwIfAborted();
  const numbers = await numberedFiles(logDirectory, 'wal');
  const wanted = numbers.filter((number) => number >= (checkpoint?.info.logFrom ?? 0));
  const segments = new Map<number, number>();
  let samples = 0;
  const first = wanted[0] ?? 0;
  const last = wanted.at(-1) ?? 0;
  for (const number of numbers) {
    const path = numberedPath(logDirectory, number, 'wal');
    if (!wanted.includes(number)) {
      await rm(path, { force: true });
      continue;
    }
    onProgress(number, first, last);
    const scan = newScan();
    for await (const { type, payload } of readFrames(path, 0, scan)) {
      signal.throwIfAborted();
      samples += replay.frame(type, payload);
    }
    await damaged.report(path, scan);
    segments.set(number, scan.soundBytes);
  }
  const checkpoints = await numberedFiles(headDirectory, 'state');
  return {
    checkpoint,
    segments,
    nextSegment: Math.max(last + 1, checkpoint?.info.logFrom ?? 1),
    nextCheckpoint: Math.max(0, ...checkpoints, checkpoint?.number ?? 0) + 1,
    samples,
    corruptions: damaged.count,
  };
}

/** Applies frames to the head. */
class Replay {
  readonly core: StoreCore;
  readonly #batch = new SampleBatch();
  /** Numbers of series that were forgotten and came again under another number. */
  readonly #aliases = new Map<SeriesRef, SeriesRef>();

  constructor(core: StoreCore) {
    this.core = core;
  }

  /** @returns samples in the frame */
  frame(type: number, payload: Buffer): number {
    const { core } = this;
    const { head } = core;
    switch (type) {
      case frameTypes.samples: {
        const batch = this.#batch;
        readSamples(payload, batch);
        if (this.#aliases.size > 0) {
          for (let at = 0; at < batch.length; at++) batch.refs[at] = this.#live(batch.refs[at]!);
        }
        head.replay(batch);
        return batch.length;
      }
      case frameTypes.series:
        this.#series(payload);
        return 0;
      case frameTypes.exemplars:
        for (const { ref, exemplar } of readExemplars(payload)) {
          const live = this.#live(ref);
          if (head.table.row(live) !== 0) core.exemplars.add(live, exemplar);
        }
        return 0;
      case frameTypes.metadata:
        core.metadata.set(...readMetadata(payload));
        return 0;
      case frameTypes.tombstones: {
        const { refs, fromMs, toMs } = readDeletion(payload);
        core.hide(
          refs.map((ref) => this.#live(ref)),
          fromMs,
          toMs,
        );
        return 0;
      }
      case frameTypes.chunks:
        readChunks(payload, (chunk) => this.chunk(chunk, 0));
        return 0;
      default:
        return 0;
    }
  }

  /** @param file that holds the chunk and stays, 0: none */
  chunk(chunk: ChunkRecord, file: number): void {
    const { head } = this.core;
    const { table, samples, arena } = head;
    const row = table.row(chunk.ref);
    if (row === 0) return;
    const { kind, count, minTimeMs, maxTimeMs, payload } = chunk;
    if (!chunk.isLate) {
      if (maxTimeMs < head.minTimeMs) return;
      samples.addChunk(row, kind, count, minTimeMs, maxTimeMs, payload, file);
      head.chunkLoaded(row, minTimeMs, maxTimeMs);
      return;
    }
    const late = head.late.get(row) ?? new LateSamples();
    head.late.set(row, late);
    table.flags[row]! |= hasLateSamples;
    const { lastChunk: previous } = late;
    late.lastChunk = storeChunk(arena, { previous, count, kind, minTimeMs, maxTimeMs }, payload);
    head.lateChunks++;
  }

  #series(payload: Buffer): void {
    const { table } = this.core.head;
    const isNew = (ref: SeriesRef): boolean => {
      table.nextRef = Math.max(table.nextRef, ref + 1);
      return table.row(ref) === 0;
    };
    loadSeries(payload, table, isNew, (ref, row) => {
      const known = table.ref[row]!;
      if (known !== ref) this.#aliases.set(ref, known);
    });
  }

  #live(ref: SeriesRef): SeriesRef {
    return this.#aliases.get(ref) ?? ref;
  }
}

async function loadCheckpoint(
  directory: string,
  replay: Replay,
  damaged: Damaged,
  log: Logger,
): Promise<Checkpoint | undefined> {
  const { core } = replay;
  const numbers = await numberedFiles(directory, 'state');
  for (const number of numbers.reverse()) {
    const path = numberedPath(directory, number, 'state');
    const info = await readInfo(path);
    if (info === undefined) {
      log.error('A checkpoint is damaged, an older one is used', { path });
      damaged.count++;
      continue;
    }
    core.head.minTimeMs = Math.max(core.head.minTimeMs, info.minTimeMs ?? Number.NEGATIVE_INFINITY);
    const scan = newScan();
    // Series first, then chunks in order of time: those in files of their own, then the open ones.
    for await (const { type, payload } of readFrames(path, 0, scan)) {
      if (type === frameTypes.series) replay.frame(type, payload);
    }
    for (const file of info.chunkFiles) await loadChunkFile(directory, replay, file, damaged);
    for await (const { type, payload } of readFrames(path, 0, newScan())) {
      if (type !== frameTypes.series) replay.frame(type, payload);
    }
    core.head.table.nextRef = Math.max(core.head.table.nextRef, info.nextRef);
    await damaged.report(path, scan);
    await keepOnly(directory, number, info);
    return { number, bytes: scan.fileBytes, info };
  }
  await keepOnly(directory, 0, undefined);
  return undefined;
}

async function loadChunkFile(
  directory: string,
  replay: Replay,
  file: ChunkFile,
  damaged: Damaged,
): Promise<void> {
  const path = numberedPath(directory, file.number, 'chunks');
  const scan = newScan();
  try {
    for await (const { type, payload } of readFrames(path, 0, scan)) {
      if (type !== frameTypes.chunks) continue;
      readChunks(payload, (chunk) => replay.chunk(chunk, file.number));
    }
  } catch (error) {
    damaged.missing(path, error);
    return;
  }
  await damaged.report(path, scan);
}

/** What the last frame says, undefined when there is none: the file is not whole. */
async function readInfo(path: string): Promise<CheckpointInfo | undefined> {
  let info: CheckpointInfo | undefined;
  for await (const { type, payload } of readFrames(path, 0, newScan())) {
    if (type === frameTypes.end) {
      info = JSON.parse(new ByteReader(payload).text()) as CheckpointInfo;
    }
  }
  return info;
}

/** Files that no checkpoint names are of one that did not come to its end. */
async function keepOnly(
  directory: string,
  number: number,
  info: CheckpointInfo | undefined,
): Promise<void> {
  const chunkFiles = new Set(info?.chunkFiles.map((file) => file.number));
  for (const each of await numberedFiles(directory, 'chunks')) {
    if (!chunkFiles.has(each)) await rm(numberedPath(directory, each, 'chunks'), { force: true });
  }
  for (const each of await numberedFiles(directory, 'state')) {
    if (each < number) await rm(numberedPath(directory, each, 'state'), { force: true });
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.tmp')) await rm(join(directory, name), { force: true });
  }
}

/** Tells of damage and keeps the bytes for whoever wants to look. */
class Damaged {
  readonly #directory: string;
  readonly #log: Logger;
  count = 0;

  constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  async report(path: string, scan: FrameScan): Promise<void> {
    if (scan.damaged.length > 0) {
      this.count += scan.damaged.length;
      await mkdir(this.#directory, { recursive: true });
      const copy = join(this.#directory, basename(path));
      await copyFile(path, copy).catch(() => {});
      this.#log.error('A file is damaged: what is whole was kept, a copy lies aside', {
        path,
        copy,
        damaged: scan.damaged.map(({ from, to }) => `${from}-${to}`).slice(0, 10),
      });
    }
    const tail = scan.fileBytes - scan.soundBytes;
    if (tail === 0) return;
    await truncate(path, scan.soundBytes);
    this.#log.warn('The end of a file was not whole and was cut off', { path, bytes: tail });
  }

  missing(path: string, error: unknown): void {
    this.count++;
    this.#log.error('A file of the head cannot be read: its samples are missing', {
      path,
      err: error,
    });
  }
}
