/**
 * What `/nunchi/kubernetes/objects/…` answers. Times are Unix ms, CPU is in cores, memory and storage in
 * bytes. What is not known is absent: usage where no kubelet was measured lately, requests where none are
 * set.
 */

export interface Consumption {
  /** Over the last window of measurement. */
  cpuCores?: number | undefined;
  /** Working set. */
  memoryBytes?: number | undefined;
}

export interface Reservation {
  cpuRequestCores?: number | undefined;
  cpuLimitCores?: number | undefined;
  memoryRequestBytes?: number | undefined;
  memoryLimitBytes?: number | undefined;
}

export interface ObjectName {
  kind: string;
  name: string;
}

export interface ContainerRow {
  name: string;
  image: string;
  /** `sidecar`: an init container that goes on running. */
  type: 'container' | 'init' | 'sidecar' | 'ephemeral';
  ready: boolean;
  state: 'running' | 'waiting' | 'terminated' | 'unknown';
  /** `CrashLoopBackOff`, `OOMKilled`… */
  reason?: string | undefined;
  restarts: number;
  startedAt?: number | undefined;
  /** The run before this one. */
  lastTermination?:
    | { reason?: string | undefined; exitCode: number; finishedAt?: number | undefined }
    | undefined;
}

export type Health = 'healthy' | 'progressing' | 'degraded' | 'idle';

export interface PodRow extends Consumption, Reservation {
  namespace: string;
  name: string;
  uid: string;
  /** As the STATUS column of kubectl: `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`… */
  status: string;
  health: Health;
  phase: string;
  node?: string | undefined;
  ip?: string | undefined;
  workload: ObjectName;
  readyContainers: number;
  restarts: number;
  lastRestartAt?: number | undefined;
  createdAt: number;
  containers: ContainerRow[];
}

export interface WorkloadRow extends Consumption, Reservation {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  health: Health;
  /** Why it is not healthy, in the words of the cluster. */
  reason?: string | undefined;
  desired: number;
  ready: number;
  available: number;
  /** Of the newest template. */
  updated: number;
  /** Pods that belong to it now. */
  pods: number;
  restarts: number;
  lastRestartAt?: number | undefined;
  images: string[];
  createdAt: number;
  /** Scaled by a HorizontalPodAutoscaler of this name. */
  autoscaler?: string | undefined;
}

export interface Resources {
  cpuCores: number;
  memoryBytes: number;
  pods: number;
  ephemeralStorageBytes?: number | undefined;
}

export interface NodeRow extends Consumption {
  name: string;
  uid: string;
  health: Health;
  ready: boolean;
  unschedulable: boolean;
  /** Conditions that are not as they should be: `MemoryPressure`, `NotReady`… */
  problems: string[];
  roles: string[];
  version: string;
  os: string;
  architecture: string;
  instanceType?: string | undefined;
  zone?: string | undefined;
  ip?: string | undefined;
  createdAt: number;
  taints: number;
  capacity: Resources;
  allocatable: Resources;
  /** Sums over its pods that have not ended. */
  cpuRequestCores: number;
  cpuLimitCores: number;
  memoryRequestBytes: number;
  memoryLimitBytes: number;
  pods: number;
}

export interface VolumeRow {
  namespace: string;
  name: string;
  uid: string;
  phase: string;
  storageClass?: string | undefined;
  volume?: string | undefined;
  accessModes: string[];
  requestBytes?: number | undefined;
  /** Of the file system, as the kubelet sees it; without one what the claim has. */
  capacityBytes?: number | undefined;
  usedBytes?: number | undefined;
  availableBytes?: number | undefined;
  usedRatio?: number | undefined;
  inodes?: number | undefined;
  inodesUsed?: number | undefined;
  /** Names of pods that mount it. */
  pods: string[];
  createdAt: number;
}

export interface NamespaceRow extends Consumption, Reservation {
  name: string;
  uid: string;
  phase: string;
  pods: number;
  runningPods: number;
  /** Pods that are not healthy. */
  troubledPods: number;
  workloads: number;
  restarts: number;
  createdAt: number;
}

/** One page of rows; `next` is the `cursor` of the page after it. */
export interface Page<Row> {
  items: Row[];
  /** Rows that the filters let through, on all pages. */
  total: number;
  next?: string | undefined;
  /** Rows of each health among those that the other filters let through. */
  health: Partial<Record<Health, number>>;
  /** When what is told of usage was measured; absent: nothing was. */
  usageAt?: number | undefined;
  /** Collections that are not complete, in words: a right is missing, the server does not answer. */
  warnings: string[];
}

export interface ObjectDetails {
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
  uid: string;
  resourceVersion: string;
  /** As kubectl prints it; contents of secrets are replaced by their sizes. */
  yaml: string;
  redacted: boolean;
  /** From the nearest to the last. */
  owners: ObjectName[];
}

/** A pod as a tile. */
export interface MapPod {
  namespace: string;
  name: string;
  status: string;
  health: Health;
  /** Of its limit, else of its request. */
  cpu?: number | undefined;
  memory?: number | undefined;
}

export interface MapNode {
  name: string;
  health: Health;
  /** Of what it has for pods. */
  cpuRatio?: number | undefined;
  memoryRatio?: number | undefined;
  pods: MapPod[];
}

/** All nodes with their pods, for a picture of the cluster. */
export interface ClusterMap {
  nodes: MapNode[];
  /** Pods that no node has taken yet. */
  unscheduled: MapPod[];
  /** Pods that are not in it, for there are too many. */
  left: number;
  usageAt?: number | undefined;
  warnings: string[];
}
