import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkQuery } from '../../../../../src/logs/insights/compile.ts';
import { logsQuery } from './logs-link.ts';

describe('logsQuery()', () => {
  const f = (name: string, labels: Record<string, string>, want: readonly string[]) =>
    it(name, () => {
      const text = logsQuery(labels);
      const filters = text.split('\n').filter((line) => line.startsWith('| filter'));
      assert.deepEqual(filters, want);
      assert.deepEqual(checkQuery(text), []);
    });
  f('asks for everything without labels that logs know', { instance: 'a:9100' }, []);
  f('asks for a pod', { pod: 'web-1', namespace: 'shop' }, ['| filter @logStream like "web-1"']);
  f('asks for a namespace', { namespace: 'shop' }, ['| filter @logStream like "_shop_"']);
  f('asks for a container of a pod', { pod: 'web-1', container: 'nginx' }, [
    '| filter @logStream like "web-1"',
    '| filter @logStream like "_nginx"',
  ]);
  const k8s = ['pod_name', 'namespace_name', 'container_name', 'host'].map(
    (x) => `kubernetes.${x}`,
  );
  const g = (name: string, labels: Record<string, string>, want: readonly string[]) =>
    it(`with fields: ${name}`, () => {
      const text = logsQuery(labels, new Set(k8s));
      assert.deepEqual(checkQuery(text), []);
      assert.deepEqual(
        text.split('\n').flatMap((line) => (line.startsWith('| filter') ? [line.slice(9)] : [])),
        want,
      );
    });
  g('a container', { pod: 'web-1', namespace: 'shop', container: 'main', node: 'n' }, [
    'kubernetes.namespace_name = "shop"',
    'kubernetes.pod_name = "web-1"',
    'kubernetes.container_name = "main"',
  ]);
  g('a node', { node: 'node-1' }, ['kubernetes.host = "node-1"']);
  g('an instance that is a host', { instance: 'node-1:9100' }, ['kubernetes.host = "node-1"']);
  g('an instance that is an address', { instance: '10.0.0.1:9100' }, []);
  f('quotes', { pod: 'a"b\\' }, ['| filter @logStream like "a\\"b\\\\"']);
});
