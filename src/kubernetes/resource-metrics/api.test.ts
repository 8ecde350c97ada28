import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLabelSelector, SelectorError } from '#kubernetes/cluster';
import type { PodUsage } from '#kubernetes/usage';
import { type ApiDeps, answer, wantedOf } from './api.ts';
import { cpuText, memoryText, windowText } from './quantity-text.ts';
import { parseFieldSelector } from './selectors.ts';
import type { ApiAnswer } from './status.ts';

const nowMs = Date.UTC(2026, 0, 15, 12, 0, 30);
const timeMs = nowMs - 15_000;

const podOf = (name: string, namespace: string, cpuCores: number): PodUsage => ({
  name,
  namespace,
  timeMs,
  windowMs: 15_002,
  containers: [
    { name: 'b', usage: { cpuCores, memoryBytes: 2048 } },
    { name: 'a', usage: { cpuCores: 0.25, memoryBytes: 1000 } },
  ],
});
const pods = [podOf('web', 'shop', 1), podOf('api', 'shop', 0), podOf('dns', 'core', 0.001_5)];
const labels: Record<string, Record<string, string>> = {
  web: { app: 'web', tier: 'front' },
  api: { app: 'api' },
  dns: { app: 'dns' },
};

const deps: ApiDeps = {
  nowMs: () => nowMs,
  version: '1.2.3',
  readUsage: async () => ({
    nodes: new Map(
      ['n2', 'n1', 'gone'].map((name) => [
        name,
        { name, timeMs, windowMs: 15_000, usage: { cpuCores: 0.123456789, memoryBytes: 2 ** 21 } },
      ]),
    ),
    pods: new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod])),
  }),
  objects: {
    node: (name) => (name === 'gone' ? undefined : { metadata: { name, labels: { role: name } } }),
    pod: (namespace, name) => ({
      metadata: { name, namespace, labels: labels[name] ?? {} },
    }),
  },
};

const ask = (path: string, accept = 'application/json', method = 'GET'): Promise<ApiAnswer> =>
  answer(
    {
      method,
      url: new URL(path, 'https://x'),
      accept,
      signal: AbortSignal.timeout(5000),
    },
    deps,
  );
const root = '/apis/metrics.k8s.io/v1beta1';
// biome-ignore lint/suspicious/noExplicitAny: JSON
const bodyOf = async (path: string): Promise<any> => (await ask(path)).body;
const namesOf = async (path: string): Promise<string[]> =>
  (await bodyOf(path)).items.map((item: { metadata: { name: string } }) => item.metadata.name);

describe('metrics.k8s.io', () => {
  it('tells of a node', async () => {
    assert.deepEqual(await bodyOf(`${root}/nodes/n1`), {
      kind: 'NodeMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: { name: 'n1', creationTimestamp: '2026-01-15T12:00:30Z', labels: { role: 'n1' } },
      timestamp: '2026-01-15T12:00:15Z',
      window: '15s',
      usage: { cpu: '123456789n', memory: '2Mi' },
    });
  });

  it('tells of a pod, its containers in order', async () => {
    const pod = await bodyOf(`${root}/namespaces/shop/pods/web`);
    assert.equal(pod.kind, 'PodMetrics');
    assert.equal(pod.window, '15.002s');
    assert.deepEqual(pod.containers, [
      { name: 'a', usage: { cpu: '250m', memory: '1000' } },
      { name: 'b', usage: { cpu: '1', memory: '2Ki' } },
    ]);
  });

  it('lists what the API server has, in order', async () => {
    assert.deepEqual(await namesOf(`${root}/nodes`), ['n1', 'n2']);
    assert.deepEqual(await namesOf(`${root}/pods`), ['dns', 'api', 'web']);
    assert.deepEqual(await namesOf(`${root}/namespaces/shop/pods`), ['api', 'web']);
    assert.deepEqual(await namesOf(`${root}/namespaces/empty/pods`), []);
  });

  for (const [query, names] of [
    ['labelSelector=app%3Dweb', ['web']],
    ['labelSelector=app+in+(web,dns)', ['dns', 'web']],
    ['labelSelector=app+notin+(web),app', ['dns', 'api']],
    ['labelSelector=!tier', ['dns', 'api']],
    ['labelSelector=app!%3Dweb', ['dns', 'api']],
    ['fieldSelector=metadata.namespace%3Dshop', ['api', 'web']],
    ['fieldSelector=metadata.name%3D%3Dweb', ['web']],
  ] as const) {
    it(`selects by ${query}`, async () =>
      assert.deepEqual(await namesOf(`${root}/pods?${query}`), names));
  }

  it('makes a table of sums', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    // biome-ignore lint/suspicious/noExplicitAny: JSON
    const table = (await ask(`${root}/namespaces/shop/pods`, accept)).body as any;
    assert.equal(table.kind, 'Table');
    assert.deepEqual(
      table.rows.map((row: { cells: string[] }) => row.cells),
      [
        ['api', '250m', '3048', '15.002s'],
        ['web', '1250m', '3048', '15.002s'],
      ],
    );
  });

  for (const [path, status, message] of [
    [`${root}/nodes/other`, 404, 'nodemetrics.metrics.k8s.io "other" not found'],
    [`${root}/namespaces/a/pods/b`, 404, 'podmetrics.metrics.k8s.io "a/b" not found'],
    [`${root}/services`, 404, 'the server could not find the requested resource'],
    [`${root}/pods?watch=true`, 405, 'the server does not allow watch here'],
    [
      `${root}/pods?fieldSelector=spec.nodeName%3Dn`,
      400,
      'field label not supported: spec.nodeName',
    ],
    [`${root}/pods?labelSelector=a%3D(`, 400, 'unable to parse requirement: "a=("'],
  ] as const) {
    it(`says ${status} to ${path}`, async () => {
      const { status: got, body } = await ask(path);
      assert.equal(got, status);
      assert.equal((body as { message: string }).message, message);
      assert.equal((body as { kind: string }).kind, 'Status');
    });
  }

  it('answers discovery', async () => {
    const { resources } = await bodyOf(root);
    assert.deepEqual(
      resources.map((each: { name: string; namespaced: boolean }) => [each.name, each.namespaced]),
      [
        ['nodes', false],
        ['pods', true],
      ],
    );
    assert.equal((await bodyOf('/apis/metrics.k8s.io')).preferredVersion.version, 'v1beta1');
    assert.equal((await ask(root, '*/*', 'POST')).status, 405);
  });
});

describe('wantedOf', () => {
  for (const [path, wanted] of [
    [`${root}/nodes`, { kind: 'nodes', name: undefined }],
    [`${root}/namespaces/a/pods/b`, { kind: 'pods', namespace: 'a', name: 'b' }],
    [`${root}/namespaces/a/pods/b/c`, undefined],
    [`${root}/namespaces//pods`, undefined],
    [`${root}/namespaces/a/services`, undefined],
    ['/metrics', undefined],
  ] as const) {
    it(path, () => assert.deepEqual(wantedOf(path), wanted));
  }
});

it('writes quantities as the API does', () => {
  assert.deepEqual([0, 1, 0.25, 0.0015, 1e-9, 12].map(cpuText), [
    '0',
    '1',
    '250m',
    '1500u',
    '1n',
    '12',
  ]);
  assert.deepEqual([0, 1, 1024, 1536, 2 ** 30, 3 * 2 ** 20].map(memoryText), [
    '0',
    '1',
    '1Ki',
    '1536',
    '1Gi',
    '3Mi',
  ]);
  assert.deepEqual([15_000, 15_002, 60_500].map(windowText), ['15s', '15.002s', '1m0.5s']);
});

it('refuses selectors that are none', () => {
  for (const bad of ['a b', '=x', 'a in b', 'a=b=c', 'a,,b', `x${'y'.repeat(20_000)}`]) {
    assert.throws(() => parseLabelSelector(bad), SelectorError, bad);
  }
  assert.throws(() => parseFieldSelector('status.phase=Running'), SelectorError);
  assert.ok(parseLabelSelector('')({}));
});
