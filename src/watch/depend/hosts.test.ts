import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clueOf } from './clues.ts';
import { hostsIn, hostsOfCommand, isHostKey, serviceOfHost } from './hosts.ts';

const names = (hosts: readonly { host: string; port?: number | undefined }[]): string[] =>
  hosts.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`));

describe('hosts that a value names', () => {
  const f = (key: string, value: string, ...want: string[]): void =>
    void it(`${key}=${value}`, () => assert.deepEqual(names(hostsIn(value, isHostKey(key))), want));

  f('DB_HOST', 'orders', 'orders');
  f('databaseHost', 'orders', 'orders');
  f(
    'KAFKA_BROKERS',
    'kafka-0.kafka:9092,kafka-1.kafka:9092',
    'kafka-0.kafka:9092',
    'kafka-1.kafka:9092',
  );
  f('DATABASE_URL', 'postgres://app:s3cret@orders:5432/shop?sslmode=disable', 'orders:5432');
  f('X', 'jdbc:postgresql://orders.shop.svc.cluster.local/shop', 'orders.shop.svc.cluster.local');
  f('MONGO', 'mongodb://u:p@a:27017,b.shop:27018/x', 'a:27017', 'b.shop:27018');
  f('X', 'http://orders/', 'orders');
  f('X', 'see orders.shop.svc for it', 'orders.shop.svc');
  f('X', '10.96.3.4:8080', '10.96.3.4:8080');
  // Words are no hosts: a queue, a mode, a time, an image.
  f('QUEUE', 'orders');
  f('MODE', 'web');
  f('STARTED_AT', '2026-03-01T10:00:00Z');
  f('GHOST', 'orders');
  f('X', 'a::b');

  it('a text that is long is looked at from its start', () => {
    const long = `${'x '.repeat(100_000)}http://orders/`;
    assert.deepEqual(hostsIn(long), []);
  });
});

describe('hosts that a command names', () => {
  const f = (words: readonly string[], want: string, isNamed = true): void =>
    void it(words.join(' '), () =>
      assert.equal(names(hostsOfCommand(words)).includes(want), isNamed),
    );

  f(['sh', '-c', 'until nc -z orders 5432; do sleep 1; done'], 'orders');
  f(['sh', '-c', 'until nslookup orders.shop; do sleep 2; done'], 'orders.shop');
  f(['pg_isready', '-h', 'orders'], 'orders');
  f(['/wait-for-it.sh', 'orders:5432', '--', 'true'], 'orders:5432');
  f(['/app', '--db-host=orders', '--verbose'], 'orders');
  f(['/app', '--redis-addr', 'cache:6379'], 'cache:6379');
  f(['/app', 'serve', 'orders'], 'orders', false);
  f(['/app', '--name=orders'], 'orders', false);
});

describe('the Service that a host means', () => {
  const there = new Set(['shop/orders', 'pay/orders', 'shop/kafka', 'svc/x']);
  const has = (namespace: string, name: string): boolean => there.has(`${namespace}/${name}`);
  const f = (host: string, want: string | undefined, namespace = 'shop'): void =>
    void it(`${host} in ${namespace}`, () => {
      const found = serviceOfHost(host, namespace, has);
      assert.equal(found === undefined ? undefined : `${found.namespace}/${found.name}`, want);
    });

  f('orders', 'shop/orders');
  f('orders', 'pay/orders', 'pay');
  f('orders', undefined, 'web');
  f('orders.pay', 'pay/orders');
  f('orders.pay.svc', 'pay/orders');
  f('orders.pay.svc.cluster.local', 'pay/orders');
  f('orders.pay.svc.k8s.example', 'pay/orders');
  f('kafka-0.kafka', 'shop/kafka');
  f('kafka-0.kafka.shop', 'shop/kafka');
  f('kafka-0.kafka.shop.svc.cluster.local', 'shop/kafka');
  f('orders.example.com.au', undefined);
  f('example.com', undefined);
  f('10.96.0.1', undefined);
});

describe('lines that tell of somebody who does not answer', () => {
  const f = (line: string, host: string | undefined, isName = false): void =>
    void it(line, () => {
      const clue = clueOf(line);
      const hosts = clue?.hosts.map((one) => one.host) ?? [];
      assert.equal(
        host === undefined ? clue : hosts.includes(host),
        host === undefined ? undefined : true,
      );
      assert.equal(clue?.isName ?? false, isName);
    });

  f('dial tcp 10.96.34.5:5432: connect: connection refused', '10.96.34.5');
  f('dial tcp: lookup orders on 10.96.0.10:53: no such host', 'orders', true);
  f('dial tcp: lookup orders.shop.svc: i/o timeout', 'orders.shop.svc', true);
  f('Error: connect ECONNREFUSED 10.96.34.5:6379', '10.96.34.5');
  f('Error: getaddrinfo ENOTFOUND orders', 'orders', true);
  f('getaddrinfo EAI_AGAIN orders orders:80', 'orders', true);
  f('java.net.UnknownHostException: orders', 'orders', true);
  f(
    'psql: could not translate host name "orders" to address: Name or service not known',
    'orders',
    true,
  );
  f(`connection to server at "orders" (10.96.3.4), port 5432 failed: Connection refused`, 'orders');
  f(`Can't connect to MySQL server on 'orders:3306' (111)`, 'orders');
  f('Post "http://orders:8080/v1": context deadline exceeded', 'orders');
  f('panic: runtime error: index out of range', undefined);
  f('listening on orders:8080', undefined);
});
