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
  f('quotes', { pod: 'a"b\\' }, ['| filter @logStream like "a\\"b\\\\"']);
});
