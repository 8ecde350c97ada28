import type { GrafanaTheme2 } from '@grafana/data';
import uPlot from 'uplot';
import type { TooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import type { YScale } from '../../../../src/dashboards/fields/models/scales.ts';
import type {
  ChartSeries,
  SeriesModel,
} from '../../../../src/dashboards/fields/models/series-model.ts';
import type { ChartKeys } from '../../charts/chart-point.ts';
import { lineMarker } from '../../charts/line-marker.ts';
import { listenToPointer } from '../../charts/pointer.ts';
import type { AnnotationMark } from '../contract.ts';
import { hearCrosshair, plotWidth, showLine, tellCrosshair } from '../shared/crosshair.ts';
import { Tip, type TipLink, type TipNote } from '../shared/tip.ts';
import { annotationsAt, drawAnnotations } from './draw-annotations.ts';
import { drawThresholds } from './draw-thresholds.ts';
import { drawValues } from './draw-values.ts';
import { drawExemplars, type Exemplar, exemplarAt } from './exemplars.ts';
import { hovered } from './hover.ts';
import { type PlotData, plotOptions } from './plot.ts';
import css from './plot-view.module.css';
import { tipLinks } from './tip-links.ts';

export interface PlotState {
  readonly model: SeriesModel;
  readonly plot: PlotData;
  readonly scales: readonly YScale[];
  /** What decides how the chart is built; while it stays, new data is only drawn. */
  readonly structure: string;
  readonly theme: GrafanaTheme2;
  /** IANA names: an x axis for each. */
  readonly zones: readonly string[];
  /** Bounds of the x axis, in its own unit. */
  readonly xRange: readonly [number, number];
  readonly annotations: readonly AnnotationMark[];
  readonly exemplars: readonly Exemplar[];
  readonly tooltip: TooltipOptions;
  /** Draws what its series are not drawn by, as candles; their lines are not lifted out then. */
  readonly paint: ((u: uPlot) => void) | undefined;
  readonly crosshairKey: string | undefined;
  readonly sharesTooltip: boolean;
  readonly xText: (x: number) => string;
  readonly words: { readonly close: string; readonly more: (count: number) => string };
  readonly onZoom: (from: number, to: number) => void;
  readonly onZoomOut: () => void;
}

/** A chart in an element: React says what, this draws it, and redraws only what changed. */
export class PlotView {
  readonly #host: HTMLElement;
  readonly #tip = new Tip();
  readonly #remoteLine = document.createElement('div');
  #state: PlotState;
  #chart: uPlot;
  #marker: ReturnType<typeof lineMarker>;
  #size: { width: number; height: number };
  #frame = 0;
  #stop: () => void = () => {};
  #isRemote = false;

  constructor(host: HTMLElement, state: PlotState, width: number, height: number) {
    this.#host = host;
    this.#state = state;
    this.#size = { width, height };
    this.#remoteLine.className = css.remote as string;
    this.#chart = this.#build();
    this.#marker = lineMarker(this.#chart);
  }

  readonly keys: ChartKeys = {
    move: (steps) => {
      const xs = this.#chart.data[0];
      const now = this.#chart.cursor.idx ?? xs.length - 1;
      const index = Math.min(xs.length - 1, Math.max(0, now + steps));
      this.#chart.setCursor({
        left: this.#chart.valToPos(xs[index] as number, 'x'),
        top: Math.max(0, this.#chart.cursor.top ?? this.#chart.over.clientHeight / 2),
      });
    },
    turn: (direction) => {
      const { cursor, over } = this.#chart;
      const top = (cursor.top ?? over.clientHeight / 2) - direction * 12;
      this.#chart.setCursor({
        left: cursor.left ?? 0,
        top: Math.min(over.clientHeight - 1, Math.max(0, top)),
      });
    },
    open: () => this.#pin(),
    leave: () => {
      this.#tip.hide();
      this.#chart.setCursor({ left: -10, top: -10 });
    },
  };

  update(state: PlotState): void {
    const before = this.#state;
    this.#state = state;
    if (before.structure !== state.structure || before.crosshairKey !== state.crosshairKey) {
      this.#teardown();
      this.#chart = this.#build();
      this.#marker = lineMarker(this.#chart);
      return;
    }
    if (before.plot.data !== state.plot.data) {
      this.#chart.delBand(null);
      for (const [index, band] of state.plot.bands.entries()) this.#chart.addBand(band, index);
      this.#chart.setData(state.plot.data);
      return;
    }
    const isMoved = before.xRange.some((bound, at) => bound !== state.xRange[at]);
    if (isMoved) {
      const [min, max] = state.xRange;
      this.#chart.setScale('x', { min, max });
    } else if (
      before.annotations !== state.annotations ||
      before.exemplars !== state.exemplars ||
      before.theme !== state.theme ||
      before.paint !== state.paint
    ) {
      this.#chart.redraw(false);
    }
  }

  resize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#chart.setSize(this.#size);
  }

  /** Lifts one series out of the others; undefined: none. */
  mark(series: ChartSeries | undefined): void {
    const index = series === undefined ? -1 : this.#state.plot.series.indexOf(series);
    this.#markAt(index);
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

  #build(): uPlot {
    const { plot, scales, model, theme, zones } = this.#state;
    const chart = new uPlot(
      plotOptions({
        plot,
        scales,
        model,
        theme,
        zones,
        widthPx: this.#size.width,
        heightPx: this.#size.height,
        xRange: () => [...this.#state.xRange],
        hooks: {
          drawClear: [(u) => drawThresholds(u, this.#state.scales, this.#state.theme, 'areas')],
          draw: [
            (u) => {
              this.#state.paint?.(u);
              drawThresholds(u, this.#state.scales, this.#state.theme, 'lines');
              drawValues(u, this.#state.plot);
              if (!this.#state.model.isTime) return;
              drawAnnotations(u, this.#state.annotations, this.#state.theme);
              drawExemplars(u, this.#state.exemplars, this.#firstScale);
            },
          ],
          setSelect: [(u) => this.#zoom(u)],
          setCursor: [() => this.#hoverSoon()],
        },
      }),
      plot.data,
      this.#host,
    );
    chart.over.append(this.#remoteLine);
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

  get #firstScale(): string {
    return this.#state.scales[0]?.key ?? 'y0';
  }

  #zoom(u: uPlot): void {
    if (u.select.width < 4) return;
    const from = u.posToVal(u.select.left, 'x');
    const to = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#state.onZoom(from, to);
  }

  #hoverSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#hover();
    });
  }

  #hover(): void {
    const { left = -1, top = -1, idx } = this.#chart.cursor;
    const isOver = left >= 0 && idx !== null && idx !== undefined;
    if (this.#state.model.isTime) {
      tellCrosshair(
        this.#state.crosshairKey,
        isOver ? this.#chart.posToVal(left, 'x') * 1000 : null,
        this,
      );
    }
    if (this.#tip.isPinned) return;
    showLine(this.#remoteLine, undefined);
    if (isOver) this.#showTip(idx, left, top, false);
    else {
      this.#tip.hide();
      this.#markAt(-1);
    }
  }

  #showRemote(ms: number | null): void {
    const { isTime } = this.#state.model;
    const left = ms === null || !isTime ? -1 : this.#chart.valToPos(ms / 1000, 'x');
    const isIn = left >= 0 && left <= plotWidth(this.#chart);
    showLine(this.#remoteLine, isIn ? left : undefined);
    if (this.#tip.isPinned) return;
    if (!isIn || !this.#state.sharesTooltip) {
      if (this.#isRemote) this.#tip.hide();
      this.#isRemote = false;
      return;
    }
    // What uPlot keeps is of the last time that the pointer came in: panels may have moved since.
    const box = this.#chart.over.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight) return;
    this.#chart.syncRect();
    this.#isRemote = true;
    this.#showTip(this.#chart.posToIdx(left), left, undefined, false);
  }

  #showTip(index: number, left: number, top: number | undefined, isWhole: boolean): void {
    const { plot, tooltip, xText, words, model } = this.#state;
    const notes = this.#notesAt(left, top);
    const isQuiet = tooltip.mode === 'none' && !isWhole;
    if (isQuiet && notes.length === 0) {
      this.#tip.hide();
      return;
    }
    this.#tip.setLimits(tooltip.maxWidthPx, tooltip.maxHeightPx);
    const found = hovered(this.#chart, plot, index, top, tooltip, isWhole);
    this.#markAt(plot.series.length > 1 ? found.nearest : -1);
    const x = model.xs[index];
    if (x === undefined) {
      this.#tip.hide();
      return;
    }
    // Read before anything is written in this frame, and kept by uPlot.
    const box = this.#chart.rect;
    this.#tip.show(
      {
        head: xText(x),
        rows: isQuiet ? [] : found.rows,
        ...(found.more > 0 ? { more: words.more(found.more) } : {}),
        notes,
      },
      box.left + left,
      box.top + (top ?? box.height / 2),
    );
  }

  #notesAt(left: number, top: number | undefined): readonly TipNote[] {
    const { annotations, exemplars, theme, model } = this.#state;
    if (!model.isTime || top === undefined) return [];
    const notes: TipNote[] = annotationsAt(this.#chart, annotations, left).map((mark) => ({
      title: mark.title,
      text: [mark.text, mark.tags.join(', ')].filter((part) => part !== '').join('\n'),
      color: theme.visualization.getColorByName(mark.color),
    }));
    const exemplar = exemplarAt(this.#chart, exemplars, this.#firstScale, left, top);
    if (exemplar !== undefined) {
      notes.push({
        title: '',
        text: exemplar.labels.map(([name, value]) => `${name}: ${value}`).join('\n'),
      });
    }
    return notes;
  }

  #pin(): void {
    const { left = -1, top = -1, idx } = this.#chart.cursor;
    if (left < 0 || idx === null || idx === undefined || this.#tip.isPinned) return;
    const isWhole = this.#state.tooltip.mode === 'multi';
    this.#showTip(idx, left, top, isWhole);
    this.#tip.pin(this.#linksAt(idx, left, top), this.#state.words.close, () => this.#markAt(-1));
  }

  #linksAt(index: number, left: number, top: number): readonly TipLink[] {
    const { plot, exemplars, tooltip, model } = this.#state;
    const { nearest } = hovered(this.#chart, plot, index, top, tooltip, false);
    const exemplar = exemplarAt(this.#chart, exemplars, this.#firstScale, left, top);
    return tipLinks(exemplar, plot.series[nearest], model, index);
  }

  #markAt(index: number): void {
    const series = this.#state.plot.series[index];
    const isLine = series?.options.drawStyle === 'line' && series.options.stacking === 'none';
    const isOnFirst = series?.scaleKey === this.#state.scales[0]?.first.scaleKey;
    const isMarked = isLine && isOnFirst && this.#state.paint === undefined;
    this.#marker.draw(
      isMarked ? (this.#chart.data[index + 1] as never) : undefined,
      series?.color ?? '',
    );
  }
}
