import type { DataFrame } from '@grafana/data';
import { type ReactNode, useMemo, useState } from 'react';
import {
  columnsOf,
  rowsOf,
  type TableFilter,
  type TableSort,
} from '../../../../src/dashboards/fields/models/table-model.ts';
import type { TableOptions } from '../../../../src/dashboards/fields/models/table-options.ts';
import type { PanelFilter } from '../contract.ts';
import { Grid } from './grid.tsx';
import css from './table.module.css';

const headPx = 29;
/** A longer one scrolls within its row. */
const maxHeightPx = 320;

/** The table under one row of a table, sorted and filtered on its own. */
export function NestedTable({
  label,
  frame,
  hasHeader,
  options,
  widthPx,
  onCellFilter,
}: {
  readonly label: string;
  readonly frame: DataFrame;
  readonly hasHeader: boolean;
  readonly options: TableOptions;
  readonly widthPx: number;
  readonly onCellFilter: ((filter: PanelFilter) => void) | undefined;
}): ReactNode {
  const columns = useMemo(() => columnsOf(frame, [frame]), [frame]);
  const [sort, setSort] = useState<TableSort>();
  const [filter, setFilter] = useState<TableFilter>({});
  const [widths, setWidths] = useState<Readonly<Record<string, number>>>({});
  const rows = useMemo(() => rowsOf(frame, columns, sort, filter), [frame, columns, sort, filter]);
  const own = useMemo(
    (): TableOptions => ({ ...options, hasHeader, frozenColumns: 0 }),
    [options, hasHeader],
  );
  const heightPx = rows.length * (own.rowHeightPx + 1) + (hasHeader ? headPx : 0) + 2;
  return (
    <div className={css.nestedTable} style={{ height: Math.min(maxHeightPx, heightPx) }}>
      <Grid
        label={label}
        columns={columns}
        rows={rows}
        rowCount={frame.length}
        footer={undefined}
        options={own}
        widthPx={widthPx}
        sort={sort}
        onSort={setSort}
        filter={filter}
        onFilter={(key, kept) => {
          const { [key]: _, ...others } = filter;
          setFilter(kept === undefined ? others : { ...others, [key]: kept });
        }}
        widths={widths}
        onWidth={(column, width) => setWidths({ ...widths, [column.key]: width })}
        onCellFilter={onCellFilter}
      />
    </div>
  );
}
