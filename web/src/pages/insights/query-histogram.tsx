import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { Histogram } from '../../charts/histogram.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import css from './insights.module.css';
import { levelQuery, splitByLevel } from './level-split.ts';
import { RunStore } from './run-store.ts';
import type { Insights as InsightsModel } from './use-insights.ts';
import { insightsWords } from './words.ts';

const histogramHeight = 88;
const lowHistogramHeight = 60;

/** Matching events over time; by level once the answer is there. */
export function QueryHistogram({ model }: { readonly model: InsightsModel }): ReactNode {
  const m = useMessages(insightsWords);
  const shared = useSharedRange();
  const { histogram } = model.state;
  const empty = useMemo(
    () => ({ fromMs: shared.fromMs, binMs: Math.max(1, shared.toMs - shared.fromMs), counts: [0] }),
    [shared.fromMs, shared.toMs],
  );
  const shown = histogram ?? empty;
  const split = useLevels(model);
  const levels = split ?? { other: shown.counts };
  if (histogram === undefined && model.state.phase === 'ended') return null;
  return (
    <div className={css.histogram}>
      <Histogram
        title={m.matchingEvents}
        fromMs={shown.fromMs}
        binMs={shown.binMs}
        levels={levels}
        height={window.innerHeight < 700 ? lowHistogramHeight : histogramHeight}
        stale={model.state.phase === 'starting'}
      />
    </div>
  );
}

/** To find levels, every matching event is read once more: not where they are this many. */
const maxSplitEvents = 5_000_000;

/** The histogram's counts by level, by a query of its own that a new question cancels. */
function useLevels(model: InsightsModel): ReturnType<typeof splitByLevel> {
  const [store] = useState(() => new RunStore());
  const run = useSyncExternalStore(store.subscribe, store.state);
  const { phase, status, request, histogram, statistics } = model.state;
  const matched = statistics?.recordsMatched ?? 0;
  const canSplit =
    phase === 'ended' && status === 'Complete' && matched > 0 && matched <= maxSplitEvents;
  const binMs = histogram?.binMs;
  useEffect(() => {
    if (!canSplit || request?.language !== 'CWLI' || binMs === undefined) return;
    store.start({ ...request, text: levelQuery(request.text, binMs) });
    return () => store.reset();
  }, [store, canSplit, request, binMs]);
  const { table } = run;
  const isDone = run.phase === 'ended' && run.status === 'Complete' && !run.isStale;
  return useMemo(
    () => (isDone && table && histogram ? splitByLevel(table, histogram) : undefined),
    [isDone, table, histogram],
  );
}
