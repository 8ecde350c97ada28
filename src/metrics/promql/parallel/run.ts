import type { Evaluation } from '../engine/evaluation.ts';
import { RowReader, wasEmpty } from './chunk.ts';
import type { ParallelSource } from './plan.ts';
import { controlLength, stopAt, type TaskResult, type Work } from './protocol.ts';
import { type Chunks, noChunks, workOnNext } from './work.ts';

/** Fewer samples are decoded sooner than another thread has the task. */
const minSamples = 200_000;
/** Threads take chunks one by one. The last ones are small, so that no thread waits long for another. */
const maxChunks = 64;
/** A chunk is so large a part of each thread's share of what is left. */
const shareOfRest = 0.5;
/** Smaller chunks cost more than the waiting they save. */
const minChunkSeries = 64;
/** What the partial results of all chunks may hold together. */
const maxPartialBytes = 128 * 1024 * 1024;
const bytesPerStep = 24;
/** Steps of all rows together, 9 bytes each; more is read series by series, which keeps only samples. */
const maxCells = 20_000_000;

/**
 * Computes the rows of a source in chunks, here and on the threads of the pool; undefined: it is not
 * worth it. Chunks come in order, whoever computed them, so that results do not depend on it.
 *
 * @throws {AppError} PROMQL_CANCELED, PROMQL_TIMEOUT: threads stop, too
 */
export async function runChunks(
  source: ParallelSource,
  count: number,
  work: Work,
  groups: number,
  evaluation: Evaluation,
): Promise<Chunks | undefined> {
  const { pool } = evaluation.options;
  if (pool === undefined || pool.size === 0 || source.maxSamples < minSamples) return undefined;
  if (evaluation.samplesPerStep !== undefined) return undefined;
  const steps = source.plan.grid.count;
  const most =
    work.kind === 'rows'
      ? maxChunks
      : Math.min(maxChunks, Math.floor(maxPartialBytes / (groups * steps * bytesPerStep)));
  if (most < 2) return undefined;
  // Rows without gaps are what is computed, also where few steps have a sample.
  if (work.kind === 'rows' && count * steps > maxCells) return undefined;
  const selection = source.share();
  if (selection === undefined) return undefined;
  const control = new Int32Array(new SharedArrayBuffer(controlLength * 4));
  const bounds = chunkBounds(count, pool.size + 1, most);
  const task = { selection, plan: source.plan, work, bounds, control };
  const others = pool.run(task);
  const chunks = noChunks();
  const reader = new RowReader(source.plan, (index, into) => source.read(index, into));
  try {
    for (;;) {
      if (evaluation.isDue()) await evaluation.pause();
      if (!workOnNext(reader, task, chunks)) break;
    }
    evaluation.samples += reader.samples;
    evaluation.annotations.import(reader.annotations());
    await stoppable(allChunks(chunks, bounds.length - 1, others, evaluation), evaluation);
  } finally {
    Atomics.store(control, stopAt, 1);
    // The selection must live until the last thread that took a chunk has let go of it.
    const settled = Promise.allSettled(others);
    if (!areComplete(chunks, bounds.length - 1)) await settled;
  }
  const inOrder = (a: { readonly chunk: number }, b: { readonly chunk: number }): number =>
    a.chunk - b.chunk;
  chunks.folded.sort(inOrder);
  chunks.rows.sort(inOrder);
  chunks.top.sort(inOrder);
  for (const { chunk, found } of [...chunks.folded, ...chunks.rows, ...chunks.top]) {
    for (let at = 0; at < found.length; at++) {
      if (found[at] !== wasEmpty) source.found(bounds[chunk]! + at);
    }
  }
  return chunks;
}

/**
 * Where chunks begin, and the end of the last: the same for the same query on the same machine, so that
 * sums are rounded alike each time.
 */
export function chunkBounds(count: number, threads: number, most: number): Uint32Array {
  const bounds = [0];
  for (let at = 0; at < count; ) {
    const share = Math.ceil(((count - at) / threads) * shareOfRest);
    const size = bounds.length >= most ? count : Math.max(minChunkSeries, share);
    at = Math.min(count, at + size);
    bounds.push(at);
  }
  return Uint32Array.from(bounds);
}

const areComplete = ({ folded, rows, top }: Chunks, wanted: number): boolean =>
  folded.length + rows.length + top.length === wanted;

/** Adds what threads computed, until all chunks are there. Who took none may still be starting. */
function allChunks(
  chunks: Chunks,
  wanted: number,
  others: readonly Promise<TaskResult>[],
  evaluation: Evaluation,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (areComplete(chunks, wanted)) resolve();
    for (const other of others) {
      other.then((result) => {
        if (areComplete(chunks, wanted)) return;
        takeResult(chunks, result, evaluation);
        if (areComplete(chunks, wanted)) resolve();
      }, reject);
    }
  });
}

/** Waits for threads, and no longer than the query may take. */
async function stoppable(work: Promise<void>, evaluation: Evaluation): Promise<void> {
  const { signal } = evaluation;
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      try {
        evaluation.check();
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}

function takeResult(chunks: Chunks, result: TaskResult, evaluation: Evaluation): void {
  for (const chunk of result.folded) chunks.folded.push(chunk);
  for (const chunk of result.rows) chunks.rows.push(chunk);
  for (const chunk of result.top) chunks.top.push(chunk);
  evaluation.samples += result.samples;
  evaluation.annotations.import(result.annotations);
}
