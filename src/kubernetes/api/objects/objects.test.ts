import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { parse } from 'yaml';
import { manifestYaml } from './manifest.ts';
import { type Columns, pageRows } from './page.ts';
import { podRow, podStatus } from './pods.ts';
import { cronJobState } from './workloads.ts';

interface Row {
  readonly name: string;
  readonly cpu: number | undefined;
}
const columns: Columns<Row> = { name: (row) => row.name, cpu: (row) => row.cpu };
const keyOf = ({ name }: Row): string => name;

describe('pageRows()', () => {
  const rows = fc.uniqueArray(
    fc.record({
      name: fc.string({ maxLength: 3 }),
      cpu: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    }),
    { selector: ({ name }) => name, maxLength: 40 },
  );
  const sorts = fc.record({
    sort: fc.constantFrom('name', 'cpu'),
    order: fc.constantFrom('asc' as const, 'desc' as const, undefined),
    limit: fc.integer({ min: 1, max: 9 }),
  });

  it('gives each row once, in order, whatever the size of a page', () =>
    fc.assert(
      fc.property(rows, sorts, (all, { sort, order, limit }) => {
        const whole = pageRows(all, {
          sort,
          order,
          limit: 1000,
          cursor: undefined,
          columns,
          keyOf,
        });
        const found: Row[] = [];
        let cursor: string | undefined;
        do {
          const page = pageRows(all, { sort, order, limit, cursor, columns, keyOf });
          assert.ok(page.items.length <= limit);
          found.push(...page.items);
          cursor = page.next;
        } while (cursor !== undefined);
        assert.deepEqual(found, whole.items);
        assert.equal(found.length, all.length);
        const values = found.flatMap(({ cpu }) => cpu ?? []);
        const unknown = found.findIndex(({ cpu }) => cpu === undefined);
        if (sort === 'cpu' && unknown >= 0) {
          assert.ok(
            found.slice(unknown).every(({ cpu }) => cpu === undefined),
            'unknown is last',
          );
        }
        if (sort === 'cpu' && order === 'asc') assert.deepEqual(values, values.toSorted());
      }),
    ));

  it('neither repeats nor leaves out rows that stay, while others come and go', () =>
    fc.assert(
      fc.property(rows, rows, sorts, (before, others, { sort, order, limit }) => {
        const names = new Set(before.map(({ name }) => name));
        const first = pageRows(before, { sort, order, limit, cursor: undefined, columns, keyOf });
        if (first.next === undefined) return;
        const now = [...before, ...others.filter(({ name }) => !names.has(name))];
        const rest = pageRows(now, {
          sort,
          order,
          limit: 1000,
          cursor: first.next,
          columns,
          keyOf,
        });
        const seen = [...first.items, ...rest.items].filter(({ name }) => names.has(name));
        assert.deepEqual(new Set(seen), new Set(before));
        assert.equal(seen.length, before.length);
      }),
    ));

  it('refuses a cursor that is none of its own', () => {
    const page = (cursor: string): unknown =>
      pageRows([], { sort: 'name', order: 'asc', limit: 1, cursor, columns, keyOf });
    const other = Buffer.from(JSON.stringify(['cpu', 'asc', 1, 'a'])).toString('base64url');
    for (const cursor of ['', 'x', '[]', other]) {
      assert.throws(() => page(cursor), { code: 'CURSOR_INVALID' }, cursor);
    }
  });
});

describe('podStatus()', () => {
  const f = (want: string, status: object, more: object = {}): void =>
    void it(want, () => {
      const pod = { metadata: {}, spec: { containers: [{ name: 'a' }] }, status, ...more };
      assert.equal(podStatus(pod as unknown as Pod), want);
    });
  const waiting = (reason: string): object => ({ name: 'a', state: { waiting: { reason } } });
  const init = { spec: { initContainers: [{ name: 'i' }, { name: 'j' }], containers: [] } };
  f('Running', { phase: 'Running', containerStatuses: [{ state: { running: {} }, ready: true }] });
  f('CrashLoopBackOff', { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] });
  f('ContainerCreating', { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] });
  f('Evicted', { phase: 'Failed', reason: 'Evicted' });
  f('Completed', {
    phase: 'Succeeded',
    containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
  });
  f('ExitCode:3', {
    phase: 'Failed',
    containerStatuses: [{ state: { terminated: { exitCode: 3 } } }],
  });
  f('Signal:9', {
    phase: 'Failed',
    containerStatuses: [{ state: { terminated: { exitCode: 137, signal: 9 } } }],
  });
  f(
    'Terminating',
    { phase: 'Running' },
    { metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } },
  );
  f(
    'Init:0/2',
    { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} } }] },
    init,
  );
  f('Init:Error', {
    phase: 'Pending',
    initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 1, reason: 'Error' } } }],
  });
  f('NotReady', {
    phase: 'Running',
    containerStatuses: [
      { name: 'a', state: { terminated: { exitCode: 0, reason: 'Completed' } }, ready: false },
      { name: 'b', state: { running: {} }, ready: false },
      { name: 'c', state: { running: {} }, ready: true },
    ],
  });
  f('Unknown', {});
  const gated = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' };
  f('SchedulingGated', { phase: 'Pending', conditions: [gated] });
  it('of one that has ended and is deleted stays', () => {
    const metadata = { deletionTimestamp: '2026-03-01T10:00:00Z' };
    const containerStatuses = [{ state: { terminated: { exitCode: 1, reason: 'Error' } } }];
    const status = { phase: 'Failed', containerStatuses };
    assert.equal(podStatus({ metadata, status } as unknown as Pod), 'Error');
  });
});

describe('podRow() of init containers', () => {
  const init = (name: string, restartCount: number, state: object, started?: boolean): object => ({
    ...{ name, restartCount, state, started },
    lastState: { terminated: { exitCode: 3, finishedAt: '2026-03-01T11:00:00Z' } },
  });
  const failing = { waiting: { reason: 'CrashLoopBackOff' } };
  const done = { terminated: { exitCode: 0 } };
  const f = (
    what: string,
    initContainerStatuses: readonly object[],
    isInitialized: boolean,
    want: readonly [status: string, restarts: number, ready: number],
  ): void =>
    void it(what, () => {
      const spec = {
        initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }],
        containers: [{ name: 'a' }],
      };
      const running = { name: 'a', ready: true, restartCount: 1, state: { running: {} } };
      const waiting = { name: 'a', state: { waiting: { reason: 'PodInitializing' } } };
      const status = {
        phase: isInitialized ? 'Running' : 'Pending',
        conditions: [{ type: 'Initialized', status: isInitialized ? 'True' : 'False' }],
        initContainerStatuses,
        containerStatuses: [isInitialized ? running : { ...waiting, restartCount: 0 }],
      };
      const pod = { metadata: {}, spec, status } as unknown as Pod;
      const row = podRow(pod, { kind: 'Pod', name: 'p' }, undefined);
      assert.deepEqual([row.status, row.restarts, row.readyContainers], want);
      assert.equal(row.lastRestartAt === undefined, row.restarts === 1);
    });
  f('one that fails again and again', [init('i', 5, failing)], false, [
    'Init:CrashLoopBackOff',
    5,
    0,
  ]);
  f(
    'a sidecar that fails before the pod has begun',
    [init('i', 1, done), init('s', 2, failing)],
    false,
    ['Init:CrashLoopBackOff', 3, 0],
  );
  f('a sidecar that fails later', [init('i', 4, done), init('s', 2, failing)], true, [
    'Init:CrashLoopBackOff',
    3,
    1,
  ]);
  f('one that is through', [init('i', 4, done)], true, ['Running', 1, 1]);
});

it('podRow() sums restarts, requests and usage of containers', () => {
  const pod = {
    metadata: {
      name: 'web-x',
      namespace: 'shop',
      uid: 'u',
      creationTimestamp: '2026-03-01T10:00:00Z',
    },
    spec: {
      nodeName: 'n1',
      containers: [
        { name: 'a', image: 'a:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } },
        { name: 'b', image: 'b:1', resources: { requests: { cpu: '0.25' }, limits: { cpu: '1' } } },
      ],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'a',
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { exitCode: 1, finishedAt: '2026-03-01T11:00:00Z' } },
        },
        { name: 'b', ready: true, restartCount: 1, state: { running: {} } },
      ],
    },
  } as unknown as Pod;
  const usage = {
    ...{ namespace: 'shop', name: 'web-x', timeMs: 1, windowMs: 1 },
    containers: [
      { name: 'a', usage: { cpuCores: 0.5, memoryBytes: 10 } },
      { name: 'b', usage: { cpuCores: 0.25, memoryBytes: 5 } },
    ],
  };
  const row = podRow(pod, { kind: 'Deployment', name: 'web' }, usage);
  assert.deepEqual(
    [row.status, row.health, row.restarts, row.readyContainers, row.cpuCores, row.memoryBytes],
    ['Running', 'healthy', 3, 2, 0.75, 15],
  );
  assert.deepEqual(
    [row.cpuRequestCores, row.cpuLimitCores, row.memoryRequestBytes, row.memoryLimitBytes],
    [0.35, 1, 64 * 2 ** 20, undefined],
  );
  assert.equal(row.lastRestartAt, Date.parse('2026-03-01T11:00:00Z'));
});

describe('cronJobState()', () => {
  type CronJob = Parameters<typeof cronJobState>[0];
  type Job = Parameters<typeof cronJobState>[1][number];
  const cronJob = (active: number): CronJob => ({
    spec: { schedule: '* * * * *', jobTemplate: {} },
    status: { active: Array.from({ length: active }, () => ({})) },
  });
  const job = (minute: number, status: NonNullable<Job['status']>): Job => ({
    metadata: { creationTimestamp: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z` },
    status,
  });
  const failed: NonNullable<Job['status']> = {
    conditions: [{ type: 'Failed', status: 'True', message: 'Job has reached its back-off limit' }],
  };
  const complete: NonNullable<Job['status']> = {
    conditions: [{ type: 'Complete', status: 'True' }],
  };
  const f = (what: string, active: number, jobs: readonly Job[], want: object): void =>
    void it(what, () => {
      const { health, reason, ready, desired } = cronJobState(cronJob(active), jobs);
      assert.deepEqual({ health, reason, ready, desired }, want);
    });
  f('waits for its time', 0, [job(1, failed), job(2, complete)], {
    ...{ health: 'idle', reason: undefined, ready: 0, desired: 0 },
  });
  f('runs', 1, [job(3, { active: 1 }), job(2, failed)], {
    ...{ health: 'healthy', reason: undefined, ready: 1, desired: 1 },
  });
  f('has begun jobs that get no pods', 2, [job(1, {}), job(2, {})], {
    ...{ health: 'progressing', reason: undefined, ready: 0, desired: 2 },
  });
  f('failed the last time', 0, [job(2, failed), job(1, complete)], {
    ...{ health: 'degraded', reason: 'Job has reached its back-off limit', ready: 0, desired: 0 },
  });
  f('runs, for all that is known', 1, [], {
    ...{ health: 'healthy', reason: undefined, ready: 1, desired: 1 },
  });
});

describe('manifestYaml()', () => {
  it('shows nothing of what a Secret holds', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'db',
        managedFields: [{ manager: 'kubectl' }],
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration':
            '{"stringData":{"password":"hunter2"}}',
          team: 'red',
        },
      },
      data: { password: Buffer.from('hunter2').toString('base64'), empty: '' },
      stringData: { token: '비밀' },
    };
    const { yaml, redacted } = manifestYaml(secret);
    assert.equal(redacted, true);
    assert.doesNotMatch(yaml, /hunter2|aHVudGVyMg|비밀|managedFields/);
    assert.deepEqual(parse(yaml), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', annotations: { team: 'red' } },
      data: { password: '<redacted, 7 bytes>', empty: '<redacted, 0 bytes>' },
      stringData: { token: '<redacted, 6 bytes>' },
    });
    assert.equal(secret.stringData.token, '비밀', 'the object itself is left alone');
  });
  it('shows others as they are', () => {
    const object = {
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      data: { a: `x${'y'.repeat(300)}` },
    };
    const { yaml, redacted } = manifestYaml(object);
    assert.deepEqual([parse(yaml), redacted], [object, false]);
  });
});
