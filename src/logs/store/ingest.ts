import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import { AppError, type Counter, describeError, invariant } from '#base';
import { type BatchSection, decodeBatch, encodeBatch } from '#logs/batch';
import type { Catalog } from './catalog.ts';
import type { AppendResult, LogBatch } from './contract.ts';
import { Generation } from './fresh.ts';
import type { Settings } from './options.ts';
import { IngestRates } from './rates.ts';
import type { Registry } from './registry.ts';
import { RowMemory } from './row-memory.ts';
import { BatchNumbers } from './sources.ts';
import { addEvents } from './state.ts';
import { TailHub } from './tail.ts';
import { readWal, WalFile, walPath } from './wal.ts';
import { WalWriter } from './wal-writer.ts';

/** Batches below this are kept as they are: a zstd frame of their own would not pay. */
const minCompressBytes = 256;
/**
 * Full generations that wait to be sealed or are being sealed, at most. One fills up beside them;
 * appends wait when it is full too.
 */
const maxWaitingGenerations = 1;
/** The last millisecond that a date can name; beyond it differences are not exact. */
const maxTimestampMs = 8.64e15;

export interface Stored {
  readonly generation: Generation;
  readonly file: WalFile;
}

type AppendListener = (sections: readonly BatchSection[], ingestionMs: number) => void;

/**
 * The way in: gives sequences, makes batches durable, remembers what each sender has stored, and
 * keeps unsealed rows in generations, one per write-ahead log file.
 */
export class Ingest {
  readonly tails: TailHub = new TailHub();
  readonly rates: IngestRates = new IngestRates();
  readonly #settings: Settings;
  readonly #catalog: Catalog;
  readonly #registry: Registry;
  readonly #directory: string;
  readonly #damagedDirectory: string;
  readonly #onFull: () => void;
  readonly #mayWrite: () => Promise<void>;
  readonly #onWriteError: (error: unknown) => AppError;
  readonly #sources = new Map<string, BatchNumbers>();
  /** Batches on their way to the disk: a resend meanwhile waits for the first. */
  readonly #inFlight = new Map<string, Promise<AppendResult>>();
  readonly #listeners = new Set<AppendListener>();
  readonly #writer: WalWriter;
  readonly #rowMemory = new RowMemory();
  readonly #counters: Readonly<
    Record<'batches' | 'events' | 'bytes' | 'walBytes' | 'syncs' | 'duplicates', Counter>
  >;
  #nextSequence = 1;
  #heldBack = false;
  #closed = false;
  #lastIngestionMs = 0;
  /** Undefined until open() has read the log. */
  #current: Stored | undefined;
  /** Full generations, oldest first, until they are sealed. */
  #waiting: Generation[] = [];
  /** Bytes of their files, by generation. */
  readonly #waitingFiles = new Map<number, number>();
  #sealWaiters: { readonly resolve: () => void; readonly reject: (error: AppError) => void }[] = [];

  constructor(
    settings: Settings,
    deps: {
      readonly catalog: Catalog;
      readonly registry: Registry;
      readonly directory: string;
      readonly damagedDirectory: string;
      /** A generation waits to be sealed. */
      readonly onFull: () => void;
      /** Throws while the disk is full. */
      readonly mayWrite: () => Promise<void>;
      readonly onWriteError: (error: unknown) => AppError;
    },
  ) {
    this.#settings = settings;
    this.#catalog = deps.catalog;
    this.#registry = deps.registry;
    this.#directory = deps.directory;
    this.#damagedDirectory = deps.damagedDirectory;
    this.#onFull = deps.onFull;
    this.#mayWrite = deps.mayWrite;
    this.#onWriteError = deps.onWriteError;
    const { metrics } = settings;
    this.#counters = {
      batches: metrics.counter('nunchi_logs_appended_batches_total', 'Batches stored'),
      events: metrics.counter('nunchi_logs_appended_events_total', 'Events stored'),
      bytes: metrics.counter(
        'nunchi_logs_appended_message_bytes_total',
        'UTF-8 bytes of stored messages',
      ),
      walBytes: metrics.counter('nunchi_logs_wal_written_bytes_total', 'Bytes of log frames'),
      syncs: metrics.counter('nunchi_logs_wal_syncs_total', 'Group commits'),
      duplicates: metrics.counter(
        'nunchi_logs_duplicate_batches_total',
        'Batches acknowledged without being stored again',
      ),
    };
    this.#writer = new WalWriter({
      write: (pieces) => this.#write(pieces),
      afterCommit: (bytes) => this.#afterCommit(bytes),
    });
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  get #active(): Stored {
    invariant(this.#current !== undefined, 'The log store is used before it is open');
    return this.#current;
  }

  get walBytes(): number {
    return (this.#current?.file.bytes ?? 0) + sum(this.#waitingFiles.values());
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  /** Unsealed rows, oldest generation first. */
  get generations(): readonly Generation[] {
    return this.#current === undefined
      ? this.#waiting
      : [...this.#waiting, this.#current.generation];
  }

  get waiting(): readonly Generation[] {
    return this.#waiting;
  }

  get sources(): ReadonlyMap<string, BatchNumbers> {
    return this.#sources;
  }

  /** Reads the log of the last run and starts a file of its own. */
  async open(): Promise<void> {
    this.#nextSequence = Math.max(1, this.#catalog.number('next_sequence'));
    for (const source of this.#catalog.sources()) {
      this.#sources.set(source.id, new BatchNumbers(source.ranges, source.seenMs));
    }
    const sealed = this.#catalog.number('sealed_generation');
    let lastId = sealed;
    const ids = readdirSync(this.#directory)
      .filter((name) => /^\d+\.wal$/.test(name))
      .map((name) => Number(name.slice(0, -4)))
      .sort((a, b) => a - b);
    for (const id of ids) {
      lastId = Math.max(lastId, id);
      // The segments of this one are in the catalog; only its file was left behind.
      if (id <= sealed) rmSync(walPath(this.#directory, id));
      else await this.#replay(id);
    }
    await this.#openFile(lastId + 1);
    if (this.#waiting.length > 0) this.#onFull();
  }

  async append(batch: LogBatch): Promise<AppendResult> {
    const { source } = batch;
    if (source === undefined) return this.#store(batch);
    if (!Number.isSafeInteger(source.number) || source.number < 1 || source.id === '') {
      throw new AppError('BATCH_INVALID', 'A batch number counts from 1 and has a source id', {
        details: { source },
      });
    }
    if (this.#sources.get(source.id)?.has(source.number) === true) {
      this.#counters.duplicates.add(1);
      return { firstSequence: 0, events: countEvents(batch.sections), duplicate: true };
    }
    const key = `${source.number} ${source.id}`;
    const first = this.#inFlight.get(key);
    if (first !== undefined) {
      const result = await first;
      this.#counters.duplicates.add(1);
      return { ...result, duplicate: true };
    }
    const storing = this.#store(batch);
    this.#inFlight.set(key, storing);
    try {
      return await storing;
    } finally {
      this.#inFlight.delete(key);
    }
  }

  storedUpTo(sourceId: string): number {
    return this.#sources.get(sourceId)?.upTo ?? 0;
  }

  forgetSource(id: string): void {
    this.#sources.delete(id);
  }

  onAppend(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the active generation so that it can be sealed; nothing happens when it is empty. */
  async rotate(): Promise<void> {
    await this.#writer.between(async () => {
      if (this.#active.file.bytes > 0) await this.#startNext();
    });
  }

  /** Lets go of memory that was not needed for a while; true where that made garbage. */
  trimMemory(): boolean {
    return this.#rowMemory.trim();
  }

  /** Forgets a sealed generation: the catalog has its rows. */
  drop(generation: Generation): void {
    this.#waiting = this.#waiting.filter((other) => other !== generation);
    this.#waitingFiles.delete(generation.id);
    generation.release();
    rmSync(walPath(this.#directory, generation.id), { force: true });
    // The one that filled up meanwhile goes next; appends that wait for it come after.
    if (this.#isFull && !this.#closed) {
      const rotated = this.#writer.between(async () => {
        if (this.#isFull && this.#waiting.length < maxWaitingGenerations)
          await this.#tryStartNext();
      });
      void rotated.finally(() => this.#wakeSealWaiters());
    } else this.#wakeSealWaiters();
  }

  #wakeSealWaiters(): void {
    const waiters = this.#sealWaiters;
    this.#sealWaiters = [];
    for (const { resolve } of waiters) resolve();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writer.close();
    await this.#current?.file.close();
    this.tails.close();
    for (const generation of this.generations) {
      for (const group of generation.groups.values()) group.retireSnapshots();
    }
  }

  async #store(batch: LogBatch): Promise<AppendResult> {
    const { sections, source } = batch;
    checkTimestamps(sections);
    await this.#mayWrite();
    let bytes = batch.compressed;
    let compressed = true;
    if (bytes === undefined) {
      const plain = encodeBatch(sections);
      compressed = plain.length >= minCompressBytes;
      bytes = compressed ? await compress(plain) : plain;
    }
    await this.#writer.room();
    await this.#sealingRoom();
    // Before the frame is written: a full disk then refuses the batch as a whole.
    const createdMs = this.#settings.clock.nowMs();
    try {
      for (const section of sections) this.#registry.ensureGroup(section.group, createdMs);
    } catch (error) {
      throw this.#onWriteError(error);
    }
    const events = countEvents(sections);
    const firstSequence = this.#nextSequence;
    this.#nextSequence += events;
    // Ingestion times never go back, whatever the clock does: they are part of the paging order.
    this.#lastIngestionMs = Math.max(this.#lastIngestionMs, this.#settings.clock.nowMs());
    const ingestionMs = this.#lastIngestionMs;
    await this.#writer.append(
      { events, firstSequence, ingestionMs, source, compressed, batch: bytes },
      () => {
        if (source !== undefined) this.#noteSource(source.id, source.number, ingestionMs);
        this.#take(this.#active.generation, sections, firstSequence, ingestionMs);
        this.#announce(sections, firstSequence, ingestionMs);
      },
    );
    return { firstSequence, events, duplicate: false };
  }

  /** Sealing that falls behind holds appends back; sealing that fails refuses them. */
  async #sealingRoom(): Promise<void> {
    while (this.#isFull && this.#waiting.length >= maxWaitingGenerations) {
      this.#heldBack = true;
      await new Promise<void>((resolve, reject) => this.#sealWaiters.push({ resolve, reject }));
    }
  }

  /** Whether appends had to wait for seals since the last call. */
  hasHeldBack(): boolean {
    const was = this.#heldBack;
    this.#heldBack = false;
    return was;
  }

  /** Tells waiting appends that sealing does not work now. */
  sealingFailed(error: AppError): void {
    const waiters = this.#sealWaiters;
    this.#sealWaiters = [];
    for (const { reject } of waiters) reject(error);
  }

  #noteSource(id: string, number: number, nowMs: number): void {
    let numbers = this.#sources.get(id);
    if (numbers === undefined) {
      numbers = new BatchNumbers([], nowMs);
      this.#sources.set(id, numbers);
    }
    numbers.add(number);
    numbers.seenMs = nowMs;
  }

  /** Durable rows become visible. */
  #take(
    generation: Generation,
    sections: readonly BatchSection[],
    firstSequence: number,
    ingestionMs: number,
  ): void {
    let sequence = firstSequence;
    for (const section of sections) {
      if (section.count === 0) continue;
      const first = sequence;
      sequence += section.count;
      if (this.#registry.isDeleted(section.group, section.stream, first)) continue;
      const group = this.#registry.ensureGroup(section.group, ingestionMs);
      const stream = this.#registry.ensureStream(group, section.stream, ingestionMs);
      generation.add(section, first, ingestionMs);
      generation.firstRowMs ??= this.#settings.clock.monotonicMs();
      let firstMs = Number.POSITIVE_INFINITY;
      let lastMs = Number.NEGATIVE_INFINITY;
      for (const timeMs of section.timestampsMs) {
        if (timeMs < firstMs) firstMs = timeMs;
        if (timeMs > lastMs) lastMs = timeMs;
      }
      addEvents(group, stream, {
        events: section.count,
        messageBytes: section.messages.length - section.count * 4,
        firstMs,
        lastMs,
        lastIngestionMs: ingestionMs,
      });
    }
  }

  #announce(sections: readonly BatchSection[], firstSequence: number, ingestionMs: number): void {
    const nowMs = this.#settings.clock.monotonicMs();
    let sequence = firstSequence;
    for (const section of sections) {
      const bytes = section.messages.length - section.count * 4;
      this.rates.add(section.group, section.count, bytes, nowMs);
      this.#counters.events.add(section.count);
      this.#counters.bytes.add(bytes);
      this.tails.publish(section, sequence, ingestionMs);
      sequence += section.count;
    }
    this.#counters.batches.add(1);
    for (const listener of this.#listeners) {
      try {
        listener(sections, ingestionMs);
      } catch (error) {
        this.#settings.log.error('A listener of appended batches failed', { err: error });
      }
    }
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#active.file.write(pieces);
    } catch (error) {
      throw this.#onWriteError(error);
    }
  }

  async #afterCommit(bytes: number): Promise<void> {
    this.#counters.walBytes.add(bytes);
    this.#counters.syncs.add(1);
    if (this.#isFull && this.#waiting.length < maxWaitingGenerations) await this.#tryStartNext();
  }

  get #isFull(): boolean {
    return this.#active.generation.reservedBytes >= this.#settings.freshBytes;
  }

  async #tryStartNext(): Promise<void> {
    try {
      await this.#startNext();
    } catch (error) {
      // The old file goes on being used; the next commit tries again.
      this.#settings.log.warn('A new write-ahead log file cannot be made', {
        err: this.#onWriteError(error),
      });
    }
  }

  async #startNext(): Promise<void> {
    const full = this.#active;
    await this.#openFile(full.generation.id + 1);
    this.#waiting.push(full.generation);
    this.#waitingFiles.set(full.generation.id, full.file.bytes);
    await full.file.close();
    this.#onFull();
  }

  async #openFile(id: number): Promise<void> {
    const file = await WalFile.create(this.#directory, id);
    this.#current = { file, generation: new Generation(id, this.#rowMemory) };
  }

  async #replay(id: number): Promise<void> {
    const path = walPath(this.#directory, id);
    const contents = await readWal(path);
    const { log } = this.#settings;
    for (const range of contents.damaged) {
      const aside = join(this.#damagedDirectory, `${id}-${range.from}.wal`);
      writeFileSync(aside, range.bytes);
      this.#catalog.insertDamaged(
        aside,
        `${range.bytes.length} bytes of the write-ahead log ${path} at ${range.from} are damaged; what stood there is lost, the rest was read`,
        this.#settings.clock.nowMs(),
      );
      log.error('Part of a write-ahead log is damaged and was set aside', {
        path,
        offset: range.from,
        bytes: range.bytes.length,
        setAside: aside,
      });
    }
    if (contents.soundBytes < contents.fileBytes) {
      // What follows the last whole frame was never acknowledged.
      const torn = contents.fileBytes - contents.soundBytes;
      log.warn('A torn write at the end of a write-ahead log was cut off', { path, bytes: torn });
      truncateSync(path, contents.soundBytes);
    }
    const generation = new Generation(id, this.#rowMemory);
    for (const frame of contents.frames) {
      if (frame.source !== undefined) {
        this.#noteSource(frame.source.id, frame.source.number, frame.ingestionMs);
      }
      this.#nextSequence = Math.max(this.#nextSequence, frame.firstSequence + frame.events);
      this.#lastIngestionMs = Math.max(this.#lastIngestionMs, frame.ingestionMs);
      try {
        const bytes = frame.compressed ? zstdDecompressSync(frame.batch) : frame.batch;
        this.#take(generation, decodeBatch(bytes), frame.firstSequence, frame.ingestionMs);
      } catch (error) {
        const aside = join(this.#damagedDirectory, `${id}-${frame.firstSequence}.batch`);
        writeFileSync(aside, frame.batch);
        log.error('A batch of the write-ahead log is not readable and was set aside', {
          path,
          setAside: aside,
          err: error,
        });
        this.#catalog.insertDamaged(aside, describeError(error), this.#settings.clock.nowMs());
      }
    }
    if (contents.frames.length === 0) rmSync(path);
    else {
      this.#waiting.push(generation);
      this.#waitingFiles.set(id, contents.soundBytes);
    }
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

function countEvents(sections: readonly BatchSection[]): number {
  return sections.reduce((sum, section) => sum + section.count, 0);
}

function checkTimestamps(sections: readonly BatchSection[]): void {
  for (const section of sections) {
    for (const timeMs of section.timestampsMs) {
      if (Number.isInteger(timeMs) && timeMs >= 0 && timeMs <= maxTimestampMs) continue;
      throw new AppError(
        'BATCH_INVALID',
        `A timestamp of stream "${section.stream}" in "${section.group}" is ${timeMs}`,
        { hint: `Timestamps are whole milliseconds since 1970, 0 to ${maxTimestampMs}` },
      );
    }
  }
}

const compress = (bytes: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    zstdCompress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }, (error, result) =>
      error === null ? resolve(result) : reject(error),
    );
  });
