import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerStatus, Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import { explainTrouble } from '../explain/trouble.ts';
import { findPodTroubles, type PodRules } from './pods.ts';

const rules: PodRules = {
  pendingMs: 300_000,
  pendingCriticalMs: 0,
  notReadyMs: 120_000,
  restartThreshold: 0,
  stableMs: 30_000,
  ignoreGracefulStop: true,
  ignoreDisruptions: true,
};
const nowMs = Date.parse('2026-03-01T10:00:00Z');
const at = (secondsAgo: number): string => new Date(nowMs - secondsAgo * 1000).toISOString();

const container = (more: object): ContainerStatus =>
  ({
    name: 'main',
    image: 'web:1',
    imageID: '',
    ready: false,
    restartCount: 0,
    ...more,
  }) as ContainerStatus;

const pod = (status: Partial<PodStatus>, metadata: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'n', uid: 'u', creationTimestamp: at(1000), ...metadata },
  spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'web:1' }] },
  status: { phase: 'Running', ...status },
});

const one = (more: object): Pod => pod({ containerStatuses: [container(more)] });
const terminated = (exitCode: number, reason: string, secondsAgo = 5, more = {}) => ({
  terminated: {
    exitCode,
    reason,
    finishedAt: at(secondsAgo),
    startedAt: at(secondsAgo + 5),
    ...more,
  },
});

const look = (object: Pod, more: Partial<PodRules> = {}) =>
  findPodTroubles(
    object,
    { kind: 'Deployment', namespace: 'n', name: 'web' },
    { ...rules, ...more },
    nowMs,
  );

const cases: readonly (readonly [
  what: string,
  object: Pod,
  reasons: readonly string[],
  more?: Partial<PodRules>,
])[] = [
  ['a running one is well', one({ ready: true, state: { running: { startedAt: at(100) } } }), []],
  ['one that starts', one({ state: { waiting: { reason: 'ContainerCreating' } } }), []],
  ['one without a reason to wait', one({ state: { waiting: {} } }), []],
  [
    'an image that is not there',
    one({ state: { waiting: { reason: 'ErrImagePull' } } }),
    ['ErrImagePull'],
  ],
  [
    'a secret that is not there',
    one({ state: { waiting: { reason: 'CreateContainerConfigError' } } }),
    ['CreateContainerConfigError'],
  ],
  ['a crash', one({ state: terminated(1, 'Error') }), ['Error']],
  ['an end that is none', one({ state: terminated(0, 'Completed') }), []],
  ['an end that was asked for', one({ state: terminated(143, 'Error') }), []],
  [
    'a crash loop tells why it ended',
    one({
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: terminated(137, 'OOMKilled'),
    }),
    ['OOMKilled'],
  ],
  [
    'a crash loop of which nothing is known',
    one({ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }),
    ['CrashLoopBackOff'],
  ],
  [
    'one that is back for a moment',
    one({
      restartCount: 1,
      state: { running: { startedAt: at(5) } },
      lastState: terminated(1, 'Error', 6),
    }),
    ['Error'],
  ],
  [
    'one that is back for long',
    one({
      ready: true,
      restartCount: 1,
      state: { running: { startedAt: at(60) } },
      lastState: terminated(1, 'Error', 61),
    }),
    [],
  ],
  [
    'one that was restarted too often',
    one({
      ready: true,
      restartCount: 7,
      state: { running: { startedAt: at(60) } },
      lastState: terminated(1, 'Error', 61),
    }),
    ['HighRestartCount'],
    { restartThreshold: 5 },
  ],
  [
    'an init container',
    pod({
      phase: 'Pending',
      initContainerStatuses: [container({ name: 'init', state: terminated(2, 'Error') })],
    }),
    ['Error'],
  ],
  [
    'no room',
    pod({
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
      ],
    }),
    ['Unschedulable'],
  ],
  [
    'a claim that is being bound',
    pod({
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.',
          lastTransitionTime: at(10),
        },
      ],
    }),
    [],
  ],
  ['pending for long', pod({ phase: 'Pending' }), ['PodPending']],
  ['pending since now', pod({ phase: 'Pending' }, { creationTimestamp: at(10) }), []],
  [
    'not ready for long',
    pod({
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(200) }],
      containerStatuses: [container({ state: { running: { startedAt: at(200) } } })],
    }),
    ['NotReady'],
  ],
  [
    'not ready since now',
    pod({ conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(20) }] }),
    [],
  ],
  [
    'a finished job',
    pod({
      phase: 'Succeeded',
      containerStatuses: [container({ state: terminated(0, 'Completed') })],
    }),
    [],
  ],
  [
    'one that was put out',
    pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
    [],
  ],
  [
    'one that was put out, for those who want to know',
    pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
    ['Evicted'],
    { ignoreDisruptions: false },
  ],
  [
    'one that is being stopped',
    pod(
      { containerStatuses: [container({ state: terminated(1, 'Error') })] },
      { deletionTimestamp: at(1) },
    ),
    [],
  ],
];

describe('findPodTroubles()', () => {
  for (const [what, object, reasons, more] of cases) {
    it(what, () => {
      const { troubles } = look(object, more);
      assert.deepEqual(
        troubles.map(({ reason }) => reason),
        reasons,
      );
    });
  }

  it('says when the answer changes by time alone', () => {
    assert.equal(
      look(pod({ phase: 'Pending' }, { creationTimestamp: at(10) })).nextMs,
      nowMs + 290_000,
    );
    const back = one({
      restartCount: 1,
      state: { running: { startedAt: at(5) } },
      lastState: terminated(1, 'Error', 6),
    });
    assert.equal(look(back).nextMs, nowMs + 25_000);
  });

  it('explains in words', () => {
    const [oom] = look(one({ restartCount: 2, state: terminated(137, 'OOMKilled') })).troubles;
    assert.match(explainTrouble(oom!), /more memory than its limit.*restarted 2 times/);
    const pull = one({
      state: { waiting: { reason: 'ErrImagePull', message: 'manifest for web:1 not found' } },
    });
    const [trouble] = look(pull).troubles;
    assert.equal(
      explainTrouble(trouble!),
      'the image web:1 cannot be pulled: the registry has no such image or tag',
    );
  });
});
