import type { Collector, MetricSink } from '../contract.ts';
import type { HostFiles } from '../files.ts';
import { fieldsOf, linesOf, numberOf } from '../text.ts';

/** The kernel tells procfs times in hundredths of a second, whatever its own clock (USER_HZ). */
const ticksPerSecond = 100;
/** Order of the columns of /proc/stat; the two of guests are a family of their own. */
const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
/** An idle time that went back by more than this: the CPU was taken away and came back. */
const hotPlugSeconds = 3;

const cpuHelp = 'Seconds the CPUs spent in each mode.';
const guestHelp = 'Seconds the CPUs spent in guests (VMs) for each mode.';

/** Seconds of one CPU in the order of /proc/stat. */
export interface CpuTimes {
  readonly cpu: string;
  readonly seconds: number[];
}

export function parseCpuTimes(stat: string): CpuTimes[] {
  const cpus: CpuTimes[] = [];
  for (const line of linesOf(stat)) {
    if (!line.startsWith('cpu') || line.startsWith('cpu ')) continue;
    const [name = '', ...ticks] = fieldsOf(line);
    cpus.push({
      cpu: name.slice(3),
      seconds: ticks.map((text) => numberOf(text) / ticksPerSecond),
    });
  }
  return cpus;
}

/**
 * The kernel's idle and iowait times go back by moments now and then; a counter that does so is a
 * reset for whoever computes rates. Such a step is held back until the time is reached again.
 */
export function withoutStepsBack(before: readonly number[] | undefined, now: number[]): number[] {
  const idle = 3;
  if (before === undefined || now[idle]! < before[idle]! - hotPlugSeconds) return now;
  return now.map((value, at) => Math.max(value, before[at] ?? 0));
}

/** node_exporter's `cpu`. */
export function cpuCollector(): Collector {
  const last = new Map<string, number[]>();
  return {
    name: 'cpu',
    collect: (files, sink) => {
      for (const { cpu, seconds } of parseCpuTimes(files.proc('stat'))) {
        const steady = withoutStepsBack(last.get(cpu), seconds);
        last.set(cpu, steady);
        modes.forEach((mode, at) => {
          const value = steady[at] ?? 0;
          sink.counter('node_cpu_seconds_total', cpuHelp, value, ['cpu', cpu, 'mode', mode]);
        });
        const guest = (mode: string, at: number): void =>
          sink.counter('node_cpu_guest_seconds_total', guestHelp, steady[at] ?? 0, [
            'cpu',
            cpu,
            'mode',
            mode,
          ]);
        guest('user', 8);
        guest('nice', 9);
      }
      throttles(files, sink);
    },
  };
}

/** Throttling for heat, where the CPU tells: once for each core and each package. */
function throttles(files: HostFiles, sink: MetricSink): void {
  const seen = new Set<string>();
  for (const cpu of files.sysNames('devices/system/cpu')) {
    if (!/^cpu\d+$/.test(cpu)) continue;
    const folder = `devices/system/cpu/${cpu}`;
    if (!files.hasSys(`${folder}/thermal_throttle`)) return;
    const number = (path: string): number | undefined => files.sysNumber(`${folder}/${path}`);
    const packageId = number('topology/physical_package_id');
    const coreId = number('topology/core_id');
    if (packageId === undefined || coreId === undefined) continue;
    const inPackage = number('thermal_throttle/package_throttle_count');
    if (inPackage !== undefined && !seen.has(`${packageId}`)) {
      seen.add(`${packageId}`);
      sink.counter(
        'node_cpu_package_throttles_total',
        'Number of times this CPU package has been throttled.',
        inPackage,
        ['package', String(packageId)],
      );
    }
    const inCore = number('thermal_throttle/core_throttle_count');
    if (inCore !== undefined && !seen.has(`${packageId}/${coreId}`)) {
      seen.add(`${packageId}/${coreId}`);
      sink.counter(
        'node_cpu_core_throttles_total',
        'Number of times this CPU core has been throttled.',
        inCore,
        ['core', String(coreId), 'package', String(packageId)],
      );
    }
  }
}

const frequencies = [
  ['cpuinfo_cur_freq', 'node_cpu_frequency_hertz', 'Current CPU thread frequency in hertz.'],
  ['cpuinfo_min_freq', 'node_cpu_frequency_min_hertz', 'Minimum CPU thread frequency in hertz.'],
  ['cpuinfo_max_freq', 'node_cpu_frequency_max_hertz', 'Maximum CPU thread frequency in hertz.'],
  [
    'scaling_cur_freq',
    'node_cpu_scaling_frequency_hertz',
    'Current scaled CPU thread frequency in hertz.',
  ],
  [
    'scaling_min_freq',
    'node_cpu_scaling_frequency_min_hertz',
    'Minimum scaled CPU thread frequency in hertz.',
  ],
  [
    'scaling_max_freq',
    'node_cpu_scaling_frequency_max_hertz',
    'Maximum scaled CPU thread frequency in hertz.',
  ],
] as const;

/** node_exporter's `cpufreq`. */
export const cpufreqCollector: Collector = {
  name: 'cpufreq',
  collect: (files, sink) => {
    for (const cpu of files.sysNames('devices/system/cpu')) {
      if (!/^cpu\d+$/.test(cpu)) continue;
      for (const [file, name, help] of frequencies) {
        const kilohertz = files.sysNumber(`devices/system/cpu/${cpu}/cpufreq/${file}`);
        if (kilohertz === undefined) continue;
        sink.gauge(name, help, kilohertz * 1000, ['cpu', cpu.slice(3)]);
      }
    }
  },
};

const nanosecondsPerSecond = 1e9;

/** node_exporter's `schedstat`. */
export const schedstatCollector: Collector = {
  name: 'schedstat',
  collect: (files, sink) => {
    for (const line of linesOf(files.proc('schedstat'))) {
      if (!/^cpu\d/.test(line)) continue;
      const fields = fieldsOf(line);
      const labels = ['cpu', fields[0]!.slice(3)];
      const seconds = (at: number): number => numberOf(fields[at]) / nanosecondsPerSecond;
      sink.counter(
        'node_schedstat_running_seconds_total',
        'Number of seconds CPU spent running a process.',
        seconds(7),
        labels,
      );
      sink.counter(
        'node_schedstat_waiting_seconds_total',
        'Number of seconds spent by processing waiting for this CPU.',
        seconds(8),
        labels,
      );
      sink.counter(
        'node_schedstat_timeslices_total',
        'Number of timeslices executed by CPU.',
        numberOf(fields[9]),
        labels,
      );
    }
  },
};
