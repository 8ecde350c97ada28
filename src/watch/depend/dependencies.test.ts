import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crashed, type PodPlan, podOf, Replay, running, serviceOf } from '../replay.fixture.ts';

const needsOrders: PodPlan = { env: { ORDERS_HOST: 'orders' } };
const well = (plan: PodPlan): PodPlan => ({ ...plan, ready: true });

describe('Dependencies, replayed', () => {
  it('an outage of one Service is one incident: who names it joins, who does not stands alone', async () => {
    await using replay = await Replay.open();
    await replay.put('services', serviceOf('orders'));
    await replay.put('pods', podOf('orders', 1, well({})));
    await replay.put('pods', podOf('orders', 2, well({})));
    await replay.put('pods', podOf('web', 1, well(needsOrders)));
    await replay.put('pods', podOf('mail', 1, well({ env: { QUEUE: 'orders' } })));
    await replay.begin();
    // One replica is left: whoever fails now does so for other reasons.
    await replay.put('pods', podOf('orders', 1));
    await replay.put('pods', podOf('early', 1, needsOrders));
    assert.deepEqual(replay.open, ['early: early-1', 'orders: orders-1']);
    await replay.put('pods', podOf('orders', 2));
    await replay.put('pods', podOf('web', 1, needsOrders));
    await replay.put('pods', podOf('mail', 1, { env: { QUEUE: 'orders' } }));
    assert.deepEqual(replay.told, ['created orders', 'created early', 'created mail']);
    // Told before its cause was there: it stays, and is linked.
    await replay.pass(2);
    assert.deepEqual(replay.open, [
      'early: early-1 <- orders',
      'mail: mail-1',
      'orders: orders-1, orders-2, web-1',
    ]);
    const web = replay.engine
      .open()
      .flatMap(({ members }) => members)
      .find(({ subject }) => subject.name === 'web-1');
    assert.deepEqual(web?.troubles[0]?.needs, {
      service: { kind: 'Service', namespace: 'shop', name: 'orders' },
      workload: { kind: 'Deployment', namespace: 'shop', name: 'orders' },
      by: 'environment',
      where: 'ORDERS_HOST',
    });
  });

  it('a ConfigMap names it, and a log names its address', async () => {
    await using replay = await Replay.open();
    await replay.put('services', serviceOf('orders'));
    await replay.put('configmaps', {
      metadata: { name: 'web', namespace: 'shop' },
      data: { ORDERS_URL: 'http://orders.shop:8080' },
    });
    await replay.begin();
    await replay.put('pods', podOf('orders', 1));
    const envFrom = [{ configMapRef: { name: 'web' } }];
    const containers = [{ name: 'main', image: 'web:1', envFrom }];
    await replay.put('pods', podOf('web', 1, { spec: { containers } }));
    replay.logs.set('mail-1', 'starting\ndial tcp 10.96.3.4:8080: connect: connection refused\n');
    await replay.put('pods', podOf('mail', 1));
    replay.logs.set('other-1', 'panic: index out of range\n');
    await replay.put('pods', podOf('other', 1));
    assert.deepEqual(replay.open, ['orders: mail-1, orders-1, web-1', 'other: other-1']);
    assert.deepEqual(replay.told, ['created orders', 'created other']);
  });

  it('what ends for a reason of its own joins nobody', async () => {
    await using replay = await Replay.open();
    await replay.put('services', serviceOf('orders'));
    await replay.begin();
    await replay.put('pods', podOf('orders', 1));
    await replay.put('pods', podOf('web', 1, { ...needsOrders, state: crashed(undefined, 139) }));
    const pull = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
    await replay.put('pods', podOf('mail', 1, { ...needsOrders, state: pull }));
    assert.deepEqual(replay.told, ['created orders', 'created web', 'created mail']);
  });

  it('names are not found as CoreDNS is down: who says so belongs to it', async () => {
    await using replay = await Replay.open();
    const dns = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
    await replay.put('services', {
      metadata: { name: 'kube-dns', ...dns },
      spec: { selector: { app: 'coredns' }, clusterIP: '10.96.0.10' },
    });
    await replay.begin();
    const metadata = {
      namespace: 'kube-system',
      labels: { app: 'coredns', 'pod-template-hash': 'abc' },
    };
    await replay.put('pods', podOf('coredns', 1, { metadata }));
    replay.logs.set('web-1', 'lookup api.example.com on 10.96.0.10:53: server misbehaving');
    await replay.put('pods', podOf('web', 1));
    replay.logs.set('mail-1', 'Error: getaddrinfo EAI_AGAIN smtp.example.com');
    await replay.put('pods', podOf('mail', 1));
    replay.logs.set('other-1', 'out of luck');
    await replay.put('pods', podOf('other', 1));
    assert.deepEqual(replay.open, ['coredns: coredns-1, mail-1, web-1', 'other: other-1']);
  });

  it('pods that wait for one claim have it in common', async () => {
    await using replay = await Replay.open();
    await replay.put('claims', {
      metadata: { name: 'data', namespace: 'shop' },
      status: { phase: 'Pending' },
    });
    await replay.begin();
    const pending = (app: string) =>
      podOf(app, 1, {
        phase: 'Pending',
        spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
        status: {
          containerStatuses: [],
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              lastTransitionTime: '2026-03-01T09:00:00Z',
              message: '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
            },
          ],
        },
      });
    await replay.put('pods', pending('a'));
    await replay.put('pods', pending('b'));
    assert.deepEqual(replay.told, ['created a']);
    assert.equal(replay.engine.open()[0]?.shared, 'PersistentVolumeClaim shop/data');
  });

  it('the first look and a restart find the same, in whatever order objects come', async () => {
    await using replay = await Replay.open();
    await replay.put('services', serviceOf('orders'));
    // By name it is heard of before its cause.
    await replay.put('pods', podOf('a-web', 1, needsOrders));
    await replay.put('pods', podOf('orders', 1));
    await replay.begin();
    assert.deepEqual(replay.told, ['baseline 1']);
    await replay.pass(40);
    assert.deepEqual(replay.open, ['orders: a-web-1, orders-1']);
    await replay.restart(async () => {
      await replay.put('pods', podOf('a-mail', 1, needsOrders));
    });
    await replay.pass(40);
    assert.deepEqual(replay.open, ['orders: a-mail-1, a-web-1, orders-1']);
    assert.deepEqual(replay.told, ['baseline 1']);
    await replay.put('pods', podOf('orders', 1, { ready: true, state: running() }));
    await replay.put('pods', podOf('a-web', 1, well(needsOrders)));
    await replay.put('pods', podOf('a-mail', 1, well(needsOrders)));
    await replay.pass(120);
    assert.deepEqual(replay.told, ['baseline 1', 'resolved orders']);
  });
});
