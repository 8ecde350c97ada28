import type { PanelKind } from './contract.ts';

/** A heading over panels; what it holds is in the panel itself. */
export const row: PanelKind = {
  type: 'row',
  name: { en: 'Row', ko: '행' },
  isDrawn: true,
  hasQueries: false,
  standardFields: [],
  fieldDefaults: {},
  options: [],
  custom: [],
};
