/** Panels of types that are no more, whatever the document's version says. */
import type { JsonObject } from '../json.ts';
import type { Report } from '../report-items.ts';
import { panelsOf } from '../walk.ts';
import { discreteToStateTimeline } from './discrete.ts';
import { migrateGraph } from './graph.ts';
import { migrateHeatmap } from './heatmap.ts';
import { migrateDashboardList, migrateText } from './lists-and-text.ts';
import { migratePieChart } from './piechart.ts';
import { migrateSingleStatOptions } from './single-stat-options.ts';
import { migrateSinglestat } from './singlestat.ts';
import { migrateAngularTable, migrateTable } from './table.ts';

/** Changes a panel of an old type or form in place; what it cannot carry over goes into the report. */
export type PanelMigration = (panel: JsonObject, dropped: (option: string) => void) => void;

const byOldType: Readonly<Record<string, PanelMigration>> = {
  graph: migrateGraph,
  graphite: migrateGraph,
  singlestat: migrateSinglestat,
  'grafana-singlestat-panel': migrateSinglestat,
  'table-old': migrateAngularTable,
  'grafana-piechart-panel': migratePieChart,
  'grafana-worldmap-panel': renameTo('geomap'),
  'natel-discrete-panel': discreteToStateTimeline,
  'heatmap-new': renameTo('heatmap'),
  'logs-new': renameTo('logs'),
  newgauge: renameTo('gauge'),
  radialbar: renameTo('gauge'),
  'grafana-xyzchart-panel': renameTo('xychart'),
};

/** Types that kept their name while their options changed; a present panel passes unchanged. */
const byPresentType: Readonly<Record<string, PanelMigration>> = {
  table: migrateTable,
  heatmap: migrateHeatmap,
  stat: migrateSingleStatOptions,
  gauge: migrateSingleStatOptions,
  bargauge: migrateSingleStatOptions,
  text: migrateText,
  dashlist: migrateDashboardList,
};

function renameTo(type: string): PanelMigration {
  return (panel) => {
    panel['type'] = type;
  };
}

export function migratePanelTypes(dashboard: JsonObject, report: Report): void {
  for (const { panel, path } of panelsOf(dashboard)) {
    const from = String(panel['type']);
    const dropped = (name: string): void =>
      report.add('warning', 'option-dropped', path, { name, type: from });
    if (Object.hasOwn(byOldType, from)) byOldType[from]!(panel, dropped);
    const to = String(panel['type']);
    if (Object.hasOwn(byPresentType, to)) byPresentType[to]!(panel, dropped);
    if (from !== panel['type']) {
      report.add('note', 'panel-type-migrated', path, { from, to: String(panel['type']) });
    }
  }
}
