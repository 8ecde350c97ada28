import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { InformerState } from '#kubernetes/client';
import type { Cluster } from '#kubernetes/cluster';
import { labelsOfRecord } from '#metrics/model';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { type ClusterView, ClusterWatch, type NodeView, type PodView } from './cluster-view.ts';
import type { Document, Measures } from './contract.ts';
import { performanceEvents } from './documents.ts';
import { type ContainerAmounts, nodeValues, podValues } from './formulas.ts';
import { readMeasures } from './measures.ts';
import { containerIdOf, instanceIdOf, podNameOf } from './names.ts';
import { namespaceValues, objectsView } from './objects-view.ts';
import { RestartCounts } from './restarts.ts';
import { growthPerSecond, SeriesReader } from './series-reader.ts';
import { podStateValues } from './states.ts';

const gib = 2 ** 30;
const node = { cpuCores: 4, memoryBytes: 16 * gib };
const amounts = (
  cpuRequestCores?: number,
  cpuLimitCores?: number,
  memoryRequestBytes?: number,
  memoryLimitBytes?: number,
): ContainerAmounts => ({ cpuRequestCores, cpuLimitCores, memoryRequestBytes, memoryLimitBytes });

describe('podValues()', () => {
  const f = (
    what: string,
    cpuCores: number | undefined,
    containers: readonly ContainerAmounts[],
    want: Readonly<Record<string, number | undefined>>,
  ): void =>
    void it(what, () => {
      const measure = {
        memoryWorkingSetBytes: gib,
        ...(cpuCores === undefined ? {} : { cpuCores }),
      };
      const values = podValues(measure, containers, node);
      for (const [name, value] of Object.entries(want)) assert.equal(values[name], value, name);
    });
  // A node of 4 cores; a pod that uses 0.4 of its limit of 1 and asks for 0.5.
  f('one container with request and limit', 0.4, [amounts(0.5, 1)], {
    pod_cpu_utilization: 10,
    pod_cpu_utilization_over_pod_limit: 40,
    pod_cpu_reserved_capacity: 12.5,
    pod_cpu_usage_total: 400,
    pod_cpu_limit: 1000,
    pod_cpu_request: 500,
    pod_memory_utilization: 6.25,
    pod_memory_utilization_over_pod_limit: undefined,
    pod_memory_reserved_capacity: undefined,
  });
  f('a container without a limit among others', 0.4, [amounts(0.5, 1), amounts(0.5)], {
    pod_cpu_utilization_over_pod_limit: undefined,
    pod_cpu_limit: undefined,
    pod_cpu_reserved_capacity: 25,
  });
  f('limits beyond what the node has', 2, [amounts(3, 6), amounts(3, 6)], {
    pod_cpu_limit: 4000,
    pod_cpu_utilization_over_pod_limit: 50,
    pod_cpu_reserved_capacity: 100,
  });
  f('a request of one container only', 0.4, [amounts(undefined, 1), amounts(1, 1)], {
    pod_cpu_reserved_capacity: 25,
    pod_cpu_utilization_over_pod_limit: 20,
  });
  f('requests of 0', 0.4, [amounts(0, 0)], {
    pod_cpu_reserved_capacity: undefined,
    pod_cpu_limit: undefined,
  });
  f('what was not measured', undefined, [amounts(0.5, 1)], {
    pod_cpu_utilization: undefined,
    pod_cpu_utilization_over_pod_limit: undefined,
    pod_cpu_reserved_capacity: 12.5,
  });
  it('a node that is not known', () => {
    const values = podValues({ cpuCores: 0.4 }, [amounts(0.5, 1)], undefined);
    assert.equal(values['pod_cpu_utilization'], undefined);
    assert.equal(values['pod_cpu_utilization_over_pod_limit'], 40);
  });
});

it('nodeValues() are of the whole node', () => {
  const measure = { cpuCores: 1, memoryWorkingSetBytes: 4 * gib };
  const values = nodeValues(measure, node, { cpuCores: 3, memoryBytes: 8 * gib });
  assert.equal(values['node_cpu_limit'], 4000);
  assert.equal(values['node_cpu_utilization'], 25);
  assert.equal(values['node_cpu_reserved_capacity'], 75);
  assert.equal(values['node_memory_utilization'], 25);
  assert.equal(values['node_memory_reserved_capacity'], 50);
});

describe('growthPerSecond()', () => {
  const f = (what: string, points: readonly (readonly [number, number])[], want?: number): void =>
    void it(what, () => {
      const times = Float64Array.from(points.map(([seconds]) => seconds * 1000));
      const values = Float64Array.from(points.map(([, value]) => value));
      assert.equal(growthPerSecond(times, values, points.length), want);
    });
  f(
    'of two points',
    [
      [0, 10],
      [10, 15],
    ],
    0.5,
  );
  f(
    'of many',
    [
      [0, 10],
      [10, 15],
      [60, 40],
    ],
    0.5,
  );
  f(
    'of a counter that began anew',
    [
      [0, 100],
      [10, 110],
      [20, 10],
    ],
    1,
  );
  f('of one point', [[0, 10]]);
  f('of none', []);
  f(
    'passes over the end of another series',
    [
      [0, 10],
      [10, Number.NaN],
      [20, 20],
    ],
    0.5,
  );
  it('is never below 0', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(1e6), { minLength: 2, maxLength: 20 }), (values) => {
        const times = Float64Array.from(values.map((_, at) => at * 1000));
        const found = growthPerSecond(times, Float64Array.from(values), values.length);
        assert.ok(found !== undefined && found >= 0);
      }),
    ));
});

const pod = (more: object = {}): Pod =>
  ({ metadata: { name: 'web-7f-x', namespace: 'shop', uid: 'u1' }, ...more }) as Pod;
const owner = (kind: string, name: string) => ({ kind, name, uid: undefined });

describe('podNameOf()', () => {
  const f = (want: string, name: string, ...owners: ReturnType<typeof owner>[]): void =>
    void it(`${name} of ${owners.map(({ kind }) => kind).join(' of ') || 'nobody'}`, () =>
      assert.equal(podNameOf({ metadata: { name } }, owners), want));
  f('web', 'web-7f-x', owner('ReplicaSet', 'web-7f'), owner('Deployment', 'web'));
  f('web-7f', 'web-7f-x', owner('ReplicaSet', 'web-7f'));
  f('db-0', 'db-0', owner('StatefulSet', 'db'));
  f('agent', 'agent-x2', owner('DaemonSet', 'agent'));
  f('job-123', 'job-123-x', owner('Job', 'job-123'), owner('CronJob', 'job'));
  f('lonely', 'lonely');
  f('etcd-node-1', 'etcd-node-1', owner('Node', 'node-1'));
  f('kube-proxy', 'kube-proxy-x2', owner('DaemonSet', 'kube-proxy'));
});

it('an instance is named by the cloud, or by its node', () => {
  const of = (providerID?: string): string =>
    instanceIdOf({ metadata: { name: 'n1' }, spec: { providerID } } as Node);
  assert.equal(of('aws:///ap-northeast-2a/i-0abc'), 'i-0abc');
  assert.equal(of('kind://docker/k/k-worker'), 'k-worker');
  assert.equal(of(), 'n1');
  assert.deepEqual(containerIdOf('containerd://ab12'), { runtime: 'containerd', id: 'ab12' });
  assert.equal(containerIdOf(''), undefined);
});

it('podStateValues() counts containers by what they wait for', () => {
  const values = podStateValues({
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } },
        { name: 'b', state: { running: {} }, lastState: { terminated: { reason: 'OOMKilled' } } },
      ],
    },
  } as unknown as Pod);
  assert.equal(values['pod_status_ready'], 0);
  assert.equal(values['pod_status_running'], 1);
  assert.equal(values['pod_container_status_waiting'], 1);
  assert.equal(values['pod_container_status_waiting_reason_crash_loop_back_off'], 1);
  assert.equal(values['pod_container_status_running'], 1);
  assert.equal(values['pod_container_status_terminated_reason_oom_killed'], 1);
});

const withRestarts = (restartCount: number): Pod =>
  pod({
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'main', restartCount, state: { running: {} } }],
    },
  });

it('RestartCounts tells increases, and nothing of what is new', () => {
  const counts = new RestartCounts();
  const look = (restarts: number | undefined): number | undefined => {
    counts.next();
    return restarts === undefined ? undefined : counts.increase(withRestarts(restarts), 'main');
  };
  assert.deepEqual([look(5), look(5), look(8)], [undefined, 0, 3]);
  assert.deepEqual([look(undefined), look(9)], [undefined, undefined], 'it is forgotten');
});

function viewOf(p: Pod, services: readonly string[] = []): ClusterView {
  const view: PodView = {
    pod: p,
    namespace: 'shop',
    fullName: 'web-7f-x',
    name: 'web',
    owner: owner('Deployment', 'web'),
    node: 'n1',
    services,
    containers: [{ name: 'main', ...amounts(0.5, 1) }],
  };
  const one: NodeView = {
    node: { metadata: { name: 'n1' }, spec: { providerID: 'aws:///a/i-1' } } as Node,
    name: 'n1',
    ip: '10.0.0.1',
    amounts: node,
    isReady: true,
    pods: [view],
    reserved: { cpuCores: 0.5, memoryBytes: 0 },
  };
  return {
    nodes: [one],
    services: [{ namespace: 'shop', name: 'web', running: 1 }],
    namespaces: new Map([['shop', 1]]),
    more: undefined,
  };
}

interface Directive {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

describe('performanceEvents()', () => {
  const measures: Measures = {
    nodes: new Map([
      [
        '10.0.0.1',
        {
          interfaces: new Map([['eth0', { rxBytes: 10, txBytes: 5 }]]),
          fileSystems: new Map([['/dev/xvda1', { usageBytes: 25, capacityBytes: 100 }]]),
          disks: new Map(),
        },
      ],
      ['n1', { cpuCores: 1, interfaces: new Map(), fileSystems: new Map(), disks: new Map() }],
    ]),
    pods: new Map([
      ['shop/web-7f-x', { interfaces: new Map([['eth0', { rxBytes: 7, txBytes: 3 }]]) }],
    ]),
    containers: new Map([
      ['shop/web-7f-x/main', { cpuCores: 0.4, memoryWorkingSetBytes: gib, fileSystems: new Map() }],
    ]),
  };
  const documents = (isEnhanced: boolean, services?: readonly string[]): Document[] =>
    [
      ...performanceEvents(viewOf(withRestarts(1), services), measures, new RestartCounts(), {
        clusterName: 'lab',
        isEnhanced,
        atMs: 60_000,
      }),
    ].map(({ stream, document }) => {
      assert.equal(stream, 'n1');
      return JSON.parse(JSON.stringify(document)) as Document;
    });
  const ofType = (all: readonly Document[], type: string): Document =>
    all.find((one) => one['Type'] === type) ?? assert.fail(`there is no ${type}`);

  it('have the types and fields that queries of Container Insights ask for', () => {
    const all = documents(false, ['web']);
    assert.deepEqual(
      all.map((one) => one['Type']),
      [
        'Cluster',
        'ClusterNamespace',
        'ClusterService',
        'Node',
        'NodeNet',
        'NodeFS',
        'Pod',
        'PodNet',
        'Container',
      ],
    );
    for (const one of all) {
      assert.equal(one['ClusterName'], 'lab');
      assert.equal(one['Version'], '0');
      assert.equal(one['Timestamp'], '60000');
    }
    const found = ofType(all, 'Pod');
    assert.deepEqual(
      ['PodName', 'Namespace', 'Service', 'NodeName', 'InstanceId', 'pod_status'].map(
        (key) => found[key],
      ),
      ['web', 'shop', 'web', 'n1', 'i-1', 'Running'],
    );
    assert.equal(found['pod_cpu_utilization'], 10);
    assert.equal(found['pod_network_rx_bytes'], 7);
    assert.equal(found['pod_number_of_container_restarts'], undefined, 'the first look tells none');
    assert.deepEqual((found['kubernetes'] as Document)['pod_owners'], [
      { owner_kind: 'Deployment', owner_name: 'web' },
    ]);
    assert.equal(ofType(all, 'Node')['node_cpu_utilization'], 25);
    assert.equal(ofType(all, 'Node')['node_network_total_bytes'], 15);
    assert.equal(ofType(all, 'NodeFS')['node_filesystem_utilization'], 25);
    assert.equal(ofType(all, 'Cluster')['cluster_failed_node_count'], 0);
    assert.equal(ofType(all, 'ClusterService')['service_number_of_running_pods'], 1);
  });

  it('name in directives only what they have', () => {
    for (const document of [...documents(true), ...documents(true, ['web'])]) {
      for (const { Dimensions, Metrics } of (document['CloudWatchMetrics'] ?? []) as Directive[]) {
        for (const name of Dimensions.flat()) assert.equal(typeof document[name], 'string', name);
        for (const { Name } of Metrics) assert.equal(typeof document[Name], 'number', Name);
      }
    }
  });

  it('have metrics by single pods only where that is wanted', () => {
    const dimensions = (isEnhanced: boolean): string =>
      JSON.stringify(documents(isEnhanced).map((one) => one['CloudWatchMetrics']));
    assert.doesNotMatch(dimensions(false), /FullPodName|ContainerName/);
    assert.match(dimensions(true), /FullPodName/);
  });

  it('are those of the cluster alone where nothing is measured', () => {
    const none: Measures = { nodes: new Map(), pods: new Map(), containers: new Map() };
    const setting = { clusterName: 'lab', isEnhanced: true, atMs: 0 };
    const all = [...performanceEvents(viewOf(pod()), none, new RestartCounts(), setting)];
    assert.deepEqual(
      all.map(({ document }) => document['Type']),
      ['Cluster', 'ClusterNamespace', 'ClusterService'],
    );
  });

  it('are those of a cluster without nodes and pods too', () => {
    const empty = {
      ...{ nodes: [], services: [], namespaces: new Map<string, number>() },
      more: undefined,
    };
    const setting = { clusterName: 'lab', isEnhanced: true, atMs: 0 };
    const all = [...performanceEvents(empty, measures, new RestartCounts(), setting)];
    assert.deepEqual(
      all.map(({ stream, document }) => [stream, document['Type']]),
      [['lab', 'Cluster']],
    );
  });
});

it('readMeasures() prefers cAdvisor, fills from the resource metrics, leaves out what has ended', async () => {
  const store = openMemoryMetricStore();
  const batch = new SampleBatch();
  const put = (
    labels: Readonly<Record<string, string>>,
    ...points: readonly (readonly [number, number])[]
  ): void => {
    const ref = store.seriesRef(labelsOfRecord({ job: 'kubelet', node: 'n1', ...labels }));
    for (const [seconds, value] of points) batch.add(ref, seconds * 1000, value);
  };
  const a = { namespace: 'shop', pod: 'p', container: 'a' };
  const cpu = 'container_cpu_usage_seconds_total';
  put({ ...a, __name__: cpu, metrics_path: '/metrics/cadvisor' }, [960, 10], [1000, 20]);
  put({ ...a, __name__: cpu, metrics_path: '/metrics/resource' }, [960, 10], [1000, 90]);
  put(
    { ...a, container: 'b', __name__: cpu, metrics_path: '/metrics/resource' },
    [960, 1],
    [1000, 5],
  );
  put(
    { ...a, container: 'gone', __name__: cpu, metrics_path: '/metrics/resource' },
    [850, 1],
    [880, 5],
  );
  put(
    { ...a, container: 'POD', __name__: cpu, metrics_path: '/metrics/cadvisor' },
    [960, 1],
    [1000, 5],
  );
  put(
    { ...a, container: '', id: '/kubepods/p', __name__: cpu, metrics_path: '/metrics/cadvisor' },
    [960, 0],
    [1000, 16],
  );
  put(
    { id: '/system.slice', __name__: cpu, metrics_path: '/metrics/cadvisor' },
    [960, 0],
    [1000, 99],
  );
  put({ id: '/', __name__: cpu, metrics_path: '/metrics/cadvisor' }, [960, 0], [1000, 60]);
  put(
    { __name__: 'node_network_receive_bytes_total', device: 'eth0', instance: 'n1:9100', node: '' },
    [960, 0],
    [1000, 400],
  );
  put(
    {
      __name__: 'node_network_receive_bytes_total',
      device: 'veth12',
      instance: 'n1:9100',
      node: '',
    },
    [960, 0],
    [1000, 400],
  );
  await store.append(batch);
  const measures = await readMeasures(
    new SeriesReader(store, { atMs: 1_000_000, intervalMs: 60_000 }, new AbortController().signal),
  );
  assert.deepEqual(
    [...measures.containers].map(([key, { cpuCores }]) => [key, cpuCores]),
    [
      ['shop/p/a', 0.25],
      ['shop/p/b', 0.1],
    ],
  );
  assert.equal(measures.pods.get('shop/p')?.cpuCores, 0.4);
  const n1 = measures.nodes.get('n1');
  assert.equal(n1?.cpuCores, 1.5);
  assert.deepEqual([...(n1?.interfaces ?? [])], [['eth0', { rxBytes: 10 }]]);
});

describe('ClusterWatch.isReady()', () => {
  const f = (state: InformerState, want: boolean): void =>
    void it(`${state}: ${want}`, () => {
      const share = { status: () => ({ state }), [Symbol.dispose]: () => {} };
      const cluster = { use: () => share } as unknown as Cluster;
      using watch = new ClusterWatch(cluster, true);
      assert.equal(watch.isReady(), want);
    });
  f('syncing', false);
  f('synced', true);
  // The API server may be away for long; kubelets go on telling.
  f('stale', true);
  f('forbidden', false);
  f('absent', false);
});

it('objectsView() counts replicas, claims and ingresses', () => {
  const web = {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { replicas: 3 },
    status: { readyReplicas: 2, availableReplicas: 1, unavailableReplicas: 2 },
  };
  const owned = {
    ...{ name: 'web-7f', namespace: 'shop' },
    ownerReferences: [
      { kind: 'Deployment', name: 'web', uid: 'd', apiVersion: '', controller: true },
    ],
  };
  const claim = (phase: string) => ({
    metadata: { name: phase, namespace: 'shop' },
    status: { phase },
  });
  const view = objectsView({
    deployments: [web] as never,
    statefulsets: [],
    replicasets: [{ metadata: owned }] as never,
    daemonsets: [
      {
        metadata: { name: 'agent', namespace: 'shop' },
        status: { numberAvailable: 4, numberUnavailable: 1 },
      },
    ] as never,
    persistentvolumeclaims: [claim('Bound'), claim('Pending'), claim('Bound')] as never,
    persistentvolumes: [{}, {}] as never,
    ingresses: [{ metadata: { namespace: 'shop' } }] as never,
  });
  assert.deepEqual(
    view.workloads.map(({ type, name, values }) => [type, name, values]),
    [
      [
        'ClusterDeployment',
        'web',
        {
          replicas_desired: 3,
          replicas_ready: 2,
          status_replicas_available: 1,
          status_replicas_unavailable: 2,
        },
      ],
      [
        'ClusterDaemonSet',
        'agent',
        { daemonset_status_number_available: 4, daemonset_status_number_unavailable: 1 },
      ],
    ],
  );
  assert.equal(view.volumes, 2);
  assert.deepEqual(namespaceValues(view, 'shop'), {
    namespace_ingress_count: 1,
    persistent_volume_claim_count: 3,
    persistent_volume_claim_status_bound: 2,
    persistent_volume_claim_status_lost: 0,
    persistent_volume_claim_status_pending: 1,
  });
  assert.equal(namespaceValues(view, 'empty')['persistent_volume_claim_count'], 0);
  assert.deepEqual(namespaceValues(undefined, 'shop'), {});
});
