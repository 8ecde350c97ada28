import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { yamlLines } from './yaml-parts.ts';

const shown = (text: string): string[] =>
  yamlLines(text).map((line) =>
    line
      .filter(({ text: part }) => part.trim() !== '')
      .map(({ part, text: piece }) => `${part ?? 'text'}:${piece.trim()}`)
      .join(' '),
  );

describe('yamlLines()', () => {
  const f = (name: string, text: string, want: readonly string[]): void =>
    void it(name, () => assert.deepEqual(shown(text), want));
  f('tells keys from values', 'a: text\nb: 12', [
    'key:a punctuation:: string:text',
    'key:b punctuation:: number:12',
  ]);
  f('knows items of lists', '- name: web\n- 8080', [
    'punctuation:- key:name punctuation:: string:web',
    'punctuation:- number:8080',
  ]);
  f('takes a colon within a value for a part of it', 'image: nginx:1.27', [
    'key:image punctuation:: string:nginx:1.27',
  ]);
  f('leaves block scalars alone', 'run: |\n  a: b\n  # c\nd: 1', [
    'key:run punctuation:: string:|',
    'string:a: b',
    'string:# c',
    'key:d punctuation:: number:1',
  ]);
  f('knows comments', '# why\n', ['comment:# why', '']);

  it('loses no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const joined = yamlLines(text).map((line) => line.map((part) => part.text).join(''));
        assert.equal(joined.join('\n'), text);
      }),
    );
  });
});
