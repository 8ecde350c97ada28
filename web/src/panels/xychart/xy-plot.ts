import { type Field, FieldType, formattedValueToString, type GrafanaTheme2 } from '@grafana/data';
import uPlot from 'uplot';
import type { TooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { type YScale, yScaleOptions } from '../../../../src/dashboards/fields/models/scales.ts';
import { seriesOptions } from '../../../../src/dashboards/fields/models/series-options.ts';
import type { XySeries } from '../../../../src/dashboards/fields/models/xy-model.ts';
import { axisFont, timeZoneOf } from '../../charts/plot-options.ts';
import { listenToPointer } from '../../charts/pointer.ts';
import { Tip, type TipRow } from '../shared/tip.ts';
import { xNumberAxis, xTimeAxis, yAxis } from '../timeseries/axes.ts';
import { drawSeries, xOf } from './draw-points.ts';
import css from './xy-plot.module.css';
import { type Bounds, xDistribution, xRange, yBounds } from './xy-ranges.ts';

export interface XyState {
  /** What is shown. */
  readonly series: readonly XySeries[];
  readonly scales: readonly YScale[];
  readonly theme: GrafanaTheme2;
  readonly isDark: boolean;
  readonly zone: string;
  readonly tooltip: TooltipOptions;
  readonly closeWords: string;
  /** Only of a chart over time. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onZoomOut: () => void;
}

/** A point is told by a pointer that is not further away, in px. */
const reachPx = 28;
/** Columns of a row that a tooltip tells besides those that are drawn. */
const maxOthers = 6;

/** A point: index of its series and its row. */
interface Hit {
  readonly at: number;
  readonly row: number;
  /** In CSS px of the plot. */
  readonly left: number;
  readonly top: number;
}

/** Points over a number, outside of React. */
export class XyPlot {
  readonly #host: HTMLElement;
  readonly #tip = new Tip();
  readonly #ring = document.createElement('div');
  #state: XyState;
  #chart: uPlot;
  #size: { width: number; height: number };
  #zoom: Bounds | undefined;
  #frame = 0;
  #unlisten: () => void = () => {};

  constructor(host: HTMLElement, state: XyState, width: number, height: number) {
    this.#host = host;
    this.#state = state;
    this.#size = { width, height };
    this.#ring.className = css.ring as string;
    this.#chart = this.#build();
  }

  update(state: XyState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#teardown();
    this.#chart = this.#build();
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
    this.#unlisten();
    this.#tip.hide();
    this.#chart.destroy();
  }

  get #x(): Field | undefined {
    return this.#state.series[0]?.x;
  }

  get #isTime(): boolean {
    return this.#x?.type === FieldType.time;
  }

  #build(): uPlot {
    const { scales, zone } = this.#state;
    const hasLeft = scales.some(({ side }) => side === 'left');
    const chart = new uPlot(
      {
        ...this.#size,
        ms: 1e-3,
        padding: [8, 18, 0, hasLeft ? 0 : 18],
        legend: { show: false },
        ...timeZoneOf(zone),
        cursor: {
          x: false,
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
        },
        scales: {
          x: { time: this.#isTime, range: () => this.#xRange(), ...xDistribution(this.#x) },
          ...Object.fromEntries(
            scales.map((scale) => [
              scale.key,
              {
                ...yScaleOptions(scale),
                range: (u: uPlot) => yBounds(u, scale, this.#state.series, this.#xRange()),
              },
            ]),
          ),
        },
        axes: [
          this.#isTime ? xTimeAxis(zone) : this.#numberAxis(),
          ...scales.map((scale, at) => yAxis(scale, this.#size.height, at === 0)),
        ],
        series: [
          {},
          ...scales.map(({ key }) => ({
            scale: key,
            stroke: 'transparent',
            points: { show: false },
          })),
        ],
        hooks: {
          draw: [(u) => this.#draw(u)],
          setSelect: [(u) => this.#select(u)],
          setCursor: [() => this.#hoverSoon()],
        },
      },
      [this.#xRange(), ...scales.map(() => [null, null])] as uPlot.AlignedData,
      this.#host,
    );
    chart.over.append(this.#ring);
    this.#ring.hidden = true;
    this.#unlisten = listenToPointer(chart.over, {
      onPress: () => {},
      onClick: () => this.#pin(),
      onDoubleClick: () => this.#zoomOut(),
    });
    return chart;
  }

  #numberAxis(): uPlot.Axis {
    const label = this.#x === undefined ? '' : seriesOptions(this.#x).axisLabel;
    const axis = { ...xNumberAxis(this.#x?.display), scale: 'x', side: 2 as const };
    return label === ''
      ? axis
      : { ...axis, label, labelFont: axisFont(), labelSize: 18, labelGap: 2 };
  }

  #xRange(): Bounds {
    return this.#zoom ?? xRange(this.#state.series);
  }

  #scaleOf(series: XySeries): string {
    return this.#state.scales.find(({ members }) => members.includes(series))?.key ?? 'y0';
  }

  #draw(u: uPlot): void {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const series of this.#state.series) drawSeries(u, series, this.#scaleOf(series));
    ctx.restore();
  }

  #select(u: uPlot): void {
    if (u.select.width < 4) return;
    const from = u.posToVal(u.select.left, 'x');
    const to = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (this.#isTime) this.#state.onZoom(from * 1000, to * 1000);
    else this.#show([from, to]);
  }

  #zoomOut(): void {
    if (this.#zoom === undefined) this.#state.onZoomOut();
    else this.#show(undefined);
  }

  #show(zoom: Bounds | undefined): void {
    this.#zoom = zoom;
    this.#tip.hide();
    this.#teardown();
    this.#chart = this.#build();
  }

  #hoverSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#tip.isPinned) return;
      const hit = this.#hit();
      if (hit === undefined || this.#state.tooltip.mode === 'none') {
        this.#ring.hidden = true;
        this.#tip.hide();
      } else this.#tell(hit);
    });
  }

  /** The nearest point within reach of the pointer. */
  #hit(): Hit | undefined {
    const u = this.#chart;
    const { left = -1, top = -1 } = u.cursor;
    if (left < 0 || top < 0) return undefined;
    let found: Hit | undefined;
    let least = reachPx * reachPx;
    for (const [at, series] of this.#state.series.entries()) {
      if (series.options.hiddenFrom.tooltip) continue;
      const scale = this.#scaleOf(series);
      for (let row = 0; row < series.values.length; row++) {
        const value = series.values[row];
        const x = xOf(series, row);
        if (value == null || x === undefined) continue;
        const px = u.valToPos(x, 'x');
        if (Math.abs(px - left) > reachPx) continue;
        const py = u.valToPos(value, scale);
        const distance = (px - left) ** 2 + (py - top) ** 2;
        if (distance > least) continue;
        least = distance;
        found = { at, row, left: px, top: py };
      }
    }
    return found;
  }

  #tell(hit: Hit): void {
    const series = this.#state.series[hit.at] as XySeries;
    const { maxWidthPx, maxHeightPx } = this.#state.tooltip;
    const color = series.colors?.[hit.row] ?? series.color;
    const size = (series.sizesPx?.[hit.row] ?? series.options.pointSizePx) + 8;
    this.#ring.hidden = false;
    this.#ring.style.cssText = `width:${size}px;height:${size}px;border-color:${color};transform:translate(${hit.left - size / 2}px,${hit.top - size / 2}px)`;
    this.#tip.setLimits(maxWidthPx, maxHeightPx);
    const box = this.#chart.rect;
    this.#tip.show(
      { head: series.name, rows: rowsOf(series, hit.row, color) },
      box.left + hit.left,
      box.top + hit.top,
    );
  }

  #pin(): void {
    const hit = this.#hit();
    if (hit === undefined || this.#tip.isPinned) return;
    this.#tell(hit);
    const links = (this.#state.series[hit.at]?.field.getLinks?.({ valueRowIndex: hit.row }) ??
      []) as { title: string; href: string; target?: string }[];
    this.#tip.pin(
      links.map(({ title, href, target }) => ({
        title: title === '' ? href : title,
        href,
        isNewTab: target === '_blank',
      })),
      this.#state.closeWords,
      () => {
        this.#ring.hidden = true;
      },
    );
  }
}

/** What a row says: both axes, what its size and colour mean, and other columns. */
function rowsOf(series: XySeries, row: number, color: string): readonly TipRow[] {
  const { x, field, sizeField, colorField, frame } = series;
  const told = [x, field, sizeField, colorField].filter((one) => one !== undefined);
  const others = frame.fields.filter((one) => !told.includes(one) && one.values[row] != null);
  const all = [...new Set(told), ...others.slice(0, maxOthers)];
  return all.map((one) => ({
    name: one === x ? series.xName : (one.state?.displayName ?? one.name),
    text: textOf(one, row),
    ...(one === field ? { color } : {}),
  }));
}

function textOf(field: Field, row: number): string {
  const value: unknown = field.values[row];
  return field.display === undefined ? String(value) : formattedValueToString(field.display(value));
}
