import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError, isAppError } from '#base';
import { parseExposition } from '#metrics/exposition';
import {
  highWord,
  labelsOf,
  lowWord,
  normalNanHighBits,
  normalNanLowBits,
  wordsOf,
} from '#metrics/model';
import { newUlid } from '../block/format.ts';
import { runJob } from '../block/jobs.ts';
import { SampleBatch } from '../contract.ts';
import { StoreCore } from '../core.ts';
import { collectSeries } from '../head/collect.ts';
import { LabelCollector } from '../maintenance.ts';
import { blockRangeMs } from '../options.ts';
import { SourceList } from '../select/sources.ts';
import type { DiskMetricStore } from '../store.ts';
import type { ImportOptions, ImportResult } from './prometheus.ts';
import { ImportMemory } from './state.ts';

/** Read and parsed at once: whole lines of about so many bytes. */
const pieceBytes = 8 * 1024 * 1024;
/** Samples that are gathered before they become blocks. */
const samplesPerBlock = 4_000_000;
/** Imported blocks span at most a day, so that retention can take them. */
const importRangeMs = 24 * 3_600_000;

const openMetricsEnd = Buffer.from('# EOF\n');

/**
 * Takes in a file in OpenMetrics format (or the text format) whose samples have times, in pieces that
 * each become blocks at once: broken off, it goes on after the last piece that was stored.
 *
 * @throws {AppError} IMPORT_INVALID names line and reason; what the signal aborts with
 */
export async function importOpenMetrics(
  store: DiskMetricStore,
  path: string,
  { signal, onProgress }: ImportOptions,
): Promise<ImportResult> {
  const { size, mtimeMs } = await stat(path);
  const memory = new ImportMemory(
    store.directory,
    `openmetrics:${resolve(path)}:${size}:${mtimeMs}`,
  );
  const { state } = memory;
  const alreadyDone = state.offset;
  const file = await open(path, 'r');
  let samples = 0;
  let blocks = 0;
  let gathered = new Gathered();
  const flush = async (offset: number): Promise<void> => {
    blocks += await gathered.write(store);
    gathered = new Gathered();
    state.offset = offset;
    state.samples = samples;
    memory.save();
  };
  try {
    let offset = state.offset;
    let type = Buffer.alloc(0);
    while (offset < size) {
      signal.throwIfAborted();
      const piece = await readLines(file, offset, size, path);
      const text = Buffer.concat([type, piece]);
      try {
        samples += gathered.add(text);
      } catch (error) {
        throw named(error, path, offset);
      }
      // The type of a family reaches its samples in the next piece.
      const at = text.lastIndexOf('\n# TYPE ') + 1;
      if (text.subarray(at).indexOf('# TYPE ') === 0) {
        type = Buffer.from(text.subarray(at, text.indexOf('\n', at) + 1));
      }
      offset += piece.length;
      onProgress?.({ done: offset / size, samples, what: path });
      if (gathered.samples >= samplesPerBlock) await flush(offset);
      await new Promise<void>((done) => setImmediate(done));
    }
    if (gathered.samples > 0) await flush(size);
    return { samples, blocks, alreadyDone, skippedChunks: 0 };
  } finally {
    await file.close();
  }
}

async function readLines(
  file: Awaited<ReturnType<typeof open>>,
  offset: number,
  size: number,
  path: string,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.min(pieceBytes, size - offset));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
  if (offset + bytesRead >= size) return bytes.subarray(0, bytesRead);
  const end = bytes.lastIndexOf(0x0a, bytesRead - 1) + 1;
  if (end === 0) {
    throw new AppError('IMPORT_INVALID', `${path}: a line at byte ${offset} is longer than 8 MiB`);
  }
  return bytes.subarray(0, end);
}

function named(error: unknown, path: string, offset: number): unknown {
  if (!isAppError(error)) return error;
  const line = error.details['line'];
  const where = line === undefined ? '' : `, line ${String(line)} from byte ${offset} on`;
  return new AppError('IMPORT_INVALID', `${path}${where}: ${error.message}`, { cause: error });
}

/** Samples of a file in memory, in any order, until they are written. */
class Gathered {
  readonly #core = new StoreCore(
    {
      outOfOrderWindowMs: Number.POSITIVE_INFINITY,
      maxBehindMs: Number.POSITIVE_INFINITY,
      maxAheadMs: Number.POSITIVE_INFINITY,
      nowMs: () => 0,
    },
    Number.POSITIVE_INFINITY,
  );
  samples = 0;
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;

  /** @returns samples taken in */
  add(piece: Buffer): number {
    const batch = new SampleBatch();
    const isEnded = piece.subarray(-openMetricsEnd.length - 1).includes('# EOF');
    const body = isEnded ? piece : Buffer.concat([piece, openMetricsEnd]);
    for (const entry of parseExposition(body, 'openmetrics')) {
      if (entry.kind !== 'sample') continue;
      const { pairs, value, timeMs } = entry;
      if (timeMs === undefined) {
        throw new AppError('IMPORT_INVALID', `the sample ${pairs.join(' ')} has no time`);
      }
      const time = Math.round(timeMs);
      const labels = labelsOf(twos(pairs));
      batch.add(this.#core.seriesRef(labels), time, value);
      if (Number.isNaN(value)) {
        const words = wordsOf(batch.values);
        words[(batch.length - 1) * 2 + lowWord] = normalNanLowBits;
        words[(batch.length - 1) * 2 + highWord] = normalNanHighBits;
      }
      this.#minTimeMs = Math.min(this.#minTimeMs, time);
      this.#maxTimeMs = Math.max(this.#maxTimeMs, time);
    }
    this.#core.append(batch);
    this.samples += batch.length;
    return batch.length;
  }

  /** @returns blocks made */
  async write(store: DiskMetricStore): Promise<number> {
    const { head } = this.#core;
    const labels = new LabelCollector(this.#core);
    const sources = new SourceList(head.arena.pages.slice());
    const starts = [0];
    for (let row = 1; row < head.table.rows; row++) {
      if (head.table.ref[row] === 0) continue;
      collectSeries(head, row, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, sources);
      labels.add(row);
      starts.push(sources.length);
    }
    const data = {
      ...sources.take(),
      starts: Uint32Array.from(starts),
      fromMs: Number.NEGATIVE_INFINITY,
      toMs: Number.POSITIVE_INFINITY,
      clipMs: Number.NEGATIVE_INFINITY,
      tombstones: [],
    };
    const table = labels.table();
    let blocks = 0;
    const first = Math.floor(this.#minTimeMs / importRangeMs) * importRangeMs;
    for (let fromMs = first; fromMs <= this.#maxTimeMs; fromMs += importRangeMs) {
      const id = newUlid(Date.now());
      const meta = await runJob(
        {
          kind: 'cut',
          folder: store.registry.draft(id),
          fromMs,
          toMs: fromMs + importRangeMs - 1,
          sliceMs: blockRangeMs,
          data,
          labels: table,
          meta: { id, level: 1, replaces: [] },
        },
        this.samples,
      );
      if (meta === undefined) continue;
      await store.addBlock(meta);
      blocks++;
    }
    return blocks;
  }
}

function* twos(pairs: readonly string[]): Generator<readonly [string, string]> {
  for (let at = 0; at < pairs.length; at += 2) yield [pairs[at]!, pairs[at + 1]!];
}
