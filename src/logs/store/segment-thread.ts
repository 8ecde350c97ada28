import { parentPort } from 'node:worker_threads';
import {
  type FieldsJob,
  runFieldsJob,
  runSegmentJob,
  type SegmentJob,
  verifySegment,
} from './segment-job.ts';

/** The thread on which segments are written, merged and checked. One job at a time. */
export type ThreadRequest =
  | { readonly id: number; readonly kind: 'write'; readonly job: SegmentJob }
  | { readonly id: number; readonly kind: 'fields'; readonly job: FieldsJob }
  | { readonly id: number; readonly kind: 'verify'; readonly path: string };

export type ThreadReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string };

let last: Promise<void> = Promise.resolve();

function work(request: ThreadRequest): Promise<unknown> {
  switch (request.kind) {
    case 'write':
      return runSegmentJob(request.job);
    case 'fields':
      return runFieldsJob(request.job);
    default:
      return verifySegment(request.path);
  }
}

async function handle(request: ThreadRequest): Promise<void> {
  let reply: ThreadReply;
  try {
    const value = await work(request);
    reply = { id: request.id, ok: true, value };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    reply = { id: request.id, ok: false, message, code: code ?? '' };
  }
  parentPort?.postMessage(reply);
}

parentPort?.on('message', (request: ThreadRequest) => {
  last = last.then(() => handle(request));
});
