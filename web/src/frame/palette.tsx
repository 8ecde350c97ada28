import { Dialog as Base } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  Bookmark,
  Box,
  FolderTree,
  Globe,
  Keyboard,
  Languages,
  Layers,
  LayoutGrid,
  type LucideIcon,
  RefreshCw,
  Rows3,
  SunMoon,
} from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { dashboardStoreApi } from '../api/dashboard-store.ts';
import { kubernetesApi } from '../api/kubernetes.ts';
import { logsApi } from '../api/logs.ts';
import { useMessages } from '../i18n/messages.ts';
import { setPreferences, usePreferences } from '../state/preferences.ts';
import { useSharedRange } from '../time/shared-range.tsx';
import { timeWords } from '../time/words.ts';
import overlay from '../ui/overlay.module.css';
import { pageLinks, settingsLink } from './navigation.ts';
import css from './palette.module.css';
import { matchScore } from './palette-match.ts';
import { toggleTheme } from './top-bar.tsx';
import { frameWords } from './words.ts';

interface Choice {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  readonly note?: string;
  readonly icon: LucideIcon;
  readonly run: () => void;
}

/** Enough of each kind to choose from at a glance. */
const maxPerGroup = 8;

export interface PaletteProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}

/** Search everything: pages, workloads and pods, groups, streams, saved queries and commands, from the keyboard. */
export function Palette({ open, onClose, onShortcuts }: PaletteProps): ReactNode {
  const m = useMessages(frameWords);
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className={overlay.backdrop} />
        <Base.Popup className={css.popup}>
          <Base.Title className="visually-hidden">{m.searchEverything}</Base.Title>
          <PaletteBody onClose={onClose} onShortcuts={onShortcuts} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function PaletteBody({ onClose, onShortcuts }: Omit<PaletteProps, 'open'>): ReactNode {
  const m = useMessages(frameWords);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const choices = useChoices(typed, onShortcuts);
  const index = Math.min(active, choices.length - 1);
  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onClose();
    choice.run();
  };
  const move = (to: number): void => {
    setActive(to);
    list.current?.querySelector(`[data-index="${to}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') move((index + 1) % Math.max(1, choices.length));
    else if (event.key === 'ArrowUp') {
      move((index - 1 + choices.length) % Math.max(1, choices.length));
    } else if (event.key === 'Enter') choose(choices[index]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className={css.input}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={index >= 0 ? `palette-${index}` : undefined}
        aria-label={m.searchEverything}
        placeholder={m.searchPlaceholder}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id="palette-list"
        role="listbox"
        aria-label={m.searchEverything}
        className={css.list}
      >
        {choices.map((choice, at) => (
          <div key={choice.id} role="presentation">
            {choice.group !== choices[at - 1]?.group && (
              <div className={css.group} role="presentation">
                {choice.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys. */}
            <div
              id={`palette-${at}`}
              data-index={at}
              role="option"
              tabIndex={-1}
              aria-selected={at === index}
              className={css.item}
              onClick={() => choose(choice)}
              onPointerMove={() => setActive(at)}
            >
              <choice.icon size={16} strokeWidth={1.5} aria-hidden />
              <span className={css.label}>{choice.label}</span>
              {choice.note !== undefined && <span className={css.note}>{choice.note}</span>}
            </div>
          </div>
        ))}
      </div>
      {choices.length === 0 && <div className={css.empty}>{m.nothingMatches}</div>}
    </>
  );
}

function useChoices(typed: string, onShortcuts: () => void): readonly Choice[] {
  const m = useMessages(frameWords);
  const t = useMessages(timeWords);
  const navigate = useNavigate();
  const shared = useSharedRange();
  const { language } = usePreferences();
  const groups = useQuery({
    queryKey: ['palette', 'groups', typed],
    queryFn: ({ signal }) => logsApi.groups({ contains: typed.trim(), limit: maxPerGroup }, signal),
    placeholderData: (previous) => previous,
  });
  const saved = useQuery({
    queryKey: ['saved-queries'],
    queryFn: ({ signal }) => logsApi.savedQueries(signal),
    retry: false,
  });
  // While an answer is on its way the list before it shows: never what does not fit what is typed,
  // or Enter would open a stranger.
  const fitting = useMemo(
    () =>
      (groups.data?.groups ?? []).filter((group) => matchScore(group.name, typed) !== undefined),
    [groups.data, typed],
  );
  // Streams of the group that fits best: typing a group's name and a stream's finds both.
  const best = typed.trim() === '' ? undefined : fitting[0]?.name;
  const streams = useQuery({
    queryKey: ['palette', 'streams', best],
    queryFn: ({ signal }) =>
      logsApi.streams(
        { group: best ?? '', orderBy: 'lastEvent', descending: true, limit: maxPerGroup },
        signal,
      ),
    enabled: best !== undefined,
  });

  const objects = useObjectChoices(typed);
  const dashboards = useDashboardChoices(typed);

  return useMemo(() => {
    const go = (to: string, search: Record<string, string> = {}): void =>
      void navigate({ to, search } as never);
    const fixed: Choice[] = [...pageLinks, settingsLink].map((link) => ({
      id: link.to,
      group: m.pages,
      label: m[link.word],
      note: link.to,
      icon: link.icon,
      run: () => go(link.to),
    }));
    const commands: Choice[] = [
      { label: m.keyTheme, icon: SunMoon, run: toggleTheme },
      {
        label: language === 'en' ? '한국어' : 'English',
        icon: Languages,
        run: () => setPreferences({ language: language === 'en' ? 'ko' : 'en' }),
      },
      { label: t.refresh, icon: RefreshCw, run: shared.refresh },
      { label: m.shortcuts, icon: Keyboard, run: onShortcuts },
      ...['Asia/Seoul', 'UTC', 'browser'].map((zone) => ({
        label: `${t.zone}: ${zone === 'browser' ? t.browserZone : zone}`,
        icon: Globe,
        run: () => setPreferences({ zone }),
      })),
    ].map((command) => ({ ...command, id: `command ${command.label}`, group: m.commands }));
    const groupChoices: Choice[] = fitting.map((group) => ({
      id: `group ${group.name}`,
      group: m.logGroups,
      label: group.name,
      icon: FolderTree,
      run: () => go('/logs/group', { group: group.name }),
    }));
    const streamChoices: Choice[] = (streams.data?.streams ?? []).map((stream) => ({
      id: `stream ${best} ${stream.name}`,
      group: m.streams,
      label: stream.name,
      note: best ?? '',
      icon: Rows3,
      run: () => go('/logs/group', { group: best ?? '', stream: stream.name, tab: 'events' }),
    }));
    const savedChoices: Choice[] = (saved.data ?? []).map((query) => ({
      id: `query ${query.id}`,
      group: m.savedQueries,
      label: query.name,
      icon: Bookmark,
      run: () => go('/logs/insights', { saved: query.id }),
    }));
    return [
      ...ranked(fixed, typed),
      ...dashboards,
      ...objects,
      ...groupChoices,
      ...streamChoices,
      ...ranked(savedChoices, typed),
      ...ranked(commands, typed),
    ];
  }, [
    m,
    t,
    navigate,
    shared.refresh,
    language,
    fitting,
    streams.data,
    saved.data,
    best,
    typed,
    dashboards,
    objects,
    onShortcuts,
  ]);
}

/** Dashboards by title or folder. */
function useDashboardChoices(typed: string): readonly Choice[] {
  const m = useMessages(frameWords);
  const navigate = useNavigate();
  const all = useQuery({
    queryKey: ['dashboards', 'all'],
    queryFn: ({ signal }) => dashboardStoreApi.all(signal),
    staleTime: 15_000,
    retry: false,
  });
  return useMemo(() => {
    if (typed.trim() === '') return [];
    const found = (all.data ?? [])
      .filter(({ type }) => type === 'dash-db')
      .map(
        ({ uid, title, url, folderTitle }): Choice => ({
          id: `dashboard ${uid}`,
          group: m.dashboards,
          label: title,
          ...(folderTitle === undefined ? {} : { note: folderTitle }),
          icon: LayoutGrid,
          run: () => void navigate({ to: url } as never),
        }),
      );
    return ranked(found, typed);
  }, [all.data, typed, m, navigate]);
}

/** A letter fits half of a cluster. */
const minObjectChars = 2;

/** Workloads and pods of the cluster, where one is watched. */
function useObjectChoices(typed: string): readonly Choice[] {
  const m = useMessages(frameWords);
  const navigate = useNavigate();
  const search = typed.trim().split(/\s+/)[0] ?? '';
  const status = useQuery({
    queryKey: ['kubernetes-status'],
    queryFn: ({ signal }) => kubernetesApi.status(signal),
    retry: false,
  });
  const isOn = status.data?.enabled === true && search.length >= minObjectChars;
  const workloads = useQuery({
    queryKey: ['palette', 'workloads', search],
    queryFn: ({ signal }) =>
      kubernetesApi.list('workloads', { search, limit: maxPerGroup }, signal),
    enabled: isOn,
    retry: false,
  });
  const pods = useQuery({
    queryKey: ['palette', 'pods', search],
    queryFn: ({ signal }) => kubernetesApi.list('pods', { search, limit: maxPerGroup }, signal),
    enabled: isOn,
    retry: false,
  });
  return useMemo(() => {
    if (!isOn) return [];
    const go = (to: string, link: Record<string, string>): void =>
      void navigate({ to, search: link } as never);
    const ofWorkloads = (workloads.data?.items ?? [])
      // A pod that nobody made is among the pods.
      .filter(({ kind }) => kind !== 'Pod')
      .map(
        ({ namespace, kind, name }): Choice => ({
          id: `workload ${namespace} ${kind} ${name}`,
          group: m.workloads,
          label: name,
          note: `${kind}, ${namespace}`,
          icon: Layers,
          run: () => go('/kubernetes/workload', { namespace, kind, name }),
        }),
      );
    const ofPods = (pods.data?.items ?? []).map(
      ({ namespace, name, status: state }): Choice => ({
        id: `pod ${namespace} ${name}`,
        group: m.pods,
        label: name,
        note: `${state}, ${namespace}`,
        icon: Box,
        run: () => go('/kubernetes/pod', { namespace, pod: name }),
      }),
    );
    return [...ranked(ofWorkloads, typed), ...ranked(ofPods, typed)];
  }, [isOn, workloads.data, pods.data, typed, m, navigate]);
}

function ranked(choices: readonly Choice[], typed: string): readonly Choice[] {
  return choices
    .map((choice) => ({ choice, score: matchScore(`${choice.label} ${choice.note ?? ''}`, typed) }))
    .filter((entry): entry is { choice: Choice; score: number } => entry.score !== undefined)
    .toSorted((a, b) => (typed === '' ? 0 : a.score - b.score))
    .slice(0, maxPerGroup)
    .map((entry) => entry.choice);
}
