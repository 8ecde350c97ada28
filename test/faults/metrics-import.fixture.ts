import { importOpenMetrics, importPrometheusBlocks, openMetricStore } from '#metrics/tsdb';

/** Imports and prints a line for each step, until it is killed or done. `argv`: kind, store, source. */
const [kind, directory, source] = process.argv.slice(2);
await using store = await openMetricStore({
  directory: directory!,
  retentionMs: 1e15,
  reserveBytes: 0,
  // Imported blocks are joined while others come.
  maintenanceEveryMs: 5,
});
const run = kind === 'blocks' ? importPrometheusBlocks : importOpenMetrics;
await run(store, source!, {
  signal: new AbortController().signal,
  onProgress: ({ done }) => void process.stdout.write(`${done}\n`),
});
process.stdout.write('finished\n');
