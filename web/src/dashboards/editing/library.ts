import type { Dashboard, Panel } from '../../../../src/dashboards/model/contract.ts';
import { allPanels } from './panels.ts';

/** What each dashboard has for itself: place, number, title, repetition, and that it is shared. */
const ownKeys: ReadonlySet<string> = new Set([
  'id',
  'gridPos',
  'title',
  'repeat',
  'repeatDirection',
  'maxPerRow',
  'libraryPanel',
]);

/** The part of a panel that all dashboards share. */
export const sharedModel = (panel: Panel): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(panel).filter(([key, value]) => !ownKeys.has(key) && value !== undefined),
  );

/** A library panel whose shared part was changed in a dashboard. */
export interface ChangedElement {
  readonly uid: string;
  readonly name: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Of several panels that show one element the first that was changed counts. */
export function changedElements(before: Dashboard, after: Dashboard): readonly ChangedElement[] {
  const known = new Map(
    allPanels(before).flatMap((panel) =>
      panel.libraryPanel === undefined ? [] : [[panel.libraryPanel.uid, panel] as const],
    ),
  );
  const changed = new Map<string, ChangedElement>();
  for (const panel of allPanels(after)) {
    const { uid, name = '' } = panel.libraryPanel ?? {};
    const old = uid === undefined ? undefined : known.get(uid);
    if (uid === undefined || old === undefined || changed.has(uid)) continue;
    const [one, other] = [sharedModel(old), sharedModel(panel)];
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      changed.set(uid, { uid, name, before: one, after: other });
    }
  }
  return [...changed.values()];
}

/** A panel of the dashboard alone. */
export const unlinked = ({ libraryPanel: _, ...own }: Panel): Panel => own as unknown as Panel;
