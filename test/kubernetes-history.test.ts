import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import {
  type ChangeRecord,
  ChangeRecorder,
  changesLogGroup,
  parseChangeRecord,
} from '#kubernetes/changes';
import { ContainerInsights, performanceLogGroup } from '#kubernetes/container-insights';
import {
  type EventRecord,
  EventRecorder,
  eventsLogGroup,
  parseEventRecord,
} from '#kubernetes/events';
import { type LogStore, openLogStore } from '#logs/store';
import { openMemoryMetricStore } from '#metrics/tsdb';
import { openStateStore } from '#state';
import { answer, type FakeObject } from '../src/kubernetes/client/testing/fake-api.ts';
import { openApi, openCluster, paths } from './kubernetes-api.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-history-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));

const openStore = (directory: string): Promise<LogStore> =>
  openLogStore({ directory, maintenanceEveryMs: 0, reserveBytes: 0, queryThreads: 1 });

async function eventually(
  condition: () => Promise<boolean>,
  what: () => string,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what()}`);
    await new Promise<void>((resolve) => setTimeout(resolve, 10));
  }
}

async function readAll<T>(
  store: LogStore,
  group: string,
  parse: (message: string) => T | undefined,
): Promise<T[]> {
  if (store.group(group) === undefined) return [];
  const page = await store.readEvents(
    { groups: [group], fromMs: 0, toMs: 1e13, direction: 'forward', maxEvents: 10_000 },
    AbortSignal.timeout(60_000),
  );
  return page.events.map(({ message }) => parse(message) ?? assert.fail(message));
}

const eventNamed = (name: string, count: number): FakeObject => ({
  metadata: { name, namespace: 'shop', uid: `uid-of-${name}` },
  involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7f-x' },
  type: 'Warning',
  reason: 'BackOff',
  message: `${name} again`,
  count,
  lastTimestamp: new Date(Date.now()).toISOString(),
});

type Step =
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'restart' | 'compact' | 'cut' | 'settle' };

it('each occurrence of an event is stored once, through restarts and lost watches', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          {
            weight: 4,
            arbitrary: fc.record({
              kind: fc.constant('event' as const),
              name: fc.constantFrom('a', 'b', 'c'),
            }),
          },
          {
            weight: 2,
            arbitrary: fc.record({ kind: fc.constantFrom('restart', 'compact', 'cut', 'settle') }),
          },
        ),
        { minLength: 4, maxLength: 14 },
      ),
      async (steps) => {
        await using api = await openApi();
        const directory = newFolder();
        const counts = new Map<string, number>();
        let parts = new AsyncDisposableStack();
        let store = await openStore(directory);
        const records = (): Promise<EventRecord[]> =>
          readAll(store, eventsLogGroup('lab'), parseEventRecord);
        const begin = (): void => {
          parts = new AsyncDisposableStack();
          parts.use(store);
          const cluster = parts.use(openCluster(api));
          const deps = { cluster, store, clock: systemClock, log: silentLogger };
          const options = { clusterName: 'lab', flushEveryMs: 5 };
          parts.use(
            new EventRecorder(options, { ...deps, metrics: new MetricsRegistry() }).start(),
          );
        };
        const settled = (): Promise<void> =>
          eventually(
            async () => {
              const told = new Map<string, number>();
              for (const { metadata, count } of await records()) told.set(metadata.name, count);
              return [...counts].every(([name, count]) => told.get(name) === count);
            },
            () => JSON.stringify([...counts]),
          );
        begin();
        try {
          for (const step of steps as Step[]) {
            if (step.kind === 'event') {
              const count = (counts.get(step.name) ?? 0) + 1;
              counts.set(step.name, count);
              api.put(paths.events, eventNamed(step.name, count));
            } else if (step.kind === 'restart') {
              await parts.disposeAsync();
              store = await openStore(directory);
              begin();
            } else if (step.kind === 'compact') {
              api.compact();
              api.endWatches();
            } else if (step.kind === 'cut') api.cut();
            else await settled();
          }
          await settled();
          const sums = new Map<string, number>();
          const seen = new Set<string>();
          for (const { metadata, count, occurrences } of await records()) {
            const key = `${metadata.name} ${count}`;
            assert.ok(!seen.has(key), `${key} is stored twice`);
            seen.add(key);
            sums.set(metadata.name, (sums.get(metadata.name) ?? 0) + occurrences);
          }
          assert.deepEqual(sums, counts);
        } finally {
          await parts.disposeAsync();
        }
      },
    ),
    { numRuns: 12, interruptAfterTimeLimit: 60_000 },
  ));

it('events know whom their objects belong to, and are forgotten with the API server', async () => {
  await using api = await openApi();
  const owner = (kind: string, name: string): object => ({
    kind,
    name,
    uid: name,
    controller: true,
  });
  api.put(paths.replicasets, {
    metadata: { name: 'web-7f', namespace: 'shop', ownerReferences: [owner('Deployment', 'web')] },
  });
  api.put(paths.pods, {
    metadata: {
      name: 'web-7f-x',
      namespace: 'shop',
      ownerReferences: [owner('ReplicaSet', 'web-7f')],
    },
  });
  await using store = await openStore(newFolder());
  await using cluster = openCluster(api);
  await Promise.all([cluster.use('pods').synced, cluster.use('replicasets').synced]);
  const deps = { cluster, store, clock: systemClock, log: silentLogger };
  const metrics = new MetricsRegistry();
  await using _recorder = new EventRecorder(
    { clusterName: 'lab', flushEveryMs: 5 },
    { ...deps, metrics },
  ).start();
  api.put(paths.events, eventNamed('a', 1));
  // A pod that is gone already has a name that tells.
  api.put(paths.events, {
    ...eventNamed('b', 1),
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7f-gone' },
  });
  const records = (): Promise<EventRecord[]> =>
    readAll(store, eventsLogGroup('lab'), parseEventRecord);
  await eventually(
    async () => (await records()).length === 2,
    () => 'two records',
  );
  for (const { workload, owners } of await records()) {
    assert.deepEqual(workload, { kind: 'Deployment', name: 'web' });
    assert.deepEqual(owners[0], { kind: 'ReplicaSet', name: 'web-7f' });
  }
  assert.match(metrics.render(), /^nunchi_kubernetes_events_known 2$/m);
  api.remove(paths.events, 'a', 'shop');
  await eventually(
    async () => /^nunchi_kubernetes_events_known 1$/m.test(metrics.render()),
    () => 'the event to be forgotten',
  );
});

const deployment = (image: string, revision: string, replicas = 1): FakeObject => ({
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'd1',
    generation: Number(revision) * 10 + replicas,
    annotations: { 'deployment.kubernetes.io/revision': revision },
  },
  spec: { replicas, template: { spec: { containers: [{ name: 'main', image }] } } },
});

const crashing = (restartCount: number): FakeObject => ({
  metadata: { name: 'web-7f-x', namespace: 'shop', uid: 'p1' },
  spec: { containers: [{ name: 'main', image: 'web:1' }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'main',
        restartCount,
        lastState: {
          terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: new Date().toISOString() },
        },
      },
    ],
  },
});

it('changes are stored once, also those that were made while nobody watched', async () => {
  await using api = await openApi();
  const directory = newFolder();
  const dataDir = newFolder();
  let parts = new AsyncDisposableStack();
  let store: LogStore;
  const begin = async (): Promise<void> => {
    parts = new AsyncDisposableStack();
    const state = parts.use(await openStateStore({ dataDir }));
    store = parts.use(await openStore(directory));
    const cluster = parts.use(openCluster(api));
    const deps = { cluster, store, state, clock: systemClock, log: silentLogger };
    const options = { clusterName: 'lab', flushEveryMs: 5 };
    parts.use(new ChangeRecorder(options, { ...deps, metrics: new MetricsRegistry() }).start());
  };
  const records = (): Promise<ChangeRecord[]> =>
    readAll(store, changesLogGroup('lab'), parseChangeRecord);
  const told = async (...wanted: readonly (readonly [change: string, name: string])[]) => {
    let found: string[] = [];
    const want = wanted.map(([change, name]) => `${change} ${name}`).sort();
    await eventually(
      async () => {
        found = (await records()).map(({ change, object }) => `${change} ${object.name}`).sort();
        return found.length >= want.length;
      },
      () => `${want.join()} (there are ${found.join()})`,
    );
    assert.deepEqual(found, want);
  };
  api.put(paths.deployments, deployment('web:1', '1'));
  api.put(paths.configmaps, { metadata: { name: 'settings', namespace: 'shop', uid: 'c1' } });
  api.put(paths.pods, crashing(1));
  await begin();
  try {
    // What is there at first is no change, but a restart of today is.
    await told(['restart', 'web-7f-x']);
    api.put(paths.deployments, deployment('web:2', '2'));
    api.put(paths.pods, crashing(2));
    await told(['restart', 'web-7f-x'], ['restart', 'web-7f-x'], ['rollout', 'web']);
    await parts.disposeAsync();

    api.put(paths.deployments, deployment('web:3', '3', 5));
    api.put(paths.configmaps, { metadata: { name: 'settings', namespace: 'shop', uid: 'c1' } });
    api.put(paths.configmaps, { metadata: { name: 'more', namespace: 'shop', uid: 'c2' } });
    await begin();
    const all = [
      ['restart', 'web-7f-x'],
      ['restart', 'web-7f-x'],
      ['rollout', 'web'],
      ['rollout', 'web'],
      ['scaling', 'web'],
      ['config', 'settings'],
      ['config', 'more'],
    ] as const;
    await told(...all);
    const rollouts = (await records()).filter(({ change }) => change === 'rollout');
    assert.deepEqual(
      rollouts.map(({ before, after: now, late }) => [before?.['images'], now?.['images'], late]),
      [
        [{ main: 'web:1' }, { main: 'web:2' }, undefined],
        [{ main: 'web:2' }, { main: 'web:3' }, true],
      ],
    );

    // Starts and lost watches alone change nothing.
    for (let round = 0; round < 2; round++) {
      await parts.disposeAsync();
      await begin();
      api.compact();
      api.endWatches();
      api.put(paths.configmaps, {
        metadata: { name: `mark-${round}`, namespace: 'shop', uid: `m${round}` },
      });
      const marks = Array.from({ length: round + 1 }, (_, at) => ['config', `mark-${at}`] as const);
      await told(...all, ...marks);
    }
    await parts.disposeAsync();
    api.remove(paths.deployments, 'web', 'shop');
    await begin();
    await told(...all, ['config', 'mark-0'], ['config', 'mark-1'], ['deleted', 'web']);
  } finally {
    await parts.disposeAsync();
  }
});

it('who has scaled is told: an autoscaler that says so, or whoever the API server names', async () => {
  await using api = await openApi();
  const managed = (manager: string): object => ({
    managedFields: [
      {
        manager,
        time: '2026-03-01T10:00:00Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
    ],
  });
  const at = (name: string, replicas: number): FakeObject => {
    const object = deployment('web:1', '1', replicas);
    return { ...object, metadata: { ...object.metadata, name, uid: name } };
  };
  const { intercept } = api;
  api.intercept = (seen, response) => {
    if (!/namespaces\/shop\/deployments\/\w+$/.test(seen.path)) {
      return intercept?.(seen, response) ?? false;
    }
    const metadata = { name: 'd', namespace: 'shop', ...managed('kubectl') };
    answer(response, 200, { metadata });
    return true;
  };
  const autoscaler = (desiredReplicas: number, scaled: boolean): FakeObject => ({
    metadata: { name: 'auto', namespace: 'shop', uid: 'h1' },
    spec: { maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'scaled' } },
    status: { desiredReplicas, ...(scaled ? { lastScaleTime: new Date().toISOString() } : {}) },
  });
  api.put(paths.deployments, at('scaled', 1));
  api.put(paths.deployments, at('manual', 1));
  api.put(paths.autoscalers, autoscaler(1, false));
  await using state = await openStateStore({ dataDir: newFolder() });
  await using store = await openStore(newFolder());
  await using cluster = openCluster(api);
  const metrics = new MetricsRegistry();
  await using _recorder = new ChangeRecorder(
    { clusterName: 'lab', flushEveryMs: 5 },
    { cluster, store, state, clock: systemClock, log: silentLogger, metrics },
  ).start();
  await eventually(
    async () => /^nunchi_kubernetes_changes_tracked 3$/m.test(metrics.render()),
    () => 'three objects to be known',
  );
  api.put(paths.deployments, at('manual', 2));
  api.put(paths.deployments, at('scaled', 4));
  // It says so after the fact.
  api.put(paths.autoscalers, autoscaler(4, true));
  const records = (): Promise<ChangeRecord[]> =>
    readAll(store, changesLogGroup('lab'), parseChangeRecord);
  await eventually(
    async () => (await records()).length >= 2,
    () => 'two scalings',
  );
  const by = Object.fromEntries((await records()).map((one) => [one.object.name, one.by]));
  assert.deepEqual(by['manual'], { manager: 'kubectl', actor: 'client' });
  assert.deepEqual([by['scaled']?.actor, by['scaled']?.name], ['autoscaler', 'auto']);
});

it('performance events are written while somebody wants them', async () => {
  await using api = await openApi();
  api.put(paths.nodes, { metadata: { name: 'node-1' } });
  await using parts = new AsyncDisposableStack();
  const logs = parts.use(await openStore(newFolder()));
  const cluster = parts.use(openCluster(api));
  const metricStore = parts.use(openMemoryMetricStore());
  const intervalMs = 500;
  let isOn = true;
  parts.use(
    new ContainerInsights(
      { clusterName: 'lab', intervalMs, isEnhanced: false, retentionDays: 1 },
      {
        cluster,
        logs,
        metricStore,
        clock: systemClock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        isOn: async () => isOn,
      },
    ).start(),
  );
  const timesMs = (): Promise<readonly number[]> =>
    readAll(logs, performanceLogGroup('lab'), (message) =>
      Number((JSON.parse(message) as Record<string, string>)['Timestamp']),
    );
  const writesAfter = (ms: number): Promise<void> =>
    eventually(
      async () => (await timesMs()).some((one) => one > ms),
      () => `performance events after ${ms}`,
    );
  await writesAfter(0);
  isOn = false;
  // What was asked before may still be under way.
  await systemClock.sleep(2 * intervalMs);
  const offMs = Math.max(...(await timesMs()));
  await systemClock.sleep(3 * intervalMs);
  const onMs = Date.now();
  isOn = true;
  await writesAfter(onMs);
  const meanwhile = (await timesMs()).filter((one) => one > offMs && one <= onMs);
  assert.deepEqual(meanwhile, []);
});
