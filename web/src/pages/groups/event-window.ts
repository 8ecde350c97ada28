import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { logsApi, type WireEvent, type WireEventPage } from '../../api/logs.ts';
import type { ListEdge } from '../../logs/log-list.tsx';
import type { LogRow } from '../../logs/log-row.ts';

/** What is read: everything that, when it changes, starts from scratch. */
export interface WindowQuery {
  readonly group: string;
  readonly streams: readonly string[];
  readonly filter: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Start here and read both ways; undefined: start with the newest. */
  readonly atMs: number | undefined;
}

interface End {
  readonly after: string | undefined;
  readonly edge: ListEdge;
}

interface WindowState {
  readonly rows: readonly LogRow[];
  readonly start: End;
  readonly end: End;
  readonly scanned: number;
  readonly isLoaded: boolean;
  /** Grows with every start from scratch: a list keyed by it takes its place anew. */
  readonly generation: number;
  readonly error: unknown;
}

export interface EventWindow extends Omit<WindowState, 'start' | 'end'> {
  readonly startEdge: ListEdge;
  readonly endEdge: ListEdge;
  loadEarlier(): void;
  loadLater(): void;
}

const pageSize = 500;
/** Enough to scroll through; what is farther off is dropped and read again when it is wanted. */
const maxRows = 20_000;

const nothing: WindowState = {
  rows: [],
  start: { after: undefined, edge: 'loading' },
  end: { after: undefined, edge: 'end' },
  scanned: 0,
  isLoaded: false,
  generation: 0,
  error: undefined,
};

/** A window of events that grows at both ends as somebody scrolls. */
export function useEventWindow(query: WindowQuery): EventWindow {
  const key = JSON.stringify(query);
  const [state, setState] = useState<WindowState & { readonly key: string }>({ ...nothing, key });
  const latest = useRef(state);
  latest.current = state;
  const busy = useRef({ earlier: false, later: false });
  const abort = useRef<AbortController>(undefined);

  useEffect(() => {
    const wanted = JSON.parse(key) as WindowQuery;
    const controller = new AbortController();
    abort.current = controller;
    busy.current = { earlier: false, later: false };
    const base = baseOf(wanted);
    const load = async (): Promise<void> => {
      const { signal } = controller;
      const hasPlace = wanted.atMs !== undefined;
      const place = hasPlace ? `${wanted.atMs}:-1` : undefined;
      const [earlier, later] = await Promise.all([
        logsApi.events({ ...base, direction: 'backward', after: place, limit: pageSize }, signal),
        hasPlace
          ? logsApi.events({ ...base, direction: 'forward', after: place, limit: pageSize }, signal)
          : undefined,
      ]);
      setState((state) => ({
        key,
        generation: state.generation + 1,
        rows: [...earlier.events, ...(later?.events ?? [])].map(rowOf),
        start: endOf(earlier),
        end: later === undefined ? { after: earlier.last ?? undefined, edge: 'end' } : endOf(later),
        scanned: earlier.scannedEvents + (later?.scannedEvents ?? 0),
        isLoaded: true,
        error: undefined,
      }));
    };
    load().catch((error: unknown) => {
      if (!controller.signal.aborted) {
        setState({
          ...nothing,
          key,
          isLoaded: true,
          error,
          start: { after: undefined, edge: 'end' },
        });
      }
    });
    return () => controller.abort();
  }, [key]);

  const grow = useCallback((side: 'earlier' | 'later'): void => {
    const now = latest.current;
    const end = side === 'earlier' ? now.start : now.end;
    const { signal } = abort.current ?? new AbortController();
    if (busy.current[side] || end.edge !== 'more' || end.after === undefined) return;
    busy.current[side] = true;
    const wanted = JSON.parse(now.key) as WindowQuery;
    const direction = side === 'earlier' ? 'backward' : 'forward';
    logsApi
      .events({ ...baseOf(wanted), direction, after: end.after, limit: pageSize }, signal)
      .then((page) => {
        setState((state) => (state.key === now.key ? withPage(state, page, side) : state));
      })
      .catch((error: unknown) => {
        if (!signal.aborted) setState((state) => ({ ...state, error }));
      })
      .finally(() => {
        busy.current[side] = false;
      });
  }, []);

  return useMemo(() => {
    const shown = state.key === key ? state : { ...state, isLoaded: false };
    return {
      rows: shown.rows,
      scanned: shown.scanned,
      isLoaded: shown.isLoaded,
      generation: shown.generation,
      error: shown.error,
      startEdge: shown.start.edge,
      endEdge: shown.end.edge,
      loadEarlier: () => grow('earlier'),
      loadLater: () => grow('later'),
    };
  }, [state, key, grow]);
}

function baseOf(query: WindowQuery): {
  group: string;
  streams: readonly string[];
  fromMs: number;
  toMs: number;
  filter: string;
} {
  const { group, streams, fromMs, toMs, filter } = query;
  return { group, streams, fromMs, toMs, filter };
}

function endOf(page: WireEventPage): End {
  return page.next === null
    ? { after: undefined, edge: 'end' }
    : { after: page.next, edge: 'more' };
}

function withPage<T extends WindowState>(
  state: T,
  page: WireEventPage,
  side: 'earlier' | 'later',
): T {
  const added = page.events.map(rowOf);
  const scanned = state.scanned + page.scannedEvents;
  if (side === 'earlier') {
    const rows = [...added, ...state.rows];
    const kept = rows.slice(0, maxRows);
    const last = kept.at(-1);
    const end: End =
      kept.length < rows.length && last !== undefined
        ? { after: positionOf(last), edge: 'more' }
        : state.end;
    return { ...state, rows: kept, start: endOf(page), end, scanned };
  }
  const rows = [...state.rows, ...added];
  const kept = rows.slice(-maxRows);
  const first = kept[0];
  const start: End =
    kept.length < rows.length && first !== undefined
      ? { after: positionOf(first), edge: 'more' }
      : state.start;
  return { ...state, rows: kept, end: endOf(page), start, scanned };
}

function rowOf(event: WireEvent): LogRow {
  return {
    key: event.pointer,
    timestampMs: event.timestampMs,
    ingestionMs: event.ingestionMs,
    stream: event.stream,
    group: event.group,
    message: event.message,
  };
}

/** A pointer begins with `time:sequence`, which is a position too. */
function positionOf(row: LogRow): string {
  return atob(row.key).split(':', 2).join(':');
}
