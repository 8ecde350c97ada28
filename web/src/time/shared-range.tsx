import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
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
  type RangeCalendar,
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
  /** What the page at hand has its own ideas about. */
  readonly page: PageRange | undefined;
}

/** What a page wants of the range instead of the console's own. Keep the object while it is the same. */
export interface PageRange {
  /** Where the link names none. */
  readonly range: TimeRange;
  readonly refreshMs: number;
  /** IANA name, instead of the person's. */
  readonly zone?: string;
  readonly calendar?: RangeCalendar;
  /** `now` is so long ago: the newest data is not complete yet. */
  readonly delayMs?: number;
  readonly quickRanges?: readonly { readonly label: string; readonly range: TimeRange }[];
  readonly refreshSeconds?: readonly number[];
  /** As chosen: `browser`, or an IANA name. */
  readonly zoneChoice?: string;
  readonly onZone?: (zone: string) => void;
}

const RangeContext = createContext<SharedRange | undefined>(undefined);

/** Of pages that show what is the case now beside what was: neither may stand still alone. */
export const livePageRange: PageRange = { range: defaultRange, refreshMs: 15_000 };

export function useSharedRange(): SharedRange {
  const value = useContext(RangeContext);
  if (value === undefined) throw new Error('useSharedRange() outside of SharedRangeProvider');
  return value;
}

const SetPageContext = createContext<(page: PageRange | undefined) => void>(() => {});

/** While the page is there its range follows it; `useSharedRange().page` says when that has begun. */
export function usePageRange(page: PageRange | undefined): void {
  const setPage = useContext(SetPageContext);
  useLayoutEffect(() => {
    setPage(page);
    return () => setPage(undefined);
  }, [page, setPage]);
}

/** Deeper zooms than this forget their first steps. */
const maxZoomSteps = 20;

export function SharedRangeProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const view = useView();
  const setView = useSetView();
  const [page, setPage] = useState<PageRange>();
  const ownZone = resolveZone(usePreferences().zone);
  const zone = page?.zone ?? ownZone;
  const standard = page?.range ?? defaultRange;
  const from = textOf(view['from']) || standard.from;
  const to = textOf(view['to']) || standard.to;
  const refreshText = textOf(view['refresh']);
  const refreshMs = refreshText === '' ? (page?.refreshMs ?? 0) : refreshMsOf(refreshText);
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
    const shownMs = nowMs - (page?.delayMs ?? 0);
    const resolved =
      resolveRange(wanted, shownMs, zone, page?.calendar) ??
      resolveRange(defaultRange, shownMs, zone)!;
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
      setRefreshMs: (ms) => {
        const isOff = ms === 0 && page !== undefined && page.refreshMs > 0;
        setView({ refresh: ms > 0 ? `${ms / 1000}s` : isOff ? 'off' : undefined });
      },
      page,
    };
  }, [from, to, nowMs, zone, refreshMs, setView, refresh, page]);

  return (
    <SetPageContext.Provider value={setPage}>
      <RangeContext.Provider value={value}>{children}</RangeContext.Provider>
    </SetPageContext.Provider>
  );
}

/** The server answers in milliseconds, yet a link with 1 ms must not become a flood. */
const minRefreshMs = 5000;

const refreshUnits: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `10s`, `5m`, `1h` to ms; 0 for none. Never below what a server bears. */
export function refreshMsOf(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (match === null) return 0;
  return Math.max(minRefreshMs, Number(match[1]) * (refreshUnits[match[2]!] as number));
}
