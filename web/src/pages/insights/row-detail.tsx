import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Copy, Filter, FilterX } from 'lucide-react';
import type { ReactNode } from 'react';
import { logsApi } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { LogDetail } from '../../logs/log-detail.tsx';
import logCss from '../../logs/log-list.module.css';
import type { LogRow } from '../../logs/log-row.ts';
import { logWords } from '../../logs/words.ts';
import { isoInstant } from '../../time/range.ts';
import { SkeletonLines } from '../../ui/states.tsx';
import { copyText } from '../../ui/toast.tsx';
import css from './insights.module.css';
import { cellText } from './results-table.tsx';
import type { ResultTable } from './run-store.ts';
import { insightsWords } from './words.ts';

export type FilterBy = (field: string, value: string | undefined, mode: 'in' | 'out') => void;

export interface RowDetailProps {
  readonly table: ResultTable;
  readonly row: number;
  readonly terms: readonly string[];
  /** Undefined: the query cannot be filtered from here (SQL). */
  readonly onFilter: FilterBy | undefined;
  readonly onContext: (pointer: string) => void;
}

/** All fields of a row: of the whole event where the row is one, else of what the query made. */
export function RowDetail(props: RowDetailProps): ReactNode {
  const pointer = props.table.pointers?.[props.row];
  return pointer === undefined || pointer === '' ? (
    <ValueDetail {...props} />
  ) : (
    <EventDetail {...props} pointer={pointer} />
  );
}

function EventDetail(props: RowDetailProps & { readonly pointer: string }): ReactNode {
  const m = useMessages(insightsWords);
  const { table, row, pointer, onFilter } = props;
  const query = useQuery({
    queryKey: ['event', pointer],
    queryFn: ({ signal }) => logsApi.context({ pointer, before: 1, after: 1 }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (query.isError) return <ValueDetail {...props} />;
  if (query.data === undefined) return <SkeletonLines count={4} />;
  const { event } = query.data;
  const own = table.columns.flatMap((column, index): (readonly [string, string])[] => {
    const value = table.data[index]?.[row] ?? null;
    return column.name.startsWith('@') || value === null ? [] : [[column.name, String(value)]];
  });
  const logRow: LogRow = { ...event, key: event.pointer };
  const inEvent = new Set(own.map(([name]) => name));
  return (
    <LogDetail
      row={logRow}
      extra={own}
      skip={inEvent}
      terms={props.terms}
      onFilter={onFilter}
      onContext={() => props.onContext(pointer)}
      linkOf={() => location.href}
      moreActions={
        <Link
          className={css.detailLink}
          to={'/logs/group' as string}
          search={
            {
              group: event.group,
              stream: event.stream,
              at: isoInstant(event.timestampMs),
              event: event.pointer,
            } as never
          }
        >
          {m.openGroup}
        </Link>
      }
    />
  );
}

function ValueDetail({ table, row, onFilter }: RowDetailProps): ReactNode {
  const m = useMessages(logWords);
  const f = useFormat();
  return (
    <div className={logCss.detail}>
      <table className={logCss.fields}>
        <tbody>
          {table.columns.map((column, index) => {
            const value = table.data[index]?.[row] ?? null;
            const text = cellText(column, value, f);
            const canFilter = onFilter !== undefined && column.kind !== 'timestamp';
            return (
              <tr key={column.name}>
                <td className={logCss.tools}>
                  {canFilter && (
                    <>
                      <button
                        type="button"
                        className={logCss.tool}
                        aria-label={m.filterIn(column.name)}
                        title={m.filterIn(column.name)}
                        onClick={() =>
                          onFilter(column.name, value === null ? undefined : String(value), 'in')
                        }
                      >
                        <Filter size={13} strokeWidth={1.5} aria-hidden />
                      </button>
                      <button
                        type="button"
                        className={logCss.tool}
                        aria-label={m.filterOut(column.name)}
                        title={m.filterOut(column.name)}
                        onClick={() =>
                          onFilter(column.name, value === null ? undefined : String(value), 'out')
                        }
                      >
                        <FilterX size={13} strokeWidth={1.5} aria-hidden />
                      </button>
                    </>
                  )}
                  <button
                    type="button"
                    className={logCss.tool}
                    aria-label={m.copyValue}
                    title={m.copyValue}
                    onClick={() => void copyText(value === null ? '' : String(value))}
                  >
                    <Copy size={13} strokeWidth={1.5} aria-hidden />
                  </button>
                </td>
                <th scope="row">{column.name}</th>
                <td>{text}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
