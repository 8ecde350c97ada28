/** The grid of 24 columns: places for panels without one, and gravity upwards. */
import { isObject, type JsonObject, numberOf, objectsOf } from './json.ts';

export const gridColumns = 24;
const defaultHeight = 9;
const defaultWidth = 12;
/** No screen is this high; a place beyond it is a mistake that would make a page without end. */
const maxRowOfGrid = 1_000_000;

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

const whole = (value: unknown, least: number, most: number, preset: number): number => {
  const number = numberOf(value);
  return number === undefined ? preset : Math.min(most, Math.max(least, Math.floor(number)));
};

const isRow = (panel: JsonObject): boolean => panel['type'] === 'row';

/** A panel's box, made whole and brought into the grid; undefined where there is none. */
function boxOf(panel: JsonObject): Box | undefined {
  const place = panel['gridPos'];
  if (!isObject(place)) return undefined;
  if (isRow(panel)) {
    return { x: 0, y: whole(place['y'], 0, maxRowOfGrid, 0), w: gridColumns, h: 1 };
  }
  const w = whole(place['w'], 1, gridColumns, defaultWidth);
  return {
    x: whole(place['x'], 0, gridColumns - w, 0),
    y: whole(place['y'], 0, maxRowOfGrid, 0),
    w,
    h: whole(place['h'], 1, 1_000, defaultHeight),
  };
}

/** Lowest free cell of each column, so that each panel is placed in one step. */
class Skyline {
  readonly #bottoms: number[] = Array<number>(gridColumns).fill(0);

  topFor(x: number, w: number): number {
    let top = 0;
    for (let column = x; column < x + w; column++) top = Math.max(top, this.#bottoms[column]!);
    return top;
  }

  fill({ x, y, w, h }: Box): void {
    for (let column = x; column < x + w; column++) this.#bottoms[column] = y + h;
  }
}

/**
 * Puts panels as high as those before them let, those without a place last; keeps what else a
 * `gridPos` holds.
 */
function compact(panels: readonly JsonObject[], top: number): void {
  const placed = panels.map((panel, index) => ({ panel, index, box: boxOf(panel) }));
  const boxes = placed.filter((entry) => entry.box !== undefined);
  boxes.sort((a, b) => a.box!.y - b.box!.y || a.box!.x - b.box!.x || a.index - b.index);
  const skyline = new Skyline();
  const place = (panel: JsonObject, box: Box): void => {
    const y = skyline.topFor(box.x, box.w);
    skyline.fill({ ...box, y });
    panel['gridPos'] = { ...(panel['gridPos'] as object), ...box, y: y + top };
  };
  for (const { panel, box } of boxes) place(panel, box!);
  for (const { panel, box } of placed) {
    if (box !== undefined) continue;
    const size = isRow(panel) ? { w: gridColumns, h: 1 } : { w: defaultWidth, h: defaultHeight };
    panel['gridPos'] = {};
    place(panel, { x: 0, y: 0, ...size });
  }
}

/** Orders a list by rows, then columns: so siblings of an open row follow it. */
function sortByPlace(panels: JsonObject[]): void {
  const at = (panel: JsonObject): Box => panel['gridPos'] as Box & JsonObject;
  panels.sort((a, b) => at(a).y - at(b).y || at(a).x - at(b).x);
}

/**
 * Brings the panels of a document into place: boxes whole and within the grid, none over another, none
 * lower than needed, in the order in which they are read. Rows that are open hold nothing themselves;
 * children of collapsed rows stay in them.
 */
export function layOut(dashboard: JsonObject): void {
  const panels = flattenOpenRows(objectsOf(dashboard['panels']));
  compact(panels, 0);
  sortByPlace(panels);
  for (const row of panels.filter(isRow)) {
    const inside = objectsOf(row['panels']);
    if (inside.length === 0) continue;
    compact(inside, (row['gridPos'] as Box & JsonObject).y + 1);
    sortByPlace(inside);
    row['panels'] = inside;
  }
  dashboard['panels'] = panels;
}

/** Children of an open row, which some writers leave inside it, follow it; rows hold no rows. */
function flattenOpenRows(panels: readonly JsonObject[]): JsonObject[] {
  const flat: JsonObject[] = [];
  for (const panel of panels) {
    flat.push(panel);
    if (!isRow(panel)) continue;
    const isCollapsed = panel['collapsed'] === true;
    const inside = objectsOf(panel['panels']);
    panel['collapsed'] = isCollapsed;
    panel['panels'] = isCollapsed ? inside.filter((child) => !isRow(child)) : [];
    flat.push(...flattenOpenRows(isCollapsed ? inside.filter(isRow) : inside));
  }
  return flat;
}
