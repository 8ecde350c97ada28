import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { Catalogue } from '#dashboards/catalogue';
import { openDashboardStore } from '#dashboards/store';
import { Cluster } from '#kubernetes/cluster';
import { openStateStore } from '#state';
import { ClusterProvisioning, Provisioner } from './index.ts';

const group = 'grafana.integreatly.org';
const withinMs = 60_000;

async function until(isDone: () => boolean): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${isDone}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface Listed {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/**
 * As much of an API server as a reader of two collections asks for: what is there, in a list at each
 * look, for its watches end at once.
 */
function serve(
  collections: Readonly<Record<string, () => readonly Listed[] | undefined>>,
  objects: Readonly<Record<string, () => unknown>>,
): Server {
  let version = 1;
  return createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const resource = (name: string, kind: string): object => ({
      name,
      kind,
      namespaced: true,
      singularName: '',
      verbs: ['get', 'list', 'watch'],
    });
    const items = collections[url.pathname];
    const object = objects[url.pathname];
    if (object !== undefined) answer(200, object());
    else if (url.pathname === '/apis') {
      const one = { groupVersion: `${group}/v1beta1`, version: 'v1beta1' };
      answer(200, { groups: [{ name: group, versions: [one], preferredVersion: one }] });
    } else if (url.pathname === '/api') answer(200, { versions: ['v1'] });
    else if (url.pathname === '/api/v1') {
      answer(200, { resources: [resource('configmaps', 'ConfigMap')] });
    } else if (url.pathname === `/apis/${group}/v1beta1`) {
      answer(200, { resources: [resource('grafanadashboards', 'GrafanaDashboard')] });
    } else if (items === undefined) answer(404, { kind: 'Status', code: 404, message: 'none' });
    else if (url.searchParams.has('watch')) {
      // Too old by now: the reader lists again.
      response.writeHead(200, { 'content-type': 'application/json' });
      const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
      setTimeout(() => response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`), 50);
    } else {
      const found = items();
      if (found === undefined) answer(403, { kind: 'Status', code: 403, reason: 'Forbidden' });
      else answer(200, { metadata: { resourceVersion: String(++version) }, items: found });
    }
  });
}

it('ClusterProvisioning follows GrafanaDashboards and what they refer to; what is forbidden takes nothing away', async () => {
  await using stack = new AsyncDisposableStack();
  const object = (name: string, generation: number, spec: object): Listed => ({
    metadata: { namespace: 'n', name, uid: name, generation, resourceVersion: `${generation}` },
    spec,
  });
  const board = (title: string): string => JSON.stringify({ uid: 'json', title });
  let dashboards: readonly Listed[] | undefined = [
    object('plain', 1, { json: board('One'), folder: 'F' }),
    object('referring', 1, { uid: 'ref', configMapRef: { name: 'map', key: 'k' } }),
    object('broken', 1, { url: 'http://elsewhere' }),
  ];
  let text = '{"title":"Referred"}';
  const server = serve(
    {
      [`/apis/${group}/v1beta1/grafanadashboards`]: () => dashboards,
      '/api/v1/configmaps': () => undefined,
    },
    { '/api/v1/namespaces/n/configmaps/map': () => ({ metadata: {}, data: { k: text } }) },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-cluster-provisioning-'));
  stack.defer(() => rmSync(dataDir, { recursive: true }));
  const clock = systemClock;
  const state = stack.use(await openStateStore({ dataDir }));
  const limits = { maxCount: 100, maxSizeBytes: 100_000, maxVersions: 5 };
  const store = await openDashboardStore(limits, { state, clock });
  const metrics = new MetricsRegistry();
  const log = silentLogger;
  const access = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    source: 'test',
    clusterName: undefined,
    context: undefined,
    namespace: 'default',
    tls: {
      authority: undefined,
      certificate: undefined,
      privateKey: undefined,
      serverName: undefined,
      insecureSkipVerify: false,
    },
    credentials: { kind: 'none' },
    proxyUrl: undefined,
    impersonate: undefined,
  } as const;
  const cluster = stack.use(new Cluster({ access }, { clock, log, metrics }));
  const provisioner = new Provisioner({ store, log, metrics });
  const catalogue = new Catalogue(() => ({ url: 'http://127.0.0.1:9', timeoutMs: 1000 }), {
    clock,
  });
  stack.use(
    new ClusterProvisioning(
      {
        label: 'grafana_dashboard',
        labelValue: undefined,
        folderAnnotation: 'grafana_folder',
        resources: ['grafanadashboards', 'configmaps'],
        namespaces: [],
        maxSizeBytes: 100_000,
      },
      { cluster, catalogue, provisioner, clock, log },
    ).start(),
  );
  const title = (uid: string): string | undefined => store.dashboards.entry(uid)?.title;
  const problems = (source: string): readonly string[] =>
    (provisioner.statuses().find((one) => one.source === source)?.problems ?? []).map(
      ({ place, message }) => `${place}: ${message}`,
    );
  await until(() => title('json') === 'One' && title('ref') === 'Referred');
  const { folderUid } = store.dashboards.entry('json')!;
  assert.equal(store.folders.get(folderUid)?.title, 'F');
  await until(() => problems('kubernetes/grafanadashboards').length === 1);
  assert.match(
    problems('kubernetes/grafanadashboards')[0]!,
    /^grafanadashboards\/n\/broken: spec\.url is/,
  );
  await until(() => problems('kubernetes/configmaps').length === 1);
  assert.match(problems('kubernetes/configmaps')[0]!, /ConfigMaps cannot be listed/);
  dashboards = [object('plain', 2, { json: board('Two'), folder: 'F' }), ...dashboards.slice(1)];
  await until(() => title('json') === 'Two');
  text = '{"title":"Changed"}';
  await until(() => title('ref') === 'Changed');
  dashboards = dashboards.slice(1);
  await until(() => title('json') === undefined);
  assert.equal(title('ref'), 'Changed');
});
