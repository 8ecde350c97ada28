import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import { AccountFiles, KubeApi } from './api.ts';
import { type ContainerKey, PodSource } from './pods.ts';

const key = (digit: string): ContainerKey => ({
  pod: `web-${digit}`,
  namespace: 'default',
  container: 'web',
  id: digit.repeat(64),
});

const podOf = ({ pod, namespace, container, id }: ContainerKey): unknown => ({
  metadata: { name: pod, namespace, uid: `u-${pod}` },
  status: { containerStatuses: [{ name: container, containerID: `containerd://${id}` }] },
});

type Answer = { readonly status: number; readonly pods: readonly ContainerKey[] } | 'never';

async function serve(options: { readonly kubelet: boolean }) {
  const paths: string[] = [];
  const state: { answer: Answer } = { answer: { status: 200, pods: [] } };
  const server = http.createServer((request, response) => {
    paths.push(request.url!);
    const { answer } = state;
    if (answer === 'never') return;
    const name = request.url!.split('/').at(-1);
    const pods = answer.pods.map(podOf);
    const found = answer.pods.findIndex(({ pod }) => pod === name);
    const body = name === 'pods' ? { items: pods } : pods[found];
    response.writeHead(body === undefined ? 404 : answer.status).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = new KubeApi({
    identity: new AccountFiles({ caFile: '' }),
    verify: true,
    verifyHostname: true,
    // What is answered at all is answered within this, also on a busy machine.
    timeoutMs: 2000,
  });
  const clock = new ManualClock(1_000_000);
  const source = new PodSource(
    api,
    {
      apiUrl: url,
      ...(options.kubelet ? { kubeletUrl: url } : {}),
      ttlMs: 0,
      namespaceTtlMs: 60_000,
    },
    clock,
    silentLogger,
  );
  return {
    paths,
    state,
    clock,
    source,
    uidOf: async (digit: string): Promise<string | undefined> => {
      await source.lookUp(key(digit)).ask;
      return source.lookUp(key(digit)).metadata?.pod.uid;
    },
    [Symbol.asyncDispose]: async () => {
      api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('pods of the kubernetes filter', () => {
  for (const kubelet of [false, true]) {
    it(`waits once for ${kubelet ? 'a kubelet' : 'an API server'} that does not answer`, async () => {
      await using api = await serve({ kubelet });
      api.state.answer = 'never';
      const first = api.source.lookUp(key('a'));
      assert.ok(first.ask !== undefined);
      await first.ask;
      for (const digit of ['a', 'b', 'c', 'd'])
        assert.deepEqual(api.source.lookUp(key(digit)), { metadata: undefined, ask: undefined });
      assert.equal(api.paths.length, 1);

      // Nobody waits for the one that tries again.
      api.state.answer = { status: 200, pods: [key('a'), key('b')] };
      await api.clock.advance(11_000);
      assert.equal(api.source.lookUp(key('b')).ask, undefined);
      assert.equal(api.source.lookUp(key('c')).ask, undefined);
      const deadline = performance.now() + 60_000;
      while (api.source.lookUp(key('b')).metadata === undefined) {
        assert.ok(performance.now() < deadline);
        await new Promise<void>((resolve) => setTimeout(resolve, 5));
      }
      assert.equal(api.paths.length, 2);
      assert.equal(await api.uidOf('a'), 'u-web-a');
    });
  }

  it('a right that is missing for one pod holds back no other', async () => {
    await using api = await serve({ kubelet: false });
    api.state.answer = { status: 403, pods: [key('a')] };
    assert.equal(await api.uidOf('a'), undefined);
    api.state.answer = { status: 200, pods: [key('a'), key('b')] };
    assert.equal(await api.uidOf('b'), 'u-web-b');
    await api.clock.advance(11_000);
    assert.equal(await api.uidOf('a'), 'u-web-a');
  });

  it('a container that starts right after a list of the kubelet is known a second later', async () => {
    await using api = await serve({ kubelet: true });
    api.state.answer = { status: 200, pods: [key('a')] };
    assert.equal(await api.uidOf('a'), 'u-web-a');
    api.state.answer = { status: 200, pods: [key('a'), key('b')] };
    await api.clock.advance(500);
    assert.equal(await api.uidOf('b'), undefined);
    await api.clock.advance(600);
    assert.equal(await api.uidOf('b'), 'u-web-b');
    assert.deepEqual(api.paths, ['/pods', '/pods']);
  });
});
