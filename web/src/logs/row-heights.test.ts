import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RowHeights } from './row-heights.ts';

const unit = 20;

describe('RowHeights', () => {
  it('has no rows at first', () => {
    const heights = new RowHeights(unit);
    assert.equal(heights.total, 0);
    assert.equal(heights.at(0), -1);
  });

  it('agrees with a plain list under measuring, growing and dropping at both ends', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('set'),
        at: fc.nat(60),
        height: fc.integer({ min: 1, max: 300 }),
      }),
      fc.record({
        kind: fc.constant('front'),
        at: fc.integer({ min: -30, max: 30 }),
        height: fc.nat(0),
      }),
      fc.record({
        kind: fc.constant('back'),
        at: fc.integer({ min: -30, max: 30 }),
        height: fc.nat(0),
      }),
      fc.record({ kind: fc.constant('reset'), at: fc.nat(40), height: fc.nat(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.array(fc.nat(4000)), (steps, places) => {
        const heights = new RowHeights(unit);
        let model: number[] = [];
        for (const { kind, at, height } of steps) {
          if (kind === 'set') {
            heights.set(at, height);
            if (at < model.length) model[at] = height;
          } else if (kind === 'reset') {
            heights.reset(at);
            model = new Array<number>(at).fill(unit);
          } else {
            const change = Math.max(at, -model.length);
            const added = new Array<number>(Math.max(0, change)).fill(unit);
            const gone = Math.max(0, -change);
            model =
              kind === 'front'
                ? [...added, ...model.slice(gone)]
                : [...model.slice(0, model.length - gone), ...added];
            heights.resize(model.length, kind === 'front' ? change : 0);
          }
        }
        const tops = [0];
        for (const height of model) tops.push((tops.at(-1) as number) + height);
        assert.equal(heights.count, model.length);
        assert.equal(heights.total, tops.at(-1));
        for (const [index, top] of tops.entries()) assert.equal(heights.top(index), top);
        for (const y of places) {
          assert.equal(
            heights.at(y),
            tops.slice(0, -1).findLastIndex((top) => top <= y),
          );
        }
      }),
    );
  });
});
