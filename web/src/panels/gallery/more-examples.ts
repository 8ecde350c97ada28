import { type DataFrame, FieldType } from '@grafana/data';
import { endMs, seriesFrames, startMs, stepMs, tableFrame, wave } from './example-frames.ts';
import { panelOf } from './example-panel.ts';
import type { Example } from './examples.ts';

const bounds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf'];

/** Buckets over time as one frame, as a query in the format `heatmap` answers. */
const buckets: DataFrame = {
  refId: 'A',
  length: 61,
  meta: { type: 'heatmap-rows' as never },
  fields: [
    {
      name: 'Time',
      type: FieldType.time,
      config: {},
      values: Array.from({ length: 61 }, (_, step) => startMs + step * stepMs),
    },
    ...bounds.map((le, row) => ({
      name: le,
      type: FieldType.number,
      config: {},
      values: Array.from({ length: 61 }, (_, step) =>
        Math.max(0, Math.round(60 * Math.exp(-((row - 4 - 2 * Math.sin(step / 9)) ** 2) / 3))),
      ),
    })),
  ],
};

const states = ['Running', 'Running', 'Running', 'Pending', 'Failed', 'Running'];
const stateFrame: DataFrame = {
  refId: 'A',
  length: 61,
  fields: [
    {
      name: 'Time',
      type: FieldType.time,
      config: {},
      values: Array.from({ length: 61 }, (_, step) => startMs + step * stepMs),
    },
    ...['cart', 'checkout', 'search'].map((name, at) => ({
      name,
      type: FieldType.string,
      config: {},
      values: Array.from(
        { length: 61 },
        (_, step) => states[Math.floor((step + at * 17) / 11) % 6],
      ),
    })),
  ],
};
const stateColors = {
  mappings: [
    {
      type: 'value',
      options: {
        Running: { color: 'green', index: 0 },
        Pending: { color: 'yellow', index: 1 },
        Failed: { color: 'red', index: 2 },
      },
    },
  ],
};
const spread = seriesFrames(
  ['a', 'b', 'c', 'd', 'e', 'f'].map((legend, at) => ({ legend, at: wave(40 + at * 9, 12, at) })),
);

export const moreExamples: readonly Example[] = [
  {
    panel: panelOf('heatmap', 'Buckets', {
      yAxis: { unit: 's' },
      color: { scheme: 'Oranges' },
      tooltip: { mode: 'single', yHistogram: true },
    }),
    frames: [buckets],
    widthPx: 560,
    heightPx: 240,
  },
  {
    panel: panelOf('heatmap', 'Calculated', {
      calculate: true,
      color: { scheme: 'Spectral', reverse: true },
    }),
    frames: spread,
    heightPx: 240,
  },
  {
    panel: panelOf('state-timeline', 'States', {}, stateColors),
    frames: [stateFrame],
    widthPx: 560,
    heightPx: 160,
  },
  {
    panel: panelOf('status-history', 'History', {}, stateColors),
    frames: [stateFrame],
    widthPx: 560,
    heightPx: 160,
  },
  {
    panel: panelOf(
      'barchart',
      'Bars of a table',
      { legend: { placement: 'bottom' } },
      { unit: 'short' },
    ),
    frames: [
      tableFrame({
        Namespace: ['shop', 'kube-system', 'monitoring', 'default', 'ingress-nginx'],
        Requests: [1200, 340, 220, 90, 610],
        Errors: [40, 2, 12, 0, 31],
      }),
    ],
  },
  {
    panel: panelOf('barchart', 'Lying and stacked', {
      orientation: 'horizontal',
      stacking: 'normal',
    }),
    frames: [
      tableFrame({
        Namespace: ['shop', 'kube-system', 'monitoring', 'default', 'ingress-nginx'],
        CPU: [12, 3.4, 2.2, 0.9, 6.1],
        System: [4, 2, 1.2, 0.4, 3.1],
      }),
    ],
  },
  { panel: panelOf('histogram', 'Histogram', { combine: true }, { unit: 'ms' }), frames: spread },
  {
    panel: panelOf('trend', 'Over a number', { xField: 'load' }, { unit: 'ms' }),
    frames: [
      tableFrame({
        load: Array.from({ length: 40 }, (_, at) => at * 25),
        latency: Array.from({ length: 40 }, (_, at) => 20 + at ** 2 / 9),
      }),
    ],
  },
  {
    panel: panelOf('logs', 'Lines'),
    frames: [
      tableFrame({
        Time: Array.from({ length: 40 }, (_, at) => endMs - at * 61_000),
        '@message': Array.from({ length: 40 }, (_, at) =>
          at % 9 === 0
            ? '{"level":"error","msg":"payment failed","order":4711}'
            : `GET /orders/${at} 200 ${at * 3} ms`,
        ),
        '@logStream': Array.from({ length: 40 }, (_, at) => `cart-${at % 3}`),
      }),
    ],
    widthPx: 640,
  },
  {
    panel: panelOf('nodeGraph', 'Services'),
    frames: [
      tableFrame({
        id: ['web', 'cart', 'search', 'db'],
        title: ['web', 'cart', 'search', 'postgres'],
        mainStat: ['120/s', '80/s', '40/s', '95/s'],
        color: ['green', 'green', 'orange', 'red'],
      }),
      tableFrame({
        id: ['1', '2', '3', '4'],
        source: ['web', 'web', 'cart', 'search'],
        target: ['cart', 'search', 'db', 'db'],
      }),
    ],
    widthPx: 560,
    heightPx: 260,
  },
];
