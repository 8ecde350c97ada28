import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import { columnsOf, frameOf, seriesOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { transformed } = await import('./transform.ts');

const run = (id: string, options: Record<string, unknown>, frames: readonly DataFrame[]) => {
  const { frames: after, problems } = transformed([{ id, options }], frames, (text) => text);
  assert.deepEqual(problems, []);
  return after;
};

describe('transformations of our own', () => {
  it('rowsToFields: rows become fields with their config and labels', () => {
    const frame = frameOf({ name: ['a', 'b'], value: [1, 2], max: [10, 20], zone: ['x', 'y'] });
    const [after] = run('rowsToFields', {}, [frame]);
    assert.deepEqual(columnsOf(after), { a: [1], b: [2] });
    assert.equal(after?.fields[1]?.config.max, 20);
    assert.deepEqual(after?.fields[0]?.labels, { zone: 'x' });
  });

  it('configFromData: one answer configures the others', () => {
    const config = frameOf({ limit: [50, 80] }, { refId: 'config' });
    const mappings = [{ fieldName: 'limit', handlerKey: 'max', reducerId: 'max' }];
    const after = run('configFromData', { configRefId: 'config', mappings }, [
      seriesOf({}, [1]),
      config,
    ]);
    assert.equal(after.length, 1);
    assert.equal(after[0]?.fields[1]?.config.max, 80);
  });

  const extract = (
    name: string,
    options: Record<string, unknown>,
    texts: string[],
    want: object,
  ): void =>
    void it(`extractFields: ${name}`, () => {
      const [after] = run('extractFields', { source: 'text', replace: true, ...options }, [
        frameOf({ text: texts }),
      ]);
      assert.deepEqual(columnsOf(after), want);
    });
  extract('JSON', { format: 'json' }, ['{"a":1,"b":"x"}', '{"a":2}', 'none'], {
    a: [1, 2, null],
    b: ['x', null, null],
  });
  extract(
    'JSON by paths',
    { format: 'json', jsonPaths: [{ path: 'a.b[1]', alias: 'n' }] },
    ['{"a":{"b":[1,2]}}'],
    { n: [2] },
  );
  extract('pairs', { format: 'kvp' }, ['a=1 b="two words"'], { a: ['1'], b: ['two words'] });
  extract('a pattern', { format: 'regexp', regExp: '/(?<verb>\\w+) (?<path>\\S+)/' }, ['GET /x'], {
    verb: ['GET'],
    path: ['/x'],
  });

  it('prepareTimeSeries: a series for each text and number, or all of them in one frame', () => {
    const frame = frameOf({ Time: [1, 1, 2], pod: ['a', 'b', 'a'], cpu: [1, 2, 3] });
    const multi = run('prepareTimeSeries', { format: 'multi' }, [frame]);
    assert.deepEqual(multi.map(columnsOf), [
      { Time: [1, 2], cpu: [1, 3] },
      { Time: [1], cpu: [2] },
    ]);
    assert.deepEqual(multi[1]?.fields[1]?.labels, { pod: 'b' });
    const [wide] = run('prepareTimeSeries', { format: 'wide' }, [frame]);
    assert.equal(wide?.fields.length, 3);
    const [long] = run('prepareTimeSeries', { format: 'long' }, multi);
    assert.deepEqual(columnsOf(long)['pod'], ['a', 'b', 'a']);
  });

  it('partitionByValues: a frame for each value', () => {
    const frame = frameOf({ team: ['x', 'y', 'x'], n: [1, 2, 3] });
    const after = run('partitionByValues', { fields: ['team'] }, [frame]);
    assert.deepEqual(after.map(columnsOf), [{ n: [1, 3] }, { n: [2] }]);
    assert.deepEqual(
      after.map(({ name }) => name),
      ['x', 'y'],
    );
  });

  it('joinByLabels: labels are columns, the values of one of them the others', () => {
    const frames = [
      seriesOf({ pod: 'a', kind: 'cpu' }, [1, 2]),
      seriesOf({ pod: 'a', kind: 'memory' }, [3]),
      seriesOf({ pod: 'b', kind: 'cpu' }, [4]),
    ];
    const [after] = run('joinByLabels', { value: 'kind' }, frames);
    assert.deepEqual(columnsOf(after), { pod: ['a', 'b'], cpu: [2, 4], memory: [3, null] });
  });

  it('timeSeriesTable: a row for each series', () => {
    const [after] = run('timeSeriesTable', {}, [
      seriesOf({ pod: 'a' }, [1, 2]),
      seriesOf({ pod: 'b' }, [3]),
    ]);
    assert.deepEqual(columnsOf(after)['pod'], ['a', 'b']);
    const [trend] = columnsOf(after)['Trend'] as { value: number; length: number }[];
    assert.deepEqual([trend?.value, trend?.length], [2, 2]);
  });

  it('regression: finds the line, and the curve', () => {
    const line = frameOf({ x: [0, 1, 2, 3], y: [1, 3, 5, 7] });
    const [, linear] = run('regression', { xFieldName: 'x', yFieldName: 'y', predictionCount: 2 }, [
      line,
    ]);
    const round = (values: readonly unknown[]): number[] =>
      values.map((value) => Math.round(Number(value) * 1e6) / 1e6 + 0);
    assert.deepEqual(round(linear?.fields[1]?.values ?? []), [1, 7]);
    const curve = frameOf({ x: [0, 1, 2, 3], y: [0, 1, 4, 9] });
    const [, squared] = run(
      'regression',
      { xFieldName: 'x', yFieldName: 'y', modelType: 'polynomial', predictionCount: 4 },
      [curve],
    );
    assert.deepEqual(round(squared?.fields[1]?.values ?? []), [0, 1, 4, 9]);
  });

  it('append: answers below each other, columns by name', () => {
    const frames = [
      frameOf({ Time: [1, 2], pod: ['a', 'b'], cpu: [1, 2] }),
      frameOf({ Time: [3], cpu: [3], memory: [4] }, { refId: 'B' }),
    ];
    const [after, ...more] = run('append', {}, frames);
    assert.equal(more.length, 0);
    assert.equal(after?.length, 3);
    assert.deepEqual(columnsOf(after), {
      Time: [1, 2, 3],
      pod: ['a', 'b', null],
      cpu: [1, 2, 3],
      memory: [null, null, 4],
    });
    assert.deepEqual(run('append', {}, frames.slice(0, 1)), frames.slice(0, 1));
  });

  it('append: what has two types is neither', () => {
    const [after] = run('append', {}, [frameOf({ a: [1] }), frameOf({ a: ['x'] })]);
    assert.deepEqual([after?.fields[0]?.type, columnsOf(after)], ['other', { a: [1, 'x'] }]);
  });

  it('fieldLookup: codes and names in any case get name and place', () => {
    const frame = frameOf({
      country: ['KR', 'fra', 'japan', 'nowhere', null],
      hits: [1, 2, 3, 4, 5],
    });
    const [after] = run('fieldLookup', { lookupField: 'country' }, [frame]);
    const { id, name, lat, lng, ...rest } = columnsOf(after);
    assert.deepEqual(id, ['KR', 'FR', 'JP', null, null]);
    assert.deepEqual(name, ['South Korea', 'France', 'Japan', null, null]);
    assert.deepEqual((lat ?? []).slice(0, 2).map(Math.round as never), [36, 47]);
    assert.deepEqual((lng ?? []).slice(0, 2).map(Math.round as never), [128, 2]);
    assert.deepEqual(Object.keys(rest), ['country', 'hits']);
  });

  it('fieldLookup: states, and a list that is not there', () => {
    const frame = frameOf({ state: ['AL', 'Arizona', 'Somewhere'] });
    const gazetteer = 'public/gazetteer/usa-states.json';
    const [after] = run('fieldLookup', { lookupField: 'state', gazetteer }, [frame]);
    assert.deepEqual(columnsOf(after)['name'], ['Alabama', 'Arizona', null]);
    const options = { lookupField: 'state', gazetteer: 'public/gazetteer/airports.geojson' };
    const { frames, problems } = transformed(
      [{ id: 'fieldLookup', options }],
      [frame],
      (text) => text,
    );
    assert.deepEqual(problems, [
      'fieldLookup: There is no gazetteer "public/gazetteer/airports.geojson": allowed are countries, usa-states',
    ]);
    assert.deepEqual(frames, [frame]);
  });

  const cells = (yBuckets: object) => ({ xBuckets: { mode: 'size', value: '1m' }, yBuckets });

  it('heatmap: counts how many values fell into each cell', () => {
    const series = [seriesOf({ a: '1' }, [1, 12]), seriesOf({ a: '2' }, [9, null])];
    const text = frameOf({ word: ['x'] });
    const after = run('heatmap', cells({ mode: 'size', value: '10' }), [...series, text]);
    assert.deepEqual(after[1], text);
    assert.equal(after[0]?.meta?.type, 'heatmap-cells');
    assert.deepEqual(columnsOf(after[0]), {
      xMin: [0, 0, 1, 1].map((minute) => 1_699_999_980_000 + minute * 60_000),
      yMin: [0, 10, 0, 10],
      Count: [2, 0, 0, 1],
    });
  });

  it('heatmap: refuses more cells than can be drawn', () => {
    const wide = [seriesOf({}, [0, 1e6])];
    const options = {
      xBuckets: { mode: 'size', value: '1s' },
      yBuckets: { mode: 'size', value: '1' },
    };
    const { frames, problems } = transformed([{ id: 'heatmap', options }], wide, (text) => text);
    assert.match(problems[0] ?? '', /^heatmap: .* buckets are too many: allowed are 200000 cells$/);
    assert.deepEqual(frames, wide);
  });

  it('smoothing: keeps moments and level, and takes noise away', () => {
    const noisy = Array.from(
      { length: 300 },
      (_, at) => 50 + Math.sin(at / 50) * 10 + (at % 2) * 4,
    );
    const [after] = run('smoothing', { resolution: 50 }, [seriesOf({ pod: 'a' }, noisy)]);
    assert.equal(after?.name, 'Data (smoothed)');
    const field = after?.fields[1];
    assert.deepEqual([field?.name, field?.labels], ['Value (smoothed)', { pod: 'a' }]);
    const values = (field?.values ?? []) as number[];
    assert.equal(values.length, 300);
    const jumps = (of: readonly number[]): number =>
      of.slice(1).reduce((sum, value, at) => sum + Math.abs(value - (of[at] as number)), 0);
    assert.ok(jumps(values) < jumps(noisy) / 10, `${jumps(values)} of ${jumps(noisy)}`);
    for (const [at, value] of values.entries()) {
      assert.ok(Math.abs(value - (noisy[at] as number)) < 6, `${value} is far from ${noisy[at]}`);
    }
  });

  it('smoothing: bridges gaps, keeps one value, passes on what is no series', () => {
    const [gaps] = run('smoothing', {}, [seriesOf({}, [1, null, 3])]);
    assert.deepEqual(gaps?.fields[1]?.values, [1, 2, 3]);
    const [one] = run('smoothing', {}, [seriesOf({}, [42])]);
    assert.deepEqual(one?.fields[1]?.values, [42]);
    const others = [seriesOf({}, [null, Number.NaN]), frameOf({ n: [1, 2] })];
    assert.deepEqual(run('smoothing', {}, others), others);
  });

  it('smoothing: one outlier among equal values stays', () => {
    const values = Array.from({ length: 200 }, (_, at) => (at === 100 ? 100 : 1));
    const [after] = run('smoothing', { resolution: 200 }, [seriesOf({}, values)]);
    assert.ok(Math.max(...((after?.fields[1]?.values ?? []) as number[])) > 4);
  });
});
