import { readdirSync, readFileSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import type { CollectedSample, MetricsRegistry } from '#base';

const gcKinds: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

/** CPU, memory, event loop, garbage collection and file descriptors of this process. */
export function collectProcessMetrics(metrics: MetricsRegistry, version: string): Disposable {
  const one = (read: () => number) => (): CollectedSample[] => [{ value: read() }];
  const cpu = (): CollectedSample[] => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6 }];
  };
  metrics.collected('process_cpu_seconds_total', 'CPU time, user and system', 'counter', cpu);
  metrics.collected(
    'process_resident_memory_bytes',
    'Resident memory',
    'gauge',
    one(() => process.memoryUsage.rss()),
  );
  const startSeconds = Date.now() / 1000 - process.uptime();
  metrics.collected(
    'process_start_time_seconds',
    'Start of the process, Unix time',
    'gauge',
    one(() => startSeconds),
  );
  metrics.collected('nunchi_process_heap_bytes', 'JavaScript memory by kind', 'gauge', () => {
    const usage = process.memoryUsage();
    return [
      { labels: { kind: 'used' }, value: usage.heapUsed },
      { labels: { kind: 'total' }, value: usage.heapTotal },
      { labels: { kind: 'external' }, value: usage.external },
      { labels: { kind: 'array_buffers' }, value: usage.arrayBuffers },
    ];
  });
  metrics.collected('process_open_fds', 'Open file descriptors', 'gauge', () => {
    const count = openFileDescriptors();
    return count === undefined ? [] : [{ value: count }];
  });
  metrics.collected('process_max_fds', 'Limit of open file descriptors', 'gauge', () => {
    const limit = maxFileDescriptors();
    return limit === undefined ? [] : [{ value: limit }];
  });
  metrics.collected('nunchi_build_info', 'Version of the program', 'gauge', () => [
    { labels: { version, node: process.versions.node }, value: 1 },
  ]);

  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  metrics.collected(
    'nunchi_process_event_loop_lag_seconds',
    'How late the event loop runs timers, since the last scrape',
    'gauge',
    () => {
      const samples = [50, 99, 100].map((percentile) => ({
        labels: { quantile: String(percentile / 100) },
        value: delay.count === 0 ? 0 : Math.max(0, delay.percentile(percentile) / 1e9 - 0.02),
      }));
      delay.reset();
      return samples;
    },
  );

  const gcSeconds = metrics.counter(
    'nunchi_process_gc_seconds_total',
    'Time spent collecting garbage, by kind',
  );
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const detail = (entry as { detail?: { kind?: number } }).detail;
      gcSeconds.add(entry.duration / 1000, { kind: gcKinds[detail?.kind ?? -1] ?? 'other' });
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    [Symbol.dispose]: () => {
      delay.disable();
      observer.disconnect();
    },
  };
}

function openFileDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined; // No /proc: not Linux.
  }
}

function maxFileDescriptors(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line === null ? undefined : Number(line[1]);
  } catch {
    return undefined;
  }
}
