import { type Clock, describeError, isAbortError } from '#base';
import { type ClusterObjects, timeMsOf } from '#kubernetes/cluster';
import type { ReadUsage, UsageSnapshot, VolumeUsage } from '#kubernetes/usage';
import type { Inventory } from './inventory.ts';
import { addPodToNode, nodeRow } from './nodes.ts';
import { podRow } from './pods.ts';
import { podsByClaim, volumeRow } from './volumes.ts';
import type { NamespaceRow, NodeRow, PodRow, VolumeRow, WorkloadRow } from './wire.ts';
import {
  addAmounts,
  addPod,
  barePodRow,
  cronJobState,
  daemonSetState,
  deploymentState,
  isControlled,
  jobState,
  replicaSetState,
  statefulSetState,
  type WorkloadState,
  workloadRow,
} from './workloads.ts';

/** All rows at one moment. */
export interface Snapshot {
  readonly pods: readonly PodRow[];
  readonly workloads: readonly WorkloadRow[];
  readonly nodes: readonly NodeRow[];
  readonly namespaces: readonly NamespaceRow[];
  readonly usageAt: number | undefined;
  readonly warnings: readonly string[];
  /** Of the objects that rows of pods, workloads and nodes stand for. */
  readonly labelsOf: (row: object) => Labels;
}

type Job = ClusterObjects['jobs'];
type Labels = Readonly<Record<string, string>>;
const noLabels: Labels = {};

/** Pages that are turned, sorted and counted within this time are made of one snapshot. */
const keptMs = 1000;
/** It is made for all who ask: whoever goes away does not end it, time does. */
const makeTimeoutMs = 30_000;

export interface SnapshotDeps {
  readonly inventory: Inventory;
  readonly usage: ReadUsage;
  readonly volumes: (signal: AbortSignal) => Promise<ReadonlyMap<string, VolumeUsage>>;
  readonly clock: Clock;
}

/** Rows out of mirrors and series; work that many ask for is done once a second. */
export class Snapshots {
  readonly #deps: SnapshotDeps;
  #kept: { readonly atMs: number; readonly snapshot: Promise<Snapshot> } | undefined;

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  take(): Promise<Snapshot> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#kept === undefined || nowMs - this.#kept.atMs > keptMs) {
      const kept = { atMs: nowMs, snapshot: this.#make(AbortSignal.timeout(makeTimeoutMs)) };
      this.#kept = kept;
      kept.snapshot.catch(() => {
        if (this.#kept === kept) this.#kept = undefined;
      });
    }
    return this.#kept.snapshot;
  }

  async volumes(signal: AbortSignal): Promise<{ rows: VolumeRow[]; warnings: string[] }> {
    const { inventory } = this.#deps;
    await inventory.settled(signal);
    const warnings = inventory.warnings();
    const usage = await orWarn(() => this.#deps.volumes(signal), new Map(), warnings);
    const pods = podsByClaim(inventory.objects('pods'));
    const rows = [...inventory.objects('persistentvolumeclaims')].map((claim) => {
      const key = `${claim.metadata?.namespace}/${claim.metadata?.name}`;
      return volumeRow(claim, usage.get(key), pods.get(key) ?? []);
    });
    return { rows, warnings };
  }

  async #make(signal: AbortSignal): Promise<Snapshot> {
    const { inventory } = this.#deps;
    await inventory.settled(signal);
    const warnings = inventory.warnings();
    const none: UsageSnapshot = { nodes: new Map(), pods: new Map() };
    const usage = await orWarn(() => this.#deps.usage(signal), none, warnings);
    const labels = new WeakMap<object, Labels>();
    const workloads = workloadsOf(inventory, labels);
    const nodes = new Map<string, NodeRow>();
    for (const node of inventory.objects('nodes')) {
      const name = node.metadata?.name ?? '';
      const row = nodeRow(node, usage.nodes.get(name));
      nodes.set(name, row);
      labels.set(row, node.metadata?.labels ?? noLabels);
    }
    const namespaces = namespacesOf(inventory);
    const pods: PodRow[] = [];
    for (const pod of inventory.objects('pods')) {
      const { namespace = '', name = '' } = pod.metadata ?? {};
      const owner = inventory.cluster.workload(pod);
      // A static pod belongs to its node; nobody looks for it there.
      const workload = owner.kind === 'Node' ? { kind: 'Pod', name } : owner;
      const own = { kind: workload.kind, name: workload.name };
      const row = podRow(pod, own, usage.pods.get(`${namespace}/${name}`));
      pods.push(row);
      labels.set(row, pod.metadata?.labels ?? noLabels);
      addPod(workloadOf(workloads, row), row);
      const node = row.node === undefined ? undefined : nodes.get(row.node);
      if (node !== undefined) addPodToNode(node, row);
      addPodToNamespace(namespaces.get(namespace), row);
    }
    for (const { namespace } of workloads.values()) {
      const row = namespaces.get(namespace);
      if (row !== undefined) row.workloads++;
    }
    return {
      pods,
      workloads: [...workloads.values()],
      nodes: [...nodes.values()],
      namespaces: [...namespaces.values()],
      usageAt: usageTime(usage),
      warnings,
      labelsOf: (row) => labels.get(row) ?? noLabels,
    };
  }
}

/** A metric store that starts or is full leaves the objects as they are. */
async function orWarn<T>(read: () => Promise<T>, instead: T, warnings: string[]): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isAbortError(error)) throw error;
    warnings.push(`Usage is not known: ${describeError(error)}`);
    return instead;
  }
}

const keyOf = (namespace: string, kind: string, name: string): string =>
  `${namespace}/${kind}/${name}`;

function workloadsOf(
  inventory: Inventory,
  labels: WeakMap<object, Labels>,
): Map<string, WorkloadRow> {
  const rows = new Map<string, WorkloadRow>();
  const add = <T extends Parameters<typeof workloadRow>[1]>(
    kind: string,
    objects: Iterable<T>,
    stateOf: (object: T) => WorkloadState,
  ): void => {
    for (const object of objects) {
      // What another workload has made is part of that one.
      if (isControlled(object.metadata?.ownerReferences)) continue;
      const row = workloadRow(kind, object, stateOf(object));
      rows.set(keyOf(row.namespace, kind, row.name), row);
      labels.set(row, object.metadata?.labels ?? noLabels);
    }
  };
  add('Deployment', inventory.objects('deployments'), deploymentState);
  add('StatefulSet', inventory.objects('statefulsets'), statefulSetState);
  add('DaemonSet', inventory.objects('daemonsets'), daemonSetState);
  const jobs = jobsByOwner(inventory.objects('jobs'));
  add('CronJob', inventory.objects('cronjobs'), (cronJob) =>
    cronJobState(cronJob, jobs.get(cronJob.metadata?.uid ?? '') ?? []),
  );
  add('Job', inventory.objects('jobs'), jobState);
  add('ReplicaSet', inventory.objects('replicasets'), replicaSetState);
  add('ReplicationController', inventory.objects('replicationcontrollers'), replicaSetState);
  for (const { metadata, spec } of inventory.objects('horizontalpodautoscalers')) {
    const target = spec?.scaleTargetRef;
    if (target === undefined) continue;
    const row = rows.get(keyOf(metadata?.namespace ?? '', target.kind, target.name));
    if (row !== undefined && metadata?.name !== undefined) row.autoscaler = metadata.name;
  }
  return rows;
}

/** By the uid of what made them. */
function jobsByOwner(jobs: Iterable<Job>): Map<string, Job[]> {
  const byOwner = new Map<string, Job[]>();
  for (const job of jobs) {
    const owner = job.metadata?.ownerReferences?.find(({ controller }) => controller === true);
    if (owner === undefined) continue;
    const others = byOwner.get(owner.uid);
    if (others === undefined) byOwner.set(owner.uid, [job]);
    else others.push(job);
  }
  return byOwner;
}

/** That of a pod; one of a kind that is not mirrored is made of its pods. */
function workloadOf(rows: Map<string, WorkloadRow>, pod: PodRow): WorkloadRow {
  const { kind, name } = pod.workload;
  const key = keyOf(pod.namespace, kind, name);
  const known = rows.get(key);
  if (known !== undefined) {
    if (known.kind !== kind || !madeOfPods.has(known)) return known;
    known.desired++;
    if (pod.health === 'healthy') {
      known.ready++;
      known.available++;
    }
    known.updated++;
    return known;
  }
  const row = { ...barePodRow(pod), kind, name };
  madeOfPods.add(row);
  rows.set(key, row);
  return row;
}

/** Workloads of which no object says how many pods they should have. */
const madeOfPods = new WeakSet<WorkloadRow>();

function namespacesOf(inventory: Inventory): Map<string, NamespaceRow> {
  const rows = new Map<string, NamespaceRow>();
  for (const { metadata, status } of inventory.objects('namespaces')) {
    const name = metadata?.name ?? '';
    rows.set(name, {
      name,
      uid: metadata?.uid ?? '',
      phase: status?.phase ?? 'Active',
      pods: 0,
      runningPods: 0,
      troubledPods: 0,
      workloads: 0,
      restarts: 0,
      createdAt: timeMsOf(metadata?.creationTimestamp) ?? 0,
    });
  }
  return rows;
}

function addPodToNamespace(row: NamespaceRow | undefined, pod: PodRow): void {
  if (row === undefined) return;
  row.pods++;
  if (pod.phase === 'Running') row.runningPods++;
  if (pod.health === 'degraded') row.troubledPods++;
  row.restarts += pod.restarts;
  addAmounts(row, pod);
}

function usageTime({ pods, nodes }: UsageSnapshot): number | undefined {
  let newestMs: number | undefined;
  for (const { timeMs } of [...nodes.values(), ...pods.values()]) {
    if (newestMs === undefined || timeMs > newestMs) newestMs = timeMs;
  }
  return newestMs;
}
