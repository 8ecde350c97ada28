import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Interner } from './intern.ts';
import { linesOf } from './lines.ts';
import { ListSplitter } from './list-splitter.ts';
import { withoutNoise } from './project.ts';
import { MutableStore } from './store.ts';

/** Cuts bytes at the given places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

const maxBytes = 1024 * 1024;

function split(text: string, cuts: readonly number[]): { items: unknown[]; rest: unknown } {
  const items: unknown[] = [];
  const splitter = new ListSplitter(maxBytes, (json) => items.push(JSON.parse(json)));
  for (const piece of pieces(Buffer.from(text), cuts)) splitter.push(Buffer.from(piece));
  return { items, rest: splitter.end() };
}

const cuts = fc.array(fc.nat(5000), { maxLength: 30 });
/** Values with what a scanner trips over: quotes, backslashes, brackets, the word itself. */
const tricky = fc.oneof(
  fc.string(),
  fc.constantFrom('items', '"items":[', '\\', '\\"', '{[', ']}', '한국어', '\u0000\n\t'),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    tricky,
    fc.integer(),
    fc.constantFrom(true, null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(tricky, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const object = fc.dictionary(tricky, value, { maxKeys: 5 });

describe('ListSplitter', () => {
  it('gives what JSON.parse gives, wherever the bytes are cut', () => {
    const before = fc.dictionary(
      tricky.filter((key) => key !== 'items'),
      value,
      { maxKeys: 3 },
    );
    fc.assert(
      fc.property(before, fc.array(object), before, cuts, fc.boolean(), (a, items, b, at, wide) => {
        const list = { ...a, items, ...b };
        const text = JSON.stringify(list, undefined, wide ? 2 : 0);
        const found = split(text, at);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        assert.deepEqual(found.items, parsed['items']);
        assert.deepEqual(found.rest, { ...parsed, items: [] });
      }),
    );
  });

  it('reads a list whose items are null, as Go prints an empty one', () => {
    const { items, rest } = split('{"kind":"PodList","items":null,"metadata":{}}', [5]);
    assert.deepEqual(items, []);
    assert.deepEqual(rest, { kind: 'PodList', items: null, metadata: {} });
  });

  it('is not misled by an `items` within something else', () => {
    const { items } = split(
      '{"metadata":{"items":[{"no":1}]},"items":[{"yes":{"items":[{}]}}]}',
      [],
    );
    assert.deepEqual(items, [{ yes: { items: [{}] } }]);
  });

  it('refuses a list that breaks off', () => {
    const text = '{"kind":"PodList","items":[{"a":1},{"b":2}]}';
    for (let length = 1; length < text.length; length++) {
      assert.throws(() => split(text.slice(0, length), []), { code: 'KUBERNETES_INVALID' });
    }
  });

  it('refuses an item and an envelope beyond their bounds', () => {
    const splitter = new ListSplitter(100, () => {});
    assert.throws(() => splitter.push(Buffer.from(`{"items":[{"a":"${'x'.repeat(100)}`)), {
      code: 'KUBERNETES_TOO_LARGE',
    });
    const wide = new ListSplitter(100, () => {});
    assert.throws(() => wide.push(Buffer.from(`{"metadata":{"a":"${'x'.repeat(300_000)}"`)), {
      code: 'KUBERNETES_INVALID',
    });
  });
});

describe('linesOf', () => {
  it('gives lines, wherever the bytes are cut', async () => {
    const line = fc.string().map((text) => text.replaceAll('\n', ' ') || 'x');
    await fc.assert(
      fc.asyncProperty(fc.array(line), cuts, fc.boolean(), async (lines, at, ended) => {
        const bytes = Buffer.from(lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''));
        const found: string[] = [];
        for await (const one of linesOf(stream(pieces(bytes, at)), maxBytes)) {
          found.push(one.toString());
        }
        assert.deepEqual(found, lines);
      }),
    );
  });

  it('refuses a line beyond its bound before it has all of it', async () => {
    const endless = (async function* () {
      for (;;) yield Buffer.from('xxxx');
    })();
    await assert.rejects(
      async () => {
        for await (const _ of linesOf(endless, 100));
      },
      { code: 'KUBERNETES_TOO_LARGE' },
    );
  });
});

async function* stream(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

describe('MutableStore', () => {
  it('has indexes that say what a walk over all objects says', () => {
    type Item = { readonly tags: readonly string[] };
    const key = fc.constantFrom('a', 'b', 'c');
    const tags = fc.array(fc.constantFrom('x', 'y', 'z'));
    const step = fc.record({ key, tags: fc.option(tags), addIndex: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const store = new MutableStore<Item>();
        for (const one of steps) {
          if (one.addIndex) store.addIndex('tag', (item) => item.tags);
          if (one.tags === null) store.delete(one.key);
          else store.set(one.key, { object: { tags: one.tags }, uid: '', resourceVersion: '' });
        }
        store.addIndex('tag', (item) => item.tags);
        for (const tag of ['x', 'y', 'z']) {
          const wanted = [...store.values()].filter((item) => item.tags.includes(tag));
          assert.deepEqual(new Set(store.byIndex('tag', tag)), new Set(wanted));
        }
      }),
    );
  });
});

describe('Interner', () => {
  it('changes no value', () => {
    fc.assert(
      fc.property(value, (any) => {
        const text = JSON.stringify(any);
        assert.deepEqual(new Interner().all(JSON.parse(text)), JSON.parse(text));
      }),
    );
  });

  it('holds a bounded number of strings, and keeps the common ones', () => {
    const interner = new Interner();
    const common = interner.string(['a common', 'string'].join(' '));
    for (let index = 0; index < 100_000; index++) {
      interner.string(`unique-${index}`);
      if (index % 1000 === 0) assert.equal(interner.string('a common string'), common);
    }
    assert.ok(interner.size <= 2 * 16_384);
  });
});

describe('withoutNoise', () => {
  it('takes out field managers and the applied manifest, and nothing else', () => {
    const kept = withoutNoise({
      metadata: {
        name: 'a',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'x' },
        managedFields: [{}],
      },
    });
    assert.deepEqual(kept, { metadata: { name: 'a', annotations: { team: 'x' } } });
  });
});
