import { ArrowDown, ArrowUp } from 'lucide-react';
import type { CSSProperties, KeyboardEvent, PointerEvent, ReactNode } from 'react';
import type {
  TableColumn,
  TableSort,
} from '../../../../src/dashboards/fields/models/table-model.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { classNames } from '../../ui/class-names.ts';
import { ColumnFilter } from './column-filter.tsx';
import type { GridProps } from './grid.tsx';
import css from './table.module.css';

const minWidthPx = 40;

/** The name of a column: sorts when pressed, its edge changes the width. */
export function HeadCell({
  column,
  style,
  widthPx,
  props,
}: {
  readonly column: TableColumn;
  readonly style: CSSProperties;
  readonly widthPx: number;
  readonly props: GridProps;
}): ReactNode {
  const m = useMessages(common);
  const own = props.sort?.key === column.key ? props.sort : undefined;
  const next = (): TableSort | undefined => {
    if (own === undefined) return { key: column.key, desc: false };
    return own.desc ? undefined : { key: column.key, desc: true };
  };
  const startResize = (event: PointerEvent<HTMLButtonElement>): void => {
    const startX = event.clientX;
    const grip = event.currentTarget;
    const widthAt = (move: { clientX: number }): number =>
      Math.max(minWidthPx, widthPx + move.clientX - startX);
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (move) => props.onWidth(column, widthAt(move), false);
    grip.onpointerup = (up) => {
      grip.onpointermove = null;
      grip.onpointerup = null;
      props.onWidth(column, widthAt(up), true);
    };
  };
  const step = (event: KeyboardEvent): void => {
    const delta = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (delta !== undefined) props.onWidth(column, Math.max(minWidthPx, widthPx + delta), true);
  };
  const Arrow = own?.desc === true ? ArrowDown : ArrowUp;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: its button is.
    // biome-ignore lint/a11y/useSemanticElements: rows are virtual, a <table> cannot be.
    <div
      role="columnheader"
      aria-sort={own === undefined ? 'none' : own.desc ? 'descending' : 'ascending'}
      className={classNames(css.headCell, column.options.align === 'right' && css.right)}
      style={style}
    >
      {column.options.hasHeader && (
        <button
          type="button"
          disabled={!column.options.isSortable}
          className={classNames(css.sort, column.options.wrapsHeader && css.wrapsHeader)}
          title={column.field.config.description ?? column.name}
          onClick={() => props.onSort(next())}
        >
          <span>{column.name}</span>
          {own !== undefined && <Arrow size={12} strokeWidth={2} aria-hidden />}
        </button>
      )}
      {column.options.isFilterable && (
        <ColumnFilter
          column={column}
          rowCount={props.rowCount}
          kept={props.filter[column.key]}
          onChange={(kept) => props.onFilter(column.key, kept)}
        />
      )}
      <button
        type="button"
        tabIndex={-1}
        className={css.grip}
        aria-label={m.resizeColumn(column.name)}
        onPointerDown={startResize}
        onKeyDown={step}
      />
    </div>
  );
}
