import { type ReactNode, useMemo, useRef } from 'react';
import type uPlot from 'uplot';
import { tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { heatPalette, heatStep } from '../../../../src/dashboards/fields/models/heat-colors.ts';
import {
  type HeatGrid,
  heatGrid,
  isShown,
} from '../../../../src/dashboards/fields/models/heat-grid.ts';
import {
  type HeatOptions,
  heatOptions,
} from '../../../../src/dashboards/fields/models/heat-options.ts';
import {
  type HeatFormats,
  heatFormats,
  heatTicks,
} from '../../../../src/dashboards/fields/models/heat-texts.ts';
import { token } from '../../charts/colors.ts';
import { useMessages } from '../../i18n/messages.ts';
import { sortableTime } from '../../time/zone.ts';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import type { CanvasState, CanvasTip } from '../shared/time-canvas.ts';
import { TimeCanvasView } from '../shared/time-canvas-view.tsx';
import { panelWords } from '../words.ts';
import css from './heatmap.module.css';

/** How many values fell into each bucket, over time. */
export function Body(props: PanelBodyProps): ReactNode {
  const { panel, fields, fromMs, toMs, timeZone, isDark } = props;
  const m = useMessages(panelWords);
  const callbacks = useRef(props);
  callbacks.current = props;
  const options = useMemo(() => heatOptions(panel.options), [panel]);
  const grid = useMemo(
    () => heatGrid(fields.frames, options, fields.theme, toMs - fromMs),
    [fields, options, fromMs, toMs],
  );
  const tipLimits = useMemo(() => tooltipOptions(panel), [panel]);
  const colors = useMemo(
    () => heatPalette(options, fields.theme, isDark),
    [options, fields.theme, isDark],
  );
  const format = useMemo(() => heatFormats(panel, options), [panel, options]);
  const state = useMemo((): CanvasState | undefined => {
    if (grid === undefined) return undefined;
    return {
      rowCount: grid.rows.length,
      isFromTop: options.isYReversed,
      ticks: heatTicks(grid, format.bound, props.heightPx),
      hasAxis: options.hasYAxis,
      axisLabel: options.axisLabel,
      zone: timeZone,
      fromMs,
      toMs,
      isDark,
      draw: (u) => drawCells(u, grid, options, colors),
      tipAt: (ms, row) =>
        options.hasTooltip ? cellTip(grid, options, ms, row, timeZone, format, m) : undefined,
      tipLimits,
      crosshairKey: props.crosshairKey,
      closeWords: m.unpin,
      onZoom: (from, to) => callbacks.current.onZoom(from, to),
      onZoomOut: () => callbacks.current.onZoomOut?.(),
    };
  }, [
    grid,
    options,
    colors,
    tipLimits,
    format,
    timeZone,
    fromMs,
    toMs,
    isDark,
    props.heightPx,
    props.crosshairKey,
    m,
  ]);
  if (grid === undefined || state === undefined) return <Note>{m.noNumbers}</Note>;
  return (
    <div className={css.frame}>
      <div className={css.plot}>
        <TimeCanvasView label={m.chart(panel.title ?? '')} state={state} />
      </div>
      {options.hasLegend && props.heightPx > 120 && (
        <div
          className={css.scale}
          role="img"
          aria-label={`${m.scale}: ${format.count(grid.min)} – ${format.count(grid.max)}`}
        >
          <span>{format.count(grid.min)}</span>
          <div
            className={css.ramp}
            style={{ background: `linear-gradient(to right, ${colors.join(', ')})` }}
          />
          <span>{format.count(grid.max)}</span>
        </div>
      )}
    </div>
  );
}

/** Cells of one colour together: setting a colour costs more than a rectangle. */
function drawCells(
  u: uPlot,
  grid: HeatGrid,
  options: HeatOptions,
  colors: readonly string[],
): void {
  const { columnsMs, columnMs, rows, counts } = grid;
  const ratio = window.devicePixelRatio;
  const radius = options.cellRadiusPx * ratio;
  const byStep: number[][] = colors.map(() => []);
  const tops = rows.map((_, row) => {
    const [a, b] = [u.valToPos(row, 'y', true), u.valToPos(row + 1, 'y', true)];
    return [Math.round(Math.min(a, b)), Math.round(Math.max(a, b))] as const;
  });
  const { min = 0, max = 0 } = u.scales['x'] ?? {};
  for (let column = 0; column < columnsMs.length; column++) {
    const ms = columnsMs[column] as number;
    if ((ms + columnMs) / 1000 < (min ?? 0) || ms / 1000 > (max ?? 0)) continue;
    const left = Math.round(u.valToPos(ms / 1000, 'x', true));
    const right = Math.round(u.valToPos((ms + columnMs) / 1000, 'x', true));
    // Small cells would be nothing but gaps.
    const gapX = right - left > 5 * ratio ? options.cellGapPx * ratio : 0;
    for (let row = 0; row < rows.length; row++) {
      const count = counts[column * rows.length + row] as number;
      if (!isShown(count, options)) continue;
      const [top, bottom] = tops[row] as readonly [number, number];
      const gapY = bottom - top > 5 * ratio ? options.cellGapPx * ratio : 0;
      byStep[heatStep(count, grid, colors.length)]?.push(
        left,
        top,
        Math.max(1, right - left - gapX),
        Math.max(1, bottom - top - gapY),
      );
    }
  }
  for (const [step, rects] of byStep.entries()) {
    u.ctx.fillStyle = colors[step] as string;
    u.ctx.beginPath();
    for (let at = 0; at < rects.length; at += 4) {
      const [x = 0, y = 0, width = 0, height = 0] = rects.slice(at, at + 4);
      if (radius > 0) u.ctx.roundRect(x, y, width, height, radius);
      else u.ctx.rect(x, y, width, height);
    }
    u.ctx.fill();
  }
}

function cellTip(
  grid: HeatGrid,
  options: HeatOptions,
  ms: number,
  rowPlace: number,
  zone: string,
  format: HeatFormats,
  m: { readonly bucket: string; readonly count: string },
): CanvasTip | undefined {
  const column = columnAt(grid, ms);
  const row = Math.floor(rowPlace);
  const shown = grid.rows[row];
  const startMs = grid.columnsMs[column];
  if (shown === undefined || startMs === undefined) return undefined;
  const count = grid.counts[column * grid.rows.length + row] as number;
  const bucket =
    shown.lower === undefined && shown.upper === undefined
      ? shown.name
      : shown.lower === undefined
        ? `≤ ${format.bound(shown.upper as number)}`
        : `${format.bound(shown.lower)} – ${format.bound(shown.upper ?? Number.POSITIVE_INFINITY)}`;
  return {
    head: `${sortableTime(zone, startMs, 'second')} – ${sortableTime(zone, startMs + grid.columnMs, 'second').slice(11)}`,
    rows: [
      { name: m.bucket, text: bucket },
      { name: m.count, text: Number.isNaN(count) ? '-' : format.count(count) },
    ],
    ...(options.hasHistogram ? { figure: columnFigure(grid, column, row) } : {}),
  };
}

function columnAt({ columnsMs, columnMs }: HeatGrid, ms: number): number {
  let from = 0;
  let to = columnsMs.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((columnsMs[middle] as number) <= ms) from = middle + 1;
    else to = middle;
  }
  const column = from - 1;
  return column >= 0 && ms < (columnsMs[column] as number) + columnMs ? column : -1;
}

const figureWidth = 220;
const figureHeight = 70;

/** The buckets of one moment as bars from the left, the one pointed at in the accent. */
function columnFigure(grid: HeatGrid, column: number, row: number): HTMLElement {
  const canvas = document.createElement('canvas');
  const ratio = window.devicePixelRatio;
  canvas.width = figureWidth * ratio;
  canvas.height = figureHeight * ratio;
  canvas.style.cssText = `display:block;width:${figureWidth}px;height:${figureHeight}px;margin-top:6px`;
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  const count = grid.rows.length;
  const own = grid.counts.subarray(column * count, (column + 1) * count);
  const most = own.reduce((max, value) => (value > max ? value : max), 0) || 1;
  const width = canvas.width / count;
  const [plain, accent] = [token('--series-count'), token('--accent')];
  for (let at = 0; at < count; at++) {
    const height = ((own[at] || 0) / most) * canvas.height;
    context.fillStyle = at === row ? accent : plain;
    context.fillRect(at * width, canvas.height - height, Math.max(1, width - ratio), height);
  }
  return canvas;
}
