import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDashboard } from './read.ts';

const known = [
  { uid: 'prom-1', name: 'Prometheus', type: 'prometheus', isDefault: true },
  { uid: 'loki-1', name: 'Logs', type: 'loki' },
];

describe('references to data sources', () => {
  const f = (given: unknown, want: unknown, dataSources = known): void =>
    void it(JSON.stringify(given), () => {
      const input = {
        title: 'x',
        schemaVersion: 42,
        templating: {
          list: [
            { name: 'datasource', type: 'datasource', query: 'prometheus' },
            { name: 'v', type: 'query', datasource: given },
          ],
        },
        annotations: { list: [{ name: 'a', datasource: given, target: { datasource: given } }] },
        panels: [
          {
            type: 'row',
            collapsed: true,
            panels: [{ datasource: given, targets: [{ datasource: given }] }],
          },
        ],
      };
      const { dashboard } = readDashboard(input, { dataSources });
      const panel = dashboard.panels[0]?.panels?.[0];
      const [annotation] = dashboard.annotations.list;
      const found = [
        panel?.datasource,
        panel?.targets?.[0]?.datasource,
        dashboard.templating.list[1]?.datasource,
        annotation?.datasource,
        annotation?.target?.datasource,
      ];
      assert.deepEqual(found, Array(5).fill(want));
    });
  f(null, null);
  f('default', null);
  f('', null);
  f({ uid: 'default' }, null);
  f(undefined, undefined);
  f('Prometheus', { type: 'prometheus', uid: 'prom-1' });
  f('loki-1', { type: 'loki', uid: 'loki-1' });
  f('Elsewhere', { uid: 'Elsewhere' });
  f('Prometheus', { uid: 'Prometheus' }, []);
  f({ type: 'prometheus' }, { type: 'prometheus' });
  f({ uid: 'loki-1' }, { type: 'loki', uid: 'loki-1' });
  f({ type: 'prometheus', uid: 'x' }, { type: 'prometheus', uid: 'x' });
  f('$datasource', { type: 'prometheus', uid: '$datasource' });
  f('${datasource}', { type: 'prometheus', uid: '${datasource}' });
  f('[[datasource]]', { type: 'prometheus', uid: '[[datasource]]' });
  f({ uid: '$datasource' }, { type: 'prometheus', uid: '$datasource' });
  f({ uid: '${datasource}', type: 'prometheus' }, { type: 'prometheus', uid: '${datasource}' });
  f({ uid: '$other' }, { uid: '$other' });
  f('-- Mixed --', { type: 'datasource', uid: '-- Mixed --' });
  f('-- Grafana --', { type: 'grafana', uid: '-- Grafana --' });
  f({ uid: 'grafana' }, { type: 'grafana', uid: '-- Grafana --' });
  f({ uid: '-- Dashboard --' }, { type: 'datasource', uid: '-- Dashboard --' });
  // Files that nobody imported, and that do not even say what they ask for.
  f('${DS_PROMETHEUS}', { type: 'prometheus', uid: 'prom-1' });
  f({ type: 'loki', uid: '${DS_LOKI}' }, { type: 'loki', uid: 'loki-1' });
  f({ type: 'mysql', uid: '${DS_MYSQL}' }, { type: 'mysql', uid: '${DS_MYSQL}' });
  f('${DS_PROMETHEUS}', { uid: '${DS_PROMETHEUS}' }, []);
});
