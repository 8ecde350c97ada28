import { createLogger, type Logger, type LogLevel, type MetricsRegistry } from '#base';

/** The program's logger: its level follows the configuration, every warning and error is counted. */
export function createProgramLogger(
  level: () => LogLevel,
  metrics: MetricsRegistry,
  write?: (line: string) => void,
): Logger {
  const problems = metrics.counter(
    'nunchi_log_problems_total',
    'Warnings and errors in the log of the program, by module',
  );
  return createLogger({
    level,
    ...(write === undefined ? {} : { write }),
    onProblem: (problem, module) => problems.add(1, { level: problem, module }),
  });
}
