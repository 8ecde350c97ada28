import { formatLabels, labelsOfRecord } from '#metrics/model';
import { openMetricStore, SampleBatch } from '#metrics/tsdb';

/**
 * Appends numbered batches as fast as it can, cuts, merges and deletes as it goes, and prints each
 * number once it is acknowledged, until it is killed. `argv`: folder, first number, retention hours.
 */
const [directory, first, retentionHours] = process.argv.slice(2);
const store = await openMetricStore({
  directory: directory!,
  retentionMs: Number(retentionHours) * 3_600_000,
  outOfOrderWindowMs: Number.POSITIVE_INFINITY,
  maxAheadMs: Number.MAX_SAFE_INTEGER / 4,
  // Maintenance happens all the time, so that the kill meets every state.
  maintenanceEveryMs: 5,
  checkpointBytes: 30_000,
  syncEveryMs: 50,
  reserveBytes: 0,
});
let next = Number(first);
const send = async (): Promise<void> => {
  const batch = new SampleBatch();
  for (;;) {
    const number = next++;
    batch.clear();
    for (let series = 0; series < 8; series++) {
      const ref = store.seriesRef(
        labelsOfRecord({
          __name__: 'm',
          series: String(series),
          // Series come and go: a new generation every 500 batches.
          generation: String(Math.floor(number / 500)),
        }),
      );
      // Ten minutes a batch: a few dozen batches make a cut due. Some come late.
      const lateMs = number % 7 === 3 && series === 2 ? 45 * 60_000 : 0;
      batch.add(ref, number * 600_000 - lateMs + series, number + series / 10);
    }
    let { unknown, appended } = await store.append(batch);
    while (unknown.length > 0) {
      // Forgotten between asking for the number and using it.
      const again = new SampleBatch();
      for (const at of unknown) {
        const labels = labelsOfRecord({
          __name__: 'm',
          series: String(at),
          generation: String(Math.floor(number / 500)),
        });
        again.add(store.seriesRef(labels), batch.timesMs[at]!, batch.values[at]!);
      }
      const result = await store.append(again);
      appended += result.appended;
      unknown = result.unknown;
    }
    if (appended !== 8) throw new Error(`${appended} of 8 samples, ${formatLabels([])}`);
    process.stdout.write(`${number}\n`);
  }
};
await Promise.all([send(), send()]);
