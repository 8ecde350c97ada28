import { ChevronDown, ChevronRight, CopyPlus, Grip, Pencil, Trash2 } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useCallback, useMemo, useState } from 'react';
import { GridLayout } from 'react-grid-layout';
import type { LayoutItem } from 'react-grid-layout/core';
import type { Panel } from '../../../../../src/dashboards/model/contract.ts';
import {
  type Direction,
  type GridLayout as Grid,
  gridOf,
  moveByKey,
  resizeByKey,
  withGrid,
} from '../../../dashboards/editing/grid.ts';
import {
  duplicatePanel,
  removePanel,
  toggleRow,
  withPanel,
} from '../../../dashboards/editing/panels.ts';
import {
  boxOf,
  cellHeightPx,
  gapPx,
  gridColumns,
  type Layout,
  type PlacedPanel,
} from '../../../dashboards/layout.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { IconButton } from '../../../ui/button.tsx';
import { toast } from '../../../ui/toast.tsx';
import { type PanelContext, PanelFrame } from '../view/panel-frame.tsx';
import { useSize } from '../view/use-size.ts';
import css from './edit-grid.module.css';
import { RowDialog } from './row-dialog.tsx';
import type { Editing } from './use-editing.ts';
import { editWords } from './words.ts';

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

const gridConfig = {
  cols: gridColumns,
  rowHeight: cellHeightPx,
  margin: [gapPx, gapPx],
  containerPadding: [0, 0],
} as const;
const dragConfig = { handle: 'header, [data-grip]', cancel: 'button:not([data-grip]), a' } as const;
const noScope = {};

export interface EditGridProps {
  readonly editing: Editing;
  /** As it is looked at: values of repeated panels come from there. */
  readonly layout: Layout;
  readonly context: PanelContext;
}

/** The grid with panels that can be dragged and made larger, by pointer and by keys. */
export function EditGrid({ editing, layout, context }: EditGridProps): ReactNode {
  const m = useMessages(editWords);
  const { dashboard, change } = editing;
  const [host, { width }] = useSize<HTMLDivElement>();
  const [renamed, setRenamed] = useState<Panel>();
  // While something is dragged: panels are drawn as large as they are.
  const [live, setLive] = useState<Grid>();
  const grid = useMemo(() => gridOf(dashboard), [dashboard]);
  const placed = useMemo(
    () => new Map(layout.items.map((item) => [item.key, item] as const)),
    [layout],
  );
  const boxes = new Map((live ?? grid).map((item) => [item.i, item]));
  const finish = (next: Grid): void => {
    setLive(undefined);
    change((before) => withGrid(before, next));
  };
  const remove = (panel: Panel): void => {
    change((before) => removePanel(before, panel.id));
    toast(m.removed(panel.title || panel.type), m.undoHint);
  };
  const onGripKey = (event: KeyboardEvent, panel: Panel): void => {
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      remove(panel);
      return;
    }
    const direction = directions[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const act = event.shiftKey ? resizeByKey : moveByKey;
    const step = `${event.shiftKey ? 'size' : 'place'} ${panel.id}`;
    change((before) => act(before, panel.id, direction), step);
  };
  return (
    <div ref={host} className={css.grid}>
      {width > 0 && (
        <GridLayout
          width={width}
          layout={grid}
          gridConfig={gridConfig}
          dragConfig={dragConfig}
          onResize={(next) => setLive(next)}
          onDragStop={(next) => finish(next)}
          onResizeStop={(next) => finish(next)}
        >
          {dashboard.panels.map((panel) => {
            const place = boxes.get(String(panel.id));
            return (
              <div key={String(panel.id)} className={css.cell} data-edit-panel={panel.id}>
                {panel.type === 'row' ? (
                  <RowBar panel={panel} editing={editing} />
                ) : (
                  place !== undefined && (
                    <Frame
                      panel={panel}
                      place={place}
                      widthPx={width}
                      item={placed.get(`panel-${panel.id}`)}
                      context={context}
                      change={change}
                    />
                  )
                )}
                <div className={css.tools}>
                  <button
                    type="button"
                    data-grip
                    className={css.grip}
                    aria-label={m.grip(panel.title || panel.type)}
                    title={m.gripHelp}
                    onKeyDown={(event) => onGripKey(event, panel)}
                  >
                    <Grip size={14} strokeWidth={1.5} aria-hidden />
                  </button>
                  {panel.type === 'row' ? (
                    <IconButton
                      icon={Pencil}
                      label={m.editOf(panel.title || panel.type)}
                      onClick={() => setRenamed(panel)}
                    />
                  ) : (
                    <>
                      <IconButton
                        icon={Pencil}
                        label={m.editOf(panel.title || panel.type)}
                        onClick={() => context.onEdit(panel.id)}
                      />
                      <IconButton
                        icon={CopyPlus}
                        label={m.duplicateOf(panel.title || panel.type)}
                        onClick={() => change((before) => duplicatePanel(before, panel.id))}
                      />
                    </>
                  )}
                  <IconButton
                    icon={Trash2}
                    label={m.removeOf(panel.title || panel.type)}
                    onClick={() => remove(panel)}
                  />
                </div>
              </div>
            );
          })}
        </GridLayout>
      )}
      {renamed !== undefined && (
        <RowDialog row={renamed} editing={editing} onClose={() => setRenamed(undefined)} />
      )}
    </div>
  );
}

function Frame({
  panel,
  place,
  widthPx,
  item,
  context,
  change,
}: {
  readonly panel: Panel;
  readonly place: LayoutItem;
  readonly widthPx: number;
  readonly item: Layout['items'][number] | undefined;
  readonly context: PanelContext;
  readonly change: Editing['change'];
}): ReactNode {
  const { w, h } = place;
  const scopedVars = item?.scopedVars ?? noScope;
  const shown = useMemo<PlacedPanel>(
    () => ({ kind: 'panel', key: `panel-${panel.id}`, panel, scopedVars, x: 0, y: 0, w, h }),
    [panel, scopedVars, w, h],
  );
  const { width, height } = boxOf(shown, widthPx);
  const { id } = panel;
  const onPanelChange = useCallback(
    (apply: (panel: Panel) => Panel) =>
      change((before) => withPanel(before, id, apply), `in place ${id}`),
    [change, id],
  );
  return (
    <PanelFrame
      item={shown}
      width={width}
      height={height}
      context={context}
      hasLegend
      hasMenu={false}
      onPanelChange={onPanelChange}
    />
  );
}

function RowBar({
  panel,
  editing,
}: {
  readonly panel: Panel;
  readonly editing: Editing;
}): ReactNode {
  const m = useMessages(editWords);
  const f = useFormat();
  const isClosed = panel.collapsed === true;
  const Icon = isClosed ? ChevronRight : ChevronDown;
  return (
    <header className={css.row}>
      <button
        type="button"
        aria-expanded={!isClosed}
        onClick={() => editing.change((before) => toggleRow(before, panel.id))}
      >
        <Icon size={16} strokeWidth={1.5} aria-hidden />
        {panel.title || m.row}
        {isClosed && <span>{m.panels(f.number(panel.panels?.length ?? 0))}</span>}
      </button>
    </header>
  );
}
