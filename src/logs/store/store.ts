import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, DiskGuard } from '#base';
import { Catalog } from './catalog.ts';
import type {
  AppendResult,
  EventPage,
  EventPageRequest,
  EventPointer,
  LogBatch,
  LogEvent,
  LogGroup,
  LogScan,
  LogStore,
  LogStoreStats,
  LogStream,
  ScanRequest,
  TailBatch,
  TailRequest,
} from './contract.ts';
import { QueryEngine } from './engine.ts';
import { BlockPlaces, type Extract, type ExtractJob, extractBlocks } from './extract.ts';
import { FilterCache, selectBlocks } from './filters.ts';
import { Ingest } from './ingest.ts';
import { Maintenance } from './maintenance.ts';
import { type LogStoreOptions, type Settings, settingsOf } from './options.ts';
import { ParquetWriter } from './parquet/writer.ts';
import { type PlannerDeps, planScan } from './planner.ts';
import { eventAt, readPage } from './read-events.ts';
import { Registry } from './registry.ts';
import { StoreScan } from './scan.ts';

/** The store in this process, over a folder. */
export interface LocalLogStore extends LogStore {
  /**
   * Brings everything acknowledged so far into its final form on disk, then does what time would
   * bring (expiry, size limit, merges). Never needed for durability: for backups, tests, benchmarks.
   */
  seal(): Promise<void>;
}

/**
 * Opens the embedded store, reading what the last run left in its write-ahead log.
 * @throws {AppError} LOG_DIRECTORY_INVALID, CATALOG_UNREADABLE, STORE_LOCKED; the error of the file system where the folder is unusable
 */
export async function openLogStore(options: LogStoreOptions): Promise<LocalLogStore> {
  if (/[*?[\]]/.test(options.directory)) {
    throw new AppError(
      'LOG_DIRECTORY_INVALID',
      `The log folder "${options.directory}" has one of the characters * ? [ ] in its path`,
      { hint: 'The query engine would take them for wildcards: choose another data directory' },
    );
  }
  const store = new EmbeddedLogStore(settingsOf(options));
  await store.open();
  return store;
}

class EmbeddedLogStore implements LocalLogStore {
  readonly #settings: Settings;
  readonly #paths: Readonly<
    Record<'wal' | 'segments' | 'fresh' | 'damaged' | 'temporary' | 'exports', string>
  >;
  readonly #catalog: Catalog;
  readonly #registry: Registry;
  readonly #ingest: Ingest;
  readonly #engine: QueryEngine;
  readonly #guard: DiskGuard;
  readonly #maintenance: Maintenance;
  readonly #filters: FilterCache;
  readonly #places: BlockPlaces = new BlockPlaces();
  readonly #planner: PlannerDeps;
  /** Queries are served while the store's own disk is full: fresh events are laid out here then. */
  readonly #spareDirectory: string = join(tmpdir(), `nunchi-fresh-${randomUUID()}`);
  #fileId = 0;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    const at = (name: string): string => join(settings.directory, name);
    this.#paths = {
      wal: at('wal'),
      segments: at('segments'),
      fresh: at('fresh'),
      damaged: at('damaged'),
      temporary: at('spill'),
      exports: at('exports'),
    };
    // What only a running process needs is thrown away.
    for (const path of [this.#paths.fresh, this.#paths.temporary, this.#paths.exports]) {
      rmSync(path, { recursive: true, force: true });
    }
    for (const path of Object.values(this.#paths)) mkdirSync(path, { recursive: true });
    const empty = new ParquetWriter();
    writeFileSync(this.#emptySegment, Buffer.concat([empty.start(), empty.finish()]));
    this.#catalog = new Catalog(at('catalog.sqlite'));
    this.#registry = new Registry(this.#catalog, this.#paths.segments, settings.retentionDays);
    this.#guard = new DiskGuard({
      ...settings,
      words: { store: 'log store', refused: 'log batches', limit: 'a total size limit' },
    });
    this.#ingest = new Ingest(settings, {
      catalog: this.#catalog,
      registry: this.#registry,
      directory: this.#paths.wal,
      damagedDirectory: this.#paths.damaged,
      onFull: () => this.#maintenance.sealWaiting(),
      mayWrite: async () => this.#guard.check(),
      onWriteError: (error) => this.#guard.onWriteError(error),
    });
    this.#maintenance = new Maintenance({
      settings,
      catalog: this.#catalog,
      registry: this.#registry,
      ingest: this.#ingest,
      guard: this.#guard,
      segmentDirectory: this.#paths.segments,
      damagedDirectory: this.#paths.damaged,
    });
    this.#filters = new FilterCache();
    this.#engine = new QueryEngine({
      directories: [
        this.#paths.segments,
        this.#paths.fresh,
        this.#paths.exports,
        this.#spareDirectory,
      ],
      temporaryDirectory: this.#paths.temporary,
      memoryBytes: settings.queryMemoryBytes,
      threads: settings.queryThreads,
      maxCalls: 2,
      maxConnections: settings.maxRunningQueries,
      maxWaiting: 1000,
      log: settings.log,
    });
    this.#planner = {
      catalog: this.#catalog,
      registry: this.#registry,
      ingest: this.#ingest,
      snapshotDirectories: [this.#paths.fresh, this.#spareDirectory],
      nextId: () => ++this.#fileId,
      nowMs: () => settings.clock.nowMs(),
    };
  }

  get #emptySegment(): string {
    return join(this.#paths.exports, 'empty.parquet');
  }

  async open(): Promise<void> {
    this.#registry.load();
    this.#maintenance.open();
    await this.#guard.refresh();
    this.#observe();
    await this.#ingest.open();
    this.#maintenance.start();
  }

  async append(batch: LogBatch): Promise<AppendResult> {
    this.#mustBeOpen();
    return await this.#ingest.append(batch);
  }

  storedUpTo(sourceId: string): number {
    return this.#ingest.storedUpTo(sourceId);
  }

  group(name: string): LogGroup | undefined {
    return this.#registry.group(name);
  }

  groups(filter?: { readonly prefix?: string; readonly contains?: string }): readonly LogGroup[] {
    return this.#registry.list(filter);
  }

  async createGroup(
    name: string,
    options: Parameters<LogStore['createGroup']>[1] = {},
  ): Promise<void> {
    this.#mustBeOpen();
    this.#durably(() => this.#registry.create(name, this.#settings.clock.nowMs(), options));
  }

  async deleteGroup(name: string): Promise<void> {
    this.#mustBeOpen();
    await this.#maintenance.exclusive(() => {
      this.#durably(() => this.#registry.delete(name, this.#ingest.nextSequence));
      for (const generation of this.#ingest.generations) generation.drop(name);
    });
  }

  async updateGroup(name: string, change: Parameters<LogStore['updateGroup']>[1]): Promise<void> {
    this.#mustBeOpen();
    this.#durably(() => this.#registry.update(name, change));
  }

  stream(group: string, name: string): LogStream | undefined {
    return this.#registry.stream(group, name);
  }

  streams(group: string, options?: Parameters<LogStore['streams']>[1]): readonly LogStream[] {
    return this.#registry.listStreams(group, options);
  }

  async createStream(group: string, name: string): Promise<void> {
    this.#mustBeOpen();
    this.#durably(() => this.#registry.createStream(group, name, this.#settings.clock.nowMs()));
  }

  async deleteStream(group: string, name: string): Promise<void> {
    this.#mustBeOpen();
    await this.#maintenance.exclusive(() => {
      this.#durably(() => this.#registry.deleteStream(group, name, this.#ingest.nextSequence));
    });
  }

  async readEvents(request: EventPageRequest, signal: AbortSignal): Promise<EventPage> {
    await using scan = await this.openScan(request, signal);
    return await readPage(scan, request, signal);
  }

  async readEvent(pointer: EventPointer, signal: AbortSignal): Promise<LogEvent | undefined> {
    if (this.#registry.find(pointer.group) === undefined) return undefined;
    const { group, timestampMs, sequence } = pointer;
    const selection = { groups: [group], fromMs: timestampMs, toMs: timestampMs };
    await using scan = await this.openScan(selection, signal);
    const sql = `SELECT * FROM ${scan.relationOf(scan.parts)} WHERE seq = $1 AND ts_ms = $2`;
    for await (const rows of scan.run(sql, { params: [sequence, timestampMs], signal })) {
      if (rows.rowCount > 0) return eventAt(rows, 0);
    }
    return undefined;
  }

  async openScan(request: ScanRequest, signal: AbortSignal): Promise<LogScan> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    const texts = (request.contains ?? []).filter((text) => text !== '');
    const blocks = await selectBlocks(request, texts, this.#registry, this.#filters);
    const extracts = await this.#extract(request, blocks);
    let plan: ReturnType<typeof planScan>;
    try {
      plan = this.#plan(request, {
        ...this.#planner,
        blocksWith: (segment) => blocks.get(segment.id),
        extracts,
      });
    } finally {
      // A file that no plan took has no other user.
      for (const extract of extracts.values()) {
        if (extract.file?.users === 0) rmSync(extract.file.path, { force: true });
      }
    }
    return new StoreScan(
      plan.parts,
      { events: plan.totalEvents, bytes: plan.totalBytes },
      {
        connect: (each) => this.#engine.connect(each),
        exportDirectory: this.#paths.exports,
        emptySegment: this.#emptySegment,
        onDamaged: (path) => this.#maintenance.checkDamage(path),
        onFieldsDamaged: (path) => this.#maintenance.dropFields(path),
        release: plan.release,
        nextId: this.#planner.nextId,
      },
    );
  }

  /** Blocks with rare texts in files of their own, by group; none where segments are to be read. */
  async #extract(
    request: ScanRequest,
    blocks: ReadonlyMap<number, readonly number[]>,
  ): Promise<ReadonlyMap<string, Extract>> {
    const extracts = new Map<string, Extract>();
    for (const group of new Set(blocks.size > 0 ? request.groups : [])) {
      const jobs: ExtractJob[] = [];
      for (const segment of this.#registry.find(group)?.segments.values() ?? []) {
        const wanted = blocks.get(segment.id);
        if (wanted !== undefined) jobs.push({ segment, blocks: wanted });
      }
      const files = { directory: this.#paths.fresh, nextId: this.#planner.nextId };
      const made = await extractBlocks(jobs, this.#places, files);
      if (made !== undefined) extracts.set(group, made);
    }
    return extracts;
  }

  async seal(): Promise<void> {
    this.#mustBeOpen();
    await this.#maintenance.flush();
    // The first may be one that began before the flush.
    await this.#maintenance.tick();
    await this.#maintenance.tick();
  }

  tail(request: TailRequest, signal: AbortSignal): AsyncIterable<TailBatch> {
    return this.#ingest.tails.listen(request, signal);
  }

  onAppend(listener: Parameters<LogStore['onAppend']>[0]): () => void {
    return this.#ingest.onAppend(listener);
  }

  stats(): LogStoreStats {
    let segments = 0;
    let segmentBytes = 0;
    let events = 0;
    let messageBytes = 0;
    for (const group of this.#registry.all()) {
      segments += group.segments.size;
      for (const segment of group.segments.values()) segmentBytes += segment.diskBytes;
      events += group.events;
      messageBytes += group.messageBytes;
    }
    let freshBytes = 0;
    let freshEvents = 0;
    for (const generation of this.#ingest.generations) {
      freshBytes += generation.bytes;
      freshEvents += generation.rows;
    }
    const { walBytes } = this.#ingest;
    return {
      diskBytes: segmentBytes + walBytes,
      walBytes,
      freshBytes,
      freshEvents,
      segments,
      events,
      messageBytes,
      maxDiskBytes: this.#settings.maxDiskBytes,
      diskFreeBytes: this.#guard.freeBytes,
      writable: this.#guard.isWritable,
      damagedSegments: this.#catalog.damaged(),
    };
  }

  ingestRates(): ReadonlyMap<string, { readonly events: number; readonly bytes: number }> {
    return this.#ingest.rates.read(this.#settings.clock.monotonicMs());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#ingest.close();
    await this.#maintenance.close();
    await this.#engine.close();
    this.#catalog.close();
    rmSync(this.#spareDirectory, { recursive: true, force: true });
  }

  #plan(...args: Parameters<typeof planScan>): ReturnType<typeof planScan> {
    try {
      return planScan(...args);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('QUERY_FAILED', 'Unsealed events cannot be laid out for the query', {
        hint: `Check the disk that holds ${this.#paths.fresh}`,
        cause: error,
      });
    }
  }

  #observe(): void {
    const gauge = (name: string, help: string, read: () => number): void => {
      this.#settings.metrics.collected(name, help, 'gauge', () => [{ value: read() }]);
    };
    gauge('nunchi_logs_disk_bytes', 'Segments and write-ahead log', () => this.stats().diskBytes);
    gauge('nunchi_logs_wal_bytes', 'Write-ahead log files', () => this.#ingest.walBytes);
    gauge(
      'nunchi_logs_pending_bytes',
      'Frames that wait for a sync',
      () => this.#ingest.pendingBytes,
    );
    gauge('nunchi_logs_fresh_events', 'Events not sealed yet', () => this.stats().freshEvents);
    gauge('nunchi_logs_fresh_bytes', 'Memory of unsealed events', () => this.stats().freshBytes);
    gauge('nunchi_logs_segments', 'Sealed files', () => this.stats().segments);
    gauge('nunchi_logs_events', 'Events held', () => this.stats().events);
    gauge('nunchi_logs_groups', 'Log groups', () => [...this.#registry.all()].length);
    gauge('nunchi_logs_writable', '0 while the disk is full', () => Number(this.#guard.isWritable));
    gauge('nunchi_logs_queries_running', 'Engine connections in use', () => this.#engine.running);
    gauge('nunchi_logs_queries_queued', 'Scans that wait', () => this.#engine.queued);
    gauge('nunchi_logs_tail_listeners', 'Live listeners', () => this.#ingest.tails.listeners);
    this.#settings.metrics.collected(
      'nunchi_logs_tail_dropped_events_total',
      'Events that slow live listeners missed',
      'counter',
      () => [{ value: this.#ingest.tails.dropped }],
    );
  }

  /** Changes to the catalog fail as appends do: STORE_FULL where the disk is. */
  #durably(change: () => void): void {
    try {
      change();
    } catch (error) {
      throw error instanceof AppError ? error : this.#guard.onWriteError(error);
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new AppError('STORE_CLOSED', 'The log store is closed');
  }
}
