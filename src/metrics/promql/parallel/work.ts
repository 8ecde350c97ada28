import {
  type ChunkRange,
  type FoldedChunk,
  foldChunk,
  type RowReader,
  type RowsChunk,
  rowsChunk,
  type TopChunk,
  topChunk,
} from './chunk.ts';
import { nextChunkAt, stopAt, type TaskMessage, type Work } from './protocol.ts';

type Task = Pick<TaskMessage, 'work' | 'bounds' | 'control'>;

/** What became of chunks, by the kind of work. */
export interface Chunks {
  readonly folded: FoldedChunk[];
  readonly rows: RowsChunk[];
  readonly top: TopChunk[];
}

export const noChunks = (): Chunks => ({ folded: [], rows: [], top: [] });

/** Takes the next chunk and adds what comes of it; false: none is left, or the task was stopped. */
export function workOnNext(reader: RowReader, task: Task, into: Chunks): boolean {
  const { work, bounds, control } = task;
  if (Atomics.load(control, stopAt) !== 0) return false;
  const chunk = Atomics.add(control, nextChunkAt, 1);
  if (chunk + 1 >= bounds.length) return false;
  const range = { chunk, from: bounds[chunk]!, to: bounds[chunk + 1]! };
  workOn(reader, work, range, () => Atomics.load(control, stopAt) !== 0, into);
  return true;
}

function workOn(
  reader: RowReader,
  work: Work,
  range: ChunkRange,
  mustStop: () => boolean,
  { folded, rows, top }: Chunks,
): void {
  switch (work.kind) {
    case 'fold':
      folded.push(foldChunk(reader, work.op, work.groupOf, range, mustStop));
      return;
    case 'top':
      top.push(topChunk(reader, work.shape, work.groupOf, range, mustStop));
      return;
    case 'rows':
      rows.push(rowsChunk(reader, range, mustStop));
      return;
    default:
      work satisfies never;
  }
}
