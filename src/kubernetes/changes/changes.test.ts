import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesObject } from '#kubernetes/client';
import { managerOf } from './changed-by.ts';
import { compareFacts, createdDraft, deletedDraft } from './compare.ts';
import { type Facts, factsOf, type TrackedName } from './facts.ts';
import { podDrafts } from './pods.ts';
import { Quieter } from './quiet.ts';

const metadata = { name: 'web', namespace: 'shop', uid: 'u', generation: 1 };

const deployment = (more: {
  image?: string;
  replicas?: number;
  revision?: string;
  generation?: number;
  restartedAt?: string;
  cpu?: string;
}): KubernetesObject =>
  ({
    metadata: {
      ...metadata,
      generation: more.generation ?? 1,
      annotations: { 'deployment.kubernetes.io/revision': more.revision ?? '1' },
    },
    spec: {
      replicas: more.replicas ?? 2,
      template: {
        metadata: {
          annotations:
            more.restartedAt === undefined
              ? {}
              : { 'kubectl.kubernetes.io/restartedAt': more.restartedAt },
        },
        spec: {
          containers: [
            {
              name: 'main',
              image: more.image ?? 'web:1',
              resources: more.cpu === undefined ? {} : { requests: { cpu: more.cpu } },
            },
          ],
        },
      },
    },
  }) as KubernetesObject;

const facts = <N extends TrackedName>(name: N, object: KubernetesObject): Facts =>
  (factsOf[name] as (object: KubernetesObject) => Facts)(object);

/** What is told while an object goes through some states. */
function told(name: TrackedName, ...states: readonly KubernetesObject[]): string[] {
  const [first, ...rest] = states;
  let known = facts(name, first!);
  return rest.flatMap((state) => {
    const { drafts, facts: next } = compareFacts(
      name,
      state,
      known as never,
      facts(name, state) as never,
    );
    known = next;
    return drafts.map(({ change, message }) => `${change}: ${message}`);
  });
}

describe('compareFacts()', () => {
  const f = (
    what: string,
    name: TrackedName,
    states: readonly KubernetesObject[],
    want: readonly string[],
  ): void => void it(what, () => assert.deepEqual(told(name, ...states), want));

  f('nothing', 'deployments', [deployment({}), deployment({ generation: 2 })], []);
  f(
    'an image, once the rollout has begun',
    'deployments',
    [deployment({}), deployment({ image: 'web:2' }), deployment({ image: 'web:2', revision: '2' })],
    ['rollout: Deployment shop/web has a new template: main web:1 -> web:2'],
  );
  f(
    'two rollouts',
    'deployments',
    [
      deployment({}),
      deployment({ image: 'web:2', revision: '2' }),
      deployment({ image: 'web:1', revision: '3' }),
    ],
    [
      'rollout: Deployment shop/web has a new template: main web:1 -> web:2',
      'rollout: Deployment shop/web has a new template: main web:2 -> web:1',
    ],
  );
  f(
    'replicas and image together',
    'deployments',
    [deployment({}), deployment({ image: 'web:2', replicas: 3, revision: '2' })],
    [
      'scaling: Deployment shop/web was scaled from 2 to 3',
      'rollout: Deployment shop/web has a new template: main web:1 -> web:2',
    ],
  );
  f(
    'a restart by kubectl',
    'deployments',
    [deployment({}), deployment({ restartedAt: 'now', revision: '2' })],
    ['rollout: Deployment shop/web has a new template: its pods are started anew'],
  );
  f(
    'resources',
    'deployments',
    [deployment({ cpu: '1' }), deployment({ cpu: '2', revision: '2' })],
    ['rollout: Deployment shop/web has a new template: main request cpu 1 -> request cpu 2'],
  );
  f(
    'what is not mirrored',
    'deployments',
    [deployment({}), deployment({ revision: '2' })],
    [
      'rollout: Deployment shop/web has a new template: labels, environment, mounts or other settings',
    ],
  );

  const autoscaler = (maxReplicas: number, reason = ''): KubernetesObject =>
    ({
      metadata,
      spec: { minReplicas: 1, maxReplicas, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
      status: {
        conditions: [{ type: 'ScalingLimited', status: reason === '' ? 'False' : 'True', reason }],
      },
    }) as KubernetesObject;
  f(
    'limits of an autoscaler',
    'horizontalpodautoscalers',
    [
      autoscaler(3),
      autoscaler(5),
      autoscaler(5, 'TooManyReplicas'),
      autoscaler(5, 'TooManyReplicas'),
    ],
    [
      'autoscaler: HorizontalPodAutoscaler shop/web has other limits: 1 to 3 -> 1 to 5',
      'autoscaler: HorizontalPodAutoscaler shop/web wants more than its maximum of 5 replicas',
    ],
  );

  const node = (ready: string, more: object = {}, version = 'v1'): KubernetesObject =>
    ({
      metadata: { name: 'n1', uid: 'n' },
      spec: more,
      status: {
        conditions: [{ type: 'Ready', status: ready, lastTransitionTime: '2026-03-01T10:00:00Z' }],
        nodeInfo: { kubeletVersion: version },
      },
    }) as KubernetesObject;
  f(
    'a node',
    'nodes',
    [node('True'), node('Unknown'), node('True', { unschedulable: true }), node('True', {}, 'v2')],
    [
      'node: Node n1: Ready is Unknown',
      'node: Node n1: Ready is True',
      'node: Node n1 was cordoned',
      'node: Node n1 was uncordoned',
      'node: Node n1 runs v2 instead of v1',
    ],
  );

  const config = (resourceVersion: string, labels: object = {}): KubernetesObject => ({
    metadata: { ...metadata, resourceVersion, labels: { ...labels } },
  });
  f(
    'a ConfigMap',
    'configmaps',
    [config('1'), config('1'), config('2')],
    ['config: ConfigMap shop/web was written'],
  );

  const cron = (schedule: string, suspend: boolean): KubernetesObject =>
    ({ metadata, spec: { schedule, suspend, jobTemplate: {} } }) as KubernetesObject;
  f(
    'a CronJob',
    'cronjobs',
    [cron('0 * * * *', false), cron('0 * * * *', true), cron('5 * * * *', true)],
    [
      'schedule: CronJob shop/web was suspended',
      'schedule: CronJob shop/web runs at "5 * * * *" instead of "0 * * * *"',
    ],
  );

  it('gives the same change the same id, and another change another', () => {
    const before = facts('deployments', deployment({}));
    const id = (object: KubernetesObject): string | undefined =>
      compareFacts('deployments', object, before as never, facts('deployments', object) as never)
        .drafts[0]?.id;
    const scaled = deployment({ replicas: 3, generation: 2 });
    assert.equal(id(scaled), id(scaled));
    assert.notEqual(id(scaled), id(deployment({ replicas: 3, generation: 4 })));
  });
});

it('a release of Helm is told by its labels, not as a Secret', () => {
  const release = (status: string): KubernetesObject => ({
    metadata: {
      name: 'sh.helm.release.v1.shop.v3',
      namespace: 'shop',
      uid: 'r',
      resourceVersion: status,
      labels: { owner: 'helm', name: 'shop', version: '3', status },
    },
  });
  assert.deepEqual(told('secrets', release('pending-upgrade'), release('deployed')), [
    'release: Helm release shop/shop 3 is deployed',
  ]);
  const gone = release('superseded');
  assert.equal(deletedDraft('secrets', gone, facts('secrets', gone)), undefined);
});

it('what comes with every namespace is not told', () => {
  const object = { metadata: { name: 'kube-root-ca.crt', namespace: 'shop', uid: 'c' } };
  assert.equal(createdDraft('configmaps', object, facts('configmaps', object), 1), undefined);
  const own = { metadata: { name: 'settings', namespace: 'shop', uid: 'c' } };
  const draft = createdDraft('configmaps', own, facts('configmaps', own), 1);
  assert.equal(draft?.message, 'ConfigMap shop/settings was created');
});

const pod = (restartCount: number, terminated?: object, status: object = {}): Pod =>
  ({
    metadata: { name: 'web-x', namespace: 'shop', uid: 'p' },
    spec: {
      containers: [{ name: 'main', image: 'web:1', resources: { limits: { memory: '64Mi' } } }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'main', restartCount, lastState: { terminated } }],
      ...status,
    },
  }) as unknown as Pod;

describe('podDrafts()', () => {
  const killed = { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-03-01T10:00:00Z' };
  it('a restart has exit code, reason and time', () => {
    const [draft, ...rest] = podDrafts(pod(2, killed), pod(1));
    assert.deepEqual(rest, []);
    assert.equal(draft?.severity, 'error');
    assert.equal(draft.atMs, Date.parse('2026-03-01T10:00:00Z'));
    assert.equal(
      draft.message,
      'Container main of pod shop/web-x was restarted: OOMKilled, exit code 137',
    );
    assert.equal(draft.after?.['memoryLimit'], '64Mi');
  });
  it('a pod that is seen for the first time tells its last restart, by the same id', () => {
    const first = podDrafts(pod(2, killed), undefined);
    assert.deepEqual(
      first.map(({ id }) => id),
      podDrafts(pod(2, killed), pod(1)).map(({ id }) => id),
    );
  });
  it('nothing new tells nothing', () => {
    assert.deepEqual(podDrafts(pod(2, killed), pod(2, killed)), []);
    assert.deepEqual(podDrafts(pod(0), undefined), []);
  });
  it('an eviction is told once, and not as a failure', () => {
    const evicted = pod(0, undefined, {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory.',
    });
    const drafts = podDrafts(evicted, pod(0));
    assert.deepEqual(
      drafts.map(({ change, message }) => [change, message]),
      [['eviction', 'Pod shop/web-x was evicted: The node was low on resource: memory.']],
    );
    assert.deepEqual(podDrafts(evicted, evicted), []);
  });
  it('a failure has the exit code', () => {
    const failed = pod(0, undefined, {
      phase: 'Failed',
      containerStatuses: [
        { name: 'main', restartCount: 0, state: { terminated: { exitCode: 3, reason: 'Error' } } },
      ],
    });
    assert.deepEqual(
      podDrafts(failed, pod(0)).map(({ message }) => message),
      ['Pod shop/web-x has failed: Error, exit code 3 of main'],
    );
  });
});

describe('managerOf()', () => {
  const entry = (manager: string, time: string, fieldsV1: object) => ({ manager, time, fieldsV1 });
  const entries = [
    entry('kubectl', '2026-03-01T10:00:00Z', { 'f:spec': { 'f:replicas': {}, 'f:template': {} } }),
    entry('argocd', '2026-03-01T11:00:00Z', { 'f:spec': { 'f:template': {} } }),
    entry('kube-controller-manager', '2026-03-01T12:00:00Z', { 'f:status': {} }),
  ];
  it('is who wrote the field last', () => {
    assert.deepEqual(managerOf('scaling', entries), { manager: 'kubectl', actor: 'client' });
    assert.deepEqual(managerOf('rollout', entries), { manager: 'argocd', actor: 'client' });
    assert.deepEqual(managerOf('scaling', undefined), undefined);
    assert.equal(managerOf('restart', entries), undefined);
  });
});

describe('Quieter', () => {
  it('loses no last write, whatever the times', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1 }), (gaps) => {
        const quieter = new Quieter<number>({ firstMs: 100, maxMs: 1000 });
        let nowMs = 0;
        let sum = 0;
        let last = -1;
        const take = (found: readonly { draft: number; times: number }[]): void => {
          for (const { draft, times } of found) {
            assert.ok(draft > last, 'later ones come later');
            last = draft;
            sum += times;
          }
        };
        for (const [index, gap] of gaps.entries()) {
          nowMs += gap;
          take(quieter.due(nowMs));
          if (quieter.accept('a', index, nowMs)) take([{ draft: index, times: 1 }]);
        }
        take(quieter.due(Number.POSITIVE_INFINITY));
        assert.deepEqual([last, sum], [gaps.length - 1, gaps.length]);
      }),
    ));
  it('tells of what is written all the time less and less', () => {
    const quieter = new Quieter<number>({ firstMs: 60_000, maxMs: 600_000 });
    let told = 0;
    for (let nowMs = 0; nowMs < 3_600_000; nowMs += 2000) {
      told += quieter.due(nowMs).length;
      if (quieter.accept('lock', nowMs, nowMs)) told++;
    }
    assert.ok(told < 12, `${told} records an hour`);
  });
});
