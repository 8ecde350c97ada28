import { useQuery, useQueryClient } from '@tanstack/react-query';
import { BookOpen, Play, Save, Square } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { logsApi, type WireDiagnostic, type WireSavedQuery } from '../../api/logs.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { loadAgain } from '../../lazy-page.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { StatusIcon } from '../../ui/states.tsx';
import { EventContext } from '../groups/event-context.tsx';
import { GroupPicker } from './group-picker.tsx';
import css from './insights.module.css';
import { QueryHistogram } from './query-histogram.tsx';
import { type PanelTab, QueryPanel } from './query-panel.tsx';
import { Ready } from './ready.tsx';
import { Results } from './results.tsx';
import { ProgressLine, RunProgress } from './run-bar.tsx';
import { newestQuery, newestSql } from './samples.ts';
import { SaveDialog } from './save-dialog.tsx';
import { ShareMenu } from './share-menu.tsx';
import { maxGroups, useInsights } from './use-insights.ts';
import { insightsWords } from './words.ts';

/** CodeMirror is larger than the rest of the page, and results need not wait for it. */
const QueryEditor = lazy(() =>
  loadAgain(async () => ({
    default: (await import('./editor/editor.tsx')).QueryEditor,
  })),
);

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
      language: f.language,
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
