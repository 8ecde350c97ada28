import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { panelDefaults } from '../../../src/dashboards/fields/panel-defaults.ts';
import type { FieldConfig } from '../../../src/dashboards/model/contract.ts';
import { panelKind } from '../../../src/dashboards/model/panel-kinds/index.ts';
import { loadAgain } from '../lazy-page.ts';
import type { PanelBodyProps } from './body.ts';

export interface PanelBody {
  readonly Body: LazyExoticComponent<ComponentType<PanelBodyProps>>;
  /** Of fields, where the panel's config leaves them open. */
  readonly defaults: FieldConfig;
  /** False: it has something to show without an answer. */
  readonly needsData: boolean;
}

type Load = () => Promise<{ readonly Body: ComponentType<PanelBodyProps> }>;

function bodyOf(type: string, load: Load): PanelBody {
  const kind = panelKind(type);
  return {
    Body: lazy(() => loadAgain(async () => ({ default: (await load()).Body }))),
    defaults: panelDefaults(type),
    needsData: kind?.hasQueries !== false,
  };
}

const loads: Readonly<Record<string, Load>> = {
  timeseries: () => import('./timeseries/timeseries.tsx'),
  stat: () => import('./stat/stat.tsx'),
  gauge: () => import('./gauge/gauge.tsx'),
  bargauge: () => import('./bargauge/bargauge.tsx'),
  table: () => import('./table/table.tsx'),
  text: () => import('./text/text.tsx'),
  piechart: () => import('./piechart/piechart.tsx'),
  heatmap: () => import('./heatmap/heatmap.tsx'),
  barchart: () => import('./barchart/barchart.tsx'),
  histogram: () => import('./histogram/histogram.tsx'),
  'state-timeline': () => import('./state-timeline/state-timeline.tsx'),
  'status-history': () => import('./state-timeline/status-history.tsx'),
  logs: () => import('./logs/logs.tsx'),
  trend: () => import('./xychart/trend.tsx'),
  xychart: () => import('./xychart/xychart.tsx'),
  candlestick: () => import('./candlestick/candlestick.tsx'),
  alertlist: () => import('./lists/alert-list.tsx'),
  dashlist: () => import('./lists/dash-list.tsx'),
  annolist: () => import('./lists/anno-list.tsx'),
  nodeGraph: () => import('./node-graph/node-graph.tsx'),
  flamegraph: () => import('./flamegraph/flamegraph.tsx'),
  canvas: () => import('./canvas/canvas.tsx'),
  geomap: () => import('./geomap/geomap.tsx'),
};

/** By `type` of the panel. Each is loaded when a dashboard has one. */
export const panelBodies: ReadonlyMap<string, PanelBody> = new Map(
  Object.entries(loads).map(([type, load]) => [type, bodyOf(type, load)]),
);

/** What a panel of an unknown type shows its answer with. */
export const fallbackBody: PanelBody = bodyOf('table', () => import('./table/table.tsx'));
