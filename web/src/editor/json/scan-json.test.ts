import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { placeOf, rangeOfPath, scanJson } from './scan-json.ts';

describe('scanJson()', () => {
  const f = (text: string, kind: string, offset: number, found: string): void =>
    void it(JSON.stringify(text), () =>
      assert.deepEqual(scanJson(text).problem, { kind, offset, found }),
    );
  f('', 'end', 0, '');
  f('{"a": 1,}', 'unexpected', 8, '}');
  f('{"a" 1}', 'unexpected', 5, '1');
  f('{a: 1}', 'unexpected', 1, 'a');
  f('[1 2]', 'unexpected', 3, '2');
  f('[1,', 'end', 3, '');
  f('{"a": tru}', 'unexpected', 6, 'tru');
  f('[01]', 'unexpected', 1, '01');
  f('[1.]', 'unexpected', 1, '1.');
  f('{"a": "b\n}', 'unclosedText', 6, '"');
  f('["\\x"]', 'badEscape', 2, '\\');
  f('["\t"]', 'control', 2, '\t');
  f('{} {}', 'after', 3, '{');
  f('['.repeat(200), 'depth', 101, '[');

  it('agrees with JSON.parse() on any document and on any text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        assert.equal(scanJson(text).problem, undefined);
      }),
      { numRuns: 200 },
    );
    const texts = fc.string({ unit: fc.constantFrom(...'{}[]",:0-1.e tn\\u\n') });
    fc.assert(
      fc.property(texts, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        assert.equal(scanJson(text).problem === undefined, isJson);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows the place of each path, and of what is around one that is not there', () => {
    const text = '{\n  "panels": [\n    {"id": 1},\n    {"gridPos": {"x": "a"}}\n  ]\n}';
    const { ranges } = scanJson(text);
    const at = (path: string): string => {
      const range = rangeOfPath(ranges, path);
      return range === undefined ? '' : text.slice(range.from, range.to);
    };
    assert.equal(at('panels[1].gridPos.x'), '"a"');
    assert.equal(at('panels[1].gridPos.y'), '{"x": "a"}');
    assert.equal(at('panels[0].title.more'), '{"id": 1}');
    assert.equal(at('templating.list[3]'), text);
    assert.deepEqual(placeOf(text, ranges.get('panels[1].gridPos.x')?.from ?? 0), {
      line: 4,
      column: 23,
    });
  });
});
