import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelsOfRecord } from '#metrics/model';
import type { DataFrame } from '../contract.ts';
import { resultsJson, toDataFrame } from '../frames.ts';
import { testLimits } from '../sources.fixture.ts';
import type { PrometheusAnswer, PrometheusSeries } from './answer.ts';
import { prometheusFrames } from './frames.ts';
import { legendNames } from './legend.ts';
import { parseAnswer } from './parse-answer.ts';
import { readTarget, withStepVariables } from './target.ts';

const range = { fromMs: 0, toMs: 3_600_000 };

const series = (
  labels: Readonly<Record<string, string>>,
  samples: readonly (readonly [number, number])[],
): PrometheusSeries => ({
  labels: labelsOfRecord(labels),
  timesMs: Float64Array.from(samples, ([timeMs]) => timeMs),
  values: Float64Array.from(samples, ([, value]) => value),
});

const matrix = (...all: readonly PrometheusSeries[]): PrometheusAnswer => ({
  resultType: 'matrix',
  series: all,
  warnings: [],
});

function frames(
  answer: PrometheusAnswer,
  query: Readonly<Record<string, unknown>> = {},
  queryCount = 1,
): DataFrame[] {
  const target = readTarget({ refId: 'A', expr: 'x', ...query }, range, undefined);
  const all = prometheusFrames(answer, { target, queryCount, limits: testLimits });
  // The text of the API is what the same frames are as values.
  const result = new Map([['A', { status: 200, frames: all }]]);
  const text = Buffer.concat([...resultsJson(result)]).toString('utf8');
  const whole = all.map((frame) => toDataFrame(frame, 'A'));
  assert.deepEqual(JSON.parse(text), {
    results: { A: { status: 200, frames: JSON.parse(JSON.stringify(whole)) } },
  });
  return JSON.parse(JSON.stringify(whole)) as DataFrame[];
}

describe('prometheusFrames()', () => {
  it('makes a frame of each series', () => {
    const [first, second] = frames(
      matrix(
        series({ __name__: 'up', pod: 'a' }, [
          [0, 1],
          [15_000, 0],
        ]),
        series({ __name__: 'up', pod: 'b' }, [
          [0, Number.NaN],
          [15_000, Number.POSITIVE_INFINITY],
        ]),
      ),
    );
    assert.deepEqual(first, {
      schema: {
        refId: 'A',
        name: 'up{pod="a"}',
        meta: {
          type: 'timeseries-multi',
          typeVersion: [0, 1],
          custom: { resultType: 'matrix' },
          executedQueryString: 'Expr: x\nStep: 15s',
        },
        fields: [
          { name: 'Time', type: 'time', config: { interval: 15_000 } },
          {
            name: 'up',
            type: 'number',
            labels: { __name__: 'up', pod: 'a' },
            config: { displayNameFromDS: 'up{pod="a"}' },
          },
        ],
      },
      data: {
        values: [
          [0, 15_000],
          [1, 0],
        ],
      },
    });
    assert.deepEqual(second?.data, {
      values: [
        [0, 15_000],
        [null, null],
      ],
      entities: [null, { NaN: [0], Inf: [1] }],
    });
  });

  it('makes a table of labels in the order of their first sight', () => {
    const [frame] = frames(
      matrix(
        series({ b: '1', c: '2' }, [[0, 1]]),
        series({ a: 'x', b: '3' }, [
          [0, 2],
          [1000, 3],
        ]),
      ),
      { format: 'table' },
      2,
    );
    assert.deepEqual(
      frame?.schema.fields.map(({ name }) => name),
      ['Time', 'b', 'c', 'a', 'Value #A'],
    );
    assert.deepEqual(frame?.data.values, [
      [0, 0, 1000],
      ['1', '3', '3'],
      ['2', '', ''],
      ['', 'x', 'x'],
      [1, 2, 3],
    ]);
  });

  it('names the value of a table alone after nothing', () => {
    const [frame] = frames(matrix(series({}, [[0, 1]])), { format: 'table' });
    assert.deepEqual(
      frame?.schema.fields.map(({ name }) => name),
      ['Time', 'Value'],
    );
  });

  it('cuts a table at the row limit', () => {
    const many = Array.from({ length: testLimits.maxRows + 5 }, (_, at) => [at, at] as const);
    const [frame] = frames(matrix(series({ a: 'x' }, many)), { format: 'table' });
    assert.equal(frame?.data.values[0]?.length, testLimits.maxRows);
    assert.match(JSON.stringify(frame?.schema.meta), /The first 1000 of 1005 rows/);
  });

  it('takes the buckets below away from those of a heatmap', () => {
    const buckets = (le: string, ...values: number[]) =>
      series(
        { __name__: 'd_bucket', le },
        values.map((value, at) => [at * 1000, value] as const),
      );
    const [frame] = frames(
      matrix(buckets('+Inf', 10, 12), buckets('0.5', 4, 4.0000000001), buckets('10', 9, 9)),
      { format: 'heatmap' },
    );
    assert.deepEqual(
      frame?.schema.fields.map(({ name }) => name),
      ['Time', '0.5', '10', '+Inf'],
    );
    assert.deepEqual(frame?.data.values[1], [4, 4.0000000001]);
    assert.deepEqual(frame?.data.values[2]?.[0], 5);
    assert.deepEqual(frame?.data.values[3], [1, 3]);
    assert.equal(frame?.schema.meta?.['type'], 'heatmap-rows');
  });

  it('shows native histograms as cells', () => {
    const answer = parseAnswer({
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { job: 'a' },
            histograms: [
              [
                1,
                {
                  count: '3',
                  sum: '4',
                  buckets: [
                    [0, '0', '1', '2'],
                    [0, '1', '+Inf', '1'],
                  ],
                },
              ],
            ],
          },
        ],
      },
    });
    const [frame] = frames(answer, { format: 'heatmap' });
    assert.equal(frame?.schema.meta?.['type'], 'heatmap-cells');
    assert.deepEqual(frame?.data.values, [
      [1000, 1000],
      [0, 1],
      [1, null],
      [2, 1],
    ]);
  });

  it('shows warnings as notices', () => {
    const [frame] = frames({ ...matrix(series({}, [[0, 1]])), warnings: ['PromQL warning: x'] });
    assert.deepEqual(frame?.schema.meta?.['notices'], [
      { severity: 'warning', text: 'PromQL warning: x' },
    ]);
  });

  it('refuses too many series and too many values', () => {
    const many = Array.from({ length: testLimits.maxSeries + 1 }, (_, at) =>
      series({ at: `${at}` }, [[0, 1]]),
    );
    assert.throws(() => frames(matrix(...many)), /101 series, 100 are the most/);
    const long = {
      labels: [],
      timesMs: new Float64Array(100_001),
      values: new Float64Array(100_001),
    };
    assert.throws(() => frames(matrix(long)), /100001 values, 100000 are the most/);
  });
});

describe('legendNames()', () => {
  const f = (
    name: string,
    format: string,
    given: readonly Readonly<Record<string, string>>[],
    want: readonly (string | undefined)[],
  ): void =>
    void it(name, () =>
      assert.deepEqual(legendNames(given.map(labelsOfRecord), format, 'sum(x)'), want),
    );
  const up = (pod: string) => ({ __name__: 'up', ns: 'n', pod });
  f('whole', '', [up('a')], ['up{ns="n", pod="a"}']);
  f('no labels', '', [{}], ['sum(x)']);
  f('a template', '{{ pod }} in {{ns}}, {{nope}}', [up('a')], ['a in n, ']);
  f('auto leaves out what all have', '__auto', [up('a'), up('b')], ['{pod="a"}', '{pod="b"}']);
  f('auto of one series', '__auto', [up('a')], ['up{ns="n", pod="a"}']);
  f(
    'auto after an aggregation',
    '__auto',
    [
      { ns: 'n', pod: 'a' },
      { ns: 'n', pod: 'b' },
    ],
    [undefined, undefined],
  );
  f('auto without labels', '__auto', [{}], ['sum(x)']);
});

describe('readTarget()', () => {
  it('reads what old panels say', () => {
    const target = readTarget(
      { refId: 'B', expr: 'x', format: 1, intervalFactor: 2, legendFormat: null, instant: false },
      range,
      15_000,
    );
    assert.equal(target.format, 'time_series');
    assert.equal(target.isRange, true);
    assert.equal(target.step.stepMs, 30_000);
  });
  const f = (query: Readonly<Record<string, unknown>>, pattern: RegExp): void =>
    void it(`refuses ${JSON.stringify(query)}`, () =>
      assert.throws(() => readTarget({ refId: 'A', ...query }, range, undefined), pattern));
  f({}, /expr: the query is empty/);
  f({ expr: ' ' }, /expr: the query is empty/);
  f({ expr: 5 }, /expr: is 5 \(allowed: a text\)/);
  f({ expr: 'x', legendFormat: {} }, /legendFormat/);
});

describe('withStepVariables()', () => {
  const step = { stepMs: 90_000, rateIntervalMs: 135_000 };
  const f = (given: string, want: string): void =>
    void it(given, () => assert.equal(withStepVariables(given, step, 3_600_000), want));
  f('rate(x[$__rate_interval])', 'rate(x[2m15s])');
  f('x[$__interval] / $__interval_ms', 'x[1m] / 90000');
  f('x[${__range}] @ ${__range_s:raw} + $__range_ms', 'x[3600s] @ 3600 + 3600000');
  f('$__rate_interval_ms $__intervals $__other', '135000 $__intervals $__other');
});
