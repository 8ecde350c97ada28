import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import { frameOf, seriesOf } from '../../../../src/dashboards/fields/testing/frames.fixture.ts';
import '../../../../src/dashboards/fields/testing/grafana-in-node.ts';

const { grafanaTheme } = await import('../../../../src/dashboards/fields/grafana-theme.ts');
const { bridged, seriesModel } = await import(
  '../../../../src/dashboards/fields/models/series-model.ts'
);
const { indexNear } = await import('./hover.ts');

const model = (frames: readonly DataFrame[]) => seriesModel(frames, grafanaTheme(true));

describe('series of frames', () => {
  it('share their times as they are where these are the same', () => {
    const { xs, series } = model([
      seriesOf({ pod: 'a' }, [1, 2]),
      seriesOf({ pod: 'b' }, [3, null]),
    ]);
    assert.deepEqual(xs, [1_700_000_000, 1_700_000_060]);
    assert.deepEqual(
      series.map(({ values }) => values),
      [
        [1, 2],
        [3, null],
      ],
    );
    assert.deepEqual(
      series.map(({ name }) => name),
      ['a', 'b'],
    );
  });

  it('are joined at different times: a gap stays one, a moment of others is undefined', () => {
    const { xs, series } = model([
      frameOf({ Time: [1000, 3000], a: [1, null] }),
      frameOf({ Time: [2000, 3000], b: [5, 6] }),
    ]);
    assert.deepEqual(xs, [1, 2, 3]);
    assert.deepEqual(series[0]?.values, [1, undefined, null]);
    assert.deepEqual(series[1]?.values, [undefined, 5, 6]);
  });

  it('have a gap where a step has no sample', () => {
    const frame = frameOf({ Time: [0, 60_000, 240_000], a: [1, 2, 3] });
    Object.assign(frame.fields[0]!.config, { interval: 60_000 });
    const { series } = model([frame]);
    assert.ok(series[0]?.values.includes(null));
    assert.deepEqual(
      series[0]?.values.filter((value) => value !== null),
      [1, 2, 3],
    );
  });

  it('that are taken out of the stack have a group of their own', () => {
    const groupOf = (group: unknown): string | undefined => {
      const frame = frameOf({ Time: [1000], a: [1] });
      Object.assign(frame.fields[1]!.config, { custom: { stacking: { mode: 'normal', group } } });
      return model([frame]).series[0]?.options.stackGroup;
    };
    assert.deepEqual([groupOf('B'), groupOf(undefined), groupOf(false)], ['B', 'A', 'false']);
  });

  it('ascend, and what is no finite number is a gap', () => {
    const { xs, series } = model([
      frameOf({ Time: [3000, 1000, 2000], a: [3, Number.POSITIVE_INFINITY, 2] }),
    ]);
    assert.deepEqual(xs, [1, 2, 3]);
    assert.deepEqual(series[0]?.values, [null, 2, 3]);
  });

  it('may be drawn on their heads', () => {
    const frame = seriesOf({}, [1, null, 2]);
    Object.assign(frame.fields[1]!.config, { custom: { transform: 'negative-Y' } });
    assert.deepEqual(model([frame]).series[0]?.values, [-1, null, -2]);
  });

  it('have one scale for each unit and bounds', () => {
    const frames = [
      seriesOf({ a: '1' }, [1]),
      seriesOf({ a: '2' }, [1]),
      seriesOf({ a: '3' }, [1]),
    ];
    Object.assign(frames[2]!.fields[1]!.config, { unit: 's' });
    const keys = model(frames).series.map(({ scaleKey }) => scaleKey);
    assert.equal(keys[0], keys[1]);
    assert.notEqual(keys[0], keys[2]);
  });

  it('are none without times or numbers', () => {
    assert.deepEqual(model([frameOf({ name: ['a'] })]).series, []);
    assert.deepEqual(model([]).series, []);
  });
});

it('bridges gaps up to a length', () => {
  assert.deepEqual(bridged([0, 1, 2, 3, 10, 11], [1, null, 3, 4, null, 5], 3), [
    1,
    undefined,
    3,
    4,
    null,
    5,
  ]);
});

describe('the value at a moment', () => {
  const xs = [0, 1, 2, 3, 4];
  const f = (values: (number | null | undefined)[], index: number, want: number): void =>
    void it(`${JSON.stringify(values)} at ${index}`, () =>
      assert.equal(indexNear(xs, values, index), want));
  f([1, 2, 3, 4, 5], 2, 2);
  f([1, 2, null, 4, 5], 2, -1);
  f([1, undefined, undefined, undefined, 5], 1, 0);
  f([1, undefined, undefined, undefined, 5], 3, 4);
  f([undefined, undefined, undefined, undefined, undefined], 2, -1);
});
