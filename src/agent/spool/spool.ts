import { randomUUID } from 'node:crypto';
import { constants, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, describeError, type Logger } from '#base';
import type { Checkpoint } from '../contract.ts';
import {
  decodeFrame,
  encodeFrame,
  type FrameHeader,
  frameLength,
  framePrefixBytes,
} from './frames.ts';
import { AgentState } from './state.ts';

export interface SpoolOptions {
  readonly folder: string;
  /** Bytes of segments; a full spool makes `append` wait. */
  readonly maxBytes: number;
}

export interface SpoolDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One frame in the queue. */
export interface SpooledFrame {
  readonly frame: number;
  readonly source: string;
  readonly batch: number;
  readonly events: number;
  readonly bytes: number;
  /** Acknowledged, and waits for older frames to leave. */
  readonly done: boolean;
}

interface Entry extends SpooledFrame {
  readonly segment: Segment;
  readonly offset: number;
  /** Kept while it is likely to be sent at once; read back from the file otherwise. */
  encoded: Buffer | undefined;
  done: boolean;
}

interface Segment {
  readonly path: string;
  readonly number: number;
  /** Opened at the first use; readers and the writer may ask at the same time. */
  handle: Promise<FileHandle> | undefined;
  bytes: number;
  /** Frames in it that are not acknowledged. */
  frames: number;
}

/** One descriptor a segment, however many ask for it at once; a failed opening is tried again. */
function openSegment(segment: Segment): Promise<FileHandle> {
  if (segment.handle === undefined) {
    const opening = open(segment.path, constants.O_RDWR | constants.O_CREAT, 0o640);
    segment.handle = opening;
    opening.catch(() => {
      if (segment.handle === opening) segment.handle = undefined;
    });
  }
  return segment.handle;
}

async function closeSegment(segment: Segment): Promise<void> {
  const { handle } = segment;
  segment.handle = undefined;
  if (handle !== undefined) await (await handle).close();
}

/** A segment is deleted as a whole: small ones give space back early. */
const segmentBytes = 8 * 1024 * 1024;

/** Frames kept in memory as well, so that the usual case does not read what it just wrote. */
const maxCachedBytes = 4 * 1024 * 1024;

/** How long to wait before trying a full disk again. */
const diskRetryMs = 1000;

/**
 * The queue on the disk between reading and sending. `append` stores events and the positions they
 * were read at in one frame: after a crash both are there or neither. Frames are acknowledged in any
 * order and leave in order; their positions move to the database in the same step.
 *
 * Every run numbers its batches under an id of its own; a frame keeps the id and number it was given.
 * A resend is therefore known to the server, and no number ever stands for two batches: not after a
 * restored folder, nor after the machine died with frames that were not on the disk yet (they are
 * not synced one by one). In those two cases what was in flight may be stored twice, never lost.
 */
export class Spool implements AsyncDisposable {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #deps: SpoolDeps;
  readonly #state: AgentState;
  readonly #entries: Entry[] = [];
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #cachedBytes = 0;
  #nextFrame: number;
  #nextBatch = 1;
  readonly #source: string = randomUUID();
  #tail: Promise<void> = Promise.resolve();
  #acknowledging: Promise<void> = Promise.resolve();
  #waiters: (() => void)[] = [];
  #closed = false;
  #fullSince: number | undefined;
  readonly #recovered: Checkpoint[];

  private constructor(
    options: SpoolOptions,
    deps: SpoolDeps,
    state: AgentState,
    found: { entries: Entry[]; segments: Segment[]; checkpoints: Checkpoint[] },
  ) {
    this.#folder = options.folder;
    this.#maxBytes = options.maxBytes;
    this.#deps = deps;
    this.#state = state;
    this.#entries = found.entries;
    this.#segments = found.segments;
    this.#recovered = found.checkpoints;
    this.#bytes = found.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const last = found.entries.at(-1);
    this.#nextFrame = Math.max(Number(state.meta('ackedFrame') ?? 0), last?.frame ?? 0) + 1;
  }

  static async open(options: SpoolOptions, deps: SpoolDeps): Promise<Spool> {
    const folder = join(options.folder, 'spool');
    mkdirSync(folder, { recursive: true });
    const state = await AgentState.open(options.folder, deps.logger);
    const acked = Number(state.meta('ackedFrame') ?? 0);
    const found = await readSegments(folder, acked, deps.logger);
    return new Spool({ ...options, folder }, deps, state, found);
  }

  /** The positions that survived: those of the database, overruled by those of waiting frames. */
  checkpoints(): Checkpoint[] {
    const byKey = new Map<string, Checkpoint>();
    for (const checkpoint of [...this.#state.checkpoints(), ...this.#recovered]) {
      const key = `${checkpoint.input}\n${checkpoint.key}`;
      if (checkpoint.value === null) byKey.delete(key);
      else byKey.set(key, checkpoint);
    }
    this.#recovered.length = 0;
    return [...byKey.values()];
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Who sends: a new id with every run, so that a number is never used for two batches. */
  get source(): string {
    return this.#source;
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get frames(): number {
    return this.#entries.length;
  }

  /** True while an append waits for room. */
  get full(): boolean {
    return this.#fullSince !== undefined;
  }

  /**
   * Stores a batch with the positions read so far; waits while the spool or the disk is full. A
   * batch without events gets no number. Appends are in order of the calls.
   */
  append(
    batch: {
      readonly payload: Uint8Array;
      readonly events: number;
      readonly rawBytes: number;
      readonly checkpoints: readonly Checkpoint[];
      readonly routes?: FrameHeader['routes'];
    },
    signal?: AbortSignal,
  ): Promise<SpooledFrame> {
    const done = this.#tail.then(() => this.#append(batch, signal));
    this.#tail = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** The waiting frames from `index` on, oldest first. */
  peek(index: number): SpooledFrame | undefined {
    return this.#entries[index];
  }

  /** Everything of a waiting frame. @throws when it cannot be read back */
  async load(frame: SpooledFrame): Promise<{ header: FrameHeader; payload: Buffer }> {
    const entry = frame as Entry;
    let { encoded } = entry;
    if (encoded === undefined) {
      encoded = Buffer.allocUnsafe(entry.bytes);
      const handle = await openSegment(entry.segment);
      await handle.read(encoded, 0, entry.bytes, entry.offset);
    }
    const decoded = decodeFrame(encoded);
    if (decoded === undefined) throw new Error(`Frame ${entry.frame} of the spool is damaged`);
    return decoded;
  }

  /**
   * The frame is where it had to go (or given up, which the caller has counted and logged). Frames
   * leave the queue in order; positions of those that leave go to the database.
   */
  acknowledge(frame: SpooledFrame): Promise<void> {
    (frame as Entry).done = true;
    const done = this.#acknowledging.then(() => this.#advance());
    this.#acknowledging = done.catch(() => {});
    return done;
  }

  async #advance(): Promise<void> {
    const leaving: Entry[] = [];
    for (const entry of this.#entries) {
      if (!entry.done) break;
      leaving.push(entry);
    }
    const last = leaving.at(-1);
    if (last === undefined) return;
    const checkpoints: Checkpoint[] = [];
    const loaded = await Promise.all(
      leaving.map((entry) =>
        this.load(entry).catch((error: unknown) => this.#damaged(entry, error)),
      ),
    );
    this.#entries.splice(0, leaving.length);
    for (const frameLoaded of loaded) checkpoints.push(...(frameLoaded?.header.checkpoints ?? []));
    this.#state.commit({
      checkpoints,
      meta: { ackedFrame: String(last.frame) },
      deliveredUpTo: last.frame,
    });
    for (const entry of leaving) this.#release(entry);
    await this.#deleteEmpty();
    this.#wake();
  }

  /** Resolves when the queue changed (a frame came or went), or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#waiters.push(done);
    });
  }

  /** What is in the queue stays on the disk for the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    await this.#tail;
    await this.#acknowledging;
    for (const segment of this.#segments) await closeSegment(segment);
    this.#state[Symbol.dispose]();
  }

  async #append(
    batch: Parameters<Spool['append']>[0],
    signal: AbortSignal | undefined,
  ): Promise<SpooledFrame> {
    const number = batch.events > 0 ? this.#nextBatch : 0;
    const header: FrameHeader = {
      frame: this.#nextFrame,
      source: this.#source,
      batch: number,
      events: batch.events,
      rawBytes: batch.rawBytes,
      checkpoints: batch.checkpoints,
      ...(batch.routes === undefined ? {} : { routes: batch.routes }),
    };
    const encoded = encodeFrame(header, batch.payload);
    await this.#waitForRoom(encoded.length, signal);
    const segment = await this.#segmentFor(encoded.length);
    const offset = segment.bytes;
    await this.#write(segment, encoded, offset, signal);
    segment.bytes += encoded.length;
    segment.frames++;
    this.#bytes += encoded.length;
    this.#nextFrame++;
    if (number > 0) this.#nextBatch++;
    const cached = this.#cachedBytes + encoded.length <= maxCachedBytes;
    if (cached) this.#cachedBytes += encoded.length;
    const entry: Entry = {
      frame: header.frame,
      source: header.source,
      batch: number,
      events: batch.events,
      bytes: encoded.length,
      segment,
      offset,
      encoded: cached ? encoded : undefined,
      done: false,
    };
    this.#entries.push(entry);
    this.#wake();
    return entry;
  }

  async #waitForRoom(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    while (this.#entries.length > 0 && this.#bytes + bytes > this.#maxBytes) {
      if (this.#fullSince === undefined) {
        this.#fullSince = this.#deps.clock.monotonicMs();
        this.#deps.logger.warn('The spool is full: reading pauses until the server takes more', {
          bytes: this.#bytes,
          maxBytes: this.#maxBytes,
        });
      }
      signal?.throwIfAborted();
      if (this.#closed) throw new Error('The spool is closed');
      await this.changed(signal ?? AbortSignal.timeout(60_000));
    }
    if (this.#fullSince !== undefined) {
      this.#deps.logger.info('The spool has room again', {
        fullMs: Math.round(this.#deps.clock.monotonicMs() - this.#fullSince),
      });
      this.#fullSince = undefined;
    }
  }

  async #write(
    segment: Segment,
    encoded: Buffer,
    offset: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let told = false;
    for (;;) {
      try {
        // Not for appending: a second try after a full disk writes at the same place.
        const handle = await openSegment(segment);
        let at = 0;
        while (at < encoded.length) {
          const { bytesWritten } = await handle.write(
            encoded,
            at,
            encoded.length - at,
            offset + at,
          );
          at += bytesWritten;
        }
        if (told) this.#deps.logger.info('The spool can be written again', { path: segment.path });
        return;
      } catch (error) {
        // The disk is full or gone for a moment: reading pauses, nothing is dropped.
        if (!told) {
          this.#deps.logger.error('Cannot write to the spool: reading pauses', {
            path: segment.path,
            err: describeError(error),
          });
        }
        told = true;
        await openSegment(segment)
          .then((handle) => handle.truncate(offset))
          .catch(() => {});
        await this.#deps.clock.sleep(diskRetryMs, signal);
      }
    }
  }

  async #segmentFor(bytes: number): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes + bytes <= segmentBytes) return last;
    const number = (last?.number ?? 0) + 1;
    const segment: Segment = {
      path: join(this.#folder, `${String(number).padStart(10, '0')}.frames`),
      number,
      handle: undefined,
      bytes: 0,
      frames: 0,
    };
    this.#segments.push(segment);
    await this.#deleteEmpty();
    return segment;
  }

  #release(entry: Entry): void {
    if (entry.encoded !== undefined) this.#cachedBytes -= entry.bytes;
    entry.encoded = undefined;
    entry.segment.frames--;
  }

  /** Removes segments without waiting frames; the one being written is emptied when it is large. */
  async #deleteEmpty(): Promise<void> {
    while (this.#segments.length > 1 && this.#segments[0]!.frames === 0) {
      const segment = this.#segments.shift()!;
      this.#bytes -= segment.bytes;
      await closeSegment(segment);
      await rm(segment.path, { force: true });
    }
  }

  #damaged(entry: Entry, error: unknown): undefined {
    this.#deps.logger.error('A frame of the spool cannot be read back', {
      path: entry.segment.path,
      frame: entry.frame,
      err: describeError(error),
    });
    return undefined;
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

/** Reads what an earlier run left; cuts a torn frame off the end. */
async function readSegments(
  folder: string,
  acked: number,
  logger: Logger,
): Promise<{ entries: Entry[]; segments: Segment[]; checkpoints: Checkpoint[] }> {
  const entries: Entry[] = [];
  const segments: Segment[] = [];
  const checkpoints: Checkpoint[] = [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.frames')).sort();
  for (const name of names) {
    const path = join(folder, name);
    const segment: Segment = {
      path,
      number: Number.parseInt(name, 10),
      handle: undefined,
      bytes: 0,
      frames: 0,
    };
    const bytes = readFileSync(path);
    let at = 0;
    while (at < bytes.length) {
      const length = frameLength(bytes.subarray(at, at + framePrefixBytes));
      const decoded =
        length === undefined ? undefined : decodeFrame(bytes.subarray(at, at + length));
      if (length === undefined || decoded === undefined) break;
      const { header } = decoded;
      if (header.frame > acked) {
        const { frame, source, batch, events } = header;
        entries.push({
          frame,
          source,
          batch,
          events,
          bytes: length,
          segment,
          offset: at,
          encoded: undefined,
          done: false,
        });
        for (const checkpoint of header.checkpoints) checkpoints.push(checkpoint);
        segment.frames++;
      }
      at += length;
    }
    if (at < bytes.length) {
      logger.warn('Cut a torn frame off the spool', { path, bytes: bytes.length - at });
      await truncate(path, at);
    }
    segment.bytes = at;
    if (segment.frames === 0 && name !== names.at(-1)) rmSync(path, { force: true });
    else segments.push(segment);
  }
  return { entries, segments, checkpoints };
}
