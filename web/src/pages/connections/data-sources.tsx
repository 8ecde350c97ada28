import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Database, Plug, Plus } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { dataSourcesApi, type Health, type ListedDataSource } from '../../api/data-sources.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { SearchInput } from '../../ui/field.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import css from './connections.module.css';
import { HealthStatus } from './health.tsx';
import { kindOfType } from './kinds.ts';
import { useMayEdit } from './may-edit.ts';
import { connectionWords } from './words.ts';

/** `/connections/datasources`: what panels, rules and annotations may ask. */
export function DataSources(): ReactNode {
  const m = useMessages(connectionWords);
  const c = useMessages(common);
  const setView = useSetView();
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayEdit = useMayEdit();
  usePageTitle({ label: m.connections }, { label: m.dataSources });
  const text = useTextParam('q');
  const sort = parseSort(useTextParam('sort'));
  const [results, setResults] = useState<Readonly<Record<string, Health | 'running'>>>({});
  const query = useQuery({
    queryKey: ['data-sources'],
    queryFn: ({ signal }) => dataSourcesApi.list(signal),
  });
  const rows = useMemo(() => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (query.data ?? []).filter((source) => {
      const content = [source.name, source.uid, source.type, labelOf(source), addressOf(source)]
        .join(' ')
        .toLowerCase();
      return wanted.every((word) => content.includes(word));
    });
  }, [query.data, text]);
  const test = async (all: readonly ListedDataSource[]): Promise<void> => {
    setResults((held) => ({
      ...held,
      ...Object.fromEntries(all.map(({ uid }) => [uid, 'running' as const])),
    }));
    await Promise.all(
      all.map(async ({ uid }) => {
        const health = await client
          .fetchQuery({
            queryKey: ['data-source', uid, 'health'],
            queryFn: ({ signal }) => dataSourcesApi.health(uid, signal),
            retry: false,
          })
          .catch(
            (error: unknown): Health => ({
              status: 'ERROR',
              message: error instanceof ApiError ? error.message : String(error),
            }),
          );
        setResults((held) => ({ ...held, [uid]: health }));
      }),
    );
  };
  const columns = useMemo((): readonly Column<ListedDataSource>[] => {
    const originOf = (source: ListedDataSource): string =>
      source.isBuiltIn === true ? m.builtIn : (source.provisionedFrom ?? m.here);
    return [
      {
        id: 'name',
        header: m.name,
        value: (source) => source.name,
        cell: (source) => {
          const Icon = kindOfType(source.type)?.icon ?? Database;
          return (
            <span className={css.nameCell}>
              <Icon size={16} strokeWidth={1.5} aria-hidden />
              <Link to={editPath(source.uid) as never}>{source.name}</Link>
              {source.isDefault && <span className={css.badge}>{m.default}</span>}
            </span>
          );
        },
        width: 260,
        fixed: true,
      },
      {
        id: 'test',
        header: m.test,
        value: (source) => {
          const result = results[source.uid];
          return result === undefined || result === 'running' ? '' : result.status;
        },
        cell: (source) => {
          const result = results[source.uid];
          if (result === 'running') return <span>{m.testing}</span>;
          return result === undefined ? <span /> : <HealthStatus health={result} />;
        },
        width: 140,
      },
      { id: 'type', header: m.type, value: labelOf, width: 150 },
      {
        id: 'address',
        header: m.address,
        value: addressOf,
        width: 260,
        grow: true,
        kind: 'mono',
      },
      { id: 'origin', header: m.origin, value: originOf, width: 200 },
      { id: 'uid', header: m.uid, value: (source) => source.uid, width: 170, kind: 'mono' },
    ];
  }, [m, results]);
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{m.dataSources}</h1>
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data === undefined ? (
          !query.isError && <SkeletonLines count={8} />
        ) : (
          <DataTable
            id="data-sources"
            label={m.dataSources}
            columns={columns}
            rows={rows}
            rowKey={(source) => source.uid}
            sort={sort}
            onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
            onOpen={({ uid }) => void navigate({ to: editPath(uid) } as never)}
            tools={
              <>
                <SearchInput
                  label={m.filter}
                  value={text}
                  className={css.filter}
                  onSearch={(next) => setView({ q: next || undefined }, { replace: true })}
                />
                <Button icon={Plug} onClick={() => void test(rows)} disabled={rows.length === 0}>
                  {m.test}
                </Button>
                {mayEdit && (
                  <Button
                    look="primary"
                    icon={Plus}
                    onClick={() => void navigate({ to: '/connections/datasources/new' } as never)}
                  >
                    {m.add}
                  </Button>
                )}
              </>
            }
            empty={<Empty icon={Database} title={c.nothingFound} />}
          />
        )}
      </div>
    </div>
  );
}

const editPath = (uid: string): string =>
  `/connections/datasources/edit/${encodeURIComponent(uid)}`;

const labelOf = ({ type }: ListedDataSource): string => kindOfType(type)?.label ?? type;

/** Where it asks; an AWS account has a region. */
function addressOf({ url, jsonData }: ListedDataSource): string {
  if (url !== '') return url;
  const region = jsonData['defaultRegion'];
  return typeof region === 'string' ? region : '';
}
