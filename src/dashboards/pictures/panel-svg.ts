import { isExemplars, panelDefaults, panelFields, readResults } from '#dashboards/fields';
import { panelKind } from '#dashboards/model';
import { element, type Markup, svgDocument, themes } from '#picture';
import { drawBarChart, drawHistogram } from './bars.ts';
import type { DrawContext, PanelPictureRequest } from './contract.ts';
import { drawHeatMap } from './heat-map.ts';
import { drawLogs } from './logs.ts';
import { middleOf, rect, words } from './marks.ts';
import { drawPie } from './pie.ts';
import { drawStates } from './states.ts';
import { drawTable } from './table.ts';
import { drawText } from './text.ts';
import { drawTimeSeries } from './time-series.ts';
import { drawBarGauge, drawGauge, drawStat } from './values.ts';
import { pictureWords } from './words.ts';

type Draw = (context: DrawContext) => readonly Markup[];

const draws: Readonly<Record<string, Draw>> = {
  timeseries: drawTimeSeries,
  trend: drawTimeSeries,
  stat: drawStat,
  gauge: drawGauge,
  bargauge: drawBarGauge,
  table: drawTable,
  barchart: drawBarChart,
  histogram: drawHistogram,
  piechart: drawPie,
  heatmap: drawHeatMap,
  'state-timeline': (context) => drawStates(context, false),
  'status-history': (context) => drawStates(context, true),
  text: drawText,
  logs: drawLogs,
};

/** Whether a panel of this kind has something to draw that needs no browser. */
export const isDrawn = (kind: string): boolean => Object.hasOwn(draws, kind);

const padPx = 10;
const titlePx = 13;

/** One panel as the page shows it: the same names, units, colours, stacks and legend. */
export function panelSvg(request: PanelPictureRequest): string {
  const { title, width, height, theme, language } = request;
  const colors = themes[theme];
  const said = pictureWords[language];
  const top = title === '' ? padPx : padPx + titlePx + 9;
  const box = { left: padPx, top, right: width - padPx, bottom: height - padPx };
  let ids = 0;
  const base = { ...request, colors, box, words: said, newId: () => `${request.key}-${ids++}` };
  const body = element('g', {}, bodyOf(base));
  const heading = words(title, {
    x: padPx,
    y: padPx + titlePx - 1,
    fill: colors.text,
    sizePx: titlePx,
    isBold: true,
    maxPx: width - 2 * padPx,
  });
  const ground = rect({ left: 0, top: 0, right: width, bottom: height }, colors.background);
  return svgDocument({ width, height, theme, title }, [ground, heading, body]);
}

function bodyOf(base: Omit<DrawContext, 'fields'>): readonly Markup[] {
  const { panel, results, box, colors, words: said, interpolate, zone, theme } = base;
  const refIds = (panel.targets ?? []).map(({ refId }) => refId);
  const { frames, errors } = readResults(refIds, results);
  const needsData = panelKind(panel.type)?.hasQueries !== false;
  if (frames.every((frame) => frame.length === 0 || isExemplars(frame)) && needsData) {
    const [error] = errors;
    if (error !== undefined) return [middleOf(box, error.message, colors.critical)];
    return [middleOf(box, panel.fieldConfig.defaults.noValue ?? said.noData, colors.text3)];
  }
  const fields = panelFields({
    panel,
    frames,
    interpolate,
    timeZone: zone,
    isDark: theme === 'dark',
    defaults: panelDefaults(isDrawn(panel.type) ? panel.type : 'table'),
  });
  // What only a page can show, its numbers can be read all the same.
  const draw = draws[panel.type] ?? (needsData ? drawTable : undefined);
  if (draw === undefined) return [middleOf(box, said.notDrawn(panel.type), colors.text3)];
  const parts = draw({ ...base, fields });
  const problem = fields.problems[0] ?? errors[0]?.message;
  if (problem === undefined) return parts;
  const y = box.bottom + padPx - 2;
  const style = { x: box.left, y, fill: colors.warning, sizePx: 10, maxPx: box.right - box.left };
  return [...parts, words(problem, style)];
}
