import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { reflectorTimes } from '#kubernetes/client';
import {
  answer,
  configMap,
  FakeApi,
  type FakeObject,
  refusal,
} from '../src/kubernetes/client/testing/fake-api.ts';
import { until } from '../src/kubernetes/client/testing/until.ts';
import { Cluster, ownedBy, selectObjects } from '../src/kubernetes/cluster/cluster.ts';
import { projectionOf } from '../src/kubernetes/cluster/projections.ts';
import { matchesSelector, selectorText } from '../src/kubernetes/cluster/selector.ts';

const stacks: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0).reverse()) await stack.disposeAsync();
});

const named = (name: string): unknown => ({
  name,
  kind: name,
  singularName: '',
  namespaced: true,
  verbs: [],
});

async function open(lists: Readonly<Record<string, readonly string[]>>): Promise<{
  api: FakeApi;
  cluster: Cluster;
  metrics: MetricsRegistry;
  lists: Map<string, readonly string[]>;
}> {
  const stack = new AsyncDisposableStack();
  stacks.push(stack);
  const api = stack.use(await FakeApi.open('https'));
  const served = new Map(Object.entries(lists));
  api.intercept = ({ path }, response) => {
    const group = /^\/api\/v1$|^\/apis\/[^/]+\/[^/]+$/.test(path);
    if (path === '/apis') {
      const groups = [...served.keys()].flatMap((key) => {
        const [, name, version] = /^\/apis\/([^/]+)\/(.+)$/.exec(key) ?? [];
        return name === undefined
          ? []
          : { name, versions: [{ version }], preferredVersion: { version } };
      });
      answer(response, 200, { groups });
      return true;
    }
    if (path === '/version') answer(response, 200, { gitVersion: 'v1.31.0' });
    else if (!group) return false;
    else {
      const found = served.get(path);
      if (found === undefined) answer(response, 404, refusal(404, 'NotFound', 'no'));
      else answer(response, 200, { resources: found.map(named) });
    }
    return true;
  };
  const metrics = new MetricsRegistry();
  const quick = { baseMs: 5, maxMs: 20 };
  const times = {
    ...reflectorTimes,
    backoff: quick,
    slowBackoff: { baseMs: 60_000, maxMs: 60_000 },
  };
  const deps = { clock: systemClock, log: silentLogger, metrics };
  const cluster = stack.use(new Cluster({ access: api.access(), times }, deps));
  return { api, cluster: cluster.start(), metrics, lists: served };
}

const pod = (name: string, more: object = {}): FakeObject => ({
  metadata: { name, namespace: 'default', ...more },
});

describe('Cluster', () => {
  it('mirrors a collection once for all of its readers', async () => {
    const { api, cluster, metrics } = await open({ '/api/v1': ['pods'] });
    api.put('/api/v1/pods', pod('a', { labels: { app: 'x' }, ownerReferences: [{ uid: 'o' }] }));
    const one = cluster.use('pods');
    using two = cluster.use('pods');
    await Promise.all([one.synced, two.synced]);
    await until(() => api.openWatches === 1);
    assert.equal(api.seen.filter(({ path }) => path === '/api/v1/pods').length, 2);
    const heard: string[] = [];
    one.subscribe({ add: ({ metadata }) => heard.push(String(metadata?.name)) });
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    api.put('/api/v1/pods', pod('b', { labels: { app: 'y' } }));
    await until(() => two.store.size === 2);
    // Who has given its share back hears nothing more.
    assert.deepEqual(heard, ['a']);
    const names = (found: Iterable<Pod>): unknown[] =>
      [...found].map(({ metadata }) => metadata?.name);
    assert.deepEqual(names(selectObjects(two.store, { matchLabels: { app: 'y' } }, 'default')), [
      'b',
    ]);
    assert.deepEqual(names(ownedBy(two.store, 'o')), ['a']);
    assert.match(metrics.render(), /nunchi_kubernetes_objects\{resource="pods"\} 2/);
    await until(() => cluster.status().connected);
    assert.equal(cluster.status().version, 'v1.31.0');
    assert.deepEqual(cluster.degraded(), []);
  });

  it('knows what is absent, and finds a custom resource once its definition is there', async () => {
    const crds = '/apis/apiextensions.k8s.io/v1';
    const monitors = '/apis/monitoring.coreos.com/v1';
    const { api, cluster, lists } = await open({ [crds]: ['customresourcedefinitions'] });
    api.put(`${crds}/customresourcedefinitions`, {
      metadata: { name: 'other' },
      spec: { group: 'x', names: {}, scope: 'Namespaced', versions: [] },
    });
    using rules = cluster.useCustom<FakeObject>({
      group: 'monitoring.coreos.com',
      resource: 'prometheusrules',
    });
    await rules.settled;
    await until(() => rules.status().state === 'absent');
    // Nobody misses what an operator would bring.
    assert.deepEqual(cluster.degraded(), []);
    await until(() => api.openWatches === 1);
    lists.set(monitors, ['prometheusrules']);
    api.put(`${monitors}/prometheusrules`, configMap('mine', '1'));
    api.put(`${crds}/customresourcedefinitions`, {
      metadata: { name: 'prometheusrules' },
      spec: { group: 'monitoring.coreos.com', names: {}, scope: 'Namespaced', versions: [] },
    });
    await rules.synced;
    assert.equal(rules.store.size, 1);
  });

  it('knows owners by their objects, and without them by names', async () => {
    const { cluster } = await open({});
    const of = (kind: string, name: string, labels?: Record<string, string>): string[] =>
      cluster
        .owners({
          metadata: {
            ownerReferences: [{ kind, name, uid: 'u', apiVersion: '', controller: true }],
            ...(labels && { labels }),
          },
        })
        .map((owner) => `${owner.kind}/${owner.name}`);
    assert.deepEqual(of('ReplicaSet', 'web-5d4f', { 'pod-template-hash': '5d4f' }), [
      'ReplicaSet/web-5d4f',
      'Deployment/web',
    ]);
    assert.deepEqual(of('ReplicaSet', 'web-5d4f'), ['ReplicaSet/web-5d4f']);
    assert.deepEqual(of('Job', 'backup-29000000'), ['Job/backup-29000000', 'CronJob/backup']);
    assert.deepEqual(of('DaemonSet', 'agent'), ['DaemonSet/agent']);
    assert.equal(cluster.workload({ metadata: { name: 'lonely' } }).name, 'lonely');
  });
});

describe('projectionOf', () => {
  it('gives older versions the shape of the newest', () => {
    const slice = projectionOf('endpointslices')({
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          topology: { 'kubernetes.io/hostname': 'n1', 'topology.kubernetes.io/zone': 'z' },
        },
      ],
    } as never);
    assert.equal(slice?.endpoints[0]?.nodeName, 'n1');
    assert.equal(slice?.endpoints[0]?.zone, 'z');
    const hpa = projectionOf('horizontalpodautoscalers')({
      spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
    } as never);
    assert.equal(hpa?.spec?.metrics?.[0]?.resource?.target.averageUtilization, 80);
    const ingress = projectionOf('ingresses')({
      spec: {
        rules: [
          {
            host: 'a',
            http: { paths: [{ path: '/', backend: { serviceName: 's', servicePort: 80 } }] },
          },
        ],
      },
    } as never);
    assert.deepEqual(ingress?.spec?.rules?.[0]?.http?.paths[0]?.backend, {
      service: { name: 's', port: { number: 80 } },
    });
  });

  it('leaves out of a pod what nobody reads', () => {
    const kept = projectionOf('pods')({
      metadata: { name: 'a' },
      spec: {
        nodeName: 'n',
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [{ name: 'PASSWORD', value: 'secret' }],
            ports: [{ containerPort: 1 }],
          },
        ],
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'p', persistentVolumeClaim: { claimName: 'x' } },
        ],
      },
      status: { phase: 'Running' },
    });
    assert.deepEqual(kept?.spec?.containers, [
      { name: 'c', image: 'i', ports: [{ containerPort: 1 }] },
    ]);
    assert.deepEqual(
      kept?.spec?.volumes?.map(({ name }) => name),
      ['p'],
    );
    assert.equal(kept?.status?.phase, 'Running');
  });
});

describe('matchesSelector', () => {
  const f = (selector: Parameters<typeof matchesSelector>[0], want: boolean, text?: string): void =>
    void it(JSON.stringify(selector) ?? 'none', () => {
      assert.equal(matchesSelector(selector, { app: 'web', tier: 'front' }), want);
      if (selector !== undefined) assert.equal(selectorText(selector), text);
    });
  f(undefined, false);
  f({}, true);
  f({ matchLabels: { app: 'web' } }, true, 'app=web');
  f({ matchLabels: { app: 'db' } }, false, 'app=db');
  f(
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'web'] }] },
    true,
    'app in (db,web)',
  );
  f(
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
    false,
    'app notin (web)',
  );
  f(
    { matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['web'] }] },
    true,
    'none notin (web)',
  );
  f({ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true, 'app');
  f({ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false, '!app');
});
