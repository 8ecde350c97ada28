import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine } from 'lucide-react';
import {
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { onCrosshair, setCrosshair } from '../charts/crosshair.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { useListKeys } from '../keys/list-keys.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { setPreferences, usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { LogDetail, type LogDetailProps } from './log-detail.tsx';
import { LogLine } from './log-line.tsx';
import css from './log-list.module.css';
import { type LogRow, parseRow } from './log-row.ts';
import { logWords } from './words.ts';

/** What lies beyond an end of the list. */
export type ListEdge = 'loading' | 'more' | 'end' | 'none';

export interface LogListProps extends Pick<LogDetailProps, 'onFilter' | 'onContext' | 'linkOf'> {
  /** In the order of display. A row that stays must stay the same object. */
  readonly rows: readonly LogRow[];
  readonly showStream?: boolean;
  /** Texts to mark, each with a colour of its own. */
  readonly terms?: readonly string[];
  /** Key of the row that is open; undefined: none. */
  readonly openKey?: string | undefined;
  readonly onOpen?: (key: string | undefined) => void;
  readonly startEdge?: ListEdge;
  readonly endEdge?: ListEdge;
  /** Asked for once each time an edge marked `more` comes into sight. */
  readonly onReachStart?: () => void;
  readonly onReachEnd?: () => void;
  /** Keeps the last row in sight as rows are added, until somebody scrolls up. */
  readonly follow?: boolean;
  readonly onFollow?: (follow: boolean) => void;
  /** Where to begin: at this row, or at the end. */
  readonly startAt?: 'start' | 'end';
  /** `j`, `k`, Enter, `w` and `x`; false while another list has them. */
  readonly keys?: boolean;
  /** Further buttons and links of an open row. */
  readonly moreActions?: (row: LogRow) => ReactNode;
}

const rowHeight = 20;
const edgeHeight = 26;
/** Rows asked for before they are needed. */
const reachRows = 30;
const noTerms: readonly string[] = [];

/** Virtualised log lines: 100,000 rows cost what a screenful does. */
export function LogList(props: LogListProps): ReactNode {
  const { rows, terms = noTerms, openKey, onOpen, follow = false, onFollow } = props;
  const { showStream = true, startEdge = 'none', endEdge = 'none', keys = true } = props;
  const m = useMessages(logWords);
  const f = useFormat();
  const { wrapLogs, rawLogs } = usePreferences();
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const hasEdges = startEdge !== 'none';

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
    paddingStart: hasEdges ? edgeHeight : 0,
    paddingEnd: endEdge === 'none' ? 0 : edgeHeight,
    // Offscreen heights are estimates; correcting for them while lines stream in would make it jump.
    initialRect: { width: 800, height: 600 },
  });
  const items = virtual.getVirtualItems();

  // biome-ignore lint/correctness/useExhaustiveDependencies: all heights change with these.
  useEffect(() => virtual.measure(), [wrapLogs, rawLogs, openKey]);

  // Rows that came in front (or were dropped there) must not move what is being read.
  const previous = useRef<readonly LogRow[]>([]);
  useLayoutEffect(() => {
    const before = previous.current;
    previous.current = rows;
    const element = scroll.current;
    const moved = rowsInFront(before, rows);
    if (moved === 0 || element === null) return;
    element.scrollTop += moved * rowHeight;
    setActive((index) => (index < 0 ? index : Math.max(-1, index + moved)));
  }, [rows]);

  const placed = useRef(false);
  useLayoutEffect(() => {
    if (rows.length === 0) {
      placed.current = false;
      return;
    }
    const element = scroll.current;
    // All rows are of one height unless they wrap: the end is known, and asking for it is cheap.
    if (follow && !wrapLogs && element !== null) element.scrollTop = element.scrollHeight;
    else if (follow) virtual.scrollToIndex(rows.length - 1, { align: 'end' });
    else if (!placed.current) {
      const at = openKey === undefined ? -1 : indexOfKey(rows, openKey);
      if (at >= 0) virtual.scrollToIndex(at, { align: 'center' });
      else if (props.startAt === 'end') virtual.scrollToIndex(rows.length - 1, { align: 'end' });
    }
    placed.current = true;
  }, [rows, follow, virtual, openKey, props.startAt, wrapLogs]);

  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { onReachStart, onReachEnd } = props;
  useEffect(() => {
    if (startEdge === 'more' && first < reachRows) onReachStart?.();
  }, [startEdge, first, onReachStart]);
  useEffect(() => {
    if (endEdge === 'more' && last >= rows.length - reachRows) onReachEnd?.();
  }, [endEdge, last, rows.length, onReachEnd]);

  const firstInSight = (): number => {
    const top = scroll.current?.scrollTop ?? 0;
    return items.find((item) => item.start >= top)?.index ?? 0;
  };
  const toggle = useCallback(
    (index: number) => {
      const key = rows[index]?.key;
      setActive(index);
      onOpen?.(key === openKey ? undefined : key);
    },
    [rows, openKey, onOpen],
  );
  useListKeys({
    count: rows.length,
    active,
    enabled: keys,
    first: firstInSight(),
    onMove: (index) => {
      setActive(index);
      onFollow?.(false);
      virtual.scrollToIndex(index);
    },
    onOpen: toggle,
  });
  useShortcuts(
    keys
      ? {
          w: () => setPreferences({ wrapLogs: !wrapLogs }),
          x: () => setPreferences({ rawLogs: !rawLogs }),
          Escape: () => onOpen?.(undefined),
        }
      : {},
  );

  const [crosshairKey, setCrosshairKey] = useState<string>();
  useEffect(
    () =>
      onCrosshair((ms, source) => {
        if (source === scroll.current) return;
        // Only what is in sight can be lit: a binary search over rows of either order is not worth it.
        setCrosshairKey(ms === null ? undefined : nearestKey(rows, first, last, ms));
      }),
    [rows, first, last],
  );

  const rowOf = (event: MouseEvent): number => {
    const line = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    return line === null ? -1 : Number(line.dataset['index']);
  };
  const onClick = (event: MouseEvent): void => {
    // Selecting text in a line is not opening it.
    if ((window.getSelection()?.toString() ?? '') !== '') return;
    if ((event.target as HTMLElement).closest(`.${css.detail}`) !== null) return;
    const index = rowOf(event);
    if (index >= 0) toggle(index);
  };
  const onMouseMove = (event: MouseEvent): void => {
    const row = rows[rowOf(event)];
    setCrosshair(row?.timestampMs ?? null, scroll.current);
  };
  const onScroll = (): void => {
    const element = scroll.current;
    if (element === null || onFollow === undefined) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight * 2;
    if (follow && !isAtEnd && element.scrollTop < lastTop.current) onFollow(false);
    else if (!follow && isAtEnd && element.scrollTop > lastTop.current) onFollow(true);
    lastTop.current = element.scrollTop;
  };
  const lastTop = useRef(0);

  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter, see useListKeys. */}
      <section
        ref={scroll}
        className={css.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        tabIndex={0}
        aria-label={m.lines}
        onClick={onClick}
        onMouseMove={onMouseMove}
        onMouseLeave={() => setCrosshair(null, scroll.current)}
        onScroll={onScroll}
      >
        <div className={css.space} style={{ height: virtual.getTotalSize() }}>
          {hasEdges && (
            <div className={css.edge}>
              {startEdge === 'loading' && m.loadingEarlier}
              {startEdge === 'end' && m.startReached}
            </div>
          )}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const isOpen = row.key === openKey;
            return (
              <div
                key={item.key}
                ref={wrapLogs || isOpen ? virtual.measureElement : undefined}
                data-index={item.index}
                className={css.item}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogLine
                  row={row}
                  index={item.index}
                  format={f}
                  terms={terms}
                  showStream={showStream}
                  raw={rawLogs}
                  wrap={wrapLogs}
                  active={item.index === active || row.key === crosshairKey}
                  open={isOpen}
                  levelName={m.level[parseRow(row).level]}
                  moreText={m.moreText}
                />
                {isOpen && (
                  <LogDetail
                    row={row}
                    terms={terms}
                    onFilter={props.onFilter}
                    onContext={props.onContext}
                    linkOf={props.linkOf}
                    moreActions={props.moreActions?.(row)}
                  />
                )}
              </div>
            );
          })}
          {endEdge !== 'none' && (
            <div className={css.edge} style={{ position: 'absolute', bottom: 0, width: '100%' }}>
              {endEdge === 'loading' && m.loadingLater}
              {endEdge === 'end' && m.endReached}
            </div>
          )}
        </div>
      </section>
      {onFollow !== undefined && !follow && rows.length > 0 && (
        <Button icon={ArrowDownToLine} className={css.newest} onClick={() => onFollow(true)}>
          {m.toNewest}
        </Button>
      )}
    </div>
  );
}

/** How many rows came in front since `before`; negative: how many went there. */
function rowsInFront(before: readonly LogRow[], after: readonly LogRow[]): number {
  const was = before[0]?.key;
  const is = after[0]?.key;
  if (was === undefined || is === undefined || was === is) return 0;
  const added = indexOfKey(after, was);
  if (added > 0) return added;
  const dropped = indexOfKey(before, is);
  return dropped > 0 ? -dropped : 0;
}

/** Looked for from the front: rows that came in front are few beside those that were there. */
function indexOfKey(rows: readonly LogRow[], key: string): number {
  return rows.findIndex((row) => row.key === key);
}

function nearestKey(
  rows: readonly LogRow[],
  first: number,
  last: number,
  ms: number,
): string | undefined {
  let best: LogRow | undefined;
  for (let i = first; i <= last; i++) {
    const row = rows[i];
    if (row === undefined) continue;
    if (best === undefined || Math.abs(row.timestampMs - ms) < Math.abs(best.timestampMs - ms)) {
      best = row;
    }
  }
  return best?.key;
}
