import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboardOf, panelAt, rowAt } from './editing/editing.fixture.ts';
import { sharedPanel, sharesInCircle } from './shared-panels.ts';

const shows = (id: number, panelId: number) =>
  panelAt(id, [0, 0, 12, 8], {
    datasource: { type: 'datasource', uid: '-- Dashboard --' },
    targets: [{ refId: 'A', panelId }],
  });

describe('panels that show the answers of others', () => {
  const dashboard = dashboardOf(
    panelAt(1, [0, 0, 12, 8]),
    shows(2, 1),
    shows(3, 2),
    shows(4, 5),
    rowAt(9, 20, { collapsed: true, panels: [shows(5, 4)] }),
    shows(6, 6),
    shows(7, 4),
    shows(8, 99),
  );
  const wanted: Readonly<Record<number, boolean>> = {
    ...{ 1: false, 2: false, 3: false, 8: false },
    // 4 and 5 show each other; 7 only leads there, and would wait for ever as well.
    ...{ 4: true, 5: true, 6: true, 7: true },
  };
  for (const [id, isCircle] of Object.entries(wanted)) {
    it(`${isCircle ? 'go round' : 'come to an end'} from ${id}`, () => {
      const panel = sharedPanel(dashboard, Number(id));
      assert.ok(panel !== undefined);
      assert.equal(sharesInCircle(dashboard, panel), isCircle);
    });
  }
  it('are found in closed rows; rows are none', () => {
    assert.equal(sharedPanel(dashboard, 5)?.id, 5);
    assert.equal(sharedPanel(dashboard, 9), undefined);
  });
});
