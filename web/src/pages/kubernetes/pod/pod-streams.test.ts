import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ContainerRun,
  chosenRuns,
  podPattern,
  podQuery,
  streamPrefix,
} from './pod-streams.ts';

const run = (container: string, id: string, firstMs: number): ContainerRun => ({
  group: 'g',
  stream: id,
  container,
  id,
  firstMs,
  lastMs: firstMs,
});
const runs = [run('app', 'a1', 1), run('side', 's1', 1), run('app', 'a2', 2), run('app', 'a3', 3)];

describe('chosenRuns()', () => {
  const f = (container: string, which: 'all' | 'last' | 'previous', want: string): void =>
    void it(`${which} of ${container || 'all containers'}`, () =>
      assert.equal(
        chosenRuns(runs, container, which)
          .map(({ id }) => id)
          .join(' '),
        want,
      ));
  f('', 'all', 'a1 s1 a2 a3');
  f('app', 'all', 'a1 a2 a3');
  f('', 'last', 'a3 s1');
  f('app', 'previous', 'a2');
  f('side', 'previous', '');
});

describe('queries for the lines of pods', () => {
  it('names streams as Container Insights does', () => {
    const group = '/aws/containerinsights/demo/application';
    assert.equal(
      streamPrefix(group, 'node-a', 'shop', 'web-1'),
      'node-a-application.var.log.containers.web-1_shop_',
    );
  });
  it('makes a filter pattern of what is given', () => {
    assert.equal(
      podPattern({ namespace: 'shop', pod: 'web-*' }),
      '{ ($.kubernetes.namespace_name = "shop") && ($.kubernetes.pod_name = "web-*") }',
    );
    assert.equal(podPattern({}), '');
  });
  it('makes a query of it', () => {
    const text = podQuery({ namespace: 'shop', pod: 'web-*', container: '' });
    assert.match(text, /\| filter kubernetes\.namespace_name = "shop"\n/);
    assert.match(text, /\| filter kubernetes\.pod_name like "web-"\n/);
    assert.doesNotMatch(text, /container_name/);
  });
});
