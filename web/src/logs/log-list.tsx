import { ArrowDownToLine } from 'lucide-react';
import {
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import { onCrosshair, setCrosshair } from '../charts/crosshair.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { useListKeys } from '../keys/list-keys.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import type { LineLook } from './draw-line.ts';
import { LogDetail, type LogDetailProps } from './log-detail.tsx';
import css from './log-list.module.css';
import type { LogRow } from './log-row.ts';
import { type ListEdge, LogView, type ViewState } from './log-view.ts';
import { isRowClick, logKeys } from './row-events.ts';
import { logWords } from './words.ts';

export type { ListEdge } from './log-view.ts';

/** Rows that come so fast that they go past React, straight to the screen. */
export interface RowSource {
  readonly rows: () => readonly LogRow[];
  readonly subscribe: (listener: () => void) => () => void;
}

export interface LogListProps extends Pick<LogDetailProps, 'onFilter' | 'onContext' | 'linkOf'> {
  /** In the order of display. A row that stays must stay the same object. */
  readonly rows: readonly LogRow[] | RowSource;
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

const noTerms: readonly string[] = [];

/**
 * Log lines: 100,000 of them cost what a screenful does. React has the frame and the open row, the
 * lines are drawn by {@link LogView}.
 */
export function LogList(props: LogListProps): ReactNode {
  const { terms = noTerms, openKey, onOpen, follow = false, onFollow, keys = true } = props;
  const { showStream = true, startEdge = 'none', endEdge = 'none' } = props;
  const source = isSource(props.rows) ? props.rows : undefined;
  const rows = isSource(props.rows) ? props.rows.rows() : props.rows;
  const m = useMessages(logWords);
  const f = useFormat();
  const { wrapLogs, rawLogs } = usePreferences();
  const scroll = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const view = useRef<LogView>(undefined);
  const [detail] = useState(() => document.createElement('div'));

  const look = useMemo<LineLook>(
    () => ({
      format: f,
      terms,
      showStream,
      raw: rawLogs,
      wrap: wrapLogs,
      levelNames: m.level,
      moreText: m.moreText,
    }),
    [f, terms, showStream, rawLogs, wrapLogs, m],
  );
  const state: ViewState = {
    look,
    openKey,
    startEdge,
    endEdge,
    follow,
    startAt: props.startAt ?? 'start',
    onReachStart: props.onReachStart,
    onReachEnd: props.onReachEnd,
    onFollow,
  };
  useLayoutEffect(() => {
    view.current = new LogView({
      scroll: scroll.current as HTMLDivElement,
      space: space.current as HTMLDivElement,
      lines: lines.current as HTMLDivElement,
      detail,
    });
    return () => view.current?.close();
  }, [detail]);
  useLayoutEffect(() => view.current?.update(rows, state));
  useEffect(
    () => source?.subscribe(() => view.current?.setRows(source.rows())),
    // The functions of a store stay the same.
    [source?.subscribe, source?.rows],
  );
  useEffect(
    () =>
      onCrosshair((ms, from) => {
        if (from !== scroll.current) view.current?.light(ms);
      }),
    [],
  );

  const toggle = (index: number): void => {
    const key = view.current?.rows[index]?.key;
    view.current?.setActive(index);
    onOpen?.(key === openKey ? undefined : key);
  };
  useListKeys({
    // Asked when a key is pressed: rows come and go without React.
    get count() {
      return view.current?.rows.length ?? 0;
    },
    get active() {
      return view.current?.active ?? -1;
    },
    get first() {
      return view.current?.firstInSight ?? 0;
    },
    enabled: keys,
    onMove: (index) => {
      onFollow?.(false);
      view.current?.activate(index);
    },
    onOpen: toggle,
  });
  useShortcuts(keys ? logKeys(() => onOpen?.(undefined)) : {});

  const onMouseMove = (event: MouseEvent): void => {
    const index = view.current?.indexAt(event.target) ?? -1;
    view.current?.title(index);
    setCrosshair(view.current?.rows[index]?.timestampMs ?? null, scroll.current);
  };
  const openRow = openKey === undefined ? undefined : rows.find((row) => row.key === openKey);
  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter, see useListKeys. */}
      <section
        ref={scroll}
        className={css.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        tabIndex={0}
        aria-label={m.lines}
        onClick={(event) => {
          if (!isRowClick(event, detail)) return;
          const index = view.current?.indexAt(event.target) ?? -1;
          if (index >= 0) toggle(index);
        }}
        onMouseMove={onMouseMove}
        onMouseLeave={() => setCrosshair(null, scroll.current)}
      >
        <div ref={space} className={css.space}>
          {startEdge !== 'none' && (
            <div className={css.edge}>
              {startEdge === 'loading' && m.loadingEarlier}
              {startEdge === 'end' && m.startReached}
            </div>
          )}
          <div ref={lines} className={css.lines} />
          {endEdge !== 'none' && (
            <div className={css.edge} style={{ position: 'absolute', bottom: 0, width: '100%' }}>
              {endEdge === 'loading' && m.loadingLater}
              {endEdge === 'end' && m.endReached}
            </div>
          )}
        </div>
      </section>
      {openRow !== undefined &&
        createPortal(
          <LogDetail
            row={openRow}
            terms={terms}
            onFilter={props.onFilter}
            onContext={props.onContext}
            linkOf={props.linkOf}
            moreActions={props.moreActions?.(openRow)}
          />,
          detail,
        )}
      {onFollow !== undefined && !follow && rows.length > 0 && (
        <Button icon={ArrowDownToLine} className={css.newest} onClick={() => onFollow(true)}>
          {m.toNewest}
        </Button>
      )}
    </div>
  );
}

function isSource(rows: LogListProps['rows']): rows is RowSource {
  return 'subscribe' in rows;
}
