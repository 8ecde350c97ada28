import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '#base';
import { decodeChunk } from '#metrics/chunks';
import { compareLabels, type Labels, labelsOf, SampleColumns } from '#metrics/model';
import { newUlid, ulidPattern } from '../block/format.ts';
import { writeSamples } from '../block/rewrite.ts';
import { BlockWriter } from '../block/writer.ts';
import { blockRangeMs } from '../options.ts';
import { mergeByTime, removeIntervals } from '../select/merge.ts';
import type { DiskMetricStore } from '../store.ts';
import { PrometheusBlock, type PrometheusChunk } from './prometheus-block.ts';
import { hasPrometheusHead, importPrometheusHead } from './prometheus-head.ts';
import { ImportMemory } from './state.ts';

/** Series between two turns of the event loop. */
const seriesPerTurn = 500;

export interface ImportProgress {
  /** 0 to 1. */
  readonly done: number;
  readonly samples: number;
  /** What is being read. */
  readonly what: string;
}

export interface ImportOptions {
  readonly signal: AbortSignal;
  onProgress?(progress: ImportProgress): void;
}

export interface ImportResult {
  readonly samples: number;
  readonly blocks: number;
  /** Blocks that an import before this one had done. */
  readonly alreadyDone: number;
  /** Chunks of a kind that is not known. */
  readonly skippedChunks: number;
  /** What was left out because it was damaged, for people. */
  readonly problems?: readonly string[];
}

/**
 * Takes over a Prometheus data directory: its blocks, oldest first, each in one step, then its head of the
 * last hours. Broken off, it goes on with the next block. Imported samples may overlap what is stored.
 *
 * @throws {AppError} IMPORT_INVALID when there is nothing to import or a block is damaged; what the signal
 *   aborts with
 */
export async function importPrometheusBlocks(
  store: DiskMetricStore,
  folder: string,
  { signal, onProgress }: ImportOptions,
): Promise<ImportResult> {
  const blocks = findBlocks(folder);
  if (blocks.length === 0 && !hasPrometheusHead(folder)) {
    throw new AppError('IMPORT_INVALID', `${folder} holds no data of Prometheus`, {
      hint: 'Name the data directory (the one with `wal` in it) or a snapshot',
    });
  }
  const memory = new ImportMemory(store.directory, `prometheus:${resolve(folder)}`);
  // The head is one more.
  const steps = blocks.length + 1;
  let samples = 0;
  let skippedChunks = 0;
  let written = 0;
  let alreadyDone = 0;
  for (const [at, { id }] of blocks.entries()) {
    if (memory.state.done.includes(id)) {
      alreadyDone++;
      continue;
    }
    const result = await importBlock(store, join(folder, id), signal, (part, some) =>
      onProgress?.({ done: (at + part) / steps, samples: samples + some, what: id }),
    );
    samples += result.samples;
    skippedChunks += result.skippedChunks;
    if (result.samples > 0) written++;
    memory.state.done.push(id);
    memory.state.samples += result.samples;
    memory.save();
  }
  const head = await importPrometheusHead(store, folder, endOfBlocks(blocks), {
    signal,
    onProgress: (progress) =>
      onProgress?.({
        ...progress,
        done: (blocks.length + progress.done) / steps,
        samples: samples + progress.samples,
      }),
  });
  onProgress?.({ done: 1, samples: samples + head.samples, what: folder });
  return {
    samples: samples + head.samples,
    blocks: written + head.blocks,
    alreadyDone: alreadyDone + (head.alreadyDone ? 1 : 0),
    skippedChunks: skippedChunks + head.skippedChunks,
    problems: head.problems,
  };
}

interface FoundBlock {
  readonly id: string;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** Late samples only: it says nothing of where the head begins. */
  readonly isOutOfOrder: boolean;
}

function findBlocks(folder: string): FoundBlock[] {
  const blocks: FoundBlock[] = [];
  for (const id of readdirSync(folder)) {
    if (!ulidPattern.test(id)) continue;
    const text = readFileSync(join(folder, id, 'meta.json'), 'utf8');
    const meta = JSON.parse(text) as {
      readonly minTime?: number;
      readonly maxTime?: number;
      readonly compaction?: { readonly hints?: readonly string[] };
    };
    blocks.push({
      id,
      minTimeMs: meta.minTime ?? 0,
      maxTimeMs: meta.maxTime ?? 0,
      isOutOfOrder: meta.compaction?.hints?.includes('from-out-of-order') ?? false,
    });
  }
  return blocks.sort((a, b) => a.minTimeMs - b.minTimeMs);
}

/** Older samples of the head are in blocks already. */
const endOfBlocks = (blocks: readonly FoundBlock[]): number =>
  blocks
    .filter(({ isOutOfOrder }) => !isOutOfOrder)
    .reduce((end, { maxTimeMs }) => Math.max(end, maxTimeMs), Number.NEGATIVE_INFINITY);

async function importBlock(
  store: DiskMetricStore,
  folder: string,
  signal: AbortSignal,
  onPart: (part: number, samples: number) => void,
): Promise<{ samples: number; skippedChunks: number }> {
  const block = new PrometheusBlock(folder);
  const id = newUlid(Date.now());
  const draft = store.registry.draft(id);
  const writer = new BlockWriter(draft);
  const columns = new SampleColumns();
  let samples = 0;
  let skippedChunks = 0;
  let turn = 0;
  let last: Labels | undefined;
  try {
    for (const { labels: stored, chunks, deleted, doneBytes } of block.series()) {
      if (++turn % seriesPerTurn === 0) {
        onPart(doneBytes / block.seriesBytes, samples);
        await new Promise<void>((done) => setImmediate(done));
        signal.throwIfAborted();
      }
      skippedChunks += readChunks(folder, chunks, columns);
      if (deleted.length > 0) removeIntervals(columns, deleted);
      if (columns.count === 0) continue;
      const labels = labelsOf(pairsOf(stored));
      if (last !== undefined && compareLabels(last, labels) >= 0) {
        throw new AppError('IMPORT_INVALID', `${folder}: its series are not in order`);
      }
      last = labels;
      writeSamples(writer, labels, columns, blockRangeMs);
      samples += columns.count;
    }
    if (samples > 0) {
      const meta = writer.finish((content) => ({
        version: 1,
        ...content,
        id,
        level: 1,
        replaces: [],
      }));
      await store.addBlock(meta);
    } else {
      writer.abandon();
      rmSync(draft, { recursive: true, force: true });
    }
  } catch (error) {
    writer.abandon();
    rmSync(draft, { recursive: true, force: true });
    throw error;
  } finally {
    block.close();
  }
  return { samples, skippedChunks };
}

function* pairsOf(labels: Labels): Generator<readonly [string, string]> {
  for (let at = 0; at < labels.length; at += 2) yield [labels[at]!, labels[at + 1]!];
}

/** Reads the samples of a series. @returns chunks of a kind that is not read */
function readChunks(
  folder: string,
  chunks: readonly PrometheusChunk[],
  into: SampleColumns,
): number {
  into.clear();
  let skipped = 0;
  let isSorted = true;
  for (const { encoding, data } of chunks) {
    const before = into.count;
    const outcome = decodeChunk(encoding, data, into);
    if (outcome === 'unknown') {
      skipped++;
      continue;
    }
    if (outcome === 'damaged') {
      throw new AppError('IMPORT_INVALID', `${folder}: a chunk ends before its samples do`);
    }
    if (before > 0 && into.timesMs[before]! <= into.timesMs[before - 1]!) isSorted = false;
  }
  if (!isSorted) mergeByTime(into);
  return skipped;
}
