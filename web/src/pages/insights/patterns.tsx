import { Filter, FilterX, Shapes } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { WireQueryRequest } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { SearchInput } from '../../ui/field.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Empty, ErrorState, SkeletonLines, StatusIcon, type StatusKind } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import {
  maxPatterns,
  type PatternRow,
  patternQuery,
  patternsOf,
  withPattern,
} from './pattern-query.ts';
import css from './patterns.module.css';
import { RunStore } from './run-store.ts';
import { insightsWords } from './words.ts';

export interface PatternsProps {
  /** The query that ran: patterns are of the events that it chooses. */
  readonly request: WireQueryRequest;
  /** Runs a changed query. */
  readonly onFilter: (text: string) => void;
}

/** What kinds of messages there are, how many of each and when; each a filter. */
export function Patterns({ request, onFilter }: PatternsProps): ReactNode {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const setView = useSetView();
  const wanted = useTextParam('find');
  const sort = parseSort(useTextParam('sort'));
  const [store] = useState(() => new RunStore());
  const run = useSyncExternalStore(store.subscribe, store.state);
  useEffect(() => {
    store.start({ ...request, text: patternQuery(request.text) });
    return () => store.cancel();
  }, [store, request]);
  const { table } = run;
  const all = useMemo(() => (table === undefined ? [] : patternsOf(table)), [table]);
  const rows = useMemo(
    () => all.filter((row) => row.pattern.toLowerCase().includes(wanted.toLowerCase())),
    [all, wanted],
  );
  const columns = usePatternColumns(all[0]?.share ?? 1, (row, mode) => {
    setView({ tab: undefined, find: undefined, sort: undefined });
    onFilter(withPattern(request.text, row.pattern, mode));
  });
  if (run.error !== undefined) {
    return (
      <div className={css.error}>
        <ErrorState error={run.error} title={m.failed} />
      </div>
    );
  }
  if (table === undefined || (run.phase !== 'ended' && table.rowCount === 0)) {
    return <SkeletonLines count={14} />;
  }
  return (
    <div className={css.frame} data-stale={run.isStale}>
      <DataTable
        id="patterns"
        label={m.patterns}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.pattern}
        sort={sort}
        onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
        tools={
          <>
            <SearchInput
              label={m.patternFind}
              value={wanted}
              onSearch={(text) => setView({ find: text }, { replace: true })}
            />
            {all.length >= maxPatterns && (
              <span className={css.note}>{m.patternsMax(f.number(maxPatterns))}</span>
            )}
          </>
        }
        empty={<Empty icon={Shapes} title={all.length === 0 ? m.nothingFound : m.noPatterns} />}
      />
    </div>
  );
}

const severityKinds: Readonly<Record<string, StatusKind>> = {
  FATAL: 'critical',
  ERROR: 'critical',
  WARN: 'warning',
  INFO: 'info',
};

function usePatternColumns(
  largest: number,
  filter: (row: PatternRow, mode: 'in' | 'out') => void,
): readonly Column<PatternRow>[] {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const words: Readonly<Record<string, string>> = m.patternLevels;
  return [
    {
      id: 'events',
      header: m.patternCount,
      width: 90,
      kind: 'number',
      value: (row) => row.events,
      cell: (row) => f.number(row.events),
    },
    {
      id: 'share',
      header: m.patternShare,
      width: 90,
      kind: 'number',
      value: (row) => row.share,
      cell: (row) => (
        <span
          className={css.share}
          style={{ '--share': row.share / largest } as React.CSSProperties}
        >
          {f.percent(row.share)}
        </span>
      ),
    },
    {
      id: 'time',
      header: m.patternTime,
      width: 126,
      sortable: false,
      value: () => null,
      cell: (row) => <Sparkline values={row.slices} width={110} height={18} />,
    },
    {
      id: 'level',
      header: m.patternLevel,
      width: 104,
      value: (row) => row.severity,
      cell: (row) => (
        <span className={classNames(css.level, row.severity === 'UNKNOWN' && css.quiet)}>
          {severityKinds[row.severity] !== undefined && (
            <StatusIcon kind={severityKinds[row.severity] as StatusKind} />
          )}
          {words[row.severity] ?? row.severity}
        </span>
      ),
    },
    {
      id: 'pattern',
      header: m.pattern,
      width: 320,
      grow: true,
      kind: 'mono',
      fixed: true,
      value: (row) => row.pattern,
      cell: (row) => (
        <span className={css.pattern} title={row.pattern}>
          <span className={css.text}>{parts(row.pattern)}</span>
          <span className={css.tools}>
            <IconButton icon={Filter} label={m.patternOnly} onClick={() => filter(row, 'in')} />
            <IconButton
              icon={FilterX}
              label={m.patternWithout}
              onClick={() => filter(row, 'out')}
            />
          </span>
        </span>
      ),
    },
  ];
}

/** The parts that change, set back. */
function parts(pattern: string): readonly ReactNode[] {
  return pattern.split(/(<(?:UUID|Date|Time|IP|Hex|Number|Token)-\d+>)/).map((piece, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no other identity.
      <span key={index} className={css.part}>
        {piece.replace(/-\d+>$/, '>')}
      </span>
    ) : (
      piece
    ),
  );
}
