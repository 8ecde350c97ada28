import type {
  ClusterMap,
  NamespaceRow,
  NodeRow,
  ObjectDetails,
  Page,
  PodRow,
  VolumeRow,
  WorkloadRow,
} from '../../../src/kubernetes/api/objects/wire.ts';
import type { Timeline } from '../../../src/kubernetes/api/timeline/wire.ts';
import { callApi, type QueryValue } from './client.ts';

export type * from '../../../src/kubernetes/api/objects/wire.ts';
export type { Timeline, TimelineItem } from '../../../src/kubernetes/api/timeline/wire.ts';

/** What the server says of its watch on the cluster; as `GET /nunchi/kubernetes/status` has it. */
export interface WireKubernetesStatus {
  readonly enabled: boolean;
  /** Why no cluster is watched. */
  readonly reason?: string;
  readonly connected: boolean;
  readonly clusterName?: string;
  readonly server?: string;
  readonly version?: string;
  readonly error?: string;
  readonly namespaces?: readonly string[];
  readonly degraded: readonly {
    /** Empty: the whole cluster. */
    readonly resource: string;
    readonly reason: 'unreachable' | 'forbidden' | 'absent' | 'stale';
    readonly message: string;
  }[];
  readonly now: number;
}

/** Rows of each list. */
export interface ListRows {
  readonly pods: PodRow;
  readonly workloads: WorkloadRow;
  readonly nodes: NodeRow;
  readonly namespaces: NamespaceRow;
  readonly volumes: VolumeRow;
}

export type ListName = keyof ListRows;
export type ListQuery = Readonly<Record<string, QueryValue>>;

/** Rows that one answer has at most. */
export const maxListRows = 500;

export type MonitorState = 'accepted' | 'pending' | 'rejected' | 'unselected';

/** What became of one object of the Prometheus operator. */
export interface WireMonitor {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: MonitorState;
  readonly reason?: string;
  readonly jobs: readonly string[];
  readonly groups: readonly string[];
}

/** As `GET /nunchi/kubernetes/monitors` has it. */
export interface WireMonitors {
  readonly enabled: boolean;
  readonly problem?: string;
  readonly collections: readonly {
    readonly kind: string;
    readonly state: 'syncing' | 'synced' | 'stale' | 'forbidden' | 'absent';
    readonly objects: number;
    readonly message?: string;
  }[];
  readonly objects: readonly WireMonitor[];
}

const root = 'nunchi/kubernetes';
const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** Our own API about the cluster. Every method throws {@link ApiError}. */
export const kubernetesApi = {
  status: (signal?: AbortSignal): Promise<WireKubernetesStatus> =>
    callApi(`${root}/status`, withSignal(signal)),

  monitors: (signal?: AbortSignal): Promise<WireMonitors> =>
    callApi(`${root}/monitors`, withSignal(signal)),

  list: <N extends ListName>(
    name: N,
    query: ListQuery,
    signal?: AbortSignal,
  ): Promise<Page<ListRows[N]>> =>
    callApi(`${root}/objects/${name}`, { query, ...withSignal(signal) }),

  map: (signal?: AbortSignal): Promise<ClusterMap> =>
    callApi(`${root}/objects/map`, withSignal(signal)),

  object: (
    of: { readonly kind: string; readonly namespace?: string | undefined; readonly name: string },
    signal?: AbortSignal,
  ): Promise<ObjectDetails> =>
    callApi(`${root}/objects/yaml`, { query: { ...of }, ...withSignal(signal) }),

  timeline: (query: ListQuery, signal?: AbortSignal): Promise<Timeline> =>
    callApi(`${root}/timeline`, { query, ...withSignal(signal) }),
};
