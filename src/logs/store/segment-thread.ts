import { parentPort } from 'node:worker_threads';
import {
  type FieldsJob,
  runFieldsJob,
  runSegmentJob,
  type SegmentJob,
  verifySegment,
} from './segment-job.ts';

/**
 * The thread on which segments are written, merged and checked: one job at a time, and files of
 * fields behind all others.
 */
export type ThreadRequest =
  | { readonly id: number; readonly kind: 'write'; readonly job: SegmentJob }
  | { readonly id: number; readonly kind: 'fields'; readonly job: FieldsJob }
  | { readonly id: number; readonly kind: 'verify'; readonly path: string };

export type ThreadReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string };

/** The last job of each lane. */
let urgent: Promise<void> = Promise.resolve();
let background: Promise<void> = Promise.resolve();

/** Lets messages in, and waits for as long as there is anything more urgent. */
async function backgroundTurn(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const seen = urgent;
    await seen;
    if (seen === urgent) return;
  }
}

function work(request: ThreadRequest): Promise<unknown> {
  switch (request.kind) {
    case 'write':
      return runSegmentJob(request.job);
    case 'fields':
      return runFieldsJob(request.job, backgroundTurn);
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
  if (request.kind === 'fields') background = background.then(() => handle(request));
  else urgent = urgent.then(() => handle(request));
});
