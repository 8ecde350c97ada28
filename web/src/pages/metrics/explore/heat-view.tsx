import { Grid3x3 } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { WireMatrixItem } from '../../../api/metrics.ts';
import { HeatMap } from '../../../charts/heat-map.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Empty, Skeleton } from '../../../ui/states.tsx';
import css from './explore.module.css';
import type { PickedPoint } from './graph.tsx';
import { heatOf, histogramKind } from './histogram-result.ts';
import { sharedLabels } from './series-model.ts';
import { boundUnitOf, plainValue, valueFormat } from './unit.ts';
import { useHeight } from './use-height.ts';
import type { Outcome } from './use-results.ts';
import { exploreWords } from './words.ts';

/** Colour scale, gaps and the head of a query's own heat map. */
const aroundPx = 40;
const headPx = 28;
const minPlotHeight = 160;

/** A heat map for each query whose answer has buckets. */
export function HeatView({
  outcomes,
  onPoint,
}: {
  readonly outcomes: readonly Outcome<WireMatrixItem>[];
  readonly onPoint: (point: PickedPoint) => void;
}): ReactNode {
  const m = useMessages(exploreWords);
  const [frame, height] = useHeight();
  const shown = outcomes.filter((one) => histogramKind(one.answer?.result ?? []) !== undefined);
  const isWaiting = outcomes.some((one) => one.answer === undefined && one.error === null);
  const isAlone = outcomes.length === 1;
  const each = Math.floor(height / Math.max(1, shown.length)) - aroundPx - (isAlone ? 0 : headPx);
  return (
    <div ref={frame} className={css.plot}>
      {shown.length === 0 ? (
        isWaiting ? (
          <Skeleton height="100%" />
        ) : (
          outcomes.every((one) => one.error === null) && (
            <Empty icon={Grid3x3} title={m.noHistogram} text={m.noHistogramText} />
          )
        )
      ) : (
        height > 0 &&
        shown.map((outcome) => (
          <section key={outcome.asked.letter}>
            {!isAlone && (
              <h2 className={css.heatHead}>
                <span className={css.letterMark}>{outcome.asked.letter}</span>
                <code className={css.heatExpr}>{outcome.asked.expr}</code>
              </h2>
            )}
            <QueryHeat outcome={outcome} height={Math.max(minPlotHeight, each)} onPoint={onPoint} />
          </section>
        ))
      )}
    </div>
  );
}

function QueryHeat({
  outcome,
  height,
  onPoint,
}: {
  readonly outcome: Outcome<WireMatrixItem>;
  readonly height: number;
  readonly onPoint: (point: PickedPoint) => void;
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const { asked, answer, isStale } = outcome;
  const model = useMemo(
    () => (answer === undefined ? undefined : heatOf(answer.result, answer.grid)),
    [answer],
  );
  const formatBound = useMemo(() => valueFormat(boundUnitOf(asked.expr), f), [asked.expr, f]);
  const formatCount = useMemo(
    () =>
      /\b(?:rate|irate)\s*\(/.test(asked.expr)
        ? (value: number) => `${plainValue(value, f.language)}/s`
        : (value: number) => plainValue(value, f.language),
    [asked.expr, f],
  );
  if (model === undefined || answer === undefined) return null;
  if (model.counts.length === 0) {
    return <Empty icon={Grid3x3} title={m.noObservations} text={m.noObservationsText} />;
  }
  return (
    <HeatMap
      title={m.heatOf(asked.expr)}
      model={model}
      height={height}
      formatBound={formatBound}
      formatCount={formatCount}
      stale={isStale}
      onPoint={(point) => {
        const { le: _, ...labels } = sharedLabels(answer.result.map((item) => item.metric));
        onPoint({
          ...point,
          labels,
          letter: asked.letter,
          text: point.value === undefined ? '' : formatCount(point.value),
        });
      }}
    />
  );
}
