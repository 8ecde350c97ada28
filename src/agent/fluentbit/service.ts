import type { PipelineService } from '../pipeline/spec.ts';
import type { ProblemList } from './problems.ts';
import type { Section } from './sections.ts';
import { Settings } from './settings.ts';
import { parseBinarySize, parseBoolean, parseSecondsMs } from './values.ts';

/** What the `[SERVICE]` sections say, for the pipeline and for the parts around it. */
export interface ServiceSettings {
  readonly pipeline: PipelineService;
  readonly logLevel: 'off' | 'error' | 'warn' | 'info' | 'debug';
  readonly logFile?: string;
  /** The monitoring server of Fluent Bit; absent unless switched on. */
  readonly http?: { readonly host: string; readonly port: number };
  readonly health?: {
    readonly maxErrors: number;
    readonly maxRetryFailures: number;
    readonly periodMs: number;
  };
  readonly hotReload: boolean;
  readonly escapeUnicode: boolean;
  /** Cap of one joined multiline event. */
  readonly multilineBufferBytes: number;
}

const levels: Readonly<Record<string, ServiceSettings['logLevel']>> = {
  off: 'off',
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
};

/** All SERVICE sections are one; later lines win. Unknown keys are let be, as in Fluent Bit. */
export function readService(
  sections: readonly Section[],
  env: Readonly<Record<string, string | undefined>>,
  problems: ProblemList,
): ServiceSettings {
  const place = sections[0] ?? { file: '', line: 0 };
  const merged: Section = {
    kind: 'service',
    file: place.file,
    line: place.line,
    properties: sections.flatMap((section) => section.properties),
  };
  const settings = new Settings(merged, 'service', 'service');
  // Stock reads these loosely; an empty HTTP_Server is off, other nonsense deserves a word.
  const flag = (key: string): boolean => {
    const value = settings.text(key);
    if (value === undefined) return false;
    const parsed = parseBoolean(value);
    if (parsed === undefined)
      problems.warn(settings, `service: '${key} ${value}' is neither on nor off, taken as off`);
    return parsed ?? false;
  };
  const seconds = (key: string, otherwise: number): number => {
    const value = settings.text(key);
    if (value === undefined) return otherwise;
    const ms = value === '-1' ? Number.POSITIVE_INFINITY : parseSecondsMs(value);
    if (ms === undefined)
      problems.add(settings, `service: '${key} ${value}' is no time in seconds`);
    return ms ?? otherwise;
  };
  const flushMs = seconds('flush', 1000);
  if (flushMs <= 0) problems.add(settings, `service: 'flush' must be over 0`);
  const level = (env['FLB_LOG_LEVEL'] || settings.text('log_level', 'info')).toLowerCase();
  if (levels[level] === undefined) {
    problems.add(
      settings,
      `service: log_level must be one of ${Object.keys(levels).join(', ')}, not '${level}'`,
    );
  }
  const chunksUp = settings.number('storage.max_chunks_up', 128);
  const storagePath = settings.text('storage.path');
  const logFile = settings.text('log_file');
  const bufferLimit = settings.text('multiline_buffer_limit', '2MB');
  return {
    pipeline: {
      flushMs,
      graceMs: seconds('grace', 5000),
      ...(storagePath !== undefined && { storagePath }),
      retryBaseMs: seconds('scheduler.base', 5000),
      retryCapMs: seconds('scheduler.cap', 2_000_000),
      // A chunk is about 2 MB; what is above the bound waits in its file.
      ...(settings.has('storage.max_chunks_up') &&
        Number.isFinite(chunksUp) && { maxMemoryBytes: chunksUp * 2_048_000 }),
    },
    logLevel: levels[level] ?? 'info',
    ...(logFile !== undefined && { logFile }),
    ...(flag('http_server') && {
      http: {
        host: settings.text('http_listen', '0.0.0.0'),
        port: settings.number('http_port', 2020),
      },
    }),
    ...(flag('health_check') && {
      health: {
        maxErrors: settings.number('hc_errors_count', 5),
        maxRetryFailures: settings.number('hc_retry_failure_count', 5),
        periodMs: seconds('hc_period', 60_000),
      },
    }),
    hotReload: flag('hot_reload'),
    escapeUnicode: flag('json.escape_unicode'),
    multilineBufferBytes: parseBinarySize(bufferLimit) ?? 2 * 1024 * 1024,
  };
}
