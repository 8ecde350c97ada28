import { ChartLine } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Labels, WireMatrixItem } from '../../../api/metrics.ts';
import type { ChartPoint } from '../../../charts/chart-point.ts';
import { TimeChart } from '../../../charts/time-chart.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Empty, Skeleton } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { type GraphModel, type Grid, graphModel, sharedLabels } from './series-model.ts';
import { tickUnitOf, unitOf, valueFormat } from './unit.ts';
import { useHeight } from './use-height.ts';
import type { Outcome } from './use-results.ts';
import { exploreWords } from './words.ts';

export interface GraphProps {
  readonly outcomes: readonly Outcome<WireMatrixItem>[];
  readonly grid: Grid;
  readonly isStacked: boolean;
  /** The series that are looked at: all, or those that the legend isolates. */
  readonly onLook: (model: GraphModel, isolated: readonly string[]) => void;
  readonly onPoint: (point: PickedPoint) => void;
}

/** A point of the graph with what is known of its series. */
export interface PickedPoint extends ChartPoint {
  /** Of its series; of all, where none was meant. */
  readonly labels: Labels;
  /** Of its query; undefined: of any. */
  readonly letter: string | undefined;
  readonly text: string;
}

const legendRowHeight = 24;
const maxLegendHeight = 216;
const minPlotHeight = 180;

/** All queries in one chart with its legend as a table. */
export function Graph({ outcomes, grid, isStacked, onLook, onPoint }: GraphProps): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const [frame, height] = useHeight();
  const model = useGraphModel(outcomes, grid);
  const unit = useMemo(() => {
    const units = new Set(outcomes.map((one) => unitOf(one.asked.expr)));
    const [only] = units;
    return units.size === 1 && only !== undefined ? only : 'plain';
  }, [outcomes]);
  const format = useMemo(() => valueFormat(unit, f), [unit, f]);
  const [isolated, setIsolated] = useState<readonly string[]>([]);
  useEffect(() => onLook(model, isolated), [model, isolated, onLook]);

  const isWaiting = outcomes.some((one) => one.answer === undefined && one.error === null);
  const legend = Math.min(maxLegendHeight, legendRowHeight * (1 + model.series.length));
  const exprs = outcomes.map((one) => one.asked.expr).join(', ');
  return (
    <div className={css.frame}>
      {model.more > 0 && <div className={css.note}>{m.moreSeries(f.number(model.more))}</div>}
      <div ref={frame} className={css.plot}>
        {model.series.length === 0 ? (
          isWaiting ? (
            <Skeleton height="100%" />
          ) : (
            outcomes.every((one) => one.error === null) && (
              <Empty icon={ChartLine} title={m.noData} text={m.noDataText} />
            )
          )
        ) : (
          height > 0 && (
            <TimeChart
              title={m.graphOf(exprs)}
              timesMs={model.timesMs}
              series={model.series}
              kind={isStacked ? 'stacked' : 'lines'}
              base={!isStacked && isFarFromZero(model) ? 'data' : 'zero'}
              height={Math.max(minPlotHeight, height - legend - 12)}
              formatValue={format}
              legend
              stale={outcomes.some((one) => one.isStale)}
              onIsolate={setIsolated}
              unit={tickUnitOf(unit)}
              onPoint={(point) => {
                const own = point.series === undefined ? undefined : model.labels.get(point.series);
                onPoint({
                  ...point,
                  labels: own ?? sharedLabels([...model.labels.values()]),
                  letter: model.letters.get(point.series ?? ''),
                  text: point.value === undefined ? '' : format(point.value),
                });
              }}
            />
          )
        )}
      </div>
    </div>
  );
}

/** Built anew only when an answer changed: a thousand series are too many to build for every render. */
function useGraphModel(outcomes: readonly Outcome<WireMatrixItem>[], grid: Grid): GraphModel {
  const known = useRef<{ readonly key: readonly unknown[]; readonly model: GraphModel }>(undefined);
  const fresh = outcomes.find((one) => one.answer !== undefined && !one.isStale);
  const shown = fresh ?? outcomes.find((one) => one.answer !== undefined);
  const shownGrid = shown?.answer?.grid ?? grid;
  const key = [shownGrid, ...outcomes.flatMap((one) => [one.asked.letter, one.answer])];
  const before = known.current;
  if (
    before !== undefined &&
    before.key.length === key.length &&
    before.key.every((part, index) => part === key[index])
  ) {
    return before.model;
  }
  const model = graphModel(
    outcomes.flatMap(({ asked, answer }) =>
      answer === undefined
        ? []
        : [{ letter: asked.letter, expr: asked.expr, items: answer.result }],
    ),
    shownGrid,
  );
  known.current = { key, model };
  return model;
}

/** Values whose spread is small beside their distance from zero: on an axis from zero, a flat line. */
function isFarFromZero(model: GraphModel): boolean {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const { values } of model.series) {
    for (const value of values) {
      if (value === null) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min > 0 && max > min && (max - min) / max < 0.2;
}
