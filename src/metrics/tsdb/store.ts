import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskGuard, isAppError } from '#base';
import type {
  Exemplar,
  LabelBytes,
  LabelMatcher,
  LabelQuery,
  Labels,
  MetricMetadata,
  SelectRequest,
  SeriesSelection,
} from '#metrics/model';
import type { Block } from './block/block.ts';
import type { BlockMeta } from './block/format.ts';
import { BlockRegistry } from './block/registry.ts';
import { ByteWriter } from './codec/bytes.ts';
import type {
  AppendResult,
  BlockInfo,
  Cardinality,
  FollowedBatch,
  HeadStats,
  MetricStore,
  SampleBatch,
  SeriesRef,
} from './contract.ts';
import { addRange, closedError, StoreCore, sortedLabels, sortedTexts } from './core.ts';
import { Maintenance } from './maintenance.ts';
import { copyBatch } from './memory.ts';
import { blockRangeMs, type MetricStoreOptions, type Settings, settingsOf } from './options.ts';
import type { SelectPart } from './select/found.ts';
import { selectFrom } from './select/selection.ts';
import { collectStoreMetrics } from './self-metrics.ts';
import { type Checkpoint, writeCheckpoint } from './wal/checkpoint.ts';
import { type Follower, followLog, parseCursor } from './wal/follow.ts';
import { encodeFrame } from './wal/frames.ts';
import { SampleLog } from './wal/log.ts';
import {
  frameTypes,
  samplePieces,
  writeDeletion,
  writeExemplars,
  writeMetadata,
} from './wal/records.ts';
import { ReplayState } from './wal/replay-state.ts';
import { restoreHead } from './wal/restore.ts';
import { writeSeries } from './wal/series-record.ts';

/** What a start tells of itself while it reads the log. */
export interface ReplayProgress {
  readonly segment: number;
  readonly first: number;
  readonly last: number;
}

export interface StartingMetricStore {
  /** Throws STORE_STARTING, with how far it is, whatever is asked of it until it has started. */
  readonly store: DiskMetricStore;
  /**
   * Loads what is on disk. Once.
   * @throws what the file system says when the folder cannot be used, or that the store was closed before
   */
  start(): Promise<void>;
  /** How far it is, for people. */
  progress(): string;
}

/** The store on disk, with what its program needs besides the contract. */
export interface DiskMetricStore extends MetricStore {
  /** Cuts, merges and deletes what is due now. */
  maintain(): Promise<void>;
  /** Cuts the head up to a time although it is not due: for tests and benchmarks. */
  cutHead(endMs: number): Promise<void>;
  checkpoint(): Promise<void>;
  /** Serves a finished draft of `registry`: an imported block. */
  addBlock(meta: BlockMeta): Promise<void>;
  readonly registry: BlockRegistry;
  readonly directory: string;
}

/** @throws what the file system says when the folder cannot be used */
export async function openMetricStore(
  options: MetricStoreOptions,
  onReplay: (progress: ReplayProgress) => void = () => {},
): Promise<DiskMetricStore> {
  const { store, start } = startMetricStore(options, onReplay);
  try {
    await start();
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** A store that is there before it is loaded, for a server that answers meanwhile. Does no I/O. */
export function startMetricStore(
  options: MetricStoreOptions,
  onReplay: (progress: ReplayProgress) => void = () => {},
): StartingMetricStore {
  const settings = settingsOf(options);
  const { clock } = settings;
  const core = new StoreCore(
    {
      outOfOrderWindowMs: settings.outOfOrderWindowMs,
      maxBehindMs: blockRangeMs / 2,
      maxAheadMs: settings.maxAheadMs,
      nowMs: () => clock.nowMs(),
    },
    settings.maxSeries,
  );
  const store = new DiskStore(settings, core);
  return {
    store,
    start: () => store.start(onReplay),
    progress: () => store.progress,
  };
}

class DiskStore implements DiskMetricStore {
  readonly registry: BlockRegistry;
  readonly #settings: Settings;
  readonly #core: StoreCore;
  readonly #log: SampleLog;
  readonly #guard: DiskGuard;
  readonly #maintenance: Maintenance;
  readonly #followers = new Set<Follower>();
  readonly #stopping = new AbortController();
  readonly #replay: ReplayState;
  #newSeries: SeriesRef[] = [];
  #checkpoint: Checkpoint | undefined;
  #nextCheckpoint = 1;
  #checkpoints = 0;
  #checkpointedBytes = 0;
  #corruptions = 0;
  #rejected = 0;
  #lastAppendMs: number;
  #working: Promise<void> = Promise.resolve();
  #loops: Promise<void>[] = [];
  #starting: Promise<void> | undefined;
  #isReady = false;
  #isClosed = false;

  constructor(settings: Settings, core: StoreCore) {
    this.#settings = settings;
    this.#core = core;
    const blocks = new BlockRegistry(settings);
    this.registry = blocks;
    this.#guard = new DiskGuard({
      ...settings,
      words: { store: 'metric store', refused: 'samples', limit: 'a retention size' },
    });
    const log = new SampleLog(join(settings.directory, 'wal'), settings, this.#guard);
    this.#log = log;
    this.#replay = new ReplayState(settings);
    this.#lastAppendMs = settings.clock.monotonicMs();
    this.#maintenance = new Maintenance({
      settings,
      core,
      blocks,
      checkpoint: () => this.#writeCheckpoint(),
      otherBytes: () => this.diskBytes() - blocks.bytes,
      lastAppendMs: () => this.#lastAppendMs,
    });
    if (settings.metrics !== undefined) {
      collectStoreMetrics(settings.metrics, {
        core,
        blocks,
        maintenance: this.#maintenance,
        replay: this.#replay,
        diskBytes: () => this.diskBytes(),
        logBytes: () => log.diskBytes,
        corruptions: () => this.#corruptions,
        checkpoints: () => this.#checkpoints,
        outOfOrderRejected: () => this.#rejected,
      });
    }
  }

  get progress(): string {
    return this.#replay.text;
  }

  start(onReplay: (progress: ReplayProgress) => void): Promise<void> {
    this.#starting = this.#load(onReplay);
    // Whoever waits for it gets the error; closing needs to know only that it is over.
    this.#starting.catch(() => {});
    return this.#starting;
  }

  async #load(onReplay: (progress: ReplayProgress) => void): Promise<void> {
    const { directory, log } = this.#settings;
    const { signal } = this.#stopping;
    for (const name of ['wal', 'head', 'blocks']) {
      await mkdir(join(directory, name), { recursive: true });
    }
    await this.registry.load();
    const restored = await restoreHead(
      directory,
      this.#core,
      this.registry.headUntilMs,
      log,
      (segment, first, last) => {
        this.#replay.reached(segment, first, last);
        onReplay({ segment, first, last });
      },
      signal,
    );
    signal.throwIfAborted();
    this.#log.resume(restored.segments, restored.nextSegment);
    this.#checkpoint = restored.checkpoint;
    this.#nextCheckpoint = restored.nextCheckpoint;
    this.#corruptions = restored.corruptions;
    this.#core.onSeries = (ref) => void this.#newSeries.push(ref);
    this.#lastAppendMs = this.#settings.clock.monotonicMs();
    this.#replay.end();
    this.#isReady = true;
    log.info('The metric store is open', {
      directory,
      series: this.#core.head.table.count,
      blocks: this.registry.all.length,
      replayedSamples: restored.samples,
      tookMs: Math.round(this.#replay.tookMs),
    });
    this.#startLoops();
  }

  #startLoops(): void {
    const { syncEveryMs, maintenanceEveryMs } = this.#settings;
    if (syncEveryMs > 0) this.#loops.push(this.#loop(syncEveryMs, () => this.#log.sync()));
    if (maintenanceEveryMs > 0) {
      this.#loops.push(this.#loop(maintenanceEveryMs, () => this.maintain()));
    }
  }

  seriesRef(labels: Labels): SeriesRef {
    this.#mustBeOpen();
    return this.#core.seriesRef(labels);
  }

  seriesRefOfBytes(labels: LabelBytes): SeriesRef {
    this.#mustBeOpen();
    return this.#core.seriesRefOfBytes(labels);
  }

  seriesLimit(): string | undefined {
    this.#mustBeOpen();
    return this.#core.seriesLimit();
  }

  async append(
    batch: SampleBatch,
    options: { readonly durable?: boolean } = {},
  ): Promise<AppendResult> {
    this.#mustBeOpen();
    const full = this.#guard.check();
    if (full !== undefined) await full;
    if (this.#log.hasOwed) await this.#log.payDebts();
    const room = this.#log.room();
    if (room !== undefined) await room;
    this.#mustBeOpen();
    const { dropped, ...result } = this.#core.append(batch);
    this.#lastAppendMs = this.#settings.clock.monotonicMs();
    if (result.first !== undefined) this.#rejected += batch.length - result.appended;
    const kept = dropped === undefined ? batch : copyBatch(batch, dropped);
    const pieces = this.#takeNewSeries();
    if (kept.length > 0) pieces.push(...encodeFrame(frameTypes.samples, samplePieces(kept)));
    if (batch.exemplars !== undefined && batch.exemplars.length > 0) {
      const out = new ByteWriter();
      writeExemplars(out, batch.exemplars);
      pieces.push(...encodeFrame(frameTypes.exemplars, [out.written()]));
    }
    // Also without pieces: what was here already may not be written yet.
    await this.#log.append(pieces, options.durable === true);
    return result;
  }

  setMetadata(metric: string, metadata: MetricMetadata): void {
    // Not awaited by anybody, and told again with the next request: it need not be refused.
    if (!this.#isReady || this.#isClosed || !this.#core.metadata.set(metric, metadata)) return;
    const out = new ByteWriter(128);
    writeMetadata(out, metric, metadata);
    // Not awaited: it comes again with the next scrape.
    this.#log.append(encodeFrame(frameTypes.metadata, [out.written()]), false).catch(() => {});
  }

  metadata(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]> {
    this.#mustBeOpen();
    return this.#core.metadataOf(metric);
  }

  exemplars(
    sets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): readonly { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[] {
    this.#mustBeOpen();
    return this.#core.findExemplars(sets, fromMs, toMs);
  }

  async deleteSeries(
    sets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): Promise<void> {
    this.#mustBeOpen();
    await this.#exclusive(async () => {
      const refs = [...this.#core.query.refsOfAny(sets)];
      this.#core.hide(refs, fromMs, toMs);
      const out = new ByteWriter();
      writeDeletion(out, { fromMs, toMs: Math.min(toMs, this.#core.head.maxTimeMs), refs });
      const pieces = this.#takeNewSeries();
      pieces.push(...encodeFrame(frameTypes.tombstones, [out.written()]));
      await this.#log.append(pieces, true);
      for (const block of this.registry.all) {
        if (block.overlaps(fromMs, toMs)) await deleteIn(block, sets, fromMs, toMs);
      }
    });
  }

  async cleanTombstones(): Promise<void> {
    this.#mustBeOpen();
    await this.#exclusive(async () => {
      for (const block of [...this.registry.all]) {
        if (block.tombstones.size > 0) await this.#maintenance.merge([block]);
      }
    });
  }

  async snapshot({ skipHead }: { readonly skipHead: boolean }): Promise<string> {
    this.#mustBeOpen();
    let name = '';
    await this.#exclusive(async () => {
      name = await this.#maintenance.snapshot(skipHead);
    });
    return name;
  }

  cursor(): string {
    this.#mustBeOpen();
    const { segment, offset } = this.#log.position;
    return `${segment}:${offset}`;
  }

  async *follow(cursor: string, signal: AbortSignal): AsyncIterable<FollowedBatch> {
    this.#mustBeOpen();
    const start = parseCursor(cursor, this.#log.position);
    const follower: Follower = { segment: start.segment };
    this.#followers.add(follower);
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    const directory = join(this.#settings.directory, 'wal');
    const labels = (ref: SeriesRef): Labels | undefined => this.#core.head.labels(ref);
    try {
      yield* followLog(directory, this.#log, start, follower, labels, either);
    } finally {
      this.#followers.delete(follower);
    }
  }

  headStats(): HeadStats {
    this.#mustBeOpen();
    return this.#core.headStats();
  }

  blocks(): readonly BlockInfo[] {
    this.#mustBeOpen();
    return this.registry.all.map((block) => block.info);
  }

  async cardinality(limit: number, query?: LabelQuery): Promise<Cardinality> {
    this.#mustBeOpen();
    return this.#core.cardinality(limit, query);
  }

  diskBytes(): number {
    const chunkFiles = this.#checkpoint?.info.chunkFiles ?? [];
    const head = chunkFiles.reduce((sum, file) => sum + file.bytes, this.#checkpoint?.bytes ?? 0);
    return this.#log.diskBytes + head + this.registry.bytes;
  }

  async select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    for (;;) {
      this.#mustBeOpen();
      signal.throwIfAborted();
      const { fromMs, toMs } = request;
      const { head, query } = this.#core;
      const version = this.registry.version;
      const leaving = [head.arena.enter()];
      const release = (): void => {
        for (const leave of leaving) leave();
      };
      try {
        const parts: SelectPart[] = [];
        let isStale = false;
        for (const block of this.registry.all) {
          if (!block.overlaps(fromMs, toMs)) continue;
          leaving.push(block.enter());
          const part = await this.#loadPart(block, request, signal);
          if (part === undefined || this.registry.version !== version) {
            isStale = true;
            break;
          }
          if (part.found.count > 0) parts.push(part);
        }
        if (isStale) {
          // What a block held may be in another one by now, or what the head held in a block.
          release();
          continue;
        }
        const found = query.find(request.matchers);
        if (found.count > 0 || parts.length === 0) parts.push(query.part(found, fromMs, toMs));
        return selectFrom(parts, request, head.minTimeMs, head.arena.pages.slice(), release);
      } catch (error) {
        release();
        throw error;
      }
    }
  }

  async labelNames(query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    const names = this.#headOverlaps(query)
      ? this.#core.query.labelNames(query.matcherSets)
      : new Set<string>();
    for (const block of this.#blocksOf(query)) {
      const rows = block.rowsOfAny(query.matcherSets);
      for (const name of block.index.labelNames(rows)) names.add(name);
    }
    return sortedTexts(names, query.limit);
  }

  async labelValues(
    name: string,
    query: LabelQuery,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    const values = this.#headOverlaps(query)
      ? this.#core.query.labelValues(name, query.matcherSets)
      : new Set<string>();
    for (const block of this.#blocksOf(query)) {
      const rows = block.rowsOfAny(query.matcherSets);
      for (const value of block.index.labelValues(name, rows)) values.add(value);
    }
    return sortedTexts(values, query.limit);
  }

  async series(query: LabelQuery, signal: AbortSignal): Promise<readonly Labels[]> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    const all: Labels[] = [];
    if (this.#headOverlaps(query)) {
      const found = this.#core.query.findAny(query.matcherSets);
      for (let at = 0; at < found.count; at++) all.push(found.labels(at));
    }
    for (const block of this.#blocksOf(query)) {
      const rows = block.rowsOfAny(query.matcherSets);
      for (let at = 0; at < (rows?.length ?? block.index.series); at++) {
        all.push(block.index.labels(rows?.[at] ?? at));
      }
    }
    return sortedLabels(all, query.limit);
  }

  maintain(): Promise<void> {
    return this.#exclusive(async () => {
      // First: what it frees counts when blocks are deleted by size.
      if (this.#isCheckpointDue()) await this.#writeCheckpoint();
      await this.#maintenance.run(this.#stopping.signal);
    });
  }

  cutHead(endMs: number): Promise<void> {
    return this.#exclusive(() => this.#maintenance.cut(endMs));
  }

  addBlock(meta: BlockMeta): Promise<void> {
    return this.#exclusive(async () => {
      this.registry.replace([await this.registry.accept(meta)], []);
    });
  }

  get directory(): string {
    return this.#settings.directory;
  }

  checkpoint(): Promise<void> {
    return this.#exclusive(() => this.#writeCheckpoint());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopping.abort();
    await this.#starting?.catch(() => {});
    await Promise.all(this.#loops);
    await this.#working.catch(() => {});
    await this.#log.close();
    await this.registry.close();
  }

  async #loadPart(
    block: Block,
    { matchers, fromMs, toMs }: SelectRequest,
    signal: AbortSignal,
  ): Promise<SelectPart | undefined> {
    try {
      return await block.load(block.find(matchers), fromMs, toMs, signal);
    } catch (error) {
      if (!isAppError(error, 'STORE_DAMAGED')) throw error;
      await this.registry.moveAside(block, error);
      return undefined;
    }
  }

  #headOverlaps({ fromMs, toMs }: LabelQuery): boolean {
    const { oldestMs, maxTimeMs } = this.#core.head;
    return toMs >= oldestMs && fromMs <= maxTimeMs;
  }

  #blocksOf({ fromMs, toMs }: LabelQuery): readonly Block[] {
    return this.registry.all.filter((block) => block.overlaps(fromMs, toMs));
  }

  #takeNewSeries(): Uint8Array[] {
    if (this.#newSeries.length === 0) return [];
    const out = new ByteWriter(this.#newSeries.length * 64);
    writeSeries(out, this.#newSeries, this.#core.head.table);
    this.#newSeries = [];
    return encodeFrame(frameTypes.series, [out.written()]);
  }

  async #writeCheckpoint(): Promise<void> {
    const { directory } = this.#settings;
    const { head } = this.#core;
    const written = this.#log.writtenBytes;
    const logFrom = await this.#log.rotate();
    const number = this.#nextCheckpoint++;
    const old = this.#checkpoint;
    const files = (old?.info.chunkFiles ?? []).filter((file) => file.maxTimeMs >= head.minTimeMs);
    const headDirectory = join(directory, 'head');
    this.#checkpoint = await writeCheckpoint(headDirectory, this.#core, number, logFrom, files);
    this.#checkpoints++;
    this.#checkpointedBytes = written;
    await removeOld(headDirectory, this.#checkpoint, old);
    await this.#log.removeBefore(this.#keptFrom(logFrom));
  }

  #isCheckpointDue(): boolean {
    const { checkpointBytes, retentionBytes } = this.#settings;
    const grown = this.#log.writtenBytes - this.#checkpointedBytes;
    // A large head is written less often: what is written stays a share of what comes.
    const most = Math.max(checkpointBytes, 2 * (this.#checkpoint?.bytes ?? 0));
    return grown > Math.min(most, (retentionBytes ?? Number.POSITIVE_INFINITY) / 8);
  }

  /** Files of the log that followers still need, up to a bound. */
  #keptFrom(logFrom: number): number {
    const wanted = Math.min(logFrom, ...[...this.#followers].map((each) => each.segment));
    let bytes = 0;
    let from = logFrom;
    for (const number of [...this.#log.sizes.keys()].sort((a, b) => b - a)) {
      if (number >= logFrom) continue;
      bytes += this.#log.sizes.get(number)!;
      if (number < wanted || bytes > this.#settings.maxFollowBytes) break;
      from = number;
    }
    return from;
  }

  /** One thing at a time: cuts, merges, deletions, checkpoints. */
  #exclusive(work: () => Promise<void>): Promise<void> {
    const next = this.#working.catch(() => {}).then(work);
    this.#working = next;
    return next;
  }

  async #loop(everyMs: number, work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#settings;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await clock.sleep(everyMs, signal);
        await work();
      } catch (error) {
        if (signal.aborted) return;
        this.#guard.onWriteError(error);
        log.error('Work on the metric store failed and is tried again', { err: error });
      }
    }
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw closedError();
    if (!this.#isReady) throw this.#replay.error();
  }
}

async function deleteIn(
  block: Block,
  sets: readonly (readonly LabelMatcher[])[],
  fromMs: number,
  toMs: number,
): Promise<void> {
  const rows =
    block.rowsOfAny(sets) ?? Uint32Array.from({ length: block.index.series }, (_, row) => row);
  if (rows.length === 0) return;
  const tombstones = new Map(block.tombstones);
  const from = Math.max(fromMs, block.meta.minTimeMs);
  const to = Math.min(toMs, block.meta.maxTimeMs);
  for (const row of rows) tombstones.set(row, addRange(tombstones.get(row) ?? [], from, to));
  await block.saveTombstones(tombstones);
}

async function removeOld(
  directory: string,
  now: Checkpoint,
  old: Checkpoint | undefined,
): Promise<void> {
  const { rm } = await import('node:fs/promises');
  const { numberedPath } = await import('./wal/files.ts');
  if (old === undefined) return;
  await rm(numberedPath(directory, old.number, 'state'), { force: true });
  const kept = new Set(now.info.chunkFiles.map((file) => file.number));
  for (const { number } of old.info.chunkFiles) {
    if (!kept.has(number)) await rm(numberedPath(directory, number, 'chunks'), { force: true });
  }
}
