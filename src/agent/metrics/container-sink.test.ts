import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LabelPairs } from '#host';
import type { KubeletView } from '../kubelet/run.ts';
import { besideKubelet } from './container-sink.ts';

const cpu = 'container_cpu_usage_seconds_total';
const pressure = 'container_pressure_cpu_waiting_seconds_total';
const known: LabelPairs = ['id', '/pod/a', 'container', 'c', 'image', 'i', 'pod', 'p'];

const kubelet: KubeletView = {
  asked: Promise.resolve(),
  hasAnswered: true,
  isAnswering: true,
  knowsContainers: true,
  tells: (name) => name !== pressure,
  isWanted: (pairs) => pairs.includes('pod') || !pairs.includes('id'),
  labelsOf: (id) => (id === '/pod/a' ? known : undefined),
};

function passed(name: string, own: LabelPairs, view: Partial<KubeletView> = {}) {
  const got: LabelPairs[] = [];
  const put = (_name: string, _help: string, _value: number, labels: LabelPairs = []): void => {
    got.push(labels);
  };
  const sink = besideKubelet({ gauge: put, counter: put, untyped: put }, { ...kubelet, ...view });
  sink.counter(name, '', 1, own);
  return got[0];
}

describe('besideKubelet()', () => {
  const own = ['id', '/pod/a', 'container', 'c', 'pod', 'p', 'device', 'sda'];
  const fresh = ['id', '/pod/b', 'container', 'd', 'pod', 'p'];
  const called = [...known, 'device', 'sda'];
  const f = (
    what: string,
    call: readonly [string, LabelPairs, Partial<KubeletView>?],
    want: LabelPairs | undefined,
  ): void => void it(what, () => assert.deepEqual(passed(...call), want));
  f('leaves to the kubelet what it tells', [cpu, own], undefined);
  f('adds what it does not tell, as it calls it', [pressure, own], called);
  f('waits for a container that is new', [pressure, fresh], undefined);
  f('tells of containers that it does not know', [cpu, fresh, { knowsContainers: false }], fresh);
  f('goes on for one that is away', [cpu, own, { isAnswering: false }], called);
  f('leaves out what is not wanted', [cpu, ['id', '/x'], { isAnswering: false }], undefined);
  f('adds to the machine', ['machine_swap_bytes', [], { tells: () => false }], []);
  f('leaves the machine to it', ['machine_swap_bytes', []], undefined);
});
