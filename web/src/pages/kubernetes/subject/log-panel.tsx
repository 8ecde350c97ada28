import { Link } from '@tanstack/react-router';
import { Pause, Play, Radio, ScrollText } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { termsOfFilter } from '../../../logs/highlight.ts';
import { LogList } from '../../../logs/log-list.tsx';
import { LogTools } from '../../../logs/log-tools.tsx';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { isRelative } from '../../../time/range.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Button } from '../../../ui/button.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Empty, ErrorState, SkeletonLines, StatusIcon } from '../../../ui/states.tsx';
import { useEventWindow } from '../../groups/event-window.ts';
import { TailStore } from '../../live-tail/tail-store.ts';
import { kubernetesWords } from '../words.ts';
import { containerRows } from './container-rows.ts';
import css from './subject.module.css';

/** Which lines a panel shows: of one group, by streams or by a pattern. */
export interface LogSource {
  readonly group: string;
  /** Empty: all of the group. */
  readonly streams: readonly string[];
  /** For what is written from now on: streams of containers that are still to start too. */
  readonly streamPrefixes: readonly string[];
  /** A condition that is always on, in a filter pattern's braces; empty: none. */
  readonly pattern: string;
  /** What the names of its pods begin with, where that is the same for all. */
  readonly podPrefix?: string;
}

/** Lines beside the charts, of the same time; or as they are written. */
export function LogPanel({
  source,
  picker,
  insights,
  showStream,
  emptyText,
}: {
  readonly source: LogSource;
  /** Chooses containers, runs. */
  readonly picker?: ReactNode;
  readonly insights: Readonly<Record<string, unknown>>;
  readonly showStream: boolean;
  readonly emptyText: string;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const setView = useSetView();
  const isLive = useTextParam('live') === 'on';
  const filter = useTextParam('filter');
  const pattern = useMemo(() => joinPatterns(source.pattern, filter), [source.pattern, filter]);
  const terms = useMemo(() => termsOfFilter(filter), [filter]);
  return (
    <div className={css.logs}>
      <div className={css.logTools}>
        {picker}
        <SearchInput
          className={css.logFilter}
          label={m.filterLogs}
          mono
          value={filter}
          onSearch={(text) => setView({ filter: text }, { replace: true })}
        />
        <Segmented
          label={m.logTime}
          value={isLive ? 'on' : ''}
          options={[
            { value: '', label: m.history },
            { value: 'on', label: m.live },
          ]}
          onChange={(live) => setView({ live }, { replace: true })}
        />
        <LogTools />
        <Link to={'/logs/insights' as string} search={insights as never} className={css.toolLink}>
          <ScrollText size={14} strokeWidth={1.5} aria-hidden />
          {m.inInsights}
        </Link>
      </div>
      {isLive ? (
        <LiveLines source={source} pattern={pattern} terms={terms} showStream={showStream} />
      ) : (
        <PastLines
          source={source}
          pattern={pattern}
          terms={terms}
          showStream={showStream}
          emptyText={emptyText}
        />
      )}
    </div>
  );
}

interface LinesProps {
  readonly source: LogSource;
  readonly pattern: string;
  readonly terms: readonly string[];
  readonly showStream: boolean;
}

function PastLines({
  source,
  pattern,
  terms,
  showStream,
  emptyText,
}: LinesProps & { readonly emptyText: string }): ReactNode {
  const m = useMessages(kubernetesWords);
  const shared = useSharedRange();
  const setView = useSetView();
  const openKey = useTextParam('line') || undefined;
  const events = useEventWindow({
    group: source.group,
    streams: source.streams,
    filter: pattern,
    fromMs: shared.fromMs,
    toMs: shared.toMs,
    atMs: undefined,
  });
  const rows = useMemo(
    () => containerRows(events.rows, source.podPrefix),
    [events.rows, source.podPrefix],
  );
  if (events.error !== undefined) {
    return <ErrorState error={events.error} onRetry={shared.refresh} />;
  }
  if (!events.isLoaded) return <SkeletonLines count={12} />;
  if (events.rows.length === 0) {
    return (
      <Empty icon={ScrollText} title={m.noLines} text={emptyText}>
        <Button onClick={shared.zoomOut}>{m.widen}</Button>
      </Empty>
    );
  }
  return (
    <LogList
      key={events.generation}
      rows={rows}
      terms={terms}
      showStream={showStream}
      openKey={openKey}
      onOpen={(key) => setView({ line: key }, { replace: true })}
      startEdge={events.startEdge}
      endEdge={isRelative(shared.range) ? 'none' : events.endEdge}
      onReachStart={events.loadEarlier}
      onReachEnd={events.loadLater}
      startAt="end"
    />
  );
}

function LiveLines({ source, pattern, terms, showStream }: LinesProps): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const [store] = useState(() => new TailStore());
  const rows = useMemo(
    () => ({
      rows: () => containerRows(store.rows(), source.podPrefix),
      subscribe: store.subscribeRows,
    }),
    [store, source.podPrefix],
  );
  const view = useSyncExternalStore(store.subscribe, store.view);
  const key = JSON.stringify([source, pattern]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: by content.
  useEffect(() => {
    store.follow({
      groups: [source.group],
      ...(source.streamPrefixes.length > 0
        ? { streamPrefixes: source.streamPrefixes }
        : source.streams.length > 0
          ? { streams: source.streams }
          : {}),
      ...(pattern === '' ? {} : { filterPattern: pattern }),
    });
  }, [store, key]);
  useEffect(() => () => store.close(), [store]);
  const isLive = view.state === 'live';
  return (
    <>
      <div className={css.liveState}>
        <StatusIcon kind={isLive ? (view.isPaused ? 'info' : 'ok') : 'warning'} />
        <span>
          {view.isPaused
            ? m.paused(f.number(view.waiting))
            : isLive
              ? m.following(f.number(view.perSecond, 1))
              : (view.detail ?? m.connecting)}
        </span>
        <Button
          look="quiet"
          icon={view.isPaused ? Play : Pause}
          onClick={() => store.pause(!view.isPaused)}
        >
          {view.isPaused ? m.resume : m.pause}
        </Button>
      </div>
      {view.isEmpty ? (
        <Empty icon={Radio} title={m.quiet} text={m.quietText} />
      ) : (
        <LogList
          rows={rows}
          terms={terms}
          showStream={showStream}
          follow={!view.isPaused}
          onFollow={(follow) => store.pause(!follow)}
        />
      )}
    </>
  );
}

/** Both must hold: a pattern in braces takes the other in; words beside one are not possible. */
export function joinPatterns(fixed: string, typed: string): string {
  const text = typed.trim();
  if (fixed === '') return text;
  if (text === '') return fixed;
  const inner = fixed.replace(/^\{\s*|\s*\}$/g, '');
  if (text.startsWith('{')) return `{ ${inner} && (${text.replace(/^\{\s*|\s*\}$/g, '')}) }`;
  // What people look for in a container's lines is in the field of the line itself.
  const words = text.replace(/^"|"$/g, '');
  return `{ ${inner} && ($.log = ${JSON.stringify(`*${words}*`)}) }`;
}
