import { globSync, readFileSync } from 'node:fs';
import { AppError, describeError } from '#base';
import { type ConfigProblem, formatProblem } from '#config';
import { anything, type Field, list, path, section } from './fields.ts';
import { type GlobalConfig, globalConfig, resolveGlobal } from './global-fields.ts';
import {
  type AlertingConfig,
  alerting,
  type OtlpConfig,
  otlp,
  type RemoteReadConfig,
  type RemoteWriteConfig,
  type RuntimeConfig,
  remoteRead,
  remoteWrite,
  runtime,
  type StorageConfig,
  storage,
} from './other-fields.ts';
import { DocumentReader } from './reader.ts';
import {
  resolveScrapeConfig,
  type ScrapeConfig,
  scrapeConfig,
  type WrittenScrapeConfig,
} from './scrape-fields.ts';

/** A whole prometheus.yml, checked, with every default filled in. */
export interface PrometheusConfig {
  readonly global: GlobalConfig;
  readonly runtime: RuntimeConfig;
  /** Paths or globs, absolute where the configuration is a file with an absolute path. */
  readonly ruleFiles: readonly string[];
  readonly scrapeConfigFiles: readonly string[];
  /** Of the file itself and of `scrape_config_files`. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly alerting: AlertingConfig;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  readonly storage: StorageConfig;
  readonly otlp: OtlpConfig;
  readonly tracing: unknown;
}

export interface LoadedConfig {
  readonly config: PrometheusConfig;
  /** What is accepted and has no effect, for the log. */
  readonly warnings: readonly string[];
  /** Files that were read. */
  readonly files: readonly string[];
}

/** Where the configuration stands. */
export type ConfigText =
  | { readonly path: string }
  | {
      readonly text: string;
      readonly file: string;
      /** 1-based line of the text's first line in the file, and the key that it is the value of. */
      readonly firstLine: number;
      readonly key: string;
    };

type Environment = Readonly<Record<string, string | undefined>>;

interface Written {
  readonly global: GlobalConfig;
  readonly runtime: RuntimeConfig;
  readonly ruleFiles: readonly string[];
  readonly scrapeConfigFiles: readonly string[];
  readonly scrapeConfigs: readonly WrittenScrapeConfig[];
  readonly alerting: AlertingConfig;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  readonly storage: StorageConfig;
  readonly otlp: OtlpConfig;
  readonly tracing: unknown;
}

interface PlacedJob {
  readonly written: WrittenScrapeConfig;
  readonly problem: (message: string) => void;
}

/** A job with the place it is written at, for problems that show only when all files are read. */
const placedJob: Field<PlacedJob> = {
  absent: () => ({ written: scrapeConfig.absent(), problem: () => {} }),
  read: (node, reader, at) => ({
    written: scrapeConfig.read(node, reader, at),
    problem: (message) => reader.problem(node, at, { message }),
  }),
};

type WithPlaces<T> = Omit<T, 'scrapeConfigs'> & { readonly scrapeConfigs: readonly PlacedJob[] };

const root: Field<WithPlaces<Written>> = section<WithPlaces<Written>>({
  global: globalConfig,
  runtime,
  ruleFiles: list(path),
  scrapeConfigFiles: list(path),
  scrapeConfigs: list(placedJob),
  alerting,
  remoteWrite: list(remoteWrite),
  remoteRead: list(remoteRead),
  storage,
  otlp,
  tracing: anything,
});

const jobFile: Field<{ readonly scrapeConfigs: readonly PlacedJob[] }> = section<{
  readonly scrapeConfigs: readonly PlacedJob[];
}>({ scrapeConfigs: list(placedJob) });

/** A file larger than this is no configuration. */
const maxFileBytes = 64 * 1024 * 1024;

/**
 * Reads a prometheus.yml (and the files of `scrape_config_files`), or the same keys out of another file.
 * @throws {AppError} METRICS_CONFIG_INVALID with every problem in `details.problems`,
 *   METRICS_CONFIG_UNREADABLE
 */
export function loadPrometheusConfig(source: ConfigText, env: Environment): LoadedConfig {
  const reader =
    'path' in source
      ? new DocumentReader(readText(source.path), source.path)
      : new DocumentReader(source.text, source.file, source);
  const readers = [reader];
  const files = 'path' in source ? [source.path] : [];
  const written = reader.root === undefined ? root.absent() : root.read(reader.root, reader, '');
  const jobs = [...written.scrapeConfigs];
  for (const pattern of written.scrapeConfigFiles) {
    for (const file of globSync(pattern).sort()) {
      const other = new DocumentReader(readText(file), file);
      readers.push(other);
      files.push(file);
      if (other.root !== undefined) jobs.push(...jobFile.read(other.root, other, '').scrapeConfigs);
    }
  }
  const global = resolveGlobal(written.global, env);
  const names = new Set<string>();
  const scrapeConfigs = jobs.map(({ written: job, problem }) => {
    if (names.has(job.jobName)) {
      problem(`found multiple scrape configs with job name "${job.jobName}"`);
    }
    names.add(job.jobName);
    const resolved = resolveScrapeConfig(job, global);
    if (resolved.problem !== undefined) problem(resolved.problem);
    return resolved.config;
  });
  checkNames(reader, 'remote_write', written.remoteWrite);
  checkNames(reader, 'remote_read', written.remoteRead);
  const problems = readers.flatMap((each) => each.problems);
  if (problems.length > 0) throw invalid(problems);
  if (written.tracing !== undefined) {
    reader.warning(undefined, 'tracing', 'tracing has no effect');
  }
  return {
    config: { ...written, global, scrapeConfigs },
    warnings: readers.flatMap((each) => each.warnings).map(formatProblem),
    files,
  };
}

/**
 * Jobs that others than a person wrote: `scrape_configs` and nothing else, as YAML or JSON, under the
 * `global` section in force. Warnings go nowhere.
 * @param file for messages, and where relative paths begin
 * @throws {AppError} METRICS_CONFIG_INVALID with every problem in `details.problems`
 */
export function loadScrapeConfigs(
  text: string,
  file: string,
  global: GlobalConfig,
): readonly ScrapeConfig[] {
  const reader = new DocumentReader(text, file);
  const jobs = reader.root === undefined ? [] : jobFile.read(reader.root, reader, '').scrapeConfigs;
  const configs = jobs.map(({ written, problem }) => {
    const resolved = resolveScrapeConfig(written, global);
    if (resolved.problem !== undefined) problem(resolved.problem);
    return resolved.config;
  });
  if (reader.problems.length > 0) throw invalid(reader.problems);
  return configs;
}

function checkNames(
  reader: DocumentReader,
  key: string,
  configs: readonly { readonly name: string }[],
): void {
  const names = configs.map(({ name }) => name).filter((name) => name !== '');
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated === undefined) return;
  const what = key.replace('_', ' ');
  reader.problem(undefined, key, {
    message: `found multiple ${what} configs with job name "${repeated}"`,
  });
}

function readText(file: string): string {
  try {
    const content = readFileSync(file);
    if (content.length > maxFileBytes) throw new TypeError('larger than 64 MiB');
    return content.toString('utf8');
  } catch (error) {
    throw new AppError(
      'METRICS_CONFIG_UNREADABLE',
      `Cannot read ${file}: ${describeError(error)}`,
      {
        hint: 'Check metrics.prometheusConfig and scrape_config_files',
        details: { file },
        cause: error,
      },
    );
  }
}

function invalid(problems: readonly ConfigProblem[]): AppError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new AppError(
    'METRICS_CONFIG_INVALID',
    `The Prometheus configuration has ${count}:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`,
    {
      hint: 'Keys are those of Prometheus 3: https://prometheus.io/docs/prometheus/latest/configuration/configuration/',
      details: { problems },
    },
  );
}

/** What counts when nothing is configured, without a job. */
export function emptyPrometheusConfig(): PrometheusConfig {
  return loadPrometheusConfig({ text: '', file: '', firstLine: 1, key: '' }, {}).config;
}
