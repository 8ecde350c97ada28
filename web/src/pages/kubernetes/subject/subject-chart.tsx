import type { ReactNode } from 'react';
import { useState } from 'react';
import type { ChartMark } from '../../../charts/chart-marks.ts';
import type { ChartPoint } from '../../../charts/chart-point.ts';
import { TimeChart, type TimeSeries } from '../../../charts/time-chart.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { ErrorState, Skeleton } from '../../../ui/states.tsx';
import type { Grid } from '../../metrics/explore/series-model.ts';
import { kubernetesWords } from '../words.ts';
import { type ChartSpec, formatOf } from './chart-spec.ts';
import { MomentMenu } from './moment-menu.tsx';
import css from './subject.module.css';
import { useChart } from './use-chart.ts';

/** Wide enough for `512 MiB/s`: all charts of a page begin at the same place. */
const axisPx = 68;
const chartHeight = 116;
/** Nothing needs no room. */
const noDataPx = 56;

/** A chart of the page with its name and the last values as its legend. */
export function SubjectChart({
  spec,
  grid,
  marks,
  logs,
}: {
  readonly spec: ChartSpec;
  readonly grid: Grid;
  readonly marks: readonly ChartMark[];
  /** What a link to Logs Insights asks for. */
  readonly logs: Readonly<Record<string, unknown>>;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const data = useChart(spec, grid);
  const [point, setPoint] = useState<ChartPoint>();
  const format = formatOf(spec.unit, f);
  const height = spec.height ?? chartHeight;
  const isEmpty = data.series.every((one) => one.values.every((value) => value === null));
  const bounds = data.series.filter((one) => one.isBound === true);
  const lines = data.series.filter((one) => one.isBound !== true);
  const listed =
    data.series.length <= maxLegend
      ? data.series
      : [...lines.toSorted(byLast).slice(0, manyLegend), ...bounds];
  const isNothing = lines.every((one) =>
    one.values.every((value) => value === null || value === 0),
  );
  if (spec.isOptional === true && isNothing) return null;
  return (
    <section className={css.chart} aria-label={spec.title}>
      <h2 className={css.chartTitle}>{spec.title}</h2>
      <ul className={css.legend}>
        {listed.map((one) => {
          const last = one.values.findLast((value) => value !== null) ?? null;
          return (
            <li key={one.name} title={one.name}>
              <LegendSwatch token={one.colorToken} isBound={one.isBound === true} />
              <span className={css.legendName}>{one.name}</span>
              <span className={css.legendValue}>{last === null ? '' : format(last)}</span>
            </li>
          );
        })}
        {data.series.length > listed.length && (
          <li className={css.more}>+{f.number(data.series.length - listed.length)}</li>
        )}
      </ul>
      {data.error !== null ? (
        <ErrorState error={data.error} onRetry={data.retry} />
      ) : data.isLoading ? (
        <Skeleton height={height} />
      ) : isEmpty ? (
        <div className={css.noData} style={{ height: Math.min(height, noDataPx) }}>
          {m.noData}
        </div>
      ) : (
        <TimeChart
          title={spec.title}
          timesMs={data.timesMs}
          series={data.series}
          kind={spec.kind ?? 'lines'}
          height={height}
          formatValue={format}
          stale={data.isStale}
          unit={spec.unit === 'bytes' || spec.unit === 'bytesPerSecond' ? 'bytes' : 'plain'}
          axisPx={axisPx}
          marks={marks}
          onPoint={setPoint}
        />
      )}
      {point !== undefined && (
        <MomentMenu
          point={point}
          text={point.value === undefined ? '' : format(point.value)}
          exprs={spec.lines.map((line) => line.expr)}
          logs={logs}
          onClose={() => setPoint(undefined)}
        />
      )}
    </section>
  );
}

/** Names of pods are long: with many of them the first few are told, the rest is on the chart. */
const maxLegend = 5;
const manyLegend = 2;

const lastOf = ({ values }: TimeSeries): number =>
  values.findLast((value) => value !== null) ?? Number.NEGATIVE_INFINITY;
const byLast = (a: TimeSeries, b: TimeSeries): number => lastOf(b) - lastOf(a);

function LegendSwatch({
  token,
  isBound,
}: {
  readonly token: string | undefined;
  readonly isBound: boolean;
}): ReactNode {
  return (
    <span
      className={isBound ? css.bound : css.swatch}
      style={{ ['--mark-color' as string]: `var(${token ?? '--series-count'})` }}
    />
  );
}
