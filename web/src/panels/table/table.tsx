import { type DataFrame, getFrameDisplayName } from '@grafana/data';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { isExemplars } from '../../../../src/dashboards/fields/frames.ts';
import {
  columnsOf,
  footerOf,
  nestedTables,
  rowsOf,
  type TableFilter,
  type TableSort,
} from '../../../../src/dashboards/fields/models/table-model.ts';
import {
  type TableOptions,
  tableOptions,
} from '../../../../src/dashboards/fields/models/table-options.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import type { PanelBodyProps } from '../body.ts';
import { Note } from '../shared/note.tsx';
import { panelWords } from '../words.ts';
import { Grid, type NestedRows } from './grid.tsx';
import { keepWidth, keptWidths } from './kept-widths.ts';
import { NestedTable } from './nested-table.tsx';
import css from './table.module.css';
import { withWidth } from './with-width.ts';

const toolsHeightPx = 34;
const headHeightPx = 28;
/** Left and right of a table under a row. */
const nestedIndentPx = 64;

/** Rows and columns, with sort, filters, cells that draw their values, and pages where they are wanted. */
export function Body(props: PanelBodyProps): ReactNode {
  const { panel, fields, widthPx, heightPx } = props;
  const m = useMessages(panelWords);
  const f = useFormat();
  const options = useMemo(() => tableOptions(panel.options), [panel]);
  const frames = useMemo(() => fields.frames.filter((frame) => !isExemplars(frame)), [fields]);
  const [chosenFrame, setChosenFrame] = useState<number>();
  const frame = frames[chosenFrame ?? options.frameIndex] ?? frames[0];
  const columns = useMemo(
    () => (frame === undefined ? [] : columnsOf(frame, frames)),
    [frame, frames],
  );
  const [chosenSort, setChosenSort] = useState<TableSort | 'none'>();
  const [filter, setFilter] = useState<TableFilter>({});
  const [widths, setWidths] = useState(() => keptWidths(props.viewKey));
  const widthsByKey = useMemo(
    () =>
      Object.fromEntries(
        columns.flatMap(({ key, name }) => {
          const width = widths[name];
          return width === undefined ? [] : [[key, width]];
        }),
      ),
    [columns, widths],
  );
  const nested = useNested(props, frame, options);
  const [page, setPage] = useState(0);
  const sort = useMemo((): TableSort | undefined => {
    if (chosenSort === 'none') return undefined;
    if (chosenSort !== undefined) return chosenSort;
    const column = columns.find(({ name }) => name === options.sortBy?.displayName);
    return column === undefined
      ? undefined
      : { key: column.key, desc: options.sortBy?.desc === true };
  }, [chosenSort, columns, options]);
  const rows = useMemo(
    () => (frame === undefined ? [] : rowsOf(frame, columns, sort, filter)),
    [frame, columns, sort, filter],
  );
  const footer = useMemo(
    () => footerOf(columns, rows, options, (count) => `${m.count}: ${f.number(count)}`),
    [columns, rows, options, m, f],
  );
  if (frame === undefined || columns.length === 0) {
    return <Note>{panel.fieldConfig.defaults.noValue ?? m.noData}</Note>;
  }
  const hasPicker = frames.length > 1;
  const footerHeight =
    footer === undefined ? 0 : Math.max(...footer.map((texts) => texts.length)) * 20 + 6;
  const bodyHeight =
    heightPx -
    (hasPicker ? toolsHeightPx : 0) -
    (options.hasPages ? toolsHeightPx : 0) -
    (options.hasHeader ? headHeightPx : 0) -
    footerHeight;
  const perPage = options.hasPages
    ? Math.max(1, options.rowsPerPage ?? Math.floor(bodyHeight / options.rowHeightPx))
    : rows.length;
  const pages = Math.max(1, Math.ceil(rows.length / Math.max(1, perPage)));
  const shownPage = Math.min(page, pages - 1);
  const shown = options.hasPages
    ? rows.slice(shownPage * perPage, (shownPage + 1) * perPage)
    : rows;
  return (
    <div className={css.frame} style={{ width: widthPx, height: heightPx }}>
      <Grid
        label={panel.title ?? ''}
        columns={columns}
        rows={shown}
        rowCount={frame.length}
        footer={footer}
        options={options}
        widthPx={widthPx}
        sort={sort}
        onSort={(next) => setChosenSort(next ?? 'none')}
        filter={filter}
        onFilter={(key, kept) => {
          const { [key]: _, ...others } = filter;
          setFilter(kept === undefined ? others : { ...others, [key]: kept });
          setPage(0);
        }}
        widths={widthsByKey}
        onWidth={(column, width, isLast) => {
          setWidths({ ...widths, [column.name]: width });
          if (!isLast) return;
          if (props.onChange === undefined) keepWidth(props.viewKey, column.name, width);
          else props.onChange((whole) => withWidth(whole, column.name, width));
        }}
        nested={nested}
        onCellFilter={props.onFilter}
      />
      {options.hasPages && (
        <div className={css.tools}>
          <span className={css.pageText}>
            {m.rowsShown(
              f.number(rows.length === 0 ? 0 : shownPage * perPage + 1),
              f.number(Math.min(rows.length, (shownPage + 1) * perPage)),
              f.number(rows.length),
            )}
          </span>
          <IconButton
            icon={ChevronLeft}
            label={m.previousPage}
            disabled={shownPage === 0}
            onClick={() => setPage(shownPage - 1)}
          />
          <span className={css.pageText}>{m.page(f.number(shownPage + 1), f.number(pages))}</span>
          <IconButton
            icon={ChevronRight}
            label={m.nextPage}
            disabled={shownPage >= pages - 1}
            onClick={() => setPage(shownPage + 1)}
          />
        </div>
      )}
      {hasPicker && (
        <div className={css.tools}>
          <Select
            label={m.chooseFrame}
            value={String(frames.indexOf(frame))}
            options={frames.map((one, at) => ({
              value: String(at),
              label: getFrameDisplayName(one, at),
            }))}
            onChange={(next) => {
              setChosenFrame(Number(next));
              setChosenSort(undefined);
              setFilter({});
              setPage(0);
            }}
          />
        </div>
      )}
    </div>
  );
}

/** Which rows of a table with tables under them are open; undefined: it has none. */
function useNested(
  { panel, widthPx, onFilter }: PanelBodyProps,
  frame: DataFrame | undefined,
  options: TableOptions,
): NestedRows | undefined {
  const tables = useMemo(() => (frame === undefined ? undefined : nestedTables(frame)), [frame]);
  // Rows that are not as the transformation wants them, which is all open or all closed.
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  return useMemo(() => {
    if (tables === undefined) return undefined;
    return {
      isOpen: (row) => turned.has(row) !== tables.areOpen,
      onToggle: (row) => {
        const next = new Set(turned);
        if (!next.delete(row)) next.add(row);
        setTurned(next);
      },
      content: (row) =>
        tables.of(row).map((one, at) => (
          <NestedTable
            // biome-ignore lint/suspicious/noArrayIndexKey: tables of a row are places.
            key={at}
            label={panel.title ?? ''}
            frame={one}
            hasHeader={tables.haveHeaders}
            options={options}
            widthPx={widthPx - nestedIndentPx}
            onCellFilter={onFilter}
          />
        )),
    };
  }, [tables, turned, panel.title, options, widthPx, onFilter]);
}
