import type { Clock, Logger, MetricsRegistry } from '#base';
import { runPipeline } from '../pipeline/run.ts';
import { PipelineStats } from '../pipeline/stats.ts';
import { regexStats } from '../regex/compile.ts';
import { loadFluentBitConfig } from './load.ts';
import { MonitorServer } from './monitor.ts';
import { formatProblem } from './problems.ts';
import type { Section } from './sections.ts';
import type { ServiceSettings } from './service.ts';

export interface FluentBitOptions {
  /** The main configuration file; absent: the command line says everything. */
  readonly configFile?: string | undefined;
  /** Further parsers files. */
  readonly parserFiles?: readonly string[];
  /** Sections of the command line, after those of the file. */
  readonly sections?: readonly Section[];
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
  /** Told what the service section says, before anything starts. */
  readonly onService?: (service: ServiceSettings) => void;
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
  const { parserFiles, sections, configFile, folder, version, maxSpoolBytes } = options;
  const config = loadFluentBitConfig(
    configFile,
    { clock, log, metrics, env, hostname, random: Math.random },
    {
      ...(parserFiles !== undefined && { parserFiles }),
      ...(sections !== undefined && { sections }),
    },
  );
  deps.onService?.(config.service);
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
