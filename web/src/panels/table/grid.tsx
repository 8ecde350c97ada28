import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type CSSProperties, type ReactNode, useMemo, useRef, useState } from 'react';
import {
  columnWidths,
  type TableColumn,
  type TableFilter,
  type TableSort,
} from '../../../../src/dashboards/fields/models/table-model.ts';
import type { TableOptions } from '../../../../src/dashboards/fields/models/table-options.ts';
import { useMessages } from '../../i18n/messages.ts';
import { Dialog } from '../../ui/dialog.tsx';
import type { PanelFilter } from '../contract.ts';
import { ScrollGroup } from '../shared/scroll-group.tsx';
import { panelWords } from '../words.ts';
import { cellStyle } from './cell.tsx';
import { Cell } from './grid-cell.tsx';
import { HeadCell } from './head-cell.tsx';
import css from './table.module.css';

export interface GridProps {
  readonly label: string;
  readonly columns: readonly TableColumn[];
  /** Row numbers of the frame, in the order of display. */
  readonly rows: readonly number[];
  /** Of the frame, before filters. */
  readonly rowCount: number;
  readonly footer: readonly (readonly string[])[] | undefined;
  readonly options: TableOptions;
  readonly widthPx: number;
  readonly sort: TableSort | undefined;
  readonly onSort: (sort: TableSort | undefined) => void;
  readonly filter: TableFilter;
  readonly onFilter: (key: string, kept: ReadonlySet<string> | undefined) => void;
  readonly widths: Readonly<Record<string, number>>;
  readonly onWidth: (column: TableColumn, widthPx: number, isLast: boolean) => void;
  readonly onCellFilter: ((filter: PanelFilter) => void) | undefined;
  /** Rows have tables of their own, which are opened one by one. */
  readonly nested?: NestedRows | undefined;
}

export interface NestedRows {
  readonly isOpen: (row: number) => boolean;
  readonly onToggle: (row: number) => void;
  /** What stands under an open row. */
  readonly content: (row: number) => ReactNode;
}

/** Of the column in which rows are opened. */
const togglePx = 28;

/** Rows in sight only: 100,000 of them cost what a screenful does. */
export function Grid(props: GridProps): ReactNode {
  const { columns, rows, options, widthPx, nested } = props;
  const m = useMessages(panelWords);
  const scroll = useRef<HTMLDivElement>(null);
  const [inspected, setInspected] = useState<{ title: string; text: string }>();
  const wraps = columns.some((column) => column.options.wraps);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => options.rowHeightPx,
    overscan: 8,
    initialRect: { width: widthPx, height: 400 },
  });
  const firstPx = nested === undefined ? 0 : togglePx;
  const widths = useMemo(
    // The scrollbar is thin, yet it takes its part.
    () => columnWidths(columns, rows, widthPx - 12 - firstPx, props.widths),
    [columns, rows, widthPx, firstPx, props.widths],
  );
  const places = useMemo(() => {
    let left = firstPx;
    return widths.map((width, at): CSSProperties => {
      const own: CSSProperties = { width };
      if (at < options.frozenColumns) Object.assign(own, { position: 'sticky', left, zIndex: 1 });
      left += width;
      return own;
    });
  }, [widths, options.frozenColumns, firstPx]);
  const total = widths.reduce((sum, width) => sum + width, firstPx);
  return (
    <ScrollGroup ref={scroll} className={css.scroll} label={props.label}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be. */}
      <div
        role="table"
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        style={{ width: total }}
      >
        {options.hasHeader && (
          // biome-ignore lint/a11y/useSemanticElements: see above.
          // biome-ignore lint/a11y/useFocusableInteractive: its buttons are.
          <div role="row" aria-rowindex={1} className={css.head}>
            {nested !== undefined && (
              // biome-ignore lint/a11y/useSemanticElements: see above.
              // biome-ignore lint/a11y/useFocusableInteractive: it only has a name.
              <div role="columnheader" className={css.toggleCell}>
                <span className="visually-hidden">{m.nestedRows}</span>
              </div>
            )}
            {columns.map((column, at) => (
              <HeadCell
                key={column.key}
                column={column}
                style={places[at] as CSSProperties}
                widthPx={widths[at] as number}
                props={props}
              />
            ))}
          </div>
        )}
        <div role="presentation" className={css.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index] as number;
            return (
              // biome-ignore lint/a11y/useSemanticElements: see above.
              <div
                key={item.key}
                role="rowgroup"
                data-index={item.index}
                ref={wraps || nested !== undefined ? virtual.measureElement : undefined}
                className={css.place}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
                {/* biome-ignore lint/a11y/useFocusableInteractive: it has nothing to press but its links. */}
                <div
                  role="row"
                  aria-rowindex={item.index + 2}
                  className={css.row}
                  style={{ minHeight: options.rowHeightPx, ...rowStyle(columns, row) }}
                >
                  {nested !== undefined && <Toggle nested={nested} row={row} />}
                  {columns.map((column, at) => (
                    <Cell
                      key={column.key}
                      column={column}
                      row={row}
                      style={places[at] as CSSProperties}
                      widthPx={widths[at] as number}
                      heightPx={options.rowHeightPx}
                      onCellFilter={props.onCellFilter}
                      onInspect={setInspected}
                    />
                  ))}
                </div>
                {nested?.isOpen(row) === true && (
                  // biome-ignore lint/a11y/useSemanticElements: see above.
                  // biome-ignore lint/a11y/useFocusableInteractive: the table in it is.
                  <div role="row" className={css.nestedRow}>
                    {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
                    <div role="cell" className={css.nested} style={{ width: widthPx - 52 }}>
                      {nested.content(row)}
                    </div>
                  </div>
                )}
              </div>
            );
          })}
        </div>
        {props.footer !== undefined && (
          // biome-ignore lint/a11y/useSemanticElements: see above.
          // biome-ignore lint/a11y/useFocusableInteractive: it only says something.
          <div role="row" className={css.footer}>
            {nested !== undefined && <div role="presentation" className={css.toggleCell} />}
            {columns.map((column, at) => (
              // biome-ignore lint/a11y/useSemanticElements: see above.
              <div
                key={column.key}
                role="cell"
                className={css.footerCell}
                style={{ ...places[at], textAlign: column.options.align }}
              >
                {props.footer?.[at]?.map((text) => (
                  <div key={text}>{text}</div>
                ))}
              </div>
            ))}
          </div>
        )}
      </div>
      <Dialog
        open={inspected !== undefined}
        onClose={() => setInspected(undefined)}
        title={inspected?.title ?? ''}
        wide
      >
        <pre className={css.inspected}>{inspected?.text}</pre>
      </Dialog>
    </ScrollGroup>
  );
}

/** The colour of the cell that colours its whole row. */
function rowStyle(columns: readonly TableColumn[], row: number): CSSProperties {
  const column = columns.find(({ options }) => options.colorsRow);
  return column === undefined
    ? {}
    : cellStyle(column, column.field.display?.(column.field.values[row]));
}

function Toggle({ nested, row }: { readonly nested: NestedRows; readonly row: number }): ReactNode {
  const m = useMessages(panelWords);
  const isOpen = nested.isOpen(row);
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    <div role="cell" className={css.toggleCell}>
      <button
        type="button"
        className={css.toggle}
        aria-expanded={isOpen}
        aria-label={m.nestedRows}
        onClick={() => nested.onToggle(row)}
      >
        <Icon size={14} strokeWidth={1.75} aria-hidden />
      </button>
    </div>
  );
}
