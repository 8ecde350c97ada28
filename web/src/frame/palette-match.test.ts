import assert from 'node:assert/strict';
import { it } from 'node:test';
import { matchScore } from './palette-match.ts';

it('matchScore() wants every word and prefers starts of words', () => {
  assert.equal(matchScore('/aws/eks/prod/cluster', 'eks dev'), undefined);
  const start = matchScore('/aws/eks/prod/cluster', 'prod')!;
  const middle = matchScore('/aws/eks/reproduce/x', 'prod')!;
  assert.ok(start < middle);
  assert.ok(matchScore('로그 그룹', '그룹') !== undefined);
  assert.ok(matchScore('Overview', '') !== undefined);
});
