import { Crosshair } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { MonitorState, WireMonitor, WireMonitors } from '../../../api/kubernetes.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Empty, Status } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';

const statusOf = {
  accepted: 'ok',
  pending: 'warning',
  rejected: 'critical',
  unselected: 'unknown',
} as const satisfies Record<MonitorState, string>;
/** Trouble comes first when sorted by it. */
const rank: Readonly<Record<MonitorState, number>> = {
  rejected: 0,
  pending: 1,
  accepted: 2,
  unselected: 3,
};
const states = ['accepted', 'pending', 'rejected', 'unselected'] as const;

const keyOf = ({ kind, namespace, name }: WireMonitor): string => `${kind}/${namespace}/${name}`;
const becameOf = ({ jobs, groups }: WireMonitor): string => [...jobs, ...groups].join(', ');

/** Objects of the Prometheus operator in the cluster, and what became of each. */
export function MonitorTable({ monitors }: { readonly monitors: WireMonitors }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const change = useSetView();
  const text = useTextParam('filter');
  const wanted = useTextParam('became');
  const sort = parseSort(useTextParam('msort'));
  const matching = useMemo(() => {
    const needle = text.toLowerCase();
    return monitors.objects.filter((one) =>
      `${keyOf(one)} ${becameOf(one)} ${one.reason ?? ''}`.toLowerCase().includes(needle),
    );
  }, [monitors, text]);
  const shown = matching.filter(({ state }) => wanted === '' || state === wanted);
  const troubles = monitors.collections.filter(({ message }) => message !== undefined);
  const columns: readonly Column<WireMonitor>[] = [
    {
      id: 'state',
      header: m.state,
      value: (one) => rank[one.state],
      cell: (one) => <Status kind={statusOf[one.state]}>{m.monitorStates[one.state]}</Status>,
      width: 150,
      fixed: true,
    },
    { id: 'kind', header: m.kind, value: (one) => one.kind, width: 150 },
    {
      id: 'name',
      header: m.name,
      value: (one) => `${one.namespace}/${one.name}`,
      width: 260,
      kind: 'mono',
    },
    { id: 'became', header: m.madeOfIt, value: becameOf, width: 320, kind: 'mono' },
    {
      id: 'reason',
      header: m.reason,
      value: (one) => one.reason ?? '',
      cell: (one) => <span title={one.reason}>{one.reason}</span>,
      width: 360,
      grow: true,
    },
  ];
  const notes = [
    ...(monitors.problem === undefined ? [] : [monitors.problem]),
    ...troubles.map(({ kind, message }) => `${kind}: ${message}`),
  ];
  return (
    <DataTable
      id="monitors"
      label={m.monitors}
      columns={columns}
      rows={shown}
      rowKey={keyOf}
      sort={sort}
      onSort={(next) => change({ msort: sortText(next) }, { replace: true })}
      tools={
        <>
          <SearchInput
            className={css.filter}
            label={m.filter}
            value={text}
            onSearch={(filter) => change({ filter }, { replace: true })}
          />
          <Segmented
            label={m.state}
            value={wanted}
            options={[
              { value: '', label: m.all },
              ...states.map((state) => ({
                value: state,
                label: (
                  <>
                    {m.monitorStates[state]}{' '}
                    <span className={css.optionCount}>
                      {f.number(matching.filter((one) => one.state === state).length)}
                    </span>
                  </>
                ),
              })),
            ]}
            onChange={(became) => change({ became }, { replace: true })}
          />
          {notes.map((note) => (
            <Status key={note} kind="warning">
              {note}
            </Status>
          ))}
        </>
      }
      empty={
        <Empty
          icon={Crosshair}
          title={monitors.objects.length > 0 ? m.noMatch : m.noMonitors}
          text={monitors.objects.length > 0 ? undefined : m.noMonitorsText}
        />
      }
    />
  );
}
