import type { Dashboard, Panel } from '../../../../src/dashboards/model/contract.ts';
import { newDashboard } from './document.ts';

export const panelAt = (
  id: number,
  [x, y, w, h]: readonly [x: number, y: number, w: number, h: number],
  more: object = {},
): Panel => ({
  id,
  type: 'timeseries',
  title: `Panel ${id}`,
  gridPos: { x, y, w, h },
  options: {},
  fieldConfig: { defaults: {}, overrides: [] },
  ...more,
});

export const rowAt = (id: number, y: number, more: object = {}): Panel =>
  panelAt(id, [0, y, 24, 1], { type: 'row', collapsed: false, panels: [], ...more });

export const dashboardOf = (...panels: readonly Panel[]): Dashboard => ({
  ...newDashboard('Test'),
  panels,
});

/** Ids with their places, in the order of the document. */
export const placesOf = ({ panels }: Dashboard): readonly (readonly number[])[] =>
  panels.map(({ id, gridPos: { x, y, w, h } }) => [id, x, y, w, h]);
