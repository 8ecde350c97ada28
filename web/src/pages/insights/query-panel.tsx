import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Folder, History, Trash2 } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { logsApi, type WireSavedQuery } from '../../api/logs.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SidePanel } from '../../ui/side-panel.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { clearHistory, useHistory } from './history.ts';
import css from './query-panel.module.css';
import { samples } from './samples.ts';
import { insightsWords } from './words.ts';

export type PanelTab = 'saved' | 'samples' | 'history';

/** A query as it can be taken from a list. */
export interface PickedQuery {
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups?: readonly string[];
  readonly saved?: WireSavedQuery;
}

export interface QueryPanelProps {
  readonly tab: PanelTab;
  readonly onTab: (tab: PanelTab) => void;
  readonly onPick: (query: PickedQuery) => void;
  readonly onClose: () => void;
}

/** Saved queries by folder, samples, and what was run before. */
export function QueryPanel({ tab, onTab, onPick, onClose }: QueryPanelProps): ReactNode {
  const m = useMessages(insightsWords);
  return (
    <SidePanel title={m.queries} onClose={onClose}>
      <Tabs
        value={tab}
        onChange={onTab}
        tabs={[
          { value: 'saved', label: m.saved, content: <SavedQueries onPick={onPick} /> },
          { value: 'samples', label: m.samplesTab, content: <Samples onPick={onPick} /> },
          { value: 'history', label: m.history, content: <HistoryList onPick={onPick} /> },
        ]}
      />
    </SidePanel>
  );
}

interface PickProps {
  readonly onPick: (query: PickedQuery) => void;
}

function SavedQueries({ onPick }: PickProps): ReactNode {
  const m = useMessages(insightsWords);
  const c = useMessages(common);
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['saved-queries'],
    queryFn: ({ signal }) => logsApi.savedQueries(signal),
  });
  const remove = useMutation({
    mutationFn: (saved: WireSavedQuery) => logsApi.deleteSavedQuery(saved.id),
    onSuccess: (_, saved) => {
      void client.invalidateQueries({ queryKey: ['saved-queries'] });
      toast(m.deletedSaved(saved.name));
    },
    onError: (error) => toastError(error.message),
  });
  const folders = useMemo(() => byFolder(query.data ?? []), [query.data]);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={6} />;
  if (query.data.length === 0) {
    return <Empty icon={Folder} title={m.nothingSaved} text={m.nothingSavedText} />;
  }
  return (
    <div className={css.list}>
      {folders.map(([folder, list]) => (
        <section key={folder}>
          {folder !== '' && (
            <h2 className={css.folder}>
              <Folder size={13} strokeWidth={1.5} aria-hidden />
              {folder}
            </h2>
          )}
          <ul>
            {list.map((saved) => (
              <li key={saved.id} className={css.entry}>
                <button
                  type="button"
                  className={css.pick}
                  onClick={() => onPick({ ...saved, saved })}
                >
                  <span className={css.name}>
                    {saved.name.slice(folder === '' ? 0 : folder.length + 1)}
                  </span>
                  <code className={css.text}>{saved.text}</code>
                </button>
                <IconButton
                  icon={Trash2}
                  label={`${c.delete} ${saved.name}`}
                  onClick={() => remove.mutate(saved)}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** By folder, those without one first; both in order of name. */
function byFolder(
  saved: readonly WireSavedQuery[],
): readonly (readonly [string, readonly WireSavedQuery[]])[] {
  const folders = new Map<string, WireSavedQuery[]>();
  for (const query of saved.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const folder = query.name.includes('/') ? query.name.slice(0, query.name.lastIndexOf('/')) : '';
    const list = folders.get(folder) ?? [];
    list.push(query);
    folders.set(folder, list);
  }
  return [...folders].toSorted(([a], [b]) => a.localeCompare(b));
}

function Samples({ onPick }: PickProps): ReactNode {
  const m = useMessages(insightsWords);
  const folders = [...new Set(samples.map((sample) => sample.folder))];
  return (
    <div className={css.list}>
      {folders.map((folder) => (
        <section key={folder}>
          <h2 className={css.folder}>{m.folder[folder]}</h2>
          <ul>
            {samples
              .filter((sample) => sample.folder === folder)
              .map((sample) => (
                <li key={sample.word} className={css.entry}>
                  <button
                    type="button"
                    className={css.pick}
                    onClick={() => onPick({ text: sample.text, language: 'CWLI' })}
                  >
                    <span className={css.name}>{m.sample[sample.word]}</span>
                    <code className={css.text}>{sample.text}</code>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function HistoryList({ onPick }: PickProps): ReactNode {
  const m = useMessages(insightsWords);
  const c = useMessages(common);
  const f = useFormat();
  const entries = useHistory();
  if (entries.length === 0) return <Empty icon={History} title={m.nothingRun} />;
  return (
    <div className={css.list}>
      <ul>
        {entries.map((entry) => (
          <li key={`${entry.language} ${entry.text}`} className={css.entry}>
            <button type="button" className={css.pick} onClick={() => onPick(entry)}>
              <span className={css.when}>
                <time title={f.exactTime(entry.atMs)}>{f.ago(entry.atMs, Date.now())}</time>
                {entry.status !== undefined && (
                  <span>{m.status[entry.status as keyof typeof m.status] ?? entry.status}</span>
                )}
                {entry.rows !== undefined && <span>{c.rows(f.number(entry.rows))}</span>}
                {entry.elapsedMs !== undefined && <span>{f.duration(entry.elapsedMs)}</span>}
              </span>
              <code className={css.text}>{entry.text}</code>
            </button>
          </li>
        ))}
      </ul>
      <Button look="quiet" icon={Trash2} onClick={clearHistory}>
        {m.clearHistory}
      </Button>
    </div>
  );
}
