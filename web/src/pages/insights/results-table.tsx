import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ChevronRight } from 'lucide-react';
import {
  memo,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { WireColumn, WireValue } from '../../api/logs.ts';
import { setCrosshair } from '../../charts/crosshair.ts';
import { common } from '../../i18n/common.ts';
import type { Format } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useListKeys } from '../../keys/list-keys.ts';
import { useShortcuts } from '../../keys/shortcuts.ts';
import { Chips, Marked } from '../../logs/chips.tsx';
import { flattenJson, levelOf, streamLabel } from '../../logs/log-row.ts';
import { isRowClick, logKeys } from '../../logs/row-events.ts';
import { usePreferences } from '../../state/preferences.ts';
import { classNames } from '../../ui/class-names.ts';
import { compareCells, type Sort } from '../../ui/table-model.ts';
import css from './results-table.module.css';
import type { ResultTable } from './run-store.ts';
import { insightsWords } from './words.ts';

export interface ResultsTableProps {
  readonly table: ResultTable;
  readonly isStale: boolean;
  /** Names of columns that are not shown. */
  readonly hidden: readonly string[];
  readonly terms: readonly string[];
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
  /** Index of the row that is open, in the order of the result; -1: none. */
  readonly openRow: number;
  readonly onOpen: (row: number) => void;
  readonly detail: (row: number) => ReactNode;
}

const rowHeight = 22;
const numberWidth = 52;
const minWidth = 64;
/** What a row shows of a value; the open row shows all of it. */
const maxShownChars = 1500;

/** Rows of a query: virtual, sortable, with columns of any width; a row opens in place. */
export function ResultsTable(props: ResultsTableProps): ReactNode {
  const { table, hidden, sort, onSort, openRow, onOpen, terms } = props;
  const m = useMessages(insightsWords);
  const f = useFormat();
  const { wrapLogs, rawLogs } = usePreferences();
  const scroll = useRef<HTMLDivElement>(null);
  const [widths, setWidths] = useState<Readonly<Record<string, number>>>({});
  const [active, setActive] = useState(-1);

  const shown = useMemo(
    () =>
      table.columns
        .map((column, index) => ({ column, index }))
        .filter(({ column }) => !hidden.includes(column.name) && column.name !== '@ptr'),
    [table.columns, hidden],
  );
  const order = useMemo(() => rowOrder(table, sort), [table, sort]);
  const messageIndex = table.columns.findIndex(
    (column) => column.name === '@message' || column.name === 'message',
  );
  const timeIndex = table.columns.findIndex((column) => column.kind === 'timestamp');
  const growing =
    shown.findLast(({ column }) => isLong(column))?.column.name ?? shown.at(-1)?.column.name;
  const template = `${numberWidth}px ${shown
    .map(({ column }) => {
      const width = widths[column.name];
      if (width !== undefined) return `${width}px`;
      const base = widthOf(column);
      return column.name === growing ? `minmax(${base}px, 1fr)` : `${base}px`;
    })
    .join(' ')}`;
  const least = shown.reduce(
    (sum, { column }) => sum + (widths[column.name] ?? widthOf(column)),
    numberWidth,
  );

  const virtual = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 16,
    scrollPaddingStart: rowHeight + 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: all heights change with these.
  useEffect(() => virtual.measure(), [wrapLogs, rawLogs, openRow, sort]);

  const toggle = useCallback(
    (position: number) => {
      const row = order[position] as number;
      setActive(position);
      onOpen(row === openRow ? -1 : row);
    },
    [order, openRow, onOpen],
  );
  const items = virtual.getVirtualItems();
  useListKeys({
    count: order.length,
    active,
    first: items.find((item) => item.start >= (scroll.current?.scrollTop ?? 0))?.index ?? 0,
    onMove: (position) => {
      setActive(position);
      virtual.scrollToIndex(position);
    },
    onOpen: toggle,
  });
  useShortcuts(logKeys(() => onOpen(-1)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new query has no row "at the cursor".
  useEffect(() => setActive(-1), [sort, table.columns]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter, see useListKeys.
    <section
      ref={scroll}
      className={classNames(css.scroll, props.isStale && css.stale)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
      tabIndex={0}
      aria-label={m.results}
      onMouseLeave={() => setCrosshair(null, scroll.current)}
      onMouseMove={(event) => {
        if (timeIndex < 0) return;
        const at = positionOf(event.target);
        const value = at < 0 ? null : table.data[timeIndex]?.[order[at] as number];
        setCrosshair(typeof value === 'number' ? value : null, scroll.current);
      }}
      onClick={(event) => {
        if (!isRowClick(event, `.${css.detail}`, `.${css.head}`)) return;
        const at = positionOf(event.target);
        if (at >= 0) toggle(at);
      }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be. */}
      <div
        role="table"
        aria-label={m.results}
        aria-rowcount={order.length + 1}
        style={{ minWidth: least }}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: its buttons are. */}
        <div
          role="row"
          aria-rowindex={1}
          className={css.head}
          style={{ gridTemplateColumns: template }}
        >
          {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: it does nothing. */}
          <div role="columnheader" className={css.number}>
            <span className="visually-hidden">{m.rowNumber}</span>#
          </div>
          {shown.map(({ column }) => (
            <HeadCell
              key={column.name}
              column={column}
              sort={sort}
              onSort={onSort}
              onResize={(width) =>
                setWidths({ ...widths, [column.name]: Math.max(minWidth, Math.round(width)) })
              }
            />
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
        <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = order[item.index] as number;
            const isOpen = row === openRow;
            return (
              <div
                key={item.key}
                ref={wrapLogs || isOpen ? virtual.measureElement : undefined}
                data-index={item.index}
                className={css.item}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Row
                  table={table}
                  row={row}
                  position={item.index}
                  shown={shown}
                  messageIndex={messageIndex}
                  template={template}
                  format={f}
                  terms={terms}
                  wrap={wrapLogs}
                  raw={rawLogs}
                  active={item.index === active}
                  open={isOpen}
                  openLabel={m.openRow}
                />
                {isOpen && <div className={css.detail}>{props.detail(row)}</div>}
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

interface RowProps {
  readonly table: ResultTable;
  readonly row: number;
  readonly position: number;
  readonly shown: readonly { readonly column: WireColumn; readonly index: number }[];
  readonly messageIndex: number;
  readonly template: string;
  readonly format: Format;
  readonly terms: readonly string[];
  readonly wrap: boolean;
  readonly raw: boolean;
  readonly active: boolean;
  readonly open: boolean;
  readonly openLabel: string;
}

const Row = memo(function Row(props: RowProps): ReactNode {
  const { table, row, shown, format, terms } = props;
  const message = props.messageIndex < 0 ? undefined : table.data[props.messageIndex]?.[row];
  const json = typeof message === 'string' ? flattenJson(message) : undefined;
  const level = typeof message === 'string' ? levelOf(message, json) : undefined;
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    // biome-ignore lint/a11y/useFocusableInteractive: j, k and Enter move over rows.
    <div
      role="row"
      aria-rowindex={props.position + 2}
      aria-current={props.active}
      className={classNames(
        css.row,
        props.wrap && css.wrap,
        props.active && css.active,
        props.open && css.opened,
      )}
      style={{ gridTemplateColumns: props.template }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
      <div role="cell" className={css.number}>
        {(level === 'error' || level === 'warn') && (
          <span className={level === 'error' ? css.error : css.warn} />
        )}
        <button
          type="button"
          tabIndex={-1}
          className={css.chevron}
          aria-expanded={props.open}
          aria-label={props.openLabel}
        >
          <ChevronRight size={12} strokeWidth={2} aria-hidden />
        </button>
        {props.position + 1}
      </div>
      {shown.map(({ column, index }) => (
        // biome-ignore lint/a11y/useSemanticElements: see above.
        <div
          key={column.name}
          role="cell"
          className={classNames(
            css.cell,
            column.kind === 'number' && css.end,
            column.kind === 'timestamp' && css.time,
            /^@log/.test(column.name) && css.dim,
          )}
        >
          {index === props.messageIndex && json !== undefined && !props.raw ? (
            <Chips fields={json} terms={terms} />
          ) : (
            <Cell
              column={column}
              value={table.data[index]?.[row] ?? null}
              format={format}
              terms={terms}
              wrap={props.wrap}
            />
          )}
        </div>
      ))}
    </div>
  );
});

function Cell({
  column,
  value,
  format,
  terms,
  wrap,
}: {
  readonly column: WireColumn;
  readonly value: WireValue;
  readonly format: Format;
  readonly terms: readonly string[];
  readonly wrap: boolean;
}): ReactNode {
  const text = cellText(column, value, format);
  if (column.kind === 'timestamp' && typeof value === 'number') {
    return <time title={format.exactTime(value)}>{text}</time>;
  }
  if (column.name === '@logStream') return <span title={text}>{streamLabel(text)}</span>;
  // The account is the same on every row; the whole is in the open row.
  if (column.name === '@log') return <span title={text}>{text.replace(/^\d{12}:/, '')}</span>;
  const shown = text.slice(0, maxShownChars).trimEnd();
  return <Marked text={wrap ? shown : oneLine(shown)} terms={terms} />;
}

/** A stack trace in a row of one line: its breaks are seen, its indents are not. */
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ↵ ');

/** A value as the table shows it. */
export function cellText(column: WireColumn, value: WireValue, format: Format): string {
  if (value === null) return '';
  if (column.kind === 'timestamp' && typeof value === 'number') {
    const text = format.logTime(value);
    return column.isTimeBin ? text.replace(/\.000$/, '') : text;
  }
  if (typeof value === 'number') return format.number(value, 3);
  return String(value);
}

function HeadCell({
  column,
  sort,
  onSort,
  onResize,
}: {
  readonly column: WireColumn;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
  readonly onResize: (width: number) => void;
}): ReactNode {
  const c = useMessages(common);
  const cell = useRef<HTMLDivElement>(null);
  const chosen = sort?.column === column.name ? sort : undefined;
  const firstDescending = column.kind === 'number' || column.kind === 'timestamp';
  const next = (): void => {
    if (chosen === undefined) onSort({ column: column.name, descending: firstDescending });
    else if (chosen.descending === firstDescending) {
      onSort({ column: column.name, descending: !firstDescending });
    } else onSort(undefined);
  };
  const startResize = (event: PointerEvent<HTMLButtonElement>): void => {
    const target = event.currentTarget;
    const startX = event.clientX;
    const width = cell.current?.offsetWidth ?? 100;
    target.setPointerCapture(event.pointerId);
    target.onpointermove = (move) => onResize(width + move.clientX - startX);
    target.onpointerup = () => {
      target.onpointermove = null;
    };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    // biome-ignore lint/a11y/useFocusableInteractive: its buttons are.
    <div
      ref={cell}
      role="columnheader"
      aria-sort={chosen === undefined ? 'none' : chosen.descending ? 'descending' : 'ascending'}
      className={classNames(css.headCell, column.kind === 'number' && css.end)}
    >
      <button type="button" className={css.sort} title={column.name} onClick={next}>
        <span>{column.name}</span>
        {chosen !== undefined &&
          (chosen.descending ? (
            <ArrowDown size={12} strokeWidth={2} aria-hidden />
          ) : (
            <ArrowUp size={12} strokeWidth={2} aria-hidden />
          ))}
      </button>
      <button
        type="button"
        className={css.resize}
        aria-label={c.resizeColumn(column.name)}
        onPointerDown={startResize}
        onKeyDown={(event) => {
          const width = cell.current?.offsetWidth ?? 100;
          if (event.key === 'ArrowLeft') onResize(width - 24);
          if (event.key === 'ArrowRight') onResize(width + 24);
        }}
      />
    </div>
  );
}

function isLong(column: WireColumn): boolean {
  return /^@?message$|pattern|uri|url|agent/i.test(column.name);
}

function widthOf(column: WireColumn): number {
  if (column.kind === 'timestamp') return column.isTimeBin ? 150 : 172;
  if (column.kind === 'number') return Math.max(96, column.name.length * 8 + 28);
  if (column.kind === 'boolean') return 84;
  if (/^@?message$/.test(column.name)) return 420;
  if (column.name === '@logStream') return 190;
  if (column.name === '@log') return 170;
  return isLong(column) ? 260 : Math.max(150, Math.min(240, column.name.length * 8 + 28));
}

/** Row numbers in the order of display. */
function rowOrder(table: ResultTable, sort: Sort | undefined): readonly number[] {
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  const at = table.columns.findIndex((column) => column.name === sort?.column);
  const values = table.data[at];
  if (sort === undefined || values === undefined) return rows;
  return rows.toSorted((a, b) =>
    compareCells(values[a] ?? null, values[b] ?? null, sort.descending),
  );
}

function positionOf(target: EventTarget): number {
  const item = (target as HTMLElement).closest<HTMLElement>('[data-index]');
  return item === null ? -1 : Number(item.dataset['index']);
}
