import type { MetricsRegistry } from '#base';
import type { ContainerStats } from '../container/handler.ts';
import type { Spool } from '../spool/spool.ts';
import type { FileFollower } from '../tail/follower.ts';
import type { TailStats } from '../tail/stats.ts';

/** What the agent tells about itself, read when somebody asks. */
export function registerAgentMetrics(
  metrics: MetricsRegistry,
  parts: {
    readonly spool: Spool;
    readonly followers: Readonly<Record<string, FileFollower>>;
    readonly tailStats: TailStats;
    readonly containerStats: ContainerStats;
  },
): void {
  const { spool, followers, tailStats, containerStats } = parts;
  const counter = (name: string, help: string, read: () => number): void =>
    metrics.collected(name, help, 'counter', () => [{ value: read() }]);
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.collected(name, help, 'gauge', () => [{ value: read() }]);
  const perInput = (name: string, help: string, read: (f: FileFollower) => number): void =>
    metrics.collected(name, help, 'gauge', () =>
      Object.entries(followers).map(([input, f]) => ({ labels: { input }, value: read(f) })),
    );
  perInput('nunchi_agent_files', 'Log files followed', (f) => f.trackedFiles);
  perInput('nunchi_agent_files_open', 'Log files held open', (f) => f.openFiles);
  perInput('nunchi_agent_lag_bytes', 'Bytes written to log files and not read yet', (f) =>
    f.lagBytes(),
  );
  counter('nunchi_agent_read_bytes_total', 'Bytes read from log files', () => tailStats.bytesRead);
  counter('nunchi_agent_lines_total', 'Lines read from log files', () => containerStats.lines);
  counter(
    'nunchi_agent_files_rotated_total',
    'Log files that left their path',
    () => tailStats.filesRotated,
  );
  counter(
    'nunchi_agent_files_truncated_total',
    'Log files that were emptied or rewritten in place',
    () => tailStats.filesTruncated,
  );
  counter(
    'nunchi_agent_files_lost_total',
    'Log files that went away with unread bytes',
    () => tailStats.filesLost,
  );
  counter(
    'nunchi_agent_long_lines_total',
    'Lines longer than the limit',
    () => tailStats.longLines + containerStats.splitLines,
  );
  counter(
    'nunchi_agent_unparsed_lines_total',
    'Lines of container logs in no known format, kept as they are',
    () => containerStats.unparsedLines,
  );
  counter(
    'nunchi_agent_excluded_events_total',
    'Events left out because an annotation of their pod asks for it',
    () => containerStats.excludedEvents,
  );
  counter(
    'nunchi_agent_repaired_lines_total',
    'Lines with bytes that are no UTF-8',
    () => containerStats.repairedLines,
  );
  counter(
    'nunchi_agent_idle_flushes_total',
    'Unfinished lines or groups emitted because the rest did not come',
    () => containerStats.idleFlushes,
  );
  counter(
    'nunchi_agent_read_errors_total',
    'Failed reads of log files and folders',
    () => tailStats.readErrors,
  );
  gauge('nunchi_agent_spool_bytes', 'Bytes of the spool on the disk', () => spool.bytes);
  gauge('nunchi_agent_spool_frames', 'Batches waiting in the spool', () => spool.frames);
  gauge('nunchi_agent_spool_full', '1 while the spool is full and reading pauses', () =>
    spool.full ? 1 : 0,
  );
}
