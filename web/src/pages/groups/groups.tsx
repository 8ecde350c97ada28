import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { FolderTree, Plus } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { logsApi, type WireGroup } from '../../api/logs.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { SearchInput } from '../../ui/field.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import { CreateGroupDialog } from './group-dialogs.tsx';
import css from './groups.module.css';
import { groupWords } from './words.ts';

const maxGroups = 10_000;
const refreshMs = 10_000;

export function Groups(): ReactNode {
  const m = useMessages(groupWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const navigate = useNavigate();
  const setView = useSetView();
  const filter = useTextParam('filter');
  const sort = parseSort(useTextParam('sort'));
  const [isCreating, setCreating] = useState(false);
  usePageTitle({ label: words.logs }, { label: words.groups });
  const query = useQuery({
    queryKey: ['groups', filter],
    queryFn: ({ signal }) => logsApi.groups({ contains: filter, limit: maxGroups }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
  const columns = useGroupColumns();
  const groups = query.data?.groups ?? [];
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.title}</h1>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonLines count={14} />
      ) : (
        <DataTable
          id="log-groups"
          label={m.title}
          columns={columns}
          rows={groups}
          rowKey={(group) => group.name}
          sort={sort}
          onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
          onOpen={(group) =>
            void navigate({ to: '/logs/group', search: { group: group.name } } as never)
          }
          tools={
            <>
              <SearchInput
                className={css.filter}
                label={m.filter}
                value={filter}
                onSearch={(text) => setView({ filter: text }, { replace: true })}
              />
              <Button icon={Plus} onClick={() => setCreating(true)}>
                {m.create}
              </Button>
            </>
          }
          empty={
            filter === '' ? (
              <Empty icon={FolderTree} title={m.nothing} text={m.nothingText} />
            ) : (
              <Empty icon={FolderTree} title={m.noMatch(filter)} />
            )
          }
        />
      )}
      {query.data !== undefined && query.data.total > groups.length && (
        <div className={css.note}>
          {m.moreGroups(f.number(groups.length), f.number(query.data.total))}
        </div>
      )}
      {isCreating && <CreateGroupDialog onClose={() => setCreating(false)} />}
    </div>
  );
}

function useGroupColumns(): readonly Column<WireGroup>[] {
  const m = useMessages(groupWords);
  const f = useFormat();
  return useMemo(
    () => [
      {
        id: 'name',
        header: m.name,
        width: 300,
        grow: true,
        kind: 'mono',
        fixed: true,
        value: (group) => group.name,
        cell: (group) => (
          <Link to="/logs/group" search={{ group: group.name } as never} title={group.name}>
            {group.name}
          </Link>
        ),
      },
      {
        id: 'rates',
        header: m.lastHour,
        width: 130,
        sortable: false,
        value: () => null,
        cell: (group) => <Sparkline values={group.rates} width={110} height={18} />,
      },
      {
        id: 'rate',
        header: m.rate,
        width: 90,
        kind: 'number',
        value: (group) => group.eventsPerSecond,
        cell: (group) => <span>{f.number(group.eventsPerSecond, 1)}</span>,
      },
      {
        id: 'events',
        header: m.events,
        width: 110,
        kind: 'number',
        value: (group) => group.events,
        cell: (group) => <span>{f.number(group.events)}</span>,
      },
      {
        id: 'stored',
        header: m.stored,
        width: 120,
        kind: 'number',
        value: (group) => group.storedBytes,
        cell: (group) => <span>{f.bytes(group.storedBytes)}</span>,
      },
      {
        id: 'streams',
        header: m.streams,
        width: 86,
        kind: 'number',
        value: (group) => group.streams,
        cell: (group) => <span>{f.number(group.streams)}</span>,
      },
      {
        id: 'retention',
        header: m.retention,
        width: 122,
        kind: 'number',
        value: (group) => group.retentionDays,
        cell: (group) => (
          <span className={group.retentionDays === null ? css.small : undefined}>
            {group.retentionDays === null ? m.forever : f.number(group.retentionDays)}
          </span>
        ),
      },
      {
        id: 'last',
        header: m.lastEvent,
        width: 130,
        kind: 'number',
        value: (group) => group.lastEventMs,
        cell: (group) =>
          group.lastEventMs === null ? (
            ''
          ) : (
            <span title={f.exactTime(group.lastEventMs)}>
              {f.ago(group.lastEventMs, Date.now())}
            </span>
          ),
      },
    ],
    [m, f],
  );
}
