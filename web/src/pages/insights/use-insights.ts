import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { beginsWithSource } from '../../../../src/logs/insights/source-text.ts';
import { logsApi, type WireQueryRequest } from '../../api/logs.ts';
import { useListParam, useSetView, useTextParam } from '../../state/view.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { remember } from './history.ts';
import { type RunState, RunStore } from './run-store.ts';
import { newestQuery, newestSql } from './samples.ts';

/** The API's own bound. */
export const maxGroups = 50;
const groupsKey = 'nunchi.insights.groups';
/** Parameters of a link that arrive together must make one run, not two. */
const settleMs = 15;

export interface Draft {
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
}

export interface Insights {
  /** What the editor and the picker hold; becomes the link when it runs. */
  readonly draft: Draft;
  readonly edit: (change: Partial<Draft>) => void;
  /** Runs the draft, with changes where given. */
  readonly run: (change?: Partial<Draft>) => void;
  readonly cancel: () => void;
  readonly state: RunState;
  /** The draft over the page's range. */
  readonly request: WireQueryRequest;
  readonly canRun: boolean;
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** Text, language and groups in the link are what runs; the draft is what is being written. */
export function useInsights(): Insights {
  const setView = useSetView();
  const shared = useSharedRange();
  const text = useTextParam('q');
  const language = useTextParam('lang') === 'sql' ? 'SQL' : 'CWLI';
  const linked = useListParam('group');
  const groupsText = linked.join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: by content, not by identity.
  const groups = useMemo(() => linked, [groupsText]);

  const [draft, setDraft] = useState<Draft>(() => ({
    text: text || (language === 'SQL' ? newestSql : newestQuery),
    language,
    groups: groups.length > 0 ? groups : rememberedGroups(),
  }));
  const latest = useRef(draft);
  latest.current = draft;
  const edit = useCallback((change: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...change }));
  }, []);

  // The link changed under us (Back, a sample, another page): show what it says.
  useEffect(() => {
    if (text !== '') setDraft((before) => ({ ...before, text, language }));
  }, [text, language]);
  useEffect(() => {
    if (groups.length > 0) setDraft((before) => ({ ...before, groups }));
  }, [groups]);

  // With nothing chosen and nothing remembered, all there is: a first query then finds something.
  const known = useQuery({
    queryKey: ['groups', 'insights'],
    queryFn: ({ signal }) => logsApi.groups({ limit: maxGroups }, signal),
    staleTime: 60_000,
  });
  useEffect(() => {
    const names = known.data?.groups.map((group) => group.name);
    if (names === undefined) return;
    setDraft((before) => {
      // Groups that were deleted since are not asked for again.
      const kept = before.groups.filter(
        (name) => groups.includes(name) || names.includes(name) || names.length >= maxGroups,
      );
      const next = kept.length > 0 ? kept : names.filter((name) => !name.startsWith('/nunchi/'));
      const wanted = next.length > 0 ? next : names;
      return sameList(wanted, before.groups) ? before : { ...before, groups: wanted };
    });
  }, [known.data, groups]);

  const [store] = useState(() => new RunStore());
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [turn, setTurn] = useState(0);
  const run = useCallback(
    (change: Partial<Draft> = {}) => {
      const next = { ...latest.current, ...change };
      setDraft(next);
      setView({
        q: next.text,
        lang: next.language === 'SQL' ? 'sql' : undefined,
        group: next.groups,
        row: undefined,
        context: undefined,
      });
      saveGroups(next.groups);
      shared.refresh();
      setTurn((before) => before + 1);
    },
    [setView, shared.refresh],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` runs the same query again.
  useEffect(() => {
    if (text === '' || (groups.length === 0 && !namesItsGroups(text, language))) return;
    const request = { text, language, groups, fromMs: shared.fromMs, toMs: shared.toMs } as const;
    const timer = window.setTimeout(() => store.start(request), settleMs);
    return () => window.clearTimeout(timer);
  }, [text, language, groups, shared.fromMs, shared.toMs, turn, store]);
  // A page that is left asks nothing any more.
  useEffect(() => () => store.cancel(), [store]);

  useEffect(() => {
    const { phase, request, status, statistics, table } = state;
    if (phase !== 'ended' || request === undefined || status === undefined) return;
    remember({
      text: request.text,
      language: request.language,
      groups: request.groups,
      atMs: Date.now(),
      status,
      ...(table === undefined ? {} : { rows: table.rowCount }),
      ...(statistics === undefined ? {} : { elapsedMs: statistics.elapsedMs }),
    });
  }, [state]);

  const request = useMemo<WireQueryRequest>(
    () => ({ ...draft, fromMs: shared.fromMs, toMs: shared.toMs }),
    [draft, shared.fromMs, shared.toMs],
  );
  return {
    draft,
    edit,
    run,
    cancel: useCallback(() => store.cancel(), [store]),
    state,
    request,
    canRun:
      draft.text.trim() !== '' &&
      (draft.groups.length > 0 || namesItsGroups(draft.text, draft.language)),
  };
}

/** A query with SOURCE, or SQL over a quoted group, needs none chosen. */
export function namesItsGroups(text: string, language: 'CWLI' | 'SQL'): boolean {
  return language === 'SQL' ? /\bfrom\s+"/i.test(text) : beginsWithSource(text);
}

function rememberedGroups(): readonly string[] {
  try {
    const stored = JSON.parse(localStorage.getItem(groupsKey) ?? '[]') as unknown;
    return Array.isArray(stored) ? stored.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

function saveGroups(groups: readonly string[]): void {
  try {
    localStorage.setItem(groupsKey, JSON.stringify(groups));
  } catch {
    // Only a convenience.
  }
}
