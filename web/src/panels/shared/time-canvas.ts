import uPlot from 'uplot';
import type { TooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { faded, token } from '../../charts/colors.ts';
import { axisFont, timeZoneOf } from '../../charts/plot-options.ts';
import { listenToPointer } from '../../charts/pointer.ts';
import { xTimeAxis } from '../timeseries/axes.ts';
import { hearCrosshair, plotWidth, showLine, tellCrosshair } from './crosshair.ts';
import css from './time-canvas.module.css';
import { Tip, type TipLink, type TipNote, type TipRow } from './tip.ts';

/** What is told about a place. */
export interface CanvasTip {
  readonly head: string;
  readonly rows: readonly TipRow[];
  readonly notes?: readonly TipNote[];
  /** A picture below the rows. */
  readonly figure?: HTMLElement;
  readonly links?: () => readonly TipLink[];
}

/** A tick of the y axis; `at` is in rows. */
export interface RowTick {
  readonly at: number;
  readonly text: string;
}

export interface CanvasState {
  /** Rows fill the height, row 0 at the top or at the bottom. */
  readonly rowCount: number;
  readonly isFromTop: boolean;
  readonly ticks: readonly RowTick[];
  readonly hasAxis: boolean;
  readonly axisLabel: string;
  readonly zone: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly isDark: boolean;
  readonly draw: (u: uPlot) => void;
  /** `row` counts from 0 with a fraction; undefined: nothing to tell there. */
  readonly tipAt: (ms: number, row: number) => CanvasTip | undefined;
  readonly tipLimits: Pick<TooltipOptions, 'maxWidthPx' | 'maxHeightPx'>;
  readonly crosshairKey: string | undefined;
  readonly closeWords: string;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onZoomOut: () => void;
}

/** Widest names of rows, as a share of the canvas. */
const maxAxisShare = 0.35;

/** Rows over time that draw themselves: heat maps and timelines. Axis, zoom, crosshair and tooltip are here. */
export class TimeCanvas {
  readonly #host: HTMLElement;
  readonly #tip = new Tip();
  readonly #line = document.createElement('div');
  #state: CanvasState;
  #chart: uPlot;
  #size: { width: number; height: number };
  #frame = 0;
  #stop: () => void = () => {};

  constructor(host: HTMLElement, state: CanvasState, width: number, height: number) {
    this.#host = host;
    this.#state = state;
    this.#size = { width, height };
    this.#line.className = css.remote as string;
    this.#chart = this.#build();
  }

  update(state: CanvasState): void {
    const before = this.#state;
    this.#state = state;
    const isOther =
      before.isDark !== state.isDark ||
      before.zone !== state.zone ||
      before.hasAxis !== state.hasAxis ||
      before.axisLabel !== state.axisLabel ||
      before.crosshairKey !== state.crosshairKey ||
      before.isFromTop !== state.isFromTop;
    if (isOther) {
      this.#teardown();
      this.#chart = this.#build();
    } else if (
      before.draw !== state.draw ||
      before.ticks !== state.ticks ||
      before.rowCount !== state.rowCount ||
      before.fromMs !== state.fromMs ||
      before.toMs !== state.toMs
    ) {
      // New bounds make new axes, and everything is drawn once.
      this.#chart.setData(this.#data(), true);
    }
  }

  resize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#chart.setSize(this.#size);
  }

  close(): void {
    this.#teardown();
  }

  #teardown(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#stop();
    this.#tip.hide();
    this.#chart.destroy();
  }

  #data(): uPlot.AlignedData {
    const { fromMs, toMs } = this.#state;
    return [
      [fromMs / 1000, toMs / 1000],
      [null, null],
    ];
  }

  #build(): uPlot {
    const { zone, hasAxis, axisLabel } = this.#state;
    const chart = new uPlot(
      {
        ...this.#size,
        ms: 1e-3,
        padding: [8, 18, 0, hasAxis ? 0 : 18],
        legend: { show: false },
        ...timeZoneOf(zone),
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
        },
        scales: {
          x: {
            time: true,
            range: () => [this.#state.fromMs / 1000, this.#state.toMs / 1000],
          },
          y: {
            dir: this.#state.isFromTop ? -1 : 1,
            range: () => [0, Math.max(1, this.#state.rowCount)],
          },
        },
        axes: [
          { ...xTimeAxis(zone), grid: { show: false } },
          hasAxis
            ? {
                stroke: token('--text-3'),
                font: axisFont(),
                grid: { show: false },
                ticks: { show: false },
                border: { show: false },
                gap: 6,
                size: (u, values) =>
                  Math.min(
                    (u.width || this.#size.width) * maxAxisShare,
                    14 + 6.4 * Math.max(0, ...(values ?? []).map((value) => value.length)),
                  ),
                ...(axisLabel === ''
                  ? {}
                  : { label: axisLabel, labelSize: 18, labelFont: axisFont() }),
                splits: () => this.#state.ticks.map(({ at }) => at),
                values: (u) => {
                  const room = (u.width || this.#size.width) * maxAxisShare - 14;
                  const chars = Math.max(4, Math.floor(room / 6.4));
                  return this.#state.ticks.map(({ text }) => shortened(text, chars));
                },
              }
            : { show: false },
        ],
        series: [{}, { stroke: 'transparent', points: { show: false } }],
        hooks: {
          drawClear: [(u) => this.#draw(u)],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              const from = u.posToVal(u.select.left, 'x') * 1000;
              const to = u.posToVal(u.select.left + u.select.width, 'x') * 1000;
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              this.#state.onZoom(from, to);
            },
          ],
          setCursor: [() => this.#hoverSoon()],
        },
      },
      this.#data(),
      this.#host,
    );
    chart.over.append(this.#line);
    const unlisten = listenToPointer(chart.over, {
      onPress: () => {},
      onClick: () => this.#pin(),
      onDoubleClick: () => this.#state.onZoomOut(),
    });
    const unhear = hearCrosshair(this.#state.crosshairKey, (ms, source) => {
      if (source !== this) this.#showRemote(ms);
    });
    this.#stop = () => {
      unlisten();
      unhear();
    };
    return chart;
  }

  #draw(u: uPlot): void {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.#state.draw(u);
    ctx.restore();
  }

  #hoverSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const { left = -1, top = -1 } = this.#chart.cursor;
      const isOver = left >= 0 && top >= 0;
      const ms = isOver ? this.#chart.posToVal(left, 'x') * 1000 : null;
      tellCrosshair(this.#state.crosshairKey, ms, this);
      if (this.#tip.isPinned) return;
      showLine(this.#line, undefined);
      const told = ms === null ? undefined : this.#told(ms, top);
      if (told === undefined) this.#tip.hide();
      else this.#show(told, left, top);
    });
  }

  #told(ms: number, top: number): CanvasTip | undefined {
    return this.#state.tipAt(ms, this.#chart.posToVal(top, 'y'));
  }

  #show(told: CanvasTip, left: number, top: number): void {
    const box = this.#chart.rect;
    const { maxWidthPx, maxHeightPx } = this.#state.tipLimits;
    this.#tip.setLimits(maxWidthPx, maxHeightPx);
    this.#tip.show(told, box.left + left, box.top + top);
  }

  #pin(): void {
    const { left = -1, top = -1 } = this.#chart.cursor;
    if (left < 0 || this.#tip.isPinned) return;
    const told = this.#told(this.#chart.posToVal(left, 'x') * 1000, top);
    if (told === undefined) return;
    this.#show(told, left, top);
    this.#tip.pin(told.links?.() ?? [], this.#state.closeWords, () => {});
  }

  #showRemote(ms: number | null): void {
    const left = ms === null ? -1 : this.#chart.valToPos(ms / 1000, 'x');
    const isIn = left >= 0 && left <= plotWidth(this.#chart);
    showLine(this.#line, isIn ? left : undefined);
  }
}

/** The end of a long name often says more than its middle. */
function shortened(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const tail = Math.floor(chars / 3);
  return `${text.slice(0, chars - tail - 1)}…${text.slice(text.length - tail)}`;
}

/** A grid line between rows, where there is room for it. */
export function drawRowLines(u: uPlot, rowCount: number): void {
  const { ctx, bbox } = u;
  ctx.strokeStyle = faded(token('--line'), 0.5);
  ctx.lineWidth = window.devicePixelRatio;
  for (let row = 0; row <= rowCount; row++) {
    const y = Math.round(u.valToPos(row, 'y', true)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
}
