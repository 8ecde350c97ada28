import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { numberText, renderChart } from './chart.ts';

const options = {
  startMs: Date.UTC(2026, 0, 1),
  endMs: Date.UTC(2026, 0, 1, 0, 10),
  stepMs: 60_000,
  columns: 40,
  rows: 8,
  hasColor: false,
};
const times = Array.from({ length: 11 }, (_, at) => options.startMs + at * options.stepMs);

it('a line of dots, with its axes and its last value', () => {
  const values = times.map((_, at) => at * 100);
  const text = renderChart([{ label: 'up', timesMs: times, values }], options);
  const lines = text.split('\n');
  assert.match(lines[0]!, /^ +1k ┤ +[\u2801-\u28ff]{2,}$/);
  assert.match(lines[7]!, /^ +0 ┤[\u2801-\u28ff]{2,}$/);
  assert.match(lines[9]!, /^ +00:00:00 +00:05:00 +00:10:00Z$/);
  assert.equal(lines[10], '━ up  1k');
});

it('without colours several lines are letters; gaps stay gaps', () => {
  const text = renderChart(
    [
      { label: 'high', timesMs: times, values: times.map(() => 2) },
      { label: 'low', timesMs: times, values: times.map((_, at) => (at === 5 ? Number.NaN : 1)) },
    ],
    options,
  );
  const lines = text.split('\n');
  assert.match(lines[0]!, /2 ┤a+$/);
  assert.match(lines[7]!, /1 ┤b{10,} +b{10,}$/);
  assert.deepEqual(lines.slice(10, 12), ['a high  2', 'b low  1']);
});

it('any values fit into the terminal', () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1e308, -1e308, 5e-324));
  fc.assert(
    fc.property(
      fc.array(fc.array(value, { maxLength: 11 }), { maxLength: 15 }),
      fc.integer({ min: 40, max: 120 }),
      fc.boolean(),
      (all, columns, hasColor) => {
        const series = all.map((values) => ({
          label: 'x'.repeat(200),
          timesMs: times.slice(0, values.length),
          values,
        }));
        const text = renderChart(series, { ...options, columns, hasColor });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
        const plain = text.replace(/\u001b\[[\d;]*m/g, '');
        for (const line of plain.split('\n')) assert.ok(line.length <= columns, line);
        assert.doesNotMatch(plain, /undefined|NaN/);
      },
    ),
  );
});

it('numbers are short', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [1234, '1.234k'],
    [-2_500_000, '-2.5M'],
    [0.123456, '0.1235'],
    [3e13, '30T'],
    [1e20, '1.00e+20'],
  ];
  for (const [value, text] of cases) assert.equal(numberText(value), text);
});
