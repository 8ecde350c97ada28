import type { Evaluation } from '../engine/evaluation.ts';
import { type FoldedChunk, RowReader, type RowsChunk, wasEmpty } from './chunk.ts';
import type { ParallelSource } from './plan.ts';
import { controlLength, stopAt, type TaskResult, type Work } from './protocol.ts';
import { isFolded, workOnNext } from './work.ts';

/** Fewer samples are decoded sooner than another thread has the task. */
const minSamples = 200_000;
/** Chunks of a task: threads take them one by one, so that a slow thread holds up no more than one. */
const chunksPerTask = 16;
/** What the partial results of all chunks may hold together. */
const maxPartialBytes = 128 * 1024 * 1024;
const bytesPerStep = 24;
/** Steps of all rows together, 9 bytes each; more is read series by series, which keeps only samples. */
const maxCells = 20_000_000;

export interface Chunks {
  readonly folded: FoldedChunk[];
  readonly rows: RowsChunk[];
}

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
  const partials =
    work.kind === 'rows'
      ? chunksPerTask
      : Math.min(chunksPerTask, Math.floor(maxPartialBytes / (groups * steps * bytesPerStep)));
  if (partials < 2) return undefined;
  // Rows without gaps are what is computed, also where few steps have a sample.
  if (work.kind === 'rows' && count * steps > maxCells) return undefined;
  const selection = source.share();
  if (selection === undefined) return undefined;
  const control = new Int32Array(new SharedArrayBuffer(controlLength * 4));
  const chunkSize = Math.ceil(count / partials);
  const task = { selection, plan: source.plan, work, count, chunkSize, control };
  const others = pool.run(task);
  const chunks: Chunks = { folded: [], rows: [] };
  const reader = new RowReader(source.plan, (index, into) => source.read(index, into));
  try {
    for (;;) {
      if (evaluation.isDue()) await evaluation.pause();
      const chunk = workOnNext(reader, task);
      if (chunk === undefined) break;
      take(chunks, chunk);
    }
    evaluation.samples += reader.samples;
    evaluation.annotations.import(reader.annotations());
    for (const result of await stoppable(others, evaluation))
      takeResult(chunks, result, evaluation);
  } finally {
    Atomics.store(control, stopAt, 1);
    // The selection must live until the last thread has let go of it.
    await Promise.allSettled(others);
  }
  const inOrder = (a: { readonly chunk: number }, b: { readonly chunk: number }): number =>
    a.chunk - b.chunk;
  chunks.folded.sort(inOrder);
  chunks.rows.sort(inOrder);
  for (const { chunk, found } of [...chunks.folded, ...chunks.rows]) {
    for (let at = 0; at < found.length; at++) {
      if (found[at] !== wasEmpty) source.found(chunk * chunkSize + at);
    }
  }
  return chunks;
}

/** Waits for threads, and no longer than the query may take. */
async function stoppable(
  others: readonly Promise<TaskResult>[],
  evaluation: Evaluation,
): Promise<TaskResult[]> {
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
    return await Promise.race([Promise.all(others), stopped]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}

function takeResult(chunks: Chunks, result: TaskResult, evaluation: Evaluation): void {
  for (const chunk of result.folded) chunks.folded.push(chunk);
  for (const chunk of result.rows) chunks.rows.push(chunk);
  evaluation.samples += result.samples;
  evaluation.annotations.import(result.annotations);
}

function take(chunks: Chunks, chunk: FoldedChunk | RowsChunk): void {
  if (isFolded(chunk)) chunks.folded.push(chunk);
  else chunks.rows.push(chunk);
}
