import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  BookOpen,
  Columns3,
  PanelLeftClose,
  PanelLeftOpen,
  Play,
  Save,
  SearchX,
  Square,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { logsApi, type WireDiagnostic, type WireSavedQuery } from '../../api/logs.ts';
import { Histogram } from '../../charts/histogram.tsx';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { LogTools } from '../../logs/log-tools.tsx';
import { useListParam, useSetView, useTextParam } from '../../state/view.ts';
import { widened } from '../../time/range.ts';
import { rangeText } from '../../time/range-text.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { Menu, MenuCheck } from '../../ui/menu.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Empty, ErrorState, SkeletonLines, StatusIcon } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import { EventContext } from '../groups/event-context.tsx';
import { chartOf } from './chart-model.ts';
import { FieldRail } from './field-rail.tsx';
import { GroupPicker } from './group-picker.tsx';
import css from './insights.module.css';
import { type PanelTab, QueryPanel } from './query-panel.tsx';
import { eventPart, fieldText, shownFields, withField, withFilter } from './query-text.ts';
import { type ChartKind, ResultChart } from './result-chart.tsx';
import { ResultsTable } from './results-table.tsx';
import { RowDetail } from './row-detail.tsx';
import { ProgressLine, RunProgress } from './run-bar.tsx';
import { newestQuery, newestSql, samples } from './samples.ts';
import { SaveDialog } from './save-dialog.tsx';
import { ShareMenu } from './share-menu.tsx';
import { type Insights as InsightsModel, maxGroups, useInsights } from './use-insights.ts';
import { insightsWords } from './words.ts';

const narrowPx = 900;

/** CodeMirror is larger than the rest of the page, and results need not wait for it. */
const QueryEditor = lazy(async () => ({
  default: (await import('./editor/editor.tsx')).QueryEditor,
}));

/** Logs Insights: ask, watch the answer grow, narrow it down. */
export function Insights(): ReactNode {
  const m = useMessages(insightsWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const setView = useSetView();
  const shared = useSharedRange();
  const model = useInsights();
  const { draft, edit, run, state } = model;
  const panel = useTextParam('panel');
  const contextKey = useTextParam('context');
  const [diagnostics, setDiagnostics] = useState<readonly WireDiagnostic[]>([]);
  const [isSaving, setIsSaving] = useState(false);
  const [saved, setSaved] = useState<WireSavedQuery>();
  usePageTitle({ label: words.insights });
  useSavedFromLink((query) => {
    setSaved(query);
    run({
      text: query.text,
      language: query.language,
      ...(query.groups.length > 0 ? { groups: query.groups } : {}),
    });
  });

  const fields = useQuery({
    queryKey: ['fields', draft.groups, shared.fromMs, shared.toMs],
    queryFn: ({ signal }) =>
      logsApi.fields({ groups: draft.groups, fromMs: shared.fromMs, toMs: shared.toMs }, signal),
    enabled: draft.groups.length > 0,
    placeholderData: (before) => before,
  });
  const completion = useMemo(
    () => ({
      fields: fields.data ?? [],
      groups: draft.groups,
      percent: (percent: number) => m.ofEvents(f.percent(Math.round(percent) / 100)),
    }),
    [fields.data, draft.groups, m, f],
  );
  const problem = diagnostics.find((one) => one.severity === 'error') ?? diagnostics[0];
  const isRunning = state.phase === 'starting' || state.phase === 'running';
  const setLanguage = (language: 'CWLI' | 'SQL'): void => {
    const prefilled = language === 'SQL' ? newestSql : newestQuery;
    const isUntouched = [newestQuery, newestSql, ''].includes(draft.text.trim());
    edit({ language, ...(isUntouched ? { text: prefilled } : {}) });
  };
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.title}</h1>
      <div className={css.main}>
        <div className={css.bar}>
          <GroupPicker
            value={draft.groups}
            onChange={(groups) => edit({ groups })}
            max={maxGroups}
          />
          <Segmented
            label={m.language}
            value={draft.language}
            options={[
              { value: 'CWLI', label: 'Insights QL' },
              { value: 'SQL', label: 'SQL' },
            ]}
            onChange={setLanguage}
          />
          <span className={css.spacer} />
          <Button
            icon={BookOpen}
            look="quiet"
            aria-pressed={panel !== ''}
            onClick={() =>
              setView({ panel: panel === '' ? 'samples' : undefined }, { replace: true })
            }
          >
            {m.queries}
          </Button>
          <Button icon={Save} look="quiet" onClick={() => setIsSaving(true)}>
            {m.save}
          </Button>
          <ShareMenu run={state} request={model.request} />
        </div>
        <div className={classNames(css.editor, problem?.severity === 'error' && css.invalid)}>
          <Suspense fallback={<pre className={css.editorText}>{draft.text}</pre>}>
            <QueryEditor
              value={draft.text}
              language={draft.language}
              label={m.editor}
              placeholder={
                draft.language === 'SQL' ? newestSql.replaceAll('\n', ' ') : m.placeholder
              }
              words={completion}
              onChange={(text) => edit({ text })}
              onRun={() => {
                if (model.canRun) run();
              }}
              onDiagnostics={setDiagnostics}
            />
          </Suspense>
        </div>
        {problem !== undefined && (
          <div className={css.diagnostic} role="alert">
            <StatusIcon kind={problem.severity === 'error' ? 'critical' : 'warning'} />
            <span>
              {m.errorAt(f.number(problem.line))}: {problem.message}
              {problem.hint !== undefined && <span className={css.hint}> {problem.hint}</span>}
            </span>
          </div>
        )}
        <div className={css.run}>
          {isRunning ? (
            <Button icon={Square} onClick={model.cancel}>
              {m.cancel}
            </Button>
          ) : (
            <Button look="primary" icon={Play} disabled={!model.canRun} onClick={() => run()}>
              {m.run} <Kbd keys="mod+Enter" />
            </Button>
          )}
          {draft.groups.length === 0 && !model.canRun ? (
            <div className={css.progress}>{m.noGroups}</div>
          ) : (
            <RunProgress run={state} />
          )}
        </div>
        {state.phase !== 'idle' && <QueryHistogram model={model} />}
        <ProgressLine run={state} />
        {state.phase === 'idle' ? (
          <Ready onRun={(text) => run({ text, language: 'CWLI' })} />
        ) : (
          <Results model={model} />
        )}
      </div>
      {contextKey !== '' && (
        <EventContext pointer={contextKey} onClose={() => setView({ context: undefined })} />
      )}
      {panel !== '' && contextKey === '' && (
        <QueryPanel
          tab={panelTab(panel)}
          onTab={(tab) => setView({ panel: tab }, { replace: true })}
          onClose={() => setView({ panel: undefined }, { replace: true })}
          onPick={(picked) => {
            setSaved(picked.saved);
            run({
              text: picked.text,
              language: picked.language,
              ...(picked.groups !== undefined && picked.groups.length > 0
                ? { groups: picked.groups }
                : {}),
            });
          }}
        />
      )}
      {isSaving && (
        <SaveDialog
          text={draft.text}
          language={draft.language}
          groups={draft.groups}
          saved={saved}
          onSaved={setSaved}
          onClose={() => setIsSaving(false)}
        />
      )}
    </div>
  );
}

function panelTab(text: string): PanelTab {
  return text === 'saved' || text === 'history' ? text : 'samples';
}

/** `?saved=ID`, as the search box and other people's links open it: once, then it is a plain query. */
function useSavedFromLink(open: (query: WireSavedQuery) => void): void {
  const id = useTextParam('saved');
  const setView = useSetView();
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for an id.
  useEffect(() => {
    if (id === '') return;
    void client
      .fetchQuery({ queryKey: ['saved-queries'], queryFn: () => logsApi.savedQueries() })
      .then((list) => {
        const query = list.find((one) => one.id === id);
        setView({ saved: undefined }, { replace: true });
        if (query !== undefined) open(query);
      })
      .catch(() => {});
  }, [id]);
}

const histogramHeight = 88;
const lowHistogramHeight = 60;

function QueryHistogram({ model }: { readonly model: InsightsModel }): ReactNode {
  const m = useMessages(insightsWords);
  const shared = useSharedRange();
  const { histogram } = model.state;
  const empty = useMemo(
    () => ({ fromMs: shared.fromMs, binMs: Math.max(1, shared.toMs - shared.fromMs), counts: [0] }),
    [shared.fromMs, shared.toMs],
  );
  const shown = histogram ?? empty;
  const levels = useMemo(() => ({ other: shown.counts }), [shown]);
  if (histogram === undefined && model.state.phase === 'ended') return null;
  return (
    <div className={css.histogram}>
      <Histogram
        title={m.matchingEvents}
        fromMs={shown.fromMs}
        binMs={shown.binMs}
        levels={levels}
        height={window.innerHeight < 700 ? lowHistogramHeight : histogramHeight}
        stale={model.state.phase === 'starting'}
      />
    </div>
  );
}

function Ready({ onRun }: { readonly onRun: (text: string) => void }): ReactNode {
  const m = useMessages(insightsWords);
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  return (
    <div className={css.ready}>
      <div className={css.readyHead}>
        <h2>{m.ready}</h2>
        <p>{isMac ? m.readyTextMac : m.readyText}</p>
      </div>
      <div className={css.cards}>
        {samples.map((sample) => (
          <button
            key={sample.word}
            type="button"
            className={css.card}
            onClick={() => onRun(sample.text)}
          >
            {m.sample[sample.word]}
            <code>{sample.text.replaceAll('\n', ' ')}</code>
          </button>
        ))}
      </div>
    </div>
  );
}

function Results({ model }: { readonly model: InsightsModel }): ReactNode {
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
  const isChart =
    chart !== undefined && (tabParam === '' ? chart.kind === 'time' : tabParam === 'chart');
  const isSql = request?.language === 'SQL';
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
          {chart !== undefined && (
            <Segmented
              label={m.results}
              value={isChart ? 'chart' : 'rows'}
              options={[
                { value: 'rows', label: m.tabRows },
                { value: 'chart', label: m.tabChart },
              ]}
              onChange={(tab) => setView({ tab })}
            />
          )}
          {isChart && chart.kind === 'time' && (
            <Segmented
              label={m.tabChart}
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
          {!isChart && (
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
            <ErrorState error={state.error} title={m.failed} onRetry={() => run()} />
          </div>
        )}
        {table === undefined ? (
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
