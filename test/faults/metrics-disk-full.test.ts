import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isAppError } from '#base';
import { labelMatcher, labelsOfRecord, SampleColumns } from '#metrics/model';
import { type DiskMetricStore, openMetricStore, SampleBatch } from '#metrics/tsdb';
import { eventually } from '../eventually.ts';
import { withoutUnshare } from './rig.ts';
import { mountSmallDisk } from './small-disk.ts';

const signal = new AbortController().signal;
const hourMs = 3_600_000;

/** What a sender does: the same samples again until they are taken. */
class Sender {
  readonly acknowledged = new Map<number, number>();
  #batch: SampleBatch | undefined;

  async send(store: DiskMetricStore, count: number): Promise<string> {
    const timeMs = 1_700_000_000_000 + this.acknowledged.size * 100;
    if (this.#batch === undefined) {
      this.#batch = new SampleBatch();
      const ref = store.seriesRef(labelsOfRecord({ __name__: 'noise' }));
      // Values that no codec makes smaller.
      for (let at = 0; at < count; at++) this.#batch.add(ref, timeMs + at * 100, Math.random());
    }
    const batch = this.#batch;
    try {
      const { appended } = await store.append(batch);
      assert.equal(appended, batch.length);
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error.code;
    }
    for (let at = 0; at < batch.length; at++) {
      this.acknowledged.set(batch.timesMs[at]!, batch.values[at]!);
    }
    this.#batch = undefined;
    return 'taken';
  }
}

async function check(
  store: DiskMetricStore,
  acknowledged: ReadonlyMap<number, number>,
): Promise<void> {
  using selection = await store.select(
    { matchers: [labelMatcher('__name__', '=', 'noise')], fromMs: 0, toMs: 2e12 },
    signal,
  );
  const columns = new SampleColumns();
  selection.read(0, columns);
  const stored = new Map<number, number>();
  for (let at = 0; at < columns.count; at++) stored.set(columns.timesMs[at]!, columns.values[at]!);
  let wrong = 0;
  for (const [timeMs, value] of acknowledged) if (stored.get(timeMs) !== value) wrong++;
  assert.equal(wrong, 0);
}

describe('metrics: a full disk (unshare)', { concurrency: 1, skip: withoutUnshare() }, () => {
  for (const reserveBytes of [2 * 1024 * 1024, 0]) {
    it(`refuses, serves, and goes on when there is room; reserve ${reserveBytes}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nunchi-metrics-full-'));
      const disk = mountSmallDisk(join(folder, 'disk'), 24);
      // One that stays open keeps the process alive.
      await using opened = new AsyncDisposableStack();
      try {
        const open = async (): Promise<DiskMetricStore> =>
          opened.use(
            await openMetricStore({
              directory: join(disk.path, 'metrics'),
              reserveBytes,
              retentionMs: 1e15,
              outOfOrderWindowMs: 2 * hourMs,
              maintenanceEveryMs: 200,
              checkpointBytes: 2 * 1024 * 1024,
            }),
          );
        let store = await open();
        const sender = new Sender();
        const { acknowledged } = sender;
        assert.equal(await sender.send(store, 5000), 'taken');
        disk.leave(4);
        const fill = async (): Promise<void> => {
          let answer = 'taken';
          await eventually(async () => {
            answer = await sender.send(store, 5000);
            return answer === 'taken' ? undefined : true;
          }, 90_000);
          assert.equal(answer, 'STORE_FULL');
        };
        await fill();
        await check(store, acknowledged);
        // Its own checkpoints may have made some room meanwhile: it is used, and then the disk is full again.
        await fill();
        await check(store, acknowledged);
        disk.clear();
        await eventually(
          async () => ((await sender.send(store, 100)) === 'taken' ? true : undefined),
          90_000,
        );
        assert.equal(await sender.send(store, 5000), 'taken');
        await check(store, acknowledged);
        await store.maintain();
        await store[Symbol.asyncDispose]();
        store = await open();
        await check(store, acknowledged);
        await store[Symbol.asyncDispose]();
      } finally {
        disk[Symbol.dispose]();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
