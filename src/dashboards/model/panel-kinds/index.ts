/** Every panel type as data: options, custom fields, defaults, words. */
import { barchart } from './barchart.ts';
import { bargauge } from './bargauge.ts';
import { candlestick } from './candlestick.ts';
import { canvas } from './canvas.ts';
import type { OptionGroup, OptionSpec, PanelKind, Words } from './contract.ts';
import { flamegraph } from './flamegraph.ts';
import { gauge } from './gauge.ts';
import { geomap } from './geomap.ts';
import { heatmap } from './heatmap.ts';
import { histogram } from './histogram.ts';
import { alertlist, annolist, dashlist } from './lists.ts';
import { logs } from './logs.ts';
import { nodeGraph } from './node-graph.ts';
import { others } from './others.ts';
import { piechart } from './piechart.ts';
import { row } from './row.ts';
import { words } from './spec.ts';
import { stat } from './stat.ts';
import { stateTimeline } from './state-timeline.ts';
import { statusHistory } from './status-history.ts';
import { table } from './table.ts';
import { text } from './text.ts';
import { timeseries } from './timeseries.ts';
import { trend } from './trend.ts';
import { xychart } from './xychart.ts';

export type * from './contract.ts';
export { colorModes, type StandardFieldSpec, standardFieldSpecs } from './standard-fields.ts';

/** In the order of a picker: the ones people use most come first. */
export const panelKinds: readonly PanelKind[] = [
  timeseries,
  stat,
  table,
  gauge,
  bargauge,
  barchart,
  piechart,
  heatmap,
  histogram,
  stateTimeline,
  statusHistory,
  trend,
  xychart,
  candlestick,
  logs,
  text,
  alertlist,
  dashlist,
  annolist,
  nodeGraph,
  flamegraph,
  canvas,
  geomap,
  row,
  ...others,
];

const byType = new Map(panelKinds.map((kind) => [kind.type, kind]));

/** The kind of a `panel.type`; undefined for types nobody here has heard of. */
export const panelKind = (type: string): PanelKind | undefined => byType.get(type);

/** Defaults of options or custom fields as the nested object a document would hold. */
export function defaultsOf(specs: readonly OptionSpec[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const spec of specs) {
    if (spec.default === undefined) continue;
    const keys = spec.path.split('.');
    let place = found;
    for (const key of keys.slice(0, -1)) {
      const inner = place[key];
      if (typeof inner === 'object' && inner !== null) place = inner as Record<string, unknown>;
      else place = place[key] = {} as Record<string, unknown>;
    }
    place[keys.at(-1)!] = structuredClone(spec.default);
  }
  return found;
}

/** Headings of option groups. */
export const optionGroupWords: Readonly<Record<OptionGroup, Words>> = {
  alerts: words(['Alerts', '알림']),
  annotations: words(['Annotations', '주석']),
  axis: words(['Axis', '축']),
  bars: words(['Bars', '막대']),
  buckets: words(['Buckets', '구간']),
  cells: words(['Cells', '셀']),
  color: words(['Colors', '색']),
  columns: words(['Columns', '열']),
  content: words(['Content', '내용']),
  footer: words(['Footer', '바닥글']),
  graph: words(['Graph', '그래프']),
  legend: words(['Legend', '범례']),
  lines: words(['Lines', '선']),
  list: words(['List', '목록']),
  logs: words(['Logs', '로그']),
  nodes: words(['Nodes', '노드']),
  points: words(['Points', '점']),
  stacking: words(['Stacking', '쌓기']),
  table: words(['Table', '표']),
  text: words(['Text', '글자']),
  thresholds: words(['Thresholds', '임계값']),
  time: words(['Time', '시간']),
  tooltip: words(['Tooltip', '툴팁']),
  value: words(['Value', '값']),
  yAxis: words(['Y axis', 'Y축']),
};
