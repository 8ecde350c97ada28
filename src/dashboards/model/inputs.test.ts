import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyInputs, inputsOf } from './inputs.ts';
import { libraryElementsOf, withLibraryModel } from './library-panels.ts';
import { readDashboard, readPanel } from './read.ts';

const file = {
  __inputs: [
    {
      name: 'DS_PROMETHEUS',
      label: 'Prometheus',
      description: 'd',
      type: 'datasource',
      pluginId: 'prometheus',
      pluginName: 'Prometheus',
    },
    { name: 'DS_EXPRESSION', label: 'Expression', type: 'datasource', pluginId: '__expr__' },
    { name: 'VAR_LIMIT', type: 'constant', label: 'limit', value: '10' },
  ],
  __requires: [{ type: 'panel', id: 'graph' }],
  __elements: {
    lib: {
      name: 'L',
      uid: 'lib',
      kind: 1,
      model: { type: 'graph', datasource: '${DS_PROMETHEUS}', yaxes: [] },
    },
  },
  title: 'x ${VAR_LIMIT} $VAR_LIMIT ${other} ${DS_PROMETHEUS:raw}',
  panels: [
    {
      datasource: { uid: '${DS_PROMETHEUS}' },
      targets: [{ datasource: { uid: '${DS_EXPRESSION}' }, expr: 'a > ${VAR_LIMIT}' }],
    },
  ],
  'a ${DS_PROMETHEUS}': [['deep ${DS_PROMETHEUS}-${DS_PROMETHEUS}']],
};

describe('inputsOf()', () => {
  it('says what to ask, wrapped or not; expressions are not asked for', () => {
    for (const input of [file, { dashboard: file }, { json: file }]) {
      assert.deepEqual(inputsOf(input), [
        {
          name: 'DS_PROMETHEUS',
          label: 'Prometheus',
          description: 'd',
          type: 'datasource',
          pluginId: 'prometheus',
          pluginName: 'Prometheus',
        },
        { name: 'VAR_LIMIT', label: 'limit', description: '', type: 'constant', value: '10' },
      ]);
    }
    assert.deepEqual(inputsOf({ title: 'x' }), []);
  });
});

describe('applyInputs()', () => {
  it('replaces exact names in all strings, keys and other references stay', () => {
    const applied = applyInputs(file, [
      { name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus', value: 'my $& uid' },
      { name: 'VAR_LIMIT', type: 'constant', value: '99' },
    ]);
    assert.deepEqual(applied, {
      title: 'x 99 $VAR_LIMIT ${other} ${DS_PROMETHEUS:raw}',
      panels: [
        {
          datasource: { uid: 'my $& uid' },
          targets: [{ datasource: { uid: '__expr__' }, expr: 'a > 99' }],
        },
      ],
      'a ${DS_PROMETHEUS}': [['deep my $& uid-my $& uid']],
    });
  });

  it('takes * for every input of a type, and a constant’s own value', () => {
    const applied = applyInputs(file, [{ name: '*', type: 'datasource', value: 'u' }]);
    assert.equal(applied['title'], 'x 10 $VAR_LIMIT ${other} ${DS_PROMETHEUS:raw}');
    const other = [{ name: '*', type: 'datasource', pluginId: 'loki', value: 'u' }];
    assert.throws(() => applyInputs(file, other), /DS_PROMETHEUS missing/);
  });

  it('says which input has no answer', () => {
    assert.throws(() => applyInputs(file, []), {
      code: 'DASHBOARD_INPUT_MISSING',
      message: 'Dashboard input variable: DS_PROMETHEUS missing from import command',
    });
  });
});

describe('a file that nobody imported', () => {
  it('has the default data source of each type, and constants as they are', () => {
    const dataSources = [
      { uid: 'a', name: 'A', type: 'prometheus' },
      { uid: 'b', name: 'B', type: 'prometheus', isDefault: true },
      { uid: 'l', name: 'L', type: 'loki' },
    ];
    const { dashboard } = readDashboard(file, { dataSources });
    assert.deepEqual(dashboard.panels[0]?.datasource, { type: 'prometheus', uid: 'b' });
    assert.equal(dashboard.panels[0]?.targets?.[0]?.['expr'], 'a > 10');
    assert.equal(dashboard['__inputs'], undefined);
  });

  it('keeps its question and its type where nothing is known', () => {
    const { dashboard } = readDashboard(file);
    assert.deepEqual(dashboard.panels[0]?.datasource, {
      type: 'prometheus',
      uid: '${DS_PROMETHEUS}',
    });
  });
});

describe('library panels', () => {
  const answers = [{ name: '*', type: 'datasource', value: 'u' }];
  it('come out of a map or a list, with answers in them', () => {
    const [element] = libraryElementsOf(file, answers);
    assert.deepEqual(element, {
      uid: 'lib',
      name: 'L',
      model: { type: 'graph', datasource: 'u', yaxes: [] },
    });
    const list = {
      ...file,
      __elements: [
        { uid: 'lib', name: 'L', kind: 1, model: {} },
        { uid: 'v', kind: 2, model: {} },
        1,
      ],
    };
    assert.deepEqual(
      libraryElementsOf(list, answers).map(({ uid }) => uid),
      ['lib'],
    );
  });

  it('are put in where they are referred to', () => {
    const { dashboard } = readDashboard({
      title: 'x',
      panels: [
        { id: 7, title: 'own', libraryPanel: { uid: 'lib' }, gridPos: { x: 3, y: 0, w: 4, h: 5 } },
      ],
    });
    const [element] = libraryElementsOf(file, answers);
    const panel = withLibraryModel(dashboard.panels[0]!, {
      ...element!,
      model: { ...readPanel(element!.model) },
    });
    assert.deepEqual(
      [panel.id, panel.type, panel.title, panel.gridPos.x],
      [7, 'timeseries', 'own', 3],
    );
    assert.deepEqual(panel.datasource, { uid: 'u' });
    assert.deepEqual(panel.libraryPanel, { uid: 'lib', name: 'L' });
  });
});
