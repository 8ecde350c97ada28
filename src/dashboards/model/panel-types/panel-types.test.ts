import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Panel } from '../contract.ts';
import { readDashboard } from '../read.ts';

/** At the present version: panels of old types occur in documents of any. */
const read = (panel: object): Panel =>
  readDashboard({ title: 'x', schemaVersion: 42, panels: [panel] }).dashboard.panels[0]!;
const dropped = (panel: object): string[] =>
  readDashboard({ title: 'x', schemaVersion: 42, panels: [panel] })
    .report.filter((item) => item.code === 'option-dropped')
    .map((item) => item.params['name']!);
const custom = (panel: object): Record<string, unknown> => ({
  ...read({ type: 'graph', ...panel }).fieldConfig.defaults.custom,
});

describe('names of types', () => {
  const f = (from: string, to: string, more: object = {}): void =>
    void it(`${from} is ${to}`, () => assert.equal(read({ type: from, ...more }).type, to));
  f('graph', 'timeseries');
  f('graphite', 'timeseries');
  f('graph', 'barchart', { xaxis: { mode: 'series' } });
  f('graph', 'bargauge', { xaxis: { mode: 'series' }, legend: { values: true } });
  f('graph', 'histogram', { xaxis: { mode: 'histogram' } });
  f('singlestat', 'stat');
  f('grafana-singlestat-panel', 'stat', { gauge: { show: true } });
  f('table-old', 'table');
  f('grafana-piechart-panel', 'piechart');
  f('grafana-worldmap-panel', 'geomap');
  f('natel-discrete-panel', 'state-timeline');
  f('heatmap-new', 'heatmap');
  f('some-panel', 'some-panel');
});

describe('graph', () => {
  describe('custom fields', () => {
    const f = (panel: object, want: object): void =>
      void it(JSON.stringify(panel), () => {
        const found = custom(panel);
        for (const [key, value] of Object.entries(want)) assert.deepEqual(found[key], value, key);
      });
    f({}, { drawStyle: 'line', showPoints: 'never' });
    f({ lines: true, fill: 3, linewidth: 2 }, { drawStyle: 'line', fillOpacity: 30, lineWidth: 2 });
    f({ bars: true, lines: false, fill: 1 }, { drawStyle: 'bars', fillOpacity: 100 });
    f(
      { lines: false, points: true, pointradius: 3 },
      { drawStyle: 'points', showPoints: 'always', pointSize: 8 },
    );
    f({ fillGradient: 4 }, { gradientMode: 'opacity', fillOpacity: 40 });
    f({ steppedLine: true }, { lineInterpolation: 'stepAfter' });
    f({ stack: true }, { stacking: { mode: 'normal', group: 'A' } });
    f({ stack: true, percentage: true }, { stacking: { mode: 'percent', group: 'A' } });
    f({ stack: false }, { stacking: undefined });
    f({ dashes: true, dashLength: 4 }, { lineStyle: { fill: 'dash', dash: [4, 10] } });
    f({ nullPointMode: 'connected' }, { spanNulls: true });
    f(
      { yaxes: [{ label: 'Req', show: false, logBase: 10 }] },
      {
        axisLabel: 'Req',
        axisPlacement: 'hidden',
        scaleDistribution: { type: 'log', log: 10 },
      },
    );
    f({ yaxes: [{ logBase: 1 }] }, { scaleDistribution: undefined, axisPlacement: undefined });
  });

  it('takes what its first axis says of values', () => {
    const { defaults } = read({
      type: 'graph',
      nullPointMode: 'null as zero',
      yaxes: [{ format: 'bytes', decimals: 1, min: '0', max: null }],
    }).fieldConfig;
    assert.deepEqual(
      [defaults.unit, defaults.decimals, defaults.min, defaults.max, defaults['nullValueMode']],
      ['bytes', 1, 0, undefined, 'null as zero'],
    );
  });

  it('makes overrides of colors, series and the second axis', () => {
    const { overrides } = read({
      type: 'graph',
      aliasColors: { up: 'green' },
      yaxes: [{ format: 'short' }, { format: 'percent', label: 'Share', max: '100' }],
      seriesOverrides: [
        { alias: '/limit.*/i', color: '#f00', fill: 0, dashes: true, lines: false, stack: false },
        { alias: 'in', transform: 'negative-Y', yaxis: 2, points: true, pointradius: 1 },
        { alias: 'band', fillBelowTo: 'min', bars: true, stack: 'B', legend: false },
        { alias: 'nothing' },
        { color: 'red' },
      ],
    }).fieldConfig;
    const properties = (index: number): Record<string, unknown> =>
      Object.fromEntries(overrides[index]!.properties.map(({ id, value }) => [id, value]));
    assert.deepEqual(
      overrides.map(({ matcher }) => [matcher.id, matcher.options]),
      [
        ['byName', 'up'],
        ['byRegexp', '/limit.*/i'],
        ['byName', 'in'],
        ['byName', 'band'],
      ],
    );
    assert.deepEqual(properties(0), { color: { mode: 'fixed', fixedColor: 'green' } });
    assert.deepEqual(properties(1), {
      color: { mode: 'fixed', fixedColor: '#f00' },
      'custom.fillOpacity': 0,
      'custom.lineStyle': { fill: 'dash', dash: [10, 10] },
      'custom.lineWidth': 0,
      'custom.stacking': { mode: 'none', group: 'A' },
    });
    assert.deepEqual(properties(2), {
      'custom.showPoints': 'always',
      'custom.pointSize': 4,
      'custom.transform': 'negative-Y',
      unit: 'percent',
      max: 100,
      'custom.axisPlacement': 'right',
      'custom.axisLabel': 'Share',
    });
    assert.deepEqual(properties(3), {
      'custom.drawStyle': 'bars',
      'custom.fillOpacity': 100,
      'custom.fillBelowTo': 'min',
      'custom.stacking': { mode: 'normal', group: 'B' },
      'custom.hideFrom': { viz: false, legend: true, tooltip: false },
    });
  });

  describe('legend', () => {
    const f = (legend: object | undefined, want: object): void =>
      void it(JSON.stringify(legend), () => {
        const found = read({ type: 'graph', legend }).options['legend'];
        assert.deepEqual(found, {
          showLegend: true,
          displayMode: 'list',
          placement: 'bottom',
          calcs: [],
          ...want,
        });
      });
    f(undefined, {});
    f({ show: false }, { showLegend: false });
    f(
      { show: true, alignAsTable: true, rightSide: true, sideWidth: 300 },
      { displayMode: 'table', placement: 'right', width: 300 },
    );
    f(
      { values: true, avg: true, current: true, total: true, min: true, max: true },
      {
        calcs: ['min', 'max', 'mean', 'lastNotNull', 'sum'],
      },
    );
    f({ values: false, avg: true }, {});
    f(
      { values: true, current: true, sort: 'current', sortDesc: true },
      {
        calcs: ['lastNotNull'],
        sortBy: 'Last *',
        sortDesc: true,
      },
    );
  });

  it('tooltip', () => {
    const tooltip = (given?: object): unknown =>
      read({ type: 'graph', tooltip: given }).options['tooltip'];
    assert.deepEqual(tooltip({ shared: true, sort: 2 }), { mode: 'multi', sort: 'desc' });
    assert.deepEqual(tooltip({ shared: false, sort: 1 }), { mode: 'single', sort: 'asc' });
    assert.deepEqual(tooltip(), { mode: 'multi', sort: 'none' });
  });

  describe('thresholds', () => {
    const f = (thresholds: object[], steps: [number | null, string][], style: string): void =>
      void it(JSON.stringify(thresholds), () => {
        const { defaults } = read({ type: 'graph', thresholds }).fieldConfig;
        assert.deepEqual(
          defaults.thresholds?.steps.map((step) => [step.value, step.color]),
          steps,
        );
        assert.deepEqual(defaults.custom?.['thresholdsStyle'], { mode: style });
      });
    f(
      [{ op: 'gt', value: 80, colorMode: 'critical', fill: true, line: true }],
      [
        [null, 'transparent'],
        [80, 'red'],
      ],
      'line+area',
    );
    f(
      [
        { op: 'gt', value: 90, colorMode: 'critical', fill: true, line: false },
        { op: 'gt', value: 50, colorMode: 'warning', fill: true, line: false },
      ],
      [
        [null, 'transparent'],
        [50, 'orange'],
        [90, 'red'],
      ],
      'area',
    );
    f(
      [{ op: 'lt', value: 10, colorMode: 'critical', fill: false, line: true }],
      [
        [null, 'red'],
        [10, 'transparent'],
      ],
      'line',
    );
    f(
      [
        { op: 'lt', value: 10, colorMode: 'critical' },
        {
          op: 'gt',
          value: 90,
          colorMode: 'custom',
          fill: true,
          fillColor: '#123',
          lineColor: '#456',
        },
      ],
      [
        [null, 'red'],
        [10, 'transparent'],
        [90, '#123'],
      ],
      'line+area',
    );
    it('none', () => {
      const { defaults } = read({ type: 'graph', thresholds: [] }).fieldConfig;
      assert.equal(defaults.thresholds, undefined);
    });
  });

  it('keeps links, its alert and unknown keys, drops its own, says what it cannot carry', () => {
    const old = {
      type: 'graph',
      alert: { name: 'a' },
      ours: 1,
      options: { dataLinks: [{ title: 'l', url: '/x' }], alertThreshold: true },
      renderer: 'flot',
      xaxis: { mode: 'time' },
      timeRegions: [{ op: 'time' }],
    };
    const panel = read(old);
    assert.deepEqual(panel.fieldConfig.defaults.links, [{ title: 'l', url: '/x' }]);
    assert.deepEqual(
      [panel['alert'], panel['ours'], panel['renderer'], panel['xaxis']],
      [{ name: 'a' }, 1, undefined, undefined],
    );
    assert.deepEqual(dropped(old), ['timeRegions']);
  });

  it('of the first versions has its axes in other keys', () => {
    const { defaults } = read({
      type: 'graph',
      y_formats: ['bytes', 'short'],
      leftYAxisLabel: 'Used',
      'x-axis': true,
      'y-axis': true,
      grid: {
        leftMin: 0,
        leftMax: null,
        leftLogBase: 10,
        threshold1: 90,
        threshold2: 50,
        threshold1Color: 'a',
        threshold2Color: 'b',
        thresholdLine: true,
      },
    }).fieldConfig;
    assert.deepEqual(
      [defaults.unit, defaults.min, defaults.custom?.['axisLabel']],
      ['bytes', 0, 'Used'],
    );
    assert.deepEqual(defaults.custom?.['scaleDistribution'], { type: 'log', log: 10 });
    assert.deepEqual(defaults.thresholds?.steps, [
      { value: null, color: 'b' },
      { value: 50, color: 'a' },
      { value: 90, color: 'transparent' },
    ]);
    assert.deepEqual(defaults.custom?.['thresholdsStyle'], { mode: 'line' });
  });

  it('of series is a bar for each', () => {
    const panel = read({ type: 'graph', xaxis: { mode: 'series', values: ['avg'] } });
    assert.deepEqual(panel.transformations, [{ id: 'reduce', options: { reducers: ['mean'] } }]);
    assert.equal(panel.options['xField'], 'Field');
  });
});

describe('singlestat', () => {
  it('as a whole', () => {
    const panel = read({
      type: 'singlestat',
      format: 'percent',
      decimals: 1,
      nullText: 'none',
      valueName: 'current',
      tableColumn: 'a.b',
      colors: ['green', 'orange', 'red'],
      thresholds: '50, 80',
      colorBackground: true,
      colorValue: true,
      sparkline: { show: true, lineColor: 'blue' },
      mappingType: 1,
      valueMaps: [
        { op: '=', text: 'Down', value: '0' },
        { value: 'null', text: 'N/A' },
      ],
      rangeMaps: [{ from: '1', to: '2', text: 'never' }],
    });
    assert.deepEqual(panel.options, {
      reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '/^a\\.b$/' },
      orientation: 'horizontal',
      colorMode: 'background',
      graphMode: 'area',
    });
    assert.deepEqual(panel.fieldConfig.defaults, {
      unit: 'percent',
      decimals: 1,
      noValue: 'none',
      min: 0,
      max: 100,
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: 'green' },
          { value: 50, color: 'orange' },
          { value: 80, color: 'red' },
        ],
      },
      mappings: [
        { type: 'value', options: { 0: { text: 'Down' } } },
        { type: 'special', options: { match: 'null', result: { text: 'N/A' } } },
      ],
    });
    assert.equal(panel['valueMaps'], undefined);
  });

  const f = (panel: object, want: (panel: Panel) => unknown, value: unknown): void =>
    void it(JSON.stringify(panel), () =>
      assert.deepEqual(want(read({ type: 'singlestat', ...panel })), value),
    );
  const calcs = (panel: Panel): unknown =>
    (panel.options['reduceOptions'] as { calcs: unknown }).calcs;
  f({}, calcs, ['mean']);
  f({ valueName: 'total' }, calcs, ['sum']);
  f({ valueName: 'first' }, calcs, ['firstNotNull']);
  f({ valueName: 'delta' }, calcs, ['delta']);
  f({ valueName: 'name' }, (panel) => [calcs(panel), panel.options['textMode']], [
    ['lastNotNull'],
    'name',
  ]);
  f({ colorValue: true }, (panel) => panel.options['colorMode'], 'value');
  f({}, (panel) => [panel.options['colorMode'], panel.options['graphMode']], ['none', 'none']);
  f({ sparkline: { show: true, lineColor: 'blue' } }, (panel) => panel.fieldConfig.defaults.color, {
    mode: 'fixed',
    fixedColor: 'blue',
  });
  f(
    { colors: ['a', 'b', 'c'], thresholds: '0,50,80' },
    (panel) => panel.fieldConfig.defaults.thresholds?.steps.map((step) => step.value),
    [null, 50, 80],
  );
  f({ format: 'percentunit' }, (panel) => panel.fieldConfig.defaults.max, 1);
  f(
    { format: 'none', postfix: ' pods' },
    (panel) => panel.fieldConfig.defaults.unit,
    'suffix: pods',
  );
  f(
    { gauge: { show: true, minValue: 0, maxValue: 7 } },
    (panel) => panel.fieldConfig.defaults.max,
    7,
  );
  f(
    {
      mappingType: 2,
      rangeMaps: [
        { from: 'null', to: 'null', text: 'N/A' },
        { from: '0', to: '1', text: 'low' },
      ],
    },
    (panel) => panel.fieldConfig.defaults.mappings,
    [
      { type: 'special', options: { match: 'null', result: { text: 'N/A' } } },
      { type: 'range', options: { from: 0, to: 1, result: { text: 'low' } } },
    ],
  );
  it('says that a text beside a unit has no place', () => {
    assert.deepEqual(dropped({ type: 'singlestat', format: 'bytes', prefix: 'a', postfix: 'b' }), [
      'prefix',
      'postfix',
    ]);
  });
});

describe('stat and gauge before field config', () => {
  it('fieldOptions', () => {
    const panel = read({
      type: 'gauge',
      options: {
        showThresholdLabels: true,
        fieldOptions: {
          values: false,
          calcs: ['avg'],
          defaults: { unit: 'percent', title: 'CPU', min: 0 },
          override: {},
          thresholds: [
            { index: 1, value: 80, color: 'red' },
            { index: 0, value: null, color: 'green' },
          ],
        },
      },
    });
    assert.deepEqual(panel.options, {
      showThresholdLabels: true,
      reduceOptions: { values: false, calcs: ['mean'], fields: '' },
    });
    assert.deepEqual(panel.fieldConfig.defaults, {
      unit: 'percent',
      min: 0,
      displayName: 'CPU',
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: 'green' },
          { value: 80, color: 'red' },
        ],
      },
    });
  });
  it('valueOptions, and options in their first place', () => {
    const panel = read({
      type: 'gauge',
      'options-gauge': {
        valueOptions: { unit: 'percentunit', stat: 'avg', decimals: 2 },
        minValue: 0,
        maxValue: 5,
        thresholds: [
          { value: 3, color: 'red' },
          { value: null, color: 'green' },
        ],
        valueMappings: [{ type: 1, value: '1', text: 'x' }],
      },
    });
    assert.deepEqual(panel.options, {
      reduceOptions: { values: false, calcs: ['mean'], fields: '' },
    });
    assert.deepEqual(panel.fieldConfig.defaults, {
      unit: 'percentunit',
      decimals: 2,
      min: 0,
      max: 5,
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: 'green' },
          { value: 3, color: 'red' },
        ],
      },
      mappings: [{ type: 'value', options: { 1: { text: 'x' } } }],
    });
  });
});

describe('table with styles', () => {
  const panel = read({
    type: 'table',
    transform: 'timeseries_aggregations',
    columns: [
      { text: 'Avg', value: 'avg' },
      { text: 'Max', value: 'max' },
    ],
    pageSize: 20,
    showHeader: true,
    styles: [
      { pattern: 'Time', type: 'date', alias: 'When', dateFormat: 'YYYY-MM-DD' },
      {
        pattern: '/.*Used/',
        type: 'number',
        unit: 'bytes',
        decimals: 1,
        colorMode: 'cell',
        colors: ['green', 'orange', 'red'],
        thresholds: ['50', '80'],
        align: 'right',
      },
      {
        pattern: 'pod',
        type: 'string',
        unit: 'short',
        link: true,
        linkUrl: '/d/x?pod=$__cell&ns=$__cell_2',
        linkTooltip: 'go to $__cell',
      },
      { pattern: 'secret', type: 'hidden' },
      {
        pattern: '/.*/',
        type: 'number',
        unit: 'short',
        colorMode: 'value',
        colors: ['a', 'b'],
        thresholds: ['1'],
        align: 'auto',
      },
    ],
  });
  it('has defaults of the last one, overrides of the others', () => {
    assert.deepEqual(panel.fieldConfig.defaults, {
      unit: 'short',
      custom: { align: 'auto', cellOptions: { type: 'color-text' } },
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: 'a' },
          { value: 1, color: 'b' },
        ],
      },
    });
    assert.deepEqual(panel.fieldConfig.overrides, [
      {
        matcher: { id: 'byName', options: 'Time' },
        properties: [
          { id: 'displayName', value: 'When' },
          { id: 'unit', value: 'time: YYYY-MM-DD' },
        ],
      },
      {
        matcher: { id: 'byRegexp', options: '/.*Used/' },
        properties: [
          { id: 'unit', value: 'bytes' },
          { id: 'decimals', value: 1 },
          { id: 'custom.align', value: 'right' },
          { id: 'custom.cellOptions', value: { type: 'color-background' } },
          {
            id: 'thresholds',
            value: {
              mode: 'absolute',
              steps: [
                { value: null, color: 'green' },
                { value: 50, color: 'orange' },
                { value: 80, color: 'red' },
              ],
            },
          },
        ],
      },
      {
        matcher: { id: 'byName', options: 'pod' },
        properties: [
          {
            id: 'links',
            value: [
              {
                title: 'go to ${__value.text}',
                url: '/d/x?pod=${__value.text}&ns=${__data.fields[2]}',
                targetBlank: false,
              },
            ],
          },
        ],
      },
      {
        matcher: { id: 'byName', options: 'secret' },
        properties: [{ id: 'custom.hidden', value: true }],
      },
    ]);
  });
  it('has transformations and pages', () => {
    assert.deepEqual(panel.transformations, [
      { id: 'reduce', options: { includeTimeField: false, reducers: ['mean', 'max'] } },
    ]);
    assert.deepEqual(panel.options, { showHeader: true, enablePagination: true, pageSize: 20 });
    assert.equal(panel['styles'], undefined);
  });
  const f = (transform: string, want: string | undefined): void =>
    void it(transform, () =>
      assert.equal(read({ type: 'table-old', transform }).transformations?.[0]?.id, want),
    );
  f('timeseries_to_rows', 'seriesToRows');
  f('timeseries_to_columns', 'seriesToColumns');
  f('table', 'merge');
  f('json', undefined);
});

describe('heatmap without options', () => {
  it('of buckets', () => {
    const panel = read({
      type: 'heatmap',
      options: {},
      dataFormat: 'tsbuckets',
      color: {
        mode: 'spectrum',
        colorScheme: 'interpolateOranges',
        exponent: 0.4,
        min: 1,
        cardColor: '#b4ff00',
      },
      yAxis: { format: 's', min: '0', decimals: 2, show: true },
      reverseYBuckets: true,
      hideZeroBuckets: true,
      cards: { cardRound: 3 },
      yBucketBound: 'upper',
      legend: { show: true },
      tooltip: { show: true, showHistogram: true },
    });
    assert.deepEqual(panel.options, {
      calculate: false,
      color: {
        mode: 'scheme',
        scheme: 'Oranges',
        exponent: 0.4,
        min: 1,
        fill: '#b4ff00',
        scale: 'exponential',
      },
      yAxis: { unit: 's', min: 0, decimals: 2, axisPlacement: 'left', reverse: true },
      filterValues: { le: 1e-9 },
      cellGap: 2,
      cellRadius: 3,
      rowsFrame: { layout: 'ge' },
      legend: { show: true },
      tooltip: { mode: 'single', yHistogram: true },
      showValue: 'never',
    });
    assert.equal(panel['dataFormat'], undefined);
  });
  it('of values', () => {
    const { options } = read({
      type: 'heatmap',
      dataFormat: 'timeseries',
      yAxis: { logBase: 2, show: false },
      xBucketSize: '1m',
      yBucketNumber: 10,
      color: { mode: 'opacity', colorScale: 'linear' },
    });
    assert.deepEqual(options['calculation'], {
      xBuckets: { mode: 'size', value: '1m' },
      yBuckets: { mode: 'count', value: '10', scale: { type: 'log', log: 2 } },
    });
    assert.equal((options['yAxis'] as { axisPlacement: string }).axisPlacement, 'hidden');
    assert.deepEqual(options['color'], { mode: 'opacity', exponent: 0.5, scale: 'linear' });
  });
  it('with options is left alone', () => {
    const options = { calculate: true };
    assert.deepEqual(read({ type: 'heatmap', options, dataFormat: 'tsbuckets' }).options, options);
  });
});

describe('others', () => {
  it('pie chart', () => {
    const panel = read({
      type: 'grafana-piechart-panel',
      pieType: 'donut',
      legendType: 'Right side',
      valueName: 'total',
      format: 'bytes',
      legend: { show: true, values: true, percentage: true },
      aliasColors: { a: 'red' },
    });
    assert.deepEqual(panel.options, {
      pieType: 'donut',
      reduceOptions: { values: false, calcs: ['sum'], fields: '' },
      displayLabels: [],
      legend: {
        showLegend: true,
        displayMode: 'table',
        placement: 'right',
        values: ['value', 'percent'],
        calcs: [],
      },
    });
    assert.equal(panel.fieldConfig.overrides.length, 1);
  });
  it('discrete', () => {
    const { mappings } = read({
      type: 'natel-discrete-panel',
      mappingType: 1,
      valueMaps: [{ value: '1', text: 'up' }],
      colorMaps: [{ text: 'up', color: 'green' }],
    }).fieldConfig.defaults;
    assert.deepEqual(mappings, [
      { type: 'value', options: { 1: { text: 'up', color: 'green' } } },
      { type: 'value', options: { up: { text: 'up', color: 'green' } } },
    ]);
  });
  it('text beside its options', () => {
    assert.deepEqual(read({ type: 'text', content: '# a', mode: 'markdown' }).options, {
      content: '# a',
      mode: 'markdown',
    });
    assert.deepEqual(read({ type: 'text', content: 'a', mode: 'text' }).options, {
      content: 'a',
      mode: 'code',
    });
  });
  it('list of dashboards', () => {
    const panel = read({
      type: 'dashlist',
      starred: false,
      search: true,
      query: 'k8s',
      limit: 5,
      tags: ['a'],
    });
    assert.deepEqual(panel.options, {
      showStarred: false,
      showSearch: true,
      query: 'k8s',
      maxItems: 5,
      tags: ['a'],
    });
  });
});
