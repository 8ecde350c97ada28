import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '#base';
import { labelsOfRecord } from '#metrics/model';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { rateOf, usageReader } from './usage.ts';

const at = (timeMs: number, value: number) => ({ timeMs, value });

describe('rateOf', () => {
  for (const [what, previous, last, startMs, expected] of [
    ['two points', at(0, 10), at(15_000, 13), undefined, { perSecond: 0.2, windowMs: 15_000 }],
    ['one point of unknown age', undefined, at(15_000, 13), undefined, undefined],
    ['a counter that fell', at(0, 10), at(15_000, 3), undefined, undefined],
    ['a fresh container', undefined, at(20_000, 1), 0, { perSecond: 0.05, windowMs: 20_000 }],
    ['a container of 5 s', undefined, at(20_000, 1), 15_000, undefined],
    [
      'a restart in between',
      at(0, 50),
      at(30_000, 3),
      10_000,
      { perSecond: 0.15, windowMs: 20_000 },
    ],
    ['an old container', at(15_000, 1), at(30_000, 4), 1, { perSecond: 0.2, windowMs: 15_000 }],
    ['points far apart', at(0, 10), at(200_000, 13), undefined, undefined],
    ['two points at one time', at(5, 1), at(5, 1), undefined, undefined],
  ] as const) {
    it(`of ${what}`, () => assert.deepEqual(rateOf(previous, last, startMs), expected));
  }
});

const nowMs = Date.UTC(2026, 0, 15, 12);

async function storeOf(
  samples: readonly (readonly [Record<string, string>, readonly (readonly [number, number])[]])[],
) {
  const clock = new ManualClock(nowMs);
  const store = openMemoryMetricStore({ clock });
  const batch = new SampleBatch();
  for (const [labels, points] of samples) {
    const ref = store.seriesRef(labelsOfRecord({ metrics_path: '/metrics/resource', ...labels }));
    for (const [agoMs, value] of points) batch.add(ref, nowMs - agoMs, value);
  }
  await store.append(batch);
  return { read: usageReader(store, clock), clock, store };
}

const cpu = (pod: string, container: string) => ({
  __name__: 'container_cpu_usage_seconds_total',
  namespace: 'shop',
  pod,
  container,
});
const memory = (pod: string, container: string) => ({
  ...cpu(pod, container),
  __name__: 'container_memory_working_set_bytes',
});

describe('usageReader', () => {
  it('reads nodes and pods, with the window of the oldest container', async () => {
    const { read } = await storeOf([
      [
        { __name__: 'node_cpu_usage_seconds_total', node: 'n1' },
        [
          [16_000, 100],
          [1000, 130],
        ],
      ],
      [{ __name__: 'node_memory_working_set_bytes', node: 'n1' }, [[1000, 2048]]],
      [
        cpu('cart', 'web'),
        [
          [30_000, 1],
          [20_000, 2],
          [10_000, 4],
        ],
      ],
      [memory('cart', 'web'), [[10_000, 1024]]],
      [
        cpu('cart', 'proxy'),
        [
          [16_000, 5],
          [1000, 8],
        ],
      ],
      [memory('cart', 'proxy'), [[1000, 512]]],
    ]);
    const { nodes, pods } = await read(AbortSignal.timeout(5000));
    assert.deepEqual(
      [...nodes.values()],
      [
        {
          name: 'n1',
          timeMs: nowMs - 1000,
          windowMs: 15_000,
          usage: { cpuCores: 2, memoryBytes: 2048 },
        },
      ],
    );
    const cart = pods.get('shop/cart');
    assert.equal(cart?.timeMs, nowMs - 10_000);
    assert.equal(cart?.windowMs, 10_000);
    const usages = Object.fromEntries(
      cart?.containers.map(({ name, usage }) => [name, usage]) ?? [],
    );
    assert.deepEqual(usages, {
      web: { cpuCores: 0.2, memoryBytes: 1024 },
      proxy: { cpuCores: 0.2, memoryBytes: 512 },
    });
  });

  it('leaves out a pod of which a container is not measured, and what is too old', async () => {
    const both: [number, number][] = [
      [20_000, 1],
      [5000, 2],
    ];
    const { read } = await storeOf([
      [cpu('half', 'a'), both],
      [memory('half', 'a'), [[5000, 1]]],
      [cpu('half', 'b'), [[5000, 2]]],
      [memory('half', 'b'), [[5000, 1]]],
      [cpu('blind', 'a'), both],
      [
        cpu('gone', 'a'),
        [
          [180_000, 1],
          [150_000, 2],
        ],
      ],
      [memory('gone', 'a'), [[150_000, 1]]],
      [cpu('whole', 'a'), both],
      [memory('whole', 'a'), [[5000, 1]]],
    ]);
    const { pods } = await read(AbortSignal.timeout(5000));
    assert.deepEqual([...pods.keys()], ['shop/whole']);
  });

  it('reads once for all who ask within a moment', async () => {
    const { read, clock } = await storeOf([]);
    const signal = AbortSignal.timeout(5000);
    const first = await read(signal);
    assert.equal(await read(signal), first);
    await clock.advance(3000);
    assert.notEqual(await read(signal), first);
  });
});
