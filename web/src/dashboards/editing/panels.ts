import type { Dashboard, GridPos, Panel } from '../../../../src/dashboards/model/contract.ts';
import {
  defaultsOf,
  type OptionSpec,
  panelKind,
} from '../../../../src/dashboards/model/panel-kinds/index.ts';
import { valueAt, withValueAt } from './paths.ts';

const newPanelSize = { w: 12, h: 8 } as const;

const isRow = (panel: Panel): boolean => panel.type === 'row';

/** Every panel, those in closed rows too. */
export const allPanels = ({ panels }: Dashboard): readonly Panel[] =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

export const findPanel = (dashboard: Dashboard, id: number): Panel | undefined =>
  allPanels(dashboard).find((panel) => panel.id === id);

/** One that no panel has, nor had one with a higher number. */
export const nextPanelId = (dashboard: Dashboard): number =>
  Math.max(0, ...allPanels(dashboard).map(({ id }) => id)) + 1;

const bottomOf = (panels: readonly Panel[]): number =>
  Math.max(0, ...panels.map(({ gridPos }) => gridPos.y + gridPos.h));

/** The dashboard with the panel of that id changed, wherever it stands. */
export function withPanel(
  dashboard: Dashboard,
  id: number,
  change: (panel: Panel) => Panel,
): Dashboard {
  const inList = (panels: readonly Panel[]): readonly Panel[] =>
    panels.map((panel) => {
      if (panel.id === id) return change(panel);
      const inner = panel.panels;
      if (inner === undefined || inner.every((one) => one.id !== id)) return panel;
      return { ...panel, panels: inList(inner) };
    });
  return { ...dashboard, panels: inList(dashboard.panels) };
}

/** A new panel of a type with its defaults; at the top, where it is seen at once. */
export function addPanel(
  dashboard: Dashboard,
  { type, title }: { readonly type: string; readonly title: string },
): { readonly dashboard: Dashboard; readonly panel: Panel } {
  const kind = panelKind(type);
  const panel: Panel = {
    id: nextPanelId(dashboard),
    type,
    title,
    gridPos: { x: 0, y: 0, ...newPanelSize },
    ...(kind?.hasQueries === true ? { targets: [{ refId: 'A' }] } : {}),
    options: defaultsOf(kind?.options ?? []),
    fieldConfig: {
      defaults: { ...kind?.fieldDefaults, custom: defaultsOf(kind?.custom ?? []) },
      overrides: [],
    },
  };
  return { dashboard: withPanelOnTop(dashboard, panel), panel };
}

/** A panel of another dashboard, or of the library, at the top with a number of its own. */
export function pastePanel(
  dashboard: Dashboard,
  source: Panel,
): { readonly dashboard: Dashboard; readonly panel: Panel } {
  const gridPos = { ...source.gridPos, x: 0, y: 0 };
  const panel: Panel = { ...structuredClone(source), id: nextPanelId(dashboard), gridPos };
  return { dashboard: withPanelOnTop(dashboard, panel), panel };
}

const withPanelOnTop = (dashboard: Dashboard, panel: Panel): Dashboard => ({
  ...dashboard,
  panels: [panel, ...shiftedDown(dashboard.panels, 0, panel.gridPos.h)],
});

/** An open row at the bottom: what comes after it belongs to it. */
export function addRow(dashboard: Dashboard, title: string): Dashboard {
  const row: Panel = {
    id: nextPanelId(dashboard),
    type: 'row',
    title,
    collapsed: false,
    panels: [],
    gridPos: { x: 0, y: bottomOf(dashboard.panels), w: 24, h: 1 },
    options: {},
    fieldConfig: { defaults: {}, overrides: [] },
  };
  return { ...dashboard, panels: [...dashboard.panels, row] };
}

const shiftedDown = (panels: readonly Panel[], fromY: number, by: number): readonly Panel[] =>
  panels.map((panel) =>
    panel.gridPos.y < fromY
      ? panel
      : { ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y + by } },
  );

/** A copy beside the panel when there is room for it, else below. Rows are not copied. */
export function duplicatePanel(dashboard: Dashboard, id: number): Dashboard {
  const copyIn = (panels: readonly Panel[]): readonly Panel[] => {
    const source = panels.find((panel) => panel.id === id);
    if (source === undefined || isRow(source)) return panels;
    const { gridPos } = source;
    const beside: GridPos = { ...gridPos, x: gridPos.x + gridPos.w };
    const fits = beside.x + beside.w <= 24 && panels.every((one) => !overlaps(one.gridPos, beside));
    const below: GridPos = { ...gridPos, y: gridPos.y + gridPos.h };
    const copy: Panel = {
      ...structuredClone(source),
      id: nextPanelId(dashboard),
      gridPos: fits ? beside : below,
    };
    const others = fits ? panels : shiftedDown(panels, below.y, below.h);
    return others.flatMap((panel) => (panel.id === id ? [panel, copy] : [panel]));
  };
  return {
    ...dashboard,
    panels: copyIn(dashboard.panels).map((panel) =>
      panel.panels === undefined ? panel : { ...panel, panels: copyIn(panel.panels) },
    ),
  };
}

const overlaps = (a: GridPos, b: GridPos): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Without the panel; panels of a closed row go with it, those of an open one stay. */
export function removePanel(dashboard: Dashboard, id: number): Dashboard {
  const panels = dashboard.panels
    .filter((panel) => panel.id !== id)
    .map((panel) =>
      panel.panels?.some((inner) => inner.id === id) === true
        ? { ...panel, panels: panel.panels.filter((inner) => inner.id !== id) }
        : panel,
    );
  return { ...dashboard, panels };
}

/** Panels of a row that closes move into it, those of one that opens follow it. */
export function toggleRow(dashboard: Dashboard, id: number): Dashboard {
  const sorted = dashboard.panels.toSorted(
    (a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x,
  );
  const at = sorted.findIndex((panel) => panel.id === id && isRow(panel));
  const row = sorted[at];
  if (row === undefined) return dashboard;
  const before = sorted.slice(0, at);
  const after = sorted.slice(at + 1);
  if (row.collapsed !== true) {
    const end = after.findIndex(isRow);
    const inside = end < 0 ? after : after.slice(0, end);
    const closed = { ...row, collapsed: true, panels: inside };
    return { ...dashboard, panels: [...before, closed, ...after.slice(inside.length)] };
  }
  const inside = row.panels ?? [];
  const top = row.gridPos.y + 1;
  const firstY = Math.min(...inside.map(({ gridPos }) => gridPos.y));
  const opened = inside.map((panel) => ({
    ...panel,
    gridPos: { ...panel.gridPos, y: panel.gridPos.y - firstY + top },
  }));
  const heightCells = Math.max(0, bottomOf(opened) - top);
  const open = { ...row, collapsed: false, panels: [] };
  return {
    ...dashboard,
    panels: [...before, open, ...opened, ...shiftedDown(after, top, heightCells)],
  };
}

/** Another type: what both types have stays, the rest takes the defaults of the new one. */
export function withPanelType(panel: Panel, type: string): Panel {
  const [before, after] = [panelKind(panel.type), panelKind(type)];
  const carried = (object: unknown, from: readonly OptionSpec[], to: readonly OptionSpec[]) => {
    const shared = to.filter(({ path, kind }) =>
      from.some((one) => one.path === path && one.kind === kind),
    );
    return shared.reduce((made: unknown, { path }) => {
      const value = valueAt(object, path);
      return value === undefined ? made : withValueAt(made, path, value);
    }, defaultsOf(to)) as Record<string, unknown>;
  };
  const { defaults, overrides } = panel.fieldConfig;
  const hadDefaultColor =
    JSON.stringify(defaults.color) === JSON.stringify(before?.fieldDefaults['color']);
  const color = hadDefaultColor ? undefined : defaults.color;
  const targets = panel.targets ?? [{ refId: 'A' }];
  return {
    ...panel,
    type,
    ...(after?.hasQueries === true ? { targets } : {}),
    options: carried(panel.options, before?.options ?? [], after?.options ?? []),
    fieldConfig: {
      defaults: {
        ...after?.fieldDefaults,
        ...defaults,
        ...(color === undefined
          ? { color: after?.fieldDefaults['color'] as typeof defaults.color }
          : {}),
        custom: carried(defaults.custom, before?.custom ?? [], after?.custom ?? []),
      } as Panel['fieldConfig']['defaults'],
      overrides,
    },
  };
}
