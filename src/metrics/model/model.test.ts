import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  compareLabels,
  compareText,
  compileLabelPattern,
  formatLabels,
  isStaleAt,
  isStaleValue,
  labelMatcher,
  labelsOf,
  labelsOfRecord,
  matchingKey,
  pickLabels,
  setStaleAt,
  staleValue,
  withLabel,
  withoutMetricName,
  wordsOf,
} from './index.ts';

describe('labels', () => {
  it('labelsOf() sorts, leaves empty values out, and lets the last of equal names count', () => {
    const labels = labelsOf([
      ['b', '1'],
      ['a', ''],
      ['b', '2'],
      ['__name__', 'up'],
    ]);
    assert.deepEqual(labels, ['__name__', 'up', 'b', '2']);
  });

  it('compareText() has the order of UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const bytes = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.equal(Math.sign(compareText(a, b)), bytes);
      }),
    );
  });

  it('withLabel() sets, replaces and removes like a map', () => {
    const name = fc.constantFrom('a', 'b', 'c', '__name__');
    const value = fc.constantFrom('', 'x', 'y');
    fc.assert(
      fc.property(fc.dictionary(name, value), name, value, (record, label, text) => {
        const changed = withLabel(labelsOfRecord(record), label, text);
        assert.deepEqual(changed, labelsOfRecord({ ...record, [label]: text }));
      }),
    );
  });

  const up = labelsOfRecord({ __name__: 'up', job: 'node', instance: 'a:1' });
  it('picks, drops and keys', () => {
    assert.deepEqual(withoutMetricName(up), ['instance', 'a:1', 'job', 'node']);
    assert.deepEqual(pickLabels(up, new Set(['job']), true), ['job', 'node']);
    assert.deepEqual(pickLabels(up, new Set(['job']), false), [
      '__name__',
      'up',
      'instance',
      'a:1',
    ]);
    const other = labelsOfRecord({ __name__: 'down', job: 'node', instance: 'a:1' });
    assert.equal(matchingKey(up, new Set(), false), matchingKey(other, new Set(), false));
    assert.notEqual(
      matchingKey(up, new Set(['__name__']), true),
      matchingKey(other, new Set(['__name__']), true),
    );
  });

  it('formatLabels() writes what a query can be', () => {
    assert.equal(formatLabels(up), 'up{instance="a:1", job="node"}');
    assert.equal(
      formatLabels(labelsOfRecord({ __name__: 'a.b', 'x.y': 'q"' })),
      '{"a.b", "x.y"="q\\""}',
    );
    assert.equal(formatLabels([]), '{}');
  });

  it('compareLabels() puts a prefix first', () => {
    assert.ok(compareLabels(['a', '1'], ['a', '1', 'b', '2']) < 0);
    assert.ok(compareLabels(['a', '2'], ['a', '1', 'b', '2']) > 0);
  });
});

describe('staleness', () => {
  it('is told from every other NaN, also after a way through JavaScript numbers', () => {
    const values = new Float64Array([1, Number.NaN, 0, 0, Number.POSITIVE_INFINITY]);
    const words = wordsOf(values);
    setStaleAt(words, 2);
    const boxed: unknown[] = [values[2]];
    values[3] = boxed[0] as number;
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((at) => isStaleAt(words, at)),
      [false, false, true, true, false],
    );
    assert.ok(isStaleValue(staleValue()));
    assert.ok(!isStaleValue(Number.NaN) && !isStaleValue(0));
  });
});

describe('compileLabelPattern()', () => {
  const f = (source: string, yes: readonly string[], no: readonly string[]): void =>
    void it(JSON.stringify(source), () => {
      const pattern = compileLabelPattern(source);
      for (const text of yes) assert.ok(pattern.test(text), `matches ${JSON.stringify(text)}`);
      for (const text of no)
        assert.ok(!pattern.test(text), `does not match ${JSON.stringify(text)}`);
      for (const text of [...yes, ...no]) {
        assert.equal(pattern.groups(text) !== undefined, pattern.test(text), 'as the engine says');
        if (pattern.test(text)) assert.ok(text.startsWith(pattern.prefix));
      }
    });
  f('', [''], ['a']);
  f('.*', ['', 'a\nb'], []);
  f('.+', ['a\nb'], ['']);
  f('a|b|', ['a', 'b', ''], ['ab', '|']);
  f('(a|b)', ['a', 'b'], ['(a|b)']);
  f('(?:a|b)', ['a', 'b'], ['c']);
  f('a\\.b', ['a.b'], ['axb']);
  f('a\\\\b', ['a\\b'], ['ab']);
  f('\\d', ['1'], ['d']);
  f('foo.*', ['foo', 'foobar'], ['fo', 'xfoo']);
  f('foo.+', ['foobar'], ['foo', 'xfoob']);
  f('.*foo', ['foo', 'xfoo'], ['foox']);
  f('.+foo', ['xfoo'], ['foo']);
  f('.*foo.*', ['foo', 'xfoox'], ['fo']);
  f('.+foo.+', ['xfoox', 'foofoox', 'xfoofoo'], ['foo', 'xfoo', 'foox']);
  f('.+foo.*', ['xfoo'], ['foo']);
  f('.*foo.+', ['foox'], ['foo', 'xfoo']);
  f('ab*', ['a', 'abb'], ['b', 'ac']);
  f('ab{2}', ['abb'], ['ab']);
  f('(?i)abc', ['ABC'], ['abd']);
  f('a|(b)', ['a', 'b'], ['ab']);
  f('5..', ['500', '5\n0'], ['5000']);

  it('gives groups and their names', () => {
    const pattern = compileLabelPattern('(?P<host>.*):(\\d+)(x)?');
    assert.deepEqual(pattern.groups('a:80'), ['a:80', 'a', '80', '']);
    assert.deepEqual(pattern.groupNames, [undefined, 'host', undefined, undefined]);
  });

  it('refuses look-around in the words of the reference', () => {
    assert.throws(() => labelMatcher('a', '=~', 'a(?=b)'), {
      code: 'METRICS_PATTERN_INVALID',
      message: 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    });
  });

  it('answers like the engine', () => {
    const part = fc.constantFrom('a', 'b', '.*', '.+', '|', '\\.', '.', '(', ')', '+', 'x*');
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'x', '\n'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), text, (parts, value) => {
        let pattern: ReturnType<typeof compileLabelPattern>;
        try {
          pattern = compileLabelPattern(parts.join(''));
        } catch {
          return;
        }
        assert.equal(pattern.test(value), pattern.groups(value) !== undefined);
      }),
    );
  });
});
