import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compactObject, objectForm } from './index.ts';

/** The shortest form as text; undefined where the text is no object. */
function compact(text: string): string | undefined {
  // Among other bytes, as a line stands in a file.
  const bytes = Buffer.from(`}"${text}"}`);
  const form = objectForm(bytes, 2, bytes.length - 2);
  if (form === 'none') return undefined;
  const target = Buffer.alloc(bytes.length);
  const end = compactObject(bytes, 2, bytes.length - 2, target, 0);
  const found = target.toString('utf8', 0, end);
  assert.equal(form, found === text ? 'exact' : 'loose');
  return found;
}

/** Values lose line ends at their end, as the record does. */
function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[\r\n]+$/, '');
  if (Array.isArray(value)) return value.map(trimmed);
  if (typeof value !== 'object' || value === null) return value;
  // Not by assignment: a key may be "__proto__".
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, trimmed(inner)]));
}

describe('objectForm() and compactObject()', () => {
  it('make of every object what JSON.stringify writes', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 });
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (object, indent) => {
        const text = JSON.stringify(object, undefined, indent);
        assert.equal(compact(text), JSON.stringify(trimmed(JSON.parse(text))));
      }),
      { numRuns: 200 },
    );
  });

  it('take exactly what JSON.parse takes as an object with a key', () => {
    const parts = ['"a"', '"b\\n"', '\\u00e9', '1', '-0.5e+3', '01', 'true', 'nul', 'null', ' '];
    const more = ['\n', '\u0001', 'é', '{"k":', '}', '"k":', '"k" :', '-', '1.', '2E5', '\u00a0'];
    const soup = fc
      .array(fc.constantFrom(...'{}[]:,"\\'.split(''), ...parts, ...more), { maxLength: 12 })
      .map((pieces) => `{${pieces.join('')}`);
    fc.assert(
      fc.property(soup, (text) => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          parsed = undefined;
        }
        const isObject = parsed !== undefined && Object.keys(parsed as object).length > 0;
        const found = compact(text);
        assert.equal(found !== undefined, isObject);
        if (found !== undefined) assert.deepEqual(JSON.parse(found), trimmed(parsed));
      }),
      { numRuns: 3000 },
    );
  });

  const f = (text: string, want: string | undefined): void =>
    void it(JSON.stringify(text), () => assert.equal(compact(text), want));
  f('{}', undefined);
  f('[1]', undefined);
  f('{"a":1}', '{"a":1}');
  f('{ "a\\n" : "x\\n" , "b" : ["\\\\n\\r"] }', '{"a\\n":"x","b":["\\\\n"]}');
  f('{"a":1}{', undefined);
  f('{"a":1', undefined);

  it('leaves what nests deeper than it follows as text', () => {
    assert.equal(compact(`{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`), undefined);
    const near = `{"a":${'['.repeat(99)}${']'.repeat(99)}}`;
    assert.equal(compact(near), near);
  });
});
