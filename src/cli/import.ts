import { statSync } from 'node:fs';
import { AppError, createLogger, formatBytes, MetricsRegistry } from '#base';
import { loadConfig } from '#config';
import type { ImportProgress } from '#metrics/tsdb';
import { lockDataDir } from './data-dir-lock.ts';
import type { GlobalFlags } from './flags.ts';
import { openMetrics, openPrometheus } from './metrics-role.ts';
import { shutdownSignal } from './shutdown.ts';

/** Between two lines of progress where stderr is no terminal, ms. */
const progressEveryMs = 5000;

/**
 * `nunchi import PATH`: a Prometheus data directory (blocks and head) or a file in OpenMetrics format goes
 * into the metric store. The server must not run. Stopped, it goes on where it was the next time.
 *
 * @throws {AppError} DATA_DIR_IN_USE, IMPORT_INVALID, CONFIG_INVALID
 */
export async function runImport(
  path: string,
  flags: GlobalFlags,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const config = loadConfig(flags.config, env, flags);
  const signal = shutdownSignal(() => process.stderr.write('\nStopping; run it again to go on\n'));
  await using parts = new AsyncDisposableStack();
  parts.use(lockDataDir(config.server.dataDir));
  const log = createLogger({ level: 'warn' });
  const options = { config: () => config, env, log, metrics: new MetricsRegistry() };
  // Retention may stand in its prometheus.yml.
  const { storage } = (await openPrometheus(options, parts)).current();
  const { store, start } = await openMetrics(options, storage, parts);
  await start();
  const { importOpenMetrics, importPrometheusBlocks } = await import('#metrics/tsdb');
  const isFolder = statOf(path).isDirectory();
  const run = isFolder ? importPrometheusBlocks : importOpenMetrics;
  const before = store.diskBytes();
  const result = await run(store, path, { signal, onProgress: progressLine() });
  if (process.stderr.isTTY) process.stderr.write('\n');
  await store.maintain();
  const bytes = formatBytes(Math.max(0, store.diskBytes() - before));
  process.stdout.write(
    `${result.samples} samples in ${result.blocks} blocks were imported and take ${bytes}\n`,
  );
  if (result.alreadyDone > 0) {
    const what = isFolder ? `${result.alreadyDone} blocks` : formatBytes(result.alreadyDone);
    process.stdout.write(`${what} had been imported before\n`);
  }
  for (const problem of result.problems ?? []) process.stderr.write(`${problem}\n`);
  if (result.skippedChunks > 0) {
    process.stderr.write(
      `${result.skippedChunks} chunks are of a kind that is not known, and were left out\n`,
    );
  }
}

function statOf(path: string): ReturnType<typeof statSync> & object {
  try {
    return statSync(path);
  } catch (error) {
    throw new AppError('IMPORT_INVALID', `${path} cannot be read`, {
      hint: 'Name a Prometheus data directory or a file in OpenMetrics format',
      cause: error,
    });
  }
}

function progressLine(): (progress: ImportProgress) => void {
  let lastMs = 0;
  return ({ done, samples, what }) => {
    const nowMs = Date.now();
    const { isTTY } = process.stderr;
    if (nowMs - lastMs < (isTTY ? 100 : progressEveryMs)) return;
    lastMs = nowMs;
    const line = `${(done * 100).toFixed(1)} %, ${samples} samples, ${what}`;
    process.stderr.write(isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
}
