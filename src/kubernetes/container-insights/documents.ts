import type { ClusterView, NodeView, PodView } from './cluster-view.ts';
import type {
  CgroupMeasure,
  Document,
  EventType,
  ExporterMeasures,
  InterfaceMeasure,
  Measures,
  NodeMeasure,
  PerformanceEvent,
  PodMeasure,
  Statistics,
} from './contract.ts';
import { deviceEvents, type Make } from './device-documents.ts';
import { directivesOf } from './directives.ts';
import { nodeExtendedValues, podExtendedValues } from './extended-resources.ts';
import {
  containerValues,
  nodeValues,
  percent,
  podValues,
  rounded,
  sumMeasures,
  type Values,
} from './formulas.ts';
import { containerIdOf, instanceIdOf, instanceTypeOf, nodeGroupOf } from './names.ts';
import { namespaceValues } from './objects-view.ts';
import { kubernetesOf, podFieldsOf } from './pod-fields.ts';
import type { RestartCounts } from './restarts.ts';
import { nodeConditionValues, podStateValues } from './states.ts';

export interface Setting {
  readonly clusterName: string;
  readonly isEnhanced: boolean;
  readonly atMs: number;
}

/**
 * The performance log events of one interval: those of each node in its stream, those of the cluster in
 * the stream of the first node, which stands for the leader among EKS' agents.
 */
export function* performanceEvents(
  view: ClusterView,
  measures: Measures,
  restarts: RestartCounts,
  setting: Setting,
  exporters?: ExporterMeasures,
): Generator<PerformanceEvent> {
  restarts.next();
  const leader = view.nodes[0]?.name ?? setting.clusterName;
  yield* clusterEvents(view, leader, setting);
  for (const { labels, values } of exporters?.controlPlane ?? []) {
    const fields = { ...labels, Sources: ['apiserver'] };
    yield { stream: leader, document: documentOf('ControlPlane', fields, values, setting) };
  }
  // No kubelet is heard of: a cluster that is looked at from afar. Its pods would only be counted.
  const { nodes, pods, containers } = measures;
  if (nodes.size === 0 && pods.size === 0 && containers.size === 0) return;
  for (const node of view.nodes) {
    const make = makerOf(node, setting);
    yield* nodeEvents(node, measures, restarts, make);
    yield* deviceEvents(node, exporters?.devices.get(node.name) ?? [], make);
  }
}

function* clusterEvents(
  { nodes, services, namespaces, more }: ClusterView,
  stream: string,
  setting: Setting,
): Generator<PerformanceEvent> {
  const make = (type: EventType, fields: Document, values: Values): PerformanceEvent => ({
    stream,
    document: documentOf(type, { ...fields, Sources: ['apiserver'] }, values, setting),
  });
  let running = 0;
  for (const count of namespaces.values()) running += count;
  yield make(
    'Cluster',
    {},
    {
      cluster_node_count: nodes.length,
      cluster_failed_node_count: nodes.filter(({ isReady }) => !isReady).length,
      cluster_number_of_running_pods: running,
      persistent_volume_count: more?.volumes,
    },
  );
  for (const [name, count] of namespaces) {
    const fields = { Namespace: name, kubernetes: { namespace_name: name } };
    yield make('ClusterNamespace', fields, {
      namespace_number_of_running_pods: count,
      ...namespaceValues(more, name),
    });
  }
  for (const { namespace, name, running: count } of services) {
    const kubernetes = { namespace_name: namespace, service_name: name };
    const fields = { Namespace: namespace, Service: name, kubernetes };
    yield make('ClusterService', fields, { service_number_of_running_pods: count });
  }
  for (const { type, namespace, name, values } of more?.workloads ?? []) {
    const kubernetes = { namespace_name: namespace, pod_owners: [ownerOf(type, name)] };
    yield make(type, { Namespace: namespace, PodName: name, kubernetes }, values);
  }
}

const ownerOf = (type: EventType, name: string): Document => ({
  owner_kind: type.replace(/^Cluster/, ''),
  owner_name: name,
});

/** Makes events of a node, in its stream. */
function makerOf({ node, name }: NodeView, setting: Setting): Make {
  const fields: Document = {
    NodeName: name,
    InstanceId: instanceIdOf(node),
    InstanceType: instanceTypeOf(node),
    AutoScalingGroupName: nodeGroupOf(node),
  };
  return (type, more, values) => ({
    stream: name,
    document: documentOf(type, { ...fields, ...more }, values, setting),
  });
}

function* nodeEvents(
  view: NodeView,
  measures: Measures,
  restarts: RestartCounts,
  make: Make,
): Generator<PerformanceEvent> {
  const { node, name, amounts, reserved, pods } = view;
  const host = { kubernetes: { host: name } };
  const measure = nodeMeasure(view, measures);
  const network = sumInterfaces(measure.interfaces.values());
  yield make(
    'Node',
    { ...host, Sources: ['cadvisor', '/proc', 'pod', 'calculated'] },
    {
      ...nodeValues(measure, amounts, reserved),
      node_cpu_usage_user: scaled(measure.cpuUserCores, 1000),
      node_cpu_usage_system: scaled(measure.cpuSystemCores, 1000),
      ...networkValues('node_network', network),
      node_network_total_bytes: total(network.rxBytes, network.txBytes),
      node_number_of_running_pods: pods.filter(({ pod }) => pod.status?.phase === 'Running').length,
      node_number_of_running_containers: pods.reduce((sum, one) => sum + runningOf(one), 0),
      ...nodeConditionValues(node),
      ...nodeExtendedValues(
        node,
        pods.map(({ pod }) => pod),
      ),
    },
  );
  for (const [device, one] of measure.interfaces) {
    const values = networkValues('node_interface_network', one);
    const more = { ...host, interface: device, Sources: ['cadvisor', 'calculated'] };
    yield make('NodeNet', more, {
      ...values,
      node_interface_network_total_bytes: total(one.rxBytes, one.txBytes),
    });
  }
  for (const [device, one] of measure.fileSystems) {
    const more = { ...host, device, fstype: one.fstype, Sources: ['cadvisor', 'calculated'] };
    yield make('NodeFS', more, {
      node_filesystem_usage: one.usageBytes,
      node_filesystem_capacity: one.capacityBytes,
      node_filesystem_available: one.availableBytes,
      node_filesystem_inodes: one.inodes,
      node_filesystem_inodes_free: one.inodesFree,
      node_filesystem_utilization: percent(one.usageBytes, one.capacityBytes),
    });
  }
  for (const [device, one] of measure.disks) {
    const more = { ...host, device, Sources: ['cadvisor', 'calculated'] };
    yield make('NodeDiskIO', more, {
      node_diskio_io_service_bytes_read: one.readBytes,
      node_diskio_io_service_bytes_write: one.writeBytes,
      node_diskio_io_service_bytes_total: total(one.readBytes, one.writeBytes),
      node_diskio_io_serviced_read: one.reads,
      node_diskio_io_serviced_write: one.writes,
      node_diskio_io_serviced_total: total(one.reads, one.writes),
    });
  }
  for (const pod of pods) yield* podEvents(pod, view, measures, restarts, make);
}

function* podEvents(
  view: PodView,
  node: NodeView,
  measures: Measures,
  restarts: RestartCounts,
  make: Make,
): Generator<PerformanceEvent> {
  const { pod, namespace, fullName, containers } = view;
  const fields = podFieldsOf(view);
  const kubernetes = kubernetesOf(view, node.name);
  const measured = measures.pods.get(`${namespace}/${fullName}`);
  const parts = containers.map(({ name: container }) =>
    measures.containers.get(`${namespace}/${fullName}/${container}`),
  );
  const measure = wholePod(measured, parts);
  const increases = containers.map((one) => restarts.increase(pod, one.name));
  const network = sumInterfaces(measured?.interfaces.values() ?? []);
  yield make(
    'Pod',
    {
      ...fields,
      kubernetes,
      Sources: ['cadvisor', 'pod', 'calculated'],
      pod_status: phaseOf(view),
    },
    {
      ...podValues(measure, containers, node.amounts),
      ...networkValues('pod_network', network),
      pod_network_total_bytes: total(network.rxBytes, network.txBytes),
      pod_number_of_containers: containers.length,
      pod_number_of_running_containers: runningOf(view),
      pod_number_of_container_restarts: increases.every((one) => one === undefined)
        ? undefined
        : increases.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      ...podStateValues(pod),
      ...podExtendedValues(pod, node.node),
    },
  );
  for (const [device, one] of measured?.interfaces ?? []) {
    const more = { ...fields, kubernetes, interface: device, Sources: ['cadvisor', 'calculated'] };
    yield make('PodNet', more, {
      ...networkValues('pod_interface_network', one),
      pod_interface_network_total_bytes: total(one.rxBytes, one.txBytes),
    });
  }
  for (const [index, container] of containers.entries()) {
    const part = parts[index];
    const status = pod.status?.containerStatuses?.find((one) => one.name === container.name);
    const id = containerIdOf(status?.containerID);
    const own = {
      ...kubernetes,
      container_name: container.name,
      ...(id === undefined ? {} : { [id.runtime]: { container_id: id.id } }),
    };
    const state = stateOf(status?.state);
    const more: Document = {
      ...fields,
      ContainerName: container.name,
      kubernetes: own,
      Sources: ['cadvisor', 'pod', 'calculated'],
      container_status: state.status,
      container_status_reason: state.reason,
      container_last_termination_reason: status?.lastState?.terminated?.reason,
    };
    yield make('Container', more, {
      ...containerValues(part ?? {}, container, node.amounts),
      container_memory_failures_total: total(
        part?.pageFaultsPerSecond,
        part?.majorPageFaultsPerSecond,
      ),
      number_of_container_restarts: increases[index],
    });
    for (const [device, one] of part?.fileSystems ?? []) {
      const { usageBytes, capacityBytes } = one;
      const ofFs = { ...fields, ContainerName: container.name, kubernetes: own, device };
      yield make(
        'ContainerFS',
        { ...ofFs, Sources: ['cadvisor', 'calculated'] },
        {
          container_filesystem_usage: usageBytes,
          container_filesystem_capacity: capacityBytes,
          container_filesystem_available:
            usageBytes === undefined || capacityBytes === undefined
              ? undefined
              : Math.max(0, capacityBytes - usageBytes),
          container_filesystem_utilization: percent(usageBytes, capacityBytes),
        },
      );
    }
  }
}

/** Directives first, as EKS' agent writes them; then who it is; then what was measured. */
function documentOf(
  type: EventType,
  fields: Document,
  values: Readonly<Record<string, number | Statistics | undefined>>,
  { clusterName, isEnhanced, atMs }: Setting,
): Document {
  const document: Document = {
    CloudWatchMetrics: undefined,
    ClusterName: clusterName,
    Type: type,
    Version: '0',
    Timestamp: String(atMs),
    ...fields,
  };
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object') {
      document[name] = { Count: rounded(value.Count), Sum: rounded(value.Sum) };
    } else if (value !== undefined && Number.isFinite(value)) document[name] = rounded(value);
  }
  const directives = directivesOf(type, document, isEnhanced);
  if (directives.length > 0) document['CloudWatchMetrics'] = directives;
  return document;
}

/** By the node's name, its address, or both: kubelets and node-exporters name it differently. */
function nodeMeasure({ name, ip }: NodeView, { nodes }: Measures): NodeMeasure {
  const none: NodeMeasure = { interfaces: new Map(), fileSystems: new Map(), disks: new Map() };
  const own = nodes.get(name) ?? none;
  const other = (ip === undefined ? undefined : nodes.get(ip)) ?? none;
  return {
    ...other,
    ...own,
    interfaces: own.interfaces.size > 0 ? own.interfaces : other.interfaces,
    fileSystems: own.fileSystems.size > 0 ? own.fileSystems : other.fileSystems,
    disks: own.disks.size > 0 ? own.disks : other.disks,
  };
}

/** Of its own cgroup; where that was not measured the sum of its containers. */
function wholePod(
  measured: PodMeasure | undefined,
  parts: readonly (CgroupMeasure | undefined)[],
): CgroupMeasure {
  const sum = sumMeasures(parts.filter((part) => part !== undefined));
  const { interfaces: _interfaces, ...own } = measured ?? { interfaces: undefined };
  return { ...sum, ...own };
}

const phaseOf = ({ pod }: PodView): string => pod.status?.phase ?? 'Unknown';

const runningOf = ({ pod }: PodView): number =>
  (pod.status?.containerStatuses ?? []).filter(({ state }) => state?.running !== undefined).length;

function stateOf(
  state: {
    running?: unknown;
    waiting?: { reason?: string };
    terminated?: { reason?: string };
  } = {},
): { readonly status: string | undefined; readonly reason: string | undefined } {
  if (state.running !== undefined) return { status: 'Running', reason: undefined };
  if (state.waiting !== undefined) return { status: 'Waiting', reason: state.waiting.reason };
  if (state.terminated === undefined) return { status: undefined, reason: undefined };
  return { status: 'Terminated', reason: state.terminated.reason };
}

function sumInterfaces(interfaces: Iterable<InterfaceMeasure>): InterfaceMeasure {
  const sum: InterfaceMeasure = {};
  for (const one of interfaces) {
    for (const [key, value] of Object.entries(one) as [keyof InterfaceMeasure, number][]) {
      sum[key] = (sum[key] ?? 0) + value;
    }
  }
  return sum;
}

const networkValues = (prefix: string, one: InterfaceMeasure): Values => ({
  [`${prefix}_rx_bytes`]: one.rxBytes,
  [`${prefix}_tx_bytes`]: one.txBytes,
  [`${prefix}_rx_packets`]: one.rxPackets,
  [`${prefix}_tx_packets`]: one.txPackets,
  [`${prefix}_rx_dropped`]: one.rxDropped,
  [`${prefix}_tx_dropped`]: one.txDropped,
  [`${prefix}_rx_errors`]: one.rxErrors,
  [`${prefix}_tx_errors`]: one.txErrors,
});

const total = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);

const scaled = (value: number | undefined, by: number): number | undefined =>
  value === undefined ? undefined : value * by;
