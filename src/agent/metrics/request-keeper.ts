import type { Counter, MetricsRegistry } from '#base';
import type { MetricSender } from './sender.ts';
import { compressSnappy } from './snappy.ts';
import type { MetricSpool } from './spool.ts';
import type { WriteRequest } from './write-request.ts';

/** Puts requests into the spool; what does not fit or cannot be written is counted. */
export class RequestKeeper {
  readonly #spool: MetricSpool;
  readonly #sender: MetricSender;
  readonly #samples: Counter;
  #packed: Buffer = Buffer.alloc(0);

  constructor(spool: MetricSpool, sender: MetricSender, metrics: MetricsRegistry) {
    this.#spool = spool;
    this.#sender = sender;
    this.#samples = metrics.counter(
      'nunchi_agent_metrics_samples_total',
      'Samples collected, with the markers of series that ended',
    );
  }

  async keep({ body, samples }: WriteRequest): Promise<void> {
    this.#samples.add(samples);
    const packed = compressSnappy(body, this.#packed);
    if (packed.buffer !== this.#packed.buffer) this.#packed = Buffer.from(packed.buffer);
    try {
      const dropped = await this.#spool.push(packed, samples);
      if (dropped > 0) this.#sender.dropped(dropped, 'spool_full', 'The spool is full');
    } catch (error) {
      this.#sender.dropped(samples, 'disk', 'Cannot write to the spool', error);
    }
  }
}
