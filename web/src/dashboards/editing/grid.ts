import { type LayoutItem, moveElement, verticalCompactor } from 'react-grid-layout/core';
import type { Dashboard, Panel } from '../../../../src/dashboards/model/contract.ts';
import { gridColumns } from '../layout.ts';

export type GridLayout = readonly LayoutItem[];

export type Direction = 'left' | 'right' | 'up' | 'down';

const steps: Readonly<Record<Direction, readonly [x: number, y: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/** Smaller than this nothing can be read. */
const least = { w: 2, h: 2 } as const;

/** The panels and rows that stand in the grid, those of closed rows not. */
export const gridOf = ({ panels }: Dashboard): GridLayout =>
  verticalCompactor.compact(panels.map(itemOf), gridColumns);

function itemOf({ id, type, gridPos }: Panel): LayoutItem {
  const { x, y, w, h } = gridPos;
  const i = String(id);
  if (type === 'row') return { i, x: 0, y, w: gridColumns, h: 1, isResizable: false };
  return { i, x, y, w, h, minW: Math.min(w, least.w), minH: Math.min(h, least.h) };
}

/** The dashboard with its panels where a grid has them; the same object when nothing moved. */
export function withGrid(dashboard: Dashboard, grid: GridLayout): Dashboard {
  const places = new Map(grid.map((item) => [item.i, item]));
  let hasMoved = false;
  const panels = dashboard.panels.map((panel) => {
    const place = places.get(String(panel.id));
    if (place === undefined) return panel;
    const { x, y, w, h } = place;
    const { gridPos } = panel;
    if (gridPos.x === x && gridPos.y === y && gridPos.w === w && gridPos.h === h) return panel;
    hasMoved = true;
    return { ...panel, gridPos: { ...gridPos, x, y, w, h } };
  });
  if (!hasMoved) return dashboard;
  panels.sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  return { ...dashboard, panels };
}

/** One step with a key: a column, or past whatever stands above or below. */
export function moveByKey(dashboard: Dashboard, id: number, direction: Direction): Dashboard {
  const before = gridOf(dashboard);
  const tidy = withGrid(dashboard, before);
  const [stepX, stepY] = steps[direction];
  const bottom = Math.max(0, ...before.map(({ y, h }) => y + h));
  // A panel below has to be passed as a whole before anything changes.
  for (let distance = 1; distance <= bottom; distance++) {
    const grid = before.map((item) => ({ ...item }));
    const item = grid.find(({ i }) => i === String(id));
    if (item === undefined) return dashboard;
    const x = item.x + stepX * distance;
    const y = item.y + stepY * distance;
    if (x < 0 || x + item.w > gridColumns || y < 0) return dashboard;
    const moved = moveElement(grid, item, x, y, true, false, 'vertical', gridColumns, false);
    const next = withGrid(tidy, verticalCompactor.compact(moved, gridColumns));
    if (next !== tidy) return next;
    if (stepX !== 0) return dashboard;
  }
  return dashboard;
}

/** A column wider or narrower, a row higher or lower. Rows stay as they are. */
export function resizeByKey(dashboard: Dashboard, id: number, direction: Direction): Dashboard {
  const [stepX, stepY] = steps[direction];
  const grid = gridOf(dashboard).map((item) => {
    if (item.i !== String(id) || item.isResizable === false) return item;
    const w = Math.min(gridColumns - item.x, Math.max(item.minW ?? 1, item.w + stepX));
    return { ...item, w, h: Math.max(item.minH ?? 1, item.h + stepY) };
  });
  return withGrid(dashboard, verticalCompactor.compact(grid, gridColumns));
}
