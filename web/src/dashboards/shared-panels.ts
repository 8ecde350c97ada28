import type { Dashboard, Panel } from '../../../src/dashboards/model/contract.ts';
import { sharedUid } from './source-refs.ts';

/** The panel of that number whose answers others may show; rows have none. */
export const sharedPanel = (dashboard: Dashboard, id: number): Panel | undefined =>
  dashboard.panels
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .find((panel) => panel.id === id && panel.type !== 'row');

/** Longer chains of panels that show each other's answers nobody made. */
const maxShared = 50;

/** Whether a panel would, over others, show its own answers. */
export function sharesInCircle(dashboard: Dashboard, { id }: Panel): boolean {
  let next: Panel | undefined = sharedPanel(dashboard, id);
  for (let step = 0; step < maxShared; step++) {
    const target = next?.datasource?.uid === sharedUid ? next.targets?.[0]?.['panelId'] : undefined;
    if (typeof target !== 'number') return false;
    if (target === id) return true;
    next = sharedPanel(dashboard, target);
  }
  return true;
}
