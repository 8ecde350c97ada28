import type { FastifyInstance } from 'fastify';
import type { ZodType } from 'zod';
import { z } from 'zod';
import { AppError, type Clock } from '#base';
import type { KubernetesObject } from '#kubernetes/client';
import { type Cluster, parseLabelSelector, SelectorError } from '#kubernetes/cluster';
import { readVolumeUsage, usageReader } from '#kubernetes/usage';
import type { Queryable } from '#metrics/model';
import { apiRoute, type Edge } from '#server';
import type { KubernetesView } from '../edge.ts';
import { Inventory } from './inventory.ts';
import { manifestYaml } from './manifest.ts';
import { mapOf } from './map.ts';
import { type Columns, pageRows } from './page.ts';
import {
  clusterMap,
  namespaceRow,
  nodeRow,
  objectDetails,
  pageOf,
  podRow,
  volumeRow,
  workloadRow,
} from './schemas.ts';
import { type Snapshot, Snapshots } from './snapshot.ts';
import type {
  Health,
  NamespaceRow,
  NodeRow,
  ObjectDetails,
  Page,
  PodRow,
  VolumeRow,
  WorkloadRow,
} from './wire.ts';

const tag = 'kubernetes';
const maxPageRows = 500;
const defaultPageRows = 100;
const maxNameChars = 253;
const objectTimeoutMs = 15_000;

const podColumns: Columns<PodRow> = {
  name: (row) => row.name,
  namespace: (row) => row.namespace,
  status: (row) => row.status,
  node: (row) => row.node,
  restarts: (row) => row.restarts,
  lastRestartAt: (row) => row.lastRestartAt,
  createdAt: (row) => row.createdAt,
  cpuCores: (row) => row.cpuCores,
  memoryBytes: (row) => row.memoryBytes,
  cpuRequestCores: (row) => row.cpuRequestCores,
  memoryRequestBytes: (row) => row.memoryRequestBytes,
  memoryLimitRatio: (row) => ratio(row.memoryBytes, row.memoryLimitBytes),
  cpuLimitRatio: (row) => ratio(row.cpuCores, row.cpuLimitCores),
};

const workloadColumns: Columns<WorkloadRow> = {
  name: (row) => row.name,
  namespace: (row) => row.namespace,
  kind: (row) => row.kind,
  desired: (row) => row.desired,
  ready: (row) => row.ready,
  pods: (row) => row.pods,
  restarts: (row) => row.restarts,
  lastRestartAt: (row) => row.lastRestartAt,
  createdAt: (row) => row.createdAt,
  cpuCores: (row) => row.cpuCores,
  memoryBytes: (row) => row.memoryBytes,
  cpuRequestCores: (row) => row.cpuRequestCores,
  memoryRequestBytes: (row) => row.memoryRequestBytes,
};

const nodeColumns: Columns<NodeRow> = {
  name: (row) => row.name,
  version: (row) => row.version,
  instanceType: (row) => row.instanceType,
  zone: (row) => row.zone,
  pods: (row) => row.pods,
  createdAt: (row) => row.createdAt,
  cpuCores: (row) => row.cpuCores,
  memoryBytes: (row) => row.memoryBytes,
  cpuRatio: (row) => ratio(row.cpuCores, row.capacity.cpuCores),
  memoryRatio: (row) => ratio(row.memoryBytes, row.capacity.memoryBytes),
  cpuRequestRatio: (row) => ratio(row.cpuRequestCores, row.allocatable.cpuCores),
  memoryRequestRatio: (row) => ratio(row.memoryRequestBytes, row.allocatable.memoryBytes),
};

const namespaceColumns: Columns<NamespaceRow> = {
  name: (row) => row.name,
  pods: (row) => row.pods,
  troubledPods: (row) => row.troubledPods,
  workloads: (row) => row.workloads,
  restarts: (row) => row.restarts,
  createdAt: (row) => row.createdAt,
  cpuCores: (row) => row.cpuCores,
  memoryBytes: (row) => row.memoryBytes,
};

const volumeColumns: Columns<VolumeRow> = {
  name: (row) => row.name,
  namespace: (row) => row.namespace,
  phase: (row) => row.phase,
  capacityBytes: (row) => row.capacityBytes,
  usedBytes: (row) => row.usedBytes,
  usedRatio: (row) => row.usedRatio,
  createdAt: (row) => row.createdAt,
};

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}

const filterText = z.string().min(1).max(maxNameChars).optional();

function listQuery(columns: Columns<never>, first: string) {
  const [head = first, ...rest] = Object.keys(columns);
  return {
    search: filterText.describe('Part of the name or namespace, in any case'),
    sort: z.enum([head, ...rest]).default(first),
    order: z
      .enum(['asc', 'desc'])
      .optional()
      .describe('Absent: the largest numbers, or the first names'),
    limit: z.coerce.number().int().min(1).max(maxPageRows).default(defaultPageRows),
    cursor: z.string().max(2048).optional().describe('`next` of the page before'),
  };
}

const labelsQuery = z
  .string()
  .max(1024)
  .optional()
  .describe('Label selector, as kubectl takes it: `app=web,tier in (a, b),!canary`');

/** @throws {AppError} SELECTOR_INVALID */
function labelFilter(text: string | undefined, { labelsOf }: Snapshot): (row: object) => boolean {
  if (text === undefined || text.trim() === '') return () => true;
  try {
    const fits = parseLabelSelector(text);
    return (row) => fits(labelsOf(row));
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new AppError('SELECTOR_INVALID', `"${text}" is not a label selector: ${error.message}`, {
      hint: 'Write key=value, key!=value, key in (a, b), key notin (a), key or !key',
      cause: error,
    });
  }
}

const healthQuery = z.enum(['healthy', 'progressing', 'degraded', 'idle']).optional();

interface ListQuery {
  readonly search?: string | undefined;
  readonly sort: string;
  readonly order?: 'asc' | 'desc' | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What every row has, so that one function filters them all. */
interface AnyRow {
  readonly name: string;
  readonly namespace?: string;
  readonly health?: Health;
}

export interface ObjectsEdgeDeps {
  readonly clock: Clock;
  readonly store: Queryable;
}

/** `GET /nunchi/kubernetes/objects/…`: lists for the pages of the cluster, and objects as YAML. */
export function kubernetesObjectsEdge(
  view: KubernetesView,
  { clock, store }: ObjectsEdgeDeps,
): Edge & Disposable {
  const { cluster } = view;
  const inventory = cluster === undefined ? undefined : new Inventory(cluster, clock);
  const snapshots =
    inventory === undefined
      ? undefined
      : new Snapshots({
          inventory,
          usage: usageReader(store, clock),
          volumes: (signal) => readVolumeUsage(store, clock, signal),
          clock,
        });
  const mustHave = (): Snapshots => snapshots ?? noCluster(view);
  return {
    name: 'kubernetes/objects',
    register: (app) => {
      registerLists(app, mustHave);
      registerVolumes(app, mustHave);
      registerMap(app, mustHave);
      registerManifest(app, () => cluster ?? noCluster(view));
    },
    [Symbol.dispose]: () => inventory?.[Symbol.dispose](),
  };
}

function registerLists(app: FastifyInstance, snapshots: () => Snapshots): void {
  const url = '/nunchi/kubernetes/objects';
  apiRoute(
    app,
    {
      method: 'GET',
      url: `${url}/workloads`,
      tag,
      summary: 'Deployments and their like with replicas, restarts and usage',
      query: z.object({
        ...listQuery(workloadColumns, 'name'),
        namespace: filterText,
        kind: filterText,
        labels: labelsQuery,
        health: healthQuery,
      }),
      response: pageOf(workloadRow),
    },
    async ({ query }) => {
      const { namespace, kind, health } = query;
      const snapshot = await snapshots().take();
      const hasLabels = labelFilter(query.labels, snapshot);
      const rows = snapshot.workloads.filter(
        (row) =>
          hasLabels(row) &&
          (namespace === undefined || row.namespace === namespace) &&
          (kind === undefined || row.kind === kind),
      );
      const keyOf = (row: WorkloadRow): string => `${row.namespace}/${row.kind}/${row.name}`;
      return page(rows, query, { columns: workloadColumns, keyOf, health, of: snapshot });
    },
  );
  apiRoute(
    app,
    {
      method: 'GET',
      url: `${url}/pods`,
      tag,
      summary: 'Pods with their containers, restarts and usage',
      query: z.object({
        ...listQuery(podColumns, 'name'),
        namespace: filterText,
        name: filterText.describe('Exactly this one'),
        workloadKind: filterText,
        workload: filterText.describe('Name of the workload that they belong to'),
        node: filterText,
        phase: filterText,
        labels: labelsQuery,
        health: healthQuery,
      }),
      response: pageOf(podRow),
    },
    async ({ query }) => {
      const { namespace, name, workloadKind, workload, node, phase, health } = query;
      const snapshot = await snapshots().take();
      const hasLabels = labelFilter(query.labels, snapshot);
      const rows = snapshot.pods.filter(
        (row) =>
          hasLabels(row) &&
          (namespace === undefined || row.namespace === namespace) &&
          (name === undefined || row.name === name) &&
          (workload === undefined || row.workload.name === workload) &&
          (workloadKind === undefined || row.workload.kind === workloadKind) &&
          (node === undefined || row.node === node) &&
          (phase === undefined || row.phase === phase),
      );
      const keyOf = (row: PodRow): string => `${row.namespace}/${row.name}`;
      return page(rows, query, { columns: podColumns, keyOf, health, of: snapshot });
    },
  );
  apiRoute(
    app,
    {
      method: 'GET',
      url: `${url}/nodes`,
      tag,
      summary: 'Nodes with capacity, requests and usage',
      query: z.object({
        ...listQuery(nodeColumns, 'name'),
        name: filterText.describe('Exactly this one'),
        labels: labelsQuery,
        health: healthQuery,
      }),
      response: pageOf(nodeRow),
    },
    async ({ query }) => {
      const snapshot = await snapshots().take();
      const { name, health } = query;
      const hasLabels = labelFilter(query.labels, snapshot);
      const rows = snapshot.nodes.filter(
        (row) => hasLabels(row) && (name === undefined || row.name === name),
      );
      const keyOf = (row: NodeRow): string => row.name;
      return page(rows, query, { columns: nodeColumns, keyOf, health, of: snapshot });
    },
  );
  apiRoute(
    app,
    {
      method: 'GET',
      url: `${url}/namespaces`,
      tag,
      summary: 'Namespaces with sums over their pods',
      query: z.object(listQuery(namespaceColumns, 'name')),
      response: pageOf(namespaceRow),
    },
    async ({ query }) => {
      const snapshot = await snapshots().take();
      const keyOf = (row: NamespaceRow): string => row.name;
      return page(snapshot.namespaces, query, {
        columns: namespaceColumns,
        keyOf,
        health: undefined,
        of: snapshot,
      });
    },
  );
}

function registerVolumes(app: FastifyInstance, snapshots: () => Snapshots): void {
  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/kubernetes/objects/volumes',
      tag,
      summary: 'Claims of persistent volumes with what their file systems hold',
      query: z.object({ ...listQuery(volumeColumns, 'name'), namespace: filterText }),
      response: pageOf(volumeRow),
    },
    async ({ query, signal }) => {
      const { namespace } = query;
      const { rows, warnings } = await snapshots().volumes(signal);
      const keyOf = (row: VolumeRow): string => `${row.namespace}/${row.name}`;
      return page(
        rows.filter((row) => namespace === undefined || row.namespace === namespace),
        query,
        {
          columns: volumeColumns,
          keyOf,
          health: undefined,
          of: { usageAt: undefined, warnings },
        },
      );
    },
  );
}

function registerMap(app: FastifyInstance, snapshots: () => Snapshots): void {
  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/kubernetes/objects/map',
      tag,
      summary: 'All nodes with their pods and how full they are, for a picture of the cluster',
      response: clusterMap,
    },
    async () => mapOf(await snapshots().take()),
  );
}

function registerManifest(app: FastifyInstance, cluster: () => Cluster): void {
  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/kubernetes/objects/yaml',
      tag,
      summary: 'One object as the API server has it now, as YAML; secrets without their contents',
      query: z.object({
        kind: z
          .string()
          .min(1)
          .max(maxNameChars)
          .describe('Kind, plural or short name: `Deployment`, `deployments`, `deploy`'),
        group: z.string().max(maxNameChars).optional().describe('Absent: the first that has it'),
        namespace: filterText.describe('Absent for what has none'),
        name: z.string().min(1).max(maxNameChars),
      }),
      response: objectDetails as ZodType<ObjectDetails>,
    },
    ({ query, signal }) => readObject(cluster(), query, signal),
  );
}

async function readObject(
  cluster: Cluster,
  at: {
    readonly kind: string;
    readonly group?: string | undefined;
    readonly namespace?: string | undefined;
    readonly name: string;
  },
  signal: AbortSignal,
): Promise<ObjectDetails> {
  const type = await cluster.discovery.lookUp(at.kind, at.group);
  if (type === undefined) {
    throw new AppError('KUBERNETES_KIND_NOT_FOUND', `The cluster has no ${at.kind}`);
  }
  if (type.namespaced && at.namespace === undefined) {
    throw new AppError('INVALID_REQUEST', `query.namespace: ${at.kind} has a namespace`);
  }
  const object = await cluster.client.get<KubernetesObject>(type, at.name, {
    ...(at.namespace === undefined ? {} : { namespace: at.namespace }),
    signal,
    timeoutMs: objectTimeoutMs,
  });
  const { metadata = {} } = object;
  return {
    apiVersion: object.apiVersion ?? '',
    kind: object.kind ?? type.kind,
    namespace: metadata.namespace,
    name: metadata.name ?? at.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    owners: cluster.owners(object).map(({ kind, name }) => ({ kind, name })),
    ...manifestYaml(object),
  };
}

/** Filters by text and health, counts, sorts, cuts. */
function page<Row extends AnyRow>(
  rows: readonly Row[],
  query: ListQuery,
  given: {
    readonly columns: Columns<Row>;
    readonly keyOf: (row: Row) => string;
    readonly health: Health | undefined;
    readonly of: {
      readonly usageAt: number | undefined;
      readonly warnings: readonly string[];
    };
  },
): Page<Row> {
  const { columns, keyOf, health: wanted, of } = given;
  const search = query.search?.toLowerCase();
  const found =
    search === undefined
      ? rows
      : rows.filter((row) => `${row.namespace ?? ''}/${row.name}`.toLowerCase().includes(search));
  const health: Partial<Record<Health, number>> = {};
  for (const row of found) {
    if (row.health !== undefined) health[row.health] = (health[row.health] ?? 0) + 1;
  }
  const chosen = wanted === undefined ? found : found.filter((row) => row.health === wanted);
  const { sort, order, limit, cursor } = query;
  const { items, next } = pageRows(chosen, { sort, order, limit, cursor, columns, keyOf });
  const { usageAt, warnings } = of;
  return { items, total: chosen.length, next, health, usageAt, warnings: [...warnings] };
}

function noCluster({ reason }: KubernetesView): never {
  throw new AppError('KUBERNETES_UNAVAILABLE', 'The server watches no cluster', {
    ...(reason === undefined ? {} : { hint: reason }),
  });
}
