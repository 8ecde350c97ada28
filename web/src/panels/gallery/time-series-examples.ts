import type { Panel } from '../../../../src/dashboards/model/contract.ts';
import { seriesFrames, startMs, wave } from './example-frames.ts';
import { panelOf } from './example-panel.ts';
import type { Example } from './examples.ts';

const pods = [
  'cart-7d9f',
  'checkout-5b6c',
  'search-84ff',
  'payments-with-a-very-long-name-9c1d-x2k4z',
];

const cpu = seriesFrames(
  pods.map((pod, at) => ({ labels: { pod }, legend: pod, at: wave(0.4 + at * 0.2, 0.12, at) })),
);
const memory = seriesFrames(
  pods.map((pod, at) => ({
    labels: { pod },
    legend: pod,
    at: wave((200 + at * 90) * 1024 ** 2, 24 * 1024 ** 2, at + 3),
  })),
);
const legendTable = (
  placement: string,
  calcs = ['mean', 'max', 'lastNotNull'],
): Panel['options'] => ({
  legend: {
    showLegend: true,
    displayMode: 'table',
    placement,
    calcs,
    sortBy: 'Max',
    sortDesc: true,
  },
  tooltip: { mode: 'multi', sort: 'desc' },
});

export const timeSeriesExamples: readonly Example[] = [
  { panel: panelOf('timeseries', 'Lines with a list'), frames: cpu },
  {
    panel: panelOf('timeseries', 'Table on the right', legendTable('right'), {
      unit: 'bytes',
      custom: { fillOpacity: 10 },
      min: 0,
    }),
    frames: memory,
    widthPx: 640,
  },
  {
    panel: panelOf('timeseries', 'Stacked, table below', legendTable('bottom'), {
      unit: 'percentunit',
      custom: { fillOpacity: 70, stacking: { mode: 'normal', group: 'A' }, lineWidth: 1 },
    }),
    frames: cpu,
    heightPx: 260,
  },
  {
    panel: panelOf(
      'timeseries',
      'Shares',
      {},
      {
        custom: { fillOpacity: 80, stacking: { mode: 'percent' }, lineWidth: 0 },
      },
    ),
    frames: cpu,
  },
  {
    panel: panelOf(
      'timeseries',
      'Stacked bars',
      {},
      {
        unit: 'short',
        custom: { drawStyle: 'bars', fillOpacity: 90, stacking: { mode: 'normal' }, lineWidth: 0 },
      },
    ),
    frames: seriesFrames(
      ['2xx', '4xx', '5xx'].map((legend, at) => ({
        legend,
        steps: 31,
        at: (step: number) =>
          Math.max(0, Math.round(wave(90 / (at * 3 + 1), 30 / (at * 3 + 1), at)(step))),
      })),
    ),
  },
  {
    panel: panelOf(
      'timeseries',
      'In and out',
      { tooltip: { mode: 'multi' } },
      { unit: 'bps', custom: { fillOpacity: 20, axisCenteredZero: true } },
      [
        {
          matcher: { id: 'byRegexp', options: '/transmit/' },
          properties: [{ id: 'custom.transform', value: 'negative-Y' }],
        },
      ],
    ),
    frames: seriesFrames([
      { legend: 'receive eth0', at: wave(4e6, 1.5e6, 1) },
      { legend: 'transmit eth0', at: wave(3e6, 1e6, 2) },
    ]),
  },
  {
    panel: panelOf('timeseries', 'Two units', {}, { unit: 'reqps' }, [
      {
        matcher: { id: 'byName', options: 'p99' },
        properties: [
          { id: 'unit', value: 's' },
          { id: 'color', value: { mode: 'fixed', fixedColor: 'orange' } },
          { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
          { id: 'custom.axisLabel', value: 'latency' },
        ],
      },
    ]),
    frames: seriesFrames([
      { legend: 'requests', at: wave(1200, 300, 1) },
      { legend: 'p99', at: wave(0.3, 0.1, 4) },
    ]),
  },
  {
    panel: panelOf(
      'timeseries',
      'Thresholds and gaps',
      {},
      {
        unit: 'percent',
        min: 0,
        max: 100,
        thresholds: {
          mode: 'absolute',
          steps: [
            { value: null, color: 'green' },
            { value: 60, color: 'yellow' },
            { value: 85, color: 'red' },
          ],
        },
        custom: { thresholdsStyle: { mode: 'line+area' }, lineWidth: 2 },
      },
    ),
    frames: seriesFrames([
      {
        legend: 'busy',
        at: (step) => (step % 20 > 15 ? null : wave(60, 25, 1)(step)),
      },
    ]),
  },
  {
    panel: panelOf(
      'timeseries',
      'Coloured by value',
      {},
      {
        color: { mode: 'continuous-GrYlRd' },
        min: 0,
        max: 100,
        custom: {
          gradientMode: 'scheme',
          fillOpacity: 30,
          lineWidth: 2,
          lineInterpolation: 'smooth',
        },
      },
    ),
    frames: seriesFrames([{ legend: 'heat', at: wave(50, 38, 2) }]),
  },
  {
    panel: panelOf(
      'timeseries',
      'Logarithmic, steps and marks',
      {},
      {
        unit: 's',
        custom: {
          scaleDistribution: { type: 'log', log: 10 },
          lineInterpolation: 'stepAfter',
          showPoints: 'never',
        },
      },
    ),
    frames: seriesFrames([
      { legend: 'p50', at: (step) => 0.004 * (1 + (step % 9)) },
      { legend: 'p99', at: (step) => 0.2 * (1 + (step % 13) ** 1.5) },
    ]),
    annotations: [
      {
        fromMs: startMs + 900_000,
        toMs: startMs + 900_000,
        title: 'Deploy',
        text: 'cart v41',
        tags: ['deploy'],
        color: 'blue',
        source: 'deploys',
      },
      {
        fromMs: startMs + 1_800_000,
        toMs: startMs + 2_300_000,
        title: 'Alert',
        text: 'Latency is high',
        tags: [],
        color: 'red',
        source: 'alerts',
      },
    ],
  },
  {
    panel: panelOf(
      'timeseries',
      'Points',
      {},
      {
        custom: { drawStyle: 'points', pointSize: 5 },
        links: [
          { title: 'Pods of ${__field.labels.pod}', url: '/d/pods?var-pod=${__field.labels.pod}' },
        ],
      },
    ),
    frames: cpu.slice(0, 2),
  },
  {
    panel: panelOf('timeseries', 'Band', { legend: { showLegend: false } }, {}, [
      {
        matcher: { id: 'byName', options: 'max' },
        properties: [
          { id: 'custom.fillBelowTo', value: 'min' },
          { id: 'custom.lineWidth', value: 0 },
          { id: 'custom.fillOpacity', value: 20 },
        ],
      },
      {
        matcher: { id: 'byName', options: 'min' },
        properties: [{ id: 'custom.lineWidth', value: 0 }],
      },
    ]),
    frames: seriesFrames([
      { legend: 'min', at: (step) => wave(50, 10, 1)(step) - 12 },
      { legend: 'max', at: (step) => wave(50, 10, 1)(step) + 12 },
      { legend: 'mean', at: wave(50, 10, 1) },
    ]),
  },
  {
    panel: panelOf('timeseries', 'Fifty series'),
    frames: seriesFrames(
      Array.from({ length: 50 }, (_, at) => ({
        labels: { instance: `10.0.3.${at}:9100` },
        at: wave(50 + at, 6, at),
      })),
    ),
    heightPx: 240,
  },
  { panel: panelOf('timeseries', 'Nothing came'), frames: [], heightPx: 80, widthPx: 200 },
  {
    panel: panelOf('timeseries', 'Failed'),
    frames: [],
    data: {
      state: 'error',
      errors: [{ refId: 'A', message: 'parse error: unexpected "}" at 1:14' }],
    },
    heightPx: 80,
    widthPx: 280,
  },
  {
    panel: panelOf('timeseries', 'On its way'),
    frames: [],
    data: { state: 'loading' },
    heightPx: 80,
    widthPx: 200,
  },
];
