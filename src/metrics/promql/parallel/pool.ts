import { Worker } from 'node:worker_threads';
import { AppError } from '#base';
import type { TaskMessage, TaskResult } from './protocol.ts';

/**
 * A thread that had nothing to do for so long ends; it holds some 10 MB. A new one loads and compiles
 * everything again, which takes longer than most queries: dashboards that are looked at keep it.
 */
const idleMs = 600_000;

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(result: TaskResult): void; reject(error: Error): void }>;
  idle: NodeJS.Timeout | undefined;
}

/** Threads that help with queries: started when first needed, ended when idle. */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number;
  readonly #threads: Thread[] = [];
  #nextId = 1;

  constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** Gives a task to all threads: each takes chunks of it until none is left. */
  run(task: Omit<TaskMessage, 'id'>): Promise<TaskResult>[] {
    while (this.#threads.length < this.#size) this.#threads.push(this.#start());
    return this.#threads.map((thread) => this.#runOn(thread, { ...task, id: this.#nextId++ }));
  }

  #runOn(thread: Thread, task: TaskMessage): Promise<TaskResult> {
    clearTimeout(thread.idle);
    // The process must not end while somebody waits.
    thread.worker.ref();
    return new Promise((resolve, reject) => {
      thread.waiting.set(task.id, { resolve, reject });
      thread.worker.postMessage(task);
    });
  }

  #start(): Thread {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { name: 'promql' });
    const thread: Thread = { worker, waiting: new Map(), idle: undefined };
    worker.on('message', (result: TaskResult) => {
      const waiting = thread.waiting.get(result.id);
      thread.waiting.delete(result.id);
      if (thread.waiting.size === 0) this.#rest(thread);
      if (result.error === undefined) waiting?.resolve(result);
      else waiting?.reject(new AppError('PROMQL_WORKER', result.error));
    });
    worker.on('error', (error) => this.#lose(thread, error));
    worker.on('exit', () => this.#lose(thread, new Error('the thread has ended')));
    worker.unref();
    return thread;
  }

  #rest(thread: Thread): void {
    thread.worker.unref();
    thread.idle = setTimeout(() => {
      this.#drop(thread);
      void thread.worker.terminate();
    }, idleMs).unref();
  }

  #drop(thread: Thread): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
  }

  #lose(thread: Thread, cause: unknown): void {
    this.#drop(thread);
    clearTimeout(thread.idle);
    for (const { reject } of thread.waiting.values()) {
      reject(new AppError('PROMQL_WORKER', 'A thread that evaluated a query failed', { cause }));
    }
    thread.waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const threads = this.#threads.splice(0);
    for (const thread of threads) clearTimeout(thread.idle);
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}
