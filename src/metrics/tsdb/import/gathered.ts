import type { Labels } from '#metrics/model';
import { newUlid } from '../block/format.ts';
import { runJob } from '../block/jobs.ts';
import type { SampleBatch, SeriesRef } from '../contract.ts';
import { StoreCore } from '../core.ts';
import { collectSeries } from '../head/collect.ts';
import { LabelCollector } from '../maintenance.ts';
import { blockRangeMs } from '../options.ts';
import { SourceList } from '../select/sources.ts';
import type { DiskMetricStore } from '../store.ts';

/** Samples that are gathered before they become blocks. */
export const samplesPerBlock = 4_000_000;
/** Imported blocks span at most a day, so that retention can take them. */
const importRangeMs = 24 * 3_600_000;

/** Samples of a source in memory, in any order, until they are written. */
export class Gathered {
  readonly #core = new StoreCore(
    {
      outOfOrderWindowMs: Number.POSITIVE_INFINITY,
      maxBehindMs: Number.POSITIVE_INFINITY,
      maxAheadMs: Number.POSITIVE_INFINITY,
      nowMs: () => 0,
    },
    Number.POSITIVE_INFINITY,
  );
  samples = 0;
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;

  seriesRef(labels: Labels): SeriesRef {
    return this.#core.seriesRef(labels);
  }

  /** Takes a batch in, in any order of time; of several samples of one time the first stays. */
  add(batch: SampleBatch): void {
    for (let at = 0; at < batch.length; at++) {
      const timeMs = batch.timesMs[at]!;
      if (timeMs < this.#minTimeMs) this.#minTimeMs = timeMs;
      if (timeMs > this.#maxTimeMs) this.#maxTimeMs = timeMs;
    }
    this.#core.append(batch);
    this.samples += batch.length;
  }

  /** @returns blocks made */
  async write(store: DiskMetricStore): Promise<number> {
    const { head } = this.#core;
    const labels = new LabelCollector(this.#core);
    const sources = new SourceList(head.arena.pages.slice());
    const starts = [0];
    for (let row = 1; row < head.table.rows; row++) {
      if (head.table.ref[row] === 0) continue;
      collectSeries(head, row, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, sources);
      labels.add(row);
      starts.push(sources.length);
    }
    const data = {
      ...sources.take(),
      starts: Uint32Array.from(starts),
      fromMs: Number.NEGATIVE_INFINITY,
      toMs: Number.POSITIVE_INFINITY,
      clipMs: Number.NEGATIVE_INFINITY,
      tombstones: [],
    };
    const table = labels.table();
    let blocks = 0;
    const first = Math.floor(this.#minTimeMs / importRangeMs) * importRangeMs;
    for (let fromMs = first; fromMs <= this.#maxTimeMs; fromMs += importRangeMs) {
      const id = newUlid(Date.now());
      const meta = await runJob(
        {
          kind: 'cut',
          folder: store.registry.draft(id),
          fromMs,
          toMs: fromMs + importRangeMs - 1,
          sliceMs: blockRangeMs,
          data,
          labels: table,
          meta: { id, level: 1, replaces: [] },
        },
        this.samples,
      );
      if (meta === undefined) continue;
      await store.addBlock(meta);
      blocks++;
    }
    return blocks;
  }
}
