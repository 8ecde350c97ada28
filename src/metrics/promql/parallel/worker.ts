import { parentPort } from 'node:worker_threads';
import { describeError } from '#base';
import type { SeriesSelection } from '#metrics/model';
import { RowReader } from './chunk.ts';
import type { TaskMessage, TaskResult } from './protocol.ts';
import { noChunks, workOnNext } from './work.ts';

/** A thread that computes chunks of rows of shared selections. */

interface SharedModule {
  openShared(data: unknown): SeriesSelection;
}

async function runTask(task: TaskMessage): Promise<TaskResult> {
  const module = (await import(task.selection.module)) as SharedModule;
  using selection = module.openShared(task.selection.data);
  const reader = new RowReader(task.plan, (index, into) => selection.read(index, into));
  const chunks = noChunks();
  while (workOnNext(reader, task, chunks));
  return { id: task.id, ...chunks, samples: reader.samples, annotations: reader.annotations() };
}

parentPort!.on('message', (task: TaskMessage) => {
  void runTask(task).then(
    (result) => parentPort!.postMessage(result),
    (error: unknown) => {
      const none = { ...noChunks(), samples: 0, annotations: { warnings: [], infos: [] } };
      parentPort!.postMessage({ id: task.id, ...none, error: describeError(error) });
    },
  );
});
