import type { Clock, Logger } from '#base';
import {
  type KubernetesObject,
  type ObjectHandlers,
  type ObjectStore,
  objectKey,
  type ResourceName,
} from '#kubernetes/client';
import type { Cluster, ClusterObjects, SharedInformer } from '#kubernetes/cluster';
import type { KubernetesSdConfig } from '#metrics/config';
import type { TargetGroup } from '#metrics/discovery';
import type { EventCounter } from './event-counter.ts';
import { GroupFeed } from './feed.ts';
import { type Build, type Neighbours, nothing } from './roles/contract.ts';
import { buildEndpointSlice, serviceOf } from './roles/endpoint-slice.ts';
import { buildEndpoints } from './roles/endpoints.ts';
import { buildIngress } from './roles/ingress.ts';
import { buildNode } from './roles/node.ts';
import { buildPod, controllerOf } from './roles/pod.ts';
import { buildService } from './roles/service.ts';
import { Sources } from './sources.ts';

export interface RoleDeps {
  readonly cluster: Cluster;
  readonly isShared: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventCounter;
}

type Emit = (groups: readonly TargetGroup[]) => void;
type Mark = (object: KubernetesObject) => void;

/** Which objects of the role an object of another kind has a say in, by index of the role's store. */
interface Touch {
  readonly index: string;
  readonly keysOf: (object: KubernetesObject) => string | undefined;
}

const keyOf = ({ metadata }: KubernetesObject): string =>
  objectKey(metadata?.namespace, metadata?.name ?? '');
const nameOf = ({ metadata }: KubernetesObject): string | undefined => metadata?.name;
const byNamespace = ({ metadata }: KubernetesObject): string[] => [metadata?.namespace ?? ''];

const present = (...values: readonly (string | undefined)[]): string[] =>
  values.filter((value) => value !== undefined);

/** One role: its objects, what groups are called after, and what else changes its groups. */
interface Role<N extends ResourceName> {
  readonly resource: N;
  /** Before the key of its object in a group's source. */
  readonly source: string;
  readonly build: Build<ClusterObjects[N]>;
  readonly indexes: Readonly<Record<string, (object: ClusterObjects[N]) => string[]>>;
  readonly has: { readonly pods?: boolean; readonly services?: boolean; readonly nodes?: boolean };
}

const role = <N extends ResourceName>(given: Role<N>): Role<N> => given;

const roles = {
  node: role<'nodes'>({
    resource: 'nodes',
    source: 'node',
    build: buildNode,
    indexes: {},
    has: {},
  }),
  pod: role<'pods'>({
    resource: 'pods',
    source: 'pod',
    build: buildPod,
    indexes: {
      'sd-node': ({ spec }) => present(spec?.nodeName),
      'sd-namespace': byNamespace,
      'sd-controller': (pod) => present(controllerKey(pod)),
    },
    has: { nodes: true },
  }),
  service: role<'services'>({
    resource: 'services',
    source: 'svc',
    build: buildService,
    indexes: { 'sd-namespace': byNamespace },
    has: {},
  }),
  endpoints: role<'endpoints'>({
    resource: 'endpoints',
    source: 'endpoints',
    build: buildEndpoints,
    indexes: {
      'sd-pod': ({ subsets }) =>
        addressesOf(subsets).flatMap(({ targetRef }) => podKey(targetRef) ?? []),
      'sd-service': (object) => [keyOf(object)],
      'sd-node': ({ subsets }) =>
        addressesOf(subsets).flatMap(({ nodeName, targetRef }) =>
          present(nodeName, targetRef?.kind === 'Node' ? targetRef.name : undefined),
        ),
      'sd-namespace': byNamespace,
    },
    has: { pods: true, services: true, nodes: true },
  }),
  endpointslice: role<'endpointslices'>({
    resource: 'endpointslices',
    source: 'endpointslice',
    build: buildEndpointSlice,
    indexes: {
      'sd-pod': ({ endpoints }) =>
        (endpoints ?? []).flatMap(({ targetRef }) => podKey(targetRef) ?? []),
      'sd-service': (slice) => {
        const service = serviceOf(slice);
        return service === undefined ? [] : [objectKey(slice.metadata?.namespace, service)];
      },
      'sd-node': ({ endpoints }) =>
        (endpoints ?? []).flatMap(({ nodeName, targetRef }) =>
          present(nodeName, targetRef?.kind === 'Node' ? targetRef.name : undefined),
        ),
      'sd-namespace': byNamespace,
    },
    has: { pods: true, services: true, nodes: true },
  }),
  ingress: role<'ingresses'>({
    resource: 'ingresses',
    source: 'ingress',
    build: buildIngress,
    indexes: { 'sd-namespace': byNamespace },
    has: {},
  }),
};

/** Emits the groups of a role until the signal aborts. */
export function runRole(
  config: KubernetesSdConfig,
  deps: RoleDeps,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  return run(roles[config.role] as Role<ResourceName>, config, deps, emit, signal);
}

async function run<N extends ResourceName>(
  { resource, source, build, indexes, has }: Role<N>,
  config: KubernetesSdConfig,
  { cluster, isShared, clock, log, events }: RoleDeps,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  using sources = new Sources(cluster, config, isShared, log);
  const { attachMetadata: attach, selectors } = config;
  const main = await sources.open(resource, signal);
  for (const [name, indexer] of Object.entries(indexes)) main.store.addIndex(name, indexer);
  const open = async <R extends ResourceName>(
    wanted: boolean,
    name: R,
  ): Promise<SharedInformer<ClusterObjects[R]> | undefined> =>
    wanted ? await sources.open(name, signal) : undefined;
  const ofPods = resource === 'pods' || has.pods === true;
  const hasNodes =
    attach.node || (resource === 'pods' && selectors.some((one) => one.role === 'node'));
  const pods = await open(has.pods === true, 'pods');
  const services = await open(has.services === true, 'services');
  const nodes = await open(has.nodes === true && hasNodes, 'nodes');
  const namespaces = await open(attach.namespace && resource !== 'nodes', 'namespaces');
  const replicaSets = await open(ofPods && attach.deployment, 'replicasets');
  const jobs = await open(ofPods && attach.cronjob, 'jobs');
  if (signal.aborted) return;
  const neighbours: Neighbours = {
    pods: pods?.store,
    services: services?.store,
    nodes: nodes?.store,
    namespaces: namespaces?.store,
    replicaSets: replicaSets?.store,
    jobs: jobs?.store,
    attach,
  };
  const feed = new GroupFeed(
    (key) => groupOf({ key, source, store: main.store, build, neighbours }),
    emit,
    clock,
  );
  const isWanted = ({ metadata }: KubernetesObject): boolean =>
    sources.namespaces.size === 0 ||
    metadata?.namespace === undefined ||
    sources.namespaces.has(metadata.namespace);
  const mark: Mark = (object) => {
    if (isWanted(object)) feed.mark(keyOf(object));
  };
  const count = (kind: 'add' | 'update' | 'delete') => (object: KubernetesObject) => {
    if (!isWanted(object)) return;
    events.add(config.role, kind);
    mark(object);
  };
  main.subscribe({ add: count('add'), update: count('update'), delete: count('delete') });
  const follow = (informer: SharedInformer<KubernetesObject> | undefined, touch: Touch): void =>
    void informer?.subscribe(marking(main.store, touch, mark));
  follow(pods, { index: 'sd-pod', keysOf: keyOf });
  follow(services, { index: 'sd-service', keysOf: keyOf });
  follow(nodes, { index: 'sd-node', keysOf: nameOf });
  follow(namespaces, { index: 'sd-namespace', keysOf: nameOf });
  if (resource === 'pods') {
    follow(replicaSets, { index: 'sd-controller', keysOf: keyOf });
    follow(jobs, { index: 'sd-controller', keysOf: keyOf });
  }
  await feed.run(signal);
}

function groupOf<T extends KubernetesObject>(given: {
  readonly key: string;
  readonly source: string;
  readonly store: ObjectStore<T>;
  readonly build: Build<T>;
  readonly neighbours: Neighbours;
}): TargetGroup {
  const { key, source, store, build, neighbours } = given;
  const slash = key.indexOf('/');
  const object = store.get(slash < 0 ? undefined : key.slice(0, slash), key.slice(slash + 1));
  const group = object === undefined ? undefined : build(object, neighbours);
  return { source: `${source}/${key}`, ...(group ?? nothing) };
}

/** A change of a neighbour marks the objects that it touches. */
function marking<T extends KubernetesObject>(
  store: ObjectStore<T>,
  { index, keysOf }: Touch,
  mark: Mark,
): ObjectHandlers<KubernetesObject> {
  const touch = (object: KubernetesObject): void => {
    const value = keysOf(object);
    if (value === undefined) return;
    for (const touched of store.byIndex(index, value)) mark(touched);
  };
  return { add: touch, update: touch, delete: touch };
}

function controllerKey(pod: KubernetesObject): string | undefined {
  const controller = controllerOf(pod);
  return controller === undefined ? undefined : objectKey(pod.metadata?.namespace, controller.name);
}

interface Reference {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

const podKey = (reference: Reference | undefined): string | undefined =>
  reference?.kind === 'Pod' ? objectKey(reference.namespace, reference.name ?? '') : undefined;

function addressesOf<A>(
  subsets: readonly { readonly addresses?: A[]; readonly notReadyAddresses?: A[] }[] | undefined,
): A[] {
  return (subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }) => [
    ...addresses,
    ...notReadyAddresses,
  ]);
}
