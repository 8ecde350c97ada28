import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Dashboard } from './contract.ts';
import { DashboardError } from './errors.ts';
import { importReport } from './import-report.ts';
import { maxPanels } from './limits.ts';
import { parseDashboard, readDashboard, readPanel } from './read.ts';
import { describeReportItem } from './report-items.ts';

const read = (input: unknown): Dashboard => readDashboard(input).dashboard;
const words = (input: unknown): string[] =>
  readDashboard(input).report.map((item) => `${item.path}: ${describeReportItem(item, 'en')}`);

const present = {
  uid: 'abc',
  title: 'T',
  schemaVersion: 42,
  tags: [],
  time: { from: 'now-1h', to: 'now' },
  templating: { list: [] },
  annotations: { list: [] },
  links: [],
  panels: [
    {
      id: 1,
      type: 'stat',
      title: 'P',
      gridPos: { x: 0, y: 0, w: 4, h: 4 },
      options: {},
      fieldConfig: { defaults: {}, overrides: [] },
      targets: [{ refId: 'A', expr: 'up' }],
    },
  ],
};

describe('readDashboard()', () => {
  it('leaves a document in its present form as it is, and the input in any case', () => {
    const before = structuredClone(present);
    const { dashboard, report } = readDashboard(present);
    assert.deepEqual(dashboard, before);
    assert.deepEqual(report, []);
    assert.deepEqual(present, before);
  });

  describe('takes wrappings off', () => {
    const f = (name: string, input: unknown, uid = 'abc'): void =>
      void it(name, () => {
        assert.equal(read(input).title, 'T');
        assert.equal(read(input).uid, uid);
      });
    f('Grafana’s API', { dashboard: present, meta: { slug: 't' } });
    f('an import', { dashboard: present, overwrite: true, inputs: [] });
    f('the catalogue', { id: 1860, slug: 'x', json: present });
    f('both', { json: { dashboard: present } });
    f(
      'v1beta1',
      {
        apiVersion: 'dashboard.grafana.app/v1beta1',
        kind: 'Dashboard',
        metadata: { name: 'other' },
        spec: present,
      },
      'other',
    );
    f('v0alpha1 without a name', { kind: 'Dashboard', spec: present });
  });

  describe('refuses', () => {
    const f = (name: string, input: unknown, message: RegExp): void =>
      void it(name, () => {
        assert.throws(
          () => readDashboard(input),
          (error) => error instanceof DashboardError && message.test(error.message),
        );
      });
    f('null', null, /must be an object.*found null/);
    f('a list', [present], /found a list/);
    f('a text', 'x', /found a string/);
    f('what is nested too deep', nested(100), /panels\[0\].*nested deeper than 80 levels/);
    f(
      'too many panels',
      { panels: Array(maxPanels + 1).fill({}) },
      /panels\[2000\]: more than 2000/,
    );
    f('too much text', { panels: [], a: ['x'.repeat(5_000_001)] }, /^a\[0\]: more than 5000000/);
    f('wrappings without end', wrapped(8), /no dashboard in these wrappings/);
  });

  it('says what is wrong with text that is no JSON', () => {
    assert.throws(() => parseDashboard('{"a":'), /^DashboardError: not JSON: /);
    assert.equal(parseDashboard(`\uFEFF${JSON.stringify(present)}`).dashboard.title, 'T');
  });

  it('reads panels that lie within anything as if they were not there', () => {
    const odd = { title: 'x', panels: [null, 1, 'a', [], { type: 'stat', targets: 'x' }] };
    assert.deepEqual(
      read(odd).panels.map((panel) => panel.type),
      ['stat'],
    );
    assert.equal(read({ title: 'x', panels: 'none', templating: 1, links: {} }).panels.length, 0);
  });

  describe('settings', () => {
    const f = (key: string, given: unknown, want: unknown): void =>
      void it(`${key} ${JSON.stringify(given)}`, () => {
        assert.deepEqual(read({ ...present, [key]: given })[key], want);
      });
    f('title', '', 'Untitled');
    f('uid', null, undefined);
    f('uid', '', undefined);
    f('uid', 12, '12');
    f('tags', null, []);
    f('tags', ['a', 'a', 1, '', 'b'], ['a', 'b']);
    f('timezone', 'Asia/Seoul', 'Asia/Seoul');
    f('timezone', 'utc', 'utc');
    f('timezone', 'Mars/Base', '');
    f('time', undefined, { from: 'now-6h', to: 'now' });
    f('time', { from: 1_700_000_000_000, to: '' }, { from: '1700000000000', to: 'now' });
    f('graphTooltip', '2', 2);
    f('style', 'dark', undefined);
    f('iteration', 1, undefined);
    f('hideControls', true, undefined);
    f('schemaVersion', '42', 42);
    f('schemaVersion', 'new', 42);
    f('schemaVersion', 43, 43);
    f('schemaversion', 12, 12);
    f('__inputs', [], undefined);
    f('__requires', [], undefined);
    f('ours', { is: ['kept'] }, { is: ['kept'] });
    it('sharedCrosshair', () => {
      assert.equal(read({ ...present, sharedCrosshair: true }).graphTooltip, 1);
    });
  });

  describe('refIds', () => {
    const f = (given: readonly (string | undefined)[], want: readonly string[]): void =>
      void it(JSON.stringify(given), () => {
        const targets = given.map((refId) => (refId === undefined ? {} : { refId }));
        const [panel] = read({ ...present, panels: [{ type: 'stat', targets }] }).panels;
        assert.deepEqual(
          panel?.targets?.map((target) => target.refId),
          want,
        );
      });
    f([undefined, undefined, undefined], ['A', 'B', 'C']);
    f([undefined, 'A', undefined], ['B', 'A', 'C']);
    f(['A', 'A'], ['A', 'B']);
    f(['', 'Q'], ['A', 'Q']);
    const many = read({ ...present, panels: [{ targets: Array(28).fill({}) }] }).panels[0]?.targets;
    it('28 of them', () =>
      assert.deepEqual(
        many?.slice(25).map((t) => t.refId),
        ['Z', 'AA', 'AB'],
      ));
  });

  it('knows the numbers of formats', () => {
    const targets = [{ format: 2 }, { format: 'table' }, { format: 9 }];
    const [panel] = read({ ...present, panels: [{ targets }] }).panels;
    assert.deepEqual(
      panel?.targets?.map((target) => target['format']),
      ['table', 'table', 9],
    );
  });

  it('gives each panel an id of its own', () => {
    const panels = [
      { id: 2 },
      { id: 2 },
      {},
      { id: '7' },
      { type: 'row', collapsed: true, panels: [{ id: 2 }] },
    ];
    const ids = read({ ...present, panels }).panels.flatMap((p) => [
      p.id,
      ...(p.panels ?? []).map((c) => c.id),
    ]);
    assert.deepEqual(new Set(ids).size, 6);
    assert.equal(ids[0], 2);
    assert.ok(ids.includes(7));
  });

  it('drops stored clones at any version, and says how many', () => {
    const panels = [
      { id: 1, title: 'a $x', repeat: 'x', repeatIteration: 5 },
      { id: 2, title: 'a $x', repeatPanelId: 1, repeatIteration: 5 },
      { id: 3, type: 'row', repeatPanelId: 9, collapsed: true, panels: [{ id: 4 }] },
      { id: 5, repeatByRow: true },
    ];
    const input = { ...present, panels };
    assert.deepEqual(
      read(input).panels.map((panel) => [panel.id, panel['repeatIteration']]),
      [[1, undefined]],
    );
    assert.match(words(input).join(), /3 stored copies/);
  });

  it('keeps a library panel as a reference, without a word', () => {
    const panels = [{ id: 1, libraryPanel: { uid: 'lib', name: 'L' }, type: 'library-panel-ref' }];
    const { dashboard, report } = readDashboard({ ...present, panels });
    assert.deepEqual(dashboard.panels[0]?.libraryPanel, { uid: 'lib', name: 'L' });
    assert.deepEqual([...report, ...importReport(dashboard)], []);
  });

  it('reads a panel alone', () => {
    assert.equal(readPanel({ type: 'graph', lines: true, yaxes: [] }).type, 'timeseries');
    assert.throws(() => readPanel(3), /a panel must be an object/);
  });

  it('never reaches a prototype', () => {
    const { dashboard } = parseDashboard(
      '{"title":"x","__proto__":{"polluted":1},"panels":[{"type":"constructor"},{"type":"toString"}]}',
    );
    assert.equal(dashboard['polluted'], undefined);
    assert.deepEqual(
      importReport(dashboard).map((item) => item.code),
      ['panel-type-unknown', 'panel-type-unknown'],
    );
  });
});

/** Documents as wild as they come: keys that mean something, with values that may not fit. */
const keys = fc.constantFrom(
  'panels',
  'rows',
  'title',
  'type',
  'targets',
  'gridPos',
  'options',
  'fieldConfig',
  'defaults',
  'overrides',
  'matcher',
  'properties',
  'id',
  'value',
  'custom',
  'templating',
  'list',
  'name',
  'current',
  'annotations',
  'links',
  'datasource',
  'uid',
  'yaxes',
  'styles',
  'valueMaps',
  'mappings',
  'thresholds',
  'steps',
  'schemaVersion',
  'collapsed',
  'repeat',
  'legend',
  'transformations',
  'layout',
  'elements',
  'spec',
  'kind',
  'xaxis',
  'ours',
  'fieldOptions',
  '__inputs',
  'x',
  'y',
  'w',
);
const leaves = fc.oneof(
  fc.constantFrom(
    'graph',
    'singlestat',
    'table',
    'table-old',
    'heatmap',
    'row',
    'stat',
    'gauge',
    'text',
    'query',
    'constant',
    'grafana-piechart-panel',
    'natel-discrete-panel',
    'hidden',
    'default',
    '$x',
    '16',
  ),
  fc.integer({ min: -5, max: 45 }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 4 }),
);
const { tree } = fc.letrec<{ tree: unknown; object: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaves,
    fc.array(tie('tree'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(keys, tie('tree'), { maxKeys: 8 }),
}));
const document = fc.record({
  schemaVersion: fc.oneof(fc.integer({ min: 0, max: 43 }), leaves),
  panels: fc.array(fc.dictionary(keys, tree, { maxKeys: 10 }), { maxLength: 5 }),
  rows: fc.option(fc.array(fc.dictionary(keys, tree, { maxKeys: 5 }), { maxLength: 2 }), {
    nil: undefined,
  }),
  templating: tree,
  ours: tree,
});

describe('readDashboard() of anything', () => {
  it('reads it, and reading that again changes nothing', () => {
    fc.assert(
      fc.property(document, (input) => {
        const once = readDashboard(input);
        const twice = readDashboard(once.dashboard);
        assert.deepEqual(plain(twice.dashboard), plain(once.dashboard));
        assert.deepEqual(twice.report, []);
        importReport(once.dashboard);
      }),
      { numRuns: 400 },
    );
  });

  it('keeps what nobody knows', () => {
    const value = fc
      .jsonValue({ maxDepth: 3 })
      .filter((v) => !JSON.stringify(v).includes('__proto__'));
    fc.assert(
      fc.property(
        value,
        fc.constantFrom(...(['graph', 'stat', 'table', 'x-panel'] as const)),
        (ours, type) => {
          const input = { title: 'x', panels: [{ type, ours, targets: [{ ours }] }], ours };
          const { dashboard } = readDashboard(input);
          const kept = plain(ours);
          assert.deepEqual(plain(dashboard['ours']), kept);
          assert.deepEqual(plain(dashboard.panels[0]?.['ours']), kept);
          assert.deepEqual(plain(dashboard.panels[0]?.targets?.[0]?.['ours']), kept);
        },
      ),
      { numRuns: 100 },
    );
  });
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let count = 0; count < depth; count++) value = { a: value };
  return { panels: [value] };
}

function wrapped(depth: number): unknown {
  let value: unknown = { title: 'T' };
  for (let count = 0; count < depth; count++) value = { dashboard: value };
  return value;
}
