import { machine } from 'node:os';
import type { Collector, LabelPairs } from '../contract.ts';
import { linesOf } from '../text.ts';

/** node_exporter's `uname`. `nodeName`: what this machine is called, in a container not the kernel's. */
export function unameCollector(nodeName: string): Collector {
  return {
    name: 'uname',
    collect: (files, sink) => {
      const kernel = (file: string): string => files.proc(`sys/kernel/${file}`).trimEnd();
      sink.gauge(
        'node_uname_info',
        'Labeled system information as provided by the uname system call.',
        1,
        [
          'domainname',
          kernel('domainname'),
          'machine',
          machine(),
          'nodename',
          nodeName,
          'release',
          kernel('osrelease'),
          'sysname',
          kernel('ostype'),
          'version',
          kernel('version'),
        ],
      );
    },
  };
}

const osFields = [
  'build_id',
  'id',
  'id_like',
  'image_id',
  'image_version',
  'name',
  'pretty_name',
  'variant',
  'variant_id',
  'version',
  'version_codename',
  'version_id',
] as const;

/** os-release(5): shell assignments. */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const [, name, quoted, bare] = /^([A-Z_0-9]+)=(?:["'](.*)["']|(.*?))\s*$/.exec(line) ?? [];
    if (name !== undefined) values.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  return values;
}

/** node_exporter's `os`. */
export const osCollector: Collector = {
  name: 'os',
  collect: (files, sink) => {
    const text = files.tryRoot('etc/os-release') ?? files.root('usr/lib/os-release');
    const values = parseOsRelease(text);
    const pick = (names: readonly string[]): LabelPairs =>
      names.flatMap((name) => [name, values.get(name) ?? '']);
    sink.gauge(
      'node_os_info',
      `A metric with a constant '1' value labeled by ${osFields.join(', ')}.`,
      1,
      pick(osFields),
    );
    const version = /^\d+(?:\.\d+)?/.exec(values.get('version_id') ?? '')?.[0];
    if (version === undefined) return;
    sink.gauge(
      'node_os_version',
      'Metric containing the major.minor part of the OS version.',
      Number(version),
      pick(['id', 'id_like', 'name']),
    );
  },
};
