import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Rows3 } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { logsApi, type WireStream } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { SearchInput } from '../../ui/field.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import css from './groups.module.css';
import { groupWords } from './words.ts';

const pageSize = 500;

/** The streams of a group, those with the newest events first. */
export function GroupStreams({ name }: { readonly name: string }): ReactNode {
  const m = useMessages(groupWords);
  const f = useFormat();
  const setView = useSetView();
  const prefix = useTextParam('prefix');
  const sort = parseSort(useTextParam('sort'));
  const query = useInfiniteQuery({
    queryKey: ['streams', name, prefix],
    queryFn: ({ pageParam, signal }) =>
      logsApi.streams(
        {
          group: name,
          prefix,
          // The store sorts a prefix by name only.
          orderBy: prefix === '' ? 'lastEvent' : 'name',
          descending: prefix === '',
          limit: pageSize,
          after: pageParam,
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(
    () => (query.data?.pages ?? []).flatMap((page) => page.streams),
    [query.data],
  );
  const columns = useMemo<readonly Column<WireStream>[]>(() => {
    const time = (
      id: string,
      header: string,
      of: (stream: WireStream) => number | null,
    ): Column<WireStream> => ({
      id,
      header,
      width: 190,
      kind: 'number',
      value: of,
      cell: (stream) => {
        const ms = of(stream);
        return (
          <span title={ms === null ? '' : f.exactTime(ms)}>
            {ms === null ? '' : f.dateTime(ms)}
          </span>
        );
      },
    });
    return [
      {
        id: 'name',
        header: m.stream,
        width: 320,
        grow: true,
        kind: 'mono',
        fixed: true,
        value: (stream) => stream.name,
        cell: (stream) => (
          <Link to="/logs/group" search={{ group: name, stream: stream.name } as never}>
            {stream.name}
          </Link>
        ),
      },
      time('last', m.lastEvent, (stream) => stream.lastEventMs),
      time('first', m.firstEvent, (stream) => stream.firstEventMs),
      time('created', m.created, (stream) => stream.createdMs),
    ];
  }, [m, f, name]);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={12} />;
  return (
    <>
      <DataTable
        id="log-streams"
        label={m.tabStreams}
        columns={columns}
        rows={rows}
        rowKey={(stream) => stream.name}
        sort={sort}
        onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
        onOpen={(stream) => setView({ stream: stream.name, tab: undefined })}
        tools={
          <SearchInput
            className={css.filter}
            label={m.streamFilter}
            mono
            value={prefix}
            onSearch={(text) => setView({ prefix: text }, { replace: true })}
          />
        }
        empty={
          prefix === '' ? (
            <Empty icon={Rows3} title={m.noStreams} text={m.noStreamsText} />
          ) : (
            <Empty icon={Rows3} title={m.noStreamMatch(prefix)} />
          )
        }
      />
      {query.hasNextPage && (
        <div className={css.footer}>
          <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
            {m.loadMore}
          </Button>
        </div>
      )}
    </>
  );
}
