import { closeSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  type FluentBitConfig,
  type FluentBitOptions,
  loadFluentBit,
  type ServiceSettings,
} from '#agent';
import {
  AppError,
  describeError,
  isAppError,
  type Logger,
  type LogLevel,
  type MetricsRegistry,
  systemClock,
} from '#base';
import type { FluentBitFlags } from './fluent-bit-flags.ts';
import { formatTable } from './table.ts';
import { programVersion } from './version.ts';

export interface FluentBitRoleOptions {
  readonly configFile: string | undefined;
  readonly flags: FluentBitFlags;
  /** State and spool where the file names no `storage.path`. */
  readonly folder: string;
  readonly maxSpoolBytes: number;
  readonly env: NodeJS.ProcessEnv;
  /** Level and place of the log, once the file has been read. */
  readonly onService: (service: ServiceSettings) => void;
}

export interface FluentBitRoleDeps {
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/**
 * `nunchi agent -c FILE`, until the signal aborts. SIGHUP reads the files again: with a mistake the
 * running configuration stays, else its inputs stop, what they hold goes into the spool, and the new
 * one takes over.
 * @throws {AppError} FLUENTBIT_CONFIG_INVALID naming every problem
 */
export async function runFluentBitRole(
  options: FluentBitRoleOptions,
  deps: FluentBitRoleDeps,
  signal: AbortSignal,
): Promise<void> {
  const { log, metrics } = deps;
  for (const { flag, why } of options.flags.ignored) log.info('Ignored a flag', { flag, why });
  const { runFluentBit } = await loadFluentBit();
  let reload = new AbortController();
  const onHangup = async (): Promise<void> => {
    const { problems } = await check(options, deps);
    if (problems.length === 0) {
      log.info('Reloading the configuration', { file: options.configFile });
      reload.abort();
      return;
    }
    log.error('Refused the changed configuration, the old one stays in force', { problems });
  };
  const hangup = (): void => void onHangup();
  process.on('SIGHUP', hangup);
  try {
    while (!signal.aborted) {
      const { problems } = await check(options, deps);
      if (problems.length > 0) throw refusal(problems);
      reload = new AbortController();
      await runFluentBit(
        runOptions(options),
        {
          clock: systemClock,
          logger: log,
          metrics,
          env: options.env,
          hostname: hostname(),
          onService: options.onService,
        },
        AbortSignal.any([signal, reload.signal]),
      );
      // Every input has come to its end (stdin, exit_on_eof): so has the work.
      if (!reload.signal.aborted) return;
    }
  } finally {
    process.off('SIGHUP', hangup);
  }
}

/** `--dry-run`: a table of what would run. @throws {AppError} FLUENTBIT_CONFIG_INVALID */
export async function dryRunFluentBit(
  options: FluentBitRoleOptions,
  deps: FluentBitRoleDeps,
): Promise<void> {
  const { config, problems } = await check(options, deps);
  const { formatProblem } = await loadFluentBit();
  for (const warning of config.warnings) {
    process.stderr.write(`${formatProblem(warning).replace(/^error/, 'warning')}\n`);
  }
  if (problems.length > 0) throw refusal(problems);
  process.stdout.write(describeConfig(config, options));
}

async function check(
  options: FluentBitRoleOptions,
  { log, metrics }: FluentBitRoleDeps,
): Promise<{ readonly config: FluentBitConfig; readonly problems: readonly string[] }> {
  const { checkFluentBitConfig, formatProblem } = await loadFluentBit();
  const { configFile, parserFiles, sections } = runOptions(options);
  const { config, problems } = checkFluentBitConfig(
    configFile,
    {
      clock: systemClock,
      log,
      metrics,
      env: options.env,
      hostname: hostname(),
      random: Math.random,
    },
    { ...(parserFiles === undefined ? {} : { parserFiles }), ...(sections && { sections }) },
  );
  const all = problems.problems.map(formatProblem);
  // Only a file that could be read can be said to lack something.
  if (all.length === 0 && config.pipeline.inputs.length === 0) {
    all.push(`error in ${configFile ?? 'command line'}: no input is configured`);
  }
  return { config, problems: all };
}

function runOptions(options: FluentBitRoleOptions): FluentBitOptions {
  const { configFile, flags, folder, maxSpoolBytes } = options;
  return {
    configFile,
    parserFiles: flags.parserFiles,
    sections: flags.sections,
    folder,
    maxSpoolBytes,
    version: programVersion(),
  };
}

function refusal(problems: readonly string[]): AppError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new AppError(
    'FLUENTBIT_CONFIG_INVALID',
    `The Fluent Bit configuration has ${count}:\n${problems.map((text) => `  ${text}`).join('\n')}`,
    { hint: 'docs/fluent-bit.md lists the plugins that run here', details: { problems } },
  );
}

function describeConfig(config: FluentBitConfig, options: FluentBitRoleOptions): string {
  const { inputs, filters, outputs, service } = config.pipeline;
  const rows: string[][] = [];
  for (const { input, storage } of inputs) {
    const tail = 'tail' in input ? input.tail : undefined;
    const name = 'tail' in input ? input.tail.name : input.name;
    rows.push(['input', name, tail === undefined ? '' : tail.paths.join(', '), storage]);
  }
  for (const { filter } of filters) rows.push(['filter', filter.name, '', '']);
  for (const { output, retryLimit } of outputs) {
    rows.push(['output', output.name, '', `retries: ${retryLimit}`]);
  }
  const folder = service.storagePath ?? options.folder;
  const { http } = config.service;
  const monitor = http === undefined ? '' : `Monitoring: http://${http.host}:${http.port}\n`;
  return `configuration test is successful\n\n${formatTable(['kind', 'name', 'reads', 'notes'], rows)}\nState and spool: ${folder}/nunchi\n${monitor}`;
}

/** The log of a Fluent Bit configuration: `Log_Level` and `Log_File` of its file hold. */
export class FluentBitLog {
  #level: LogLevel | undefined;
  #file: number | undefined;
  readonly #given: LogLevel | undefined;

  /** @param given what a flag or variable of ours says: wins over the file */
  constructor(given: LogLevel | undefined) {
    this.#given = given;
    this.#level = given;
  }

  get level(): LogLevel | undefined {
    return this.#level;
  }

  /** @throws {AppError} LOG_FILE_UNWRITABLE */
  adopt(service: ServiceSettings): void {
    this.#level = this.#given ?? (service.logLevel === 'off' ? 'silent' : service.logLevel);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (service.logFile === undefined) return;
    try {
      this.#file = openSync(service.logFile, 'a');
    } catch (error) {
      throw new AppError(
        'LOG_FILE_UNWRITABLE',
        `Cannot write the log to ${service.logFile}: ${describeError(error)}`,
        { cause: error },
      );
    }
  }

  readonly write = (line: string): void => {
    try {
      writeSync(this.#file ?? 2, line);
    } catch (error) {
      // A full disk, or nobody reads stderr any more: the work goes on without its log.
      if (isAppError(error)) throw error;
    }
  };
}
