import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboardOf, panelAt, rowAt } from './editing.fixture.ts';
import { changedElements, sharedModel, unlinked } from './library.ts';
import { withPanel } from './panels.ts';

const libraryPanel = { uid: 'lib', name: 'Queue' };
const before = dashboardOf(
  panelAt(1, [0, 0, 12, 8], { libraryPanel, repeat: 'city' }),
  panelAt(2, [0, 8, 12, 8]),
  rowAt(3, 16, { collapsed: true, panels: [panelAt(4, [0, 17, 12, 8], { libraryPanel })] }),
);

describe('panels of the library', () => {
  it('are changed when the shared part is, wherever they stand', () => {
    assert.deepEqual(changedElements(before, before), []);
    const after = withPanel(before, 4, (panel) => ({ ...panel, options: { big: true } }));
    assert.deepEqual(
      changedElements(before, after).map(({ uid, name, after: model }) => [uid, name, model]),
      [
        [
          'lib',
          'Queue',
          {
            type: 'timeseries',
            options: { big: true },
            fieldConfig: { defaults: {}, overrides: [] },
          },
        ],
      ],
    );
  });

  for (const [what, change] of [
    ['place', { gridPos: { x: 6, y: 0, w: 6, h: 4 } }],
    ['title', { title: 'Mine' }],
    ['repetition', { repeat: 'pod', maxPerRow: 2 }],
  ] as const) {
    it(`are not changed with the ${what}, which is the dashboard's own`, () => {
      const after = withPanel(before, 1, (panel) => ({ ...panel, ...change }));
      assert.deepEqual(changedElements(before, after), []);
    });
  }

  it("are nobody's once they are made panels of the dashboard", () => {
    const after = withPanel(before, 1, (panel) => unlinked({ ...panel, options: { a: 1 } }));
    assert.deepEqual(changedElements(before, after), []);
    assert.equal('libraryPanel' in (after.panels[0] ?? {}), false);
    assert.equal('gridPos' in sharedModel(panelAt(1, [0, 0, 1, 1])), false);
  });
});
