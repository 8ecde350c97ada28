import { Worker } from 'node:worker_threads';
import { AppError } from '#base';
import type { FieldsJob, FieldsResult, SegmentJob, SegmentResult } from './segment-job.ts';
import type { ThreadReply, ThreadRequest } from './segment-thread.ts';

/** An idle thread costs some 15 MB: it is ended after this time and started again when needed. */
const idleMs = 20_000;

type Job =
  | { readonly kind: 'write'; readonly job: SegmentJob }
  | { readonly kind: 'fields'; readonly job: FieldsJob }
  | { readonly kind: 'verify'; readonly path: string };

/** Runs segment jobs on a thread of their own, so that sealing never blocks the event loop. */
export class SegmentWorker {
  #worker: Worker | undefined;
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }
  >();

  async write(job: SegmentJob): Promise<SegmentResult> {
    return (await this.#send({ kind: 'write', job })) as SegmentResult;
  }

  async writeFields(job: FieldsJob): Promise<FieldsResult> {
    return (await this.#send({ kind: 'fields', job })) as FieldsResult;
  }

  /** Why the segment at `path` is damaged; undefined when it is sound. */
  async verify(path: string): Promise<string | undefined> {
    return (await this.#send({ kind: 'verify', path })) as string | undefined;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #send(job: Job): Promise<unknown> {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    const request: ThreadRequest = { id, ...job };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./segment-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', (reply: ThreadReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (this.#waiting.size === 0) {
        this.#idle = setTimeout(() => void this.close(), idleMs).unref();
      }
      if (reply.ok) waiting?.resolve(reply.value);
      else waiting?.reject(new AppError(reply.code || 'SEGMENT_WRITE_FAILED', reply.message));
    });
    const onEnd = (error?: unknown): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const [id, { reject }] of this.#waiting) {
        this.#waiting.delete(id);
        reject(new AppError('SEGMENT_WRITE_FAILED', 'The segment thread ended', { cause: error }));
      }
    };
    worker.on('error', onEnd);
    worker.on('exit', () => onEnd());
    return worker;
  }
}
