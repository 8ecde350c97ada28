import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatBoundary, formatGoFloat, NumberReader, parseGoFloat } from './number.ts';

describe('NumberReader.read()', () => {
  const reader = new NumberReader();
  const read = (text: string): number | undefined => {
    const end = reader.read(Buffer.from(`${text}\n`), 0);
    if (end < 0) return undefined;
    assert.equal(end, text.length);
    return reader.result[0];
  };

  it('gives what correct rounding gives, or nothing', () => {
    const digits = fc.stringMatching(/^-?[0-9]{1,19}(\.[0-9]{0,20})?(e[+-]?[0-9]{1,2})?$/);
    let read1 = 0;
    fc.assert(
      fc.property(digits, (text) => {
        const found = read(text);
        if (found === undefined) return;
        read1++;
        assert.ok(Object.is(found, Number(text)), `${text}: ${found}, not ${Number(text)}`);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(read1 > 1000, 'hardly any number was read');
  });

  it('reads the shortest form of any double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), (value) => {
        const found = read(formatGoFloat(value));
        assert.ok(found === undefined || Object.is(found, value), `${value}: ${found}`);
      }),
      { numRuns: 20_000 },
    );
  });

  it('reads random seconds of 17 digits exactly', () => {
    let missed = 0;
    for (let run = 0; run < 20_000; run++) {
      const value = Math.random() * 10 ** (run % 7);
      const found = read(String(value));
      if (found === undefined) missed++;
      else assert.equal(found, value);
    }
    assert.ok(missed < 400, `${missed} of 20000 were left to Number`);
  });

  for (const text of ['', '.', '-', 'e5', '1e', '1e+', 'NaN', '+Inf', '+1', '-.']) {
    it(`leaves ${JSON.stringify(text)} to others`, () => {
      assert.equal(reader.read(Buffer.from(`${text}\n`), 0), -1);
    });
  }
});

describe('formatGoFloat()', () => {
  const f = (value: number, want: string): void =>
    void it(want, () => assert.equal(formatGoFloat(value), want));
  f(1, '1');
  f(-0, '-0');
  f(0.0001, '0.0001');
  f(0.00001, '1e-05');
  f(999999, '999999');
  f(1e6, '1e+06');
  f(123456789, '1.23456789e+08');
  f(1e100, '1e+100');
  f(Number.NEGATIVE_INFINITY, '-Inf');
  f(Number.NaN, 'NaN');
});

it('formatBoundary() always shows a fraction or an exponent', () => {
  assert.deepEqual([1, 100, 0.5, 1e6, Number.POSITIVE_INFINITY].map(formatBoundary), [
    '1.0',
    '100.0',
    '0.5',
    '1e+06',
    '+Inf',
  ]);
});

it('parseGoFloat() reads what formatGoFloat() writes', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      assert.ok(Object.is(parseGoFloat(formatGoFloat(value)), value));
    }),
  );
});
