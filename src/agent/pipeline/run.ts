import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { Input } from '../contract.ts';
import { Spool } from '../spool/spool.ts';
import { newTailStats } from '../tail/stats.ts';
import { Dispatcher } from './dispatch.ts';
import { Intake } from './intake.ts';
import type { PipelineInput, PipelineSpec } from './spec.ts';
import { PipelineStats } from './stats.ts';
import { TailInput } from './tail-input.ts';

export interface PipelineDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Where the state and the spool are when the service names no `storagePath`. */
  readonly folder: string;
  readonly maxSpoolBytes?: number;
  readonly random?: () => number;
  /** Filled while the pipeline runs: what Fluent Bit's monitoring endpoints show. */
  readonly stats?: PipelineStats;
}

const defaultSpoolBytes = 2 * 1024 * 1024 * 1024;

/**
 * Runs a pipeline of records until the signal aborts or all inputs have ended. Then inputs emit what
 * they hold, filters too, and outputs have the service's grace time; what is left is delivered by
 * the next run.
 */
export async function runPipeline(
  spec: PipelineSpec,
  deps: PipelineDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, metrics } = deps;
  const folder = join(spec.service.storagePath ?? deps.folder, 'nunchi');
  const scratchFolder = join(folder, 'scratch');
  rmSync(scratchFolder, { recursive: true, force: true });
  mkdirSync(scratchFolder, { recursive: true });
  const maxBytes = deps.maxSpoolBytes ?? defaultSpoolBytes;
  await using spool = await Spool.open({ folder, maxBytes }, deps);
  const stats = deps.stats ?? new PipelineStats();
  const random = deps.random ?? Math.random;
  const dispatcher = new Dispatcher(spool, spec.outputs, spec.service, stats, {
    clock,
    logger,
    metrics,
    random,
  });
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const giveUp = new AbortController();
  ended.addEventListener(
    'abort',
    () => setTimeout(() => giveUp.abort(), Math.max(0, spec.service.graceMs)).unref(),
    { once: true },
  );
  const intake = new Intake(spec, {
    clock,
    logger,
    metrics,
    spool,
    dispatcher,
    stats,
    giveUp: giveUp.signal,
  });
  const tailStats = newTailStats();
  const cut = metrics.counter(
    'nunchi_agent_multiline_cut_total',
    'Joined texts that reached the cap',
  );
  const inputs = spec.inputs.map((item): { item: PipelineInput; input: Input } => {
    if (!('tail' in item.input)) return { item, input: item.input };
    const input = new TailInput(item.input.tail, {
      clock,
      logger,
      stats: tailStats,
      scratchFolder,
      onCut: () => cut.add(1),
    });
    return { item, input };
  });
  registerMetrics(metrics, spool, inputs, tailStats);
  const saved = spool.checkpoints();
  await dispatcher.recover();
  try {
    const running = inputs.map(async ({ item, input }) => {
      try {
        const own = saved.filter((checkpoint) => checkpoint.input === input.name);
        await input.run(intake.context(input.name, item, own, ended), ended);
      } catch (error) {
        if (ended.aborted) return;
        logger.error('An input failed and the pipeline stops', {
          input: input.name,
          err: describeError(error),
        });
        // The others must not go on as if nothing were missing: whoever runs us starts us again.
        stop.abort();
        throw error;
      }
    });
    const results = await Promise.allSettled(running);
    await intake.finish();
    await dispatcher.drain(spec.service.graceMs);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    await dispatcher.close();
  }
}

function registerMetrics(
  metrics: MetricsRegistry,
  spool: Spool,
  inputs: readonly { readonly input: Input }[],
  stats: ReturnType<typeof newTailStats>,
): void {
  const value = (name: string, help: string, kind: 'counter' | 'gauge', read: () => number): void =>
    metrics.collected(name, help, kind, () => [{ value: read() }]);
  const tails = inputs.map(({ input }) => input).filter((input) => input instanceof TailInput);
  metrics.collected(
    'nunchi_agent_lag_bytes',
    'Bytes written to log files and not read yet',
    'gauge',
    () => tails.map((tail) => ({ labels: { input: tail.name }, value: tail.follower.lagBytes() })),
  );
  metrics.collected('nunchi_agent_files', 'Log files followed', 'gauge', () =>
    tails.map((tail) => ({ labels: { input: tail.name }, value: tail.follower.trackedFiles })),
  );
  value(
    'nunchi_agent_read_bytes_total',
    'Bytes read from log files',
    'counter',
    () => stats.bytesRead,
  );
  value(
    'nunchi_agent_files_rotated_total',
    'Log files that left their path',
    'counter',
    () => stats.filesRotated,
  );
  value(
    'nunchi_agent_files_truncated_total',
    'Log files that were emptied or rewritten in place',
    'counter',
    () => stats.filesTruncated,
  );
  value(
    'nunchi_agent_files_lost_total',
    'Log files that went away with unread bytes',
    'counter',
    () => stats.filesLost,
  );
  value(
    'nunchi_agent_long_lines_total',
    'Lines longer than the limit',
    'counter',
    () => stats.longLines,
  );
  value(
    'nunchi_agent_read_errors_total',
    'Failed reads of log files and folders',
    'counter',
    () => stats.readErrors,
  );
  value('nunchi_agent_spool_bytes', 'Bytes of the spool on the disk', 'gauge', () => spool.bytes);
  value('nunchi_agent_spool_frames', 'Batches waiting in the spool', 'gauge', () => spool.frames);
  value('nunchi_agent_spool_full', '1 while the spool is full and reading pauses', 'gauge', () =>
    spool.full ? 1 : 0,
  );
}
