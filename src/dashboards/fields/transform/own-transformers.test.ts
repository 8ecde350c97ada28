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
});
