import { Columns3, PanelLeftClose, PanelLeftOpen, SearchX } from 'lucide-react';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import type { WireDiagnostic } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { LogTools } from '../../logs/log-tools.tsx';
import { useListParam, useSetView, useTextParam } from '../../state/view.ts';
import { widened } from '../../time/range.ts';
import { rangeText } from '../../time/range-text.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Menu, MenuCheck } from '../../ui/menu.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import { chartOf } from './chart-model.ts';
import { inLanguage } from './diagnostic-words.ts';
import { FieldRail } from './field-rail.tsx';
import css from './insights.module.css';
import { Patterns } from './patterns.tsx';
import { eventPart, fieldText, shownFields, withField, withFilter } from './query-text.ts';
import { type ChartKind, ResultChart } from './result-chart.tsx';
import { ResultsTable } from './results-table.tsx';
import { RowDetail } from './row-detail.tsx';
import type { Insights as InsightsModel } from './use-insights.ts';
import { insightsWords } from './words.ts';

const narrowPx = 900;

type Tab = 'rows' | 'patterns' | 'chart';

/** The answer: rows, their patterns, or a chart, with the fields beside it. */
export function Results({ model }: { readonly model: InsightsModel }): ReactNode {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const setView = useSetView();
  const shared = useSharedRange();
  const { state, run } = model;
  const { table, request } = state;
  const hidden = useListParam('hide');
  const sortParam = useTextParam('sort');
  const rowParam = useTextParam('row');
  // An event by its name for ever, so that a link opens the same one; other rows by their place.
  const openRow =
    rowParam === ''
      ? -1
      : (table?.pointers?.indexOf(rowParam) ?? (/^\d+$/.test(rowParam) ? Number(rowParam) : -1));
  const tabParam = useTextParam('tab');
  const chartParam = useTextParam('chart');
  const [showRail, setShowRail] = useState(() => window.innerWidth > narrowPx);
  const sort = useMemo(() => parseSort(sortParam), [sortParam]);
  const terms = useMemo(() => termsOf(request?.text ?? ''), [request?.text]);
  const chart = useMemo(() => (table === undefined ? undefined : chartOf(table)), [table]);
  const isSql = request?.language === 'SQL';
  const tabs: readonly Tab[] = [
    'rows',
    ...(isSql ? [] : (['patterns'] as const)),
    ...(chart === undefined ? [] : (['chart'] as const)),
  ];
  const ownTab: Tab = chart?.kind === 'time' ? 'chart' : 'rows';
  const tab = tabs.find((one) => one === tabParam) ?? ownTab;
  const isChart = tab === 'chart' && chart !== undefined;
  const isSummed = table?.columns.some((column) => column.isAggregate) === true;
  const text = request?.text ?? '';
  const onFilter = useCallback(
    (field: string, value: string | undefined, mode: 'in' | 'out', of: 'event' | 'row') =>
      run({ text: withFilter(text, { field, value, mode, of }) }),
    [run, text],
  );
  const ofRow = isSummed ? 'row' : 'event';
  const kind: ChartKind = chartParam === 'stacked' || chartParam === 'bars' ? chartParam : 'lines';
  return (
    <div className={css.body}>
      {showRail && !isSql && (
        <FieldRail
          groups={request?.groups ?? []}
          fromMs={request?.fromMs ?? shared.fromMs}
          toMs={request?.toMs ?? shared.toMs}
          text={text}
          shown={shownFields(text)}
          onShow={(field) => {
            const next = withField(text, field);
            if (next !== undefined) run({ text: next });
          }}
          onFilter={(field, value, mode) => onFilter(field, value, mode, 'event')}
          onChart={(field) => {
            const part = eventPart(text);
            run({
              text: `${part === '' ? '' : `${part}\n| `}stats count(*) as events by bin(1m), ${fieldText(field)}`,
            });
          }}
        />
      )}
      <div className={css.results}>
        <div className={css.resultsBar}>
          {!isSql && (
            <IconButton
              icon={showRail ? PanelLeftClose : PanelLeftOpen}
              label={showRail ? m.hideFields : m.showFields}
              onClick={() => setShowRail(!showRail)}
            />
          )}
          {tabs.length > 1 && (
            <Segmented
              label={m.results}
              value={tab}
              options={tabs.map((value) => ({ value, label: m.tab[value] }))}
              onChange={(next) => setView({ tab: next === ownTab ? undefined : next })}
            />
          )}
          {isChart && chart.kind === 'time' && (
            <Segmented
              label={m.tab.chart}
              value={kind}
              options={[
                { value: 'lines', label: m.lines },
                { value: 'stacked', label: m.stacked },
                { value: 'bars', label: m.bars },
              ]}
              onChange={(next) => setView({ chart: next === 'lines' ? undefined : next })}
            />
          )}
          <span className={css.spacer} />
          {tab === 'rows' && (
            <>
              <LogTools />
              <Menu align="end" trigger={<IconButton icon={Columns3} label={m.columns} />}>
                {(table?.columns ?? []).map((column) => (
                  <MenuCheck
                    key={column.name}
                    checked={!hidden.includes(column.name)}
                    onChange={(on) =>
                      setView(
                        {
                          hide: on
                            ? hidden.filter((other) => other !== column.name)
                            : [...hidden, column.name],
                        },
                        { replace: true },
                      )
                    }
                  >
                    {column.name}
                  </MenuCheck>
                ))}
              </Menu>
            </>
          )}
        </div>
        {state.error !== undefined && (
          <div className={css.failed}>
            <ErrorState
              error={wordedError(state.error, f.language, m.errorAt)}
              title={m.failed}
              onRetry={() => run()}
            />
          </div>
        )}
        {tab === 'patterns' && request !== undefined ? (
          <Patterns request={request} onFilter={(text) => run({ text })} />
        ) : table === undefined ? (
          state.error === undefined && <SkeletonLines count={14} />
        ) : table.rowCount === 0 ? (
          state.phase === 'ended' &&
          state.error === undefined && (
            <Empty
              icon={SearchX}
              title={m.nothingFound}
              text={m.nothingFoundText(
                m.groupsChosen(f.number(request?.groups.length ?? 0)),
                rangeText(shared.range, shared, f),
              )}
            >
              <Button onClick={() => shared.setRange(widened(shared, Date.now()))}>
                {m.widen}
              </Button>
            </Empty>
          )
        ) : isChart ? (
          <ResultChart model={chart} title={m.results} kind={kind} isStale={state.isStale} />
        ) : (
          <ResultsTable
            table={table}
            isStale={state.isStale}
            hidden={hidden}
            terms={terms}
            sort={sort}
            onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
            openRow={openRow}
            onOpen={(row) =>
              setView(
                { row: row < 0 ? undefined : (table.pointers?.[row] ?? String(row)) },
                { replace: true },
              )
            }
            detail={(row) => (
              <RowDetail
                table={table}
                row={row}
                terms={terms}
                onFilter={
                  isSql ? undefined : (field, value, mode) => onFilter(field, value, mode, ofRow)
                }
                onContext={(pointer) => setView({ context: pointer })}
              />
            )}
          />
        )}
      </div>
    </div>
  );
}

/** Texts that the query looks for: what is worth marking in its rows. */
function termsOf(text: string): readonly string[] {
  const terms = new Set<string>();
  for (const match of text.matchAll(/(?:\blike|=~|~=)\s*(?:"([^"\\]+)"|'([^'\\]+)')/gi)) {
    terms.add((match[1] ?? match[2]) as string);
  }
  for (const match of text.matchAll(/(?:\blike|=~|~=)\s*\/([\p{L}\p{N} _-]+)\//giu)) {
    terms.add(match[1] as string);
  }
  return [...terms];
}

/** What is wrong with the text of a query, in the person's language; other errors as they are. */
function wordedError(
  error: Error,
  language: 'en' | 'ko',
  lineText: (line: string) => string,
): Error {
  if (language === 'en' || !(error instanceof ApiError)) return error;
  const diagnostics = error.details['diagnostics'] as readonly WireDiagnostic[] | undefined;
  const first = diagnostics?.find((one) => one.severity === 'error');
  if (first === undefined) return error;
  const { message, hint } = inLanguage(first, language);
  const place = lineText(String(first.line));
  return new ApiError(error.status, error.code, `${place}: ${message}`, hint, error.details);
}
