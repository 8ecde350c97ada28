import type { Container, EnvVar, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { NeedBy } from '../contract.ts';
import { hostsIn, hostsOfCommand, isHostKey, type NamedHost } from './hosts.ts';

/** A host that a workload is made to use. */
export interface HostReference extends NamedHost {
  readonly by: NeedBy;
  /** The variable, the ConfigMap's key or the container that names it. */
  readonly where: string;
}

/** Values of ConfigMaps by their names. */
export type ConfigData = ReadonlyMap<string, Readonly<Record<string, string>>>;

const maxReferences = 200;
/** ConfigMaps that are read for one workload. */
const maxConfigMaps = 8;

type PodParts = Pick<Pod, 'spec'>;

/** ConfigMaps that the environment of a pod's containers comes from. */
export function configMapsOf({ spec }: PodParts): readonly string[] {
  const names = containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef?.name ?? []),
    ...envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? []),
  ]);
  return [...new Set(names)].slice(0, maxConfigMaps);
}

/** Hosts that the environment, the arguments and the init containers of a pod name. */
export function referencesOf({ spec }: PodParts, configMaps: ConfigData): readonly HostReference[] {
  const found: HostReference[] = [];
  const add = (hosts: readonly NamedHost[], by: NeedBy, where: string): void => {
    for (const host of hosts) if (found.length < maxReferences) found.push({ ...host, by, where });
  };
  for (const container of containersOf(spec)) {
    const isInit = spec?.initContainers?.includes(container) === true;
    for (const { key, value, from } of variablesOf(container, configMaps)) {
      const where = from === undefined ? key : `${from}/${key}`;
      add(hostsIn(value, isHostKey(key)), from === undefined ? 'environment' : 'configMap', where);
    }
    const words = [...(container.command ?? []), ...(container.args ?? [])];
    add(hostsOfCommand(words), isInit ? 'initContainer' : 'arguments', container.name);
  }
  return found;
}

const containersOf = (spec: Pod['spec']): readonly Container[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
];

interface Variable {
  readonly key: string;
  readonly value: string;
  /** The ConfigMap that it comes from. */
  readonly from?: string | undefined;
}

function variablesOf({ env = [], envFrom = [] }: Container, maps: ConfigData): readonly Variable[] {
  const imported = envFrom.flatMap(({ configMapRef, prefix = '' }): Variable[] => {
    const from = configMapRef?.name ?? '';
    return Object.entries(maps.get(from) ?? {}).map(([key, value]) => ({
      key: `${prefix}${key}`,
      value,
      from,
    }));
  });
  const own = env.flatMap((one) => variableOf(one, maps) ?? []);
  const values = new Map([...imported, ...own].map(({ key, value }) => [key, value]));
  return [...imported, ...own].map((variable) => ({
    ...variable,
    // As the kubelet does it; what nobody has defined stays as it is.
    value: variable.value.replace(/\$\((\w+)\)/g, (whole, key: string) => values.get(key) ?? whole),
  }));
}

function variableOf(
  { name: key, value, valueFrom }: EnvVar,
  maps: ConfigData,
): Variable | undefined {
  if (value !== undefined) return { key, value };
  const { name: from = '', key: mapKey = '' } = valueFrom?.configMapKeyRef ?? {};
  const found = maps.get(from)?.[mapKey];
  return found === undefined ? undefined : { key, value: found, from };
}
