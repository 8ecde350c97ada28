import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemOf } from './parse-error.ts';

describe('problemOf()', () => {
  const f = (name: string, expr: string, message: string, want: string, line = 1) =>
    it(name, () => {
      const found = problemOf(expr, message);
      assert.equal(expr.slice(found.startOffset, found.endOffset), want);
      assert.equal(found.line, line);
    });
  f('underlines the word', 'sum(up by x', '1:8: parse error: unexpected <by> in aggregation', 'by');
  f('takes the envelope', 'a b', 'invalid parameter "query": 1:3: parse error: unexpected x', 'b');
  f('counts lines', 'sum(\n  up,,\n)', '2:6: parse error: unexpected ","', ',', 2);
  f('counts bytes', '{a="가나"} b', '1:14: parse error: unexpected identifier "b"', 'b');
  f('counts characters of two units', '{a="😀"} b', '1:12: parse error: unexpected', 'b');
  f('underlines nothing at the end', 'sum(up', '1:7: parse error: unclosed left parenthesis', '');
  f('underlines all without a place', 'up', 'query timed out', 'up');

  it('keeps the words without the place', () => {
    assert.equal(
      problemOf('sum(up', 'invalid parameter "query": 1:7: parse error: unclosed left parenthesis')
        .message,
      'unclosed left parenthesis',
    );
  });
});
