/** Things that know nothing of logs, metrics or Kubernetes. Imports no other module of ours. */

export { BoundedQueue } from './bounded-queue.ts';
export { type Clock, ManualClock, systemClock } from './clock.ts';
export { DiskGuard, type DiskGuardOptions } from './disk-guard.ts';
export {
  AppError,
  type AppErrorOptions,
  BugError,
  describeError,
  invariant,
  isAbortError,
  isAppError,
} from './errors.ts';
export { watchFiles } from './file-watch.ts';
export {
  createLogger,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  silentLogger,
} from './logging.ts';
export { maskSecrets } from './mask-secrets.ts';
export { type BackoffOptions, backoffMs } from './retry.ts';
export {
  type CollectedSample,
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  MetricsRegistry,
} from './self-metrics.ts';
export { Slots } from './slots.ts';
export { formatBytes, formatDurationMs, parseBytes, parseDurationMs } from './units.ts';
export { nearestWord } from './words.ts';
