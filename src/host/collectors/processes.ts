import { setImmediate } from 'node:timers/promises';
import type { Collector } from '../contract.ts';
import { fieldsOf, linesOf, numberOf } from '../text.ts';

/** So many are read before others have a turn. */
const processesAtOnce = 200;
/** Beyond these the counts would cost more than they tell. */
const maxProcesses = 20_000;

/** State and number of threads of `PID (NAME) STATE …`; a name may have blanks and parentheses in it. */
export function parseProcessStat(
  text: string,
): { readonly state: string; readonly threads: number } | undefined {
  const fields = fieldsOf(text.slice(text.lastIndexOf(')') + 1));
  const [state, threads] = [fields[0], Number(fields[17])];
  return state === undefined || !Number.isInteger(threads) ? undefined : { state, threads };
}

/** node_exporter's `processes`, without the states of threads. */
export const processesCollector: Collector = {
  name: 'processes',
  collect: async (files, sink) => {
    const states = new Map<string, number>();
    let pids = 0;
    let threads = 0;
    for (const name of files.procNames('')) {
      if (!/^\d+$/.test(name)) continue;
      if (pids >= maxProcesses) return;
      const stat = parseProcessStat(files.tryProc(`${name}/stat`) ?? '');
      // Ended meanwhile.
      if (stat === undefined) continue;
      states.set(stat.state, (states.get(stat.state) ?? 0) + 1);
      threads += stat.threads;
      if (++pids % processesAtOnce === 0) await setImmediate();
    }
    const limit = (file: string): number => numberOf(files.proc(`sys/kernel/${file}`).trim());
    sink.gauge('node_processes_pids', 'Number of PIDs', pids);
    sink.gauge('node_processes_threads', 'Allocated threads in system', threads);
    sink.gauge('node_processes_max_processes', 'Number of max PIDs limit', limit('pid_max'));
    sink.gauge(
      'node_processes_max_threads',
      'Limit of threads in the system',
      limit('threads-max'),
    );
    for (const [state, count] of states) {
      sink.gauge('node_processes_state', 'Number of processes in each state.', count, [
        'state',
        state,
      ]);
    }
  },
};

/** Lines of /proc/interrupts: a number for each CPU, what kind it is, and whose. */
export function* parseInterrupts(text: string): Generator<{
  readonly type: string;
  readonly info: string;
  readonly devices: string;
  readonly counts: readonly number[];
}> {
  let cpus = 0;
  for (const line of linesOf(text)) {
    if (cpus === 0) {
      cpus = fieldsOf(line).length;
      continue;
    }
    const [name = '', ...rest] = fieldsOf(line);
    // ERR and MIS have one number for all CPUs.
    const counts = rest.slice(0, cpus).map(Number);
    if (counts.length < cpus || counts.some(Number.isNaN)) continue;
    const type = name.replace(/:$/, '');
    const words = rest.slice(cpus);
    const isNumbered = /^\d+$/.test(type);
    yield {
      type,
      info: isNumbered ? (words[0] ?? '') : words.join(' '),
      devices: isNumbered ? words.slice(1).join(' ') : '',
      counts,
    };
  }
}

/** node_exporter's `interrupts`. */
export const interruptsCollector: Collector = {
  name: 'interrupts',
  collect: (files, sink) => {
    for (const { type, info, devices, counts } of parseInterrupts(files.proc('interrupts'))) {
      for (const [cpu, count] of counts.entries()) {
        sink.counter('node_interrupts_total', 'Interrupt details.', count, [
          ...['cpu', String(cpu), 'devices', devices],
          ...['info', info, 'type', type],
        ]);
      }
    }
  },
};

/** By the kernel's number, include/net/tcp_states.h. */
const tcpStates = [
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
  'new_syn_recv',
] as const;

/** node_exporter's `tcpstat`: sockets by state, and what waits in their queues. */
export const tcpstatCollector: Collector = {
  name: 'tcpstat',
  collect: (files, sink) => {
    const counts = new Map<string, number>();
    const add = (state: string, count: number): void => {
      counts.set(state, (counts.get(state) ?? 0) + count);
    };
    for (const text of [files.net('tcp'), files.tryNet('tcp6') ?? '']) {
      for (const line of linesOf(text)) {
        const fields = fieldsOf(line);
        const state = tcpStates[Number.parseInt(fields[3] ?? '', 16) - 1];
        if (state === undefined) continue;
        add(state, 1);
        const [sent = '', received = ''] = fields[4]?.split(':') ?? [];
        add('rx_queued_bytes', Number.parseInt(received, 16));
        add('tx_queued_bytes', Number.parseInt(sent, 16));
      }
    }
    for (const [state, count] of counts) {
      sink.gauge('node_tcp_connection_states', 'Number of connection states.', count, [
        'state',
        state,
      ]);
    }
  },
};
