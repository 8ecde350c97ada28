import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import type { Incident, Trouble } from '../contract.ts';
import type { Known } from '../explain/trouble.ts';
import type { MessagePicture } from '../messages/contract.ts';
import { Charts } from './charts.ts';
import type { ChartSources } from './draw.ts';
import { chartPlan } from './plan.ts';

const pod = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
const nowMs = Date.parse('2026-03-01T10:00:00Z');
const trouble = (reason: string, more: Partial<Trouble> = {}): Trouble => ({
  reason,
  severity: 'high',
  subject: pod,
  owner: pod,
  container: 'main',
  message: '',
  sinceMs: nowMs,
  ...more,
});
const of = (kind: string, name: string, namespace = 'shop') => ({
  subject: { kind, namespace, name },
});
const limited: Known = {
  events: [],
  container: { isInit: false, memoryLimit: '64Mi', probes: {} },
};

const plans: readonly (readonly [string, Trouble, Known, kind: string | undefined, RegExp])[] = [
  ['an OOM kill', trouble('OOMKilled'), limited, 'memory', /working_set.*"main"/],
  ['a crash', trouble('Error', { exitCode: 1 }), limited, undefined, /^$/],
  [
    'an eviction for memory',
    trouble('Evicted', { message: 'The node was low on resource: memory.' }),
    limited,
    'memory',
    /container!="POD"/,
  ],
  [
    'an eviction for disk',
    trouble('Evicted', { message: 'The node was low on resource: ephemeral-storage.' }),
    limited,
    undefined,
    /^$/,
  ],
  [
    'a probe that has no answer in time',
    trouble('NotReady'),
    { events: ['Unhealthy Readiness probe failed: Get "http://x/": context deadline exceeded'] },
    'cpu',
    /rate\(container_cpu/,
  ],
  [
    'a node short of memory',
    trouble('MemoryPressure', of('Node', 'n1', '')),
    limited,
    'memory',
    /"n1"/,
  ],
  ['a node short of disk', trouble('DiskPressure', of('Node', 'n1', '')), limited, 'disk', /avail/],
  [
    'a full volume',
    trouble('VolumeUsageHigh', of('PersistentVolumeClaim', 'data')),
    limited,
    'volume',
    /kubelet_volume_stats_used_bytes.*"data"/,
  ],
  [
    'an autoscaler at its limit',
    trouble('HPAMaxedOut', of('HorizontalPodAutoscaler', 'web')),
    limited,
    'cpu',
    /"web-\.\*"/,
  ],
];

describe('which chart explains', () => {
  for (const [what, one, known, kind, query] of plans) {
    it(what, () => {
      const plan = chartPlan(one, known);
      assert.equal(plan?.kind, kind);
      assert.match(plan?.lines[0]?.query ?? '', query);
    });
  }

  it('knows the limit of the pod, and asks for that of one that is gone', () => {
    assert.deepEqual(chartPlan(trouble('OOMKilled'), limited)?.limit, {
      label: 'limit',
      value: 64 * 2 ** 20,
    });
    assert.ok('query' in (chartPlan(trouble('OOMKilled'), { events: [] })?.limit ?? {}));
    const unlimited = { events: [], container: { isInit: false, probes: {} } };
    assert.equal(chartPlan(trouble('OOMKilled'), unlimited)?.limit, undefined);
  });
});

const incident = { id: '0123456789abcdef' } as Incident;

function sources(more: Partial<ChartSources> = {}): ChartSources & { readonly svgs: string[] } {
  const svgs: string[] = [];
  return {
    svgs,
    queryRange: async (_query, { startMs, endMs }) => {
      const timesMs = [startMs, (startMs + endMs) / 2, endMs];
      return [{ timesMs, values: [10 * 2 ** 20, 30 * 2 ** 20, 63 * 2 ** 20] }];
    },
    renderPng: async (svg) => {
      svgs.push(svg);
      return Buffer.from('png');
    },
    keep: async () => ({ id: 'picture' }),
    pictureOf: async () => undefined,
    theme: () => 'light',
    zone: () => 'Asia/Seoul',
    ...more,
  };
}

describe('a chart of an incident', () => {
  const late = (): { readonly got: MessagePicture[]; on(picture: MessagePicture): void } => {
    const got: MessagePicture[] = [];
    return { got, on: (picture) => void got.push(picture) };
  };

  it('has the limit, the moment, and says both in words', async () => {
    const from = sources();
    const charts = new Charts({ clock: new ManualClock(nowMs), log: silentLogger, sources: from });
    const picture = await charts.of(incident, trouble('OOMKilled'), limited, () => {});
    assert.deepEqual(picture, { id: 'picture', altText: 'Memory of main: up to 63 MiB of 64 MiB' });
    assert.match(from.svgs[0] ?? '', /limit 64 MiB/);
    assert.match(from.svgs[0] ?? '', /OOMKilled 19:00/);
    assert.equal(
      await charts.of(incident, trouble('OOMKilled'), limited, () => {}),
      undefined,
      'once',
    );
  });

  it('that is not ready soon comes after the message', async () => {
    const clock = new ManualClock(nowMs);
    const drawing = Promise.withResolvers<Buffer>();
    const charts = new Charts({
      clock,
      log: silentLogger,
      sources: sources({ renderPng: () => drawing.promise }),
    });
    const { got, on } = late();
    const soon = charts.of(incident, trouble('OOMKilled'), limited, on);
    // Whoever waits is there before the time passes.
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1500);
    assert.equal(await soon, undefined);
    assert.deepEqual(got, []);
    drawing.resolve(Buffer.from('png'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(got.length, 1);
  });

  it('that cannot be drawn is none', async () => {
    const charts = new Charts({
      clock: new ManualClock(nowMs),
      log: silentLogger,
      sources: sources({ queryRange: () => Promise.reject(new Error('no store')) }),
    });
    assert.equal(await charts.of(incident, trouble('OOMKilled'), limited, () => {}), undefined);
  });

  it('of nothing that was measured is none', async () => {
    const charts = new Charts({
      clock: new ManualClock(nowMs),
      log: silentLogger,
      sources: sources({ queryRange: async () => [] }),
    });
    assert.equal(await charts.of(incident, trouble('OOMKilled'), limited, () => {}), undefined);
  });
});
