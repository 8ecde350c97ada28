import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboardOf, panelAt, placesOf, rowAt } from './editing.fixture.ts';
import {
  addPanel,
  addRow,
  duplicatePanel,
  findPanel,
  nextPanelId,
  removePanel,
  toggleRow,
  withPanel,
  withPanelType,
} from './panels.ts';

const closed = dashboardOf(
  rowAt(1, 0, { collapsed: true, panels: [panelAt(7, [0, 1, 12, 8])] }),
  panelAt(2, [0, 1, 24, 4]),
);

describe('panels of an editor', () => {
  it('gives a new panel an id that nobody has, closed rows counted, and room at the top', () => {
    assert.equal(nextPanelId(closed), 8);
    const { dashboard, panel } = addPanel(closed, { type: 'stat', title: 'New' });
    assert.equal(panel.id, 8);
    assert.deepEqual(placesOf(dashboard)[0], [8, 0, 0, 12, 8]);
    assert.deepEqual(
      dashboard.panels.slice(1).map(({ gridPos }) => gridPos.y),
      [8, 9],
    );
    assert.deepEqual(panel.targets, [{ refId: 'A' }]);
    assert.equal(panel.options['colorMode'], 'value');
  });

  it('adds a row below everything', () => {
    assert.deepEqual(placesOf(addRow(closed, 'More')).at(-1), [8, 0, 5, 24, 1]);
  });

  it('changes a panel wherever it stands, and nothing else', () => {
    const changed = withPanel(closed, 7, (panel) => ({ ...panel, title: 'Inside' }));
    assert.equal(findPanel(changed, 7)?.title, 'Inside');
    assert.equal(changed.panels[1], closed.panels[1]);
  });

  it('copies beside where there is room, else below, with an id of its own', () => {
    const half = dashboardOf(panelAt(1, [0, 0, 12, 8]));
    assert.deepEqual(placesOf(duplicatePanel(half, 1)), [
      [1, 0, 0, 12, 8],
      [2, 12, 0, 12, 8],
    ]);
    const full = dashboardOf(panelAt(1, [0, 0, 24, 8]), panelAt(2, [0, 8, 24, 4]));
    assert.deepEqual(placesOf(duplicatePanel(full, 1)), [
      [1, 0, 0, 24, 8],
      [3, 0, 8, 24, 8],
      [2, 0, 16, 24, 4],
    ]);
    const source = panelAt(1, [0, 0, 12, 8], { targets: [{ refId: 'A', expr: 'up' }] });
    const [, copy] = duplicatePanel(dashboardOf(source), 1).panels;
    assert.deepEqual(copy?.targets, source.targets);
    assert.notEqual(copy?.targets, source.targets);
  });

  it('copies within a closed row', () => {
    const inner = duplicatePanel(closed, 7).panels[0]?.panels ?? [];
    assert.deepEqual(
      inner.map(({ id }) => id),
      [7, 8],
    );
  });

  it('removes a panel, in rows too', () => {
    assert.deepEqual(
      removePanel(closed, 2).panels.map(({ id }) => id),
      [1],
    );
    assert.deepEqual(removePanel(closed, 7).panels[0]?.panels, []);
  });

  it('closes a row over what follows it up to the next row, and opens it again', () => {
    const open = dashboardOf(
      panelAt(1, [0, 0, 24, 2]),
      rowAt(2, 2),
      panelAt(3, [0, 3, 12, 8]),
      panelAt(4, [12, 3, 12, 8]),
      rowAt(5, 11),
      panelAt(6, [0, 12, 24, 4]),
    );
    const shut = toggleRow(open, 2);
    assert.deepEqual(
      shut.panels.map(({ id }) => id),
      [1, 2, 5, 6],
    );
    assert.deepEqual(
      shut.panels[1]?.panels?.map(({ id }) => id),
      [3, 4],
    );
    // The gap that a closed row leaves is closed by the grid; here the places are as before.
    const compacted = {
      ...shut,
      panels: shut.panels.map((panel) =>
        panel.id < 5 ? panel : { ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y - 8 } },
      ),
    };
    assert.deepEqual(placesOf(toggleRow(compacted, 2)), placesOf(open));
    assert.equal(toggleRow(open, 1), open);
  });

  it('changes the type: what both have stays, the rest has the new defaults', () => {
    const { panel } = addPanel(dashboardOf(), { type: 'timeseries', title: 'A' });
    const lines = {
      ...panel,
      options: { ...panel.options, legend: { showLegend: false, displayMode: 'table' } },
      fieldConfig: {
        ...panel.fieldConfig,
        defaults: { ...panel.fieldConfig.defaults, unit: 'bytes' },
      },
    };
    const stat = withPanelType(lines, 'stat');
    assert.equal(stat.type, 'stat');
    assert.equal(stat.fieldConfig.defaults.unit, 'bytes');
    assert.equal(stat.options['legend'], undefined);
    assert.equal(stat.fieldConfig.defaults.color?.mode, 'thresholds');
    const bars = withPanelType(lines, 'barchart');
    assert.equal((bars.options['legend'] as { showLegend: boolean }).showLegend, false);
  });
});
