import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError, type Counter, type DiskGuard, isAppError } from '#base';
import type { Catalog } from './catalog.ts';
import type { Generation } from './fresh.ts';
import type { Ingest } from './ingest.ts';
import { planMerge } from './merge-plan.ts';
import type { Settings } from './options.ts';
import { blockIdOf, expiryMs } from './planner.ts';
import type { Registry } from './registry.ts';
import { collectGarbage } from './row-memory.ts';
import type { SegmentJob, SegmentResult } from './segment-job.ts';
import { SegmentWorker } from './segment-worker.ts';
import type { GroupState, SegmentState } from './state.ts';

/** A sender that has not been seen for this long is forgotten, ms: 90 days. */
const sourceLifeMs = 90 * 86_400_000;

export interface MaintenanceDeps {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly ingest: Ingest;
  readonly guard: DiskGuard;
  readonly segmentDirectory: string;
  readonly damagedDirectory: string;
}

/**
 * What happens behind the appends and the queries: sealing, merging, expiry, the size limit, and
 * setting damaged files aside. One piece of work at a time.
 */
export class Maintenance {
  readonly #deps: MaintenanceDeps;
  readonly #worker = new SegmentWorker();
  readonly #counters: Readonly<
    Record<'seals' | 'merges' | 'expired' | 'evicted' | 'evictedEvents' | 'damaged', Counter>
  >;
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #sealQueued = false;
  #ticking: Promise<void> | undefined;
  #closed = false;
  /** Memory was let go of that only a collection gives back to the system. */
  #hasGarbage = false;
  #nextSegmentId = 1;
  /** Generations sealed by this process. */
  #sealed = 0;

  constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
    const { metrics } = deps.settings;
    this.#counters = {
      seals: metrics.counter('nunchi_logs_sealed_segments_total', 'Segments made of fresh rows'),
      merges: metrics.counter('nunchi_logs_merges_total', 'Merges of small segments'),
      expired: metrics.counter('nunchi_logs_expired_segments_total', 'Segments past retention'),
      evicted: metrics.counter(
        'nunchi_logs_evicted_segments_total',
        'Segments dropped to keep the size limit',
      ),
      evictedEvents: metrics.counter(
        'nunchi_logs_evicted_events_total',
        'Events dropped to keep the size limit',
      ),
      damaged: metrics.counter('nunchi_logs_damaged_segments_total', 'Segments set aside'),
    };
  }

  /** Removes what an interrupted run left behind; notices segments that are gone. */
  open(): void {
    const { catalog, registry, segmentDirectory } = this.#deps;
    this.#nextSegmentId = catalog.number('last_segment_id') + 1;
    const known = new Set<string>();
    for (const group of registry.all()) {
      for (const segment of [...group.segments.values()]) {
        known.add(basename(segment.path));
        known.add(basename(segment.filterPath));
        if (segment.fields !== undefined && segment.fields.length > 0) {
          if (existsSync(segment.fieldsPath)) known.add(basename(segment.fieldsPath));
          else segment.fields = undefined;
        }
        if (!existsSync(segment.path)) this.#setAside(group, segment, 'The file is missing');
      }
    }
    for (const name of readdirSync(segmentDirectory)) {
      if (!known.has(name)) rmSync(join(segmentDirectory, name), { force: true });
    }
  }

  start(): void {
    const { maintenanceEveryMs } = this.#deps.settings;
    if (maintenanceEveryMs === 0) return;
    this.#timer = setInterval(() => void this.tick(), maintenanceEveryMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#last;
    await this.#worker.close();
  }

  /** Runs `work` while nothing else changes segments. */
  exclusive<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  /** Generations that are full become segments. */
  sealWaiting(): void {
    if (this.#sealQueued || this.#closed) return;
    this.#sealQueued = true;
    void this.exclusive(async () => {
      this.#sealQueued = false;
      await this.#sealAll();
    });
  }

  /**
   * Everything that time brings: sealing by age, expiry, the size limit, merges, files of fields.
   * One at a time: a call during another ends with that one.
   */
  async tick(): Promise<void> {
    if (this.#closed) return;
    this.#ticking ??= this.#work().finally(() => {
      this.#ticking = undefined;
    });
    await this.#ticking;
  }

  async #work(): Promise<void> {
    await this.#deps.guard.refresh();
    this.#giveMemoryBack();
    await this.exclusive(async () => {
      const { ingest, settings } = this.#deps;
      const firstRowMs = ingest.generations.at(-1)?.firstRowMs;
      if (
        firstRowMs !== undefined &&
        settings.clock.monotonicMs() - firstRowMs >= settings.sealAfterMs
      ) {
        await ingest.rotate().catch((error: unknown) => this.#report('sealing', error));
      }
      await this.#sealAll();
      this.#attempt('expiry', () => this.#expire());
      this.#attempt('size limit', () => this.#keepSizeLimit());
    });
    // A turn for each merge, so that other work need not wait for all of them.
    while (await this.exclusive(() => this.#mergeOnce()));
    // Last, for a merge throws it away; while much comes in, one file a tick and no more, and none
    // while appends have to wait for seals.
    const sealedBefore = this.#sealed;
    if (this.#deps.ingest.hasHeldBack()) return;
    while (await this.#addFieldsOnce()) {
      if (this.#sealed > sealedBefore) break;
    }
  }

  /** Once the thread is gone that had seen the memory too. */
  #giveMemoryBack(): void {
    if (this.#deps.ingest.trimMemory()) this.#hasGarbage = true;
    if (!this.#hasGarbage || this.#worker.isRunning) return;
    this.#hasGarbage = false;
    collectGarbage();
  }

  /** Seals everything now. For tests, and before a backup. */
  async flush(): Promise<void> {
    await this.exclusive(async () => {
      await this.#deps.ingest.rotate();
      await this.#sealAll();
      // Nothing waits any more, so that nothing keeps the next tick from doing all there is to do.
      this.#deps.ingest.hasHeldBack();
    });
  }

  /**
   * Called when a query failed on a file: sets it aside when it is really damaged. True when it is
   * no longer part of the store.
   */
  async checkDamage(path: string): Promise<boolean> {
    const { registry } = this.#deps;
    const find = (): [GroupState, SegmentState] | undefined => {
      for (const group of registry.all()) {
        for (const segment of group.segments.values()) {
          if (segment.path === path) return [group, segment];
        }
      }
      return undefined;
    };
    if (find() === undefined) return !existsSync(path);
    return await this.exclusive(async () => {
      const reason = await this.#worker.verify(path);
      const found = find();
      if (found === undefined) return true;
      if (reason === undefined) return false;
      this.#setAside(...found, reason);
      return true;
    });
  }

  async #sealAll(): Promise<void> {
    for (;;) {
      const generation = this.#deps.ingest.waiting[0];
      if (generation === undefined || this.#closed) return;
      try {
        await this.#seal(generation);
      } catch (error) {
        this.#report('sealing', error);
        this.#deps.ingest.sealingFailed(this.#deps.guard.onWriteError(error));
        return;
      }
    }
  }

  async #seal(generation: Generation): Promise<void> {
    const { registry, catalog, ingest } = this.#deps;
    const made: { group: GroupState; id: number; result: SegmentResult }[] = [];
    for (const fresh of [...generation.groups.values()]) {
      const group = registry.find(fresh.group);
      if (group === undefined || fresh.rows === 0) continue;
      const id = this.#nextSegmentId++;
      const result = await this.#worker.write({
        ...this.#jobFor(group, id),
        sources: fresh.sources,
      });
      if (result.events > 0) made.push({ group, id, result });
    }
    catalog.transaction(() => {
      for (const { group, id, result } of made) {
        registry.saveStreams(group);
        catalog.insertSegment(
          { id, groupId: group.id, fields: undefined, ...result },
          result.streams,
        );
      }
      this.#saveIngestState(generation.id);
    });
    for (const { group, id, result } of made) {
      registry.addSegment(group, { id, groupId: group.id, fields: undefined, ...result });
    }
    ingest.drop(generation);
    this.#counters.seals.add(made.length);
    this.#sealed += 1;
    const oldest = Math.min(...ingest.generations.map((each) => each.firstSequence));
    registry.forgetDeletedGroups(Math.min(oldest, ingest.nextSequence));
  }

  #saveIngestState(sealedGeneration: number): void {
    const { catalog, ingest, settings } = this.#deps;
    catalog.setNumber('next_sequence', ingest.nextSequence);
    catalog.setNumber('last_segment_id', this.#nextSegmentId - 1);
    catalog.setNumber('sealed_generation', sealedGeneration);
    const oldestMs = settings.clock.nowMs() - sourceLifeMs;
    for (const [id, numbers] of ingest.sources) {
      if (numbers.seenMs < oldestMs) {
        ingest.forgetSource(id);
        catalog.deleteSource(id);
      } else if (numbers.dirty) {
        catalog.putSource(id, numbers.ranges, numbers.seenMs);
        numbers.dirty = false;
      }
    }
  }

  #jobFor(group: GroupState, id: number): Omit<SegmentJob, 'sources' | 'inputs'> {
    const base = join(this.#deps.segmentDirectory, String(id).padStart(10, '0'));
    return {
      group: group.name,
      path: `${base}.parquet`,
      filterPath: `${base}.filter`,
      firstBlockId: blockIdOf(id, 0),
      compressionLevel: this.#deps.settings.compressionLevel,
      deletedBelow: group.hidden,
    };
  }

  /** Does one merge, if there is one to do; sealing goes first, for appends may wait for it. */
  async #mergeOnce(): Promise<boolean> {
    await this.#sealAll();
    if (this.#closed || !this.#deps.guard.isWritable) return false;
    for (const group of this.#deps.registry.all()) {
      const inputs = planMerge(group.segments.values());
      if (inputs === undefined) continue;
      try {
        return await this.#mergeInto(group, inputs);
      } catch (error) {
        this.#report('merging', error);
        return false;
      }
    }
    return false;
  }

  async #mergeInto(group: GroupState, inputs: readonly SegmentState[]): Promise<boolean> {
    const { catalog, registry } = this.#deps;
    if (registry.find(group.name) !== group) return false;
    const id = this.#nextSegmentId++;
    const result = await this.#worker.write({
      ...this.#jobFor(group, id),
      inputs: inputs.map((segment) => segment.path),
    });
    if (result.damaged.length > 0) {
      for (const { path, reason } of result.damaged) {
        const segment = inputs.find((each) => each.path === path);
        if (segment !== undefined) this.#setAside(group, segment, reason);
      }
      return true;
    }
    catalog.transaction(() => {
      for (const segment of inputs) catalog.deleteSegment(segment.id);
      if (result.events > 0) {
        catalog.insertSegment(
          { id, groupId: group.id, fields: undefined, ...result },
          result.streams,
        );
      }
      catalog.setNumber('last_segment_id', id);
    });
    if (result.events > 0) {
      registry.addSegment(group, { id, groupId: group.id, fields: undefined, ...result });
    }
    for (const segment of inputs) registry.retireSegment(group, segment);
    this.#counters.merges.add(1);
    return true;
  }

  /**
   * Makes the fields file of one segment that was not looked at yet, if there is one. Seals and
   * merges go on meanwhile.
   */
  async #addFieldsOnce(): Promise<boolean> {
    if (this.#closed || !this.#deps.guard.isWritable) return false;
    for (const group of this.#deps.registry.all()) {
      for (const segment of group.segments.values()) {
        if (segment.fields !== undefined) continue;
        // Its files stay until it is released, whatever becomes of the segment.
        segment.users += 1;
        try {
          return await this.#addFields(group, segment);
        } finally {
          this.#deps.registry.releaseSegment(segment);
        }
      }
    }
    return false;
  }

  async #addFields(group: GroupState, segment: SegmentState): Promise<boolean> {
    const { fieldsPath, path, filterPath } = segment;
    const { compressionLevel } = this.#deps.settings;
    try {
      const job = { group: group.name, path, fieldsPath, compressionLevel };
      const made = await this.#worker.writeFields(job);
      if (this.#closed) return false;
      if (segment.retired) return true;
      const sizes = [path, filterPath].map((one) => statSync(one).size);
      const diskBytes = sizes.reduce((sum, size) => sum + size, made.diskBytes);
      this.#deps.catalog.setFields(segment.id, made.fields, diskBytes);
      Object.assign(segment, { fields: made.fields, diskBytes });
      return true;
    } catch (error) {
      if (this.#closed) return false;
      if (isAppError(error, 'SEGMENT_DAMAGED')) {
        await this.exclusive(() => {
          if (!segment.retired) this.#setAside(group, segment, error.message);
        });
        return true;
      }
      this.#report('fields of a segment', error);
      return false;
    }
  }

  /** Forgets a fields file that could not be read; it is made again. */
  dropFields(fieldsPath: string): void {
    for (const group of this.#deps.registry.all()) {
      for (const segment of group.segments.values()) {
        if (segment.fieldsPath !== fieldsPath) continue;
        segment.fields = undefined;
        this.#deps.catalog.setFields(segment.id, undefined, segment.diskBytes);
        this.#deps.settings.log.warn('A file of log fields could not be read and is made again', {
          path: fieldsPath,
        });
      }
    }
  }

  #expire(): void {
    const { registry, settings } = this.#deps;
    for (const group of registry.all()) {
      const beforeMs = expiryMs(group, settings.clock.nowMs());
      const old = [...group.segments.values()].filter((segment) => segment.maxMs < beforeMs);
      if (old.length === 0) continue;
      this.#drop(group, old);
      registry.forgetEmptyStreams(group, beforeMs);
      this.#counters.expired.add(old.length);
    }
  }

  #keepSizeLimit(): void {
    const { registry, settings, ingest } = this.#deps;
    const { maxDiskBytes, log } = settings;
    if (maxDiskBytes === undefined) return;
    let bytes = ingest.walBytes;
    const all: [GroupState, SegmentState][] = [];
    for (const group of registry.all()) {
      for (const segment of group.segments.values()) {
        bytes += segment.diskBytes;
        all.push([group, segment]);
      }
    }
    if (bytes <= maxDiskBytes) return;
    all.sort((a, b) => a[1].maxMs - b[1].maxMs);
    let dropped = 0;
    let events = 0;
    // One transaction and one recount of streams for each group, however many segments leave.
    const leaving = new Map<GroupState, SegmentState[]>();
    for (const [group, segment] of all) {
      if (bytes <= maxDiskBytes) break;
      const segments = leaving.get(group);
      if (segments === undefined) leaving.set(group, [segment]);
      else segments.push(segment);
      bytes -= segment.diskBytes;
      dropped += 1;
      events += segment.events;
    }
    for (const [group, segments] of leaving) this.#drop(group, segments);
    this.#counters.evicted.add(dropped);
    this.#counters.evictedEvents.add(events);
    log.warn('The oldest log segments were dropped to keep the size limit', {
      segments: dropped,
      events,
      maxDiskBytes,
    });
  }

  #drop(group: GroupState, segments: readonly SegmentState[]): void {
    const { catalog, registry, ingest } = this.#deps;
    const facts = segments.flatMap((segment) => catalog.segmentStreams(segment.id));
    catalog.transaction(() => {
      for (const segment of segments) catalog.deleteSegment(segment.id);
    });
    for (const segment of segments) registry.retireSegment(group, segment);
    registry.subtract(group, facts, ingest.generations);
  }

  #setAside(group: GroupState, segment: SegmentState, reason: string): void {
    const { catalog, registry, ingest, settings, damagedDirectory } = this.#deps;
    const aside = join(damagedDirectory, basename(segment.path));
    const facts = catalog.segmentStreams(segment.id);
    catalog.transaction(() => {
      catalog.deleteSegment(segment.id);
      catalog.insertDamaged(aside, `${reason} (group "${group.name}")`, settings.clock.nowMs());
    });
    if (existsSync(segment.path)) renameSync(segment.path, aside);
    registry.retireSegment(group, segment);
    registry.subtract(group, facts, ingest.generations);
    this.#counters.damaged.add(1);
    settings.log.error('A damaged log segment was set aside; the rest serves', {
      group: group.name,
      path: segment.path,
      setAside: aside,
      events: segment.events,
      reason,
    });
  }

  #attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report(what, error);
    }
  }

  #report(what: string, error: unknown): void {
    const { guard, settings } = this.#deps;
    const code = error instanceof AppError ? error.code : undefined;
    // A full disk says so once, by the guard; the work is tried again at the next tick.
    if (isAppError(guard.onWriteError(code === undefined ? error : { code }), 'STORE_FULL')) return;
    settings.log.error('Work on log segments failed and will be tried again', { what, err: error });
  }
}
