import type { Collector } from '../contract.ts';
import { fieldsOf, keyValues, linesOf, numberOf } from '../text.ts';

const statFields = {
  intr: ['counter', 'node_intr_total', 'Total number of interrupts serviced.'],
  ctxt: ['counter', 'node_context_switches_total', 'Total number of context switches.'],
  processes: ['counter', 'node_forks_total', 'Total number of forks.'],
  btime: ['gauge', 'node_boot_time_seconds', 'Node boot time, in unixtime.'],
  procs_running: ['gauge', 'node_procs_running', 'Number of processes in runnable state.'],
  procs_blocked: [
    'gauge',
    'node_procs_blocked',
    'Number of processes blocked waiting for I/O to complete.',
  ],
} as const;

/** node_exporter's `stat`. */
export const statCollector: Collector = {
  name: 'stat',
  collect: (files, sink) => {
    for (const line of linesOf(files.proc('stat'))) {
      const at = line.indexOf(' ');
      const field = line.slice(0, at);
      if (!Object.hasOwn(statFields, field)) continue;
      const [kind, name, help] = statFields[field as keyof typeof statFields];
      // `intr` is followed by one number for each interrupt; the first is the sum.
      const end = line.indexOf(' ', at + 1);
      sink[kind](name, help, numberOf(line.slice(at + 1, end < 0 ? undefined : end)));
    }
  },
};

/** node_exporter's `loadavg`. */
export const loadavgCollector: Collector = {
  name: 'loadavg',
  collect: (files, sink) => {
    const [one, five, fifteen] = fieldsOf(files.proc('loadavg'));
    sink.gauge('node_load1', '1m load average.', numberOf(one));
    sink.gauge('node_load5', '5m load average.', numberOf(five));
    sink.gauge('node_load15', '15m load average.', numberOf(fifteen));
  },
};

/** node_exporter's `entropy`. */
export const entropyCollector: Collector = {
  name: 'entropy',
  collect: (files, sink) => {
    const read = (file: string): number => numberOf(files.proc(`sys/kernel/random/${file}`).trim());
    sink.gauge('node_entropy_available_bits', 'Bits of available entropy.', read('entropy_avail'));
    sink.gauge('node_entropy_pool_size_bits', 'Bits of entropy pool.', read('poolsize'));
  },
};

/** node_exporter's `filefd`. */
export const filefdCollector: Collector = {
  name: 'filefd',
  collect: (files, sink) => {
    const [allocated, , maximum] = fieldsOf(files.proc('sys/fs/file-nr'));
    sink.gauge(
      'node_filefd_allocated',
      'File descriptor statistics: allocated.',
      numberOf(allocated),
    );
    sink.gauge('node_filefd_maximum', 'File descriptor statistics: maximum.', numberOf(maximum));
  },
};

const microsecondsPerSecond = 1e6;

const pressures = [
  [
    'cpu',
    'some',
    'node_pressure_cpu_waiting_seconds_total',
    'Total time in seconds that processes have waited for CPU time',
  ],
  [
    'io',
    'some',
    'node_pressure_io_waiting_seconds_total',
    'Total time in seconds that processes have waited due to IO congestion',
  ],
  [
    'io',
    'full',
    'node_pressure_io_stalled_seconds_total',
    'Total time in seconds no process could make progress due to IO congestion',
  ],
  [
    'memory',
    'some',
    'node_pressure_memory_waiting_seconds_total',
    'Total time in seconds that processes have waited for memory',
  ],
  [
    'memory',
    'full',
    'node_pressure_memory_stalled_seconds_total',
    'Total time in seconds no process could make progress due to memory congestion',
  ],
  [
    'irq',
    'full',
    'node_pressure_irq_stalled_seconds_total',
    'Total time in seconds no process could make progress due to IRQ congestion',
  ],
] as const;

/** Seconds of a line (`some`, `full`) of a pressure file; undefined: no such line. */
export function pressureSeconds(text: string, kind: 'some' | 'full'): number | undefined {
  const total = new RegExp(`^${kind} .*total=(\\d+)`, 'm').exec(text)?.[1];
  return total === undefined ? undefined : Number(total) / microsecondsPerSecond;
}

/** node_exporter's `pressure`. */
export const pressureCollector: Collector = {
  name: 'pressure',
  collect: (files, sink) => {
    // Without it the kernel keeps no such statistics: told by the missing file.
    files.proc('pressure/cpu');
    for (const [resource, kind, name, help] of pressures) {
      const seconds = pressureSeconds(files.tryProc(`pressure/${resource}`) ?? '', kind);
      if (seconds !== undefined) sink.counter(name, help, seconds);
    }
  },
};

const vmstatFields = /^(oom_kill|pgpg|pswp|pg.*fault).*/;

/** node_exporter's `vmstat`, with its default fields. */
export const vmstatCollector: Collector = {
  name: 'vmstat',
  collect: (files, sink) => {
    for (const [field, value] of keyValues(files.proc('vmstat'))) {
      if (!vmstatFields.test(field)) continue;
      sink.untyped(`node_vmstat_${field}`, `/proc/vmstat information field ${field}.`, value);
    }
  },
};

/** node_exporter's `selinux`. */
export const selinuxCollector: Collector = {
  name: 'selinux',
  collect: (files, sink) => {
    const mode = files.sysNumber('fs/selinux/enforce');
    const isEnabled = mode === undefined ? 0 : 1;
    sink.gauge('node_selinux_enabled', 'SELinux is enabled, 1 is true, 0 is false', isEnabled);
    if (mode === undefined) return;
    const configured = /^SELINUX=(\w+)/m.exec(files.tryRoot('etc/selinux/config') ?? '')?.[1];
    const modes: Readonly<Record<string, number>> = { enforcing: 1, permissive: 0, disabled: -1 };
    sink.gauge(
      'node_selinux_config_mode',
      'Configured SELinux enforcement mode',
      modes[configured ?? ''] ?? -1,
    );
    sink.gauge('node_selinux_current_mode', 'Current SELinux enforcement mode', mode);
  },
};
