import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failuresOf, slowestOf } from './tap.ts';

const tap = `TAP version 13
# Subtest: outer
    # Subtest: well
    ok 1 - well
      ---
      duration_ms: 1
      type: 'test'
      ...
    # Subtest: broken
    not ok 2 - broken
      ---
      duration_ms: 1.043952
      type: 'test'
      location: 'a.test.ts:3:27'
      failureType: 'testCodeFailure'
      error: |-
        The input did not match
      code: 'ERR_ASSERTION'
      ...
    # Subtest: known
    not ok 3 - known # TODO later
      ---
      duration_ms: 1
      ...
    1..3
not ok 1 - outer
  ---
  duration_ms: 3123.582
  type: 'suite'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# Subtest: alone
not ok 2 - alone
  ---
  duration_ms: 7000
  error: 'no'
  ...
# Subtest: third
ok 3 - third
  ---
  duration_ms: 5000
  ...
1..3
`;

describe('a report in TAP', () => {
  it('tells failed tests by their whole path, with where and why', () => {
    assert.deepEqual(failuresOf(tap), [
      {
        path: 'outer > broken',
        details: ["location: 'a.test.ts:3:27'", 'error: |-', '  The input did not match'],
      },
      { path: 'alone', details: ["error: 'no'"] },
    ]);
  });

  it('tells what took longest', () => {
    assert.deepEqual(slowestOf(tap, 2), [
      { name: 'alone', durationMs: 7000 },
      { name: 'third', durationMs: 5000 },
    ]);
  });
});
