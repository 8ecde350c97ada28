import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeObject } from '../../test/kubernetes-api.ts';
import { crashed, podOf, Replay, replayStartMs, running, serviceOf } from './replay.fixture.ts';

const at = (seconds: number): string => new Date(replayStartMs + seconds * 1000).toISOString();
const deleting = { metadata: { deletionTimestamp: at(0) } };

const nodeOf = (
  name: string,
  more: { status?: object[]; spec?: object; metadata?: object } = {},
): FakeObject => ({
  metadata: { name, namespace: '', ...more.metadata },
  spec: more.spec ?? {},
  status: { conditions: more.status ?? [{ type: 'Ready', status: 'True' }] },
});
const silent = [
  {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting',
  },
];

interface Run {
  readonly cronJob?: string;
  readonly created?: number;
  readonly ended?: 'well' | 'failed';
}

const jobOf = (name: string, { cronJob, created = 0, ended }: Run = {}): FakeObject => ({
  metadata: {
    name,
    namespace: 'shop',
    uid: `${name}-abc`,
    creationTimestamp: at(created),
    ...(cronJob === undefined
      ? {}
      : { ownerReferences: [{ kind: 'CronJob', name: cronJob, uid: cronJob, controller: true }] }),
  },
  status: {
    ...(ended === 'well' ? { completionTime: at(created + 60) } : {}),
    conditions:
      ended === undefined
        ? []
        : [
            {
              type: ended === 'well' ? 'Complete' : 'Failed',
              status: 'True',
              ...(ended === 'failed' ? { reason: 'BackoffLimitExceeded' } : {}),
            },
          ],
  },
});
/** A try that failed: it stays as long as its job does. */
const failedTry = (job: string, number: number): FakeObject =>
  podOf(job, number, { owner: 'Job', phase: 'Failed' });

const daemonSet = (unavailable: number): FakeObject => ({
  metadata: { name: 'agent', namespace: 'shop', generation: 1 },
  status: {
    observedGeneration: 1,
    desiredNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 3 - unavailable,
    numberUnavailable: unavailable,
  },
});

describe('the watch, replayed', () => {
  it('a job that succeeds at its third try is over, though its failed tries are still there', async () => {
    await using replay = await Replay.open();
    await replay.begin();
    await replay.put('jobs', jobOf('import'));
    await replay.put('pods', failedTry('import', 1));
    await replay.put('pods', failedTry('import', 2));
    assert.deepEqual(replay.told, ['created import']);
    await replay.put('jobs', jobOf('import', { ended: 'well' }));
    await replay.pass(40);
    assert.deepEqual(replay.told, ['created import', 'resolved import']);
    await replay.restart();
    await replay.pass(40);
    assert.deepEqual(replay.open, []);
  });

  it('a job that failed for want of a Service is an incident of its own when that is well again', async () => {
    await using replay = await Replay.open();
    await replay.put('services', serviceOf('orders'));
    await replay.begin();
    await replay.put('pods', podOf('orders', 1));
    await replay.put('jobs', jobOf('import'));
    const env = { ORDERS_HOST: 'orders' };
    await replay.put('pods', podOf('import', 1, { owner: 'Job', phase: 'Failed', env }));
    await replay.put('jobs', jobOf('import', { ended: 'failed' }));
    assert.deepEqual(replay.told, ['created orders']);
    await replay.put('pods', podOf('orders', 1, { ready: true, state: running() }));
    await replay.pass(400);
    assert.deepEqual(replay.told, ['created orders', 'created import', 'resolved orders']);
    assert.deepEqual(replay.open, ['import: import, import-1']);
  });

  it('a later run of a cron job that goes well ends what the one before had, over a restart too', async () => {
    await using replay = await Replay.open();
    await replay.begin();
    const cronJob = 'backup';
    await replay.put('jobs', jobOf('backup-1', { cronJob }));
    await replay.put('pods', failedTry('backup-1', 1));
    await replay.put('jobs', jobOf('backup-1', { cronJob, ended: 'failed' }));
    assert.deepEqual(replay.told, ['created backup']);
    await replay.put('jobs', jobOf('backup-2', { cronJob, created: 600, ended: 'well' }));
    await replay.pass(40);
    assert.deepEqual(replay.told, ['created backup', 'resolved backup']);
    await replay.restart();
    await replay.pass(40);
    assert.deepEqual(replay.told, ['created backup', 'resolved backup']);
  });

  it('a rolling update with surge is no news', async () => {
    await using replay = await Replay.open();
    await replay.put('pods', podOf('web', 1, { ready: true }));
    await replay.begin();
    const starting = { waiting: { reason: 'ContainerCreating' } };
    const metadata = { creationTimestamp: at(0) };
    await replay.put(
      'pods',
      podOf('web', 2, { hash: 'def', phase: 'Pending', state: starting, metadata }),
    );
    await replay.pass(20);
    await replay.put('pods', podOf('web', 2, { hash: 'def', state: running(at(20)) }));
    await replay.pass(30);
    await replay.put('pods', podOf('web', 2, { hash: 'def', ready: true }));
    await replay.put('pods', podOf('web', 1, { ...deleting, state: crashed(at(60), 137) }));
    await replay.remove('pods', 'web-1');
    await replay.pass(40);
    assert.deepEqual(replay.told, []);
  });

  it('a node that an autoscaler drains and takes away is no news', async () => {
    await using replay = await Replay.open();
    await replay.put('nodes', nodeOf('node-1'));
    await replay.put('pods', podOf('web', 1, { ready: true }));
    await replay.begin();
    const spec = {
      unschedulable: true,
      taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }],
    };
    await replay.put('nodes', nodeOf('node-1', { spec }));
    await replay.put('pods', podOf('web', 1, { ...deleting, state: crashed(at(5), 137) }));
    await replay.remove('pods', 'web-1');
    await replay.put('nodes', nodeOf('node-1', { spec, status: silent }));
    await replay.pass(60);
    await replay.remove('nodes', 'node-1', '');
    await replay.pass(90);
    assert.deepEqual(replay.told, []);
  });

  it('pods that a node ends as it shuts down are no news', async () => {
    await using replay = await Replay.open();
    await replay.begin();
    const status = {
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    };
    await replay.put(
      'pods',
      podOf('web', 1, { phase: 'Failed', state: crashed(at(0), 137), status }),
    );
    assert.deepEqual(replay.told, []);
  });

  it('a node that goes silent is one incident, with its pods and the DaemonSets that are short for it', async () => {
    await using replay = await Replay.open();
    await replay.put('nodes', nodeOf('node-1'));
    await replay.put('pods', podOf('web', 1, { ready: true }));
    await replay.put('pods', podOf('agent', 1, { ready: true, owner: 'DaemonSet' }));
    await replay.put('daemonsets', daemonSet(0));
    await replay.begin();
    await replay.put('nodes', nodeOf('node-1', { status: silent }));
    await replay.put('daemonsets', daemonSet(1));
    await replay.put('pods', podOf('web', 1, { state: running() }));
    await replay.put('pods', podOf('agent', 1, { state: running(), owner: 'DaemonSet' }));
    await replay.pass(400);
    assert.deepEqual(
      replay.told.filter((one) => !one.includes('node-1')),
      [],
    );
    assert.deepEqual(replay.open, ['node-1: agent, agent-1, node-1, web-1']);
  });

  it('a namespace that is deleted is no news', async () => {
    await using replay = await Replay.open();
    await replay.put('pods', podOf('web', 1, { ready: true }));
    await replay.begin();
    await replay.put('deployments', {
      metadata: { name: 'web', namespace: 'shop' },
      status: {
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            reason: 'FailedCreate',
            message:
              'pods "web-2" is forbidden: unable to create new content in namespace shop because it is being terminated',
          },
        ],
      },
    });
    await replay.put('pods', podOf('web', 1, { ...deleting, state: crashed(at(1), 137) }));
    await replay.remove('pods', 'web-1');
    await replay.remove('deployments', 'web');
    await replay.pass(40);
    assert.deepEqual(replay.told, []);
  });

  it('pods that are put out in mass are those of the node, and who finds no room has that in common', async () => {
    await using replay = await Replay.open();
    await replay.put('nodes', nodeOf('node-1'));
    await replay.begin();
    const short = [
      { type: 'Ready', status: 'True' },
      { type: 'MemoryPressure', status: 'True', reason: 'KubeletHasInsufficientMemory' },
    ];
    await replay.put('nodes', nodeOf('node-1', { status: short }));
    const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };
    const waits = {
      containerStatuses: [],
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available: 1 Insufficient memory.',
        },
      ],
    };
    for (let i = 0; i < 12; i++) {
      await replay.put('pods', podOf(`app${i}`, 1, { phase: 'Failed', status: evicted }));
      await replay.put('pods', podOf(`app${i}`, 2, { phase: 'Pending', status: waits, node: '' }));
    }
    await replay.pass(5);
    const created = replay.told.filter((one) => one.startsWith('created'));
    assert.deepEqual(created, ['created node-1', 'created app0']);
    assert.equal(replay.open.length, 2);
  });

  it('a restart of the server repeats nothing of what has to last before it is told', async () => {
    await using replay = await Replay.open();
    await replay.begin();
    await replay.put('daemonsets', daemonSet(1));
    await replay.pass(310);
    assert.deepEqual(replay.told, ['created agent']);
    await replay.restart();
    await replay.pass(400);
    assert.deepEqual(replay.told, ['created agent']);
    await replay.put('daemonsets', daemonSet(0));
    await replay.pass(40);
    assert.deepEqual(replay.told, ['created agent', 'resolved agent']);
  });

  it('a container that crashes each minute is told once, and ends when it has stayed up', async () => {
    await using replay = await Replay.open();
    await replay.begin();
    for (let round = 0; round < 8; round++) {
      const state = running(at(round * 60 + 10));
      await replay.put(
        'pods',
        podOf('web', 1, { state: crashed(at(round * 60)), restarts: round }),
      );
      await replay.pass(10);
      const lastState = crashed(at(round * 60));
      await replay.put(
        'pods',
        podOf('web', 1, { state, lastState, restarts: round + 1, ready: true }),
      );
      await replay.pass(50);
    }
    const ends = replay.told.filter((one) => one.startsWith('resolved'));
    assert.equal(replay.told[0], 'created web');
    assert.deepEqual(ends, []);
    await replay.pass(200);
    assert.equal(replay.told.at(-1), 'resolved web');
  });
});
