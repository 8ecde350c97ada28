import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { isStaleAt, labelMatcher, labelsToRecord, SampleColumns, wordsOf } from '#metrics/model';
import { type MetricStore, openMemoryMetricStore } from '#metrics/tsdb';
import { StateMetricsCollector } from './collector.ts';
import type { KubernetesObject } from './contract.ts';
import { StateMetrics } from './registry.ts';
import { selfMetrics } from './self.ts';

const never = new AbortController().signal;

/** The samples of series by name and label (or labels, `a,b`), as `time=value`; `end` for a staleness marker. */
async function samples(
  store: MetricStore,
  name: string,
  label: string,
): Promise<Record<string, string>> {
  const matchers = [labelMatcher('__name__', '=', name)];
  using selection = await store.select({ matchers, fromMs: 0, toMs: 1e15 }, never);
  const columns = new SampleColumns();
  const found: Record<string, string> = {};
  for (let at = 0; at < selection.count; at++) {
    selection.read(at, columns);
    const words = wordsOf(columns.values);
    const rows = Array.from(
      { length: columns.count },
      (_, row) =>
        `${columns.timesMs[row]! / 1000}=${isStaleAt(words, row) ? 'end' : columns.values[row]}`,
    );
    const record = labelsToRecord(selection.labels(at));
    found[
      label
        .split(',')
        .map((one) => record[one] ?? '')
        .join(',')
    ] = rows.join(' ');
  }
  return found;
}

const pod = (uid: string, phase: string): KubernetesObject =>
  ({ metadata: { name: 'p', namespace: 'n', uid }, status: { phase } }) as KubernetesObject;

const deployment = (uid: string, revision: number): KubernetesObject =>
  ({
    metadata: { name: 'd', namespace: 'n', uid },
    status: { replicas: revision },
  }) as KubernetesObject;

const statefulSet = (revision: string): KubernetesObject =>
  ({
    metadata: { name: 's', namespace: 'n', uid: 's' },
    status: { updateRevision: revision },
  }) as KubernetesObject;

const intervalMs = 15_000;

function setUp(
  store: MetricStore,
  clock = new ManualClock(0),
): { registry: StateMetrics; collector: StateMetricsCollector } {
  const registry = new StateMetrics();
  const collector = new StateMetricsCollector(
    { intervalMs, instance: 'here:7600' },
    {
      registry,
      store,
      clock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      isReady: () => true,
      self: () =>
        selfMetrics(
          [{ resource: 'pods', listed: 1, listsFailed: 0, watched: 1, watchesFailed: 0 }],
          '1.0.0',
        ),
    },
  );
  return { registry, collector };
}

describe('collector of state metrics', () => {
  it('writes values with one time, and a marker when an object is gone', async () => {
    await using store = openMemoryMetricStore();
    const { registry, collector } = setUp(store);
    registry.upsert('pods', pod('1', 'Pending'));
    await collector.collect(15_000);
    registry.upsert('pods', pod('1', 'Running'));
    await collector.collect(30_000);
    registry.remove('pods', '1');
    await collector.collect(45_000);
    await collector.collect(60_000);
    const phases = await samples(store, 'kube_pod_status_phase', 'phase');
    assert.equal(phases['Pending'], '15=1 30=0 45=end');
    assert.equal(phases['Running'], '15=0 30=1 45=end');
    assert.deepEqual(await samples(store, 'up', 'job'), {
      'kube-state-metrics': '15=1 30=1 45=1 60=1',
    });
    assert.deepEqual(await samples(store, 'kube_state_metrics_list_total', 'result'), {
      success: '15=1 30=1 45=1 60=1',
      error: '15=0 30=0 45=0 60=0',
    });
  });

  it('ends a series whose labels changed, and goes on with those that stay', async () => {
    await using store = openMemoryMetricStore();
    const { registry, collector } = setUp(store);
    registry.upsert('statefulsets', statefulSet('a'));
    await collector.collect(15_000);
    registry.upsert('statefulsets', statefulSet('b'));
    assert.equal((await collector.collect(30_000)).ended, 1);
    registry.upsert('statefulsets', statefulSet('a'));
    await collector.collect(45_000);
    assert.deepEqual(await samples(store, 'kube_statefulset_status_update_revision', 'revision'), {
      a: '15=1 30=end 45=1',
      b: '30=1 45=end',
    });
    assert.deepEqual(await samples(store, 'kube_statefulset_labels', 'statefulset'), {
      s: '15=1 30=1 45=1',
    });
  });

  it('an object that was made again between two collections has no end', async () => {
    await using store = openMemoryMetricStore();
    const { registry, collector } = setUp(store);
    registry.upsert('deployments', deployment('1', 1));
    await collector.collect(15_000);
    // The new one is heard of before the end of the old one, as watches of a relist may do.
    registry.upsert('deployments', deployment('2', 2));
    registry.remove('deployments', '1');
    await collector.collect(30_000);
    assert.deepEqual(await samples(store, 'kube_deployment_status_replicas', 'deployment'), {
      d: '15=1 30=2',
    });
  });

  it('goes on where the store refused, without losing an end', async () => {
    await using store = openMemoryMetricStore();
    const { registry, collector } = setUp(store);
    registry.upsert('pods', pod('1', 'Running'));
    await collector.collect(15_000);
    registry.remove('pods', '1');
    const { append } = store;
    store.append = () => Promise.reject(new Error('full'));
    await assert.rejects(collector.collect(30_000), /full/);
    store.append = append.bind(store);
    await collector.collect(45_000);
    assert.equal(
      (await samples(store, 'kube_pod_status_phase', 'phase'))['Running'],
      '15=1 45=end',
    );
  });

  it('tries refused series again when there is room', async () => {
    await using store = openMemoryMetricStore();
    const { registry, collector } = setUp(store);
    registry.upsert('pods', pod('1', 'Running'));
    const { seriesRef, seriesLimit } = store;
    store.seriesRef = () => 0;
    store.seriesLimit = () => 'too many';
    const first = await collector.collect(15_000);
    assert.equal(first.refused, registry.series);
    store.seriesRef = seriesRef.bind(store);
    store.seriesLimit = seriesLimit.bind(store);
    assert.equal((await collector.collect(30_000)).added, registry.series);
  });

  it('after any changes every series ends with its value or with a marker', async () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      uid: fc.integer({ min: 1, max: 3 }),
      revision: fc.constantFrom('x', 'y'),
      replicas: fc.integer({ min: 0, max: 3 }),
      kind: fc.constantFrom('upsert', 'upsert', 'remove', 'collect'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
        await using store = openMemoryMetricStore();
        const { registry, collector } = setUp(store);
        const model = new Map<string, { uid: string; revision: string; replicas: number }>();
        let timeMs = 0;
        for (const { name, uid: number, revision, replicas, kind } of changes) {
          const uid = `${name}${number}`;
          if (kind === 'collect') {
            timeMs += 15_000;
            await collector.collect(timeMs);
          } else if (kind === 'remove') {
            registry.remove('statefulsets', uid);
            if (model.get(name)?.uid === uid) model.delete(name);
          } else {
            registry.upsert('statefulsets', {
              metadata: { name, namespace: 'n', uid },
              status: { replicas, updateRevision: revision },
            } as KubernetesObject);
            model.set(name, { uid, revision, replicas });
          }
        }
        timeMs += 15_000;
        await collector.collect(timeMs);
        const now = (found: Record<string, string>): Record<string, string> =>
          Object.fromEntries(
            Object.entries(found).flatMap(([label, rows]) => {
              const [at, value] = rows.split(' ').at(-1)?.split('=') ?? [];
              if (value === 'end') return [];
              assert.equal(Number(at) * 1000, timeMs, `${label}: ${rows}`);
              return [[label, value ?? '']];
            }),
          );
        const wanted = [...model].map(([name, { replicas }]) => [name, String(replicas)]);
        const replicas = now(
          await samples(store, 'kube_statefulset_status_replicas', 'statefulset'),
        );
        assert.deepEqual(replicas, { ...Object.fromEntries(wanted) });
        const revisions = await samples(
          store,
          'kube_statefulset_status_update_revision',
          'statefulset,revision',
        );
        assert.deepEqual(
          Object.keys(now(revisions)).sort(),
          [...model].map(([name, { revision }]) => `${name},${revision}`).sort(),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('goes on at once when the clock is set, back or forward', async () => {
    const store = openMemoryMetricStore();
    const clock = new ManualClock(1_000_000);
    const { registry, collector } = setUp(store, clock);
    registry.upsert('pods', pod('1', 'Running'));
    await using running = collector;
    running.start();
    for (const nowMs of [5_000_000, 2_000_000, 9_000_000, 1_500_000]) {
      clock.jumpTo(nowMs);
      await clock.advance(3 * intervalMs);
      const found = await samples(store, 'kube_pod_status_phase', 'phase');
      const times = (found['Running'] ?? '').split(' ').map((row) => Number(row.split('=')[0]));
      assert.ok(
        times.some((time) => time * 1000 >= nowMs && time * 1000 <= nowMs + 3 * intervalMs),
        `${nowMs}: ${times}`,
      );
    }
  });

  it('keeps type and help of families', async () => {
    await using store = openMemoryMetricStore();
    const { collector } = setUp(store);
    await collector.collect(15_000);
    assert.equal(
      store
        .metadata('kube_pod_container_status_restarts_total')
        .get('kube_pod_container_status_restarts_total')?.[0]?.type,
      'counter',
    );
  });
});
