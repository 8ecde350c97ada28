import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerFacts, PodFacts } from './pod-facts.ts';
import { podState } from './pod-state.ts';

const nowMs = 1_800_000_000_000;
const container = (more: Partial<ContainerFacts> = {}): ContainerFacts => ({
  name: 'app',
  isInit: false,
  image: 'app:1',
  restarts: 0,
  isReady: true,
  state: 'running',
  stateReason: undefined,
  lastReason: undefined,
  lastExitCode: undefined,
  startedMs: undefined,
  cpuRequest: undefined,
  cpuLimit: undefined,
  memoryRequest: undefined,
  memoryLimit: undefined,
  ...more,
});
const pod = (containers: readonly ContainerFacts[], more: Partial<PodFacts> = {}): PodFacts => ({
  namespace: 'shop',
  pod: 'web-1',
  uid: 'u',
  node: 'node-a',
  podIp: undefined,
  createdMs: undefined,
  completedMs: undefined,
  phase: 'Running',
  reason: undefined,
  isReady: true,
  qosClass: undefined,
  owner: undefined,
  containers,
  ...more,
});

describe('podState()', () => {
  const f = (name: string, facts: PodFacts, want: Partial<ReturnType<typeof podState>>): void =>
    void it(name, () => {
      const { kind, word, why } = podState(facts, nowMs);
      assert.deepEqual({ kind, word, why }, { why: undefined, ...want });
    });
  f('is calm about a pod that runs', pod([container()]), { kind: 'ok', word: 'Running' });
  f(
    'tells of a kill for memory with the limit',
    pod([
      container({
        state: 'waiting',
        stateReason: 'CrashLoopBackOff',
        lastReason: 'OOMKilled',
        lastExitCode: 137,
        memoryLimit: 64,
        restarts: 3,
      }),
    ]),
    {
      kind: 'critical',
      word: 'CrashLoopBackOff',
      why: {
        type: 'ended',
        container: 'app',
        exitCode: 137,
        isOutOfMemory: true,
        memoryLimit: 64,
        restarts: 3,
      },
    },
  );
  f(
    'names the image that cannot be pulled',
    pod([container({ state: 'waiting', stateReason: 'ErrImagePull', isReady: false })], {
      phase: 'Pending',
    }),
    {
      kind: 'critical',
      word: 'ErrImagePull',
      why: { type: 'image', container: 'app', image: 'app:1' },
    },
  );
  f('knows that no node takes it', pod([], { phase: 'Pending', node: undefined }), {
    kind: 'warning',
    word: 'Pending',
    why: { type: 'unscheduled' },
  });
  f(
    'takes a calm start for one',
    pod([container({ state: 'waiting', stateReason: 'ContainerCreating' })], { phase: 'Pending' }),
    { kind: 'info', word: 'ContainerCreating', why: { type: 'starting', container: 'app' } },
  );
  f(
    'does not mind init containers that are through',
    pod([container({ isInit: true, state: 'terminated', stateReason: 'Completed' }), container()]),
    { kind: 'ok', word: 'Running' },
  );
  f(
    'says which containers are not ready',
    pod([container({ isReady: false })], { isReady: false }),
    {
      kind: 'warning',
      word: 'Running',
      why: { type: 'unready', containers: ['app'] },
    },
  );
  f('knows evictions', pod([], { phase: 'Failed', reason: 'Evicted' }), {
    kind: 'critical',
    word: 'Evicted',
    why: { type: 'evicted' },
  });
  f('knows pods that are through', pod([], { phase: 'Succeeded' }), {
    kind: 'ok',
    word: 'Completed',
  });
  it('forgives a restart of long ago', () => {
    const restarted = { restarts: 1, lastReason: 'Error', lastExitCode: 1 };
    const of = (startedMs: number): string =>
      podState(pod([container({ ...restarted, startedMs })]), nowMs).kind;
    assert.equal(of(nowMs - 60_000), 'warning');
    assert.equal(of(nowMs - 86_400_000), 'ok');
  });
});
