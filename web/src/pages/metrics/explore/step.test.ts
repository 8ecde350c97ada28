import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stepMsOf } from './step.ts';

describe('stepMsOf()', () => {
  const f = (text: string, want: number | undefined) =>
    it(`"${text}"`, () => assert.equal(stepMsOf(text), want));
  f('15s', 15_000);
  f('1h30m', 5_400_000);
  f('250ms', 250);
  f('0.5', 500);
  f(' 30 ', 30_000);
  f('', undefined);
  f('0', undefined);
  f('0s', undefined);
  f('5', 5000);
  f('5x', undefined);
  f('-5s', undefined);
});
