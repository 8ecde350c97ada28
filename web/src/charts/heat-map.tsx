import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { isDark, usePreferences } from '../state/preferences.ts';
import { useSharedRange } from '../time/shared-range.tsx';
import { classNames } from '../ui/class-names.ts';
import { type ChartKeys, type ChartPoint, chartKeys, placeIn } from './chart-point.ts';
import { placeTip, tipFacts } from './chart-tip.ts';
import { token } from './colors.ts';
import { onCrosshair, setCrosshair } from './crosshair.ts';
import heatCss from './heat-map.module.css';
import {
  cellAt,
  columnCount,
  type HeatModel,
  type HeatScale,
  heatLevel,
  heatLevels,
  heatScale,
} from './heat-model.ts';
import { axisFont, timeAxis, timeZoneOf } from './plot-options.ts';
import { listenToPointer } from './pointer.ts';
import { axisWidth, decadeTicks, thinned } from './ticks.ts';
import css from './time-chart.module.css';
import { chartWords } from './words.ts';

export interface HeatMapProps {
  /** What it shows, for people who do not see it. */
  readonly title: string;
  readonly model: HeatModel;
  /** Of the plot, without the colour scale above it. */
  readonly height: number;
  readonly formatBound: (value: number) => string;
  readonly formatCount: (value: number) => string;
  readonly stale?: boolean;
  /** As of a time chart; `value` is the count of the bucket. */
  readonly onPoint?: (point: ChartPoint) => void;
}

const minTickGapPx = 20;

/**
 * Buckets of a histogram over the page's range: darkness (light, in the dark theme) is how many
 * observations fell into a bucket. Zoom, crosshair and keys are those of time charts.
 */
export function HeatMap({
  title,
  model,
  height,
  formatBound,
  formatCount,
  stale = false,
  onPoint,
}: HeatMapProps): ReactNode {
  const m = useMessages(chartWords);
  const f = useFormat();
  const preferences = usePreferences();
  const shared = useSharedRange();
  const host = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const needle = useRef<HTMLDivElement>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  const keys = useRef<ChartKeys>(undefined);
  const [width, setWidth] = useState(0);
  const dark = isDark(preferences);
  const scale = useMemo(() => heatScale(model), [model]);

  useEffect(() => {
    const observer = new ResizeObserver((entries) => {
      setWidth(Math.floor(entries[0]?.contentRect.width ?? 0));
    });
    if (host.current !== null) observer.observe(host.current);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` changes what token() returns.
  useEffect(() => {
    if (host.current === null || width === 0) return;
    const { timesMs, stepMs } = model;
    const { fromMs, toMs } = shared;
    let isMarking = false;
    let isSilent = false;
    const chart = new uPlot(
      {
        width,
        height,
        ms: 1e-3,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        ...timeZoneOf(f.zone),
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
        },
        scales: {
          x: { time: true, range: () => [fromMs / 1000, toMs / 1000] },
          y: { range: () => [scale.min, scale.max] },
        },
        axes: [
          timeAxis(height < 120),
          {
            stroke: token('--text-3'),
            font: axisFont(),
            grid: { show: false },
            ticks: { stroke: token('--line'), width: 1, size: 4 },
            border: { show: false },
            gap: 4,
            size: axisWidth,
            splits: (u) => boundTicks(model, scale, u.over.clientHeight || height - 44),
            values: (_, splits) => splits.map((place) => formatBound(scale.valueAt(place))),
          },
        ],
        series: [{}, { show: true, stroke: 'transparent', points: { show: false } }],
        hooks: {
          drawClear: [(u) => drawCells(u, model, scale, heatColors())],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              const from = u.posToVal(u.select.left, 'x') * 1000;
              const to = u.posToVal(u.select.left + u.select.width, 'x') * 1000;
              const end = u.select.left + u.select.width;
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              if (!isMarking || point.current === undefined) shared.zoomTo(from, to);
              else point.current({ ...placeIn(u, end), fromMs: from, toMs: to });
            },
          ],
          setCursor: [
            (u) => {
              const left = u.cursor.left ?? -1;
              if (!isSilent) setCrosshair(left < 0 ? null : u.posToVal(left, 'x') * 1000, u);
              showTip(u, left);
            },
          ],
        },
      },
      [timesMs.map((ms) => ms / 1000), timesMs.map(() => null)] as uPlot.AlignedData,
      host.current,
    );

    /** The moment whose cells are at a place: they reach from the moment before to it. */
    const columnAt = (left: number): number => {
      const ms = chart.posToVal(left, 'x') * 1000;
      return Math.ceil((ms - (timesMs[0] ?? 0)) / stepMs);
    };
    const found = (left: number): { readonly column: number; readonly cell: number } => {
      const column = columnAt(left);
      const place = chart.posToVal(chart.cursor.top ?? -1, 'y');
      return { column, cell: cellAt(model, scale, column, place) };
    };
    const bucketText = (cell: number): string => {
      const lower = model.lower[cell] as number;
      const upper = model.upper[cell] as number;
      if (upper === Number.POSITIVE_INFINITY) return m.above(formatBound(lower));
      if (lower === Number.NEGATIVE_INFINITY) return m.below(formatBound(upper));
      return `${formatBound(lower)} – ${formatBound(upper)}`;
    };
    const showTip = (u: uPlot, left: number): void => {
      const box = tip.current;
      if (box === null) return;
      const { column, cell } = found(left);
      const timeMs = timesMs[column];
      const isIn = left >= 0 && !isSilent && timeMs !== undefined;
      if (needle.current !== null) {
        needle.current.style.display = isIn && cell >= 0 ? 'block' : 'none';
      }
      if (!isIn) {
        box.style.display = 'none';
        return;
      }
      const total = columnCount(model, column);
      const facts: (readonly [string, string])[] = [];
      if (cell >= 0) {
        const count = model.counts[cell] as number;
        facts.push([m.heatBucket, bucketText(cell)], [m.heatCount, formatCount(count)]);
        facts.push([m.heatShare, f.percent(count / total)]);
        if (needle.current !== null) {
          needle.current.style.left = `${Math.sqrt(count / model.maxCount) * 100}%`;
        }
      } else facts.push([m.heatCount, formatCount(0)]);
      box.replaceChildren(...tipFacts(f.logTime(timeMs), facts));
      placeTip(box, u.over, left);
    };
    const take = (): void => {
      const left = chart.cursor.left ?? -1;
      const { column, cell } = found(left);
      const atMs = timesMs[column];
      if (atMs === undefined || left < 0) return;
      point.current?.({
        ...placeIn(chart, left),
        fromMs: atMs,
        toMs: atMs,
        ...(cell < 0 ? {} : { series: bucketText(cell), value: model.counts[cell] as number }),
      });
    };
    const unlisten = listenToPointer(chart.over, {
      onPress: (event) => {
        isMarking = event.shiftKey;
      },
      onClick: take,
      onDoubleClick: shared.zoomOut,
    });
    const setAt = (column: number, top: number): void => {
      const index = Math.min(timesMs.length - 1, Math.max(0, column));
      const seconds = ((timesMs[index] as number) - stepMs / 2) / 1000;
      chart.setCursor({ left: Math.max(0, chart.valToPos(seconds, 'x')), top });
    };
    const now = (): { readonly column: number; readonly top: number } => {
      const left = chart.cursor.left ?? -1;
      return left < 0
        ? { column: timesMs.length, top: chart.over.clientHeight / 2 }
        : { column: columnAt(left), top: chart.cursor.top ?? 0 };
    };
    keys.current = {
      move: (steps) => setAt(now().column + steps, now().top),
      turn: (direction) => {
        const { column, top } = now();
        const next = top - direction * Math.max(4, chart.over.clientHeight / 24);
        setAt(column, Math.min(chart.over.clientHeight - 1, Math.max(0, next)));
      },
      open: take,
      leave: () => chart.setCursor({ left: -10, top: -10 }),
    };
    const stop = onCrosshair((ms, source) => {
      if (source === chart) return;
      isSilent = true;
      const left = ms === null ? -10 : chart.valToPos(ms / 1000, 'x');
      chart.setCursor({ left, top: left < 0 ? -10 : 1 });
      isSilent = false;
    });
    return () => {
      stop();
      unlisten();
      chart.destroy();
    };
  }, [model, scale, width, height, f, shared, formatBound, formatCount, dark, m]);

  return (
    <div className={classNames(css.chart, stale && css.stale)}>
      <div className={heatCss.scale} role="img" aria-label={m.heatScale}>
        <span>0</span>
        <div className={heatCss.ramp}>
          <div ref={needle} className={heatCss.needle} />
        </div>
        <span title={m.heatScale}>{formatCount(model.maxCount)}</span>
      </div>
      <div
        ref={host}
        className={css.plot}
        style={{ height }}
        role="img"
        aria-label={m.chart(title)}
        aria-description={m.pointKeys}
        title=""
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows and Enter work on it, see chartKeys.
        tabIndex={0}
        onKeyDown={(event) => chartKeys(event, keys.current)}
      >
        <div ref={tip} className={css.tip} aria-hidden />
      </div>
    </div>
  );
}

/** Places of the lines of the value axis: ends of buckets where they can be told apart, else round values. */
function boundTicks(model: HeatModel, scale: HeatScale, heightPx: number): number[] {
  const perPlace = heightPx / (scale.max - scale.min);
  const { bounds } = model;
  const maxCount = Math.max(2, Math.floor(heightPx / minTickGapPx));
  const low = scale.kind === 'log' ? bounds.find((bound) => bound > 0) : undefined;
  const high = bounds.at(-1);
  const round = bounds.filter((bound) => Number(bound.toPrecision(2)) === bound).length;
  const areRound = round >= bounds.length * 0.8;
  const values =
    low !== undefined && high !== undefined && (!areRound || bounds.length > maxCount * 1.5)
      ? decadeTicks(low, high, maxCount)
      : bounds.filter((bound) => scale.kind === 'linear' || bound > 0);
  return [...thinned(values, (value) => scale.placeOf(value) * perPlace, minTickGapPx)].map(
    (value) => scale.placeOf(value),
  );
}

/** From few to many observations, in the theme that is on. */
function heatColors(): readonly string[] {
  const [low, middle, high] = [token('--heat-1'), token('--heat-2'), token('--heat-3')];
  return Array.from({ length: heatLevels }, (_, level) => {
    const share = level / (heatLevels - 1);
    return share <= 0.5
      ? `color-mix(in oklch, ${middle} ${share * 200}%, ${low})`
      : `color-mix(in oklch, ${high} ${(share - 0.5) * 200}%, ${middle})`;
  });
}

/** Cells of one colour together: setting a colour costs more than a rectangle. */
function drawCells(u: uPlot, model: HeatModel, scale: HeatScale, colors: readonly string[]): void {
  const { ctx, bbox } = u;
  const { timesMs, stepMs, offsets, lower, upper, counts, maxCount } = model;
  const byLevel: number[][] = colors.map(() => []);
  for (let column = 0; column < timesMs.length; column++) {
    const ms = timesMs[column] as number;
    const left = Math.round(u.valToPos((ms - stepMs) / 1000, 'x', true));
    const right = Math.round(u.valToPos(ms / 1000, 'x', true));
    // Cells of half a pixel apart would flicker; wide ones get a hair of room between them.
    const gap = right - left > 6 ? 1 : 0;
    const end = offsets[column + 1] ?? 0;
    for (let cell = offsets[column] ?? 0; cell < end; cell++) {
      const top = Math.round(u.valToPos(scale.placeOf(upper[cell] as number), 'y', true));
      const bottom = Math.round(u.valToPos(scale.placeOf(lower[cell] as number), 'y', true));
      const room = bottom - top > 24 ? 1 : 0;
      byLevel[heatLevel(counts[cell] as number, maxCount)]?.push(
        left,
        top,
        Math.max(1, right - left - gap),
        Math.max(1, bottom - top - room),
      );
    }
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [level, rects] of byLevel.entries()) {
    ctx.fillStyle = colors[level] as string;
    for (let at = 0; at < rects.length; at += 4) {
      ctx.fillRect(
        rects[at] as number,
        rects[at + 1] as number,
        rects[at + 2] as number,
        rects[at + 3] as number,
      );
    }
  }
  ctx.restore();
}
