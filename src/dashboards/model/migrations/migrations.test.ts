import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dashboard, Panel } from '../contract.ts';
import { readDashboard } from '../read.ts';
import { describeReportItem } from '../report-items.ts';

const read = (input: object): Dashboard => readDashboard({ title: 'x', ...input }).dashboard;
const panelOf = (schemaVersion: unknown, panel: object): Panel =>
  read({ schemaVersion, panels: [{ type: 'timeseries', ...panel }] }).panels[0]!;
const variableOf = (schemaVersion: number, variable: object): Record<string, unknown> =>
  read({ schemaVersion, templating: { list: [{ name: 'v', ...variable }] } }).templating.list[0]!;

describe('migrate()', () => {
  it('says from where to where', () => {
    const { report } = readDashboard({ title: 'x', schemaVersion: 18, panels: [] });
    assert.deepEqual(
      report.map((item) => describeReportItem(item, 'ko')),
      ['스키마 버전 18을(를) 42(으)로 변환했습니다'],
    );
  });

  describe('16: rows to a grid', () => {
    const f = (name: string, rows: object[], want: string[]): void =>
      void it(name, () => {
        const shown = (panels: readonly Panel[]): string[] =>
          panels.map((panel) => {
            const { x, y, w, h } = panel.gridPos;
            const inside = panel.panels?.length ? ` [${shown(panel.panels).join(' | ')}]` : '';
            return `${panel.title} ${x},${y} ${w}x${h}${inside}`;
          });
        const dashboard = read({ schemaVersion: 14, rows });
        assert.deepEqual(shown(dashboard.panels), want);
        assert.equal(dashboard['rows'], undefined);
      });
    const panel = (title: string, more: object = {}): object => ({ title, type: 'stat', ...more });
    f(
      'spans of 12 columns, heights of 38 px',
      [{ height: '250px', panels: [panel('a', { span: 4 }), panel('b', { span: 8 })] }],
      ['a 0,0 8x7', 'b 8,0 16x7'],
    );
    f(
      'heights as numbers, texts and of panels',
      [
        { height: 100, panels: [panel('a', { span: 12 })] },
        {
          height: '40',
          panels: [panel('b', { span: 6 }), panel('c', { span: 6, height: '190px' })],
        },
      ],
      ['a 0,0 24x3', 'b 0,3 12x3', 'c 12,3 12x5'],
    );
    f(
      'panels that do not fit beside go below',
      [{ panels: [panel('a', { span: 8 }), panel('b', { span: 8 }), panel('c')] }],
      ['a 0,0 16x7', 'c 16,0 8x7', 'b 0,7 16x7'],
    );
    f(
      'headings where one row has a title, is collapsed or repeated',
      [
        { title: 'one', panels: [panel('a', { span: 12 })] },
        { title: 'two', collapse: true, panels: [panel('b', { span: 12 })] },
        { title: 'three', showTitle: true, panels: [panel('c', { span: 12 })] },
      ],
      ['one 0,0 24x1', 'a 0,1 24x7', 'two 0,8 24x1 [b 0,9 24x7]', 'three 0,9 24x1', 'c 0,10 24x7'],
    );
    f(
      'no headings otherwise',
      [{ title: 'one', panels: [panel('a', { span: 12 })] }],
      ['a 0,0 24x7'],
    );
  });

  describe('17: minSpan', () => {
    const f = (minSpan: number, want: number): void =>
      void it(String(minSpan), () => assert.equal(panelOf(16, { minSpan }).maxPerRow, want));
    f(6, 4);
    f(8, 3);
    f(5, 4);
    f(24, 1);
    f(1, 24);
  });

  describe('19: links of panels', () => {
    const f = (link: object, want: string): void =>
      void it(JSON.stringify(link), () => {
        assert.deepEqual(panelOf(18, { links: [{ title: 't', ...link }] }).links, [
          { title: 't', url: want, targetBlank: false },
        ]);
      });
    f({ url: '/d/a' }, '/d/a');
    f({ url: '/d/a', keepTime: true }, '/d/a?$__url_time_range');
    f(
      { url: '/d/a?x=1', keepTime: true, includeVars: true },
      '/d/a?x=1&$__url_time_range&$__all_variables',
    );
    f({ dashUri: 'db/pods', params: 'var-a=b' }, 'dashboard/db/pods?var-a=b');
    f({ dashboard: 'My Pods' }, 'dashboard/db/my-pods');
  });

  it('20, 21: variables of data links', () => {
    const links = [
      { title: '${__series_name}', url: '/x?a=${__series.labels.pod}&b=$__value_time' },
    ];
    const panel = panelOf(19, { fieldConfig: { defaults: { links } } });
    assert.deepEqual(panel.fieldConfig.defaults.links, [
      { title: '${__series.name}', url: '/x?a=${__field.labels.pod}&b=${__value.time}' },
    ]);
  });

  describe('23: current and multi', () => {
    const f = (multi: boolean, given: unknown, want: unknown): void =>
      void it(`${multi} ${JSON.stringify(given)}`, () => {
        const { current } = variableOf(22, { multi, current: { text: given, value: given } });
        assert.deepEqual((current as { value: unknown }).value, want);
      });
    f(true, 'a', ['a']);
    f(true, ['a', 'b'], ['a', 'b']);
    f(false, ['a', 'b'], 'a');
    f(false, 'a', 'a');
  });

  describe('27: constants', () => {
    const f = (hide: number | undefined, type: string): void =>
      void it(`hide ${hide}`, () => {
        const made = variableOf(26, {
          type: 'constant',
          query: 'c',
          ...(hide === undefined ? {} : { hide }),
        });
        assert.equal(made['type'], type);
        assert.equal(made['query'], 'c');
      });
    f(0, 'textbox');
    f(1, 'textbox');
    f(undefined, 'textbox');
    f(2, 'constant');
    it('not later', () =>
      assert.equal(variableOf(27, { type: 'constant', hide: 0 })['type'], 'constant'));
  });

  it('28, 29: what variables kept', () => {
    const made = variableOf(27, {
      type: 'query',
      tags: [],
      tagsQuery: '',
      tagValuesQuery: '',
      useTags: false,
      refresh: 0,
      options: [{ text: 'a', value: 'a' }],
    });
    assert.deepEqual(made, { name: 'v', type: 'query', refresh: 1, options: [] });
    assert.equal(variableOf(28, { type: 'query', refresh: 2 })['refresh'], 2);
    assert.equal(variableOf(29, { type: 'query', refresh: 0 })['refresh'], 0);
  });

  describe('30: mappings', () => {
    const thresholds = {
      mode: 'absolute',
      steps: [
        { value: null, color: 'red' },
        { value: 10, color: 'green' },
      ],
    };
    const f = (given: object[], want: unknown[], schemaVersion = 29): void =>
      void it(JSON.stringify(given), () => {
        const panel = panelOf(schemaVersion, {
          fieldConfig: { defaults: { mappings: given, thresholds } },
        });
        assert.deepEqual(panel.fieldConfig.defaults.mappings, want);
      });
    f([{ type: 1, value: '1', text: 'up' }], [{ type: 'value', options: { 1: { text: 'up' } } }]);
    f(
      [
        { type: 1, value: '0', text: '5' },
        { type: 1, value: '1', text: '20' },
      ],
      [
        {
          type: 'value',
          options: { 0: { text: '5', color: 'red' }, 1: { text: '20', color: 'green' } },
        },
      ],
    );
    f(
      [{ type: 1, value: 'null', text: 'N/A' }],
      [{ type: 'special', options: { match: 'null', result: { text: 'N/A' } } }],
    );
    f(
      [{ type: 2, from: '1', to: '5', text: 'low' }],
      [{ type: 'range', options: { from: 1, to: 5, result: { text: 'low' } } }],
    );
    f(
      [{ id: 0, op: '=', text: 'N/A', type: 1, value: 'null', from: '', to: '' }],
      [{ type: 'special', options: { match: 'null', result: { text: 'N/A' } } }],
      42,
    );
    f(
      [{ type: 'value', options: { 1: { text: 'x' } } }],
      [{ type: 'value', options: { 1: { text: 'x' } } }],
      42,
    );
  });

  it('30: tooltipOptions', () => {
    assert.deepEqual(panelOf(29, { options: { tooltipOptions: { mode: 'multi' } } }).options, {
      tooltip: { mode: 'multi' },
    });
  });

  it('31: merge after labelsToFields', () => {
    const transformations = [
      { id: 'labelsToFields', options: {} },
      { id: 'organize', options: {} },
    ];
    const ids = (version: number): unknown =>
      panelOf(version, { transformations }).transformations?.map((step) => step.id);
    assert.deepEqual(ids(30), ['labelsToFields', 'merge', 'organize']);
    assert.deepEqual(ids(31), ['labelsToFields', 'organize']);
  });

  it('35: a hidden axis', () => {
    const fieldConfig = { defaults: { custom: { axisPlacement: 'hidden' } } };
    const want = [
      {
        matcher: { id: 'byType', options: 'time' },
        properties: [{ id: 'custom.axisPlacement', value: 'auto' }],
      },
    ];
    assert.deepEqual(panelOf(34, { fieldConfig }).fieldConfig.overrides, want);
    assert.deepEqual(panelOf(35, { fieldConfig }).fieldConfig.overrides, []);
  });

  describe('37: legends', () => {
    const f = (given: object, want: object): void =>
      void it(JSON.stringify(given), () => {
        assert.deepEqual(panelOf(36, { options: { legend: given } }).options['legend'], want);
      });
    f({ displayMode: 'hidden' }, { displayMode: 'list', showLegend: false });
    f({ displayMode: 'table', showLegend: false }, { displayMode: 'list', showLegend: false });
    f({ displayMode: 'table' }, { displayMode: 'table', showLegend: true });
  });

  describe('38: cells, whatever the version', () => {
    const f = (displayMode: string, want: object): void =>
      void it(displayMode, () => {
        const panel = panelOf(42, {
          type: 'table',
          fieldConfig: {
            defaults: { custom: { displayMode } },
            overrides: [
              {
                matcher: { id: 'byName', options: 'a' },
                properties: [{ id: 'custom.displayMode', value: displayMode }],
              },
            ],
          },
        });
        assert.deepEqual(panel.fieldConfig.defaults.custom, { cellOptions: want });
        assert.deepEqual(panel.fieldConfig.overrides[0]?.properties, [
          { id: 'custom.cellOptions', value: want },
        ]);
      });
    f('color-text', { type: 'color-text' });
    f('basic', { type: 'gauge', mode: 'basic' });
    f('gradient-gauge', { type: 'gauge', mode: 'gradient' });
    f('lcd-gauge', { type: 'gauge', mode: 'lcd' });
    f('color-background', { type: 'color-background', mode: 'gradient' });
    f('color-background-solid', { type: 'color-background', mode: 'basic' });
    f('json-view', { type: 'json-view' });
  });

  it('39: one setting for each query', () => {
    const transformations = [
      { id: 'timeSeriesTable', options: { refIdToStat: { A: 'mean', B: 'max' } } },
    ];
    assert.deepEqual(panelOf(38, { transformations }).transformations?.[0]?.options, {
      A: { stat: 'mean' },
      B: { stat: 'max' },
    });
  });

  it('40: refresh', () => {
    for (const refresh of [false, null, 5, undefined]) {
      assert.equal(read({ schemaVersion: 39, refresh }).refresh, '');
    }
    assert.equal(read({ schemaVersion: 39, refresh: '10s' }).refresh, '10s');
  });

  it('41: time_options', () => {
    const timepicker = { time_options: ['5m'], nowDelay: '1m' };
    assert.deepEqual(read({ schemaVersion: 40, timepicker }).timepicker, { nowDelay: '1m' });
  });

  it('42: hidden in the tooltip too', () => {
    const overrides = [
      {
        matcher: { id: 'byName', options: 'a' },
        properties: [
          { id: 'custom.hideFrom', value: { viz: true, legend: false, tooltip: false } },
        ],
      },
    ];
    const value = (version: number): unknown =>
      panelOf(version, { fieldConfig: { defaults: {}, overrides } }).fieldConfig.overrides[0]
        ?.properties[0]?.value;
    assert.deepEqual(value(41), { viz: true, legend: false, tooltip: true });
    assert.deepEqual(value(42), { viz: true, legend: false, tooltip: false });
  });
});

describe('field config', () => {
  const read = (defaults: object, overrides: object[] = []): Panel['fieldConfig'] =>
    panelOf(42, { fieldConfig: { defaults, overrides } }).fieldConfig;

  it('takes a bare color for a fixed one', () => {
    const properties = [{ id: 'color', value: '#56A64B' }];
    const config = read({ color: 'red' }, [
      { matcher: { id: 'byName', options: 'a' }, properties },
    ]);
    assert.deepEqual(config.defaults.color, { mode: 'fixed', fixedColor: 'red' });
    assert.deepEqual(config.overrides[0]?.properties, [
      { id: 'color', value: { mode: 'fixed', fixedColor: '#56A64B' } },
    ]);
  });

  it('gives thresholds a mode and a first step from minus infinity', () => {
    assert.deepEqual(
      read({
        thresholds: {
          steps: [
            { value: 0, color: 'green' },
            { value: '80', color: 'red' },
          ],
        },
      }).defaults.thresholds,
      {
        mode: 'absolute',
        steps: [
          { value: null, color: 'green' },
          { value: 80, color: 'red' },
        ],
      },
    );
    assert.deepEqual(read({ thresholds: {} }).defaults.thresholds, {
      mode: 'absolute',
      steps: [{ value: null, color: 'green' }],
    });
  });

  it('knows the first name of what is hidden', () => {
    const { defaults } = read({ custom: { hideFrom: { graph: true, legend: false } } });
    assert.deepEqual(defaults.custom, { hideFrom: { viz: true, legend: false } });
  });

  it('reads numbers from texts, and leaves variables', () => {
    const { min, max } = read({ min: '0', max: '$limit' }).defaults;
    assert.deepEqual([min, max], [0, '$limit']);
  });
});
