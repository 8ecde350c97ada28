import type { Dashboard, Panel } from '../../../../src/dashboards/model/contract.ts';
import { referencesIn } from '../../../../src/dashboards/variables/index.ts';
import { allPanels } from './panels.ts';

/** Where a dashboard refers to a variable. */
export type VariableUse =
  | { readonly kind: 'panel' | 'row'; readonly id: number; readonly title: string }
  | { readonly kind: 'variable' | 'annotation' | 'link'; readonly title: string };

/** What the values of a document mean to references: its own texts, not the numbers of the day. */
const notRead: ReadonlySet<string> = new Set(['current', 'options', 'definition', 'panels']);
const maxNesting = 20;

function refersTo(value: unknown, name: string, nesting = 0): boolean {
  if (typeof value === 'string') return value.includes(name) && referencesIn(value).has(name);
  if (typeof value !== 'object' || value === null || nesting > maxNesting) return false;
  if (Array.isArray(value)) return value.some((one) => refersTo(one, name, nesting + 1));
  return Object.values(value).some((one) => refersTo(one, name, nesting + 1));
}

/** Options of a panel are its own words, those of a variable are values of the day. */
const withoutValues = (entry: object): object =>
  Object.fromEntries(Object.entries(entry).filter(([key]) => !notRead.has(key)));

const panelUses = (panel: Panel, name: string): boolean => {
  const { panels: _, ...own } = panel;
  return panel.repeat === name || refersTo(own, name);
};

/** Everything that would change its meaning if the variable went. */
export function usesOf(dashboard: Dashboard, name: string): readonly VariableUse[] {
  const { templating, annotations, links } = dashboard;
  return [
    ...allPanels(dashboard)
      .filter((panel) => panelUses(panel, name))
      .map(
        ({ type, id, title = '' }): VariableUse => ({
          kind: type === 'row' ? 'row' : 'panel',
          id,
          title: title || type,
        }),
      ),
    ...templating.list
      .filter((one) => one.name !== name && refersTo(withoutValues(one), name))
      .map((one): VariableUse => ({ kind: 'variable', title: `$${one.name}` })),
    ...annotations.list
      .filter((one) => refersTo(one, name))
      .map((one): VariableUse => ({ kind: 'annotation', title: one.name })),
    ...links
      .filter((one) => refersTo(one, name))
      .map((one): VariableUse => ({ kind: 'link', title: one.title || (one.url ?? '') })),
  ];
}
