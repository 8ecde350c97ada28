import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { listOf, parseSearch, stringifySearch, textOf } from './url.ts';

describe('the state of a view in its link', () => {
  it('stays readable', () => {
    assert.equal(
      stringifySearch({ group: '/aws/eks/prod/cluster', from: 'now-1h', stream: ['a b', 'c&d'] }),
      '?group=/aws/eks/prod/cluster&from=now-1h&stream=a%20b&stream=c%26d',
    );
    assert.equal(stringifySearch({ filter: '', tab: undefined, streams: [] }), '');
  });
  it('comes back as it went', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    const value = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 4 }));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value), (search) => {
        assert.deepEqual(parseSearch(stringifySearch(search)), { ...search });
      }),
    );
  });
  it('reads one or many', () => {
    assert.deepEqual(listOf(undefined), []);
    assert.deepEqual(listOf('a'), ['a']);
    assert.equal(textOf(['a', 'b']), 'a');
    assert.equal(textOf(undefined), '');
  });
});
