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

/** Kinds of devices that exporters tell of, as types of events end. */
export type DeviceFamily =
  | 'GPU'
  | 'AWSNeuron'
  | 'AWSNeuronCore'
  | 'AWSNeuronDevice'
  | 'EBS'
  | 'EFA';

/** What an exporter has told of one device. */
export interface DeviceMeasure {
  readonly family: DeviceFamily;
  /** What names the device in events, such as `GpuDevice`. */
  readonly fields: Readonly<Record<string, string>>;
  /** The container that it is given to, as `namespace/pod/container`; undefined: none, or it is not told. */
  readonly user: string | undefined;
  /** By name in the events without the prefix, such as `gpu_utilization`. */
  readonly values: ReadonlyMap<string, number>;
}

/** What API servers have told of themselves, for one set of labels. */
export interface ControlPlaneMeasure {
  /** Such as `verb` and `code`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number | Statistics>>;
}

/** A distribution, as the Embedded Metric Format takes it. */
export interface Statistics {
  readonly Count: number;
  readonly Sum: number;
}

/** What exporters beside the kubelet's tell. */
export interface ExporterMeasures {
  /** By node name. */
  readonly devices: ReadonlyMap<string, readonly DeviceMeasure[]>;
  readonly controlPlane: readonly ControlPlaneMeasure[];
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
  | 'ContainerFS'
  | 'ControlPlane'
  | `${'Node' | 'Pod' | 'Container'}${DeviceFamily}`;

/** A performance log event: a JSON object in the Embedded Metric Format. */
export type Document = Record<string, unknown>;

export interface PerformanceEvent {
  /** Log stream. */
  readonly stream: string;
  readonly document: Document;
}
