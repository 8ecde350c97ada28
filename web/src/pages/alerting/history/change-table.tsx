import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import css from './lanes.module.css';
import type { StateChange } from './spans.ts';
import { historyWords } from './words.ts';

/** Changes of state, newest first. */
export function ChangeTable({
  changes,
  isOfOneRule = false,
}: {
  readonly changes: readonly StateChange[];
  /** The rule need not be named in each row. */
  readonly isOfOneRule?: boolean;
}): ReactNode {
  const m = useMessages(historyWords);
  const f = useFormat();
  const setView = useSetView();
  const sort = parseSort(useTextParam('sort'));
  const columns = useMemo(
    (): readonly Column<StateChange>[] => [
      {
        id: 'time',
        header: m.time,
        value: (row) => row.atMs,
        cell: (row) => <time title={f.exactTime(row.atMs)}>{f.logTime(row.atMs)}</time>,
        width: 160,
        kind: 'mono',
        fixed: true,
      },
      {
        id: 'rule',
        header: m.rule,
        value: (row) => row.rule,
        cell: (row) =>
          row.ruleUid === undefined ? (
            <Link to={'/alerting/list' as string} search={{ q: row.rule } as never}>
              {row.rule}
            </Link>
          ) : (
            <Link to={`/alerting/grafana/${encodeURIComponent(row.ruleUid)}/view` as string}>
              {row.rule}
            </Link>
          ),
        width: 220,
        fixed: true,
      },
      {
        id: 'change',
        header: m.change,
        value: (row) => `${m.states[row.from]} → ${m.states[row.to]}`,
        cell: (row) => (
          <span className={css.change}>
            {m.states[row.from]}
            <ArrowRight size={14} strokeWidth={1.5} aria-hidden />
            <strong>{m.states[row.to]}</strong>
          </span>
        ),
        width: 180,
      },
      {
        id: 'labels',
        header: m.labels,
        value: (row) =>
          Object.entries(row.labels)
            .map((pair) => pair.join('='))
            .join(' '),
        cell: (row) => <LabelChips labels={row.labels} except={['alertname']} isOneLine />,
        width: 320,
        grow: true,
      },
      { id: 'note', header: m.note, value: (row) => row.note, width: 240, kind: 'mono' },
    ],
    [m, f],
  );
  return (
    <DataTable
      id="alert-changes"
      label={m.change}
      columns={isOfOneRule ? columns.filter(({ id }) => id !== 'rule') : columns}
      rows={changes}
      rowKey={(row) => row.key}
      sort={sort}
      onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
      empty={null}
    />
  );
}
