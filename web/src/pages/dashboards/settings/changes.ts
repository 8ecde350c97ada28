import type { Change } from '../../../../../src/dashboards/model/index.ts';
import type { DashboardDocument } from '../../../api/dashboard-store.ts';

/** Changes of one panel, or of the rest of the dashboard. */
export interface ChangeGroup {
  /** Undefined: not of a panel. */
  readonly panel: { readonly id: number; readonly title: string } | undefined;
  readonly changes: readonly Change[];
}

interface PanelLike {
  readonly id?: unknown;
  readonly title?: unknown;
  readonly panels?: readonly PanelLike[];
}

/** Changes by panel, in the order in which they come; titles are those of the newer document. */
export function groupChanges(
  changes: readonly Change[],
  ...documents: readonly DashboardDocument[]
): readonly ChangeGroup[] {
  const titles = new Map<number, string>();
  const read = (panels: unknown): void => {
    if (!Array.isArray(panels)) return;
    for (const panel of panels as readonly (PanelLike | null)[]) {
      if (typeof panel?.id === 'number' && !titles.has(panel.id)) {
        titles.set(panel.id, typeof panel.title === 'string' ? panel.title : '');
      }
      read(panel?.panels);
    }
  };
  for (const document of documents) read(document['panels']);
  const groups = Map.groupBy(changes, ({ path }) => {
    // The innermost: panels of a collapsed row stand in it.
    const id = [...path.matchAll(/panels\[id=(\d+)\]/g)].at(-1)?.[1];
    return id === undefined ? undefined : Number(id);
  });
  return [...groups].map(([id, own]) => ({
    panel: id === undefined ? undefined : { id, title: titles.get(id) ?? '' },
    changes: own,
  }));
}

/** Longer values are shown in part; the documents have the whole. */
const maxShown = 2000;

/** A value as people read it. */
export function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '');
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}
