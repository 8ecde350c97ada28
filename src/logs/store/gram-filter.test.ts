import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SectionBuilder } from '#logs/batch';
import { blocksThatMayHold, GramFilterBuilder, gramsOf } from './gram-filter.ts';

function filterOf(blocks: readonly (readonly string[])[]): Buffer {
  const builder = new GramFilterBuilder();
  for (const messages of blocks) {
    const section = new SectionBuilder('g', 's');
    for (const message of messages) section.add(0, message);
    builder.add(section.finish().messages, messages.length);
  }
  return builder.finish();
}

/** Text that repeats itself, as logs do, with Korean in it. */
const word = fc.oneof(
  fc.constantFrom('level=info ', 'request_id=', '{"kind":"Event",', '눈치 로그 수집기 ', 'a', '\0'),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.uuid(),
);
const message = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));

describe('blocksThatMayHold()', () => {
  it('keeps every block that holds the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(message, { minLength: 1, maxLength: 12 }), { maxLength: 4 }),
        fc.nat(),
        fc.nat(),
        fc.nat({ max: 40 }),
        (blocks, pick, start, length) => {
          const all = blocks.flat();
          if (all.length === 0) return;
          // Whole characters, as a query has them: the substring goes through UTF-16 and back.
          const chosen = [...Buffer.from(all[pick % all.length]!).toString('utf8')];
          const from = start % (chosen.length + 1);
          const text = chosen.slice(from, from + length).join('');
          const found = blocksThatMayHold(filterOf(blocks), { all: gramsOf(text), anyOf: [] });
          blocks.forEach((messages, block) => {
            const bytes = Buffer.from(text);
            if (messages.some((each) => Buffer.from(each).includes(bytes))) {
              assert.ok(found.includes(block), `block ${block} holds ${JSON.stringify(text)}`);
            }
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps a block for every text of lines that differ in a few places', () => {
    // Fields of a fixed width and others: what is stepped over must have stood there before.
    const field = fc.oneof(fc.uuid(), fc.nat().map(String), fc.constantFrom('200', '404', 'é눈치'));
    const shape = fc.array(fc.string({ minLength: 4, maxLength: 40 }), {
      minLength: 2,
      maxLength: 5,
    });
    const line = fc.tuple(fc.nat(2), fc.array(field, { minLength: 5, maxLength: 5 }));
    fc.assert(
      fc.property(
        fc.array(shape, { minLength: 3, maxLength: 3 }),
        fc.array(line, { minLength: 2, maxLength: 20 }),
        (shapes, rows) => {
          const messages = rows.map(([kind, fields]) =>
            shapes[kind]!.map((part, i) => part + fields[i]!).join(' '),
          );
          const built = filterOf([messages]);
          for (const each of messages) {
            assert.deepEqual(blocksThatMayHold(built, { all: gramsOf(each), anyOf: [] }), [0]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  const lines = (id: number): string[] =>
    Array.from(
      { length: 500 },
      (_, i) => `{"level":"info","pod":"web-${id}-${i * 7919}","msg":"요청 처리 완료"}`,
    );
  const filter = filterOf([lines(1), [...lines(2), 'OOMKilled: 메모리 부족'], lines(3)]);
  const f = (text: string, want: readonly number[]): void =>
    void it(`finds ${JSON.stringify(text)} in blocks ${want.join(', ')}`, () => {
      assert.deepEqual(blocksThatMayHold(filter, { all: gramsOf(text), anyOf: [] }), want);
    });
  f('OOMKilled', [1]);
  f('메모리', [1]);
  f('요청 처리', [0, 1, 2]);
  f('web-3-', [2]);
  f('nowhere to be seen', []);
  f('web', [0, 1, 2]);
  f('', [0, 1, 2]);

  it('keeps blocks that hold one text of each choice', () => {
    const choice = (...texts: string[]) => texts.map(gramsOf);
    const find = (...anyOf: (readonly number[])[][]) =>
      blocksThatMayHold(filter, { all: gramsOf('level'), anyOf });
    assert.deepEqual(find(choice('OOMKilled', 'web-3-')), [1, 2]);
    assert.deepEqual(find(choice('OOMKilled', 'web-3-'), choice('web-1-', 'web-3-')), [2]);
    assert.deepEqual(find(choice('nowhere', 'never seen')), []);
  });

  it('refuses a filter that is cut off', () => {
    assert.throws(() => blocksThatMayHold(filter.subarray(0, 100), { all: [], anyOf: [] }), {
      code: 'SEGMENT_DAMAGED',
    });
    assert.throws(() => blocksThatMayHold(Buffer.alloc(3), { all: [], anyOf: [] }), {
      code: 'SEGMENT_DAMAGED',
    });
  });
});
