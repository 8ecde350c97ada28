import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import {
  findAccess,
  type InformerStatus,
  isKubernetesError,
  type KubernetesAccess,
  type ResourceName,
  type ResourceType,
  reflectorTimes,
  resources,
} from '#kubernetes/client';
import { Cluster as Mirrors, matchesSelector, onNode, selectObjects } from '#kubernetes/cluster';
import { Relay } from '../../src/kubernetes/client/testing/relay.ts';
import { eventually } from '../eventually.ts';
import { Cluster, podOf, withoutCluster } from './cluster.ts';

const namespace = 'mirrors';
const arrivalMs = 120_000;
const clusterScopedNames = new Set(['nodes', 'storageclasses']);

describe('a real cluster, mirrored', { skip: withoutCluster(), timeout: 600_000 }, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let cluster: Cluster;
  let access: KubernetesAccess;

  const mirrorsOf = (given: KubernetesAccess): Mirrors => {
    const deps = { clock: systemClock, log: silentLogger, metrics: new MetricsRegistry() };
    const times = { ...reflectorTimes, slowBackoff: { baseMs: 200, maxMs: 500 } };
    const mirrors = new Mirrors({ access: given, times }, { ...deps, env: process.env }).start();
    cleanups.push(() => mirrors[Symbol.asyncDispose]());
    return mirrors;
  };
  const until = (condition: () => boolean, tell: () => unknown = () => ''): Promise<unknown> =>
    eventually(
      async () => (condition() ? true : undefined),
      arrivalMs,
      () => `${condition}: ${JSON.stringify(tell())}`,
    );

  before(async () => {
    cluster = await Cluster.up();
    cleanups.push(() => cluster[Symbol.asyncDispose]());
    const kubeconfig = join(cluster.folder, 'admin.kubeconfig');
    access = (await findAccess({ kubeconfig, env: {} })) ?? assert.fail();
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    cleanups.push(() => cluster.kubectl('delete', 'namespace', namespace, '--wait=false'));
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it('has each resource in the version that the server has', async () => {
    const mirrors = mirrorsOf(access);
    const names = Object.keys(resources) as ResourceName[];
    const shares = names.map((name) => mirrors.use(name));
    await Promise.all(shares.map(({ settled }) => settled));
    await until(
      () =>
        mirrors.status().resources.every(({ state }) => state === 'synced' || state === 'absent'),
      () => mirrors.degraded(),
    );
    const known = new Map<string, InformerStatus>(
      mirrors.status().resources.map((status) => [status.resource, status]),
    );
    const { gitVersion } = await mirrors.client.serverVersion();
    /** By another program than ours. */
    const isServed = async (name: string, { group, version }: ResourceType): Promise<boolean> => {
      const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const list = await cluster.kubectl('get', '--raw', path).catch(() => '');
      return list.includes(`"name":"${name}"`);
    };
    for (const name of names) {
      let wanted: ResourceType | undefined;
      for (const candidate of resources[name]) {
        if (wanted === undefined && (await isServed(name, candidate))) wanted = candidate;
      }
      const { apiVersion, objects } = known.get(name) ?? assert.fail(name);
      const label = wanted?.group === '' ? wanted.version : `${wanted?.group}/${wanted?.version}`;
      assert.equal(
        apiVersion,
        wanted === undefined ? undefined : label,
        `${name} of ${gitVersion}`,
      );
      if (clusterScopedNames.has(name)) continue;
      // What changes by itself meanwhile.
      if (['events', 'leases', 'pods'].includes(name)) continue;
      // Namespaces of other tests may still be going.
      let counts = '';
      await eventually(
        async () => {
          const list = await cluster.kubectl('get', name, '-A', '-o', 'name');
          const count = list.split('\n').filter((line) => line !== '').length;
          const mirrored = mirrors.status().resources.find((one) => one.resource === name);
          counts = `${name}: ${mirrored?.objects} of ${count}, at first ${objects}`;
          return mirrored?.objects === count ? true : undefined;
        },
        arrivalMs,
        () => counts,
      );
    }
    await until(() => mirrors.status().version === gitVersion);
    // A server of any age lacks some.
    for (const { reason } of mirrors.degraded()) assert.equal(reason, 'absent');
  });

  it('follows a deployment down to its pods, and knows who owns them', async () => {
    const mirrors = mirrorsOf(access);
    using pods = mirrors.use('pods');
    using replicaSets = mirrors.use('replicasets');
    using deployments = mirrors.use('deployments');
    await Promise.all([pods.synced, replicaSets.synced, deployments.synced]);
    const { spec } = podOf({ name: 'web', namespace, shell: 'sleep 3600' }) as unknown as {
      spec: unknown;
    };
    const labels = { app: 'mirrored-web' };
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    });
    const selector = { matchLabels: labels };
    const running = (): number =>
      [...selectObjects(pods.store, selector, namespace)].filter(
        ({ status }) => status?.phase === 'Running' && status.podIP !== undefined,
      ).length;
    await until(
      () => running() === 2,
      () => [...selectObjects(pods.store, selector)],
    );
    const [pod] = selectObjects(pods.store, selector, namespace);
    assert.ok(pod);
    assert.deepEqual(
      mirrors.owners(pod).map(({ kind }) => kind),
      ['ReplicaSet', 'Deployment'],
    );
    assert.equal(mirrors.workload(pod).name, 'web');
    assert.ok(
      [...onNode(pods.store, 'node-1')].some(({ metadata }) => metadata?.uid === pod.metadata?.uid),
    );
    assert.equal(pod.metadata?.managedFields, undefined);
    assert.equal(matchesSelector(selector, pod.metadata?.labels), true);
    await cluster.kubectl('delete', 'deployment', 'web', '-n', namespace, '--wait=false');
    await until(() => [...selectObjects(pods.store, selector, namespace)].length === 0);
  });

  it('goes on after cuts of the line, without a list', async () => {
    const { hostname, port } = new URL(access.server);
    await using relay = await Relay.open(Number(port));
    const mirrors = mirrorsOf({
      ...access,
      server: `https://127.0.0.1:${relay.port}`,
      tls: { ...access.tls, serverName: hostname },
    });
    using maps = mirrors.use('configmaps');
    await maps.synced;
    for (let round = 0; round < 5; round++) {
      relay.cut();
      const name = `cut-${round}`;
      await cluster.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace },
        data: { a: 'secret' },
      });
      await until(
        () => maps.store.get(namespace, name) !== undefined,
        () => maps.status(),
      );
      // Metadata only.
      assert.equal('data' in (maps.store.get(namespace, name) ?? {}), false);
    }
    assert.equal(maps.status().lists, 1);
    await mirrors[Symbol.asyncDispose]();
  });

  it('reads what it may and says what it may not', async () => {
    const name = 'mirrors-reader';
    const role = (list: readonly string[]): unknown => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: list, verbs: ['get', 'list', 'watch'] }],
    });
    await cluster.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
      role(['pods', 'nodes']),
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      },
    );
    cleanups.push(() => cluster.kubectl('delete', 'clusterrole,clusterrolebinding', name));
    const mirrors = mirrorsOf({
      ...access,
      tls: { ...access.tls, certificate: undefined, privateKey: undefined },
      credentials: { kind: 'token', token: await tokenOf(cluster, name) },
    });
    using pods = mirrors.use('pods');
    using services = mirrors.use('services');
    using deployments = mirrors.use('deployments');
    await until(
      () => pods.status().state === 'synced',
      () => mirrors.status(),
    );
    await Promise.all([services.settled, deployments.settled]);
    assert.deepEqual(
      mirrors.degraded().map(({ resource, reason }) => `${resource} ${reason}`),
      ['deployments forbidden', 'services forbidden'],
    );
    assert.match(services.status().error?.message ?? '', /cannot list resource "services"/);
    await assert.rejects(mirrors.client.list(resources.secrets[0]), (error: unknown) => {
      assert.ok(isKubernetesError(error) && error.isForbidden);
      return true;
    });
    await cluster.apply(role(['pods', 'nodes', 'services']));
    await until(
      () => services.status().state === 'synced',
      () => services.status(),
    );
    // Taken away again: the watch that is open lives on, as RBAC is asked at its start only.
    assert.ok(services.store.get('default', 'kubernetes'));
    await mirrors[Symbol.asyncDispose]();
  });

  it('outlives the API server', async () => {
    const mirrors = mirrorsOf(access);
    using maps = mirrors.use('configmaps');
    using nodes = mirrors.use('nodes');
    await Promise.all([maps.synced, nodes.synced]);
    await cluster.kubectl('create', 'configmap', 'gone-soon', '-n', namespace);
    await until(() => maps.store.get(namespace, 'gone-soon') !== undefined);
    const start = cluster.stopApiServer();
    await until(() => maps.status().state === 'stale' && nodes.status().state === 'stale');
    // What is known is still there to be read.
    assert.ok(maps.store.size > 0);
    assert.ok(mirrors.degraded().length > 0);
    start();
    await eventually(
      () =>
        cluster.kubectl('get', '--raw', '/readyz').then(
          () => true,
          () => undefined,
        ),
      arrivalMs,
      () => 'the API server did not come back',
    );
    await cluster.kubectl('delete', 'configmap', 'gone-soon', '-n', namespace);
    await cluster.kubectl('create', 'configmap', 'new', '-n', namespace);
    await until(
      () => maps.store.get(namespace, 'new') !== undefined,
      () => maps.status(),
    );
    await until(() => maps.store.get(namespace, 'gone-soon') === undefined);
    await until(() => maps.status().state === 'synced' && nodes.status().state === 'synced');
    await mirrors[Symbol.asyncDispose]();
  });
});

async function tokenOf(cluster: Cluster, name: string): Promise<string> {
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': name } },
  });
  return eventually(
    async () => {
      type Secret = { readonly data?: { readonly token?: string } };
      const { data } = await cluster.get<Secret>('secret', name, '-n', namespace);
      const token = data?.token;
      return token === undefined ? undefined : Buffer.from(token, 'base64').toString('utf8');
    },
    arrivalMs,
    () => 'the service account got no token',
  );
}
