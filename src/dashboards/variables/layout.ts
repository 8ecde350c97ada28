import type { Dashboard, Panel } from '#dashboards/model';
import type { VariableStates } from './contract.ts';
import { currentValue } from './lookup.ts';
import type { ScopedVars } from './scoped.ts';

export const gridColumns = 24;
export const cellHeightPx = 30;
export const gapPx = 8;
/** Clones of one panel or row beyond these help nobody, and each one asks the server. */
const maxClones = 200;
const defaultMaxPerRow = 4;

/** A panel in its place; a repeated one has a value of its own in `scopedVars`. */
export interface PlacedPanel {
  readonly kind: 'panel';
  /** Unique; stays the same while the panel does: `panel-12`, `panel-12-clone-1`. */
  readonly key: string;
  readonly panel: Panel;
  readonly scopedVars: ScopedVars;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PlacedRow {
  readonly kind: 'row';
  readonly key: string;
  readonly row: Panel;
  readonly scopedVars: ScopedVars;
  readonly isCollapsed: boolean;
  readonly panelCount: number;
  readonly y: number;
}

export type Placed = PlacedPanel | PlacedRow;

export interface Layout {
  readonly items: readonly Placed[];
  /** In cells. */
  readonly height: number;
}

export interface LayoutRequest {
  readonly panels: Dashboard['panels'];
  readonly variables: VariableStates;
  /** Rows that are not as the dashboard was saved: open ones closed, closed ones open. */
  readonly toggledRows: ReadonlySet<number>;
}

/** Where everything stands: rows open or closed, repeats taken apart, gaps above panels closed. */
export function layOut({ panels, variables, toggledRows }: LayoutRequest): Layout {
  const items: Placed[] = [];
  let y = 0;
  for (const section of sectionsOf(panels)) {
    const { row, children } = section;
    const scopes = row === undefined ? [noScope] : scopesOf(row.repeat, variables, noScope);
    for (const [index, scope] of scopes.entries()) {
      const suffix = index === 0 ? '' : `-row-${index}`;
      let isCollapsed = false;
      if (row !== undefined) {
        isCollapsed = (row.collapsed === true) !== toggledRows.has(row.id);
        const key = `row-${row.id}${suffix}`;
        const panelCount = children.length;
        items.push({ kind: 'row', key, row, scopedVars: scope, isCollapsed, panelCount, y });
        y++;
      }
      if (isCollapsed) continue;
      const placed = place(children, variables, scope, suffix);
      for (const item of placed.items) items.push({ ...item, y: item.y + y });
      y += placed.height;
    }
  }
  return { items, height: y };
}

const noScope: ScopedVars = {};

interface Section {
  readonly row: Panel | undefined;
  readonly children: readonly Panel[];
}

/** What an open row is followed by belongs to it, what a closed one holds as well. */
function sectionsOf(panels: readonly Panel[]): readonly Section[] {
  const sections: { row: Panel | undefined; children: Panel[] }[] = [
    { row: undefined, children: [] },
  ];
  for (const panel of panels.toSorted(byPlace)) {
    if (panel.type === 'row') sections.push({ row: panel, children: [...(panel.panels ?? [])] });
    else sections.at(-1)?.children.push(panel);
  }
  return sections;
}

const byPlace = (a: Panel, b: Panel): number =>
  a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x;

function place(
  panels: readonly Panel[],
  variables: VariableStates,
  scope: ScopedVars,
  suffix: string,
): { readonly items: readonly PlacedPanel[]; readonly height: number } {
  /** How far down each column is taken. */
  const taken = new Array<number>(gridColumns).fill(0);
  const items: PlacedPanel[] = [];
  const put = (item: Omit<PlacedPanel, 'y' | 'kind'>): void => {
    const end = Math.min(gridColumns, item.x + item.w);
    const y = Math.max(...taken.slice(item.x, end));
    taken.fill(y + item.h, item.x, end);
    items.push({ kind: 'panel', ...item, y });
  };
  for (const panel of panels.toSorted(byPlace)) {
    const key = `panel-${panel.id}${suffix}`;
    const { x, w, h } = boundsOf(panel);
    if (panel.repeat === undefined || panel.repeat === '') {
      put({ key, panel, scopedVars: scope, x, w, h });
      continue;
    }
    const scopes = scopesOf(panel.repeat, variables, scope);
    const isDown = panel.repeatDirection === 'v';
    const perRow = Math.min(scopes.length, Math.max(1, panel.maxPerRow ?? defaultMaxPerRow));
    const width = isDown ? w : Math.floor(gridColumns / perRow);
    for (const [index, scopedVars] of scopes.entries()) {
      const column = isDown ? x : (index % perRow) * width;
      const clone = index === 0 ? key : `${key}-clone-${index}`;
      put({ key: clone, panel, scopedVars, x: column, w: width, h });
    }
  }
  return { items, height: Math.max(0, ...taken) };
}

/** Within the grid, whatever the file says. */
function boundsOf({ gridPos }: Panel): {
  readonly x: number;
  readonly w: number;
  readonly h: number;
} {
  const w = Math.min(gridColumns, Math.max(1, Math.floor(gridPos.w)));
  const x = Math.min(gridColumns - w, Math.max(0, Math.floor(gridPos.x)));
  return { x, w, h: Math.max(1, Math.floor(gridPos.h)) };
}

/** One scope for each chosen value of the variable; one without it when there are none. */
function scopesOf(
  name: string | undefined,
  variables: VariableStates,
  outer: ScopedVars,
): readonly ScopedVars[] {
  const state = name === undefined ? undefined : variables.get(name);
  if (name === undefined || state === undefined) return [outer];
  // The options themselves, also where "All" has a value of its own.
  const value = state.isAll ? state.options.map((one) => one.value) : currentValue(state, 0).value;
  const values = (Array.isArray(value) ? value : [value]).map(String).slice(0, maxClones);
  if (values.length === 0) return [outer];
  return values.map((one) => ({
    ...outer,
    [name]: {
      value: one,
      text: state.options.find((option) => option.value === one)?.text ?? one,
    },
  }));
}

export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The place of an item in a grid so wide. */
export function boxOf(item: Placed, gridWidthPx: number): PixelBox {
  const columnPx = (gridWidthPx - (gridColumns - 1) * gapPx) / gridColumns;
  const { x, w, h } = item.kind === 'row' ? { x: 0, w: gridColumns, h: 1 } : item;
  return {
    left: Math.round(x * (columnPx + gapPx)),
    top: item.y * (cellHeightPx + gapPx),
    width: Math.round(w * columnPx + (w - 1) * gapPx),
    height: heightPx(h),
  };
}

export const heightPx = (cells: number): number =>
  Math.max(0, cells * cellHeightPx + (cells - 1) * gapPx);

/** Everything below each other, for a narrow window. */
export function stackItems({ items }: Layout): Layout {
  let y = 0;
  const stacked = items
    .toSorted((a, b) => a.y - b.y || columnOf(a) - columnOf(b))
    .map((item): Placed => {
      const placed: Placed =
        item.kind === 'row' ? { ...item, y } : { ...item, y, x: 0, w: gridColumns };
      y += item.kind === 'row' ? 1 : item.h;
      return placed;
    });
  return { items: stacked, height: y };
}

const columnOf = (item: Placed): number => (item.kind === 'row' ? 0 : item.x);
