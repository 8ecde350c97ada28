import { AppError, describeError } from '#base';
import type { DataSources, NumberedDataSource } from '#dashboards/data-sources';
import { marksFor } from '#dashboards/marks';
import type { Dashboard, Panel } from '#dashboards/model';
import type { PictureLanguage } from '#dashboards/pictures';
import {
  firstOf,
  interpolate,
  type Lookup,
  layOut,
  layoutBox,
  type PlacedPanel,
  type PlacedRow,
  panelRange,
  type ScopedVars,
  type SourceFilters,
  scopedLookup,
  sourceFilters,
  type VariableStates,
} from '#dashboards/variables';
import { noteSvg, type ReportOptions, reportHeaderPx, reportSvg, type ThemeName } from '#picture';
import { isZone, parseDateMath, sortableTime } from '#time';
import { type FoundMarks, findMarks, type StoredAnnotations } from './annotations.ts';
import { loadPictures, type Pictures } from './load-pictures.ts';
import { askPanel, sourceOf } from './panel-queries.ts';
import { dashboardValues } from './variable-values.ts';

const widthPx = 1200;
const edgePx = 8;
/** A picture that is longer is no picture. */
const maxHeightPx = 3200;
const maxPanels = 60;
/** Panels asked for at once: a report is in no hurry, people are. */
const maxAtOnce = 2;
const size = { min: 50, max: 4000 };

export interface RenderRequest {
  readonly dashboard: Dashboard;
  readonly panelId?: number | undefined;
  /** Of a panel alone, px; a dashboard is as high as its panels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** The panel alone, without the title of its dashboard. */
  readonly isBare?: boolean | undefined;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly theme: ThemeName;
  readonly language: PictureLanguage;
  readonly variables: Readonly<Record<string, readonly string[]>>;
  readonly nowMs: number;
}

export interface RenderedReport {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Drawing extends RenderRequest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly states: VariableStates;
  readonly lookup: Lookup;
  readonly filtersOf: (source: NumberedDataSource) => SourceFilters;
  readonly marks: FoundMarks;
  readonly pictures: Pictures;
}

export interface RenderDeps {
  readonly sources: DataSources;
  readonly annotations: StoredAnnotations;
}

/**
 * A dashboard, or one of its panels, as a picture. Panels that cannot be asked or drawn say so in their place.
 * @throws {AppError} REPORT_INVALID: a range that is none, a panel that is not there
 */
export async function renderReport(
  request: RenderRequest,
  { sources, annotations }: RenderDeps,
  signal: AbortSignal,
): Promise<RenderedReport> {
  const { dashboard, panelId, zone } = request;
  if (!isZone(zone)) {
    throw new AppError('REPORT_INVALID', `${JSON.stringify(zone)} is no time zone`, {
      hint: 'Use an IANA name such as Asia/Seoul',
    });
  }
  const { fromMs, toMs } = rangeOf(request);
  const alone = panelId === undefined ? undefined : panelOf(dashboard, panelId);
  const values = { ...request, fromMs, toMs, wanted: request.variables };
  const { lookup, states } = await dashboardValues(values, sources, signal);
  const filtersOf = ({ uid }: NumberedDataSource): SourceFilters =>
    sourceFilters(states, (ref) => sourceOf(ref, sources, lookup)?.uid === uid);
  const marks = await findMarks({ dashboard, fromMs, toMs, lookup }, sources, annotations, signal);
  const pictures = await loadPictures();
  const drawing = { ...values, lookup, states, filtersOf, marks, pictures };
  return alone === undefined
    ? await wholeDashboard(drawing, sources, signal)
    : await panelAlone(alone, drawing, sources, signal);
}

function rangeOf({ from, to, zone, nowMs }: RenderRequest): { fromMs: number; toMs: number } {
  const timeOf = (text: string, edge: 'from' | 'to'): number | undefined =>
    /^\d{12,14}$/.test(text) ? Number(text) : parseDateMath(text, { nowMs, zone, edge });
  const fromMs = timeOf(from, 'from');
  const toMs = timeOf(to, 'to');
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) {
    throw new AppError('REPORT_INVALID', `"${from}" to "${to}" is no range of time`, {
      hint: 'Write it as dashboards do: now-24h, now',
    });
  }
  return { fromMs, toMs };
}

function panelOf(dashboard: Dashboard, panelId: number): Panel {
  const all = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  const found = all.find(({ id }) => id === panelId);
  if (found !== undefined && found.type !== 'row') return found;
  throw new AppError('REPORT_INVALID', `The dashboard has no panel ${panelId}`);
}

const headOf = ({ dashboard, lookup, zone, theme, fromMs, toMs, marks }: Drawing) => {
  const range = `${sortableTime(zone, fromMs, 'minute')} – ${sortableTime(zone, toMs, 'minute')}`;
  return {
    theme,
    title: interpolate(dashboard.title, lookup, 'text'),
    subtitle: [`${range} ${zone}`, ...marks.errors].join(' · '),
  };
};

async function panelAlone(
  panel: Panel,
  drawing: Drawing,
  sources: DataSources,
  signal: AbortSignal,
): Promise<RenderedReport> {
  const { fromMs, toMs } = drawing;
  const { w, h } = panel.gridPos;
  const width = bounded(drawing.width ?? (drawing.isBare === true ? 1000 : widthPx));
  const height = bounded(drawing.height ?? Math.min(560, Math.max(300, (width * h) / w / 1.5)));
  const head = { ...headOf(drawing), width };
  const place = { panel, scopedVars: {}, key: `panel-${panel.id}` };
  if (drawing.isBare === true) {
    const svg = await draw({ ...place, width, height }, drawing, sources, signal);
    return { svg, width, height, title: head.title, fromMs, toMs };
  }
  const inner = { width: width - 2 * edgePx, height };
  const svg = await draw({ ...place, ...inner }, drawing, sources, signal);
  const picture = { ...inner, left: edgePx, top: 0, svg };
  const headerPx = reportHeaderPx({ ...head, height: 0, pictures: [] });
  const whole = { ...head, height: headerPx + height + edgePx, pictures: [picture] };
  return { svg: reportSvg(whole), width, height: whole.height, title: head.title, fromMs, toMs };
}

const bounded = (px: number): number => Math.round(Math.min(size.max, Math.max(size.min, px)));

async function wholeDashboard(
  drawing: Drawing,
  sources: DataSources,
  signal: AbortSignal,
): Promise<RenderedReport> {
  const { dashboard, states, lookup, fromMs, toMs } = drawing;
  const width = bounded(drawing.width ?? widthPx);
  const head = { ...headOf(drawing), width };
  const { items } = layOut({ panels: dashboard.panels, variables: states, toggledRows: new Set() });
  const boxOf = (item: (typeof items)[number]) => layoutBox(item, width - 2 * edgePx);
  const headerPx = reportHeaderPx({ ...head, height: 0, pictures: [] });
  const bottom = Math.max(0, ...items.map((item) => boxOf(item).top + boxOf(item).height));
  const height = Math.min(maxHeightPx, headerPx + bottom + edgePx);
  const panels = items
    .filter((item): item is PlacedPanel => item.kind === 'panel')
    .filter((item) => boxOf(item).top + headerPx < height - 40)
    .slice(0, maxPanels);
  const pictures: ReportOptions['pictures'][number][] = [];
  const waiting = [...panels];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const { left, ...box } = boxOf(item);
      const svg = await draw({ ...item, ...box }, drawing, sources, signal);
      pictures.push({ ...box, left: left + edgePx, svg });
    }
  };
  await Promise.all(Array.from({ length: maxAtOnce }, work));
  signal.throwIfAborted();
  const headings = items
    .filter((item): item is PlacedRow => item.kind === 'row')
    .map((item) => ({
      top: boxOf(item).top,
      text: interpolate(
        item.row.title ?? '',
        firstOf(scopedLookup(item.scopedVars), lookup),
        'text',
      ),
    }));
  // As they stand on the dashboard, whoever answered first.
  pictures.sort((a, b) => a.top - b.top || a.left - b.left);
  const svg = reportSvg({ ...head, height, pictures, headings });
  return { svg, width, height, title: head.title, fromMs, toMs };
}

async function draw(
  place: {
    readonly panel: Panel;
    readonly scopedVars: ScopedVars;
    readonly key: string;
    readonly width: number;
    readonly height: number;
  },
  drawing: Drawing,
  sources: DataSources,
  signal: AbortSignal,
): Promise<string> {
  const { panel, scopedVars, key, width, height } = place;
  const { zone, theme, language, pictures, dashboard, filtersOf, marks } = drawing;
  const lookup = firstOf(scopedLookup(scopedVars), drawing.lookup);
  const title = interpolate(panel.title ?? '', lookup, 'text');
  try {
    const isRelative = drawing.to.includes('now');
    const { note: _, ...range } = panelRange(panel, lookup, { ...drawing, isRelative });
    const question = { panel, dashboard, widthPx: width, ...range, zone, lookup, filtersOf };
    const results = await askPanel(question, sources, signal);
    return pictures.panelSvg({
      panel,
      key,
      title,
      results,
      annotations: marksFor(marks.sources, panel.id),
      interpolate: (text, scoped = {}, format) =>
        interpolate(text, firstOf(scopedLookup(scoped), lookup), format),
      width,
      height,
      theme,
      ...range,
      zone,
      language,
    });
  } catch (error) {
    signal.throwIfAborted();
    return noteSvg({ width, height, theme, title }, describeError(error));
  }
}
