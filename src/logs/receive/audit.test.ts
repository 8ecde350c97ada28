import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ManualClock } from '#base';
import { auditEdge } from './audit.ts';
import { serveEdge, testDeps } from './testing.ts';

const nowMs = Date.parse('2024-03-26T03:42:00Z');
const event = (id: string, more = ''): string =>
  `{"level":"Metadata","auditID":"${id}","stage":"ResponseComplete","requestURI":"/api/v1/pods","stageTimestamp":"2024-03-26T03:41:53.106001Z"${more}}`;
const listOf = (apiVersion: string, ...items: string[]): string =>
  `{"kind":"EventList","apiVersion":"${apiVersion}","metadata":{},"items":[${items.join(',')}]}\n`;
const v1 = 'audit.k8s.io/v1';

describe('auditEdge()', () => {
  const open = async (isOn = true) => {
    const deps = testDeps(new ManualClock(nowMs));
    const edge = auditEdge({
      ...deps,
      controlPlane: { isOn: async (_cluster, type) => isOn && type === 'audit' },
      clusterName: () => 'myeks',
    });
    const server = await serveEdge(edge);
    const post = async (
      body: string | Uint8Array<ArrayBuffer>,
      { path = '', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
    ): Promise<{ status: number; text: string; retryAfter: string | null }> => {
      const response = await fetch(`${server.url}/nunchi/kubernetes/audit${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      const retryAfter = response.headers.get('retry-after');
      return { status: response.status, text: await response.text(), retryAfter };
    };
    const { store, metrics } = deps;
    return { post, store, metrics, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  };

  it('stores events as the log backend would write them, numbers untouched', async () => {
    await using edge = await open();
    const big = ',"requestObject":{"n":12345678901234567890}';
    const { status } = await edge.post(listOf(v1, event('a', big), event('b')));
    assert.equal(status, 200);
    assert.equal(edge.store.events.length, 2);
    const [first] = edge.store.events;
    assert.equal(first?.group, '/aws/eks/myeks/cluster');
    assert.match(String(first?.stream), /^kube-apiserver-audit-[0-9a-f]{32}$/);
    assert.equal(first?.timeMs, Date.parse('2024-03-26T03:41:53.106Z'));
    const head = '{"kind":"Event","apiVersion":"audit.k8s.io/v1",';
    assert.equal(first?.message, head + event('a', big).slice(1));
  });

  it('takes v1beta1, gzip and the name of another cluster', async () => {
    await using edge = await open();
    const body = gzipSync(listOf('audit.k8s.io/v1beta1', event('a')));
    const options = { path: '/other', headers: { 'content-encoding': 'gzip' } };
    assert.equal((await edge.post(body, options)).status, 200);
    assert.equal(edge.store.events[0]?.group, '/aws/eks/other/cluster');
    assert.match(String(edge.store.events[0]?.message), /"apiVersion":"audit.k8s.io\/v1beta1"/);
  });

  it('asks to come again while the store is full, and stores once what is sent again', async () => {
    await using edge = await open();
    edge.store.fullFor = 1;
    const body = listOf(v1, event('a'));
    const refused = await edge.post(body);
    assert.equal(refused.status, 503);
    assert.equal(refused.retryAfter, '5');
    assert.equal((await edge.post(body)).status, 200);
    assert.equal((await edge.post(listOf(v1, event('a'), event('b')))).text, '{"stored":1}');
    assert.equal(edge.store.events.length, 2);
  });

  it('stores nothing while audit is switched off, and lets the API server go on', async () => {
    await using edge = await open(false);
    assert.deepEqual((await edge.post(listOf(v1, event('a')))).text, '{"stored":0}');
    assert.equal(edge.store.events.length, 0);
    assert.match(
      edge.metrics.render(),
      /rejected_events_total\{[^}]*reason="switched_off"[^}]*\} 1/,
    );
  });

  const refusals: readonly (readonly [string, string, number])[] = [
    ['no JSON', '{"kind":"EventList","items":[', 400],
    ['another kind', '{"kind":"PodList","apiVersion":"v1","items":[]}', 400],
    ['an unknown version', listOf('audit.k8s.io/v9', event('a')), 400],
    [
      'an event that is none',
      '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"a":}]}',
      400,
    ],
  ];
  for (const [name, body, status] of refusals) {
    it(`refuses ${name}`, async () => {
      await using edge = await open();
      assert.equal((await edge.post(body)).status, status);
      assert.equal(edge.store.events.length, 0);
    });
  }
});
