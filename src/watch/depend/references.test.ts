import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../contract.ts';
import { findNeed, leadsOf } from './needs.ts';
import { configMapsOf, referencesOf } from './references.ts';
import type { DownService } from './services.ts';

const spec = {
  initContainers: [
    {
      name: 'wait',
      image: 'busybox',
      command: ['sh', '-c', 'until nc -z cache 6379; do sleep 1; done'],
    },
  ],
  containers: [
    {
      name: 'web',
      image: 'web:1',
      args: ['--upstream=http://billing:8080'],
      env: [
        { name: 'ORDERS_HOST', value: 'orders' },
        { name: 'ORDERS_URL', value: 'http://$(ORDERS_HOST).shop:8080/' },
        { name: 'QUEUE', value: 'orders' },
        { name: 'MAIL_URL', valueFrom: { configMapKeyRef: { name: 'mail', key: 'url' } } },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } },
      ],
      envFrom: [{ configMapRef: { name: 'common' }, prefix: 'C_' }],
    },
  ],
};

describe('what a pod names', () => {
  it('in its environment, its arguments, its ConfigMaps and its init containers', () => {
    assert.deepEqual(configMapsOf({ spec }), ['mail', 'common']);
    const maps = new Map([
      ['mail', { url: 'smtp://mail:25' }],
      ['common', { SEARCH_HOST: 'search' }],
    ]);
    const found = referencesOf({ spec }, maps).map(
      ({ host, by, where }) => `${host} ${by} ${where}`,
    );
    for (const want of [
      'cache initContainer wait',
      'orders environment ORDERS_HOST',
      'orders.shop environment ORDERS_URL',
      'mail configMap mail/MAIL_URL',
      'search configMap common/C_SEARCH_HOST',
      'billing arguments web',
    ]) {
      assert.ok(found.includes(want), `${want} in ${JSON.stringify(found)}`);
    }
    assert.ok(!found.some((one) => one.includes('QUEUE')));
  });
});

const service = (name: string, namespace = 'shop'): Subject => ({
  kind: 'Service',
  namespace,
  name,
});
const down = (name: string, more: Partial<DownService> = {}): DownService => ({
  service: service(name),
  addresses: [],
  workload: { kind: 'Deployment', namespace: 'shop', name },
  isDns: false,
  ...more,
});
const has = (): boolean => true;

describe('what a workload needs and does not have', () => {
  const references = [{ host: 'orders', by: 'environment', where: 'ORDERS_HOST' } as const];
  const f = (
    what: string,
    question: Partial<Parameters<typeof findNeed>[0]>,
    want: string | undefined,
  ): void =>
    void it(what, () => {
      const need = findNeed({
        ...{ namespace: 'shop', down: [down('orders')], references: [], leads: [], has },
        ...question,
      });
      assert.equal(need === undefined ? undefined : `${need.service.name} ${need.by}`, want);
    });
  const log = (text: string) => leadsOf({ events: [], log: text });

  f('a name and a Service that is down', { references }, 'orders environment');
  f('a name alone', { references, down: [down('cache')] }, undefined);
  f('a Service that is down alone', {}, undefined);
  f('nothing is down', { references, down: [] }, undefined);
  f('its log names it', { leads: log('connect orders:80: connection refused') }, 'orders log');
  f(
    'its log names an address of it',
    {
      down: [down('orders', { addresses: ['10.96.3.4'] })],
      leads: log('dial tcp 10.96.3.4:80: connect: connection refused'),
    },
    'orders log',
  );
  f('its log names it, and that it answers', { leads: log('connected to orders:80') }, undefined);
  f('its log names another one', { leads: log('dial tcp: lookup cache: no such host') }, undefined);
  f(
    'its log says more than its environment',
    {
      references,
      down: [down('orders'), down('cache')],
      leads: log('dial tcp: lookup cache: no such host'),
    },
    'cache log',
  );
  f('each needs the other: its own log decides', { references, namesBack: () => true }, undefined);
  f(
    'each needs the other, and its log says so',
    {
      references,
      namesBack: () => true,
      leads: log('orders:80 connection refused'),
    },
    'orders log',
  );
  const dns = down('kube-dns', { service: service('kube-dns', 'kube-system'), isDns: true });
  f(
    'names are not found, and DNS is down',
    {
      down: [dns],
      leads: log('lookup api.example.com on 10.96.0.10:53: server misbehaving'),
    },
    'kube-dns dns',
  );
  f('DNS is down, and it does not say so', { down: [dns], leads: log('exit') }, undefined);
});
