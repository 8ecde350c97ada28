import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evaluateMath } from './math.ts';
import { parseMath } from './math-parser.ts';
import { type Labels, noData, type Point, type Values } from './values.ts';

const none = (): Values => [];
const scalar = (text: string): Point => {
  const [value] = evaluateMath(parseMath(text), none);
  assert.equal(value?.kind, 'scalar');
  return value?.kind === 'scalar' ? value.value : null;
};
const number = (labels: Labels, value: Point): Values[number] => ({
  kind: 'number',
  labels,
  value,
});
const series = (labels: Labels, timesMs: number[], values: Point[]): Values[number] => ({
  kind: 'series',
  labels,
  timesMs,
  values,
});

describe('math over constants', () => {
  const f = (text: string, want: Point): void =>
    void it(`${text} = ${want}`, () => assert.deepEqual(scalar(text), want));
  f('1 + 2 * 3', 7);
  f('(1 + 2) * 3', 9);
  f('2 ** 3 ** 2', 64); // groups to the left, as all of them do
  f('-2 ** 2', 4); // a sign binds most
  f('10 - 3 - 2', 5);
  f('7 % 4', 3);
  f('-7 % 4', -3);
  f('1 / 0', Number.POSITIVE_INFINITY);
  f('0 / 0', Number.NaN);
  f('1 < 2 && 2 <= 2', 1);
  f('1 > 2 || 3 != 3', 0);
  f('1 == 1', 1);
  f('2 >= 3', 0);
  f('!0', 1);
  f('!5', 0);
  f('!!5', 1);
  f('1 || 0 && 0', 1);
  f('1e3 + .5 + 0x10', 1016.5);
  f('abs(-3)', 3);
  f('round(2.5) + round(-2.5)', 0); // halves go away from zero
  f('ceil(1.2) + floor(1.8)', 3);
  f('log(1)', 0);
  f('is_nan(nan())', 1);
  f('is_nan(null())', 0);
  f('is_null(null())', 1);
  f('is_inf(inf())', 1);
  f('is_inf(infn())', 1);
  f('is_number(inf())', 0);
  f('is_number(3)', 1);
  f('nan() == nan()', Number.NaN); // NaN goes through all operators
  f('nan() && 0', Number.NaN);
  f('null() + 1', null);
  f('null() == null()', null);
});

describe('math that is none', () => {
  const f = (text: string, want: RegExp): void =>
    void it(text, () =>
      assert.throws(() => parseMath(text), { name: 'SyntaxError', message: want }),
    );
  f('', /empty/);
  f('1 +', /unexpected end of the expression at position 4/);
  f('1 2', /unexpected "2" at position 3/);
  f('(1', /expected "\)"/);
  f('$', /unexpected "\$" at position 1/);
  f('${}', /unexpected/);
  f('sin(1)', /unknown function "sin" at position 1; there are abs, log/);
  f('toString(1)', /unknown function/);
  f('inf(1)', /expected "\)"/);
  f('abs()', /unexpected "\)"/);
  f('1 = 1', /unexpected "=" at position 3/);
  f(`${'('.repeat(200)}1${')'.repeat(200)}`, /nested deeper/);
  f(`${'1+'.repeat(6000)}1`, /longer than/);
});

describe('labels of math', () => {
  const f = (name: string, text: string, given: Record<string, Values>, want: Values): void =>
    void it(name, () => {
      assert.deepEqual(
        evaluateMath(parseMath(text), (refId) => given[refId] ?? []),
        want,
      );
    });
  f('a constant goes with anything', '$A * 2', { A: [number({ a: '1' }, 3)] }, [
    number({ a: '1' }, 6),
  ]);
  f(
    'equal labels go together, others fall out',
    '$A + $B',
    {
      A: [number({ a: '1' }, 1), number({ a: '2' }, 2)],
      B: [number({ a: '2' }, 10), number({ a: '3' }, 3)],
    },
    [number({ a: '2' }, 12)],
  );
  f(
    'a set goes with all that contain it, whichever side it is on',
    '$A / $B',
    {
      A: [
        number({ a: '1', pod: 'x' }, 4),
        number({ a: '1', pod: 'y' }, 6),
        number({ a: '2', pod: 'z' }, 1),
      ],
      B: [number({ a: '1' }, 2)],
    },
    [number({ a: '1', pod: 'x' }, 2), number({ a: '1', pod: 'y' }, 3)],
  );
  f('the smaller set on the left', '$A - $B', { A: [number({}, 10)], B: [number({ a: '1' }, 1)] }, [
    number({ a: '1' }, 9),
  ]);
  f(
    'one of each goes together whatever the labels, and loses them',
    '$A + $B',
    { A: [number({ a: '1' }, 1)], B: [number({ b: '2' }, 2)] },
    [number({}, 3)],
  );
  f('no answer stays none', '$A > 1', { A: [noData] }, [noData]);
  f('no answer at all either', '$A > 1', {}, [noData]);
  f(
    'series meet at equal times',
    '$A - $B',
    { A: [series({}, [1, 2, 3], [5, 6, null])], B: [series({}, [2, 3, 4], [1, 1, 1])] },
    [series({}, [2, 3], [5, null])],
  );
  f('series with a number', '2 ** $A', { A: [series({ a: '1' }, [1, 2], [1, 3])] }, [
    series({ a: '1' }, [1, 2], [2, 8]),
  ]);
  f('names with spaces', '${A b} + 1', { 'A b': [number({}, 1)] }, [number({}, 2)]);
});

describe('joining', () => {
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), {
    maxKeys: 3,
  });
  const side = fc
    .uniqueArray(labels, {
      selector: (one) => JSON.stringify(Object.entries(one).sort()),
      maxLength: 8,
    })
    .map((all) => all.map((one, at) => number(one, at)));
  const contains = (large: Labels, small: Labels): boolean =>
    Object.entries(small).every(([name, value]) => large[name] === value);

  it('gives the pairs that comparing each with each gives', () => {
    fc.assert(
      fc.property(side, side, (a, b) => {
        const want: string[] = [];
        for (const left of a) {
          for (const right of b) {
            if (left.kind !== 'number' || right.kind !== 'number') continue;
            const isJoined =
              contains(left.labels, right.labels) || contains(right.labels, left.labels);
            if (isJoined) want.push(`${left.value}+${right.value}`);
          }
        }
        fc.pre(want.length > 0);
        const got = evaluateMath(parseMath('$A * 100 + $B'), (refId) => (refId === 'A' ? a : b));
        assert.deepEqual(
          got.map((one) =>
            one.kind === 'number' ? `${Math.floor(one.value! / 100)}+${one.value! % 100}` : '',
          ),
          want,
        );
      }),
    );
  });
});
