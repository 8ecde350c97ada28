import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import {
  boxOf,
  heightPx,
  type Layout,
  type PlacedRow,
  stackItems,
} from '../../../dashboards/layout.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import css from './grid.module.css';
import { type PanelContext, PanelFrame } from './panel-frame.tsx';
import { useSize } from './use-size.ts';
import { viewWords } from './words.ts';

/** Below it panels stand below each other. */
const stackBelowPx = 769;

export interface GridProps {
  readonly layout: Layout;
  readonly context: PanelContext;
  readonly hasLegends: boolean;
  /** Panels whose legend is the other way round, by key. */
  readonly toggledLegends: ReadonlySet<string>;
  readonly onToggleRow: (rowId: number) => void;
}

/** Panels and rows in their places. */
export function Grid({
  layout,
  context,
  hasLegends,
  toggledLegends,
  onToggleRow,
}: GridProps): ReactNode {
  const [host, { width }] = useSize<HTMLDivElement>();
  const isNarrow = width > 0 && width < stackBelowPx;
  const placed = useMemo(() => (isNarrow ? stackItems(layout) : layout), [layout, isNarrow]);
  return (
    <div ref={host} className={css.grid} style={{ height: heightPx(placed.height) }}>
      {width > 0 &&
        placed.items.map((item) => {
          const box = boxOf(item, width);
          return (
            <div key={item.key} className={css.cell} style={box}>
              {item.kind === 'row' ? (
                <RowHeader
                  item={item}
                  context={context}
                  onToggle={() => onToggleRow(item.row.id)}
                />
              ) : (
                <PanelFrame
                  item={item}
                  width={box.width}
                  height={box.height}
                  context={context}
                  hasLegend={hasLegends !== toggledLegends.has(item.key)}
                />
              )}
            </div>
          );
        })}
    </div>
  );
}

function RowHeader({
  item,
  context,
  onToggle,
}: {
  readonly item: PlacedRow;
  readonly context: PanelContext;
  readonly onToggle: () => void;
}): ReactNode {
  const m = useMessages(viewWords);
  const f = useFormat();
  const { row, scopedVars, isCollapsed, panelCount } = item;
  const title = context.interpolate(row.title ?? '', scopedVars);
  const Icon = isCollapsed ? ChevronRight : ChevronDown;
  return (
    <h2 className={css.rowHead}>
      <button type="button" className={css.row} aria-expanded={!isCollapsed} onClick={onToggle}>
        <Icon size={16} strokeWidth={1.5} aria-hidden />
        <span className={css.rowTitle}>{title}</span>
        {isCollapsed && <span className={css.rowNote}>{m.panels(f.number(panelCount))}</span>}
      </button>
    </h2>
  );
}
