import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MarkFormat, marksOf, rowMarksOf } from './marks.ts';

const format: MarkFormat = {
  stepMs: 60_000,
  color: 'red',
  source: 'Deploys',
  titleFormat: '{{ app }}',
  textFormat: 'to {{version}}{{none}}',
  tagKeys: 'app, team',
  isTimeInValue: false,
};

const frame = (times: readonly number[], values: readonly (number | null)[]) => ({
  schema: {
    fields: [
      { name: 'Time', type: 'time' as const },
      { name: 'Value', type: 'number' as const, labels: { app: 'web', version: '2' } },
    ],
  },
  data: { values: [times, values] },
});

describe('marksOf()', () => {
  const minute = 60_000;
  const f = (
    name: string,
    frames: readonly ReturnType<typeof frame>[],
    want: readonly (readonly [number, number])[],
    change: Partial<MarkFormat> = {},
  ) =>
    it(name, () => {
      const marks = marksOf(frames, { ...format, ...change });
      assert.deepEqual(
        marks.map(({ fromMs, toMs }) => [fromMs, toMs]),
        want,
      );
    });
  f(
    'merges samples that are a step apart',
    [frame([0, minute, 2 * minute, 5 * minute], [1, 1, 1, 1])],
    [
      [0, 2 * minute],
      [5 * minute, 5 * minute],
    ],
  );
  f(
    'leaves zeros and gaps out',
    [frame([0, minute, 2 * minute], [0, null, 3])],
    [[2 * minute, 2 * minute]],
  );
  f(
    'takes instants from values, in seconds or ms',
    [frame([0, minute, 2 * minute], [1_764_000_000, 1_764_000_000, 1_764_000_060_000])],
    [
      [1_764_000_000_000, 1_764_000_000_000],
      [1_764_000_060_000, 1_764_000_060_000],
    ],
    { isTimeInValue: true },
  );
  f('has nothing of an empty answer', [], []);
  it('fills in labels', () => {
    const [mark] = marksOf([frame([0], [1])], format);
    assert.equal(mark?.title, 'web');
    assert.equal(mark?.text, 'to 2');
    assert.deepEqual(mark?.tags, ['web']);
  });
});

describe('rowMarksOf()', () => {
  const frame = (columns: Readonly<Record<string, readonly unknown[]>>) =>
    ({
      schema: {
        fields: Object.keys(columns).map((name) => ({
          name,
          type: /^(time|at)/i.test(name) ? 'time' : 'string',
        })),
      },
      data: { values: Object.values(columns) },
    }) as never;
  const plain = {
    color: 'red',
    source: 'Logs',
    titleFormat: '',
    textFormat: '',
    tagKeys: '',
    mappings: undefined,
  };
  const words = { color: 'red', source: 'Logs' };

  it('takes the time and the first text of log lines, or columns by their names', () => {
    assert.deepEqual(rowMarksOf([frame({ Time: [5000, null], '@message': ['hi', 'no'] })], plain), [
      { ...words, fromMs: 5000, toMs: 5000, title: '', text: 'hi', tags: [] },
    ]);
    const rows = frame({ time: [1000], timeEnd: [3000], title: ['T'], tags: ['a, b'] });
    assert.deepEqual(rowMarksOf([rows], plain), [
      { ...words, fromMs: 1000, toMs: 3000, title: 'T', text: '', tags: ['a', 'b'] },
    ]);
  });

  it('puts columns into formats, and follows mappings', () => {
    const rows = frame({ at: ['2026-01-01T00:00:00Z'], who: ['kim'], what: ['deploy'] });
    const fromMs = Date.UTC(2026, 0, 1);
    const format = { ...plain, titleFormat: '{{what}}', textFormat: 'by {{who}}', tagKeys: 'who' };
    assert.deepEqual(rowMarksOf([rows], format), [
      { ...words, fromMs, toMs: fromMs, title: 'deploy', text: 'by kim', tags: ['kim'] },
    ]);
    const mappings = {
      time: { source: 'field', value: 'at' },
      text: { source: 'field', value: 'what' },
      title: { source: 'text', value: 'Shop' },
    };
    assert.deepEqual(rowMarksOf([rows], { ...plain, mappings }), [
      { ...words, fromMs, toMs: fromMs, title: 'Shop', text: 'deploy', tags: [] },
    ]);
  });

  it('gives nothing without a time', () => {
    assert.deepEqual(rowMarksOf([frame({ text: ['x'] })], plain), []);
  });
});
