import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileQuery, pushDown } from './index.ts';

const context = { fromMs: 0, toMs: 3_600_000, nowMs: 3_600_000 };

function pushed(query: string) {
  const { plan, diagnostics } = compileQuery(query, context);
  assert.ok(plan !== undefined, JSON.stringify(diagnostics));
  return pushDown(plan, context);
}

const unicodeEscape = (text: string, upper: boolean): string => {
  const hex = text.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${upper ? hex.toUpperCase() : hex}`;
};

describe('pushDown()', () => {
  const f = (query: string, contains: readonly string[], firsts: readonly string[]): void =>
    void it(`of ${query}`, () => {
      const found = pushed(query);
      assert.deepEqual(found.contains, contains);
      assert.deepEqual(
        found.containsAny.map((texts) => texts[0]),
        firsts,
      );
    });
  f('filter @message like "error \\" x"', ['error " x'], []);
  f('filter verb = "list"', [], ['list']);
  f('filter verb in ["list"] and user.name like "kube-"', [], ['list', 'kube-']);
  f('filter verb in ["list", "get"]', [], []);
  f('filter verb = "list" or verb = "watch"', [], []);
  f('filter verb != "list"', [], []);
  f('filter path = "/api/v1"', [], []);
  f('filter name = "이름이름"', [], []);
  f('filter code = "200"', [], []);
  f('filter ok = "true"', [], []);
  f('filter labels like ":true"', [], []);

  it('holds for values written with any escapes', () => {
    const plain = fc.string({
      unit: fc.constantFrom(...'abkzAOPZ059_.:- '),
      minLength: 3,
      maxLength: 12,
    });
    const choice = fc.constantFrom('as it is', 'lower', 'upper');
    fc.assert(
      fc.property(plain, fc.array(choice, { minLength: 12, maxLength: 12 }), (value, ways) => {
        const written = [...value].map((one, i) =>
          ways[i] === 'as it is' ? one : unicodeEscape(one, ways[i] === 'upper'),
        );
        const message = `{"field":"${written.join('')}"}`;
        assert.equal(JSON.parse(message).field, value);
        for (const texts of pushed(`filter field = "${value}"`).containsAny) {
          assert.ok(
            texts.some((text) => message.includes(text)),
            `${message} by ${texts}`,
          );
        }
      }),
    );
  });
});
