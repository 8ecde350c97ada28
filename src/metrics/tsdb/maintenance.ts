import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Block } from './block/block.ts';
import { newUlid } from './block/format.ts';
import { type BlockJob, type LabelTable, runJob } from './block/jobs.ts';
import { type PlannedBlock, planMerge, planRetention, sliceWidthMs } from './block/plan.ts';
import type { BlockRegistry } from './block/registry.ts';
import type { StoreCore } from './core.ts';
import { collectLate, collectSeries } from './head/collect.ts';
import { blockRangeMs, type Settings } from './options.ts';
import type { SelectionData } from './select/reader.ts';
import { SourceList } from './select/sources.ts';
import { syncDirectory } from './wal/files.ts';

/** The head is cut when it spans more than this, as in the reference. */
const maxHeadSpanMs = 1.5 * blockRangeMs;
/** A head that got nothing for so long goes to a block as if time had gone on. */
const idleHeadMs = 3_600_000;
/** Series between two turns of the event loop while a cut is prepared. */
const seriesPerTurn = 2000;

export interface MaintenanceParts {
  readonly settings: Settings;
  readonly core: StoreCore;
  readonly blocks: BlockRegistry;
  /** Writes a checkpoint. */
  checkpoint(): Promise<void>;
  /** Bytes of log and head files. */
  otherBytes(): number;
  /** When the last sample came, monotonic ms. */
  lastAppendMs(): number;
}

/** Cutting the head, merging blocks, deleting what is too old or too much. One thing at a time. */
export class Maintenance {
  readonly #parts: MaintenanceParts;
  compactions = 0;
  compactionsFailed = 0;
  seriesRemoved = 0;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  /** All that is due, in steps that each leave the store whole. */
  async run(signal: AbortSignal): Promise<void> {
    const { blocks, settings } = this.#parts;
    for (let cut = this.dueCut(); cut !== undefined; cut = this.dueCut()) {
      signal.throwIfAborted();
      await this.cut(cut);
    }
    for (;;) {
      signal.throwIfAborted();
      this.applyRetention();
      const plan = planMerge(blocks.all.map(plannedOf), settings.retentionMs);
      if (plan === undefined) break;
      const ids = new Set(plan.blocks.map(({ id }) => id));
      await this.merge(blocks.all.filter((block) => ids.has(block.meta.id)));
    }
    blocks.trimIndexes();
  }

  /** End of the range that is to be cut now, undefined: none. */
  dueCut(): number | undefined {
    const { core, settings } = this.#parts;
    const { head } = core;
    const { oldestMs, maxTimeMs } = head;
    if (!Number.isFinite(oldestMs) || oldestMs > maxTimeMs) return undefined;
    const end = (Math.floor(oldestMs / blockRangeMs) + 1) * blockRangeMs;
    const idleMs = settings.clock.monotonicMs() - this.#parts.lastAppendMs();
    const isSpanned = head.referenceMs() - (end - blockRangeMs) > maxHeadSpanMs;
    const isIdle = idleMs > idleHeadMs && settings.clock.nowMs() >= end + blockRangeMs / 2;
    return isSpanned || isIdle ? end : undefined;
  }

  /** Moves samples in order before `endMs`, and all late ones, from the head to blocks. */
  async cut(endMs: number): Promise<void> {
    const { core, blocks } = this.#parts;
    const { head } = core;
    head.cutMs = Math.max(head.cutMs, endMs);
    const release = head.arena.enter();
    const made: Block[] = [];
    try {
      const taken = head.closeLate();
      const labels = new LabelCollector(core);
      const { data, late } = await this.#collect(endMs, taken, labels);
      const table = labels.table();
      const main = await this.#write(data, table, Number.NEGATIVE_INFINITY, endMs - 1, endMs);
      if (main !== undefined) made.push(main);
      // Late samples beyond the range are few: a block each, which the next merge takes.
      for (const start of rangesOf(late, endMs, head)) {
        const end = start + blockRangeMs - 1;
        const block = await this.#write(late.data, table, start, end, undefined);
        if (block !== undefined) made.push(block);
      }
      blocks.replace(made, []);
      // Nothing is read any more: what is freed now can be used at once.
      release();
      const idle = head.dropBefore(endMs);
      head.dropLate(taken);
      for (const row of idle) core.query.tombstones.delete(head.table.ref[row]!);
      const removable = idle.filter((row) => !head.late.has(row));
      head.removeSeries(removable);
      this.seriesRemoved += removable.length;
      this.compactions++;
    } catch (error) {
      this.compactionsFailed++;
      throw error;
    } finally {
      release();
    }
    await this.#parts.checkpoint();
  }

  async #collect(
    endMs: number,
    taken: ReadonlyMap<number, readonly number[]>,
    labels: LabelCollector,
  ): Promise<{ data: SelectionData; late: LateData }> {
    const { core } = this.#parts;
    const { head } = core;
    const sources = new SourceList(head.arena.pages.slice());
    const lateSources = new SourceList(head.arena.pages.slice());
    const starts: number[] = [0];
    const lateStarts: number[] = [0];
    const tombstones: [number, readonly number[]][] = [];
    const clipMs = head.minTimeMs;
    let turn = 0;
    for (let row = 1; row < head.table.rows; row++) {
      if (++turn % seriesPerTurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      const ref = head.table.ref[row]!;
      if (ref === 0) continue;
      const before = sources.length;
      collectSeries(head, row, Number.NEGATIVE_INFINITY, endMs - 1, sources, false);
      const addresses = taken.get(row) ?? [];
      collectLate(head, addresses, sources);
      collectLate(head, addresses, lateSources);
      if (sources.length === before) continue;
      labels.add(row);
      const ranges = core.query.tombstones.get(ref);
      if (ranges !== undefined) tombstones.push([starts.length - 1, ranges]);
      starts.push(sources.length);
      lateStarts.push(lateSources.length);
    }
    // Pages that came meanwhile hold later samples, but an open chunk may have moved to one.
    const pages = head.arena.pages.slice();
    const common = {
      fromMs: Number.NEGATIVE_INFINITY,
      toMs: Number.POSITIVE_INFINITY,
      clipMs,
      tombstones,
    };
    return {
      data: { ...sources.take(), buffers: pages, starts: Uint32Array.from(starts), ...common },
      late: {
        addresses: [...taken.values()].flat(),
        data: {
          ...lateSources.take(),
          buffers: pages,
          starts: Uint32Array.from(lateStarts),
          ...common,
        },
      },
    };
  }

  async #write(
    data: SelectionData,
    labels: LabelTable,
    fromMs: number,
    toMs: number,
    headUntilMs: number | undefined,
  ): Promise<Block | undefined> {
    const { blocks, settings } = this.#parts;
    const id = newUlid(settings.clock.nowMs());
    const until = headUntilMs === undefined ? {} : { headUntilMs };
    const meta = await runJob(
      {
        kind: 'cut',
        folder: blocks.draft(id),
        fromMs,
        toMs,
        sliceMs: blockRangeMs,
        data,
        labels,
        meta: { id, level: 1, replaces: [], ...until },
      },
      samplesOf(data),
    );
    return meta === undefined ? undefined : blocks.accept(meta);
  }

  /** Joins blocks into one, without what is deleted. */
  async merge(old: readonly Block[]): Promise<void> {
    const { blocks, settings } = this.#parts;
    if (old.length === 0) return;
    const id = newUlid(settings.clock.nowMs());
    const leave = old.map((block) => block.enter());
    try {
      const until = Math.max(
        ...old.map(({ meta }) => meta.headUntilMs ?? Number.NEGATIVE_INFINITY),
      );
      const before = old.map((block) => block.tombstones);
      const job: BlockJob = {
        kind: 'merge',
        folder: blocks.draft(id),
        fromMs: Number.NEGATIVE_INFINITY,
        toMs: Number.POSITIVE_INFINITY,
        sliceMs: sliceWidthMs(old.map(plannedOf)),
        sources: old.map((block) => block.folder),
        meta: {
          id,
          level: Math.max(...old.map((block) => block.meta.level)) + (old.length > 1 ? 1 : 0),
          replaces: old.map((block) => block.meta.id),
          ...(Number.isFinite(until) ? { headUntilMs: until } : {}),
        },
      };
      const meta = await runJob(
        job,
        old.reduce((sum, block) => sum + block.meta.samples, 0),
      );
      // Something was deleted meanwhile: what was written has it still. The next round tries again.
      if (old.some((block, at) => block.tombstones !== before[at])) {
        await rm(blocks.draft(id), { recursive: true, force: true });
        return;
      }
      blocks.replace(meta === undefined ? [] : [await blocks.accept(meta)], old);
      this.compactions++;
    } catch (error) {
      this.compactionsFailed++;
      throw error;
    } finally {
      for (const each of leave) each();
    }
  }

  applyRetention(): void {
    const { blocks, settings, otherBytes } = this.#parts;
    const { retentionMs, retentionBytes } = settings;
    const planned = planRetention(blocks.all.map(plannedOf), {
      retentionMs,
      retentionBytes,
      otherBytes: otherBytes(),
    });
    if (planned.length === 0) return;
    const ids = new Set(planned.map(({ id }) => id));
    const gone = blocks.all.filter((block) => ids.has(block.meta.id));
    settings.log.info('Blocks are deleted: retention has passed', {
      blocks: gone.map((block) => block.meta.id),
      untilMs: Math.max(...gone.map((block) => block.meta.maxTimeMs)),
    });
    blocks.replace([], gone);
  }

  /** Hard links of all blocks, and the head as a block of its own. @returns the folder's name */
  async snapshot(skipHead: boolean): Promise<string> {
    const { blocks, settings, core } = this.#parts;
    const stamp = new Date(settings.clock.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '');
    const name = `${stamp}-${randomBytes(8).toString('hex')}`;
    const folder = join(settings.directory, 'snapshots', name);
    await mkdir(folder, { recursive: true });
    const held = blocks.all.map((block) => ({ block, leave: block.enter() }));
    const release = core.head.arena.enter();
    try {
      for (const { block } of held) {
        const to = join(folder, block.meta.id);
        await mkdir(to);
        for (const file of await readdir(block.folder)) {
          await link(join(block.folder, file), join(to, file));
        }
        syncDirectory(to);
      }
      if (!skipHead && core.head.table.count > 0) {
        const labels = new LabelCollector(core);
        const taken = core.head.closeLate();
        const { data } = await this.#collect(Number.POSITIVE_INFINITY, taken, labels);
        const id = newUlid(settings.clock.nowMs());
        const job: BlockJob = {
          kind: 'cut',
          folder: join(folder, id),
          fromMs: Number.NEGATIVE_INFINITY,
          toMs: Number.POSITIVE_INFINITY,
          sliceMs: blockRangeMs,
          data,
          labels: labels.table(),
          meta: { id, level: 1, replaces: [] },
        };
        await runJob(job, samplesOf(data));
      }
      syncDirectory(folder);
    } finally {
      release();
      for (const { leave } of held) leave();
    }
    return name;
  }
}

const samplesOf = (data: SelectionData): number =>
  data.count.reduce((sum, count) => sum + count, 0);

interface LateData {
  readonly addresses: readonly number[];
  readonly data: SelectionData;
}

/** Starts of the ranges from `endMs` on in which there are late samples. */
function rangesOf(late: LateData, endMs: number, head: StoreCore['head']): readonly number[] {
  const starts = new Set<number>();
  for (const address of late.addresses) {
    const { minTimeMs, maxTimeMs } = head.chunkTimes(address);
    const from = Math.max(endMs, minTimeMs);
    for (
      let at = Math.floor(from / blockRangeMs) * blockRangeMs;
      at <= maxTimeMs;
      at += blockRangeMs
    ) {
      starts.add(Math.max(at, endMs));
    }
  }
  return [...starts].sort((a, b) => a - b);
}

/** Labels of rows with numbers of their own, each text once. */
export class LabelCollector {
  readonly #core: StoreCore;
  readonly #texts: string[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #ids: number[] = [];
  readonly #starts: number[] = [0];

  constructor(core: StoreCore) {
    this.#core = core;
  }

  add(row: number): void {
    const { table } = this.#core.head;
    for (const pair of table.pairsOf(row)) {
      this.#ids.push(this.#numberOf(table.texts.nameOf(pair)), this.#numberOf(pair));
    }
    this.#starts.push(this.#ids.length);
  }

  #numberOf(id: number): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.#texts.push(this.#core.head.table.texts.text(id)) - 1;
      this.#numbers.set(id, number);
    }
    return number;
  }

  table(): LabelTable {
    return {
      texts: this.#texts,
      ids: Uint32Array.from(this.#ids),
      starts: Uint32Array.from(this.#starts),
    };
  }
}

export function plannedOf(block: Block): PlannedBlock {
  const { id, minTimeMs, maxTimeMs, samples, series, level } = block.meta;
  return {
    id,
    minTimeMs,
    maxTimeMs,
    samples,
    series,
    level,
    sizeBytes: block.sizeBytes,
    hasTombstones: block.tombstones.size > 0,
  };
}
