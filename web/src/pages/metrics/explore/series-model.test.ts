import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { graphModel, gridOf, seriesNames, seriesText, sharedLabels } from './series-model.ts';

describe('gridOf()', () => {
  it('begins at a multiple of the step and ends within the range', () => {
    const ms = fc.integer({ min: 0, max: 2e12 });
    fc.assert(
      fc.property(
        ms,
        fc.integer({ min: 1000, max: 1e9 }),
        fc.integer({ min: 1, max: 1e8 }),
        (fromMs, length, stepMs) => {
          const grid = gridOf({ fromMs, toMs: fromMs + length }, stepMs);
          assert.equal(grid.fromMs % stepMs, 0);
          assert.ok(grid.count >= 1 && grid.fromMs <= fromMs && grid.toMs <= fromMs + length);
          assert.equal(grid.toMs - grid.fromMs, (grid.count - 1) * stepMs);
        },
      ),
    );
  });
});

describe('seriesNames()', () => {
  const f = (name: string, metrics: readonly Record<string, string>[], want: readonly string[]) =>
    it(name, () => assert.deepEqual(seriesNames(metrics, ' sum(up) '), want));
  f('names one by all its labels', [{ __name__: 'up', job: 'a' }], ['up{job="a"}']);
  f('names one without labels by its expression', [{}], ['sum(up)']);
  f(
    'leaves out what all share, but for the metric',
    [
      { __name__: 'up', job: 'a', env: 'x' },
      { __name__: 'up', job: 'b', env: 'x' },
    ],
    ['up{job="a"}', 'up{job="b"}'],
  );
  f('tells a missing label', [{ job: 'a' }, {}], ['{job="a"}', '{}']);
  f(
    'quotes what is no plain name',
    [{ __name__: 'http.requests', 'service.name': 'a"b' }],
    ['{"http.requests", "service.name"="a\\"b"}'],
  );
  it('gives different series different names', () => {
    const labels = fc.dictionary(
      fc.constantFrom('__name__', 'a', 'b', 'c'),
      fc.constantFrom('x', 'y', '"'),
    );
    const distinct = fc.uniqueArray(labels, {
      selector: (one) => JSON.stringify(Object.entries(one).toSorted()),
    });
    fc.assert(
      fc.property(distinct, (metrics) => {
        assert.equal(new Set(seriesNames(metrics, 'e')).size, metrics.length);
      }),
    );
  });
});

describe('graphModel()', () => {
  const grid = gridOf({ fromMs: 1_000_000, toMs: 1_030_000 }, 10_000);
  it('puts each sample at its moment; gaps, NaN and infinity stay gaps', () => {
    const item = {
      metric: { a: 'b' },
      values: [
        [1000, '1'],
        [1010, 'NaN'],
        [1030, '+Inf'],
      ] as const,
    };
    const model = graphModel([{ letter: 'A', expr: 'x', items: [item] }], grid);
    assert.deepEqual(model.timesMs, [1_000_000, 1_010_000, 1_020_000, 1_030_000]);
    assert.deepEqual(model.series, [{ name: '{a="b"}', values: [1, null, null, null] }]);
  });
  it('tells queries apart, bounds what is drawn, and says how much is not', () => {
    const items = Array.from({ length: 700 }, (_, i) => ({ metric: { i: String(i) }, values: [] }));
    const model = graphModel(
      [
        { letter: 'A', expr: 'x', items },
        { letter: 'B', expr: 'y', items },
      ],
      grid,
    );
    assert.equal(model.series.length, 1000);
    assert.equal(model.more, 400);
    assert.equal(new Set(model.series.map((one) => one.name)).size, 1000);
    assert.deepEqual(model.labels.get('B  {i="3"}'), { i: '3' });
  });
});

describe('sharedLabels()', () => {
  it('keeps what all have in common', () => {
    assert.deepEqual(
      sharedLabels([
        { __name__: 'up', pod: 'a', ns: 'x' },
        { __name__: 'up', pod: 'b', ns: 'x' },
      ]),
      { ns: 'x' },
    );
    assert.deepEqual(sharedLabels([]), {});
    assert.equal(seriesText({}), '');
  });
});
