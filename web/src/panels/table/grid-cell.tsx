import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import {
  cellText,
  type TableColumn,
} from '../../../../src/dashboards/fields/models/table-model.ts';
import { useMessages } from '../../i18n/messages.ts';
import { classNames } from '../../ui/class-names.ts';
import type { PanelFilter } from '../contract.ts';
import { panelWords } from '../words.ts';
import { CellContent, cellStyle } from './cell.tsx';
import css from './table.module.css';

/** A cell with what can be done with its value. */
export function Cell({
  column,
  row,
  style,
  widthPx,
  heightPx,
  onCellFilter,
  onInspect,
}: {
  readonly column: TableColumn;
  readonly row: number;
  readonly style: CSSProperties;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly onCellFilter: ((filter: PanelFilter) => void) | undefined;
  readonly onInspect: (value: { title: string; text: string }) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const { field, options } = column;
  const value: unknown = field.values[row];
  const text = cellText(field, row);
  const colors = options.colorsRow ? {} : cellStyle(column, field.display?.(value));
  const canFilter = onCellFilter !== undefined && options.isFilterable && value !== null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    <div
      role="cell"
      className={classNames(
        css.cell,
        column.isNumber && css.number,
        options.wraps && css.wraps,
        options.align === 'right' && css.right,
        options.align === 'center' && css.center,
      )}
      style={{ ...style, ...colors }}
      title={text}
    >
      <CellContent column={column} row={row} widthPx={widthPx} heightPx={heightPx} />
      {(canFilter || options.canInspect) && (
        <span className={css.cellTools}>
          {canFilter && (
            <>
              <button
                type="button"
                aria-label={m.filterFor(text)}
                onClick={() =>
                  onCellFilter({ key: field.name, value: String(value), operator: '=' })
                }
              >
                <ZoomIn size={12} strokeWidth={1.75} aria-hidden />
              </button>
              <button
                type="button"
                aria-label={m.filterOut(text)}
                onClick={() =>
                  onCellFilter({ key: field.name, value: String(value), operator: '!=' })
                }
              >
                <ZoomOut size={12} strokeWidth={1.75} aria-hidden />
              </button>
            </>
          )}
          {options.canInspect && (
            <button
              type="button"
              aria-label={m.inspectValue}
              onClick={() =>
                onInspect({
                  title: column.name,
                  text: typeof value === 'object' ? JSON.stringify(value, undefined, 2) : text,
                })
              }
            >
              <Maximize2 size={12} strokeWidth={1.75} aria-hidden />
            </button>
          )}
        </span>
      )}
    </div>
  );
}
