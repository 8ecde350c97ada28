import type { Collector, LabelPairs } from '../contract.ts';
import type { HostFiles } from '../files.ts';
import { fieldsOf, linesOf, numberOf } from '../text.ts';

/** Partitions, RAM disks and loops: node_exporter's default. */
export const ignoredDisks: RegExp = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;

/** The kernel counts sectors of 512 bytes, whatever the disk has. */
const sectorBytes = 512;
const millisecondsPerSecond = 1000;

/** The columns after the device's name: kernel documentation, admin-guide/iostats. */
const columns = [
  [
    'counter',
    'node_disk_reads_completed_total',
    'The total number of reads completed successfully.',
    1,
  ],
  ['counter', 'node_disk_reads_merged_total', 'The total number of reads merged.', 1],
  [
    'counter',
    'node_disk_read_bytes_total',
    'The total number of bytes read successfully.',
    sectorBytes,
  ],
  [
    'counter',
    'node_disk_read_time_seconds_total',
    'The total number of seconds spent by all reads.',
    0,
  ],
  [
    'counter',
    'node_disk_writes_completed_total',
    'The total number of writes completed successfully.',
    1,
  ],
  ['counter', 'node_disk_writes_merged_total', 'The number of writes merged.', 1],
  [
    'counter',
    'node_disk_written_bytes_total',
    'The total number of bytes written successfully.',
    sectorBytes,
  ],
  [
    'counter',
    'node_disk_write_time_seconds_total',
    'This is the total number of seconds spent by all writes.',
    0,
  ],
  ['gauge', 'node_disk_io_now', 'The number of I/Os currently in progress.', 1],
  ['counter', 'node_disk_io_time_seconds_total', 'Total seconds spent doing I/Os.', 0],
  [
    'counter',
    'node_disk_io_time_weighted_seconds_total',
    'The weighted # of seconds spent doing I/Os.',
    0,
  ],
  [
    'counter',
    'node_disk_discards_completed_total',
    'The total number of discards completed successfully.',
    1,
  ],
  ['counter', 'node_disk_discards_merged_total', 'The total number of discards merged.', 1],
  [
    'counter',
    'node_disk_discarded_sectors_total',
    'The total number of sectors discarded successfully.',
    1,
  ],
  [
    'counter',
    'node_disk_discard_time_seconds_total',
    'This is the total number of seconds spent by all discards.',
    0,
  ],
  [
    'counter',
    'node_disk_flush_requests_total',
    'The total number of flush requests completed successfully',
    1,
  ],
  [
    'counter',
    'node_disk_flush_requests_time_seconds_total',
    'This is the total number of seconds spent by all flush requests.',
    0,
  ],
] as const;

/** node_exporter's `diskstats`. */
export function diskstatsCollector(ignored: RegExp = ignoredDisks): Collector {
  return {
    name: 'diskstats',
    collect: (files, sink) => {
      for (const line of linesOf(files.proc('diskstats'))) {
        const [major = '', minor = '', device = '', ...values] = fieldsOf(line);
        if (device === '' || ignored.test(device)) continue;
        sink.gauge('node_disk_info', 'Info of /sys/block/<block_device>.', 1, [
          'device',
          device,
          'major',
          major,
          'minor',
          minor,
          ...identity(files, device, `${major}:${minor}`),
        ]);
        const labels = ['device', device];
        // Older kernels have fewer columns, newer ones may have more.
        for (let at = 0; at < Math.min(values.length, columns.length); at++) {
          const [kind, name, help, factor] = columns[at]!;
          const value = numberOf(values[at]);
          // Factor 0: milliseconds. Dividing is exact where multiplying by 0.001 is not.
          sink[kind](
            name,
            help,
            factor === 0 ? value / millisecondsPerSecond : value * factor,
            labels,
          );
        }
      }
    },
  };
}

/** What udev found out about a disk. */
function identity(files: HostFiles, device: string, number: string): LabelPairs {
  const udev = files.tryRoot(`run/udev/data/b${number}`);
  if (udev === undefined) return [];
  const properties = new Map<string, string>();
  for (const line of linesOf(udev)) {
    const at = line.indexOf('=');
    if (line.startsWith('E:') && at > 0) properties.set(line.slice(2, at), line.slice(at + 1));
  }
  const get = (name: string): string => properties.get(name) ?? '';
  return [
    'path',
    get('ID_PATH'),
    'wwn',
    get('ID_WWN'),
    'model',
    get('ID_MODEL'),
    'serial',
    get('SCSI_IDENT_SERIAL') || get('ID_SERIAL_SHORT'),
    'revision',
    get('ID_REVISION') || (files.trySys(`block/${device}/device/firmware_rev`)?.trim() ?? ''),
  ];
}
