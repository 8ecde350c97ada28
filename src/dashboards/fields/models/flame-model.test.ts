import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { flameModel, packageOf, topSymbols } = await import('./flame-model.ts');

const columns = {
  level: [0, 1, 2, 1, 2, 3],
  value: [100, 60, 40, 30, 25, 10],
  self: [10, 20, 40, 5, 15, 10],
  label: ['total', 'main.serve', 'json.encode', 'main.read', 'json.encode', 'json.encode'],
};

describe('a flame graph', () => {
  const model = flameModel([frameOf({ x: [1] }), frameOf(columns)]);
  assert.ok(model !== undefined);

  it('places each row after what its caller called before', () => {
    assert.deepEqual(
      model.nodes.map(({ label, start, parent }) => [label, start, parent]),
      [
        ['total', 0, -1],
        ['main.serve', 0, 0],
        ['json.encode', 0, 1],
        ['main.read', 60, 0],
        ['json.encode', 60, 3],
        ['json.encode', 60, 4],
      ],
    );
    assert.deepEqual([model.total, model.depth, model.leftOut], [100, 4, 0]);
  });

  it('sums symbols, recursion once', () => {
    assert.deepEqual(topSymbols(model.nodes, 2), [
      { label: 'json.encode', self: 65, total: 65 },
      { label: 'main.serve', self: 20, total: 60 },
    ]);
  });

  it('without self: what callees do not explain', () => {
    const { self: _, ...rest } = columns;
    const own = flameModel([frameOf(rest)])?.nodes.map(({ self }) => self);
    assert.deepEqual(own, columns.self);
  });

  it('bears levels that jump, and values that are none', () => {
    const odd = { level: [0, 5, -1], value: [Number.NaN, 2, 3], label: ['a', 'b', 'c'] };
    assert.deepEqual(
      flameModel([frameOf(odd)])?.nodes.map(({ level, start }) => [level, start]),
      [
        [0, 0],
        [1, 0],
        [0, 0],
      ],
    );
    assert.equal(flameModel([frameOf({ level: [0], value: [1] })]), undefined);
  });

  const f = (label: string, want: string): void =>
    void it(`${label} is of ${want}`, () => assert.equal(packageOf(label), want));
  f('net/http.(*conn).serve', 'net/http');
  f('github.com/acme/shop/cart.Add', 'github.com/acme/shop/cart');
  f('malloc', 'malloc');
  f('std::vec::push', 'std');
});
