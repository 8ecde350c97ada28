import type { Clock, Logger, MetricsRegistry } from '#base';
import { runPipeline } from '../pipeline/run.ts';
import { PipelineStats } from '../pipeline/stats.ts';
import { regexStats } from '../regex/compile.ts';
import { loadFluentBitConfig } from './load.ts';
import { MonitorServer } from './monitor.ts';
import { formatProblem } from './problems.ts';

export interface FluentBitOptions {
  /** The main configuration file. */
  readonly configFile: string;
  /** Further parsers files. */
  readonly parserFiles?: readonly string[];
  /** State and spool, where the configuration names no `storage.path`. */
  readonly folder: string;
  readonly maxSpoolBytes?: number;
  /** Shown by the monitoring server. */
  readonly version: string;
}

export interface FluentBitDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
}

/**
 * Runs the agent by a Fluent Bit configuration until the signal aborts.
 * @throws {AppError} FLUENTBIT_CONFIG_INVALID, MONITOR_LISTEN_FAILED
 */
export async function runFluentBit(
  options: FluentBitOptions,
  deps: FluentBitDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, metrics, env, hostname } = deps;
  const log = logger.child('fluentbit');
  const { parserFiles, configFile, folder, version, maxSpoolBytes } = options;
  const config = loadFluentBitConfig(
    configFile,
    { clock, log, metrics, env, hostname, random: Math.random },
    parserFiles === undefined ? {} : { parserFiles },
  );
  for (const warning of config.warnings)
    log.warn('Configuration note', { note: formatProblem(warning) });
  metrics.collected(
    'nunchi_agent_regex_timeouts_total',
    'Patterns given up on a text because they took too long',
    'counter',
    () => [{ value: regexStats.timeouts }],
  );
  const stats = new PipelineStats();
  await using monitor =
    config.service.http === undefined
      ? undefined
      : await MonitorServer.open(config.service, { clock, stats, version, hostname });
  if (monitor !== undefined) log.info('Monitoring is served', { port: monitor.port });
  await runPipeline(
    config.pipeline,
    {
      clock,
      logger,
      metrics,
      folder,
      stats,
      ...(maxSpoolBytes !== undefined && { maxSpoolBytes }),
    },
    signal,
  );
}
