import { type FoldedChunk, foldChunk, type RowReader, type RowsChunk, rowsChunk } from './chunk.ts';
import { nextChunkAt, stopAt, type TaskMessage } from './protocol.ts';

type Chunks = Pick<TaskMessage, 'work' | 'count' | 'chunkSize' | 'control'>;

/** Takes the next chunk and computes it; undefined: none is left, or the task was stopped. */
export function workOnNext(reader: RowReader, task: Chunks): FoldedChunk | RowsChunk | undefined {
  const { work, count, chunkSize, control } = task;
  if (Atomics.load(control, stopAt) !== 0) return undefined;
  const chunk = Atomics.add(control, nextChunkAt, 1);
  const from = chunk * chunkSize;
  if (from >= count) return undefined;
  const range = { chunk, from, to: Math.min(count, from + chunkSize) };
  const mustStop = (): boolean => Atomics.load(control, stopAt) !== 0;
  return work.kind === 'fold'
    ? foldChunk(reader, work.op, work.groupOf, range, mustStop)
    : rowsChunk(reader, range, mustStop);
}

export const isFolded = (chunk: FoldedChunk | RowsChunk): chunk is FoldedChunk => 'groups' in chunk;
