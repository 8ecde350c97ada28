import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataSource } from '../../../../../src/dashboards/data-sources/contract.ts';
import { byPanel, catalogueId, documentOf, firstAnswer, parseSource, reportOf } from './source.ts';

const source = (uid: string, type: string, isDefault = false): DataSource => ({
  uid,
  name: uid,
  type,
  url: '',
  isDefault,
  jsonData: {},
  secureJsonFields: {},
  readOnly: false,
  version: 1,
});
const sources = [
  source('logs', 'cloudwatch'),
  source('a', 'prometheus'),
  source('b', 'prometheus', true),
];

describe('catalogueId()', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['1860', '1860'],
    [' 1860 ', '1860'],
    ['https://grafana.com/grafana/dashboards/1860-node-exporter-full/', '1860'],
    ['grafana.com/dashboards/315', '315'],
    ['', undefined],
    ['node exporter', undefined],
    ['https://grafana.com/dashboards/node', undefined],
  ];
  for (const [text, id] of cases) it(`"${text}"`, () => assert.equal(catalogueId(text), id));
});

const exported = JSON.stringify({
  __inputs: [
    { name: 'DS_P', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' },
    { name: 'VAR', label: 'V', type: 'constant', value: '7' },
  ],
  __elements: { x: { uid: 'x', name: 'X', kind: 1, model: {} } },
  title: 'T',
  uid: 'u',
  panels: [
    { id: 1, type: 'timeseries', title: 'Known', datasource: '${DS_P}', targets: [] },
    { id: 2, type: 'mystery-panel', title: 'Unknown', datasource: '${DS_P}' },
  ],
});

describe('a source', () => {
  it('asks for what it declares, with a first answer', () => {
    const found = parseSource(exported, 'file');
    assert.deepEqual([found.title, found.uid, found.libraryPanels], ['T', 'u', 1]);
    assert.deepEqual(
      found.inputs.map((input) => firstAnswer(input, sources)),
      ['b', '7'],
    );
    assert.deepEqual(
      found.inputs.map((input) => firstAnswer(input, [])),
      ['', '7'],
    );
  });

  it('goes to the server under its new name, without its wrapping', () => {
    const wrapped = parseSource(
      JSON.stringify({ dashboard: { title: 'W', panels: [] }, meta: {} }),
      '',
    );
    assert.deepEqual(documentOf(wrapped, { title: 'New', uid: '' }), {
      title: 'New',
      panels: [],
      uid: null,
    });
    const plain = documentOf(parseSource(exported, ''), { title: 'N', uid: 'v' });
    assert.deepEqual([plain['title'], plain['uid']], ['N', 'v']);
    assert.ok('__inputs' in plain);
  });

  it('is reported panel by panel, the worst first', () => {
    const answers = [
      { name: 'DS_P', type: 'datasource', value: 'b' },
      { name: 'VAR', type: 'constant', value: '1' },
    ];
    const { items, panels } = reportOf(parseSource(exported, ''), answers, sources);
    assert.equal(panels, 2);
    const [first] = byPanel(items);
    assert.deepEqual(first?.panel, { id: 2, title: 'Unknown' });
    assert.equal(first?.items[0]?.code, 'panel-type-unknown');
  });

  it('is refused when it is none', () => {
    assert.throws(() => parseSource('[]', ''), /a dashboard must be an object/);
    assert.throws(() => parseSource('{', ''), SyntaxError);
  });
});
