import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDashboardText } from './json-text.ts';

const long = 'x'.repeat(60);

describe('parseDashboardText()', () => {
  const bad: readonly (readonly [text: string, line: number, problem: string])[] = [
    ['{"title":}', 1, "is not JSON: Unexpected token '}'"],
    ['{\n"a":', 2, 'is not JSON: Unexpected end of JSON input'],
    ['{\n "a": 1,\n}', 3, 'is not JSON: Expected double-quoted property name'],
    [`{\n "a": "${long}",\n\n "b": yes,\n "c": "${long}"}`, 4, "is not JSON: Unexpected token 'y'"],
    [`{\n "a": 1\n "b": "${long}"}`, 3, "is not JSON: Expected ',' or '}' after property value"],
    ['<html>', 1, "is not JSON: Unexpected token '<'"],
    ['null', 1, 'is no dashboard: expected an object with "title" and "panels"'],
  ];
  for (const [text, line, problem] of bad) {
    it(`names line ${line} of ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.deepEqual(parseDashboardText(text, 1000), { problem, line });
    });
  }

  it('takes a document, one that an API has wrapped, and one with a mark at its start', () => {
    const document = { title: 'a' };
    for (const text of [
      '{"title":"a"}',
      '{"dashboard":{"title":"a"},"meta":{}}',
      '\uFEFF{"title":"a"}',
    ]) {
      const parsed = parseDashboardText(text, 1000);
      assert.deepEqual('document' in parsed ? parsed.document : parsed, document);
    }
    assert.match(JSON.stringify(parseDashboardText('{"title":"a"}', 5)), /larger than 5 bytes/);
  });
});
