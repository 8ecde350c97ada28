import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The program's own log: one JSON object a line on stderr (`time`, `level`, `module`, `msg`, fields).
 * The sentence is fixed, what varies goes into fields. error: someone must act; warn: degraded;
 * info: start, stop, reload; debug: one item. Never secrets, never a line per event or sample.
 */
export interface Logger {
  debug(msg: string, fields?: LogFields): void;
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
  /** The same log with `module` set. */
  child(module: string): Logger;
}

export interface LoggerOptions {
  /** As a function: asked at each line, so that it can change. */
  readonly level?: LogLevel | (() => LogLevel);
  /** Where lines go; stderr unless given. */
  readonly write?: (line: string) => void;
  /** Called for each warn and error, for the counter that every one of them has. */
  readonly onProblem?: (level: 'warn' | 'error', module: string) => void;
}

const severity: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  silent: 4,
};

export function createLogger(options: LoggerOptions = {}): Logger {
  const { write } = options;
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  const { level = 'info' } = options;
  const root = pino(
    {
      level: typeof level === 'function' ? 'debug' : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    destination,
  );
  const wrap = (module: string): Logger => {
    const log = root.child({ module });
    const isOn = (line: LogLevel): boolean =>
      typeof level !== 'function' || severity[line] >= severity[level()];
    return {
      debug: (msg, fields) => {
        if (isOn('debug')) log.debug(fields ?? {}, msg);
      },
      info: (msg, fields) => {
        if (isOn('info')) log.info(fields ?? {}, msg);
      },
      warn: (msg, fields) => {
        options.onProblem?.('warn', module);
        if (isOn('warn')) log.warn(fields ?? {}, msg);
      },
      error: (msg, fields) => {
        options.onProblem?.('error', module);
        if (isOn('error')) log.error(fields ?? {}, msg);
      },
      child: (name) => wrap(name),
    };
  };
  return wrap('main');
}

/** For tests and for callers that have nowhere to log to. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
