import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Series, TimeSeriesOptions } from './contract.ts';
import { noteSvg, renderPng, reportSvg, shortNumber, timeSeriesSvg } from './index.ts';
import { niceTicks, timeTicks } from './scale.ts';
import { fitText, textWidth } from './text.ts';

const fromMs = Date.UTC(2026, 2, 31, 4);
const minuteMs = 60_000;
const series = (name: string, valueAt: (minute: number) => number, minutes = 90): Series => {
  const at = Array.from({ length: minutes + 1 }, (_, minute) => minute);
  return { name, timesMs: at.map((minute) => fromMs + minute * minuteMs), values: at.map(valueAt) };
};
const chart: TimeSeriesOptions = {
  width: 640,
  height: 280,
  theme: 'light',
  title: '메모리 사용량 <90%> & "more"',
  subtitle: 'sum(container_memory_working_set_bytes) / limit > 0.9',
  fromMs,
  toMs: fromMs + 90 * minuteMs,
  zone: 'Asia/Seoul',
  stepMs: minuteMs,
  series: [
    series('api', (minute) => (minute > 30 && minute < 36 ? Number.NaN : 0.5 + minute / 200)),
    series('web', (minute) => 0.4 + 0.1 * ((minute * 7) % 5)),
  ],
  thresholds: [{ value: 0.9, region: 'above', label: '> 0.9' }],
  marks: [{ timeMs: fromMs + 80 * minuteMs, label: 'firing since 14:20' }],
};
const size = { width: 320, height: 160, theme: 'dark' } as const;
describe('pictures look as they did', () => {
  const golden = (name: string, svg: string): void =>
    void it(name, (test) => {
      const path = fileURLToPath(new URL(`./testdata/${name}.svg`, import.meta.url));
      test.assert.fileSnapshot(svg, path, {
        serializers: [(value: unknown) => `${String(value)}\n`],
      });
    });
  golden('time-series', timeSeriesSvg(chart));
  golden(
    'time-series-stacked',
    timeSeriesSvg({ ...chart, theme: 'dark', isStacked: true, fillOpacity: 0.3 }),
  );
  golden('time-series-empty', timeSeriesSvg({ ...chart, series: [], marks: [] }));
  golden(
    'report',
    reportSvg({
      ...size,
      width: 660,
      height: 220,
      title: 'Daily',
      pictures: [
        {
          ...size,
          left: 8,
          top: 0,
          svg: noteSvg({ ...size, title: 'a' }, 'No data'),
        },
        {
          ...size,
          left: 336,
          top: 0,
          svg: noteSvg({ ...size, title: 'b' }, 'parse error'),
        },
      ],
    }),
  );
});

describe('timeSeriesSvg()', () => {
  it('writes nothing unescaped, and nothing that XML cannot hold', () => {
    const hostile = '</text><script>&"\'\u0000\u001b\ud800]]>';
    const svg = timeSeriesSvg({
      ...chart,
      title: hostile,
      subtitle: hostile,
      series: [{ ...(chart.series[0] as Series), name: hostile, color: '"/><x' }],
      marks: [{ timeMs: fromMs + 60 * minuteMs, label: hostile }],
      thresholds: [{ value: 0.5, label: hostile }],
      formatValue: () => hostile,
    });
    assert.doesNotMatch(svg, /<script|<x|[^\P{Cc}\n]|\p{Cs}/u);
  });

  it('has a size that does not grow with the points', () => {
    const many = series('x', (minute) => Math.sin(minute), 200_000);
    const svg = timeSeriesSvg({ ...chart, series: [many], toMs: fromMs + 200_000 * minuteMs });
    assert.ok(svg.length < 100_000, `${svg.length}`);
  });

  it('draws a bounded number of lines and counts the others', () => {
    const all = Array.from({ length: 500 }, (_, at) => series(`s${at}`, () => at));
    const svg = timeSeriesSvg({ ...chart, series: all });
    assert.equal(svg.match(/<path/g)?.length, 40);
    assert.match(svg, />\+4\d\d</);
  });

  for (const odd of [Number.POSITIVE_INFINITY, Number.NaN, 1e300, -1e300, 5e-324]) {
    it(`stands a series of ${odd}`, () => {
      const svg = timeSeriesSvg({ ...chart, series: [series('x', () => odd)], thresholds: [] });
      assert.doesNotMatch(svg, /NaN[ "]|Infinity|undefined/);
    });
  }
});

describe('renderPng()', () => {
  it('makes the same PNG of the same SVG, Korean letters included', async () => {
    const svg = timeSeriesSvg(chart);
    const [first, second] = await Promise.all([renderPng(svg, chart), renderPng(svg, chart)]);
    assert.equal(first.subarray(1, 4).toString(), 'PNG');
    assert.deepEqual([first.readUInt32BE(16), first.readUInt32BE(20)], [1280, 560]);
    assert.deepEqual(first, second);
    const without = await renderPng(timeSeriesSvg({ ...chart, title: ' <90%> & "more"' }), chart);
    assert.notDeepEqual(first, without);
  });

  it('refuses one that is too large', async () => {
    await assert.rejects(renderPng('<svg/>', { width: 9000, height: 9000 }), RangeError);
  });
});

describe('niceTicks()', () => {
  const f = (min: number, max: number, want: readonly number[]): void =>
    void it(`${min} to ${max}`, () => assert.deepEqual(niceTicks(min, max, 4), want));
  f(0, 1, [0, 0.5, 1]);
  f(0, 0.3, [0, 0.1, 0.2, 0.3]);
  f(-3, 7, [-5, 0, 5, 10]);
  f(0, 0, [0, 0.5, 1]);
  f(1000, 1000, [0, 500, 1000, 1500]);
});

describe('timeTicks()', () => {
  it('are round on the clock of the zone', () => {
    const ticks = timeTicks(fromMs, fromMs + 30 * 3_600_000, 6, 'Asia/Seoul');
    assert.deepEqual(
      ticks.map(({ label }) => label),
      ['18:00', '04-01', '06:00', '12:00', '18:00'],
    );
  });
  it('stay round over a change of the clock', () => {
    const from = Date.UTC(2026, 2, 28, 22);
    const ticks = timeTicks(from, from + 12 * 3_600_000, 6, 'Europe/Berlin');
    assert.deepEqual(
      ticks.map(({ label }) => label),
      ['03-29', '04:00', '06:00', '08:00', '10:00', '12:00'],
    );
  });
});

describe('shortNumber()', () => {
  const f = (value: number, want: string): void =>
    void it(want, () => assert.equal(shortNumber(value), want));
  f(0, '0');
  f(0.12345, '0.123');
  f(12.345, '12.35');
  f(1500, '1.5k');
  f(999_999, '1M');
  f(-2_500_000, '-2.5M');
  f(1e-9, '1e-9');
  f(Number.NaN, 'NaN');
  f(Number.NEGATIVE_INFINITY, '-Inf');
});

describe('fitText()', () => {
  it('never is wider than the room', () => {
    for (const text of ['api-7c9d', '메모리 사용량', '👩‍👩‍👧 family', 'iiiiiiii', '']) {
      for (const room of [0, 5, 20, 60, 1000]) {
        assert.ok(
          textWidth(fitText(text, room, 12), 12) <= Math.max(room, 0) + 1e-9,
          `${text} ${room}`,
        );
      }
    }
  });
});
