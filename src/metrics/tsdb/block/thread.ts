import { parentPort, workerData } from 'node:worker_threads';
import { type BlockJob, doJob } from './jobs.ts';

/** Entry of the thread that writes blocks: one job, one answer. */
try {
  parentPort?.postMessage({ meta: doJob(workerData as BlockJob) });
} catch (error) {
  parentPort?.postMessage({ error });
}
