import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ArrowDownToLine, FileSearch, X } from 'lucide-react';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { logsApi } from '../../api/logs.ts';
import { Histogram } from '../../charts/histogram.tsx';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { termsOfFilter } from '../../logs/highlight.ts';
import { LogList } from '../../logs/log-list.tsx';
import type { LogRow } from '../../logs/log-row.ts';
import { LogTools } from '../../logs/log-tools.tsx';
import { useListParam, useSetView, useTextParam } from '../../state/view.ts';
import { isoInstant, parseTime } from '../../time/range.ts';
import { useSharedRange } from '../../time/shared-range.tsx';
import { Button } from '../../ui/button.tsx';
import { SearchInput, TextInput } from '../../ui/field.tsx';
import { Empty, ErrorState, Skeleton, SkeletonLines } from '../../ui/states.tsx';
import { EventContext } from './event-context.tsx';
import { type EventWindow, useEventWindow } from './event-window.ts';
import css from './groups.module.css';
import { groupWords } from './words.ts';

export interface GroupEventsProps {
  readonly name: string;
  readonly lastEventMs: number | null;
}

/** The events of a group in the page's range: filter, jump, scroll both ways. */
export function GroupEvents({ name, lastEventMs }: GroupEventsProps): ReactNode {
  const m = useMessages(groupWords);
  const setView = useSetView();
  const shared = useSharedRange();
  const filter = useTextParam('filter');
  const streams = useListParam('stream');
  const openKey = useTextParam('event') || undefined;
  const contextKey = useTextParam('context');
  const at = useTextParam('at');
  const atMs = useMemo(
    () =>
      at === ''
        ? undefined
        : parseTime(at, { nowMs: shared.nowMs, zone: shared.zone, edge: 'from' }),
    [at, shared.nowMs, shared.zone],
  );
  const events = useEventWindow({
    group: name,
    streams,
    filter,
    fromMs: shared.fromMs,
    toMs: shared.toMs,
    atMs,
  });
  const terms = useMemo(() => termsOfFilter(filter), [filter]);
  const onOpen = useCallback(
    (key: string | undefined) => setView({ event: key }, { replace: true }),
    [setView],
  );
  const patternError =
    events.error instanceof ApiError && events.error.status === 400 && filter !== ''
      ? events.error
      : undefined;
  return (
    <>
      <div className={css.tools}>
        <SearchInput
          className={css.grow}
          label={m.patternLabel}
          placeholder={m.patternPlaceholder}
          mono
          invalid={patternError !== undefined}
          value={filter}
          onSearch={(text) => setView({ filter: text, event: undefined })}
        />
        {streams.map((stream) => (
          <StreamChip
            key={stream}
            name={stream}
            onRemove={() => setView({ stream: streams.filter((other) => other !== stream) })}
          />
        ))}
        <JumpBox at={at} onJump={(text) => setView({ at: text, event: undefined })} />
        <LogTools />
      </div>
      <EventHistogram
        name={name}
        filter={patternError === undefined ? filter : ''}
        streams={streams}
      />
      {events.error !== undefined && (
        <div className={css.patternError}>
          <ErrorState error={events.error} onRetry={shared.refresh} />
        </div>
      )}
      <div className={css.list}>
        {events.rows.length > 0 ? (
          <LogList
            key={events.generation}
            rows={events.rows}
            terms={terms}
            showStream={streams.length !== 1}
            openKey={openKey}
            onOpen={onOpen}
            startEdge={events.startEdge}
            endEdge={events.endEdge}
            onReachStart={events.loadEarlier}
            onReachEnd={events.loadLater}
            startAt="end"
            onContext={(row) => setView({ context: row.key })}
            linkOf={(row) => linkOf(row, name)}
            onFilter={(field, value, mode) => {
              if (field === '@logStream' && mode === 'in') setView({ stream: [value] });
              else setView({ filter: filterWith(filter, field, value, mode) });
            }}
          />
        ) : events.isLoaded ? (
          events.error === undefined && (
            <NoEvents events={events} filter={filter} lastEventMs={lastEventMs} />
          )
        ) : (
          <SkeletonLines count={20} />
        )}
        {contextKey !== '' && (
          <EventContext pointer={contextKey} onClose={() => setView({ context: undefined })} />
        )}
      </div>
    </>
  );
}

function StreamChip({
  name,
  onRemove,
}: {
  readonly name: string;
  readonly onRemove: () => void;
}): ReactNode {
  const m = useMessages(groupWords);
  const c = useMessages(common);
  return (
    <span className={css.streamChip} title={m.onlyStream(name)}>
      <span>{name}</span>
      <button
        type="button"
        className={css.chipButton}
        aria-label={`${c.delete} ${name}`}
        onClick={onRemove}
      >
        <X size={12} strokeWidth={2} aria-hidden />
      </button>
    </span>
  );
}

function JumpBox({
  at,
  onJump,
}: {
  readonly at: string;
  readonly onJump: (at: string | undefined) => void;
}): ReactNode {
  const m = useMessages(groupWords);
  const shared = useSharedRange();
  const [text, setText] = useState('');
  const ms = parseTime(text, { nowMs: Date.now(), zone: shared.zone, edge: 'from' });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ms === undefined) return;
        onJump(isoInstant(ms));
        if (ms < shared.fromMs || ms > shared.toMs) {
          const half = (shared.toMs - shared.fromMs) / 2;
          shared.setRange({
            from: isoInstant(Math.round(ms - half)),
            to: isoInstant(Math.round(ms + half)),
          });
        }
      }}
      style={{ display: 'flex', gap: 4 }}
    >
      <TextInput
        className={css.jump}
        mono
        aria-label={m.jump}
        aria-invalid={text !== '' && ms === undefined ? true : undefined}
        placeholder={m.jump}
        title={m.jumpPlaceholder}
        value={text}
        onChange={setText}
      />
      {at !== '' && (
        <Button
          icon={ArrowDownToLine}
          onClick={() => {
            setText('');
            onJump(undefined);
          }}
        >
          {m.newest}
        </Button>
      )}
    </form>
  );
}

const histogramHeight = 92;

function EventHistogram({
  name,
  filter,
  streams,
}: {
  readonly name: string;
  readonly filter: string;
  readonly streams: readonly string[];
}): ReactNode {
  const m = useMessages(groupWords);
  const { fromMs, toMs } = useSharedRange();
  const query = useQuery({
    queryKey: ['histogram', name, streams, filter, fromMs, toMs],
    queryFn: ({ signal }) =>
      logsApi.histogram({ groups: [name], streams, filter, fromMs, toMs, bins: 140 }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <div className={css.histogram} style={{ minHeight: histogramHeight + 4 }}>
      {query.data === undefined ? (
        !query.isError && <Skeleton height={histogramHeight} />
      ) : (
        <Histogram
          title={m.eventsOverTime}
          fromMs={query.data.fromMs}
          binMs={query.data.binMs}
          levels={query.data.levels}
          height={histogramHeight}
          stale={query.isPlaceholderData}
        />
      )}
      {query.data?.complete === false && <div className={css.note}>{m.counting}</div>}
    </div>
  );
}

function NoEvents({
  events,
  filter,
  lastEventMs,
}: {
  readonly events: EventWindow;
  readonly filter: string;
  readonly lastEventMs: number | null;
}): ReactNode {
  const m = useMessages(groupWords);
  const f = useFormat();
  const shared = useSharedRange();
  if (events.startEdge === 'more') {
    return (
      <div style={{ flex: 1 }}>
        <Empty icon={FileSearch} title={m.searching(f.number(events.scanned))}>
          <Button onClick={events.loadEarlier}>{m.continueSearch}</Button>
        </Empty>
      </div>
    );
  }
  const isElsewhere =
    lastEventMs !== null && (lastEventMs < shared.fromMs || lastEventMs > shared.toMs);
  return (
    <div style={{ flex: 1 }}>
      <Empty
        icon={FileSearch}
        title={filter === '' ? m.noEvents : m.noEventsMatch}
        text={isElsewhere ? m.lastEventWas(f.dateTime(lastEventMs)) : undefined}
      >
        {isElsewhere ? (
          <Button
            onClick={() =>
              shared.setRange({
                from: isoInstant(lastEventMs - 1_800_000),
                to: isoInstant(lastEventMs + 60_000),
              })
            }
          >
            {m.showThat}
          </Button>
        ) : (
          <Button onClick={shared.zoomOut}>{m.widen}</Button>
        )}
      </Empty>
    </div>
  );
}

/** A link that shows this line open, with the lines around it, whatever the range is now. */
function linkOf(row: LogRow, group: string): string {
  const url = new URL(window.location.href);
  url.search = '';
  const around = 300_000;
  for (const [key, value] of [
    ['group', group],
    ['from', isoInstant(row.timestampMs - around)],
    ['to', isoInstant(row.timestampMs + around)],
    ['at', isoInstant(row.timestampMs)],
    ['event', row.key],
  ] as const) {
    url.searchParams.set(key, value);
  }
  return url.href;
}

/** The pattern with one more condition, in the form it already has. */
function filterWith(filter: string, field: string, value: string, mode: 'in' | 'out'): string {
  const trimmed = filter.trim();
  const quoted = `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const isPath = /^[\w.-]+$/.test(field) && !field.startsWith('@');
  if (isPath && (trimmed === '' || trimmed.startsWith('{'))) {
    const path = field.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
    const condition = `$.${path} ${mode === 'in' ? '=' : '!='} ${quoted}`;
    const inner = trimmed.replace(/^\{\s*|\s*\}$/g, '');
    return inner === '' ? `{ ${condition} }` : `{ ${inner} && ${condition} }`;
  }
  return `${trimmed} ${mode === 'in' ? '' : '-'}${quoted}`.trim();
}
