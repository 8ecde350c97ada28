import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DataFrame } from '@grafana/data';
import type { Panel } from '#dashboards/model';
import { renderPng } from '#picture';
import { frameOf, seriesOf } from '../src/dashboards/fields/testing/frames.fixture.ts';
import '../src/dashboards/fields/testing/grafana-in-node.ts';
import type { PanelPictureRequest } from '#dashboards/pictures';

const { dataFrameToJSON } = await import('@grafana/data');
const { panelSvg } = await import('#dashboards/pictures');

const fromMs = 1_700_000_000_000;

function panelOf(type: string, more: Partial<Panel> = {}): Panel {
  const gridPos = { x: 0, y: 0, w: 12, h: 8 };
  const fieldConfig = { defaults: {}, overrides: [] };
  return { id: 1, type, title: 'T', gridPos, options: {}, fieldConfig, targets: [], ...more };
}

function drawn(
  panel: Panel,
  frames: readonly DataFrame[],
  more: Partial<PanelPictureRequest> = {},
): string {
  const results: Record<string, { frames: unknown[] }> = {};
  for (const frame of frames) {
    const refId = frame.refId ?? 'A';
    results[refId] ??= { frames: [] };
    results[refId].frames.push(dataFrameToJSON(frame));
  }
  return panelSvg({
    panel,
    key: 'panel-1',
    title: panel.title ?? '',
    results,
    interpolate: (text) => text.replaceAll('$where', 'seoul'),
    width: 600,
    height: 300,
    theme: 'dark',
    fromMs,
    toMs: fromMs + 600_000,
    zone: 'Asia/Seoul',
    language: 'en',
    ...more,
  });
}

/** Every text of the picture, in its order. */
const textsOf = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] as string);

const legend = (more: object = {}): Panel['options'] => ({
  legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: [], ...more },
});

describe('pictures of panels', () => {
  it('name, colour and count series as the page does: overrides, units, calculations', () => {
    const svg = drawn(
      panelOf('timeseries', {
        options: legend({ calcs: ['max', 'mean'] }),
        fieldConfig: {
          defaults: { unit: 'bytes' },
          overrides: [
            {
              matcher: { id: 'byName', options: 'cart' },
              properties: [
                { id: 'displayName', value: 'Cart in $where' },
                { id: 'color', value: { mode: 'fixed', fixedColor: '#123456' } },
              ],
            },
          ],
        },
      }),
      [
        seriesOf({ pod: 'cart' }, [1024, 2048, 3072], { legend: 'cart' }),
        seriesOf({ pod: 'shop' }, [512, 512, 512], { legend: 'shop' }),
      ],
    );
    const texts = textsOf(svg);
    for (const text of ['Cart in seoul', 'shop', 'Max', 'Mean', '3 KiB', '2 KiB', '512 B']) {
      assert.ok(texts.includes(text), `${text} in ${texts.join(' | ')}`);
    }
    assert.match(svg, /stroke="#123456"/);
  });

  it('draw what goes out below what comes in, and stack', () => {
    const out = {
      matcher: { id: 'byName', options: 'out' },
      properties: [{ id: 'custom.transform', value: 'negative-Y' }],
    };
    const frames = [
      seriesOf({}, [10, 10, 10], { legend: 'in' }),
      seriesOf({}, [20, 20, 20], { legend: 'out' }),
    ];
    const below = drawn(
      panelOf('timeseries', {
        fieldConfig: { defaults: {}, overrides: [out] },
      }),
      frames,
    );
    assert.ok(textsOf(below).includes('-20'), textsOf(below).join(' | '));
    const stack = { custom: { stacking: { mode: 'normal', group: 'A' }, fillOpacity: 50 } };
    const stacked = drawn(
      panelOf('timeseries', { fieldConfig: { defaults: stack, overrides: [] } }),
      frames,
    );
    assert.ok(textsOf(stacked).includes('30'), textsOf(stacked).join(' | '));
  });

  it('mark annotations: a line for a moment, a band for a region, none beyond the range', () => {
    const mark = (from: number, to: number, color: string) => ({
      ...{ fromMs: fromMs + from, toMs: fromMs + to, color },
      ...{ title: '', text: '', tags: [], source: 'Deploys' },
    });
    const annotations = [
      mark(60_000, 60_000, '#abcdef'),
      mark(120_000, 900_000, '#fedcba'),
      mark(-90_000, -60_000, '#010203'),
    ];
    const svg = drawn(panelOf('timeseries'), [seriesOf({}, [1, 2, 3])], { annotations });
    assert.equal(svg.match(/stroke="#abcdef"/g)?.length, 1);
    assert.equal(svg.match(/stroke="#fedcba"/g)?.length, 1);
    assert.match(svg, /fill="#fedcba" fill-opacity="0.12"/);
    assert.doesNotMatch(svg, /#010203/);
  });

  it('run transformations, and say which of them could not run', () => {
    const frame = frameOf({ pod: ['cart', 'shop'], Value: [0.5, 2] });
    const panel = panelOf('table', {
      transformations: [
        {
          id: 'organize',
          options: {
            renameByName: { pod: 'Pod', Value: 'CPU' },
            indexByName: { Value: 0, pod: 1 },
          },
        },
        { id: 'made-up', options: {} },
      ],
      fieldConfig: { defaults: { unit: 'percentunit' }, overrides: [] },
      options: { sortBy: [{ displayName: 'CPU', desc: true }] },
    });
    const texts = textsOf(drawn(panel, [frame]));
    assert.deepEqual(texts.slice(0, 7), ['T', 'CPU', 'Pod', '200%', 'shop', '50%', 'cart']);
    assert.match(texts.at(-1) ?? '', /made-up/);
  });

  it('show mapped texts and colours of thresholds in figures', () => {
    const mapped = panelOf('stat', {
      fieldConfig: {
        defaults: {
          mappings: [{ type: 'value', options: { '1': { text: '정상', color: '#00aa00' } } }],
        },
        overrides: [],
      } as Panel['fieldConfig'],
    });
    const svg = drawn(mapped, [seriesOf({}, [0, 1])]);
    assert.ok(textsOf(svg).includes('정상'));
    assert.match(svg, /#00aa00|rgb\(/);
    const gauge = drawn(
      panelOf('gauge', {
        fieldConfig: {
          defaults: {
            unit: 'percent',
            thresholds: {
              mode: 'absolute',
              steps: [
                { value: null, color: '#111111' },
                { value: 80, color: '#ee0000' },
              ],
            },
          },
          overrides: [],
        },
      }),
      [seriesOf({}, [90])],
    );
    assert.ok(textsOf(gauge).includes('90%'));
    assert.match(gauge, /fill="#ee0000"/);
  });

  const kinds: readonly (readonly [string, readonly DataFrame[], RegExp, Panel['options']?])[] = [
    [
      'bargauge',
      [seriesOf({}, [3], { legend: 'node-a' }), seriesOf({}, [5], { legend: 'node-b' })],
      /node-b/,
    ],
    ['barchart', [frameOf({ name: ['shop', 'cart'], count: [3, 9] })], /cart/],
    ['histogram', [seriesOf({}, [1, 2, 2, 3, 9])], /rect/],
    [
      'piechart',
      [seriesOf({}, [3], { legend: 'a' }), seriesOf({}, [1], { legend: 'b' })],
      /25%/,
      { displayLabels: ['percent'] },
    ],
    [
      'heatmap',
      [
        seriesOf({ le: '1' }, [1, 4], { legend: '1' }),
        seriesOf({ le: '2' }, [3, 2], { legend: '2' }),
      ],
      /<path/,
    ],
    [
      'state-timeline',
      [frameOf({ Time: [fromMs, fromMs + 300_000], pod: ['Running', 'Failed'] })],
      /Failed/,
    ],
    ['status-history', [frameOf({ Time: [fromMs, fromMs + 300_000], pod: ['up', 'down'] })], /pod/],
    ['trend', [frameOf({ load: [1, 2, 3], latency: [5, 6, 9] })], /latency/],
    ['logs', [frameOf({ Time: [fromMs], line: ['order <b>stored</b>'] })], /order &lt;b&gt;stored/],
    ['text', [], /• one/, { mode: 'markdown', content: '# About $where\n\n- one\n- two' }],
    ['unheard-of', [frameOf({ name: ['a'], count: [3] })], /count/],
  ];
  for (const [kind, frames, expected, options = {}] of kinds) {
    it(`draw ${kind}`, async () => {
      const svg = drawn(panelOf(kind, { options }), frames);
      assert.match(svg, expected);
      const png = await renderPng(svg, { width: 600, height: 300, scale: 1 });
      assert.equal(png.readUInt32BE(16), 600);
    });
  }

  it('say in words that nothing came, and why', () => {
    const panel = panelOf('timeseries', { targets: [{ refId: 'A' }] });
    assert.ok(textsOf(drawn(panel, [])).includes('No data'));
    assert.ok(textsOf(drawn(panel, [], { language: 'ko' })).includes('데이터 없음'));
    const failed = drawn(panel, [], { results: { A: { error: 'parse error: <x>' } } });
    assert.match(failed, /parse error: &lt;x&gt;/);
  });

  it('leave room, whatever the size', () => {
    const frames = Array.from({ length: 60 }, (_, at) =>
      seriesOf({ pod: `p${at}` }, [at, at + 1], { legend: `a-pod-with-a-long-name-${at}` }),
    );
    for (const [width, height] of [
      [60, 60],
      [200, 90],
      [2000, 1200],
    ] as const) {
      const svg = drawn(panelOf('timeseries', { options: legend() }), frames, { width, height });
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
      assert.doesNotMatch(svg, /(?:width|height|r)="-/);
    }
  });
});

describe('what an installation draws with', () => {
  it('is one file that needs no package but those of the server, and draws the same', async () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-pictures-'));
    try {
      const { build, loadConfigFromFile } = await import('vite');
      const loaded = await loadConfigFromFile(
        { command: 'build', mode: 'production' },
        join(root, 'web/vite.server.config.ts'),
      );
      const { build: output, ...config } = loaded?.config ?? {};
      await build({
        ...config,
        configFile: false,
        logLevel: 'error',
        build: { ...output, outDir: folder },
      });
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      const file = join(folder, 'pictures.js');
      const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        readonly dependencies: Readonly<Record<string, string>>;
      };
      const asked = [...readFileSync(file, 'utf8').matchAll(/\bfrom ?["']([\w@/:-]+)["'];/g)];
      const missing = asked
        .map((match) => match[1] as string)
        .filter((name) => !name.startsWith('node:') && dependencies[name] === undefined);
      assert.deepEqual(missing, []);
      const built = (await import(pathToFileURL(file).href)) as { panelSvg: typeof panelSvg };
      const request: PanelPictureRequest = {
        panel: panelOf('timeseries', {
          options: legend({ calcs: ['max'] }),
          fieldConfig: { defaults: { unit: 's' }, overrides: [] },
        }),
        key: 'k',
        title: 'T',
        results: { A: { frames: [dataFrameToJSON(seriesOf({}, [1, 90], { legend: 'p99' }))] } },
        interpolate: (text) => text,
        width: 500,
        height: 250,
        theme: 'light',
        fromMs,
        toMs: fromMs + 600_000,
        zone: 'Asia/Seoul',
        language: 'ko',
      };
      assert.equal(built.panelSvg(request), panelSvg(request));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
