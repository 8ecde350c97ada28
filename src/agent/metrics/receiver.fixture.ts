import fastify from 'fastify';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { isStaleValue, labelMatcher, labelsToRecord, SampleColumns } from '#metrics/model';
import { remoteWriteEdge } from '#metrics/remote';
import { type MetricStore, openMemoryMetricStore } from '#metrics/tsdb';

export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [timeMs: number, value: number | 'stale'])[];
}

/** For tests: a server that stores remote write in memory, as the real one does. */
export class MetricReceiver implements AsyncDisposable {
  readonly store: MetricStore = openMemoryMetricStore();
  /** Answers with this status instead of storing. */
  refuseWith: number | undefined;
  /** Headers of the last request. */
  headers: Readonly<Record<string, unknown>> = {};
  requests = 0;
  readonly #app = fastify();

  static async start(port = 0): Promise<MetricReceiver> {
    const receiver = new MetricReceiver();
    const app = receiver.#app;
    app.addHook('onRequest', async (request, reply) => {
      receiver.requests++;
      receiver.headers = request.headers;
      if (receiver.refuseWith !== undefined) await reply.code(receiver.refuseWith).send('no');
    });
    await remoteWriteEdge({
      store: receiver.store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
    }).register(app);
    await app.listen({ host: '127.0.0.1', port });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.#app.server.address();
    if (address === null || typeof address === 'string') throw new Error('Not listening');
    return address.port;
  }

  async series(name: string): Promise<StoredSeries[]> {
    const matchers = [labelMatcher('__name__', '=', name)];
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const signal = new AbortController().signal;
    using selection = await this.store.select({ matchers, ...range }, signal);
    const found: StoredSeries[] = [];
    const columns = new SampleColumns();
    for (let index = 0; index < selection.count; index++) {
      selection.read(index, columns);
      const samples = Array.from({ length: columns.count }, (_, at) => {
        const value = columns.values[at]!;
        return [columns.timesMs[at]!, isStaleValue(value) ? ('stale' as const) : value] as const;
      });
      found.push({ labels: { ...labelsToRecord(selection.labels(index)) }, samples });
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close();
    await this.store[Symbol.asyncDispose]();
  }
}
