import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dashboard, Panel } from '../contract.ts';
import { readDashboard } from '../read.ts';
import { describeReportItem } from '../report-items.ts';

const panel = (id: number, title: string, more: object = {}): object => ({
  kind: 'Panel',
  spec: {
    id,
    title,
    description: '',
    links: [],
    data: {
      kind: 'QueryGroup',
      spec: {
        queries: [
          {
            kind: 'PanelQuery',
            spec: {
              refId: 'Q',
              hidden: false,
              query: {
                kind: 'DataQuery',
                group: 'prometheus',
                version: 'v0',
                datasource: { name: 'prom-1' },
                spec: { expr: 'up', legendFormat: '__auto' },
              },
            },
          },
        ],
        transformations: [
          { kind: 'Transformation', group: 'organize', spec: { options: { renameByName: {} } } },
        ],
        queryOptions: { interval: '1m', maxDataPoints: 100 },
      },
    },
    vizConfig: {
      kind: 'VizConfig',
      group: 'stat',
      version: '13.0.0',
      spec: {
        options: { colorMode: 'none' },
        fieldConfig: { defaults: { unit: 'bytes' }, overrides: [] },
      },
    },
    ...more,
  },
});
const elements = { a: panel(1, 'a'), b: panel(2, 'b'), c: panel(3, 'c'), d: panel(4, 'd') };
const item = (
  name: string,
  x: number,
  y: number,
  width: number,
  height: number,
  more: object = {},
): object => ({
  kind: 'GridLayoutItem',
  spec: { x, y, width, height, element: { kind: 'ElementReference', name }, ...more },
});
const grid = (...items: object[]): object => ({ kind: 'GridLayout', spec: { items } });
const rowsLayout = (...rows: object[]): object => ({
  kind: 'RowsLayout',
  spec: { rows: rows.map((spec) => ({ kind: 'RowsLayoutRow', spec })) },
});
const document = (layout: object, more: object = {}): object => ({
  apiVersion: 'dashboard.grafana.app/v2',
  kind: 'Dashboard',
  metadata: { name: 'my-uid' },
  spec: {
    title: 'T',
    description: 'D',
    tags: ['x'],
    cursorSync: 'Tooltip',
    editable: true,
    links: [],
    annotations: [],
    variables: [],
    timeSettings: {
      from: 'now-1h',
      to: 'now',
      timezone: 'utc',
      autoRefresh: '10s',
      autoRefreshIntervals: ['10s'],
      hideTimepicker: false,
    },
    elements,
    layout,
    ...more,
  },
});
const read = (layout: object, more?: object): Dashboard =>
  readDashboard(document(layout, more)).dashboard;
const shown = (panels: readonly Panel[]): string[] =>
  panels.map((p) => {
    const { x, y, w, h } = p.gridPos;
    const inside = p.panels?.length ? ` [${shown(p.panels).join(' | ')}]` : '';
    return `${p.title} ${x},${y} ${w}x${h}${inside}`;
  });

describe('a Kubernetes-style dashboard', () => {
  it('has the settings of a classic one', () => {
    const dashboard = read(grid());
    assert.deepEqual(
      [
        dashboard.uid,
        dashboard.title,
        dashboard.description,
        dashboard.graphTooltip,
        dashboard.timezone,
        dashboard.refresh,
      ],
      ['my-uid', 'T', 'D', 2, 'utc', '10s'],
    );
    assert.deepEqual(dashboard.time, { from: 'now-1h', to: 'now' });
    assert.equal(dashboard.schemaVersion, 42);
  });

  it('has its panels', () => {
    const [first] = read(
      grid(
        item('a', 0, 0, 6, 4, {
          repeat: { mode: 'variable', value: 'ns', direction: 'v', maxPerRow: 2 },
        }),
      ),
    ).panels;
    assert.deepEqual(first, {
      id: 1,
      type: 'stat',
      title: 'a',
      pluginVersion: '13.0.0',
      gridPos: { x: 0, y: 0, w: 6, h: 4 },
      datasource: { type: 'prometheus', uid: 'prom-1' },
      targets: [
        {
          refId: 'Q',
          expr: 'up',
          legendFormat: '__auto',
          datasource: { type: 'prometheus', uid: 'prom-1' },
        },
      ],
      transformations: [{ id: 'organize', options: { renameByName: {} } }],
      interval: '1m',
      maxDataPoints: 100,
      options: { colorMode: 'none' },
      fieldConfig: { defaults: { unit: 'bytes' }, overrides: [] },
      repeat: 'ns',
      repeatDirection: 'v',
      maxPerRow: 2,
    });
  });

  it('reads v2alpha1, where kinds are types', () => {
    const old = {
      kind: 'Panel',
      spec: {
        id: 1,
        title: 'old',
        data: {
          spec: {
            queries: [
              {
                spec: {
                  refId: 'A',
                  hidden: true,
                  datasource: { type: 'loki', uid: 'l' },
                  query: { kind: 'loki', spec: { expr: '{}' } },
                },
              },
            ],
            transformations: [{ kind: 'limit', spec: { id: 'limit', options: {} } }],
          },
        },
        vizConfig: { kind: 'logs', spec: { pluginVersion: '11', options: {}, fieldConfig: {} } },
      },
    };
    const [first] = read(grid(item('old', 0, 0, 1, 1)), { elements: { old } }).panels;
    assert.deepEqual(
      [first?.type, first?.datasource, first?.targets?.[0]?.hide, first?.transformations?.[0]?.id],
      ['logs', { type: 'loki', uid: 'l' }, true, 'limit'],
    );
  });

  it('keeps a reference to a library panel', () => {
    const lib = {
      kind: 'LibraryPanel',
      spec: { id: 9, title: 'L', libraryPanel: { uid: 'u', name: 'n' } },
    };
    assert.deepEqual(
      read(grid(item('lib', 0, 0, 1, 1)), { elements: { lib } }).panels[0]?.libraryPanel,
      { uid: 'u', name: 'n' },
    );
  });

  describe('layouts', () => {
    const f = (name: string, layout: object, want: string[], report: string[] = []): void =>
      void it(name, () => {
        const result = readDashboard(document(layout));
        assert.deepEqual(shown(result.dashboard.panels), want);
        assert.deepEqual(
          result.report.map((entry) => `${entry.path}: ${describeReportItem(entry, 'en')}`),
          report,
        );
      });
    f('a grid', grid(item('a', 0, 0, 12, 8), item('b', 12, 0, 12, 8)), [
      'a 0,0 12x8',
      'b 12,0 12x8',
    ]);
    f(
      'rows',
      rowsLayout(
        { title: 'one', collapse: false, layout: grid(item('a', 0, 0, 12, 8)) },
        { title: 'two', collapse: true, layout: grid(item('b', 0, 0, 12, 8)) },
        { title: 'three', layout: grid(item('c', 0, 0, 12, 8)) },
      ),
      [
        'one 0,0 24x1',
        'a 0,1 12x8',
        'two 0,9 24x1 [b 0,10 12x8]',
        'three 0,10 24x1',
        'c 0,11 12x8',
      ],
    );
    f(
      'a first row without a heading',
      rowsLayout(
        { title: '', hideHeader: true, layout: grid(item('a', 0, 0, 12, 8)) },
        { title: 'two', layout: grid(item('b', 0, 0, 12, 8)) },
      ),
      ['a 0,0 12x8', 'two 0,8 24x1', 'b 0,9 12x8'],
    );
    f(
      'an automatic grid',
      {
        kind: 'AutoGridLayout',
        spec: {
          maxColumnCount: 2,
          rowHeightMode: 'short',
          items: ['a', 'b', 'c'].map((name) => ({
            kind: 'AutoGridLayoutItem',
            spec: { element: { name } },
          })),
        },
      },
      ['a 0,0 12x5', 'b 12,0 12x5', 'c 0,5 12x5'],
      ['layout: AutoGridLayout was turned into rows and a grid'],
    );
    f(
      'tabs, with rows in them',
      {
        kind: 'TabsLayout',
        spec: {
          tabs: [
            { kind: 'TabsLayoutTab', spec: { title: 'T1', layout: grid(item('a', 0, 0, 12, 8)) } },
            { kind: 'TabsLayoutTab', spec: { title: 'T2', layout: grid(item('b', 0, 0, 12, 8)) } },
          ],
        },
      },
      ['T1 0,0 24x1', 'a 0,1 12x8', 'T2 0,9 24x1 [b 0,10 12x8]'],
      ['layout: TabsLayout was turned into rows and a grid'],
    );
    f(
      'rows within rows',
      rowsLayout({
        title: 'A',
        layout: rowsLayout({ title: 'B', layout: grid(item('a', 0, 0, 12, 8)) }),
      }),
      ['A 0,0 24x1', 'A / B 0,1 24x1', 'a 0,2 12x8'],
    );
    f(
      'rows of the first alpha',
      grid({
        kind: 'GridLayoutRow',
        spec: { y: 0, collapsed: true, title: 'R', elements: [item('a', 0, 1, 4, 4)] },
      }),
      ['R 0,0 24x1 [a 0,1 4x4]'],
    );
    f(
      'what is missing, and conditions',
      grid(item('nope', 0, 0, 1, 1), item('a', 0, 0, 4, 4, { conditionalRendering: {} })),
      ['a 0,0 4x4'],
      [
        'layout.spec.items[0]: Element nope of the layout is not there: left out',
        'layout.spec.items[1]: Conditions for showing were dropped: it is always shown',
      ],
    );
  });

  it('has variables with numbers for words', () => {
    const { templating, annotations } = read(grid(), {
      variables: [
        {
          kind: 'DatasourceVariable',
          spec: {
            name: 'datasource',
            pluginId: 'prometheus',
            hide: 'hideLabel',
            refresh: 'onDashboardLoad',
            current: { text: 'a', value: 'a' },
          },
        },
        {
          kind: 'QueryVariable',
          spec: {
            name: 'ns',
            hide: 'dontHide',
            refresh: 'onTimeRangeChanged',
            sort: 'alphabeticalAsc',
            multi: true,
            includeAll: true,
            query: {
              kind: 'DataQuery',
              group: 'prometheus',
              datasource: { name: '${datasource}' },
              spec: { query: 'label_values(up, ns)', refId: 'A' },
            },
          },
        },
        {
          kind: 'QueryVariable',
          spec: {
            name: 'old',
            query: { kind: 'prometheus', spec: { __legacyStringValue: 'label_values(x)' } },
            datasource: { uid: 'p' },
          },
        },
        {
          kind: 'IntervalVariable',
          spec: { name: 'i', query: '1m,5m', auto: true, auto_min: '10s', auto_count: 30 },
        },
        {
          kind: 'AdhocVariable',
          group: 'prometheus',
          datasource: { name: 'p' },
          spec: { name: 'f', filters: [] },
        },
      ],
      annotations: [
        {
          kind: 'AnnotationQuery',
          spec: {
            name: 'A',
            enable: true,
            hide: true,
            iconColor: 'red',
            builtIn: true,
            query: {
              kind: 'DataQuery',
              group: 'grafana',
              datasource: { name: '-- Grafana --' },
              spec: {},
            },
          },
        },
      ],
    });
    assert.deepEqual(templating.list, [
      {
        name: 'datasource',
        type: 'datasource',
        query: 'prometheus',
        hide: 1,
        refresh: 1,
        current: { text: 'a', value: 'a' },
      },
      {
        name: 'ns',
        type: 'query',
        hide: 0,
        refresh: 2,
        sort: 1,
        multi: true,
        includeAll: true,
        query: { query: 'label_values(up, ns)', refId: 'A' },
        datasource: { type: 'prometheus', uid: '${datasource}' },
      },
      {
        name: 'old',
        type: 'query',
        hide: 0,
        query: 'label_values(x)',
        datasource: { type: 'prometheus', uid: 'p' },
      },
      {
        name: 'i',
        type: 'interval',
        hide: 0,
        query: '1m,5m',
        auto: true,
        auto_min: '10s',
        auto_count: 30,
      },
      {
        name: 'f',
        type: 'adhoc',
        hide: 0,
        filters: [],
        datasource: { type: 'prometheus', uid: 'p' },
      },
    ]);
    assert.deepEqual(annotations.list, [
      {
        name: 'A',
        enable: true,
        hide: true,
        iconColor: 'red',
        builtIn: 1,
        datasource: { type: 'grafana', uid: '-- Grafana --' },
      },
    ]);
  });
});
