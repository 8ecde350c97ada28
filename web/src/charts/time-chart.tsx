import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { isDark, usePreferences } from '../state/preferences.ts';
import { useSharedRange } from '../time/shared-range.tsx';
import { classNames } from '../ui/class-names.ts';
import { type ChartMark, drawMarks } from './chart-marks.ts';
import { type ChartKeys, type ChartPoint, chartKeys, placeIn } from './chart-point.ts';
import { placeTip, tipContent } from './chart-tip.ts';
import { seriesTokens, token } from './colors.ts';
import { onCrosshair, setCrosshair } from './crosshair.ts';
import { Legend } from './legend.tsx';
import { lineMarker } from './line-marker.ts';
import { nearestSeries, rowsNear } from './nearest.ts';
import { plotOptions } from './plot-options.ts';
import { listenToPointer } from './pointer.ts';
import { stack, type Values } from './series-stats.ts';
import type { TickUnit } from './ticks.ts';
import css from './time-chart.module.css';
import { chartWords } from './words.ts';

export interface TimeSeries {
  /** Unique in the chart; also what its colour is made of. */
  readonly name: string;
  /** One per time; null is a gap. */
  readonly values: Values;
  /** A token's name such as `--critical` where the colour means something. */
  readonly colorToken?: string;
  /** A bound that others are measured by: a dashed line without an area. */
  readonly isBound?: boolean;
}

export interface TimeChartProps {
  /** What it shows, for people who do not see it. */
  readonly title: string;
  /** Ascending, ms since the epoch, shared by all series. For bars: where each bin begins. */
  readonly timesMs: readonly number[];
  readonly series: readonly TimeSeries[];
  readonly kind?: 'lines' | 'bars' | 'stacked' | 'stacked-bars';
  readonly height?: number;
  readonly formatValue?: (value: number) => string;
  readonly legend?: boolean;
  /** Data of the last range while the next is on its way. */
  readonly stale?: boolean;
  /** Width of a bin, for the last bar. */
  readonly binMs?: number;
  readonly axes?: boolean;
  /** `data`: the value axis need not begin at zero. */
  readonly base?: 'zero' | 'data';
  /** Names of the series that the legend isolates; empty: all are drawn. */
  readonly onIsolate?: (names: readonly string[]) => void;
  /** Where the lines of the value axis stand: at round values of this. */
  readonly unit?: TickUnit;
  /** A click, Enter, or a drag with the shift key: for a menu at that place. */
  readonly onPoint?: (point: ChartPoint) => void;
  /** Lines through the chart where something happened. */
  readonly marks?: readonly ChartMark[];
  /** Width of the value axis, so that charts below each other have one time axis; else as needed. */
  readonly axisPx?: number;
}

const noMarks: readonly ChartMark[] = [];

/**
 * Series over the page's shared range: drag zooms every part of the page, double click goes back,
 * the crosshair is the page's. Clicking a legend entry isolates it, shift-click adds. With `onPoint`
 * the keyboard reaches it: arrows move the crosshair, Enter takes the point.
 */
export function TimeChart({
  title,
  timesMs,
  series,
  kind = 'lines',
  height = 160,
  formatValue,
  legend = false,
  stale = false,
  binMs,
  axes = true,
  base = 'zero',
  onIsolate,
  unit = 'plain',
  onPoint,
  marks = noMarks,
  axisPx,
}: TimeChartProps): ReactNode {
  const m = useMessages(chartWords);
  const f = useFormat();
  const preferences = usePreferences();
  const shared = useSharedRange();
  const host = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [width, setWidth] = useState(0);
  const [isolated, setIsolated] = useState<readonly string[]>([]);
  const dark = isDark(preferences);
  const show = formatValue ?? f.compact;

  const tokens = useMemo(() => {
    const given = seriesTokens(series.map((one) => one.name));
    return series.map((one, index) => one.colorToken ?? (given[index] as string));
  }, [series]);
  const visible = useMemo(
    () =>
      series
        .map((one, index) => ({ ...one, tokenName: tokens[index] as string }))
        .filter((one) => isolated.length === 0 || isolated.includes(one.name)),
    [series, tokens, isolated],
  );

  useEffect(() => {
    const observer = new ResizeObserver((entries) => {
      const next = Math.floor(entries[0]?.contentRect.width ?? 0);
      if (next > 0) setWidth(next);
    });
    if (host.current !== null) observer.observe(host.current);
    return () => observer.disconnect();
  }, []);

  const isStacked = kind === 'stacked' || kind === 'stacked-bars';
  const seconds = useMemo(() => timesMs.map((ms) => ms / 1000), [timesMs]);
  /** What is drawn of each visible series: sums, in a stack. */
  const columns = useMemo(() => {
    const values = visible.map((one) => one.values);
    return isStacked ? stack(values) : values;
  }, [visible, isStacked]);
  const point = useRef(onPoint);
  point.current = onPoint;
  const shownMarks = useRef(marks);
  shownMarks.current = marks;
  const keys = useRef<ChartKeys>(undefined);
  const isSized = width > 0;
  const isLow = height < 120;
  const size = useRef({ width, height });
  size.current = { width, height };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` changes what token() returns, `isLow` the axes.
  useEffect(() => {
    if (host.current === null || !isSized) return;
    const colored = visible.map((one) => ({ ...one, color: token(one.tokenName) }));
    const look = { kind, zone: f.zone, locale: f.language, binMs, axes, base, unit, axisPx };
    const { fromMs, toMs } = shared;
    let silent = false;
    let isMarking = false;
    const chart = new uPlot(
      plotOptions({ ...look, ...size.current, fromMs, toMs, formatValue: show }, colored, {
        setSelect: [
          (u) => {
            if (u.select.width < 4) return;
            const from = u.posToVal(u.select.left, 'x') * 1000;
            const to = u.posToVal(u.select.left + u.select.width, 'x') * 1000;
            const { left, width: chosen } = u.select;
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            if (!isMarking || point.current === undefined) shared.zoomTo(from, to);
            else point.current({ ...placeIn(u, left + chosen), fromMs: from, toMs: to });
          },
        ],
        draw: [(u) => drawMarks(u, shownMarks.current)],
        setCursor: [
          (u) => {
            const left = u.cursor.left ?? -1;
            if (!silent) setCrosshair(left < 0 ? null : u.posToVal(left, 'x') * 1000, u);
            showTip(u, left, silent);
          },
        ],
      }),
      // In a stack the highest sum is drawn first, so that the others lie over it.
      [seconds, ...(isStacked ? columns.toReversed() : columns)] as uPlot.AlignedData,
      host.current,
    );
    plot.current = chart;
    const marker = lineMarker(chart);

    const indexOf = (u: uPlot, left: number): number | null | undefined =>
      binMs === undefined ? u.cursor.idx : indexAt(timesMs, u.posToVal(left, 'x') * 1000);
    /** Which series is under the pointer; -1: none. */
    const nearestAt = (u: uPlot, index: number): number =>
      u.cursor.top === undefined || u.cursor.top < 0 || colored.length < 2
        ? colored.length - 1
        : nearestSeries(columns, index, u.posToVal(u.cursor.top, 'y'), isStacked);
    const pointAt = (u: uPlot, left: number): ChartPoint | undefined => {
      const index = indexOf(u, left);
      if (index === null || index === undefined) return undefined;
      const at = nearestAt(u, index);
      const atMs = timesMs[index] as number;
      const value = colored[at]?.values[index] ?? null;
      return {
        ...placeIn(u, left),
        fromMs: atMs,
        toMs: atMs,
        ...(value === null ? {} : { series: colored[at]?.name, value }),
      };
    };

    const showTip = (u: uPlot, left: number, isRemote: boolean): void => {
      const box = tip.current;
      if (box === null) return;
      const index = indexOf(u, left);
      if (left < 0 || isRemote || index === null || index === undefined) {
        box.style.display = 'none';
        marker.draw(undefined, '');
        return;
      }
      const near = nearestAt(u, index);
      const isMany = colored.length > 1;
      const isLine = kind === 'lines' || kind === 'stacked';
      marker.draw(isMany && isLine ? columns[near] : undefined, colored[near]?.color ?? '');
      const rows = colored
        .map((one, at) => ({
          name: one.name,
          color: one.color,
          value: one.values[index] ?? null,
          isNear: isMany && at === near,
        }))
        .filter((row) => row.value !== null && (row.value !== 0 || row.isNear || !isMany));
      const shown = rowsNear(rows, colored[near]?.values[index] ?? undefined);
      const more = rows.length - shown.length;
      box.replaceChildren(
        ...tipContent(
          f.logTime(timesMs[index] as number),
          shown,
          show,
          more > 0 ? m.moreSeries(f.number(more)) : undefined,
        ),
      );
      placeTip(box, u.over, left);
    };

    const unlisten = listenToPointer(chart.over, {
      onPress: (event) => {
        isMarking = event.shiftKey;
      },
      onClick: () => {
        const at = pointAt(chart, chart.cursor.left ?? -1);
        if (at !== undefined) point.current?.(at);
      },
      onDoubleClick: shared.zoomOut,
    });
    keys.current = {
      move: (steps) => {
        const now = chart.cursor.idx ?? timesMs.length - 1;
        const index = Math.min(timesMs.length - 1, Math.max(0, now + steps));
        const left = chart.valToPos(seconds[index] as number, 'x');
        const value = columns.find((column) => typeof column[index] === 'number')?.[index];
        const isSet = chart.cursor.top !== undefined && chart.cursor.top >= 0;
        const top = isSet ? (chart.cursor.top as number) : chart.valToPos(value ?? 0, 'y');
        chart.setCursor({ left, top });
      },
      turn: (direction) => {
        const index = chart.cursor.idx ?? timesMs.length - 1;
        const left = chart.valToPos(seconds[index] as number, 'x');
        const held = columns
          .map((column) => column[index])
          .filter((value) => typeof value === 'number')
          .toSorted((a, b) => a - b);
        const near = columns[nearestAt(chart, index)]?.[index];
        const next = held.lastIndexOf(near ?? Number.NaN) + direction;
        const value = held[Math.min(held.length - 1, Math.max(0, next))];
        if (value !== undefined) chart.setCursor({ left, top: chart.valToPos(value, 'y') });
      },
      open: () => {
        const at = pointAt(chart, chart.cursor.left ?? -1);
        if (at !== undefined) point.current?.(at);
      },
      leave: () => chart.setCursor({ left: -10, top: -10 }),
    };

    const stop = onCrosshair((ms, source) => {
      if (source === chart) return;
      silent = true;
      const left = ms === null ? -10 : chart.valToPos(ms / 1000, 'x');
      chart.setCursor({ left, top: left < 0 ? -10 : 1 });
      silent = false;
    });
    return () => {
      stop();
      unlisten();
      chart.destroy();
      plot.current = undefined;
    };
  }, [
    visible,
    columns,
    seconds,
    kind,
    isSized,
    isLow,
    f,
    shared,
    show,
    dark,
    axes,
    base,
    unit,
    axisPx,
    m,
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are read where they are drawn.
  useEffect(() => plot.current?.redraw(false), [marks]);
  // Another size is no other chart: its paths are drawn anew, its data stays.
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);

  return (
    <div className={classNames(css.chart, stale && css.stale)}>
      <div
        ref={host}
        className={css.plot}
        style={{ height }}
        role="img"
        aria-label={m.chart(title)}
        title=""
        tabIndex={onPoint === undefined ? undefined : 0}
        aria-description={onPoint === undefined ? undefined : m.pointKeys}
        onKeyDown={(event) => {
          if (onPoint !== undefined) chartKeys(event, keys.current);
        }}
      >
        <div ref={tip} className={css.tip} aria-hidden />
      </div>
      {legend && (
        <Legend
          series={series}
          tokens={tokens}
          isolated={isolated}
          onIsolate={(names) => {
            setIsolated(names);
            onIsolate?.(names);
          }}
          format={show}
        />
      )}
    </div>
  );
}

/** The bin that holds the instant: the last one that begins at or before it. */
function indexAt(timesMs: readonly number[], ms: number): number | null {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : low - 1;
}
