import type { Collector, LabelPairs, MetricSink } from '../contract.ts';
import type { HostFiles } from '../files.ts';
import { fieldsOf, linesOf, numberOf } from '../text.ts';

/**
 * The machine's ends of pods' interfaces, by the names that Docker, containerd, Calico, Cilium and
 * the AWS VPC plugin give them. They come and go with pods, whose own series tell the same.
 */
export const podInterfaces: RegExp =
  /^(veth.*|[a-f0-9]{15}|cali[a-f0-9]+|lxc[a-f0-9]+|eni[a-f0-9]{8,})$/;

const columns = [
  'receive_bytes',
  'receive_packets',
  'receive_errs',
  'receive_drop',
  'receive_fifo',
  'receive_frame',
  'receive_compressed',
  'receive_multicast',
  'transmit_bytes',
  'transmit_packets',
  'transmit_errs',
  'transmit_drop',
  'transmit_fifo',
  'transmit_colls',
  'transmit_carrier',
  'transmit_compressed',
] as const;

const named = columns.map(
  (column) => [`node_network_${column}_total`, `Network device statistic ${column}.`] as const,
);

/** /proc/net/dev: the numbers of each interface in the order of its columns. */
export function* parseNetDev(text: string): Generator<readonly [device: string, values: number[]]> {
  for (const line of linesOf(text)) {
    const at = line.lastIndexOf(':');
    if (at < 0) continue;
    yield [line.slice(0, at).trim(), fieldsOf(line.slice(at + 1)).map(numberOf)];
  }
}

/** node_exporter's `netdev`. */
export function netdevCollector(ignored: RegExp | undefined): Collector {
  return {
    name: 'netdev',
    collect: (files, sink) => {
      for (const [device, values] of parseNetDev(files.net('dev'))) {
        if (ignored?.test(device)) continue;
        const labels = ['device', device];
        for (const [at, [name, help]] of named.entries()) {
          sink.counter(name, help, values[at] ?? 0, labels);
        }
        const unhandled = files.sysNumber(`class/net/${device}/statistics/rx_nohandler`);
        if (unhandled === undefined) continue;
        sink.counter(
          'node_network_receive_nohandler_total',
          'Network device statistic receive_nohandler.',
          unhandled,
          labels,
        );
      }
    },
  };
}

/** Files of /sys/class/net/DEVICE, what node_exporter calls them, and what a unit of theirs is. */
const properties = [
  ['gauge', 'addr_assign_type', 'address_assign_type', 1],
  ['gauge', 'carrier', 'carrier', 1],
  ['counter', 'carrier_changes', 'carrier_changes_total', 1],
  ['counter', 'carrier_up_count', 'carrier_up_changes_total', 1],
  ['counter', 'carrier_down_count', 'carrier_down_changes_total', 1],
  ['gauge', 'dev_id', 'device_id', 1],
  ['gauge', 'dormant', 'dormant', 1],
  ['gauge', 'flags', 'flags', 1],
  ['gauge', 'ifindex', 'iface_id', 1],
  ['gauge', 'iflink', 'iface_link', 1],
  ['gauge', 'link_mode', 'iface_link_mode', 1],
  ['gauge', 'mtu', 'mtu_bytes', 1],
  ['gauge', 'name_assign_type', 'name_assign_type', 1],
  ['gauge', 'netdev_group', 'net_dev_group', 1],
  ['gauge', 'type', 'protocol_type', 1],
  ['gauge', 'tx_queue_len', 'transmit_queue_length', 1],
] as const;

const bytesPerMegabit = 1e6 / 8;

/** node_exporter's `netclass`. */
export function netclassCollector(ignored: RegExp | undefined): Collector {
  return {
    name: 'netclass',
    collect: (files, sink) => {
      for (const device of files.sysNames('class/net')) {
        // `bonding_masters` is a file beside the devices.
        if (ignored?.test(device) || !files.hasSys(`class/net/${device}/ifindex`)) continue;
        deviceClass(device, files, sink);
      }
    },
  };
}

function deviceClass(device: string, files: HostFiles, sink: MetricSink): void {
  const folder = `class/net/${device}`;
  const labels: LabelPairs = ['device', device];
  const text = (file: string): string => files.trySys(`${folder}/${file}`)?.trim() ?? '';
  const operstate = text('operstate');
  sink.gauge(
    'node_network_up',
    "Value is 1 if operstate is 'up', 0 otherwise.",
    operstate === 'up' ? 1 : 0,
    labels,
  );
  sink.gauge(
    'node_network_info',
    'Non-numeric data from /sys/class/net/<iface>, value is always 1.',
    1,
    [
      'address',
      text('address'),
      'broadcast',
      text('broadcast'),
      'device',
      device,
      'duplex',
      text('duplex'),
      'ifalias',
      text('ifalias'),
      'operstate',
      operstate,
    ],
  );
  for (const [kind, file, name] of properties) {
    const value = files.sysNumber(`${folder}/${file}`);
    if (value === undefined) continue;
    sink[kind](`node_network_${name}`, `Network device property: ${name}`, value, labels);
  }
  // -1: a device without a speed.
  const megabits = files.sysNumber(`${folder}/speed`);
  if (megabits === undefined || megabits < 0) return;
  sink.gauge(
    'node_network_speed_bytes',
    'Network device property: speed_bytes',
    megabits * bytesPerMegabit,
    labels,
  );
}

/** node_exporter's `bonding`. */
export const bondingCollector: Collector = {
  name: 'bonding',
  collect: (files, sink) => {
    for (const master of fieldsOf(files.sys('class/net/bonding_masters'))) {
      const slaves = fieldsOf(files.trySys(`class/net/${master}/bonding/slaves`) ?? '');
      const isUp = (slave: string): boolean =>
        (
          files.trySys(`class/net/${master}/lower_${slave}/bonding_slave/mii_status`) ??
          files.trySys(`class/net/${slave}/bonding_slave/mii_status`)
        )?.trim() === 'up';
      const labels = ['master', master];
      sink.gauge(
        'node_bonding_slaves',
        'Number of configured slaves per bonding interface.',
        slaves.length,
        labels,
      );
      sink.gauge(
        'node_bonding_active',
        'Number of active slaves per bonding interface.',
        slaves.filter(isUp).length,
        labels,
      );
    }
  },
};
