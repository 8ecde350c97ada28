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
import { SampleBatch } from '../contract.ts';
import type { DiskMetricStore } from '../store.ts';
import { Gathered, samplesPerBlock } from './gathered.ts';
import type { ImportOptions, ImportResult } from './prometheus.ts';
import { ImportMemory } from './state.ts';

/** Read and parsed at once: whole lines of about so many bytes. */
const pieceBytes = 8 * 1024 * 1024;

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
        samples += addPiece(text, gathered);
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

/** Parses a piece and takes its samples in. @returns how many */
function addPiece(piece: Buffer, into: Gathered): number {
  const batch = new SampleBatch();
  const isEnded = piece.subarray(-openMetricsEnd.length - 1).includes('# EOF');
  const body = isEnded ? piece : Buffer.concat([piece, openMetricsEnd]);
  for (const entry of parseExposition(body, 'openmetrics')) {
    if (entry.kind !== 'sample') continue;
    const { pairs, value, timeMs } = entry;
    if (timeMs === undefined) {
      throw new AppError('IMPORT_INVALID', `the sample ${pairs.join(' ')} has no time`);
    }
    batch.add(into.seriesRef(labelsOf(twos(pairs))), Math.round(timeMs), value);
    if (Number.isNaN(value)) {
      const words = wordsOf(batch.values);
      words[(batch.length - 1) * 2 + lowWord] = normalNanLowBits;
      words[(batch.length - 1) * 2 + highWord] = normalNanHighBits;
    }
  }
  into.add(batch);
  return batch.length;
}

function* twos(pairs: readonly string[]): Generator<readonly [string, string]> {
  for (let at = 0; at < pairs.length; at += 2) yield [pairs[at]!, pairs[at + 1]!];
}
