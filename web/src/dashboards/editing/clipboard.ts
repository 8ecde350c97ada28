import type { Panel } from '../../../../src/dashboards/model/contract.ts';
import { currentSchemaVersion } from '../../../../src/dashboards/model/limits.ts';
import { readDashboard } from '../../../../src/dashboards/model/read.ts';

/** Of this browser: a panel copied on one dashboard is pasted on another, also in another tab. */
const storageKey = 'nunchi.panel';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** False where the browser keeps nothing. */
export function copyPanel(panel: Panel, store: Store = localStorage): boolean {
  try {
    store.setItem(storageKey, JSON.stringify(panel));
    return true;
  } catch {
    return false;
  }
}

/** The panel that was copied last; undefined: none that can be read. */
export function copiedPanel(store: Store = localStorage): Panel | undefined {
  try {
    const text = store.getItem(storageKey);
    if (text === null) return undefined;
    const copied = { title: '', schemaVersion: currentSchemaVersion, panels: [JSON.parse(text)] };
    return readDashboard(copied).dashboard.panels[0];
  } catch {
    return undefined;
  }
}
