import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Columns3, Copy } from 'lucide-react';
import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { common } from '../i18n/common.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { useListKeys } from '../keys/list-keys.ts';
import { setPreferences, usePreferences } from '../state/preferences.ts';
import { IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import { Menu, MenuCheck } from './menu.tsx';
import css from './table.module.css';
import { type CellValue, csvOf, type Sort, sortRows } from './table-model.ts';
import { copyText } from './toast.tsx';

export interface Column<Row> {
  readonly id: string;
  /** With the unit, where the column has one. */
  readonly header: string;
  /** For sorting and CSV. */
  readonly value: (row: Row) => CellValue;
  /** What is shown; absent: the value. */
  readonly cell?: (row: Row) => ReactNode;
  readonly width: number;
  /** Takes the width that is left. At most one column. */
  readonly grow?: boolean;
  readonly kind?: 'text' | 'mono' | 'number';
  readonly sortable?: boolean;
  /** Cannot be hidden. */
  readonly fixed?: boolean;
  /** Stays at the right edge while the others scroll sideways. Only the last column. */
  readonly pinned?: boolean;
}

export interface DataTableProps<Row> {
  /** Names the table for its preferences. */
  readonly id: string;
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
  readonly onOpen?: (row: Row) => void;
  readonly selectedKey?: string | undefined;
  /** Left of the table's own tools: filters. */
  readonly tools?: ReactNode;
  readonly empty: ReactNode;
  /** The rows come in the order that `sort` asks for: from a server that sorts more than these. */
  readonly isSorted?: boolean;
  /** Called while the last rows are in sight: more of them may be had. */
  readonly onReachEnd?: () => void;
}

/** So many rows before the last one, the next ones are asked for. */
const reachRows = 40;

const rowHeight = 28;
const minColumnWidth = 56;

/** Virtual rows, sort, column picker, resize, copy as CSV; `j` `k` move, Enter opens. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { id, label, columns, rows, rowKey, sort, onSort, onOpen, selectedKey } = props;
  const { isSorted = false, onReachEnd } = props;
  const m = useMessages(common);
  const f = useFormat();
  const { tables } = usePreferences();
  const preference = tables[id] ?? {};
  const hidden = preference.hidden ?? [];
  const hiddenIds = hidden.join('\n');
  const shown = useMemo(() => {
    const ids = hiddenIds.split('\n');
    return columns.filter((column) => column.fixed === true || !ids.includes(column.id));
  }, [columns, hiddenIds]);
  const sortColumn = columns.find((column) => column.id === sort?.column);
  const sorted = useMemo(
    () =>
      isSorted || sortColumn === undefined || sort === undefined
        ? rows
        : sortRows(rows, sortColumn.value, sort.descending),
    [rows, sortColumn, sort, isSorted],
  );

  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const [active, setActive] = useState(-1);
  useListKeys({
    count: sorted.length,
    active,
    onMove: (index) => {
      setActive(index);
      virtual.scrollToIndex(index);
    },
    onOpen: (index) => {
      const row = sorted[index];
      if (row !== undefined) onOpen?.(row);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new order has no row "at the cursor".
  useEffect(() => setActive(-1), [sort, isSorted ? 0 : rows.length]);
  const lastInSight = virtual.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastInSight >= rows.length - reachRows) onReachEnd?.();
  }, [lastInSight, rows.length, onReachEnd]);

  const save = (change: Partial<typeof preference>): void =>
    setPreferences({ tables: { ...tables, [id]: { ...preference, ...change } } });

  const { widths } = preference;
  const styles = useMemo(() => shown.map((column) => cellStyle(column, widths)), [shown, widths]);
  const resize = (column: Column<Row>, width: number): void =>
    save({
      widths: { ...preference.widths, [column.id]: Math.max(minColumnWidth, Math.round(width)) },
    });

  const copyCsv = (): void => {
    const text = csvOf(
      shown.map((column) => column.header),
      sorted.map((row) => shown.map((column) => column.value(row))),
    );
    void copyText(text, m.copiedRows(f.number(sorted.length)));
  };

  return (
    <div className={css.frame}>
      <div className={css.tools}>
        <div className={css.toolsLeft}>{props.tools}</div>
        <IconButton icon={Copy} label={m.copyCsv} onClick={copyCsv} disabled={rows.length === 0} />
        <Menu align="end" trigger={<IconButton icon={Columns3} label={m.columns} />}>
          {columns
            .filter((column) => column.fixed !== true)
            .map((column) => (
              <MenuCheck
                key={column.id}
                checked={!hidden.includes(column.id)}
                onChange={(on) =>
                  save({
                    hidden: on
                      ? hidden.filter((other) => other !== column.id)
                      : [...hidden, column.id],
                  })
                }
              >
                {column.header}
              </MenuCheck>
            ))}
        </Menu>
      </div>
      {rows.length === 0 ? (
        props.empty
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
        <section ref={scroll} className={css.scroll} tabIndex={0} aria-label={label}>
          {/* biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be. */}
          <div role="table" aria-label={label} aria-rowcount={sorted.length + 1}>
            {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: its buttons are. */}
            <div role="row" aria-rowindex={1} className={css.head}>
              {shown.map((column, at) => (
                <HeadCell
                  key={column.id}
                  column={column}
                  style={styles[at] as CellStyle}
                  sort={sort}
                  onSort={onSort}
                  onResize={(width) => resize(column, width)}
                />
              ))}
            </div>
            {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
            <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map((item) => {
                const row = sorted[item.index] as Row;
                const key = rowKey(row);
                return (
                  <TableRow
                    key={key}
                    row={row}
                    columns={shown}
                    styles={styles}
                    rowIndex={item.index + 2}
                    topPx={item.start}
                    isCurrent={key === selectedKey || item.index === active}
                    onOpen={onOpen}
                  />
                );
              })}
            </div>
          </div>
        </section>
      )}
    </div>
  );
}

interface CellStyle {
  readonly width: number;
  readonly flexGrow?: number;
}

function cellStyle<Row>(
  column: Column<Row>,
  widths: Readonly<Record<string, number>> | undefined,
): CellStyle {
  const width = widths?.[column.id];
  if (width !== undefined) return { width };
  return column.grow === true ? { width: column.width, flexGrow: 1 } : { width: column.width };
}

interface TableRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  /** One per column. */
  readonly styles: readonly CellStyle[];
  readonly rowIndex: number;
  readonly topPx: number;
  readonly isCurrent: boolean;
  readonly onOpen: ((row: Row) => void) | undefined;
}

/** Kept while its row is the same: scrolling draws only the rows that come into sight. */
const TableRow = memo(function TableRow<Row>(props: TableRowProps<Row>): ReactNode {
  const { row, columns, styles, rowIndex, topPx, isCurrent, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter, see useListKeys.
    // biome-ignore lint/a11y/useFocusableInteractive: its first cell is a link.
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-current={isCurrent}
      className={classNames(css.row, onOpen !== undefined && css.clickable)}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={(event) => {
        const target = event.target as HTMLElement;
        // What a menu or a dialog of the row is clicked for comes here too, from outside of the row.
        if (!event.currentTarget.contains(target)) return;
        if (!target.closest('a, button')) onOpen?.(row);
      }}
    >
      {columns.map((column, at) => (
        // biome-ignore lint/a11y/useSemanticElements: see above.
        <div
          key={column.id}
          role="cell"
          className={classNames(
            css.cell,
            column.kind === 'number' && css.end,
            column.kind === 'number' && css.number,
            column.kind === 'mono' && css.mono,
            column.pinned === true && css.pinned,
          )}
          style={styles[at]}
        >
          {column.cell === undefined ? (
            <span>{String(column.value(row) ?? '')}</span>
          ) : (
            column.cell(row)
          )}
        </div>
      ))}
    </div>
  );
}) as <Row>(props: TableRowProps<Row>) => ReactNode;

function HeadCell<Row>({
  column,
  style,
  sort,
  onSort,
  onResize,
}: {
  readonly column: Column<Row>;
  readonly style: { width: number; flexGrow?: number };
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
  readonly onResize: (width: number) => void;
}): ReactNode {
  const m = useMessages(common);
  const cell = useRef<HTMLDivElement>(null);
  const chosen = sort?.column === column.id ? sort : undefined;
  const next = (): void => {
    // Numbers are most often wanted largest first; a third click goes back to the given order.
    const firstDescending = column.kind === 'number';
    if (chosen === undefined) onSort({ column: column.id, descending: firstDescending });
    else if (chosen.descending === firstDescending) {
      onSort({ column: column.id, descending: !firstDescending });
    } else onSort(undefined);
  };
  const startResize = (event: PointerEvent<HTMLButtonElement>): void => {
    const startX = event.clientX;
    const startWidth = cell.current?.offsetWidth ?? style.width;
    const grip = event.currentTarget;
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (move) => onResize(startWidth + move.clientX - startX);
    grip.onpointerup = () => {
      grip.onpointermove = null;
    };
  };
  const step = (event: KeyboardEvent): void => {
    const delta = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (delta !== undefined) onResize((cell.current?.offsetWidth ?? style.width) + delta);
  };
  const Arrow = chosen?.descending === true ? ArrowDown : ArrowUp;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: its button is.
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    <div
      ref={cell}
      role="columnheader"
      aria-sort={chosen === undefined ? 'none' : chosen.descending ? 'descending' : 'ascending'}
      className={classNames(
        css.headCell,
        column.kind === 'number' && css.end,
        column.pinned === true && css.pinned,
      )}
      style={style}
    >
      {column.sortable === false ? (
        <span className={css.plainHead}>{column.header}</span>
      ) : (
        <button type="button" className={css.sort} onClick={next} title={column.header}>
          <span>{column.header}</span>
          {chosen !== undefined && <Arrow size={12} strokeWidth={2} aria-hidden />}
        </button>
      )}
      <button
        type="button"
        tabIndex={-1}
        className={css.grip}
        aria-label={m.resizeColumn(column.header)}
        onPointerDown={startResize}
        onKeyDown={step}
      />
    </div>
  );
}
