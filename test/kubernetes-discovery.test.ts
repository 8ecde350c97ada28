import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { Cluster } from '#kubernetes/cluster';
import { kubernetesDiscovery } from '#kubernetes/discovery';
import { type KubernetesSdConfig, loadPrometheusConfig } from '#metrics/config';
import type { Discoverer, TargetGroup } from '#metrics/discovery';
import { FakeApi } from '../src/kubernetes/client/testing/fake-api.ts';
import { until } from '../src/kubernetes/client/testing/until.ts';

const pods = '/api/v1/pods';
const endpoints = '/api/v1/endpoints';
const names = ['pods', 'endpoints', 'services', 'nodes'];

function pod(name: string, more: object = {}, namespace = 'shop'): Parameters<FakeApi['put']>[1] {
  return {
    metadata: { name, namespace, labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
    status: { phase: 'Running', podIP: '10.0.0.1', ...more },
  };
}

/** An API server with its collections, and a cluster that watches it. */
async function open(): Promise<{
  api: FakeApi;
  discover: (yaml: string) => Discoverer;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const api = await FakeApi.open();
  api.intercept = (seen, response) => {
    if (seen.path !== '/api/v1') return false;
    const resources = names.map((name) => ({
      name,
      kind: name,
      namespaced: name !== 'nodes',
      verbs: ['list', 'watch'],
    }));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'APIResourceList', groupVersion: 'v1', resources }));
    return true;
  };
  // A collection exists once something has been in it.
  for (const name of names) {
    api.put(`/api/v1/${name}`, { metadata: { name: 'x', namespace: 'other' } });
    api.remove(`/api/v1/${name}`, 'x', 'other');
  }
  const deps = {
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    env: {},
    version: '0',
  };
  const cluster = new Cluster({ access: api.access() }, deps);
  const make = kubernetesDiscovery({ ...deps, cluster });
  return {
    api,
    discover: (yaml) => make(entryOf(yaml)),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

function entryOf(yaml: string): KubernetesSdConfig {
  const text = `scrape_configs: [{job_name: j, kubernetes_sd_configs: [${yaml}]}]`;
  const { config } = loadPrometheusConfig({ text, file: 'p', firstLine: 1, key: '' }, {});
  return config.scrapeConfigs[0]!.kubernetesSdConfigs[0]!;
}

/** Runs a discoverer and keeps what it tells, piece by piece. */
function listen(discoverer: Discoverer): AsyncDisposable & { readonly told: TargetGroup[][] } {
  const told: TargetGroup[][] = [];
  const stop = new AbortController();
  const done = discoverer.run((groups) => void told.push([...groups]), stop.signal);
  return {
    told,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await done;
    },
  };
}

const listsOf = (api: FakeApi, path: string): number =>
  api.seen.filter((seen) => seen.path === path && seen.query.get('watch') === null).length;

describe('kubernetes_sd_configs', () => {
  it('ten thousand pods: one change tells one group, a heartbeat none', async () => {
    await using server = await open();
    const { api } = server;
    for (let index = 0; index < 10_000; index++) api.put(pods, pod(`p-${index}`));
    await using listener = listen(server.discover('{role: pod}'));
    const { told } = listener;
    await until(() => told.length > 0);
    assert.equal(told[0]?.length, 10_000);
    api.put(pods, pod('p-7', { conditions: [{ type: 'Other', status: 'True' }] }));
    api.put(pods, pod('p-8', { podIP: '10.0.0.2' }));
    await until(() => told.length > 1);
    assert.deepEqual(
      told[1]?.map(({ source, targets }) => [source, targets[0]?.['__address__']]),
      [['pod/shop/p-8', '10.0.0.2:80']],
    );
    api.remove(pods, 'p-8', 'shop');
    await until(() => told.length > 2);
    assert.deepEqual(told[2], [{ source: 'pod/shop/p-8', targets: [], labels: {} }]);
  });

  it('entries share what they read, also those that want some namespaces only', async () => {
    await using server = await open();
    const { api } = server;
    api.put(pods, pod('a'));
    api.put(pods, pod('b', {}, 'else'));
    await using all = listen(server.discover('{role: pod}'));
    await using some = listen(server.discover('{role: pod, namespaces: {names: [else]}}'));
    await until(() => all.told.length > 0 && some.told.length > 0);
    assert.equal(all.told[0]?.length, 2);
    assert.deepEqual(
      some.told[0]?.map(({ source }) => source),
      ['pod/else/b'],
    );
    assert.equal(listsOf(api, pods), 1);
  });

  it('reads namespaces by themselves where the whole is forbidden', async () => {
    await using server = await open();
    const { api } = server;
    api.put(pods, pod('a'));
    const before = api.intercept;
    api.intercept = (seen, response) => {
      if (seen.path !== pods) return before?.(seen, response) ?? false;
      response.writeHead(403, { 'content-type': 'application/json' });
      const status = { kind: 'Status', status: 'Failure', code: 403, reason: 'Forbidden' };
      response.end(JSON.stringify({ ...status, message: 'no' }));
      return true;
    };
    await using listener = listen(server.discover('{role: pod, namespaces: {names: [shop]}}'));
    await until(() => listener.told.length > 0);
    assert.deepEqual(
      listener.told[0]?.map(({ source }) => source),
      ['pod/shop/a'],
    );
  });

  it('endpoints follow their pods', async () => {
    await using server = await open();
    const { api } = server;
    api.put(endpoints, {
      metadata: { name: 'web', namespace: 'shop' },
      subsets: [
        {
          ports: [{ name: 'http', port: 80 }],
          addresses: [{ ip: '10.0.0.1', targetRef: { kind: 'Pod', namespace: 'shop', name: 'a' } }],
        },
      ],
    });
    await using listener = listen(server.discover('{role: endpoints}'));
    const { told } = listener;
    const phase = (): string | undefined =>
      told.at(-1)?.[0]?.targets[0]?.['__meta_kubernetes_pod_phase'];
    await until(() => told.length > 0);
    assert.equal(phase(), undefined);
    api.put(pods, pod('a'));
    await until(() => phase() === 'Running');
    api.put(pods, pod('a', { phase: 'Failed' }));
    await until(() => phase() === 'Failed');
  });
});
