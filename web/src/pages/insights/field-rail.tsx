import { useQuery } from '@tanstack/react-query';
import { ChartLine, ChevronRight, Columns3, Filter, FilterX } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { logsApi } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { IconButton } from '../../ui/button.tsx';
import { TextInput } from '../../ui/field.tsx';
import { ErrorState, SkeletonLines } from '../../ui/states.tsx';
import css from './field-rail.module.css';
import { valueCountQuery } from './query-text.ts';
import type { FilterBy } from './row-detail.tsx';
import { RunStore } from './run-store.ts';
import { insightsWords } from './words.ts';

export interface FieldRailProps {
  readonly groups: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** The query that ran: values are counted among the events that it chooses. */
  readonly text: string;
  readonly shown: readonly string[];
  readonly onShow: (field: string) => void;
  readonly onFilter: FilterBy;
  readonly onChart: (field: string) => void;
}

const maxValues = 12;

/** Fields found in a sample, by share of events; each opens to its most frequent values. */
export function FieldRail(props: FieldRailProps): ReactNode {
  const m = useMessages(insightsWords);
  const { groups, fromMs, toMs, shown } = props;
  const f = useFormat();
  const [text, setText] = useState('');
  const [open, setOpen] = useState<string>();
  const query = useQuery({
    queryKey: ['fields', groups, fromMs, toMs],
    queryFn: ({ signal }) => logsApi.fields({ groups, fromMs, toMs }, signal),
    enabled: groups.length > 0,
    // A new sample for every second that passes would only make the list flicker.
    placeholderData: (before) => before,
  });
  const fields = useMemo(() => {
    const wanted = text.toLowerCase();
    return (query.data ?? []).filter((field) => field.name.toLowerCase().includes(wanted));
  }, [query.data, text]);
  return (
    <section className={css.rail} aria-label={m.fieldsRail}>
      <TextInput
        aria-label={m.filterFields}
        placeholder={m.filterFields}
        value={text}
        onChange={setText}
      />
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined && groups.length > 0 ? (
        <SkeletonLines count={12} />
      ) : fields.length === 0 ? (
        <p className={css.none}>{m.noFields}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        // biome-ignore lint/a11y/noRedundantRoles: without bullets some readers forget it is a list.
        <ul className={css.list} role="list" tabIndex={0} aria-label={m.fieldsRail}>
          {fields.map((field) => {
            const isOpen = field.name === open;
            return (
              <li key={field.name}>
                <div className={css.field}>
                  <button
                    type="button"
                    className={css.name}
                    aria-expanded={isOpen}
                    title={`${field.name} · ${m.ofEvents(f.percent(field.percent / 100))}`}
                    onClick={() => setOpen(isOpen ? undefined : field.name)}
                  >
                    <ChevronRight size={12} strokeWidth={2} aria-hidden />
                    <span>{field.name}</span>
                  </button>
                  <span className={css.percent}>{f.percent(Math.round(field.percent) / 100)}</span>
                </div>
                {isOpen && (
                  <Values {...props} field={field.name} isShown={shown.includes(field.name)} />
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Values({
  field,
  isShown,
  groups,
  fromMs,
  toMs,
  text,
  onShow,
  onFilter,
  onChart,
}: FieldRailProps & { readonly field: string; readonly isShown: boolean }): ReactNode {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const [store] = useState(() => new RunStore());
  const run = useSyncExternalStore(store.subscribe, store.state);
  useEffect(() => {
    store.start({
      text: valueCountQuery(text, field, maxValues),
      language: 'CWLI',
      groups,
      fromMs,
      toMs,
    });
    return () => store.cancel();
  }, [store, text, field, groups, fromMs, toMs]);
  const { table } = run;
  const counts = table?.data[1] ?? [];
  const matched = run.statistics?.recordsMatched ?? 0;
  return (
    <div className={css.values}>
      <div className={css.tools}>
        <IconButton
          icon={Columns3}
          label={isShown ? m.removeColumn(field) : m.addColumn(field)}
          pressed={isShown}
          onClick={() => onShow(field)}
        />
        <IconButton icon={ChartLine} label={m.chartValues} onClick={() => onChart(field)} />
      </div>
      {run.error !== undefined ? (
        <p className={css.none}>{run.error.message}</p>
      ) : table === undefined ? (
        <p className={css.none}>{m.counting}</p>
      ) : table.rowCount === 0 ? (
        <p className={css.none}>{m.noValues}</p>
      ) : (
        <ul>
          {Array.from({ length: table.rowCount }, (_, row) => {
            const value = String(table.data[0]?.[row] ?? '');
            const count = Number(counts[row] ?? 0);
            const most = Number(counts[0] ?? 1);
            return (
              <li key={value} className={css.value}>
                <span className={css.valueBar} style={{ width: `${(count / most) * 100}%` }} />
                <span className={css.valueText} title={value}>
                  {value}
                </span>
                <span className={css.valueTools}>
                  <button
                    type="button"
                    aria-label={m.onlyValue(value)}
                    title={m.onlyValue(value)}
                    onClick={() => onFilter(field, value, 'in')}
                  >
                    <Filter size={13} strokeWidth={1.5} aria-hidden />
                  </button>
                  <button
                    type="button"
                    aria-label={m.withoutValue(value)}
                    title={m.withoutValue(value)}
                    onClick={() => onFilter(field, value, 'out')}
                  >
                    <FilterX size={13} strokeWidth={1.5} aria-hidden />
                  </button>
                </span>
                <span className={css.count} title={f.number(count)}>
                  {matched > 0 ? f.percent(count / matched) : f.compact(count)}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
