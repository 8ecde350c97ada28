import { parentPort } from 'node:worker_threads';
import { describeError } from '#base';
import type { SeriesSelection } from '#metrics/model';
import { type FoldedChunk, RowReader, type RowsChunk } from './chunk.ts';
import type { TaskMessage, TaskResult } from './protocol.ts';
import { isFolded, workOnNext } from './work.ts';

/** A thread that computes chunks of rows of shared selections. */

interface SharedModule {
  openShared(data: unknown): SeriesSelection;
}

async function runTask(task: TaskMessage): Promise<TaskResult> {
  const module = (await import(task.selection.module)) as SharedModule;
  using selection = module.openShared(task.selection.data);
  const reader = new RowReader(task.plan, (index, into) => selection.read(index, into));
  const folded: FoldedChunk[] = [];
  const rows: RowsChunk[] = [];
  for (;;) {
    const chunk = workOnNext(reader, task);
    if (chunk === undefined) break;
    if (isFolded(chunk)) folded.push(chunk);
    else rows.push(chunk);
  }
  const { samples } = reader;
  return { id: task.id, folded, rows, samples, annotations: reader.annotations() };
}

/** Columns move to the other thread instead of being copied. */
function buffersOf({ folded, rows }: TaskResult): ArrayBuffer[] {
  const columns: (Float64Array | Uint8Array)[] = [];
  for (const { groups } of folded) {
    for (const { floats } of groups) columns.push(floats.count, floats.value, floats.aux);
  }
  for (const { values, kinds } of rows) columns.push(values, kinds);
  const buffers = new Set(columns.map(({ buffer }) => buffer as ArrayBuffer));
  return [...buffers].filter((buffer) => buffer.byteLength > 0);
}

parentPort!.on('message', (task: TaskMessage) => {
  void runTask(task).then(
    (result) => parentPort!.postMessage(result, buffersOf(result)),
    (error: unknown) => {
      const none = { folded: [], rows: [], samples: 0, annotations: { warnings: [], infos: [] } };
      parentPort!.postMessage({ id: task.id, ...none, error: describeError(error) });
    },
  );
});
