import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskGuard } from '#base';
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
import { addRange, closedError, StoreCore } from './core.ts';
import { Maintenance } from './maintenance.ts';
import { copyBatch } from './memory.ts';
import { blockRangeMs, type MetricStoreOptions, type Settings, settingsOf } from './options.ts';
import { StoreReads } from './reads.ts';
import { collectStoreMetrics } from './self-metrics.ts';
import { Checkpoints } from './wal/checkpoints.ts';
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
  readonly #checkpoints: Checkpoints;
  readonly #reads: StoreReads;
  readonly #followers = new Set<Follower>();
  readonly #stopping = new AbortController();
  readonly #replay: ReplayState;
  #newSeries: SeriesRef[] = [];
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
    this.#checkpoints = new Checkpoints({
      settings,
      core,
      log,
      followed: () => [...this.#followers].map(({ segment }) => segment),
    });
    this.#reads = new StoreReads(core, blocks, () => this.#mustBeOpen());
    this.#replay = new ReplayState(settings);
    this.#lastAppendMs = settings.clock.monotonicMs();
    this.#maintenance = new Maintenance({
      settings,
      core,
      blocks,
      checkpoint: () => this.#checkpoints.write(),
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
        checkpoints: () => this.#checkpoints.written,
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
    this.#checkpoints.resume(restored);
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
    return this.#log.diskBytes + this.#checkpoints.diskBytes + this.registry.bytes;
  }

  select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    return this.#reads.select(request, signal);
  }

  async labelNames(query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    return this.#reads.labelNames(query);
  }

  async labelValues(
    name: string,
    query: LabelQuery,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    return this.#reads.labelValues(name, query);
  }

  async series(query: LabelQuery, signal: AbortSignal): Promise<readonly Labels[]> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    return this.#reads.series(query);
  }

  maintain(): Promise<void> {
    return this.#exclusive(async () => {
      // First: what it frees counts when blocks are deleted by size.
      if (this.#checkpoints.isDue) await this.#checkpoints.write();
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
    return this.#exclusive(() => this.#checkpoints.write());
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

  #takeNewSeries(): Uint8Array[] {
    if (this.#newSeries.length === 0) return [];
    const out = new ByteWriter(this.#newSeries.length * 64);
    writeSeries(out, this.#newSeries, this.#core.head.table);
    this.#newSeries = [];
    return encodeFrame(frameTypes.series, [out.written()]);
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
