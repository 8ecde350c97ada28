/** Before version 16 panels stood in rows of 12 columns, with heights in pixels. */
import { type JsonObject, numberOf, objectsOf, stringOf } from '../json.ts';
import { gridColumns } from '../layout.ts';

/** Documents of lower versions have rows. */
export const gridVersion = 16;

/** A cell of 30 px with its gap of 8. */
const cellPx = 38;
const minPanelCells = 3;
const defaultRowPx = 250;
const defaultSpan = 4;

/** `250`, `"250"` and `"250px"` are pixels. */
function cellsOf(height: unknown): number | undefined {
  const px = typeof height === 'string' ? numberOf(height.replace(/px$/, '')) : numberOf(height);
  return px === undefined ? undefined : Math.max(minPanelCells, Math.ceil(px / cellPx));
}

/** Brings rows with panels in them to a list of panels with places, in place. */
export function rowsToGrid(dashboard: JsonObject): void {
  const rows = objectsOf(dashboard['rows']);
  if (rows.length === 0) return;
  const panels = objectsOf(dashboard['panels']);
  const showsRows = rows.some(
    (row) => row['collapse'] === true || row['showTitle'] === true || Boolean(row['repeat']),
  );
  let top = 0;
  for (const row of rows) {
    const isCollapsed = row['collapse'] === true;
    const heading: JsonObject | undefined = showsRows
      ? {
          type: 'row',
          title: stringOf(row['title']) ?? '',
          collapsed: isCollapsed,
          panels: [],
          gridPos: { x: 0, y: top, w: gridColumns, h: 1 },
          ...(row['repeat'] ? { repeat: row['repeat'] } : {}),
        }
      : undefined;
    if (heading !== undefined) {
      panels.push(heading);
      top += 1;
    }
    const rowCells = cellsOf(row['height']) ?? cellsOf(defaultRowPx)!;
    const inRow = objectsOf(row['panels']);
    const bottom = placeInRow(inRow, top, rowCells);
    if (heading !== undefined && isCollapsed) heading['panels'] = inRow;
    else panels.push(...inRow);
    top = isCollapsed && heading !== undefined ? top : Math.max(bottom, top + rowCells);
  }
  dashboard['panels'] = panels;
  delete dashboard['rows'];
}

/** Puts panels side by side in their order, each as high as it fits; answers where the row ends. */
function placeInRow(panels: readonly JsonObject[], top: number, rowCells: number): number {
  const bottoms = Array<number>(gridColumns).fill(top);
  for (const panel of panels) {
    const span = numberOf(panel['span']) ?? defaultSpan;
    const w = Math.min(gridColumns, Math.max(1, Math.floor(span) * 2));
    const h = cellsOf(panel['height']) ?? rowCells;
    let best = { x: 0, y: Number.POSITIVE_INFINITY };
    for (let x = 0; x + w <= gridColumns; x++) {
      const y = Math.max(...bottoms.slice(x, x + w));
      if (y < best.y) best = { x, y };
    }
    bottoms.fill(best.y + h, best.x, best.x + w);
    panel['gridPos'] = { ...best, w, h };
    delete panel['span'];
    delete panel['height'];
  }
  return Math.max(...bottoms);
}
