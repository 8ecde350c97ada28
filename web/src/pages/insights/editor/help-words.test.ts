import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands, functions, systemFields } from '../../../../../src/logs/insights/vocabulary.ts';
import { koreanHelp } from './help-words.ts';

describe('help in Korean', () => {
  const names = [
    ...commands.map((one) => one.name),
    ...functions.map((one) => `${one.name}()`),
    ...systemFields.map((one) => one.name),
  ];
  it('is there for every word of the language', () => {
    assert.deepEqual(
      names.filter((name) => koreanHelp[name] === undefined),
      [],
    );
  });
  it('is for no other words', () => {
    assert.deepEqual(
      Object.keys(koreanHelp).filter((name) => !names.includes(name)),
      [],
    );
  });
});
