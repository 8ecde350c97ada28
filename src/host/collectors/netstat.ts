import type { Collector } from '../contract.ts';
import { fieldsOf, linesOf, numberOf } from '../text.ts';

/** node_exporter's default fields. */
const wanted =
  /^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/;

/** /proc/net/snmp and /proc/net/netstat: a line of names, then one of values, for each protocol. */
export function* parseNetstat(text: string): Generator<readonly [name: string, value: number]> {
  let names: string[] | undefined;
  for (const line of linesOf(text)) {
    if (names === undefined) {
      names = fieldsOf(line);
      continue;
    }
    const values = fieldsOf(line);
    if (names[0] !== values[0]) throw new SyntaxError(`Values of ${names[0]} are missing`);
    const protocol = names[0]!.slice(0, -1);
    for (let at = 1; at < names.length; at++) {
      yield [`${protocol}_${names[at]}`, numberOf(values[at])];
    }
    names = undefined;
  }
}

/** /proc/net/snmp6: `Udp6InErrors 0`; the protocol ends in the first 6. */
export function* parseSnmp6(text: string): Generator<readonly [name: string, value: number]> {
  for (const line of linesOf(text)) {
    const [field = '', value] = fieldsOf(line);
    const end = field.indexOf('6') + 1;
    if (end === 0) continue;
    yield [`${field.slice(0, end)}_${field.slice(end)}`, numberOf(value)];
  }
}

/** node_exporter's `netstat`. */
export const netstatCollector: Collector = {
  name: 'netstat',
  collect: (files, sink) => {
    const sources = [
      parseNetstat(files.net('netstat')),
      parseNetstat(files.net('snmp')),
      // Without IPv6 there is none.
      parseSnmp6(files.tryNet('snmp6') ?? ''),
    ];
    for (const source of sources) {
      for (const [name, value] of source) {
        if (!wanted.test(name)) continue;
        sink.untyped(`node_netstat_${name}`, `Statistic ${name.replace('_', '')}.`, value);
      }
    }
  },
};

/** Pages are what TCP and UDP count their memory in. All that we run on have 4 KiB. */
const pageBytes = 4096;

/** node_exporter's `sockstat`. */
export const sockstatCollector: Collector = {
  name: 'sockstat',
  collect: (files, sink) => {
    for (const text of [files.net('sockstat'), files.tryNet('sockstat6') ?? '']) {
      for (const line of linesOf(text)) {
        const [head = '', ...pairs] = fieldsOf(line);
        const protocol = head.replace(/:$/, '');
        for (let at = 0; at + 1 < pairs.length; at += 2) {
          const field = pairs[at]!;
          const value = numberOf(pairs[at + 1]);
          if (protocol === 'sockets') {
            sink.gauge('node_sockstat_sockets_used', 'Number of IPv4 sockets in use.', value);
            continue;
          }
          const gauge = (name: string, size: number): void =>
            sink.gauge(
              `node_sockstat_${protocol}_${name}`,
              `Number of ${protocol} sockets in state ${name}.`,
              size,
            );
          gauge(field, value);
          if (field === 'mem') gauge('mem_bytes', value * pageBytes);
        }
      }
    }
  },
};

const softnet = [
  [0, 'node_softnet_processed_total', 'Number of processed packets'],
  [1, 'node_softnet_dropped_total', 'Number of dropped packets'],
  [2, 'node_softnet_times_squeezed_total', 'Number of times processing packets ran out of quota'],
] as const;
/** Of newer releases; an old kernel has fewer columns. */
const laterSoftnet = [
  [
    8,
    'node_softnet_cpu_collision_total',
    'Number of collision occur while obtaining device lock while transmitting',
  ],
  [9, 'node_softnet_received_rps_total', 'Number of times cpu woken up received_rps'],
  [10, 'node_softnet_flow_limit_count_total', 'Number of times flow limit has been reached'],
] as const;
/** Since Linux 5.10 a line names its CPU here; before, all CPUs had one. */
const softnetCpuColumn = 12;

/** node_exporter's `softnet`. */
export const softnetCollector: Collector = {
  name: 'softnet',
  collect: (files, sink) => {
    let index = 0;
    for (const line of linesOf(files.net('softnet_stat'))) {
      const values = fieldsOf(line).map((text) => Number.parseInt(text, 16));
      const labels = ['cpu', String(values[softnetCpuColumn] ?? index++)];
      for (const [at, name, help] of softnet) sink.counter(name, help, values[at] ?? 0, labels);
      for (const [at, name, help] of laterSoftnet) {
        const value = values[at];
        if (value !== undefined) sink.counter(name, help, value, labels);
      }
    }
  },
};

/** Bytes that wait in the queues of all UDP sockets: `local remote state tx:rx …` of /proc/net/udp. */
export function parseUdpQueues(text: string): { readonly tx: number; readonly rx: number } {
  let tx = 0;
  let rx = 0;
  for (const line of linesOf(text)) {
    const [sent, received] = fieldsOf(line)[4]?.split(':') ?? [];
    // The heading has a name here.
    if (received === undefined || !/^[0-9A-F]{8}$/i.test(received)) continue;
    tx += Number.parseInt(sent!, 16);
    rx += Number.parseInt(received, 16);
  }
  return { tx, rx };
}

/** node_exporter's `udp_queues`. */
export const udpQueuesCollector: Collector = {
  name: 'udp_queues',
  collect: (files, sink) => {
    const help = 'Number of allocated memory in the kernel for UDP datagrams in bytes.';
    const tell = (ip: string, text: string | undefined): void => {
      if (text === undefined) return;
      const { tx, rx } = parseUdpQueues(text);
      sink.gauge('node_udp_queues', help, tx, ['ip', ip, 'queue', 'tx']);
      sink.gauge('node_udp_queues', help, rx, ['ip', ip, 'queue', 'rx']);
    };
    tell('v4', files.net('udp'));
    tell('v6', files.tryNet('udp6'));
  },
};

/** node_exporter's `arp`. */
export function arpCollector(ignored: RegExp | undefined): Collector {
  return {
    name: 'arp',
    collect: (files, sink) => {
      const entries = new Map<string, number>();
      for (const line of linesOf(files.net('arp'))) {
        const fields = fieldsOf(line);
        const device = fields[5];
        if (device === undefined || fields[0] === 'IP' || ignored?.test(device)) continue;
        entries.set(device, (entries.get(device) ?? 0) + 1);
      }
      for (const [device, count] of entries) {
        sink.gauge('node_arp_entries', 'ARP entries by device', count, ['device', device]);
      }
    },
  };
}

const conntrackStats = {
  found: 'Number of searched entries which were successful.',
  invalid: 'Number of packets seen which can not be tracked.',
  ignore: 'Number of packets seen which are already connected to a conntrack entry.',
  insert: 'Number of entries inserted into the list.',
  insert_failed: 'Number of entries for which list insertion was attempted but failed.',
  drop: 'Number of packets dropped due to conntrack failure.',
  early_drop:
    'Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.',
  search_restart:
    'Number of conntrack table lookups which had to be restarted due to hashtable resizes.',
} as const;

/** node_exporter's `conntrack`. */
export const conntrackCollector: Collector = {
  name: 'conntrack',
  collect: (files, sink) => {
    const read = (file: string): number => numberOf(files.proc(`sys/net/netfilter/${file}`).trim());
    sink.gauge(
      'node_nf_conntrack_entries',
      'Number of currently allocated flow entries for connection tracking.',
      read('nf_conntrack_count'),
    );
    sink.gauge(
      'node_nf_conntrack_entries_limit',
      'Maximum size of connection tracking table.',
      read('nf_conntrack_max'),
    );
    const [heading = '', ...lines] = linesOf(files.net('stat/nf_conntrack'));
    const names = fieldsOf(heading);
    const rows = lines.map(fieldsOf);
    for (const [name, help] of Object.entries(conntrackStats)) {
      const at = names.indexOf(name);
      if (at < 0) continue;
      const sum = rows.reduce((total, row) => total + Number.parseInt(row[at] ?? '0', 16), 0);
      sink.gauge(`node_nf_conntrack_stat_${name}`, help, sum);
    }
  },
};
