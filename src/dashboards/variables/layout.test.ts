import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Panel } from '#dashboards/model';
import type { VariableState, VariableStates } from './contract.ts';
import { boxOf, gridColumns, heightPx, layOut, type Placed, stackItems } from './layout.ts';

const panel = (
  id: number,
  x: number,
  y: number,
  w: number,
  h: number,
  more: object = {},
): Panel => ({
  id,
  type: 'timeseries',
  gridPos: { x, y, w, h },
  options: {},
  fieldConfig: { defaults: {}, overrides: [] },
  ...more,
});

const row = (id: number, y: number, more: object = {}): Panel =>
  panel(id, 0, y, 24, 1, {
    type: 'row',
    title: `Row ${id}`,
    collapsed: false,
    panels: [],
    ...more,
  });

function state(
  name: string,
  value: string | readonly string[],
  more: Partial<VariableState> = {},
): VariableState {
  const options = ['a', 'b', 'c'].map((one) => ({ text: one.toUpperCase(), value: one }));
  const variable = { name, type: 'query', multi: true, includeAll: true };
  return { variable, options, value, text: value, isAll: false, key: '', ...more };
}

const places = (items: readonly Placed[]): string[] =>
  items.map((item) =>
    item.kind === 'row'
      ? `${item.key} ${item.y}`
      : `${item.key} ${item.x},${item.y} ${item.w}x${item.h}`,
  );

const lay = (
  panels: readonly Panel[],
  states: readonly VariableState[] = [],
  toggled: readonly number[] = [],
) => {
  const variables: VariableStates = new Map(states.map((one) => [one.variable.name, one]));
  return layOut({ panels, variables, toggledRows: new Set(toggled) });
};

describe('layOut()', () => {
  const f = (name: string, got: () => readonly Placed[], want: readonly string[]) =>
    it(name, () => assert.deepEqual(places(got()), want));

  f('closes gaps above panels', () => lay([panel(1, 0, 5, 12, 4), panel(2, 12, 9, 12, 4)]).items, [
    'panel-1 0,0 12x4',
    'panel-2 12,0 12x4',
  ]);
  f(
    'puts what would overlap below',
    () => lay([panel(1, 0, 0, 12, 4), panel(2, 6, 2, 12, 4)]).items,
    ['panel-1 0,0 12x4', 'panel-2 6,4 12x4'],
  );
  f('keeps within the grid', () => lay([panel(1, 30, 0, 40, 0)]).items, ['panel-1 0,0 24x1']);
  const open = [
    panel(1, 0, 0, 24, 2),
    row(10, 2),
    panel(2, 0, 3, 12, 4),
    row(11, 7),
    panel(3, 0, 8, 6, 3),
  ];
  f('gives rows what follows them', () => lay(open).items, [
    'panel-1 0,0 24x2',
    'row-10 2',
    'panel-2 0,3 12x4',
    'row-11 7',
    'panel-3 0,8 6x3',
  ]);
  f('closes an open row', () => lay(open, [], [10]).items, [
    'panel-1 0,0 24x2',
    'row-10 2',
    'row-11 3',
    'panel-3 0,4 6x3',
  ]);
  const closed = [row(10, 0, { collapsed: true, panels: [panel(2, 0, 1, 12, 4)] }), row(11, 1)];
  f('leaves a closed row closed', () => lay(closed).items, ['row-10 0', 'row-11 1']);
  f('opens a closed row', () => lay(closed, [], [10]).items, [
    'row-10 0',
    'panel-2 0,1 12x4',
    'row-11 5',
  ]);
  f(
    'repeats a panel beside itself',
    () =>
      lay(
        [panel(1, 0, 0, 6, 3, { repeat: 'v', maxPerRow: 2 }), panel(2, 0, 3, 24, 1)],
        [state('v', ['a', 'b', 'c'])],
      ).items,
    [
      'panel-1 0,0 12x3',
      'panel-1-clone-1 12,0 12x3',
      'panel-1-clone-2 0,3 12x3',
      'panel-2 0,6 24x1',
    ],
  );
  f(
    'repeats a panel downwards',
    () =>
      lay([panel(1, 6, 0, 6, 3, { repeat: 'v', repeatDirection: 'v' })], [state('v', ['a', 'b'])])
        .items,
    ['panel-1 6,0 6x3', 'panel-1-clone-1 6,3 6x3'],
  );
  f('repeats for every option of All, whatever All stands for', () => {
    const all = state('v', ['$__all'], { isAll: true });
    return lay(
      [panel(1, 0, 0, 6, 3, { repeat: 'v' })],
      [{ ...all, variable: { ...all.variable, allValue: '.*' } }],
    ).items;
  }, ['panel-1 0,0 8x3', 'panel-1-clone-1 8,0 8x3', 'panel-1-clone-2 16,0 8x3']);
  f(
    'shows one panel where there are no values',
    () => lay([panel(1, 0, 0, 6, 3, { repeat: 'v' })], [state('v', [])]).items,
    ['panel-1 0,0 24x3'],
  );
  f(
    'repeats a row with its panels',
    () => lay([row(10, 0, { repeat: 'v' }), panel(1, 0, 1, 24, 2)], [state('v', ['a', 'b'])]).items,
    ['row-10 0', 'panel-1 0,1 24x2', 'row-10-row-1 3', 'panel-1-row-1 0,4 24x2'],
  );

  it('gives clones their value with its text', () => {
    const { items } = lay([panel(1, 0, 0, 6, 3, { repeat: 'v' })], [state('v', ['b'])]);
    assert.deepEqual(items[0]?.scopedVars, { v: { value: 'b', text: 'B' } });
  });

  it('never lets panels overlap, nor leave the grid', () => {
    const any = fc.record({
      x: fc.integer({ min: -3, max: 30 }),
      y: fc.integer({ min: 0, max: 30 }),
      w: fc.integer({ min: 0, max: 30 }),
      h: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (list) => {
        const { items, height } = lay(list.map(({ x, y, w, h }, id) => panel(id, x, y, w, h)));
        const cells = new Set<string>();
        for (const item of items) {
          assert.ok(item.kind === 'panel');
          assert.ok(item.x >= 0 && item.x + item.w <= gridColumns && item.y + item.h <= height);
          for (let at = 0; at < item.w * item.h; at++) {
            const cell: string = `${item.x + (at % item.w)},${item.y + Math.floor(at / item.w)}`;
            assert.ok(!cells.has(cell));
            cells.add(cell);
          }
        }
      }),
    );
  });
});

describe('places in px', () => {
  it('are cells of 30 px with gaps of 8 px', () => {
    assert.equal(heightPx(8), 8 * 30 + 7 * 8);
    const [item] = lay([panel(1, 12, 0, 12, 8)]).items;
    assert.deepEqual(boxOf(item!, 1200), { left: 604, top: 0, width: 596, height: 296 });
  });
  it('stand below each other in a narrow window', () => {
    const { items, height } = stackItems(lay([panel(1, 12, 0, 12, 4), panel(2, 0, 0, 12, 6)]));
    assert.deepEqual(places(items), ['panel-2 0,0 24x6', 'panel-1 0,6 24x4']);
    assert.equal(height, 10);
  });
});
