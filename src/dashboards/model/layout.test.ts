import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from './json.ts';
import { gridColumns, layOut } from './layout.ts';

type Place = readonly [x: number, y: number, w: number, h: number];
const panel = (title: string, place?: Place): JsonObject => ({
  type: 'stat',
  title,
  ...(place === undefined
    ? {}
    : { gridPos: { x: place[0], y: place[1], w: place[2], h: place[3] } }),
});
const row = (
  title: string,
  y: number,
  collapsed: boolean,
  panels: JsonObject[] = [],
): JsonObject => ({
  type: 'row',
  title,
  collapsed,
  panels,
  gridPos: { x: 0, y, w: 24, h: 1 },
});
const shown = (panels: unknown): string[] =>
  (panels as JsonObject[]).map((entry) => {
    const { x, y, w, h } = entry['gridPos'] as Record<string, number>;
    const inside = entry['panels'] as JsonObject[] | undefined;
    const children = inside?.length ? ` [${shown(inside).join(' | ')}]` : '';
    return `${entry['title']} ${x},${y} ${w}x${h}${children}`;
  });

describe('layOut()', () => {
  const f = (name: string, panels: JsonObject[], want: string[]): void =>
    void it(name, () => {
      const dashboard = { panels };
      layOut(dashboard);
      assert.deepEqual(shown(dashboard.panels), want);
    });
  f(
    'places what has no place at the bottom',
    [panel('b'), panel('a', [0, 0, 6, 2])],
    ['a 0,0 6x2', 'b 0,2 12x9'],
  );
  f(
    'moves up what floats',
    [panel('a', [0, 5, 6, 2]), panel('b', [0, 20, 6, 2])],
    ['a 0,0 6x2', 'b 0,2 6x2'],
  );
  f(
    'moves down what lies over another',
    [panel('a', [0, 0, 12, 4]), panel('b', [6, 1, 12, 4])],
    ['a 0,0 12x4', 'b 6,4 12x4'],
  );
  f('brings boxes into the grid', [panel('a', [30, -4, 40, 0])], ['a 0,0 24x1']);
  f(
    'reads by rows, then columns',
    [panel('b', [12, 0, 12, 4]), panel('a', [0, 0, 12, 4])],
    ['a 0,0 12x4', 'b 12,0 12x4'],
  );
  f(
    'a row spans the grid',
    [{ ...row('r', 0, false), gridPos: { x: 3, y: 0, w: 8, h: 4 } }, panel('a', [0, 1, 4, 2])],
    ['r 0,0 24x1', 'a 0,1 4x2'],
  );
  f(
    'children of a collapsed row stay in it, placed below it',
    [
      panel('a', [0, 0, 24, 3]),
      row('r', 3, true, [panel('c', [0, 40, 12, 4]), panel('b', [12, 30, 12, 4])]),
      panel('d', [0, 4, 24, 2]),
    ],
    ['a 0,0 24x3', 'r 0,3 24x1 [c 0,4 12x4 | b 12,4 12x4]', 'd 0,4 24x2'],
  );
  f(
    'children of an open row follow it; rows hold no rows',
    [
      row('r', 0, false, [
        panel('a', [0, 1, 6, 2]),
        row('s', 4, true, [panel('b', [0, 5, 6, 2]), row('t', 7, false)]),
      ]),
    ],
    ['r 0,0 24x1', 'a 0,1 6x2', 's 0,3 24x1 [b 0,4 6x2]', 't 0,4 24x1'],
  );

  it('leaves nothing over another and nothing that could be higher, and does so once', () => {
    const place = fc.tuple(
      fc.nat(30),
      fc.nat(40),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 12 }),
    );
    fc.assert(
      fc.property(fc.array(fc.option(place, { nil: undefined }), { maxLength: 20 }), (places) => {
        const dashboard: JsonObject = {
          panels: places.map((at, index) => panel(String(index), at)),
        };
        layOut(dashboard);
        const boxes = (dashboard['panels'] as JsonObject[]).map(
          (entry) => entry['gridPos'] as Record<'x' | 'y' | 'w' | 'h', number>,
        );
        for (const [index, a] of boxes.entries()) {
          assert.ok(a.x >= 0 && a.x + a.w <= gridColumns);
          const above = boxes.filter((b) => b.x < a.x + a.w && a.x < b.x + b.w && b !== a);
          for (const b of boxes.slice(index + 1)) {
            assert.ok(!(b.x < a.x + a.w && a.x < b.x + b.w && b.y < a.y + a.h && a.y < b.y + b.h));
          }
          assert.ok(a.y === 0 || above.some((b) => b.y + b.h === a.y));
        }
        const before = JSON.stringify(dashboard);
        layOut(dashboard);
        assert.equal(JSON.stringify(dashboard), before);
      }),
      { numRuns: 200 },
    );
  });
});
