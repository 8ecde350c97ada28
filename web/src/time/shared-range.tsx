import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { usePreferences } from '../state/preferences.ts';
import { textOf } from '../state/url.ts';
import { useSetView, useView } from '../state/view.ts';
import {
  defaultRange,
  isoInstant,
  isRelative,
  minRangeMs,
  type ResolvedRange,
  resolveRange,
  type TimeRange,
  widened,
} from './range.ts';
import { resolveZone } from './zone.ts';

/**
 * The one time axis of the console: every chart, list and query of a page reads it here. The range
 * is in the link (`from`, `to`, `refresh`); the instant that `now` means moves only on refresh, so
 * that all parts of a page show the same moment.
 */
export interface SharedRange extends ResolvedRange {
  readonly range: TimeRange;
  readonly zone: string;
  /** What `now` means until the next refresh. */
  readonly nowMs: number;
  /** Milliseconds between refreshes; 0: off. */
  readonly refreshMs: number;
  setRange(range: TimeRange): void;
  /** A drag on a chart. */
  zoomTo(fromMs: number, toMs: number): void;
  /** Back out of the last zoom, or to twice the length. */
  zoomOut(): void;
  refresh(): void;
  setRefreshMs(ms: number): void;
}

const RangeContext = createContext<SharedRange | undefined>(undefined);

export function useSharedRange(): SharedRange {
  const value = useContext(RangeContext);
  if (value === undefined) throw new Error('useSharedRange() outside of SharedRangeProvider');
  return value;
}

/** Deeper zooms than this forget their first steps. */
const maxZoomSteps = 20;

export function SharedRangeProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const view = useView();
  const setView = useSetView();
  const zone = resolveZone(usePreferences().zone);
  const from = textOf(view['from']) || defaultRange.from;
  const to = textOf(view['to']) || defaultRange.to;
  const refreshMs = refreshMsOf(textOf(view['refresh']));
  const key = `${from} ${to}`;
  const [moment, setMoment] = useState({ key, nowMs: Date.now() });
  // A new range is resolved at the moment it is chosen, in the same render.
  const nowMs = moment.key === key ? moment.nowMs : Date.now();
  if (moment.key !== key) setMoment({ key, nowMs });
  const steps = useRef<TimeRange[]>([]);

  const refresh = useCallback(() => setMoment({ key, nowMs: Date.now() }), [key]);

  useEffect(() => {
    if (refreshMs === 0 || !isRelative({ from, to })) return;
    // A hidden page asks nothing of the server; it catches up when it is looked at again.
    const tick = (): void => {
      if (document.visibilityState === 'visible') refresh();
    };
    const timer = window.setInterval(tick, refreshMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [refreshMs, from, to, refresh]);

  const value = useMemo<SharedRange>(() => {
    const wanted = { from, to };
    const resolved = resolveRange(wanted, nowMs, zone) ?? resolveRange(defaultRange, nowMs, zone)!;
    const setRange = (range: TimeRange): void => setView({ from: range.from, to: range.to });
    return {
      ...resolved,
      range: wanted,
      zone,
      nowMs,
      refreshMs,
      setRange,
      zoomTo: (fromMs, toMs) => {
        steps.current = [...steps.current, wanted].slice(-maxZoomSteps);
        const start = Math.floor(Math.min(fromMs, toMs));
        const end = Math.ceil(Math.max(fromMs, toMs));
        setRange({ from: isoInstant(start), to: isoInstant(Math.max(end, start + minRangeMs)) });
      },
      zoomOut: () => setRange(steps.current.pop() ?? widened(resolved, Date.now())),
      refresh,
      setRefreshMs: (ms) => setView({ refresh: ms === 0 ? undefined : `${ms / 1000}s` }),
    };
  }, [from, to, nowMs, zone, refreshMs, setView, refresh]);

  return <RangeContext.Provider value={value}>{children}</RangeContext.Provider>;
}

/** The server answers in milliseconds, yet a link with 1 ms must not become a flood. */
const minRefreshMs = 5000;

function refreshMsOf(text: string): number {
  const match = /^(\d+)(s|m)$/.exec(text);
  if (match === null) return 0;
  return Math.max(minRefreshMs, Number(match[1]) * (match[2] === 'm' ? 60_000 : 1000));
}
