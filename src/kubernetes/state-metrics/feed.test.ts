import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InformerState, KubernetesObject, ObjectHandlers } from '#kubernetes/client';
import type { SharedInformer } from '#kubernetes/cluster';
import { feedStateMetrics } from './feed.ts';
import { StateMetrics } from './registry.ts';

/** A share in a mirror whose state and changes the test says. */
class FakeShare {
  state: InformerState = 'syncing';
  handlers: ObjectHandlers<KubernetesObject> = {};
  isDisposed = false;
  failures = 0;

  subscribe(handlers: ObjectHandlers<KubernetesObject>): () => void {
    this.handlers = handlers;
    return () => {};
  }

  status(): object {
    return { state: this.state, lists: 1, watches: 2, failures: this.failures };
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
  }
}

const object = (uid: string, phase: string): KubernetesObject =>
  ({ metadata: { name: 'a', namespace: 'n', uid }, status: { phase } }) as KubernetesObject;

describe('feedStateMetrics()', () => {
  const setUp = () => {
    const shares = new Map<string, FakeShare>();
    const use = (name: string): unknown => {
      const share = new FakeShare();
      shares.set(name, share);
      return share;
    };
    const registry = new StateMetrics({ resources: ['pods', 'secrets'] });
    const feed = feedStateMetrics(
      { use: use as (name: string) => SharedInformer<never> },
      registry,
    );
    return { feed, registry, pods: shares.get('pods')!, secrets: shares.get('secrets')! };
  };

  it('follows additions, changes and deletions', () => {
    const { registry, pods } = setUp();
    pods.handlers.add?.(object('1', 'Pending'));
    const { series } = registry;
    pods.handlers.update?.(object('1', 'Running'), object('1', 'Pending'));
    assert.equal(registry.series, series);
    assert.equal(registry.objects('pods'), 1);
    pods.handlers.delete?.(object('1', 'Running'));
    assert.equal(registry.objects('pods'), 0);
  });

  it('is ready when all is listed or refused, not while the API server is silent', () => {
    const { feed, pods, secrets } = setUp();
    pods.state = 'synced';
    assert.equal(feed.isReady(), false);
    secrets.state = 'forbidden';
    assert.equal(feed.isReady(), true);
    pods.state = 'stale';
    assert.equal(feed.isReady(), true);
  });

  it('counts what failed as list until there was one, as watch from then on', () => {
    const { feed, pods } = setUp();
    pods.failures = 3;
    assert.deepEqual(feed.watches()[0], {
      resource: 'pods',
      listed: 1,
      listsFailed: 3,
      watched: 2,
      watchesFailed: 0,
    });
    pods.state = 'synced';
    pods.failures = 5;
    assert.equal(feed.watches()[0]?.listsFailed, 3);
    assert.equal(feed.watches()[0]?.watchesFailed, 2);
  });

  it('gives its shares back, once', () => {
    const { feed, pods, secrets } = setUp();
    feed[Symbol.dispose]();
    feed[Symbol.dispose]();
    assert.ok(pods.isDisposed && secrets.isDisposed);
  });
});
