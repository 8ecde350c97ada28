import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { Checkpoint } from '../contract.ts';
import { decodeFrame, encodeFrame, type FrameHeader } from './frames.ts';
import { randomId } from './random-id.ts';
import {
  closeSegment,
  type Entry,
  type FoundFrames,
  newSegment,
  openSegment,
  readSegments,
  type Segment,
  type SpooledFrame,
  segmentBytes,
} from './segments.ts';
import { AgentState } from './state.ts';

export type { SpooledFrame } from './segments.ts';

export interface SpoolOptions {
  readonly folder: string;
  /** Bytes of segments; a full spool makes `append` wait. */
  readonly maxBytes: number;
}

export interface SpoolDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry;
}

/** Frames kept in memory as well, so that the usual case does not read what it just wrote. */
const maxCachedBytes = 1024 * 1024;

/** How long to wait before trying a full disk again. */
const diskRetryMs = 1000;

/** A read may fail for want of descriptors; what fails so often is beyond hope. */
const maxReadTries = 5;

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
  readonly #source: string = randomId();
  #tail: Promise<void> = Promise.resolve();
  #acknowledging: Promise<void> = Promise.resolve();
  #waiters: (() => void)[] = [];
  readonly #closing = new AbortController();
  #fullSince: number | undefined;
  readonly #recovered: Checkpoint[];

  private constructor(
    options: SpoolOptions,
    deps: SpoolDeps,
    state: AgentState,
    found: FoundFrames,
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
    let found: FoundFrames;
    try {
      found = await readSegments(folder, acked, deps.logger);
    } catch (error) {
      state[Symbol.dispose]();
      throw error;
    }
    deps.metrics
      ?.counter('nunchi_agent_spool_lost_frames_total', 'Batches lost to damage of the spool')
      .add(found.lostFrames);
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

  /** Everything of a waiting frame. @throws {AppError} SPOOL_FRAME_DAMAGED, SPOOL_UNREADABLE */
  async load(frame: SpooledFrame): Promise<{ header: FrameHeader; payload: Buffer }> {
    const entry = frame as Entry;
    const decoded = decodeFrame(entry.encoded ?? (await this.#read(entry)));
    if (decoded === undefined) {
      throw new AppError('SPOOL_FRAME_DAMAGED', `Frame ${entry.frame} of the spool is damaged`);
    }
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
    for (const frameLoaded of loaded) checkpoints.push(...(frameLoaded?.header.checkpoints ?? []));
    await this.#untilDone('Cannot store positions: acknowledged batches wait', () =>
      this.#state.commit({
        checkpoints,
        meta: { ackedFrame: String(last.frame) },
        deliveredUpTo: last.frame,
      }),
    );
    this.#entries.splice(0, leaving.length);
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
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
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
    this.#throwIfClosed();
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
      this.#throwIfClosed();
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
    const write = async (): Promise<void> => {
      const handle = await openSegment(segment);
      try {
        // Not for appending: a second try after a full disk writes at the same place.
        for (let at = 0; at < encoded.length; ) {
          const left = encoded.length - at;
          const { bytesWritten } = await handle.write(encoded, at, left, offset + at);
          at += bytesWritten;
        }
      } catch (error) {
        await handle.truncate(offset).catch(() => {});
        throw error;
      }
    };
    await this.#untilDone('Cannot write to the spool: reading pauses', write, signal);
  }

  /**
   * Tries until it works: the disk is full or gone for a moment, and nothing is dropped for that.
   * @throws when the spool is closed or the signal aborts meanwhile
   */
  async #untilDone(
    sentence: string,
    work: () => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void> {
    const closing = this.#closing.signal;
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    for (let failures = 0; ; failures++) {
      try {
        await work();
        if (failures > 0) this.#deps.logger.info('The spool can be written again', { failures });
        return;
      } catch (error) {
        if (failures === 0) this.#deps.logger.error(sentence, { err: describeError(error) });
        if (stop.aborted) throw error;
        await this.#deps.clock.sleep(diskRetryMs, stop);
      }
    }
  }

  async #read(entry: Entry): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(entry.bytes);
    for (let tries = 1; ; tries++) {
      try {
        const handle = await openSegment(entry.segment);
        // Short where the segment ends early: the checksum tells.
        const { bytesRead } = await handle.read(bytes, 0, entry.bytes, entry.offset);
        return bytes.subarray(0, bytesRead);
      } catch (error) {
        if (tries === maxReadTries) {
          const message = `Frame ${entry.frame} of the spool cannot be read`;
          throw new AppError('SPOOL_UNREADABLE', message, { cause: error });
        }
        await this.#deps.clock.sleep(diskRetryMs, this.#closing.signal);
      }
    }
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) {
      throw new AppError('SPOOL_CLOSED', 'The spool is closed');
    }
  }

  async #segmentFor(bytes: number): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes + bytes <= segmentBytes) return last;
    // After this, only the last segment can lose frames when the machine dies: recovery counts on it.
    if (last !== undefined && last.frames > 0) {
      await (await openSegment(last)).datasync().catch(() => {});
    }
    const segment = newSegment(this.#folder, (last?.number ?? 0) + 1);
    this.#segments.push(segment);
    await this.#deleteEmpty();
    return segment;
  }

  #release(entry: Entry): void {
    if (entry.encoded !== undefined) this.#cachedBytes -= entry.bytes;
    entry.encoded = undefined;
    entry.segment.frames--;
  }

  /** Removes segments without waiting frames, except the one being written. */
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
