import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportDashboard } from './export.ts';
import { applyInputs } from './inputs.ts';
import { libraryElementsOf } from './library-panels.ts';
import { readDashboard } from './read.ts';

const dataSources = [
  { uid: 'p1', name: 'Prometheus', type: 'prometheus', isDefault: true },
  { uid: 'p2', name: 'prometheus!', type: 'prometheus' },
];
const { dashboard } = readDashboard({
  title: 'x',
  uid: 'x',
  id: 7,
  version: 3,
  schemaVersion: 42,
  ours: 1,
  templating: {
    list: [
      {
        name: 'datasource',
        type: 'datasource',
        query: 'prometheus',
        current: { text: 'Prometheus', value: 'p1' },
      },
      {
        name: 'ns',
        type: 'query',
        datasource: { uid: '$datasource' },
        query: 'label_values(ns)',
        current: { text: 'a', value: 'a' },
        options: [{ text: 'a', value: 'a' }],
      },
      { name: 'limit', type: 'constant', query: '10', hide: 2 },
    ],
  },
  panels: [
    { id: 1, type: 'stat', datasource: null, targets: [{ refId: 'A', expr: '$limit' }] },
    {
      id: 2,
      type: 'stat',
      datasource: { type: 'prometheus', uid: 'p2' },
      targets: [{ refId: 'A', datasource: { uid: '$datasource' } }],
    },
    { id: 3, type: 'library-panel-ref', libraryPanel: { uid: 'lib', name: 'L' } },
    { id: 4, type: 'text', datasource: { type: 'datasource', uid: '-- Mixed --' } },
  ],
});
const libraryElements = [
  {
    uid: 'lib',
    name: 'L',
    model: { type: 'gauge', datasource: { type: 'prometheus', uid: 'p1' } },
  },
  { uid: 'other', name: 'O', model: { type: 'table' } },
];
const file = exportDashboard(dashboard, { dataSources, libraryElements });

describe('exportDashboard()', () => {
  it('asks for each data source and constant', () => {
    const inputs = file['__inputs'] as { name: string; type: string; value?: string }[];
    assert.deepEqual(
      inputs.map(({ name, type, value }) => [name, type, value]),
      [
        ['DS_PROMETHEUS', 'datasource', undefined],
        ['DS_PROMETHEUS_', 'datasource', undefined],
        ['VAR_LIMIT', 'constant', '10'],
      ],
    );
    const panels = file['panels'] as {
      datasource?: unknown;
      targets?: { datasource?: unknown }[];
    }[];
    assert.deepEqual(
      panels.map((panel) => panel.datasource),
      [
        { type: 'prometheus', uid: '${DS_PROMETHEUS}' },
        { type: 'prometheus', uid: '${DS_PROMETHEUS_}' },
        undefined,
        { type: 'datasource', uid: '-- Mixed --' },
      ],
    );
    assert.deepEqual(panels[1]?.targets?.[0]?.datasource, {
      type: 'prometheus',
      uid: '$datasource',
    });
  });

  it('leaves out ids and values of the day, keeps the rest', () => {
    assert.deepEqual([file['id'], file['uid'], file['ours']], [null, 'x', 1]);
    const { list } = file['templating'] as {
      list: { current?: unknown; options?: unknown; query?: unknown }[];
    };
    assert.deepEqual(list.map(({ current }) => current).slice(0, 2), [{}, {}]);
    assert.equal(list[2]?.query, '${VAR_LIMIT}');
  });

  it('says what it requires and brings its library panels along', () => {
    const requires = file['__requires'] as { type: string; id: string }[];
    assert.deepEqual(
      requires.map(({ type, id }) => `${type} ${id}`),
      [
        'grafana grafana',
        'datasource prometheus',
        'panel gauge',
        'panel library-panel-ref',
        'panel stat',
        'panel text',
      ],
    );
    const [element, ...rest] = libraryElementsOf(file, [
      { name: '*', type: 'datasource', value: 'p9' },
    ]);
    assert.deepEqual(rest, []);
    assert.deepEqual(element?.model, {
      type: 'gauge',
      datasource: { type: 'prometheus', uid: 'p9' },
    });
  });

  it('imported and exported again is the same', () => {
    const answers = [
      { name: 'DS_PROMETHEUS', type: 'datasource', value: 'p1' },
      { name: 'DS_PROMETHEUS_', type: 'datasource', value: 'p2' },
    ];
    const again = readDashboard(applyInputs(file, answers)).dashboard;
    assert.deepEqual(exportDashboard(again, { dataSources, libraryElements }), file);
  });

  it('is of no use to the dashboard: that is unchanged', () => {
    assert.equal(dashboard.panels[0]?.datasource, null);
  });
});
