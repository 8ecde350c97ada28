import type { LabelPairs, MetricSink } from '../contract.ts';
import type { CgroupStats } from './contract.ts';

type Tell = (name: string, help: string, value: number | undefined, more?: LabelPairs) => void;

/**
 * A cgroup's series by cAdvisor's names (`metrics/prometheus.go` of google/cadvisor).
 * @param deviceOf the path of a block device by `MAJOR:MINOR`
 */
export function cgroupSeries(
  stats: CgroupStats,
  labels: LabelPairs,
  sink: MetricSink,
  deviceOf: (number: string) => string,
): void {
  const counter: Tell = (name, help, value, more = []) => {
    if (value !== undefined) sink.counter(`container_${name}`, help, value, [...labels, ...more]);
  };
  const gauge: Tell = (name, help, value, more = []) => {
    if (value !== undefined) sink.gauge(`container_${name}`, help, value, [...labels, ...more]);
  };
  cpuSeries(stats, counter);
  memorySeries(stats, counter, gauge);
  ioSeries(stats, counter, deviceOf);
  specSeries(stats, gauge);
  for (const [key, [name, help]] of Object.entries(pressures)) {
    counter(`pressure_${name}_seconds_total`, help, stats.pressure.get(key));
  }
  gauge('processes', 'Number of processes running inside the container.', stats.processes.length);
  gauge('threads', 'Number of threads running inside the container', stats.threads);
  gauge(
    'threads_max',
    'Maximum number of threads allowed inside the container, infinity if value is zero',
    stats.maxThreads,
  );
}

const pressures = {
  'cpu some': [
    'cpu_waiting',
    'Total time duration tasks in the container have waited due to CPU congestion.',
  ],
  'cpu full': [
    'cpu_stalled',
    'Total time duration no tasks in the container could make progress due to CPU congestion.',
  ],
  'memory some': [
    'memory_waiting',
    'Total time duration tasks in the container have waited due to memory congestion.',
  ],
  'memory full': [
    'memory_stalled',
    'Total time duration no tasks in the container could make progress due to memory congestion.',
  ],
  'io some': [
    'io_waiting',
    'Total time duration tasks in the container have waited due to IO congestion.',
  ],
  'io full': [
    'io_stalled',
    'Total time duration no tasks in the container could make progress due to IO congestion.',
  ],
} as const;

function cpuSeries({ cpu }: CgroupStats, counter: Tell): void {
  if (cpu === undefined) return;
  counter('cpu_usage_seconds_total', 'Cumulative cpu time consumed in seconds.', cpu.usageSeconds, [
    'cpu',
    'total',
  ]);
  counter(
    'cpu_user_seconds_total',
    'Cumulative user cpu time consumed in seconds.',
    cpu.userSeconds,
  );
  counter(
    'cpu_system_seconds_total',
    'Cumulative system cpu time consumed in seconds.',
    cpu.systemSeconds,
  );
  const { throttling } = cpu;
  counter(
    'cpu_cfs_periods_total',
    'Number of elapsed enforcement period intervals.',
    throttling?.periods,
  );
  counter(
    'cpu_cfs_throttled_periods_total',
    'Number of throttled period intervals.',
    throttling?.throttledPeriods,
  );
  counter(
    'cpu_cfs_throttled_seconds_total',
    'Total time duration the container has been throttled.',
    throttling?.throttledSeconds,
  );
}

function memorySeries({ memory }: CgroupStats, counter: Tell, gauge: Tell): void {
  if (memory === undefined) return;
  gauge(
    'memory_usage_bytes',
    'Current memory usage in bytes, including all memory regardless of when it was accessed',
    memory.usageBytes,
  );
  gauge('memory_working_set_bytes', 'Current working set in bytes.', memory.workingSetBytes);
  gauge('memory_rss', 'Size of RSS in bytes.', memory.rssBytes);
  gauge('memory_cache', 'Number of bytes of page cache memory.', memory.cacheBytes);
  gauge('memory_mapped_file', 'Size of memory mapped files in bytes.', memory.mappedFileBytes);
  gauge('memory_swap', 'Container swap usage in bytes.', memory.swapBytes);
  gauge('memory_max_usage_bytes', 'Maximum memory usage recorded in bytes', memory.maxUsageBytes);
  counter('memory_failcnt', 'Number of memory usage hits limits', memory.limitHits);
  counter(
    'oom_events_total',
    'Count of out of memory events observed for the container',
    memory.oomKills,
  );
  const faults = (failure: string, scope: string, value: number | undefined): void =>
    counter('memory_failures_total', 'Cumulative count of memory allocation failures.', value, [
      'failure_type',
      failure,
      'scope',
      scope,
    ]);
  faults('pgfault', 'container', memory.pageFaults);
  faults('pgmajfault', 'container', memory.majorPageFaults);
  faults('pgfault', 'hierarchy', memory.hierarchyPageFaults);
  faults('pgmajfault', 'hierarchy', memory.hierarchyMajorPageFaults);
}

function ioSeries({ io }: CgroupStats, counter: Tell, deviceOf: (number: string) => string): void {
  for (const [number, stats] of io) {
    const device = ['device', deviceOf(number)];
    counter('fs_reads_total', 'Cumulative count of reads completed', stats.reads, device);
    counter('fs_writes_total', 'Cumulative count of writes completed', stats.writes, device);
    counter('fs_reads_bytes_total', 'Cumulative count of bytes read', stats.readBytes, device);
    counter(
      'fs_writes_bytes_total',
      'Cumulative count of bytes written',
      stats.writtenBytes,
      device,
    );
  }
}

function specSeries({ spec }: CgroupStats, gauge: Tell): void {
  gauge('spec_cpu_shares', 'CPU share of the container.', spec.cpuShares);
  gauge('spec_cpu_period', 'CPU period of the container.', spec.cpuPeriod);
  gauge('spec_cpu_quota', 'CPU quota of the container.', spec.cpuQuota);
  gauge('spec_memory_limit_bytes', 'Memory limit for the container.', spec.memoryLimitBytes);
  gauge(
    'spec_memory_reservation_limit_bytes',
    'Memory reservation limit for the container.',
    spec.memoryReservationBytes,
  );
  gauge(
    'spec_memory_swap_limit_bytes',
    'Memory swap limit for the container.',
    spec.memorySwapLimitBytes,
  );
}

/** Columns of /proc/net/dev that cAdvisor tells. */
const networkColumns = [
  [0, 'receive_bytes_total', 'Cumulative count of bytes received'],
  [1, 'receive_packets_total', 'Cumulative count of packets received'],
  [2, 'receive_errors_total', 'Cumulative count of errors encountered while receiving'],
  [3, 'receive_packets_dropped_total', 'Cumulative count of packets dropped while receiving'],
  [8, 'transmit_bytes_total', 'Cumulative count of bytes transmitted'],
  [9, 'transmit_packets_total', 'Cumulative count of packets transmitted'],
  [10, 'transmit_errors_total', 'Cumulative count of errors encountered while transmitting'],
  [11, 'transmit_packets_dropped_total', 'Cumulative count of packets dropped while transmitting'],
] as const;

/** An interface in the network of a container, a pod or the machine. */
export function networkSeries(
  device: string,
  values: readonly number[],
  labels: LabelPairs,
  sink: MetricSink,
): void {
  for (const [at, name, help] of networkColumns) {
    sink.counter(`container_network_${name}`, help, values[at] ?? 0, [
      ...labels,
      'interface',
      device,
    ]);
  }
}
