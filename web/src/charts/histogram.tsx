import { type ReactNode, useMemo } from 'react';
import type { WireLevel } from '../api/logs.ts';
import { useMessages } from '../i18n/messages.ts';
import { TimeChart, type TimeSeries } from './time-chart.tsx';
import { chartWords } from './words.ts';

/** From the ground up: trouble stands on top, where a thin sliver of it is still seen. */
const levels: readonly { readonly level: WireLevel; readonly colorToken: string }[] = [
  { level: 'other', colorToken: '--series-count' },
  { level: 'debug', colorToken: '--series-other' },
  { level: 'info', colorToken: '--series-count' },
  { level: 'warn', colorToken: '--warning' },
  { level: 'error', colorToken: '--critical' },
];

export interface HistogramProps {
  readonly title: string;
  readonly fromMs: number;
  readonly binMs: number;
  /** Counts by level; for counts of no known level give `{ other: counts }`. */
  readonly levels: Readonly<Partial<Record<WireLevel, readonly number[]>>>;
  readonly height?: number;
  readonly stale?: boolean;
}

/** Events over time in equal bins, stacked by level; drag zooms the page. */
export function Histogram({
  title,
  fromMs,
  binMs,
  levels: counts,
  height = 96,
  stale = false,
}: HistogramProps): ReactNode {
  const m = useMessages(chartWords);
  const { timesMs, series } = useMemo(() => {
    const bins = Math.max(0, ...Object.values(counts).map((values) => values.length));
    const only = Object.keys(counts).length === 1;
    const shown: TimeSeries[] = [];
    for (const { level, colorToken } of levels) {
      const values = counts[level];
      if (values === undefined) continue;
      shown.push({
        name: only && level === 'other' ? m.events : m[level],
        values,
        colorToken,
      });
    }
    return {
      timesMs: Array.from({ length: bins }, (_, bin) => fromMs + bin * binMs),
      series: shown,
    };
  }, [counts, fromMs, binMs, m]);
  return (
    <TimeChart
      title={title}
      kind="stacked-bars"
      timesMs={timesMs}
      series={series}
      height={height}
      binMs={binMs}
      stale={stale}
    />
  );
}
