import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { isDark, usePreferences } from '../state/preferences.ts';
import { useSharedRange } from '../time/shared-range.tsx';
import { classNames } from '../ui/class-names.ts';
import { seriesTokens, token } from './colors.ts';
import { onCrosshair, setCrosshair } from './crosshair.ts';
import { Legend } from './legend.tsx';
import { plotOptions } from './plot-options.ts';
import { stack, type Values } from './series-stats.ts';
import css from './time-chart.module.css';
import { chartWords } from './words.ts';

export interface TimeSeries {
  /** Unique in the chart; also what its colour is made of. */
  readonly name: string;
  /** One per time; null is a gap. */
  readonly values: Values;
  /** A token's name such as `--critical` where the colour means something. */
  readonly colorToken?: string;
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
}

/** A tooltip with more lines covers what it explains. */
const maxTipRows = 12;

/**
 * Series over the page's shared range: drag zooms every part of the page, double click goes back,
 * the crosshair is the page's. Clicking a legend entry isolates it, shift-click adds.
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

  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` changes what token() returns.
  useEffect(() => {
    if (host.current === null || width === 0) return;
    const isStacked = kind === 'stacked' || kind === 'stacked-bars';
    const values = visible.map((one) => one.values);
    const columns = isStacked ? stack(values).toReversed() : values;
    const seconds = timesMs.map((ms) => ms / 1000);
    const colored = visible.map((one) => ({ ...one, color: token(one.tokenName) }));
    let silent = false;
    const chart = new uPlot(
      plotOptions(
        {
          kind,
          width,
          height,
          zone: f.zone,
          locale: f.language,
          fromMs: shared.fromMs,
          toMs: shared.toMs,
          binMs,
          formatValue: show,
          axes,
          base,
        },
        colored,
        {
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              const from = u.posToVal(u.select.left, 'x') * 1000;
              const to = u.posToVal(u.select.left + u.select.width, 'x') * 1000;
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              shared.zoomTo(from, to);
            },
          ],
          setCursor: [
            (u) => {
              const left = u.cursor.left ?? -1;
              if (!silent) setCrosshair(left < 0 ? null : u.posToVal(left, 'x') * 1000, u);
              showTip(u, left, silent);
            },
          ],
        },
      ),
      [seconds, ...columns] as uPlot.AlignedData,
      host.current,
    );
    plot.current = chart;
    chart.over.addEventListener('dblclick', shared.zoomOut);

    const showTip = (u: uPlot, left: number, isRemote: boolean): void => {
      const box = tip.current;
      if (box === null) return;
      const index =
        binMs === undefined ? u.cursor.idx : indexAt(timesMs, u.posToVal(left, 'x') * 1000);
      if (left < 0 || isRemote || index === null || index === undefined) {
        box.style.display = 'none';
        return;
      }
      box.replaceChildren(
        ...tipContent(
          f.logTime(timesMs[index] as number),
          colored
            .map((one) => ({ name: one.name, color: one.color, value: one.values[index] ?? null }))
            .filter((row) => row.value !== null && (row.value !== 0 || colored.length === 1))
            .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0)),
          show,
          m.moreSeries,
        ),
      );
      box.style.display = 'block';
      const over = u.over.getBoundingClientRect();
      const at = left + over.left - u.root.getBoundingClientRect().left;
      const flips = left > over.width / 2;
      box.style.transform = `translate(${flips ? at - box.offsetWidth - 12 : at + 12}px, 4px)`;
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
      chart.destroy();
      plot.current = undefined;
    };
  }, [visible, timesMs, kind, width, height, f, shared, show, dark, axes, base, binMs, m]);

  return (
    <div className={classNames(css.chart, stale && css.stale)}>
      <div
        ref={host}
        className={css.plot}
        style={{ height }}
        role="img"
        aria-label={m.chart(title)}
        title=""
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

interface TipRow {
  readonly name: string;
  readonly color: string;
  readonly value: number | null;
}

/** Plain elements, not React: it changes with every move of the mouse. */
function tipContent(
  time: string,
  rows: readonly TipRow[],
  show: (value: number) => string,
  more: (count: string) => string,
): HTMLElement[] {
  const div = (className: string | undefined, text = ''): HTMLElement => {
    const element = document.createElement('div');
    if (className !== undefined) element.className = className;
    element.textContent = text;
    return element;
  };
  const lines = rows.slice(0, maxTipRows).map((row) => {
    const line = div(css.tipRow);
    const swatch = div(css.swatch);
    swatch.style.background = row.color;
    line.append(
      swatch,
      div(css.tipName, row.name),
      div(css.tipValue, row.value === null ? '' : show(row.value)),
    );
    return line;
  });
  if (rows.length > maxTipRows)
    lines.push(div(css.tipTime, more(String(rows.length - maxTipRows))));
  return [div(css.tipTime, time), ...lines];
}
