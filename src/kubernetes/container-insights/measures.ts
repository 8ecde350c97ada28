import { type Labels, labelMatcher, labelValue } from '#metrics/model';
import type {
  CgroupMeasure,
  DiskMeasure,
  FileSystemMeasure,
  InterfaceMeasure,
  Measures,
  NodeMeasure,
} from './contract.ts';
import { entryOf, type SeriesReader, type Told } from './series-reader.ts';

/**
 * What kubelets, cAdvisor and node-exporters have told over the reader's interval. Series of
 * `/metrics/cadvisor` come before those of `/metrics/resource`, which say less.
 * @throws what the store throws; what the signal aborts with
 */
export async function readMeasures(reader: SeriesReader): Promise<Measures> {
  const measures: Measures = { nodes: new Map(), pods: new Map(), containers: new Map() };
  await readCgroups(reader, measures);
  await readNetworks(reader, measures);
  await readFileSystems(reader, measures);
  await readNodes(reader, measures);
  return measures;
}

const cadvisor = labelMatcher('metrics_path', '=', '/metrics/cadvisor');
const resource = labelMatcher('metrics_path', '=', '/metrics/resource');

type NumberKey<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends number ? K : never;
}[keyof T];

const gauges = {
  container_memory_usage_bytes: 'memoryUsageBytes',
  container_memory_cache: 'memoryCacheBytes',
  container_memory_rss: 'memoryRssBytes',
  container_memory_max_usage_bytes: 'memoryMaxUsageBytes',
  container_memory_working_set_bytes: 'memoryWorkingSetBytes',
  container_memory_failcnt: 'memoryFailures',
} as const satisfies Readonly<Record<string, NumberKey<CgroupMeasure>>>;

async function readCgroups(reader: SeriesReader, measures: Measures): Promise<void> {
  const put =
    (key: NumberKey<CgroupMeasure>): Told =>
    (labels, value) => {
      const measure = cgroupOf(measures, labels);
      // Of several cgroups of one container the one with the most is the one that runs.
      if (measure !== undefined) measure[key] = Math.max(measure[key] ?? 0, value);
    };
  const fill =
    (key: NumberKey<CgroupMeasure>): Told =>
    (labels, value) => {
      const measure = cgroupOf(measures, labels);
      if (measure !== undefined) measure[key] ??= value;
    };
  await reader.rate('container_cpu_usage_seconds_total', put('cpuCores'), cadvisor);
  for (const [name, key] of Object.entries(gauges)) await reader.gauge(name, put(key), cadvisor);
  await reader.rate(
    'container_memory_failures_total',
    (labels, value) => {
      if (labelValue(labels, 'scope') === 'hierarchy') return;
      const isMajor = labelValue(labels, 'failure_type') === 'pgmajfault';
      put(isMajor ? 'majorPageFaultsPerSecond' : 'pageFaultsPerSecond')(labels, value);
    },
    cadvisor,
  );
  await reader.rate('container_cpu_usage_seconds_total', fill('cpuCores'), resource);
  await reader.gauge('container_memory_working_set_bytes', fill('memoryWorkingSetBytes'), resource);
}

/** The measure that a series of cAdvisor belongs to; undefined: to a slice or a service. */
function cgroupOf(measures: Measures, labels: Labels): CgroupMeasure | undefined {
  const pod = labelValue(labels, 'pod');
  if (pod === '') return isRoot(labels) ? nodeOf(measures, labels) : undefined;
  const namespace = labelValue(labels, 'namespace');
  const container = labelValue(labels, 'container');
  if (container === 'POD') return undefined;
  if (container === '') return podOf(measures, namespace, pod);
  const key = `${namespace}/${pod}/${container}`;
  let found = measures.containers.get(key);
  if (found === undefined) {
    found = { fileSystems: new Map() };
    measures.containers.set(key, found);
  }
  return found;
}

function podOf(
  measures: Measures,
  namespace: string,
  pod: string,
): NonNullable<ReturnType<Measures['pods']['get']>> {
  const key = `${namespace}/${pod}`;
  let found = measures.pods.get(key);
  if (found === undefined) {
    found = { interfaces: new Map() };
    measures.pods.set(key, found);
  }
  return found;
}

/** The cgroup of all: the machine. Agents leave it out unless they are told to keep all. */
const isRoot = (labels: Labels): boolean => labelValue(labels, 'id') === '/';

const directions = [
  ['receive', 'rx'],
  ['transmit', 'tx'],
] as const;
/** Of cAdvisor; of node-exporter. */
const networkParts = [
  ['bytes_total', 'bytes_total', 'Bytes'],
  ['packets_total', 'packets_total', 'Packets'],
  ['packets_dropped_total', 'drop_total', 'Dropped'],
  ['errors_total', 'errs_total', 'Errors'],
] as const;

async function readNetworks(reader: SeriesReader, measures: Measures): Promise<void> {
  for (const [direction, prefix] of directions) {
    for (const [ofPod, ofNode, suffix] of networkParts) {
      const key = `${prefix}${suffix}` as keyof InterfaceMeasure;
      await reader.rate(`container_network_${direction}_${ofPod}`, (labels, value) => {
        const pod = labelValue(labels, 'pod');
        const device = labelValue(labels, 'interface');
        if (pod !== '') {
          const { interfaces } = podOf(measures, labelValue(labels, 'namespace'), pod);
          entryOf(interfaces, device)[key] = value;
        } else if (isRoot(labels) && device !== 'lo' && !podEnds.test(device)) {
          entryOf(nodeOf(measures, labels).interfaces, device)[key] = value;
        }
      });
      await reader.rate(`node_network_${direction}_${ofNode}`, (labels, value) => {
        const device = labelValue(labels, 'device');
        if (device === 'lo' || podEnds.test(device)) return;
        entryOf(nodeOf(measures, labels).interfaces, device)[key] = value;
      });
    }
  }
}

/** What pods send passes these too. */
const podEnds = /^(?:veth|cali|cilium|cni|lxc|eni|docker|br-|nodelocaldns|tunl|flannel|kube-)/;

async function readFileSystems(reader: SeriesReader, measures: Measures): Promise<void> {
  const ofContainer =
    (key: NumberKey<FileSystemMeasure>): Told =>
    (labels, value) => {
      const cgroup = cgroupOf(measures, labels);
      if (cgroup === undefined || !('fileSystems' in cgroup)) return;
      const device = labelValue(labels, 'device');
      if (isRoot(labels) && !nodeDevices.test(device)) return;
      const systems = cgroup.fileSystems as Map<string, FileSystemMeasure>;
      entryOf(systems, device)[key] = value;
    };
  await reader.gauge('container_fs_usage_bytes', ofContainer('usageBytes'));
  await reader.gauge('container_fs_limit_bytes', ofContainer('capacityBytes'));
  const ofNode =
    (key: NumberKey<FileSystemMeasure>): Told =>
    (labels, value) => {
      const device = labelValue(labels, 'device');
      if (!nodeDevices.test(device)) return;
      const system = entryOf(nodeOf(measures, labels).fileSystems, device);
      // A device may be mounted many times.
      system[key] = value;
      system.fstype = labelValue(labels, 'fstype');
    };
  await reader.gauge('node_filesystem_size_bytes', ofNode('capacityBytes'));
  await reader.gauge('node_filesystem_avail_bytes', ofNode('availableBytes'));
  await reader.gauge('node_filesystem_files', ofNode('inodes'));
  await reader.gauge('node_filesystem_files_free', ofNode('inodesFree'));
  await reader.gauge('node_filesystem_free_bytes', (labels, value) => {
    const device = labelValue(labels, 'device');
    if (!nodeDevices.test(device)) return;
    const system = entryOf(nodeOf(measures, labels).fileSystems, device);
    system.usageBytes = Math.max(0, (system.capacityBytes ?? value) - value);
  });
}

/** Devices that Container Insights tells of. */
const nodeDevices = /^tmpfs$|^\/dev\/|^overlay$/;

async function readNodes(reader: SeriesReader, measures: Measures): Promise<void> {
  await reader.rate(
    'node_cpu_usage_seconds_total',
    (labels, value) => {
      nodeOf(measures, labels).cpuCores = value;
    },
    resource,
  );
  await reader.gauge(
    'node_memory_working_set_bytes',
    (labels, value) => {
      nodeOf(measures, labels).memoryWorkingSetBytes = value;
    },
    resource,
  );
  await reader.rate('node_cpu_seconds_total', (labels, value) => {
    const mode = labelValue(labels, 'mode');
    const node = nodeOf(measures, labels);
    if (mode === 'user' || mode === 'nice') node.cpuUserCores = (node.cpuUserCores ?? 0) + value;
    if (mode === 'system') node.cpuSystemCores = (node.cpuSystemCores ?? 0) + value;
  });
  const disk =
    (key: keyof DiskMeasure): Told =>
    (labels, value) => {
      entryOf(nodeOf(measures, labels).disks, labelValue(labels, 'device'))[key] = value;
    };
  await reader.rate('node_disk_read_bytes_total', disk('readBytes'));
  await reader.rate('node_disk_written_bytes_total', disk('writeBytes'));
  await reader.rate('node_disk_reads_completed_total', disk('reads'));
  await reader.rate('node_disk_writes_completed_total', disk('writes'));
}

/** node-exporters name an address, kubelets a node. */
function nodeOf(measures: Measures, labels: Labels): NodeMeasure {
  const name = labelValue(labels, 'node') || labelValue(labels, 'instance').replace(/:\d+$/, '');
  let found = measures.nodes.get(name);
  if (found === undefined) {
    found = { interfaces: new Map(), fileSystems: new Map(), disks: new Map() };
    measures.nodes.set(name, found);
  }
  return found;
}
