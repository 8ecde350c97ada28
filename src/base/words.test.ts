import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestWord } from './words.ts';

describe('nearestWord()', () => {
  const known = ['listen', 'dataDir', 'bodyLimit', 'region', 'warn'];
  const f = (word: string, want: string | undefined): void =>
    void it(`"${word}" is ${want ?? 'nothing'}`, () =>
      assert.equal(nearestWord(word, known), want));
  f('lisen', 'listen');
  f('lsiten', 'listen');
  f('datadir', 'dataDir');
  f('data_dir', 'dataDir');
  f('warning', 'warn');
  f('body', 'bodyLimit');
  f('x', undefined);
  f('completely different', undefined);
  f('l'.repeat(10_000), undefined);
});
