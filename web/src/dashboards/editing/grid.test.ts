import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dashboardOf, panelAt, placesOf, rowAt } from './editing.fixture.ts';
import { type Direction, gridOf, moveByKey, resizeByKey, withGrid } from './grid.ts';

describe('the grid of an editor', () => {
  const two = dashboardOf(panelAt(1, [0, 0, 12, 8]), panelAt(2, [12, 0, 12, 8]));
  const stacked = dashboardOf(panelAt(1, [0, 0, 24, 8]), panelAt(2, [0, 8, 24, 4]));

  it('closes gaps, and gives the same dashboard when nothing moved', () => {
    const loose = dashboardOf(panelAt(1, [0, 5, 12, 8]));
    assert.deepEqual(placesOf(withGrid(loose, gridOf(loose))), [[1, 0, 0, 12, 8]]);
    assert.equal(withGrid(two, gridOf(two)), two);
  });

  for (const [name, dashboard, id, direction, expected] of [
    [
      'past the one below',
      stacked,
      1,
      'down',
      [
        [2, 0, 0, 24, 4],
        [1, 0, 4, 24, 8],
      ],
    ],
    [
      'past the one above',
      stacked,
      2,
      'up',
      [
        [2, 0, 0, 24, 4],
        [1, 0, 4, 24, 8],
      ],
    ],
    ['not beyond the left edge', two, 1, 'left', placesOf(two)],
    ['not beyond the right edge', two, 2, 'right', placesOf(two)],
    ['not above the top', two, 1, 'up', placesOf(two)],
    ['not below all others', stacked, 2, 'down', placesOf(stacked)],
  ] as const) {
    it(`moves with keys: ${name}`, () => {
      assert.deepEqual(placesOf(moveByKey(dashboard, id, direction as Direction)), expected);
    });
  }

  it('moves by a column where there is room', () => {
    const one = dashboardOf(panelAt(1, [4, 0, 6, 4]));
    assert.deepEqual(placesOf(moveByKey(one, 1, 'left')), [[1, 3, 0, 6, 4]]);
    assert.deepEqual(placesOf(moveByKey(one, 1, 'right')), [[1, 5, 0, 6, 4]]);
  });

  it('resizes by a column or a cell, others make room, and stops where nothing can be read', () => {
    assert.deepEqual(placesOf(resizeByKey(two, 1, 'left'))[0], [1, 0, 0, 11, 8]);
    const taller = resizeByKey(stacked, 1, 'down');
    assert.deepEqual(placesOf(taller), [
      [1, 0, 0, 24, 9],
      [2, 0, 9, 24, 4],
    ]);
    const small = dashboardOf(panelAt(1, [0, 0, 2, 2]));
    assert.equal(resizeByKey(small, 1, 'left'), small);
    assert.equal(resizeByKey(small, 1, 'up'), small);
    const wide = dashboardOf(panelAt(1, [0, 0, 24, 2]));
    assert.equal(resizeByKey(wide, 1, 'right'), wide);
  });

  it('leaves the size of rows alone', () => {
    const rows = dashboardOf(rowAt(1, 0), panelAt(2, [0, 1, 12, 4]));
    assert.equal(resizeByKey(rows, 1, 'down'), rows);
  });

  it('keeps every panel in the grid and off the others, whatever keys are pressed', () => {
    const keys = fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 4 }),
        direction: fc.constantFrom<Direction>('left', 'right', 'up', 'down'),
        isResize: fc.boolean(),
      }),
      { maxLength: 30 },
    );
    const start = dashboardOf(
      panelAt(1, [0, 0, 12, 8]),
      panelAt(2, [12, 0, 12, 4]),
      rowAt(3, 8),
      panelAt(4, [6, 9, 8, 6]),
    );
    fc.assert(
      fc.property(keys, (pressed) => {
        const end = pressed.reduce(
          (before, { id, direction, isResize }) =>
            isResize ? resizeByKey(before, id, direction) : moveByKey(before, id, direction),
          start,
        );
        const places = placesOf(end) as readonly [number, number, number, number, number][];
        assert.equal(places.length, 4);
        for (const [id, x, y, w, h] of places) {
          assert.ok(x >= 0 && y >= 0 && x + w <= 24 && w > 0 && h > 0);
          for (const [other, ox, oy, ow, oh] of places) {
            const isOver = id !== other && x < ox + ow && ox < x + w && y < oy + oh && oy < y + h;
            assert.ok(!isOver, `${id} lies over ${other}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
