import { seriesFrames, tableFrame, wave } from './example-frames.ts';
import { panelOf } from './example-panel.ts';
import type { Example } from './examples.ts';

const steps = [
  { value: null, color: 'green' },
  { value: 70, color: 'orange' },
  { value: 90, color: 'red' },
];
const thresholds = { mode: 'absolute', steps } as const;
const nodes = ['node-a', 'node-b', 'node-c', 'ip-10-0-3-117.ap-northeast-2.compute.internal'];
const busy = seriesFrames(nodes.map((legend, at) => ({ legend, at: wave(45 + at * 16, 6, at) })));
const one = seriesFrames([{ legend: 'Busy', at: wave(72, 9, 2) }]);
const value = (number: number, legend = 'Value'): ReturnType<typeof seriesFrames> =>
  seriesFrames([{ legend, at: () => number, steps: 1 }]);

const small = { widthPx: 200, heightPx: 110 };

export const valueExamples: readonly Example[] = [
  { panel: panelOf('stat', 'One', {}, { unit: 'percent', thresholds }), frames: one, ...small },
  {
    panel: panelOf(
      'stat',
      'On its colour',
      { colorMode: 'background' },
      { unit: 'bytes', thresholds },
    ),
    frames: value(123_456_789),
    ...small,
  },
  {
    panel: panelOf(
      'stat',
      'With change',
      { showPercentChange: true, graphMode: 'line' },
      { unit: 'reqps' },
    ),
    frames: seriesFrames([{ legend: 'rate', at: (step) => 800 + step * 6 }]),
    ...small,
  },
  {
    panel: panelOf(
      'stat',
      'Mapped',
      { graphMode: 'none' },
      {
        mappings: [
          {
            type: 'value',
            options: { '1': { text: 'Up', color: 'green' }, '0': { text: 'Down', color: 'red' } },
          },
        ],
      },
    ),
    frames: value(1),
    ...small,
  },
  {
    panel: panelOf('stat', 'Nothing', {}, { noValue: 'none yet' }),
    frames: [],
    ...small,
  },
  {
    panel: panelOf('stat', 'Several', {}, { unit: 'percent', thresholds }),
    frames: busy,
    widthPx: 640,
    heightPx: 120,
  },
  {
    panel: panelOf(
      'stat',
      'Below each other',
      { orientation: 'horizontal', colorMode: 'background_solid' },
      {
        unit: 'percent',
        thresholds,
      },
    ),
    frames: busy,
    widthPx: 320,
    heightPx: 180,
  },
  {
    panel: panelOf('stat', 'Low', { graphMode: 'none' }, { unit: 'bytes' }),
    frames: value(16 * 1024 ** 3),
    widthPx: 140,
    heightPx: 36,
  },
  {
    panel: panelOf('gauge', 'One gauge', {}, { unit: 'percent', min: 0, max: 100, thresholds }),
    frames: one,
    ...small,
    heightPx: 150,
  },
  {
    panel: panelOf(
      'gauge',
      'Gauges with labels',
      { showThresholdLabels: true },
      {
        unit: 'percent',
        min: 0,
        max: 100,
        thresholds,
      },
    ),
    frames: busy,
    widthPx: 640,
    heightPx: 170,
  },
  {
    panel: panelOf(
      'bargauge',
      'Gradient',
      { displayMode: 'gradient', orientation: 'horizontal' },
      {
        unit: 'percent',
        max: 100,
        min: 0,
        color: { mode: 'continuous-GrYlRd' },
      },
    ),
    frames: busy,
  },
  {
    panel: panelOf(
      'bargauge',
      'Lamps',
      { displayMode: 'lcd', orientation: 'horizontal' },
      {
        unit: 'percent',
        max: 100,
        min: 0,
        thresholds,
      },
    ),
    frames: busy,
  },
  {
    panel: panelOf(
      'bargauge',
      'Upright',
      { displayMode: 'basic', orientation: 'vertical' },
      {
        unit: 'percent',
        max: 100,
        min: 0,
        thresholds,
      },
    ),
    frames: busy,
  },
  {
    panel: panelOf(
      'piechart',
      'Pie',
      {
        displayLabels: ['percent'],
        legend: { displayMode: 'table', placement: 'right', values: ['value', 'percent'] },
      },
      { unit: 'short' },
    ),
    frames: busy,
  },
  {
    panel: panelOf('piechart', 'Donut', { pieType: 'donut', legend: { placement: 'bottom' } }),
    frames: busy,
  },
  {
    panel: panelOf(
      'table',
      'Table',
      {
        sortBy: [{ displayName: 'CPU', desc: true }],
        footer: { show: true, reducer: ['sum'], countRows: true },
      },
      {},
      [
        {
          matcher: { id: 'byName', options: 'CPU' },
          properties: [
            { id: 'unit', value: 'percentunit' },
            { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'gradient' } },
            { id: 'color', value: { mode: 'continuous-GrYlRd' } },
            { id: 'max', value: 1 },
            { id: 'min', value: 0 },
          ],
        },
        {
          matcher: { id: 'byName', options: 'Memory' },
          properties: [
            { id: 'unit', value: 'bytes' },
            { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
            {
              id: 'thresholds',
              value: {
                mode: 'absolute',
                steps: [
                  { value: null, color: 'green' },
                  { value: 300 * 1024 ** 2, color: 'orange' },
                  { value: 500 * 1024 ** 2, color: 'red' },
                ],
              },
            },
          ],
        },
        {
          matcher: { id: 'byName', options: 'Pod' },
          properties: [
            { id: 'custom.filterable', value: true },
            {
              id: 'links',
              value: [
                {
                  title: 'Pod',
                  url: '/d/pod?var-pod=${__data.fields.Pod}&var-namespace=$namespace',
                },
              ],
            },
          ],
        },
        {
          matcher: { id: 'byName', options: 'State' },
          properties: [
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
            {
              id: 'mappings',
              value: [
                {
                  type: 'value',
                  options: {
                    Running: { color: 'green' },
                    Pending: { color: 'yellow' },
                    Failed: { color: 'red' },
                  },
                },
              ],
            },
          ],
        },
      ],
    ),
    frames: [
      tableFrame({
        Pod: ['cart-7d9f', 'checkout-5b6c', 'search-84ff', 'payments-9c1d', 'mail-0', 'mail-1'],
        State: ['Running', 'Running', 'Pending', 'Failed', 'Running', 'Running'],
        CPU: [0.42, 0.91, 0.05, 0.66, 0.12, 0.3],
        Memory: [210, 480, 120, 640, 333, 90].map((mib) => mib * 1024 ** 2),
        Restarts: [0, 2, 0, 14, 1, 0],
      }),
    ],
    widthPx: 720,
    heightPx: 260,
  },
  {
    panel: panelOf('table', 'Pages of many', { footer: { enablePagination: true } }),
    frames: [
      tableFrame({
        Time: Array.from({ length: 500 }, (_, at) => 1_795_000_000_000 + at * 60_000),
        Name: Array.from({ length: 500 }, (_, at) => `series ${at}`),
        Value: Array.from({ length: 500 }, (_, at) => at * 1.5),
      }),
    ],
    heightPx: 240,
  },
  { panel: panelOf('table', 'Several frames'), frames: busy.slice(0, 2) },
  {
    panel: panelOf('text', 'Markdown', {
      mode: 'markdown',
      content:
        '## About $namespace\n\nSee the [runbook](https://example.com) and `kubectl get pods`.\n\n- one\n- two\n\n<script>document.title="bad"</script><img src=x onerror="document.title=\'bad\'">',
    }),
    frames: [],
  },
  {
    panel: panelOf('text', 'Code', {
      mode: 'code',
      content: '{\n  "cluster": "$cluster"\n}',
      code: { language: 'json', showLineNumbers: true },
    }),
    frames: [],
    ...small,
  },
  {
    panel: panelOf('not-installed-panel', 'Unknown type'),
    frames: [tableFrame({ Name: ['a', 'b'], Value: [1, 2] })],
    widthPx: 300,
  },
];
