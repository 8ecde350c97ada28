import { existsSync } from 'node:fs';
import type { AgentEvent, RecordValue } from '../contract.ts';
import type { PluginScope } from '../fluentbit/plugin.ts';
import type { Section } from '../fluentbit/sections.ts';
import { Settings } from '../fluentbit/settings.ts';
import { kmsgInput } from '../inputs/kmsg.ts';
import { systemdInput } from '../inputs/systemd.ts';
import type { Place } from './discover.ts';
import { storeName, systemGroup } from './discover.ts';
import { kernelDevice } from './machine.ts';
import type { RecordSource } from './run.ts';

export interface RecordSourceOptions {
  readonly journal: boolean;
  readonly kernelLog: boolean;
  readonly host: string;
  /** Undefined: not a node of Kubernetes. */
  readonly cluster: string | undefined;
  readonly fromHead: boolean;
}

const dataplaneUnits: ReadonlySet<string> = new Set([
  'kubelet.service',
  'containerd.service',
  'docker.service',
]);

/** The journal and the kernel's log as inputs. */
export function recordSources(
  options: RecordSourceOptions,
  scope: PluginScope,
): readonly RecordSource[] {
  return [
    ...(options.journal ? [journalSource(options, scope)] : []),
    ...(options.kernelLog ? [kernelSource(options, scope)] : []),
  ];
}

function journalSource(options: RecordSourceOptions, scope: PluginScope): RecordSource {
  const { host, cluster } = options;
  return {
    input: systemdInput.create(
      settingsOf('systemd', 'journal', {
        ...(existsSync('/var/log/journal') ? {} : { path: '/run/log/journal' }),
        read_from_tail: options.fromHead ? 'off' : 'on',
        tag: 'journal.*',
      }),
      scope,
    ) as RecordSource['input'],
    place: (_tag, { record }): Place => {
      const unit = textOf(record.get('_SYSTEMD_UNIT')) ?? '';
      if (cluster !== undefined && dataplaneUnits.has(unit)) {
        return {
          group: `/aws/containerinsights/${cluster}/dataplane`,
          stream: storeName(`${host}-dataplane.systemd.${unit}`),
        };
      }
      const source =
        unit || textOf(record.get('SYSLOG_IDENTIFIER')) || textOf(record.get('_TRANSPORT'));
      return { group: systemGroup(host), stream: storeName(`journal.${source ?? 'other'}`) };
    },
    message: journalMessage,
  };
}

const journalKeys: readonly (readonly [field: string, key: string])[] = [
  ['_SYSTEMD_UNIT', 'systemd_unit'],
  ['_HOSTNAME', 'hostname'],
  ['SYSLOG_IDENTIFIER', 'ident'],
  ['_PID', 'pid'],
  ['PRIORITY', 'priority'],
  ['MESSAGE', 'message'],
];

/** JSON with the names of the Container Insights configuration, so that fields can be queried. */
function journalMessage({ record }: AgentEvent): string {
  const object: Record<string, string> = {};
  for (const [field, key] of journalKeys) {
    const value = textOf(record.get(field));
    if (value !== undefined && value !== '') object[key] = value;
  }
  return JSON.stringify(object);
}

function kernelSource({ host }: RecordSourceOptions, scope: PluginScope): RecordSource {
  return {
    input: kmsgInput.create(
      settingsOf('kmsg', 'kmsg', { path: kernelDevice }),
      scope,
    ) as RecordSource['input'],
    place: () => ({ group: systemGroup(host), stream: 'kernel' }),
    message: ({ record }) => textOf(record.get('msg')) ?? '',
  };
}

function settingsOf(
  plugin: string,
  name: string,
  options: Readonly<Record<string, string>>,
): Settings {
  const place = { file: 'nunchi.yaml', line: 0 };
  const section: Section = {
    ...place,
    kind: 'input',
    properties: Object.entries(options).map(([key, value]) => ({ ...place, key, value })),
  };
  return new Settings(section, plugin, name);
}

function textOf(value: RecordValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return Array.isArray(value) ? textOf(value[0] as RecordValue) : String(value);
}
