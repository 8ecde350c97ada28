import { configKey, type PrometheusConfig } from '#metrics/config';
import { RemoteWriteQueue, type SenderDeps } from './queue.ts';

/** One queue for each `remote_write` of the configuration; a reload keeps those that did not change. */
export class RemoteWriteSenders implements AsyncDisposable {
  readonly #deps: SenderDeps;
  #queues = new Map<string, RemoteWriteQueue>();
  #applying: Promise<void> = Promise.resolve();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  apply(config: PrometheusConfig): Promise<void> {
    this.#applying = this.#applying.then(() => this.#apply(config));
    return this.#applying;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#applying;
    await Promise.all([...this.#queues.values()].map((queue) => queue[Symbol.asyncDispose]()));
    this.#queues.clear();
  }

  async #apply({ remoteWrite, global: { externalLabels } }: PrometheusConfig): Promise<void> {
    const before = this.#queues;
    this.#queues = new Map();
    const starting: RemoteWriteQueue[] = [];
    for (const one of remoteWrite) {
      const key = configKey([one, externalLabels]);
      const kept = before.get(key);
      before.delete(key);
      const queue = kept ?? new RemoteWriteQueue(one, externalLabels, this.#deps);
      if (kept === undefined) starting.push(queue);
      this.#queues.set(key, queue);
    }
    // The old queue of a receiver has noted how far it came before the new one begins.
    await Promise.all([...before.values()].map((queue) => queue[Symbol.asyncDispose]()));
    for (const queue of starting) await queue.start();
  }
}
