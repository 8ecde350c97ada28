import type { Dashboard, Panel, Variable } from '../../../../src/dashboards/model/contract.ts';
import { currentSchemaVersion } from '../../../../src/dashboards/model/limits.ts';
import type { VariableState, VariableStates } from '../../../../src/dashboards/variables/index.ts';

export const newDashboard = (title: string): Dashboard => ({
  title,
  tags: [],
  schemaVersion: currentSchemaVersion,
  editable: true,
  timezone: '',
  time: { from: 'now-1h', to: 'now' },
  refresh: '',
  graphTooltip: 1,
  panels: [],
  templating: { list: [] },
  annotations: { list: [] },
  links: [],
});

/** As it is kept: panels of the library are references again, their model is kept once. */
export const storedDashboard = (dashboard: Dashboard): Dashboard => ({
  ...dashboard,
  panels: dashboard.panels.map(storedPanel),
});

function storedPanel(panel: Panel): Panel {
  if (panel.libraryPanel !== undefined) {
    const kept = ['id', 'type', 'title', 'gridPos', 'repeat', 'repeatDirection', 'maxPerRow'];
    const entries = Object.entries(panel).filter(([key]) => kept.includes(key));
    return { ...Object.fromEntries(entries), libraryPanel: panel.libraryPanel } as unknown as Panel;
  }
  if (panel.panels === undefined) return panel;
  return { ...panel, panels: panel.panels.map(storedPanel) };
}

/** One that belongs to nobody yet: saving it makes another dashboard. */
export function copyOf(
  { uid: _, id: __, version: ___, ...rest }: Dashboard,
  title: string,
): Dashboard {
  return { ...rest, title } as Dashboard;
}

/** Variables whose values are no choice of whoever looks. */
const withoutChoice: ReadonlySet<string> = new Set(['constant', 'system', 'snapshot']);

/** With the values that the variables have now as those that everybody begins with; else the same object. */
export function withCurrentValues(dashboard: Dashboard, states: VariableStates): Dashboard {
  let isOther = false;
  const list = dashboard.templating.list.map((variable) => {
    const state = states.get(variable.name);
    if (state === undefined || withoutChoice.has(variable.type) || hasValue(variable, state)) {
      return variable;
    }
    isOther = true;
    const { value, text, filters } = state;
    return filters === undefined
      ? { ...variable, current: { text, value } }
      : { ...variable, filters };
  });
  return isOther ? { ...dashboard, templating: { ...dashboard.templating, list } } : dashboard;
}

function hasValue(variable: Variable, { value, filters }: VariableState): boolean {
  if (filters !== undefined) {
    return JSON.stringify(filters) === JSON.stringify(variable['filters'] ?? []);
  }
  const saved = variable.current?.value;
  const asList = (one: unknown): string => JSON.stringify(Array.isArray(one) ? one : [one ?? '']);
  return asList(saved) === asList(value);
}
