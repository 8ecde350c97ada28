import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { AppError, describeError } from '#base';
import type { Config } from './contract.ts';
import type { Environment } from './environment.ts';
import { type ConfigProblem, Reader } from './reader.ts';
import { configSchema } from './schema.ts';

/** Command line flags that stand for a key; each has an environment variable. Flags win. */
export interface ConfigFlags {
  readonly listen?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly serverUrl?: string | undefined;
}

interface Override {
  readonly flag: keyof ConfigFlags | undefined;
  readonly flagText: string;
  readonly variable: string;
  /** Keys as in the file. */
  readonly path: readonly string[];
}

/** Which flag and variable set which key. The variable wins over the file, the flag over both. */
export const configOverrides: readonly Override[] = [
  { flag: 'listen', flagText: '--listen', variable: 'NUNCHI_LISTEN', path: ['server', 'listen'] },
  {
    flag: 'dataDir',
    flagText: '--data-dir',
    variable: 'NUNCHI_DATA_DIR',
    path: ['server', 'dataDir'],
  },
  {
    flag: 'logLevel',
    flagText: '--log-level',
    variable: 'NUNCHI_LOG_LEVEL',
    path: ['log', 'level'],
  },
  {
    flag: 'serverUrl',
    flagText: '--server',
    variable: 'NUNCHI_AGENT_SERVER_URL',
    path: ['agent', 'server', 'url'],
  },
  {
    flag: undefined,
    flagText: '',
    variable: 'NUNCHI_AGENT_TOKEN',
    path: ['agent', 'server', 'token'],
  },
  {
    flag: undefined,
    flagText: '',
    variable: 'NUNCHI_AGENT_CONTAINERS',
    path: ['agent', 'inputs', 'containers'],
  },
  { flag: undefined, flagText: '', variable: 'NUNCHI_AGENT_ID', path: ['agent', 'id'] },
  {
    flag: undefined,
    flagText: '',
    variable: 'NUNCHI_CLUSTER_NAME',
    path: ['server', 'clusterName'],
  },
];

/** A file larger than this is no configuration of ours. */
const maxConfigBytes = 4 * 1024 * 1024;

/**
 * Reads the file (none: defaults), then the variables, then the flags.
 * @throws {AppError} CONFIG_INVALID with every problem in `details.problems`, CONFIG_UNREADABLE
 */
export function loadConfig(
  path: string | undefined,
  env: Environment,
  flags: ConfigFlags = {},
): Config {
  return parseConfig(path === undefined ? '' : readConfigText(path), {
    fileName: path ?? 'nunchi.yaml',
    env,
    flags,
  });
}

/** @throws {AppError} CONFIG_UNREADABLE */
export function readConfigText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > maxConfigBytes) throw new AppError('CONFIG_UNREADABLE', 'larger than 4 MiB');
    return text;
  } catch (error) {
    throw new AppError('CONFIG_UNREADABLE', `Cannot read ${path}: ${describeError(error)}`, {
      hint: 'Name an existing file with --config, or leave the flag out to use the defaults',
      details: { file: path },
      cause: error,
    });
  }
}

/** @throws {AppError} CONFIG_INVALID */
export function parseConfig(
  text: string,
  options: {
    readonly fileName: string;
    readonly env: Environment;
    readonly flags?: ConfigFlags | undefined;
  },
): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const problems: ConfigProblem[] = document.errors.map((error) => ({
    source: options.fileName,
    line: error.linePos?.[0].line,
    key: '',
    message: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
  }));
  const source = options.fileName;
  const reader = new Reader({ source, lines, document, text, env: options.env });
  let config = configSchema.absent();
  if (problems.length === 0 && document.contents !== null) {
    config = configSchema.read(reader.resolve(document.contents), reader, '');
    problems.push(...reader.problems);
  }
  config = applyOverrides(config, options.env, options.flags ?? {}, problems);
  problems.push(...crossCheck(config, options.fileName));
  if (problems.length > 0) throw configError(problems);
  return config;
}

function applyOverrides(
  config: Config,
  env: Environment,
  flags: ConfigFlags,
  problems: ConfigProblem[],
): Config {
  let result = config;
  for (const override of configOverrides) {
    const flagValue = override.flag === undefined ? undefined : flags[override.flag];
    const value = flagValue ?? (env[override.variable] || undefined);
    if (value === undefined) continue;
    const source = flagValue === undefined ? override.variable : override.flagText;
    // Given as YAML of one quoted value, so that the schema's own reader checks it.
    const document = parseDocument(
      override.path.reduceRight((inner, key) => `{${key}: ${inner}}`, JSON.stringify(value)),
    );
    // Without an environment: the shell has had its turn, a dollar is a dollar.
    const reader = new Reader({ source, document });
    const overlay = configSchema.read(document.contents!, reader, '');
    problems.push(...reader.problems);
    result = assignPath(result, overlay, override.path) as Config;
  }
  return result;
}

function assignPath(base: unknown, overlay: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return overlay;
  const from = base as Record<string, unknown>;
  return { ...from, [key]: assignPath(from[key], (overlay as Record<string, unknown>)[key], rest) };
}

/** What single keys cannot know. */
function crossCheck(config: Config, source: string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { tls } = config.server;
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    problems.push({
      source,
      line: undefined,
      key: 'server.tls',
      message: 'certFile and keyFile go together',
      allowed: 'both or none',
    });
  }
  const { prometheus, prometheusConfig } = config.metrics;
  if (prometheus !== undefined && prometheusConfig !== undefined) {
    problems.push({
      source,
      line: prometheus.line,
      key: 'metrics.prometheus',
      message: 'prometheus and prometheusConfig exclude each other',
      allowed: 'one of them',
    });
  }
  config.agent.inputs.files.forEach((input, index) => {
    if (input.paths.length > 0) return;
    problems.push({
      source,
      line: undefined,
      key: `agent.inputs.files[${index}].paths`,
      message: 'at least one path is needed',
      allowed: 'paths or globs',
    });
  });
  return problems;
}

/** `nunchi.yaml:3: server.lisen: unknown key "lisen", did you mean "listen"? (allowed: …)` */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.source : `${problem.source}:${problem.line}`;
  const key = problem.key === '' ? '' : `${problem.key}: `;
  const allowed = problem.allowed === undefined ? '' : ` (allowed: ${problem.allowed})`;
  return `${place}: ${key}${problem.message}${allowed}`;
}

function configError(problems: readonly ConfigProblem[]): AppError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new AppError(
    'CONFIG_INVALID',
    `The configuration has ${count}:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`,
    { hint: 'docs/config.md lists every key', details: { problems } },
  );
}
