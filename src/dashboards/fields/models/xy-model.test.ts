import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { grafanaTheme } = await import('../grafana-theme.ts');
const { xyModel } = await import('./xy-model.ts');

const frames: readonly DataFrame[] = [
  frameOf({ Time: [1, 2], cpu: [10, 20], memory: [3, null], weight: [1, 3] }),
  frameOf({ load: [5], answers: [7] }, { refId: 'B' }),
];

const byName = (name: string): object => ({ matcher: { id: 'byName', options: name } });

describe('points of an XY chart', () => {
  const f = (name: string, options: object, want: readonly string[]): void =>
    void it(name, () => {
      const model = xyModel(frames, options as Record<string, unknown>, grafanaTheme(true));
      assert.deepEqual(
        model.map((one) => `${one.name} over ${one.xName}`),
        want,
      );
    });
  f('by themselves: numbers over the first column', {}, [
    'cpu over Time',
    'memory over Time',
    'weight over Time',
    'answers over load',
  ]);
  f(
    'over a column that is named, without that of sizes',
    {
      mapping: 'auto',
      series: [{ x: byName('cpu'), size: byName('weight'), frame: byIndexOf(0) }],
    },
    ['memory over cpu'],
  );
  f(
    'series by series',
    {
      mapping: 'manual',
      series: [
        { x: byName('cpu'), y: byName('memory'), name: { fixed: 'Room' } },
        { frame: byIndexOf(1), x: byName('answers'), y: byName('load') },
        { frame: byIndexOf(7), x: byName('answers'), y: byName('load') },
      ],
    },
    ['Room over cpu', 'load over answers'],
  );
  f(
    'as files before version 11 say it',
    {
      seriesMapping: 'manual',
      series: [{ x: 'cpu', y: 'weight', pointSize: { fixed: 5 } }],
    },
    ['weight over cpu'],
  );
  f('the same, by itself', { seriesMapping: 'auto', dims: { frame: 1, x: 'answers' } }, [
    'load over answers',
  ]);

  it('are as large as a column says, between two sizes', () => {
    const [first] = xyModel(
      frames,
      { mapping: 'auto', series: [{ x: byName('cpu'), size: byName('weight') }] },
      grafanaTheme(true),
    );
    assert.deepEqual(first?.sizesPx, [5, 50]);
  });
});

function byIndexOf(index: number): object {
  return { matcher: { id: 'byIndex', options: index } };
}
