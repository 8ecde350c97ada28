/** What was measured of a container or a pod over the last interval. Absent: it was not measured. */
export interface CgroupMeasure {
  /** Cores in use, mean of the interval. */
  cpuCores?: number;
  memoryUsageBytes?: number;
  memoryCacheBytes?: number;
  memoryRssBytes?: number;
  memoryMaxUsageBytes?: number;
  memoryWorkingSetBytes?: number;
  /** Times that the limit was hit, since the start. */
  memoryFailures?: number;
  pageFaultsPerSecond?: number;
  majorPageFaultsPerSecond?: number;
}

/** Rates of one network interface, per second. */
export interface InterfaceMeasure {
  rxBytes?: number;
  txBytes?: number;
  rxPackets?: number;
  txPackets?: number;
  rxDropped?: number;
  txDropped?: number;
  rxErrors?: number;
  txErrors?: number;
}

export interface FileSystemMeasure {
  usageBytes?: number;
  capacityBytes?: number;
  availableBytes?: number;
  inodes?: number;
  inodesFree?: number;
  fstype?: string;
}

/** Rates of one disk, per second. */
export interface DiskMeasure {
  readBytes?: number;
  writeBytes?: number;
  reads?: number;
  writes?: number;
}

export interface NodeMeasure extends CgroupMeasure {
  cpuUserCores?: number;
  cpuSystemCores?: number;
  /** By name. */
  readonly interfaces: Map<string, InterfaceMeasure>;
  /** By device. */
  readonly fileSystems: Map<string, FileSystemMeasure>;
  readonly disks: Map<string, DiskMeasure>;
}

export interface PodMeasure extends CgroupMeasure {
  readonly interfaces: Map<string, InterfaceMeasure>;
}

export interface ContainerMeasure extends CgroupMeasure {
  /** By device. */
  readonly fileSystems: Map<string, FileSystemMeasure>;
}

/** Everything that was measured at one time. */
export interface Measures {
  /** By node name, or by the host part of `instance` where series do not name a node. */
  readonly nodes: Map<string, NodeMeasure>;
  /** By `namespace/pod`. */
  readonly pods: Map<string, PodMeasure>;
  /** By `namespace/pod/container`. */
  readonly containers: Map<string, ContainerMeasure>;
}

/** Types of performance log events. */
export type EventType =
  | 'Cluster'
  | 'ClusterNamespace'
  | 'ClusterService'
  | 'ClusterDeployment'
  | 'ClusterStatefulSet'
  | 'ClusterReplicaSet'
  | 'ClusterDaemonSet'
  | 'Node'
  | 'NodeFS'
  | 'NodeNet'
  | 'NodeDiskIO'
  | 'Pod'
  | 'PodNet'
  | 'Container'
  | 'ContainerFS';

/** A performance log event: a JSON object in the Embedded Metric Format. */
export type Document = Record<string, unknown>;

export interface PerformanceEvent {
  /** Log stream. */
  readonly stream: string;
  readonly document: Document;
}
