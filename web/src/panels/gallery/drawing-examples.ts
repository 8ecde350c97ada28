import { startMs, stepMs, tableFrame, wave } from './example-frames.ts';
import { panelOf } from './example-panel.ts';
import type { Example } from './examples.ts';

const points = 140;
const at = (step: number, seed: number): number => wave(0.5, 0.32, seed)(step * 3.7);
const machines = tableFrame({
  cpu: Array.from({ length: points }, (_, step) => Math.max(0.02, Math.min(0.98, at(step, 1)))),
  latency: Array.from(
    { length: points },
    (_, step) => 20 + 180 * at(step, 1) ** 2 + 40 * at(step, 5),
  ),
  requests: Array.from({ length: points }, (_, step) => Math.round(900 * Math.abs(at(step, 8)))),
  pod: Array.from({ length: points }, (_, step) => `shop-${step % 12}`),
});

const path = Array.from({ length: 62 }, (_, step) => 100 + 9 * wave(0, 1, 2)(step) + step * 0.25);
const part = (pick: (from: number, to: number, step: number) => number): number[] =>
  Array.from({ length: 61 }, (_, step) => pick(path[step] ?? 0, path[step + 1] ?? 0, step));
const prices = tableFrame({
  Time: Array.from({ length: 61 }, (_, step) => startMs + step * stepMs),
  open: part((from) => from),
  high: part((from, to, step) => Math.max(from, to) + 1 + (step % 4)),
  low: part((from, to, step) => Math.min(from, to) - 1 - (step % 3)),
  close: part((_, to) => to),
  volume: part((from, to) => Math.round(400 + 180 * Math.abs(to - from))),
});

/** A walk through a tree of calls: name, share of its caller, what it calls. */
type Call = readonly [name: string, share: number, calls: readonly Call[]];
const calls: Call = [
  'total',
  1,
  [
    [
      'net/http.(*conn).serve',
      0.62,
      [
        [
          'shop/cart.(*Handler).ServeHTTP',
          0.8,
          [
            [
              'shop/cart.load',
              0.5,
              [['database/sql.(*DB).Query', 0.85, [['syscall.read', 0.6, []]]]],
            ],
            [
              'encoding/json.Marshal',
              0.32,
              [['encoding/json.encodeState', 0.9, [['runtime.mallocgc', 0.4, []]]]],
            ],
            ['shop/cart.price', 0.1, []],
          ],
        ],
        ['net/http.readRequest', 0.12, [['net/textproto.ReadMIMEHeader', 0.7, []]]],
      ],
    ],
    [
      'runtime.gcBgMarkWorker',
      0.24,
      [['runtime.scanobject', 0.8, [['runtime.greyobject', 0.35, []]]]],
    ],
    ['runtime.schedule', 0.09, [['runtime.findRunnable', 0.9, []]]],
  ],
];
const rows: { level: number; value: number; self: number; label: string }[] = [];
const walk = ([label, share, inner]: Call, level: number, of: number): number => {
  const value = of * share;
  const row = { level, value, self: value, label };
  rows.push(row);
  for (const one of inner) row.self -= walk(one, level + 1, value);
  return value;
};
walk(calls, 0, 42.5e9);
const stacks = tableFrame({
  level: rows.map(({ level }) => level),
  value: rows.map(({ value }) => value),
  self: rows.map(({ self }) => self),
  label: rows.map(({ label }) => label),
});

const load = tableFrame({
  Time: [startMs, startMs + stepMs],
  load: [0.4, 0.83],
  orders: [120, 184],
});
const box = (
  name: string,
  type: string,
  [left, top, width, height]: readonly [number, number, number, number],
  config: object,
  rest: object = {},
): object => ({
  name,
  type,
  config,
  placement: { left, top, width, height },
  constraint: { horizontal: 'left', vertical: 'top' },
  ...rest,
});

export const drawingExamples: readonly Example[] = [
  {
    panel: panelOf(
      'xychart',
      'One over another',
      {
        mapping: 'auto',
        series: [
          {
            x: { matcher: { id: 'byName', options: 'cpu' } },
            y: { matcher: { id: 'byName', options: 'latency' } },
            size: { matcher: { id: 'byName', options: 'requests' } },
          },
        ],
        legend: { showLegend: true },
      },
      { custom: { pointSize: { min: 4, max: 22 } } },
      [
        {
          matcher: { id: 'byName', options: 'cpu' },
          properties: [{ id: 'unit', value: 'percentunit' }],
        },
        {
          matcher: { id: 'byName', options: 'latency' },
          properties: [{ id: 'unit', value: 'ms' }],
        },
      ],
    ),
    frames: [machines],
  },
  {
    panel: panelOf(
      'xychart',
      'Squares by value',
      {
        mapping: 'manual',
        series: [
          {
            x: { matcher: { id: 'byName', options: 'requests' } },
            y: { matcher: { id: 'byName', options: 'cpu' } },
          },
        ],
        legend: { showLegend: false },
      },
      {
        color: { mode: 'continuous-GrYlRd' },
        custom: { pointSize: { fixed: 7 }, pointShape: 'square' },
      },
      [
        {
          matcher: { id: 'byName', options: 'cpu' },
          properties: [
            { id: 'unit', value: 'percentunit' },
            { id: 'min', value: 0 },
            { id: 'max', value: 1 },
            { id: 'custom.axisLabel', value: 'CPU' },
          ],
        },
        {
          matcher: { id: 'byName', options: 'requests' },
          properties: [{ id: 'unit', value: 'reqps' }],
        },
      ],
    ),
    frames: [machines],
  },
  {
    panel: panelOf('candlestick', 'Candles and volume', { tooltip: { mode: 'multi' } }),
    frames: [prices],
  },
  {
    panel: panelOf(
      'candlestick',
      'Bars with ticks',
      {
        mode: 'candles',
        candleStyle: 'ohlcbars',
        colorStrategy: 'close-close',
        legend: { showLegend: false },
      },
      { unit: 'currencyUSD' },
    ),
    frames: [prices],
  },
  {
    panel: panelOf('flamegraph', 'Stacks', {}, { unit: 'ns' }),
    frames: [stacks],
    widthPx: 892,
    heightPx: 240,
  },
  {
    panel: panelOf(
      'canvas',
      'Drawing',
      {
        root: {
          name: 'root',
          type: 'frame',
          elements: [
            box(
              'gate',
              'rectangle',
              [16, 60, 110, 56],
              { text: { mode: 'fixed', fixed: 'Ingress' }, size: 14 },
              {
                background: { color: { fixed: 'dark-blue' } },
                border: { color: { fixed: 'blue' }, width: 1, radius: 6 },
                connections: [
                  {
                    source: { x: 1, y: 0 },
                    target: { x: -1, y: 0 },
                    targetName: 'shop',
                    color: { fixed: 'text' },
                    size: { fixed: 2 },
                    path: 'straight',
                  },
                ],
              },
            ),
            box(
              'shop',
              'ellipse',
              [180, 52, 120, 72],
              { text: { mode: 'field', field: 'load' }, size: 18 },
              {
                background: { color: { field: 'load' } },
                connections: [
                  {
                    source: { x: 1, y: 0 },
                    target: { x: -1, y: 0 },
                    targetName: 'store',
                    color: { fixed: 'orange' },
                    size: { fixed: 3 },
                    path: 'straight',
                  },
                ],
              },
            ),
            box('store', 'server', [352, 48, 64, 80], {
              text: { mode: 'fixed', fixed: '' },
              color: { fixed: 'semi-dark-green' },
            }),
            box('orders', 'metric-value', [16, 148, 200, 32], {
              text: { mode: 'field', field: 'orders' },
              size: 20,
              color: { fixed: 'text' },
            }),
            box('note', 'text', [230, 148, 190, 32], {
              text: { mode: 'fixed', fixed: 'orders a minute' },
              size: 12,
              align: 'right',
              color: { fixed: 'text' },
            }),
          ],
        },
      },
      {
        thresholds: {
          mode: 'absolute',
          steps: [
            { value: null, color: 'semi-dark-green' },
            { value: 0.8, color: 'dark-red' },
          ],
        },
      },
      [
        {
          matcher: { id: 'byName', options: 'load' },
          properties: [{ id: 'unit', value: 'percentunit' }],
        },
      ],
    ),
    frames: [load],
  },
  {
    panel: panelOf(
      'geomap',
      'Places',
      {
        view: { id: 'fit' },
        layers: [
          {
            name: 'Edges',
            type: 'markers',
            location: { mode: 'auto' },
            config: {
              style: { size: { field: 'requests', min: 4, max: 16 }, color: { field: 'latency' } },
            },
          },
        ],
      },
      {
        thresholds: {
          mode: 'absolute',
          steps: [
            { value: null, color: 'green' },
            { value: 150, color: 'orange' },
            { value: 250, color: 'red' },
          ],
        },
      },
    ),
    frames: [
      tableFrame({
        city: [
          'Seoul',
          'Tokyo',
          'Frankfurt',
          'Virginia',
          'Oregon',
          'São Paulo',
          'Mumbai',
          'Sydney',
        ],
        latitude: [37.57, 35.68, 50.11, 38.95, 45.52, -23.55, 19.08, -33.87],
        longitude: [126.98, 139.69, 8.68, -77.45, -122.68, -46.63, 72.88, 151.21],
        requests: [9200, 5100, 3800, 6400, 2100, 900, 2700, 1300],
        latency: [12, 34, 248, 186, 131, 297, 121, 138],
      }),
    ],
  },
];
