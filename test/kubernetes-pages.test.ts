import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import {
  kubernetesObjectsEdge,
  type NamespaceRow,
  type NodeRow,
  type ObjectDetails,
  type Page,
  type PodRow,
  type Timeline,
  timelineEdge,
  type VolumeRow,
  type WorkloadRow,
} from '#kubernetes/api';
import { SectionBuilder } from '#logs/batch';
import { type LogStore, openLogStore } from '#logs/store';
import { labelsOfRecord } from '#metrics/model';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { type NunchiServer, startServer } from '#server';
import { openStateStore } from '#state';
import {
  answer,
  type FakeApi,
  type FakeObject,
} from '../src/kubernetes/client/testing/fake-api.ts';
import { openApi, openCluster, paths } from './kubernetes-api.ts';

const pods = 1200;
const owner = (kind: string, name: string): object => ({ kind, name, uid: name, controller: true });
const created = { creationTimestamp: '2026-03-01T10:00:00Z' };

/** Every third is of a Deployment that crashes now and then. */
const pod = (at: number): FakeObject => ({
  metadata: {
    name: `web-7f-${String(at).padStart(4, '0')}`,
    namespace: at % 2 === 0 ? 'shop' : 'bank',
    uid: `p${at}`,
    ...created,
    ...(at % 3 === 0 ? { ownerReferences: [owner('ReplicaSet', 'web-7f')] } : {}),
  },
  spec: {
    nodeName: `n${at % 4}`,
    containers: [
      { name: 'main', image: 'web:1', resources: { requests: { cpu: '10m', memory: '1Mi' } } },
    ],
    ...(at === 0 ? { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } : {}),
  },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      { name: 'main', ready: true, restartCount: at % 7, state: { running: {} } },
    ],
  },
});

describe('pages of the cluster over HTTP', () => {
  const parts = new AsyncDisposableStack();
  let api: FakeApi;
  let server: NunchiServer;
  let without: NunchiServer;
  let logs: LogStore;

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-pages-'));
    parts.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    const state = parts.use(await openStateStore({ dataDir }));
    logs = parts.use(await openLogStore({ directory: join(dataDir, 'logs'), queryThreads: 1 }));
    api = parts.use(await openApi());
    fill(api);
    const cluster = parts.use(openCluster(api));
    const store = openMemoryMetricStore();
    await measure(store);
    const open = async (
      view: Parameters<typeof kubernetesObjectsEdge>[0],
    ): Promise<NunchiServer> => {
      const objects = parts.use(kubernetesObjectsEdge(view, { clock: systemClock, store }));
      const edges = [objects, timelineEdge(view, { store: logs })];
      const deps = { state, log: silentLogger, metrics: new MetricsRegistry() };
      return parts.use(await startServer({ listen: '127.0.0.1:0' }, deps, edges));
    };
    server = await open({ cluster, clusterName: () => 'lab', reason: undefined });
    without = await open({ cluster: undefined, clusterName: () => undefined, reason: 'it is off' });
  });
  after(() => parts.disposeAsync());

  const get = async <T>(path: string, query: object = {}, of = server): Promise<T> => {
    const text = new URLSearchParams(query as Record<string, string>).toString();
    const reply = await fetch(`${of.url}/nunchi/kubernetes/${path}?${text}`);
    assert.equal(reply.status, 200, await reply.clone().text());
    return (await reply.json()) as T;
  };
  const refused = async (path: string, query: object, of = server) => {
    const text = new URLSearchParams(query as Record<string, string>).toString();
    const reply = await fetch(`${of.url}/nunchi/kubernetes/${path}?${text}`);
    return { status: reply.status, ...((await reply.json()) as { code: string; hint?: string }) };
  };

  it('gives all pods in pages, sorted, each once', async () => {
    const names = new Set<string>();
    let restarts = Number.POSITIVE_INFINITY;
    let cursor: string | undefined;
    let turns = 0;
    do {
      const query = { sort: 'restarts', limit: '500', ...(cursor === undefined ? {} : { cursor }) };
      const page = await get<Page<PodRow>>('objects/pods', query);
      assert.equal(page.total, pods);
      for (const row of page.items) {
        assert.ok(row.restarts <= restarts);
        restarts = row.restarts;
        names.add(`${row.namespace}/${row.name}`);
      }
      cursor = page.next;
      turns++;
    } while (cursor !== undefined);
    assert.deepEqual([names.size, turns], [pods, 3]);
  });

  it('filters on the server', async () => {
    const rows = async (query: object): Promise<number> =>
      (await get<Page<PodRow>>('objects/pods', { limit: '1', ...query })).total;
    assert.equal(await rows({ namespace: 'shop' }), pods / 2);
    assert.equal(await rows({ node: 'n1' }), pods / 4);
    assert.equal(
      await rows({ namespace: 'shop', workloadKind: 'Deployment', workload: 'web' }),
      pods / 6,
    );
    assert.equal(await rows({ search: 'BANK/WEB-7F-0001' }), 1);
    assert.equal(await rows({ health: 'degraded' }), 0);
    assert.equal(await rows({ health: 'healthy', namespace: 'nowhere' }), 0);
  });

  it('has workloads, nodes, namespaces and volumes with what belongs to them', async () => {
    const { items } = await get<Page<WorkloadRow>>('objects/workloads', {
      namespace: 'shop',
      kind: 'Deployment',
    });
    assert.equal(items.length, 1);
    assert.deepEqual(
      [items[0]?.name, items[0]?.pods, items[0]?.desired, items[0]?.ready, items[0]?.health],
      ['web', pods / 6, 200, 199, 'progressing'],
    );
    const nodes = await get<Page<NodeRow>>('objects/nodes');
    assert.deepEqual(
      nodes.items.map(({ name, pods: count, cpuRequestCores, capacity, cpuCores }) => [
        ...[name, count, Math.round(cpuRequestCores * 1000), capacity.cpuCores, cpuCores],
      ]),
      [0, 1, 2, 3].map((at) => [`n${at}`, pods / 4, pods * 2.5, 4, at === 0 ? 0.5 : undefined]),
    );
    assert.equal(nodes.usageAt !== undefined, true);
    const spaces = await get<Page<NamespaceRow>>('objects/namespaces');
    assert.deepEqual(
      spaces.items.map(({ name, pods: count, runningPods }) => [name, count, runningPods]),
      [
        ['bank', pods / 2, pods / 2],
        ['shop', pods / 2, pods / 2],
      ],
    );
    const volumes = await get<Page<VolumeRow>>('objects/volumes');
    assert.deepEqual(
      volumes.items.map(({ name, usedRatio, pods: users, requestBytes }) => [
        name,
        usedRatio,
        users,
        requestBytes,
      ]),
      [['data', 0.25, ['web-7f-0000'], 2 ** 30]],
    );
  });

  it('shows an object as YAML, a Secret without its contents', async () => {
    const secret = await get<ObjectDetails>('objects/yaml', {
      kind: 'Secret',
      namespace: 'shop',
      name: 'db',
    });
    assert.equal(secret.redacted, true);
    assert.doesNotMatch(secret.yaml, /aHVudGVyMg/);
    assert.match(secret.yaml, /password: <redacted, 7 bytes>/);
    const missing = await refused('objects/yaml', {
      kind: 'Secret',
      namespace: 'shop',
      name: 'no',
    });
    assert.deepEqual([missing.status, missing.code], [404, 'KUBERNETES_NOT_FOUND']);
    const unknown = await refused('objects/yaml', {
      kind: 'Cheese',
      namespace: 'shop',
      name: 'no',
    });
    assert.deepEqual([unknown.status, unknown.code], [404, 'KUBERNETES_KIND_NOT_FOUND']);
    assert.equal((await refused('objects/yaml', { kind: 'Secret', name: 'db' })).status, 400);
  });

  it('refuses what it does not know', async () => {
    assert.equal((await refused('objects/pods', { sort: 'cheese' })).status, 400);
    assert.equal((await refused('objects/pods', { limit: '100000' })).status, 400);
    assert.equal((await refused('objects/pods', { cursor: 'x' })).code, 'CURSOR_INVALID');
    assert.equal((await refused('timeline', { from: '5', to: '1' })).status, 400);
  });

  it('without a cluster says why', async () => {
    const found = await refused('objects/pods', {}, without);
    assert.deepEqual(
      [found.status, found.code, found.hint],
      [503, 'KUBERNETES_UNAVAILABLE', 'it is off'],
    );
    const timeline = await get<Timeline>('timeline', { from: '0', to: '1' }, without);
    assert.equal(timeline.items.length, 0);
    assert.equal(timeline.warnings.length, 2);
  });

  it('turns the pages of a time line to its end, newest first', async () => {
    const section = new SectionBuilder('/nunchi/lab/events', 'shop');
    for (let at = 0; at < 60; at++) {
      const name = at % 2 === 0 ? 'web-7f-0000' : 'other';
      section.add(1000 + at, eventText(name, at));
    }
    section.add(2000, 'somebody else wrote this');
    await logs.append({ sections: [section.finish()] });
    const times: number[] = [];
    let cursor: string | undefined;
    do {
      const query = {
        from: '0',
        to: '5000',
        namespace: 'shop',
        kind: 'Pod',
        name: 'web-7f-0000',
        limit: '7',
      };
      const page = await get<Timeline>('timeline', { ...query, ...(cursor && { cursor }) });
      for (const { time, object } of page.items) {
        times.push(time);
        assert.equal(object.name, 'web-7f-0000');
      }
      cursor = page.next;
    } while (cursor !== undefined);
    assert.deepEqual(
      times,
      Array.from({ length: 30 }, (_, at) => 1058 - at * 2),
    );
    const owned = await get<Timeline>('timeline', {
      ...{
        from: '0',
        to: '5000',
        kind: 'Deployment',
        name: 'web',
        limit: '1000',
        types: 'BackOff',
      },
    });
    assert.equal(owned.items.length, 30);
    assert.ok(owned.items.every(({ relation }) => relation === 'owned'));
  });
});

function eventText(name: string, at: number): string {
  const isWeb = name.startsWith('web');
  return JSON.stringify({
    ...{ type: 'Normal', reason: 'BackOff', message: `event ${at}`, count: 1, occurrences: 1 },
    involvedObject: { kind: 'Pod', namespace: 'shop', name },
    owners: isWeb ? [{ kind: 'Deployment', name: 'web' }] : [],
    workload: isWeb ? { kind: 'Deployment', name: 'web' } : { kind: 'Pod', name },
    metadata: { uid: `e${at}`, name: 'e', namespace: 'shop' },
  });
}

function fill(api: FakeApi): void {
  for (let at = 0; at < pods; at++) api.put(paths.pods, pod(at));
  for (const name of ['shop', 'bank'])
    api.put(paths.namespaces, { metadata: { name, ...created } });
  for (let at = 0; at < 4; at++) {
    api.put(paths.nodes, {
      metadata: { name: `n${at}`, ...created },
      spec: {},
      status: {
        capacity: { cpu: '4', memory: '16Gi', pods: '500' },
        allocatable: { cpu: '3800m', memory: '15Gi', pods: '500' },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    });
  }
  api.put(paths.claims, {
    metadata: { name: 'data', namespace: 'shop', ...created },
    spec: { resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Bound' },
  });
  for (const namespace of ['shop', 'bank']) {
    const metadata = { name: 'web-7f', namespace, ownerReferences: [owner('Deployment', 'web')] };
    api.put(paths.replicasets, { metadata, spec: { replicas: 200 } });
    api.put(paths.deployments, {
      metadata: { name: 'web', namespace, uid: `web-${namespace}`, ...created },
      spec: {
        replicas: 200,
        template: { spec: { containers: [{ name: 'main', image: 'web:1' }] } },
      },
      status: { readyReplicas: 199, availableReplicas: 199, updatedReplicas: 200 },
    });
  }
  const secret = {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'shop' } },
    data: { password: Buffer.from('hunter2').toString('base64') },
  };
  const { intercept } = api;
  const kinds = {
    name: 'secrets',
    singularName: 'secret',
    kind: 'Secret',
    namespaced: true,
    verbs: [],
  };
  api.intercept = (seen, response) => {
    if (seen.path === '/apis') answer(response, 200, { groups: [] });
    else if (seen.path === '/api/v1') answer(response, 200, { resources: [kinds, ...coreKinds] });
    else if (seen.path === '/api/v1/namespaces/shop/secrets/db') answer(response, 200, secret);
    else return intercept?.(seen, response) ?? false;
    return true;
  };
}

const coreKinds = [
  'pods',
  'nodes',
  'namespaces',
  'persistentvolumeclaims',
  'replicationcontrollers',
].map((name) => ({
  name,
  singularName: name.slice(0, -1),
  kind: name,
  namespaced: true,
  verbs: [],
}));

async function measure(store: ReturnType<typeof openMemoryMetricStore>): Promise<void> {
  const nowMs = Date.now();
  const batch = new SampleBatch();
  const put = (labels: Readonly<Record<string, string>>, ...values: readonly number[]): void => {
    const ref = store.seriesRef(labelsOfRecord(labels));
    for (const [at, value] of values.entries()) batch.add(ref, nowMs - 10_000 + at * 10_000, value);
  };
  const node = { metrics_path: '/metrics/resource', node: 'n0' };
  put({ ...node, __name__: 'node_cpu_usage_seconds_total' }, 100, 105);
  put({ ...node, __name__: 'node_memory_working_set_bytes' }, 2 ** 30, 2 ** 30);
  const claim = { namespace: 'shop', persistentvolumeclaim: 'data' };
  put({ ...claim, __name__: 'kubelet_volume_stats_used_bytes' }, 25);
  put({ ...claim, __name__: 'kubelet_volume_stats_capacity_bytes' }, 100);
  await store.append(batch);
}
