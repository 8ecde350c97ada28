import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { KubeletProxy } from './kubelet-proxy.ts';

const prefix = 'https://api:443/base';
const minuteMs = 60_000;

function open(allowed: () => boolean | Error) {
  const clock = new ManualClock(0);
  const stop = new AbortController();
  const told: string[] = [];
  const asked: string[] = [];
  let nodes = new Set<string>();
  let changes = 0;
  const client = {
    json: async () => {
      const verdict = allowed();
      if (verdict instanceof Error) throw verdict;
      return { status: { allowed: verdict } };
    },
    bytes: async ({ path }: { readonly path: string }) => {
      asked.push(path);
      return Buffer.from('up 1\n');
    },
  };
  const proxy = new KubeletProxy({
    cluster: { client } as unknown as Cluster,
    clock,
    log: { ...silentLogger, warn: (message: string) => void told.push(message) },
    prefix,
    agentNodes: () => nodes,
    onChange: () => {
      changes++;
    },
  });
  const running = proxy.run(stop.signal);
  return {
    proxy,
    told,
    asked,
    clock,
    changes: () => changes,
    setNodes: (...names: readonly string[]) => {
      nodes = new Set(names);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

describe('KubeletProxy', () => {
  it('waits for agents, then follows which nodes they have', async () => {
    await using rig = open(() => true);
    await rig.clock.advance(10_000);
    assert.equal(rig.proxy.left, undefined);
    rig.setNodes('n1');
    await rig.clock.advance(15_000);
    assert.deepEqual([...(rig.proxy.left ?? [])], ['n1']);
    await rig.clock.advance(minuteMs);
    assert.equal(rig.changes(), 1);
    rig.setNodes('n2');
    await rig.clock.advance(10_000);
    assert.deepEqual([...(rig.proxy.left ?? [])], ['n2']);
    assert.equal(rig.changes(), 2);
  });

  it('says once that it may not, and begins when it may', async () => {
    let isAllowed = false;
    await using rig = open(() => isAllowed);
    await rig.clock.advance(minuteMs);
    await rig.clock.advance(6 * minuteMs);
    assert.deepEqual(rig.told, ['Kubelets of nodes without an agent are not scraped']);
    assert.equal(rig.proxy.left, undefined);
    isAllowed = true;
    await rig.clock.advance(6 * minuteMs);
    assert.notEqual(rig.proxy.left, undefined);
  });

  it('asks again soon where nobody answers, without a word', async () => {
    let isAway = true;
    await using rig = open(() => (isAway ? new Error('away') : true));
    await rig.clock.advance(30_000);
    isAway = false;
    await rig.clock.advance(15_000);
    assert.notEqual(rig.proxy.left, undefined);
    assert.deepEqual(rig.told, []);
  });

  it('brings the bodies of kubelets, and no others', async () => {
    await using rig = open(() => true);
    const { targets } = rig.proxy;
    const signal = new AbortController().signal;
    const body = targets.get(`${prefix}/api/v1/nodes/n1/proxy/metrics`);
    assert.equal(String(await body?.(signal)), 'up 1\n');
    assert.deepEqual(rig.asked, ['/api/v1/nodes/n1/proxy/metrics']);
    assert.equal(targets.get(`${prefix}/metrics`), undefined);
    assert.equal(targets.get('http://other/api/v1/nodes/n1/proxy/metrics'), undefined);
  });
});
