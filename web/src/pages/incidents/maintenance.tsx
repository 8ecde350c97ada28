import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, Plus } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { maintenanceApi, type WireWindow } from '../../api/maintenance.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { Empty, Status } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import { toast } from '../../ui/toast.tsx';
import { parseMatcher } from '../alerting/matcher.ts';
import { MatcherChips } from '../alerting/matcher-chips.tsx';
import css from './maintenance.module.css';
import { maintenanceWords } from './maintenance-words.ts';
import { WindowDialog } from './window-dialog.tsx';

const rankOf: Readonly<Record<WireWindow['state'], number>> = { open: 0, next: 1, over: 2 };

/** Times in which nobody is told: open ones, those to come, and those that are over. */
export function MaintenanceWindows({
  windows,
  tools,
}: {
  readonly windows: readonly WireWindow[];
  readonly tools: ReactNode;
}): ReactNode {
  const m = useMessages(maintenanceWords);
  const f = useFormat();
  const setView = useSetView();
  const client = useQueryClient();
  const sort = parseSort(useTextParam('sort') || 'state');
  const [isAdding, setIsAdding] = useState(false);
  const [ending, setEnding] = useState<WireWindow>();
  const done = async (text: string): Promise<void> => {
    setIsAdding(false);
    setEnding(undefined);
    toast(text);
    await client.invalidateQueries({ queryKey: ['maintenance'] });
    await client.invalidateQueries({ queryKey: ['incidents'] });
  };
  const end = useMutation({
    mutationFn: (id: string) => maintenanceApi.end(id),
    onSuccess: () => done(m.ended),
  });
  const columns = useMemo(
    (): readonly Column<WireWindow>[] => [
      {
        id: 'state',
        header: m.state,
        value: (row) => rankOf[row.state] * 1e14 + (row.from ?? 0),
        cell: (row) =>
          row.state === 'open' ? (
            <Status kind="info">{m.states.open}</Status>
          ) : (
            <span className={css.quiet}>{m.states[row.state]}</span>
          ),
        width: 92,
        fixed: true,
      },
      {
        id: 'name',
        header: m.name,
        value: (row) => row.name,
        cell: (row) => <span title={row.comment}>{row.name}</span>,
        width: 180,
        fixed: true,
      },
      {
        id: 'matchers',
        header: m.concerns,
        value: (row) => row.matchers.join(', '),
        cell: (row) =>
          row.matchers.length === 0 ? (
            <span className={css.quiet}>{m.everything}</span>
          ) : (
            <MatcherChips
              matchers={row.matchers.flatMap((text) => parseMatcher(text) ?? [])}
              isOneLine
            />
          ),
        width: 260,
        grow: true,
        sortable: false,
      },
      {
        id: 'when',
        header: m.when,
        value: (row) => row.from ?? row.start ?? 0,
        cell: (row) => {
          const [from, to] = [row.from ?? row.start, row.to ?? row.end];
          if (from === undefined || to === undefined) return '';
          return (
            <span title={`${f.exactTime(from)} – ${f.exactTime(to)}`}>
              {f.shortDateTime(from)} – {f.shortDateTime(to)}
            </span>
          );
        },
        width: 250,
      },
      {
        id: 'repeats',
        header: m.repeats,
        value: (row) => row.schedule ?? '',
        cell: (row) =>
          row.schedule === undefined
            ? m.once
            : m.lasting(row.schedule, f.duration(row.lasts ?? 0), row.timeZone),
        width: 230,
        sortable: false,
      },
      {
        id: 'by',
        header: m.madeBy,
        value: (row) => row.created?.by ?? m.ofFile,
        width: 116,
      },
      {
        id: 'end',
        header: m.actions,
        value: () => '',
        cell: (row) =>
          row.created !== undefined &&
          row.state !== 'over' && (
            <Button look="quiet" onClick={() => setEnding(row)}>
              {m.end}
            </Button>
          ),
        width: 84,
        sortable: false,
      },
    ],
    [m, f],
  );
  return (
    <>
      <DataTable
        id="maintenance"
        label={m.title}
        columns={columns}
        rows={windows}
        rowKey={(row) => row.id}
        sort={sort}
        onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
        tools={
          <>
            {tools}
            <Button className={css.push} icon={Plus} onClick={() => setIsAdding(true)}>
              {m.add}
            </Button>
          </>
        }
        empty={<Empty icon={CalendarClock} title={m.none} text={m.noneText} />}
      />
      {isAdding && (
        <WindowDialog onClose={() => setIsAdding(false)} onSaved={() => void done(m.made)} />
      )}
      {ending !== undefined && (
        <FormDialog
          open
          title={m.endAsk(ending.name)}
          action={m.end}
          busy={end.isPending}
          onClose={() => {
            end.reset();
            setEnding(undefined);
          }}
          onSubmit={() => end.mutate(ending.id)}
        >
          <p>{ending.state === 'open' ? m.endText : m.removeText}</p>
          {end.isError && (
            <p className={css.error} role="alert">
              {end.error.message}
            </p>
          )}
        </FormDialog>
      )}
    </>
  );
}
