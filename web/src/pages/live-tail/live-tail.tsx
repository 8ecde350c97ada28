import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleHelp, Eraser, Pause, Play, Radio, Search, X } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { logsApi } from '../../api/logs.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { frameWords } from '../../frame/words.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useShortcuts } from '../../keys/shortcuts.ts';
import { termsOfFilter } from '../../logs/highlight.ts';
import { LogList } from '../../logs/log-list.tsx';
import type { LogRow } from '../../logs/log-row.ts';
import { LogTools } from '../../logs/log-tools.tsx';
import { useListParam, useSetView, useTextParam } from '../../state/view.ts';
import { isoInstant } from '../../time/range.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { MultiCombobox } from '../../ui/combobox.tsx';
import { SearchInput, TextInput } from '../../ui/field.tsx';
import { Empty, ErrorState, StatusIcon, type StatusKind } from '../../ui/states.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { EventContext } from '../groups/event-context.tsx';
import { GroupPicker } from '../insights/group-picker.tsx';
import css from './live-tail.module.css';
import { maxRows, TailStore, type TailView } from './tail-store.ts';
import { tailWords } from './words.ts';

const maxGroups = 50;
const maxTerms = 5;
/** Around a line, when it is looked at in Insights. */
const momentMs = 60_000;

/** New lines as they are written. All of the view but the lines is in the link. */
export function LiveTail(): ReactNode {
  const m = useMessages(tailWords);
  const words = useMessages(frameWords);
  const setView = useSetView();
  const groupParam = useListParam('group');
  const streamParam = useListParam('stream');
  const filter = useTextParam('filter');
  const termParam = useListParam('mark');
  const openKey = useTextParam('event') || undefined;
  const contextKey = useTextParam('context');
  usePageTitle({ label: words.liveTail });

  // By content: the lists are new arrays with every change of the link.
  const groupText = groupParam.join('\n');
  const streamText = streamParam.join('\n');
  const termText = termParam.join('\n');
  const groups = useMemo(() => lines(groupText), [groupText]);
  const streams = useMemo(() => lines(streamText), [streamText]);
  const marked = useMemo(() => lines(termText), [termText]);
  const terms = useMemo(
    () => (marked.length > 0 ? marked : termsOfFilter(filter)),
    [marked, filter],
  );

  const [store] = useState(() => new TailStore());
  const source = useMemo(() => ({ rows: store.rows, subscribe: store.subscribeRows }), [store]);
  // Not the whole view: its counts change all the time, and only StateLine shows them.
  const state = useTail(store, (view) => view.state);
  const detail = useTail(store, (view) => view.detail);
  const isPaused = useTail(store, (view) => view.isPaused);
  const isEmpty = useTail(store, (view) => view.isEmpty);
  useEffect(() => {
    store.follow(
      groups.length === 0
        ? undefined
        : {
            groups,
            // Names belong to one group: with several they would mean something else in each.
            ...(groups.length > 1
              ? {}
              : {
                  streams: streams.filter((name) => !name.endsWith('*')),
                  streamPrefixes: streams
                    .filter((name) => name.endsWith('*'))
                    .map((name) => name.slice(0, -1)),
                }),
            ...(filter === '' ? {} : { filterPattern: filter }),
          },
    );
  }, [store, groups, streams, filter]);
  useEffect(() => () => store.close(), [store]);
  useShortcuts({ p: () => store.pause(!store.view().isPaused) });

  const isRefused = state === 'refused';
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.title}</h1>
      <div className={css.main}>
        <div className={css.tools}>
          <GroupPicker
            value={groups}
            max={maxGroups}
            onChange={(next) => setView({ group: next, stream: undefined })}
          />
          {groups.length === 1 && (
            <StreamPicker
              group={groups[0] as string}
              value={streams}
              onChange={(next) => setView({ stream: next })}
            />
          )}
          <SearchInput
            className={css.filter}
            label={m.pattern}
            placeholder={m.patternPlaceholder}
            mono
            invalid={isRefused && filter !== ''}
            value={filter}
            onSearch={(text) => setView({ filter: text })}
          />
          <Tooltip text={m.patternHelp}>
            <button type="button" className={css.help} aria-label={m.patternHelp}>
              <CircleHelp size={16} strokeWidth={1.5} aria-hidden />
            </button>
          </Tooltip>
        </div>
        <div className={css.tools}>
          <Button
            look={isPaused ? 'primary' : 'plain'}
            icon={isPaused ? Play : Pause}
            disabled={groups.length === 0}
            onClick={() => store.pause(!isPaused)}
          >
            {isPaused ? m.resume : m.pause}
          </Button>
          <Marks terms={marked} onChange={(next) => setView({ mark: next }, { replace: true })} />
          <span className={css.spacer} />
          <IconButton icon={Eraser} label={m.clear} onClick={() => store.clear()} />
          <LogTools />
          <Link
            to={'/logs/insights' as string}
            search={insightsSearch(groups) as never}
            className={css.insights}
          >
            <Search size={14} strokeWidth={1.5} aria-hidden />
            {m.toInsights}
          </Link>
        </div>
        <StateLine store={store} isIdle={groups.length === 0} />
        {isRefused && (
          <div className={css.refused}>
            <ErrorState error={detail ?? ''} title={m.refusedTitle} />
          </div>
        )}
        <div className={css.list}>
          {groups.length === 0 ? (
            <Empty icon={Radio} title={m.chooseTitle} text={m.chooseText} />
          ) : isEmpty ? (
            !isRefused && (
              <Empty
                icon={Radio}
                title={m.quietTitle}
                text={filter === '' ? m.quietText : m.quietFilter}
              />
            )
          ) : (
            <LogList
              rows={source}
              terms={terms}
              showStream={streams.length !== 1 || streams[0]?.endsWith('*') === true}
              follow={!isPaused}
              onFollow={(follow) => store.pause(!follow)}
              openKey={openKey}
              onOpen={(key) => {
                if (key !== undefined) store.pause(true);
                setView({ event: key }, { replace: true });
              }}
              onContext={(row) => {
                store.pause(true);
                setView({ context: row.key });
              }}
              onFilter={(field, value, mode) => {
                if (field === '@logStream') {
                  if (mode === 'in') setView({ stream: [value] });
                  return;
                }
                setView({ filter: filterWith(filter, field, value, mode) });
              }}
              moreActions={(row) => (
                <Link
                  to={'/logs/insights' as string}
                  search={momentSearch(row, groups) as never}
                  className={css.insights}
                >
                  <Search size={14} strokeWidth={1.5} aria-hidden />
                  {m.atMoment}
                </Link>
              )}
            />
          )}
        </div>
      </div>
      {contextKey !== '' && (
        <EventContext pointer={contextKey} onClose={() => setView({ context: undefined })} />
      )}
      <span className="visually-hidden" aria-live="polite">
        {isPaused ? m.paused : ''}
      </span>
    </div>
  );
}

const lines = (text: string): readonly string[] => (text === '' ? [] : text.split('\n'));

const stateKinds: Readonly<Record<TailView['state'], StatusKind>> = {
  connecting: 'unknown',
  live: 'ok',
  reconnecting: 'warning',
  refused: 'critical',
  closed: 'unknown',
};

function useTail<T>(store: TailStore, select: (view: TailView) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.view()));
}

function StateLine({
  store,
  isIdle,
}: {
  readonly store: TailStore;
  readonly isIdle: boolean;
}): ReactNode {
  const m = useMessages(tailWords);
  const f = useFormat();
  const view = useSyncExternalStore(store.subscribe, store.view);
  if (isIdle) return null;
  const isPaused = view.isPaused && view.state === 'live';
  return (
    <div className={css.state}>
      <StatusIcon kind={isPaused ? 'info' : stateKinds[view.state]} />
      <strong>{isPaused ? m.paused : m[view.state]}</strong>
      <span className={css.number}>
        {m.rate(f.number(view.perSecond, view.perSecond < 10 ? 1 : 0))}
      </span>
      <span className={css.number}>
        {m.received(f.number(view.received))}{' '}
        {view.received > maxRows && <span>({m.kept(f.number(maxRows))})</span>}
      </span>
      {view.state === 'live' && view.detail !== undefined && (
        <span className={css.explain} title={view.detail}>
          {m.matches(view.detail)}
        </span>
      )}
      {view.isPaused && view.waiting > 0 && (
        <span className={css.waiting}>{m.waiting(f.number(view.waiting))}</span>
      )}
      {view.overflowed > 0 && (
        <span className={css.warn}>{m.overflowed(f.number(view.overflowed))}</span>
      )}
      {view.dropped > 0 && <span className={css.warn}>{m.dropped(f.number(view.dropped))}</span>}
      {view.gaps > 0 && <span className={css.warn}>{m.gaps(f.number(view.gaps))}</span>}
    </div>
  );
}

/** Up to five words, each in a colour of its own. */
function Marks({
  terms,
  onChange,
}: {
  readonly terms: readonly string[];
  readonly onChange: (terms: readonly string[]) => void;
}): ReactNode {
  const m = useMessages(tailWords);
  const f = useFormat();
  const [text, setText] = useState('');
  const isFull = terms.length >= maxTerms;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Backspace' && text === '') onChange(terms.slice(0, -1));
    if (event.key !== 'Enter' || text.trim() === '' || isFull) return;
    event.preventDefault();
    onChange([...new Set([...terms, text.trim()])]);
    setText('');
  };
  return (
    <div className={css.marks}>
      {terms.map((term, index) => (
        <span key={term} className={classNames(css.term, css[`term${index}`])}>
          {term}
          <button
            type="button"
            aria-label={m.removeTerm(term)}
            onClick={() => onChange(terms.filter((other) => other !== term))}
          >
            <X size={12} strokeWidth={2} aria-hidden />
          </button>
        </span>
      ))}
      {!isFull && (
        <TextInput
          aria-label={m.highlight}
          placeholder={m.highlightPlaceholder}
          title={m.highlightMax(f.number(maxTerms))}
          value={text}
          onChange={setText}
          onKeyDown={onKeyDown}
        />
      )}
    </div>
  );
}

const shownStreams = 100;

function StreamPicker({
  group,
  value,
  onChange,
}: {
  readonly group: string;
  readonly value: readonly string[];
  readonly onChange: (streams: readonly string[]) => void;
}): ReactNode {
  const m = useMessages(tailWords);
  const [text, setText] = useState('');
  const prefix = text.replace(/\*$/, '');
  const query = useQuery({
    queryKey: ['streams', 'tail', group, prefix],
    queryFn: ({ signal }) =>
      logsApi.streams(
        {
          group,
          ...(prefix === ''
            ? { orderBy: 'lastEvent', descending: true }
            : { prefix, orderBy: 'name' }),
          limit: shownStreams,
        },
        signal,
      ),
    placeholderData: (before) => before,
  });
  const options = useMemo(() => {
    const names = (query.data?.streams ?? []).map((stream) => stream.name);
    // What is typed is offered as a prefix; so are the prefixes that are chosen.
    const typed = text === '' ? [] : [`${prefix}*`];
    return [...new Set([...typed, ...names, ...value])];
  }, [query.data, text, prefix, value]);
  return (
    <div className={css.streams}>
      <MultiCombobox
        label={m.streams}
        placeholder={m.allStreams}
        options={options}
        value={value}
        max={100}
        onQuery={setText}
        onChange={onChange}
        mono
      />
    </div>
  );
}

const rowsQuery = 'fields @timestamp, @message, @logStream\n| sort @timestamp desc\n| limit 200';

function insightsSearch(groups: readonly string[]): Record<string, unknown> {
  return { group: groups, q: rowsQuery, from: 'now-5m', to: 'now' };
}

function momentSearch(row: LogRow, groups: readonly string[]): Record<string, unknown> {
  return {
    group: row.group === undefined ? groups : [row.group],
    q: 'fields @timestamp, @message, @logStream\n| sort @timestamp asc\n| limit 1000',
    from: isoInstant(row.timestampMs - momentMs),
    to: isoInstant(row.timestampMs + momentMs),
  };
}

/** The pattern with one more condition on a JSON field. */
function filterWith(pattern: string, field: string, value: string, mode: 'in' | 'out'): string {
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value);
  const shown = isNumber ? value : `"${value.replaceAll('"', '\\"')}"`;
  const path = field
    .split('.')
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('');
  const condition = `$${path} ${mode === 'in' ? '=' : '!='} ${shown}`;
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(pattern)?.[1]?.trim();
  return inner === undefined || inner === '' ? `{ ${condition} }` : `{ ${inner} && ${condition} }`;
}
