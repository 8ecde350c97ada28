import { type ZodType, z } from 'zod';
import type {
  ClusterMap,
  ContainerRow,
  NamespaceRow,
  NodeRow,
  ObjectDetails,
  Page,
  PodRow,
  VolumeRow,
  WorkloadRow,
} from './wire.ts';

const timeMs = z.number().int();
const count = z.number().int().min(0);
const health = z.enum(['healthy', 'progressing', 'degraded', 'idle']);
const objectName = z.object({ kind: z.string(), name: z.string() });

const consumption = {
  cpuCores: z.number().optional().describe('Cores in use, over the last window of measurement'),
  memoryBytes: z.number().optional().describe('Working set'),
};
const reservation = {
  cpuRequestCores: z.number().optional(),
  cpuLimitCores: z.number().optional(),
  memoryRequestBytes: z.number().optional(),
  memoryLimitBytes: z.number().optional(),
};

const containerRow: ZodType<ContainerRow> = z.object({
  name: z.string(),
  image: z.string(),
  type: z.enum(['container', 'init', 'sidecar', 'ephemeral']),
  ready: z.boolean(),
  state: z.enum(['running', 'waiting', 'terminated', 'unknown']),
  reason: z.string().optional(),
  restarts: count,
  startedAt: timeMs.optional(),
  lastTermination: z
    .object({
      reason: z.string().optional(),
      exitCode: z.number().int(),
      finishedAt: timeMs.optional(),
    })
    .optional(),
});

export const podRow: ZodType<PodRow> = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  status: z.string().describe('As the STATUS column of kubectl'),
  health,
  phase: z.string(),
  node: z.string().optional(),
  ip: z.string().optional(),
  workload: objectName,
  readyContainers: count,
  restarts: count,
  lastRestartAt: timeMs.optional(),
  createdAt: timeMs,
  containers: z.array(containerRow),
  ...consumption,
  ...reservation,
});

export const workloadRow: ZodType<WorkloadRow> = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  health,
  reason: z.string().optional(),
  desired: count,
  ready: count,
  available: count,
  updated: count,
  pods: count,
  restarts: count,
  lastRestartAt: timeMs.optional(),
  images: z.array(z.string()),
  createdAt: timeMs,
  autoscaler: z.string().optional(),
  ...consumption,
  ...reservation,
});

const resourceAmounts = z.object({
  cpuCores: z.number(),
  memoryBytes: z.number(),
  pods: z.number(),
  ephemeralStorageBytes: z.number().optional(),
});

export const nodeRow: ZodType<NodeRow> = z.object({
  name: z.string(),
  uid: z.string(),
  health,
  ready: z.boolean(),
  unschedulable: z.boolean(),
  problems: z.array(z.string()),
  roles: z.array(z.string()),
  version: z.string(),
  os: z.string(),
  architecture: z.string(),
  instanceType: z.string().optional(),
  zone: z.string().optional(),
  ip: z.string().optional(),
  createdAt: timeMs,
  taints: count,
  capacity: resourceAmounts,
  allocatable: resourceAmounts,
  cpuRequestCores: z.number(),
  cpuLimitCores: z.number(),
  memoryRequestBytes: z.number(),
  memoryLimitBytes: z.number(),
  pods: count,
  ...consumption,
});

export const volumeRow: ZodType<VolumeRow> = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  phase: z.string(),
  storageClass: z.string().optional(),
  volume: z.string().optional(),
  accessModes: z.array(z.string()),
  requestBytes: z.number().optional(),
  capacityBytes: z.number().optional(),
  usedBytes: z.number().optional(),
  availableBytes: z.number().optional(),
  usedRatio: z.number().optional().describe('0 to 1'),
  inodes: z.number().optional(),
  inodesUsed: z.number().optional(),
  pods: z.array(z.string()),
  createdAt: timeMs,
});

export const namespaceRow: ZodType<NamespaceRow> = z.object({
  name: z.string(),
  uid: z.string(),
  phase: z.string(),
  pods: count,
  runningPods: count,
  troubledPods: count,
  workloads: count,
  restarts: count,
  createdAt: timeMs,
  ...consumption,
  ...reservation,
});

export function pageOf<Row>(row: ZodType<Row>): ZodType<Page<Row>> {
  return z.object({
    items: z.array(row),
    total: count.describe('Rows that the filters let through, on all pages'),
    next: z.string().optional().describe('`cursor` of the next page'),
    health: z.record(z.string(), count).describe('Rows by health, whatever `health` asks for'),
    usageAt: timeMs.optional(),
    warnings: z.array(z.string()),
  }) as unknown as ZodType<Page<Row>>;
}

export const objectDetails: ZodType<ObjectDetails> = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  yaml: z.string().describe('Contents of secrets are replaced by their sizes'),
  redacted: z.boolean(),
  owners: z.array(objectName),
});

const mapPod = z.object({
  namespace: z.string(),
  name: z.string(),
  status: z.string(),
  health,
  cpu: z.number().optional().describe('Of its limit, else of its request'),
  memory: z.number().optional(),
});

export const clusterMap: ZodType<ClusterMap> = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      health,
      cpuRatio: z.number().optional().describe('Of what it has for pods'),
      memoryRatio: z.number().optional(),
      pods: z.array(mapPod),
    }),
  ),
  unscheduled: z.array(mapPod),
  left: count.describe('Pods that are not in it, for there are too many'),
  usageAt: timeMs.optional(),
  warnings: z.array(z.string()),
});
