import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import type { ContainerName } from '../container/names.ts';
import { until } from '../testing/until.ts';
import {
  inClusterAccess,
  type KubeconfigAccess,
  type KubernetesText,
  NodePods,
} from './node-pods.ts';

const id = (digit: string): string => digit.repeat(64);

const nameOf = (pod: string, podUid: string, container = 'web', digit = 'c'): ContainerName => ({
  pod,
  namespace: 'default',
  container,
  id: id(digit),
  podUid,
});

interface PodSpec {
  readonly uid?: string;
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ids?: readonly string[];
  readonly owners?: readonly object[];
}

const podOf = (name: string, spec: PodSpec = {}): unknown => ({
  metadata: {
    name,
    namespace: 'default',
    uid: spec.uid ?? 'u-1',
    labels: spec.labels ?? { app: name },
    annotations: spec.annotations,
    ownerReferences: spec.owners,
  },
  spec: { nodeName: spec.node ?? 'node-a', containers: [{ name: 'web', image: 'nginx:1' }] },
  status: {
    containerStatuses: (spec.ids ?? [id('c')]).map((containerID) => ({
      name: 'web',
      containerID: `containerd://${containerID}`,
      image: 'docker.io/nginx:1',
      imageID: 'nginx@sha256:ab',
    })),
  },
});

/** An API server over a list of pods, which a test may replace. */
async function serve(
  first: readonly unknown[] | 'hangs' | 'refuses',
  more: Partial<KubeconfigAccess> = {},
) {
  const paths: string[] = [];
  const asked: (string | undefined)[] = [];
  const state = { pods: first };
  const server = http.createServer((request, response) => {
    paths.push(request.url!);
    asked.push(request.headers.authorization);
    const { pods } = state;
    if (pods === 'hangs') return;
    if (pods === 'refuses') return void response.writeHead(403).end('{}');
    const url = new URL(request.url!, 'http://x');
    const wanted = /^\/api\/v1\/namespaces\/default\/pods\/(.+)$/.exec(url.pathname)?.[1];
    const all = pods as { metadata: { name: string }; spec: { nodeName: string } }[];
    const node = url.searchParams.get('fieldSelector')?.replace('spec.nodeName=', '');
    const answer =
      wanted === undefined
        ? { items: all.filter(({ spec }) => spec.nodeName === node) }
        : all.find(({ metadata }) => metadata.name === wanted);
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const metrics = new MetricsRegistry();
  const pods = new NodePods(
    { url: `http://127.0.0.1:${port}`, tokenFile: '/nowhere', caFile: '/nowhere', ...more },
    'host-a',
    { clock: systemClock, logger: silentLogger, metrics },
  );
  const stop = new AbortController();
  const running = pods.run(stop.signal);
  return {
    paths,
    asked,
    state,
    pods,
    metrics,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      server.closeAllConnections();
      await running;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const read = ({ text }: KubernetesText): Record<string, unknown> => JSON.parse(text);

describe('metadata of the node’s pods', () => {
  it('is there before the first line of a container is read', async () => {
    await using api = await serve([podOf('web'), podOf('far', { node: 'node-b', uid: 'u-9' })]);
    const object = api.pods.objectOf(nameOf('web', 'u-1'));
    assert.deepEqual(read(object), {
      pod_name: 'web',
      namespace_name: 'default',
      pod_id: 'u-1',
      host: 'host-a',
      container_name: 'web',
      docker_id: id('c'),
    });
    await api.pods.settled();
    assert.equal(
      object.text,
      JSON.stringify({
        pod_name: 'web',
        namespace_name: 'default',
        pod_id: 'u-1',
        labels: { app: 'web' },
        host: 'node-a',
        container_name: 'web',
        docker_id: id('c'),
        container_hash: 'nginx@sha256:ab',
        container_image: 'docker.io/nginx:1',
      }),
    );
    assert.deepEqual(api.paths, [
      '/api/v1/namespaces/default/pods/web',
      '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-a&resourceVersion=0',
    ]);
    assert.equal(api.pods.settled(), undefined);
    assert.equal(api.pods.imageOf(id('c')), 'docker.io/nginx:1');
    assert.equal(api.pods.imageOf(id('d')), undefined);
  });

  it('of a restarted container is known without asking, and corrected later', async () => {
    await using api = await serve([podOf('web')]);
    api.pods.objectOf(nameOf('web', 'u-1'));
    await api.pods.settled();
    api.state.pods = [podOf('web', { ids: [id('d')], labels: { app: 'other' } })];
    const next = api.pods.objectOf(nameOf('web', 'u-1', 'web', 'd'));
    assert.equal(api.pods.settled(), undefined);
    assert.equal(read(next)['container_hash'], 'nginx@sha256:ab');
    await until(() => (read(next)['labels'] as { app: string }).app === 'other');
  });

  it('of a container without a status has the image that the pod asks for', async () => {
    await using api = await serve([podOf('web', { ids: [] })]);
    const object = api.pods.objectOf(nameOf('web', 'u-1'));
    await api.pods.settled();
    assert.equal(read(object)['container_image'], 'nginx:1');
    assert.equal(read(object)['container_hash'], undefined);
  });

  for (const [what, owner, labels, want] of [
    [
      'a rollout',
      ['ReplicaSet', 'web-7d4b9c'],
      { 'pod-template-hash': '7d4b9c' },
      ['Deployment', 'web'],
    ],
    ['a replica set alone', ['ReplicaSet', 'web-7d4b9c'], {}, ['ReplicaSet', 'web-7d4b9c']],
    ['a run of a cron job', ['Job', 'report-29876543'], {}, ['CronJob', 'report']],
    ['a database', ['StatefulSet', 'db'], {}, ['StatefulSet', 'db']],
  ] as const) {
    it(`says what made a pod of ${what}`, async () => {
      const [kind, name] = owner;
      const owners = [{ kind, name, controller: true }];
      await using api = await serve([podOf('web', { owners, labels })]);
      const object = api.pods.objectOf(nameOf('web', 'u-1'));
      await api.pods.settled();
      const [owner_kind, owner_name] = want;
      assert.deepEqual(read(object)['pod_owners'], [{ owner_kind, owner_name }]);
    });
  }

  it('of a static pod belongs to nobody', async () => {
    const owners = [{ kind: 'Node', name: 'node-a', controller: true }];
    await using api = await serve([podOf('web', { owners })]);
    const object = api.pods.objectOf(nameOf('web', 'u-1'));
    await api.pods.settled();
    assert.equal(read(object)['pod_owners'], undefined);
  });

  it('is asked for with what a kubeconfig says, as it is at the moment', async () => {
    let asks = 0;
    const identity = {
      credentials: async () => ({
        headers: { authorization: `Bearer ${++asks}` },
        ...{ ca: undefined, cert: undefined, key: undefined },
      }),
      refuse: () => {},
    };
    await using api = await serve([podOf('web')], { identity });
    const object = api.pods.objectOf(nameOf('web', 'u-1'));
    await api.pods.settled();
    assert.deepEqual(read(object)['labels'], { app: 'web' });
    assert.deepEqual(api.asked, ['Bearer 1', 'Bearer 2']);
  });

  it('of a static pod is that of its mirror', async () => {
    const annotations = { 'kubernetes.io/config.hash': 'abc' };
    await using api = await serve([podOf('etcd-node-a', { uid: 'u-7', annotations })]);
    const object = api.pods.objectOf(nameOf('etcd-node-a', 'abc'));
    await api.pods.settled();
    assert.equal(read(object)['pod_id'], 'u-7');
  });

  it('is not taken from a pod that has the name now, on another node', async () => {
    await using api = await serve([podOf('db-0', { uid: 'u-new', node: 'node-b' }), podOf('web')]);
    const old = api.pods.objectOf(nameOf('db-0', 'u-old', 'web', 'd'));
    const web = api.pods.objectOf(nameOf('web', 'u-1'));
    await api.pods.settled();
    assert.equal(read(web)['host'], 'node-a');
    assert.deepEqual([read(old)['pod_id'], read(old)['labels']], ['u-old', undefined]);
  });

  for (const trouble of ['hangs', 'refuses'] as const) {
    it(`is waited for only once where the API server ${trouble}`, async () => {
      await using api = await serve(trouble);
      const object = api.pods.objectOf(nameOf('web', 'u-1'));
      const { text } = object;
      await api.pods.settled();
      assert.equal(api.pods.settled(), undefined);
      assert.equal(object.text, text);
      if (trouble !== 'refuses') return;
      assert.match(api.metrics.render(), /nunchi_agent_kubernetes_failures_total 1\n/);
      api.pods.objectOf(nameOf('next', 'u-2', 'web', 'd'));
      assert.equal(api.pods.settled(), undefined);
      api.state.pods = [podOf('web')];
      await until(() => object.text !== text);
    });
  }

  it('keeps labels within a bound', async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`label-${i}`, 'x'.repeat(60)]),
    );
    await using api = await serve([podOf('web', { labels })]);
    const object = api.pods.objectOf(nameOf('web', 'u-1'));
    await api.pods.settled();
    assert.ok(object.text.length < 10_000);
    assert.equal((read(object)['labels'] as Record<string, string>)['label-0'], 'x'.repeat(60));
  });

  it('tells what annotations ask for, by container and stream', async () => {
    const annotations = {
      'fluentbit.io/exclude_stderr': 'true',
      'fluentbit.io/parser_stdout-web': 'nginx',
    };
    await using api = await serve([podOf('web', { annotations }), podOf('odd', { uid: 'u-2' })]);
    const web = api.pods.objectOf(nameOf('web', 'u-1'));
    const other = api.pods.objectOf(nameOf('odd', 'u-2', 'web', 'd'));
    await until(() => web.wishes?.stdout !== undefined && 'labels' in read(other));
    assert.deepEqual(web.wishes?.stderr, { exclude: true, parse: undefined });
    assert.equal(other.wishes, undefined);
    const line =
      '10.0.0.1 - kim [25/Mar/2024:02:41:59 +0900] "GET /a HTTP/1.1" 200 17 "-" "curl/8"';
    assert.deepEqual(web.wishes?.stdout?.parse?.(line), {
      json: '{"remote":"10.0.0.1","host":"-","user":"kim","method":"GET","path":"/a","code":"200","size":"17","referer":"-","agent":"curl/8"}',
      timestampMs: Date.parse('2024-03-25T02:41:59+09:00'),
    });
    assert.equal(web.wishes?.stdout?.parse?.('no such line'), undefined);
    // Labels and annotations of running pods change.
    api.state.pods = [podOf('web', { annotations: { 'fluentbit.io/parser': 'nonesuch' } })];
    api.pods.objectOf(nameOf('web', 'u-1', 'web', 'e'));
    await until(() => web.wishes === undefined);
  });
});

describe('the way to the API server', () => {
  const f = (env: Record<string, string>, url: string | undefined): void =>
    void it(`${JSON.stringify(env)} is ${url}`, () => assert.equal(inClusterAccess(env)?.url, url));
  f({}, undefined);
  f({ KUBERNETES_SERVICE_HOST: '' }, undefined);
  f({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, 'https://10.96.0.1:443');
  f(
    { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' },
    'https://10.0.0.1:6443',
  );
  f(
    { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' },
    'https://[fd00::1]:443',
  );
});
