import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bucketsOf, heatOf, histogramKind } from './histogram-result.ts';

const grid = { fromMs: 0, toMs: 10_000, stepMs: 10_000, count: 2 };
const bucket = (le: string, first: string, more: Record<string, string> = {}) => ({
  metric: { le, ...more },
  values: [[0, first]] as [number, string][],
});
const native = (count: string) => ({
  metric: {},
  histograms: [
    [
      10,
      { count, sum: '3', buckets: [[0, '1', '2', count] as const, [0, '2', '+Inf', '0'] as const] },
    ],
  ] as [number, { count: string; sum: string; buckets: [number, string, string, string][] }][],
});

describe('histogramKind()', () => {
  it('tells buckets from other results', () => {
    assert.equal(histogramKind([bucket('1', '1'), bucket('+Inf', '2')]), 'classic');
    assert.equal(histogramKind([bucket('1', '1')]), undefined);
    assert.equal(histogramKind([bucket('1', '1'), { metric: {} }]), undefined);
    assert.equal(histogramKind([native('3')]), 'native');
    assert.equal(histogramKind([]), undefined);
  });
});

describe('heatOf()', () => {
  it('takes what lower buckets hold off the higher ones, and sums over other labels', () => {
    const model = heatOf(
      [
        bucket('+Inf', '10'),
        bucket('0.5', '4'),
        bucket('1', '7'),
        bucket('1', '1', { path: '/a' }),
        bucket('+Inf', '1', { path: '/a' }),
        bucket('x', '1'),
      ],
      grid,
    );
    assert.deepEqual([...model.offsets], [0, 3, 3]);
    assert.deepEqual([...model.counts], [4, 4, 3]);
    assert.deepEqual([...model.lower], [0, 0.5, 1]);
    assert.deepEqual([...model.upper], [0.5, 1, Number.POSITIVE_INFINITY]);
  });
  it('a bucket that falls under the one below it holds nothing', () => {
    const model = heatOf([bucket('1', '5'), bucket('2', '4'), bucket('3', '6')], grid);
    assert.deepEqual([...model.counts], [5, 1]);
  });
  it('sums native histograms of one moment, bucket by bucket', () => {
    const model = heatOf([native('3'), native('4')], grid);
    assert.deepEqual([...model.offsets], [0, 0, 1]);
    assert.deepEqual([...model.counts], [7]);
  });
});

it('bucketsOf() reads numbers as Go writes them', () => {
  assert.deepEqual(bucketsOf({ count: '1', sum: '1', buckets: [[0, '-Inf', '+Inf', '1']] }), [
    { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY, count: 1 },
  ]);
});
