import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { grafanaTheme } = await import('../grafana-theme.ts');
const { barModel, barRects, roundTicks } = await import('./bar-model.ts');

const frame = frameOf({ name: ['x', 'y'], a: [1, -2], b: [3, null] });
const model = barModel([frame], grafanaTheme(true), '', '');
assert.ok(model !== undefined);
const { series, categories } = model;

describe('bars', () => {
  it('are the numbers of each row, named after its first text', () => {
    assert.deepEqual(categories, ['x', 'y']);
    assert.deepEqual(
      series.map(({ name, values }) => [name, values]),
      [
        ['a', [1, -2]],
        ['b', [3, null]],
      ],
    );
  });
  const f = (stacking: 'none' | 'normal' | 'percent', want: readonly (readonly number[])[]): void =>
    void it(`stacked ${stacking}`, () =>
      assert.deepEqual(
        barRects(model, series, stacking).map(({ category, place, from, to }) => [
          category,
          place,
          from,
          to,
        ]),
        want,
      ));
  f('none', [
    [0, 0, 0, 1],
    [0, 1, 0, 3],
    [1, 0, 0, -2],
  ]);
  f('normal', [
    [0, 0, 0, 1],
    [0, 0, 1, 4],
    [1, 0, 0, -2],
  ]);
  f('percent', [
    [0, 0, 0, 0.25],
    [0, 0, 0.25, 1],
    [1, 0, 0, -1],
  ]);
});

describe('ticks', () => {
  const f = (min: number, max: number, count: number, want: readonly number[]): void =>
    void it(`${min} to ${max}`, () => assert.deepEqual(roundTicks(min, max, count), want));
  f(0, 10, 5, [0, 2, 4, 6, 8, 10]);
  f(-1, 1, 4, [-1, -0.5, 0, 0.5, 1]);
  f(5, 5, 4, [5]);
});
