import { type ReactNode, useMemo } from 'react';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import type { ChartSpec } from './chart-spec.ts';
import { EventLane } from './event-lane.tsx';
import { chartGrid } from './grid.ts';
import { type Happening, marksOf } from './happening.ts';
import css from './subject.module.css';
import { SubjectChart } from './subject-chart.tsx';

export interface SubjectTab {
  readonly value: string;
  readonly label: string;
  readonly note?: string | undefined;
  readonly content: ReactNode;
}

/**
 * The frame of a page about one thing: its header, below it what happened and its charts over one
 * time axis, beside them its logs, events, specification and relatives.
 */
export function SubjectFrame({
  header,
  happenings,
  isLoadingHappenings,
  lanes,
  charts,
  tabs,
  logs,
}: {
  readonly header: ReactNode;
  readonly happenings: readonly Happening[];
  readonly isLoadingHappenings: boolean;
  /** Between the strip and the charts. */
  readonly lanes?: ReactNode;
  readonly charts: readonly ChartSpec[];
  readonly tabs: readonly SubjectTab[];
  readonly logs: Readonly<Record<string, unknown>>;
}): ReactNode {
  const setView = useSetView();
  const { fromMs, toMs } = useSharedRange();
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const marks = useMemo(() => marksOf(happenings), [happenings]);
  const [first] = tabs;
  const wanted = useTextParam('tab');
  const tab = tabs.find(({ value }) => value === wanted)?.value ?? first?.value ?? '';
  return (
    <div className={css.page}>
      {header}
      <div className={css.body}>
        <div className={css.charts}>
          <EventLane happenings={happenings} isLoading={isLoadingHappenings} />
          {lanes}
          {charts.map((spec) => (
            <SubjectChart key={spec.id} spec={spec} grid={grid} marks={marks} logs={logs} />
          ))}
        </div>
        <div className={css.side}>
          <Tabs
            value={tab}
            onChange={(value) =>
              setView({ tab: value === first?.value ? undefined : value }, { replace: true })
            }
            tabs={tabs.map(({ note, ...rest }) => ({ ...rest, note }))}
          />
        </div>
      </div>
    </div>
  );
}
