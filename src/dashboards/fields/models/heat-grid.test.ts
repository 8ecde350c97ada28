import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf, seriesOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { grafanaTheme } = await import('../grafana-theme.ts');
const { heatGrid } = await import('./heat-grid.ts');
const { heatOptions } = await import('./heat-options.ts');

const theme = grafanaTheme(true);
const hourMs = 3_600_000;

describe('heat map', () => {
  it('takes columns named after bounds, sorted by them', () => {
    const frame = frameOf({
      Time: [60_000, 120_000],
      '+Inf': [3, 0],
      '0.5': [1, 2],
      '0.1': [5, null],
    });
    const grid = heatGrid([frame], heatOptions({}), theme, hourMs);
    assert.deepEqual(
      grid?.rows.map(({ lower, upper }) => [lower, upper]),
      [
        [undefined, 0.1],
        [0.1, 0.5],
        [0.5, Number.POSITIVE_INFINITY],
      ],
    );
    assert.deepEqual([...(grid?.counts ?? [])], [5, 1, 3, Number.NaN, 2, 0]);
    // Samples tell of the time before them.
    assert.deepEqual(grid?.columnsMs, [0, 60_000]);
    // Nothing is no cell: it does not count for the scale.
    assert.deepEqual([grid?.min, grid?.max], [1, 5]);
  });

  it('takes a series for each bucket, and adds up those of the same', () => {
    const frames = [
      seriesOf({ le: '1', job: 'a' }, [1, 2]),
      seriesOf({ le: '0.5', job: 'a' }, [3, 4]),
      seriesOf({ le: '1', job: 'b' }, [10, 20]),
    ];
    const grid = heatGrid(frames, heatOptions({}), theme, hourMs);
    assert.deepEqual(
      grid?.rows.map(({ name }) => name),
      ['0.5', '1'],
    );
    assert.deepEqual([...(grid?.counts ?? [])], [3, 11, 4, 22]);
  });

  it('counts values of series where it calculates', () => {
    const options = heatOptions({
      calculate: true,
      calculation: {
        xBuckets: { mode: 'size', value: '1m' },
        yBuckets: { mode: 'size', value: '10' },
      },
    });
    const frames = [seriesOf({ a: '1' }, [1, 12]), seriesOf({ a: '2' }, [9, 29])];
    const grid = heatGrid(frames, options, theme, hourMs);
    assert.deepEqual(
      grid?.rows.map(({ lower }) => lower),
      [0, 10, 20],
    );
    assert.deepEqual([...(grid?.counts ?? [])], [2, 0, 0, 0, 1, 1]);
  });

  it('takes the cells of native histograms', () => {
    const frame = frameOf(
      { xMax: [60_000, 60_000, 120_000], yMin: [1, 2, 2], yMax: [2, 4, 4], count: [7, 8, 9] },
      { meta: { type: 'heatmap-cells' as never } },
    );
    const grid = heatGrid([frame], heatOptions({}), theme, hourMs);
    assert.deepEqual([...(grid?.counts ?? [])], [7, 8, Number.NaN, 9]);
  });

  const made = (yMin: number[], config: object) => {
    const frame = frameOf(
      { Time: [0, 0, 60_000, 60_000], yMin, Count: [1, 2, 3, 4] },
      { meta: { type: 'heatmap-cells' as never } },
    );
    const [time, low] = frame.fields;
    Object.assign(time as object, { name: 'xMin', config: { interval: 60_000 } });
    Object.assign(low as object, { config });
    return heatGrid([frame], heatOptions({}), theme, hourMs);
  };

  it('takes cells that only say where they begin', () => {
    const grid = made([0, 10, 0, 10], { interval: 10 });
    assert.deepEqual(
      grid?.rows.map(({ lower, upper }) => [lower, upper]),
      [
        [0, 10],
        [10, 20],
      ],
    );
    assert.deepEqual([grid?.columnsMs, grid?.columnMs], [[0, 60_000], 60_000]);
    assert.deepEqual([...(grid?.counts ?? [])], [1, 2, 3, 4]);
    const log = made([1, 10, 1, 10], { custom: { scaleDistribution: { type: 'log', log: 10 } } });
    assert.deepEqual(
      log?.rows.map(({ upper }) => upper),
      [10, 100],
    );
  });

  it('counts no value that is infinite or none', () => {
    const values = [1, Number.POSITIVE_INFINITY, Number.NaN, null];
    const grid = heatGrid([seriesOf({}, values)], heatOptions({ calculate: true }), theme, hourMs);
    assert.equal(
      grid?.counts.reduce((sum, count) => sum + count, 0),
      1,
    );
  });

  it('is none without times', () => {
    assert.equal(heatGrid([frameOf({ a: [1] })], heatOptions({}), theme, hourMs), undefined);
  });
});
