import type { PanelKind } from './contract.ts';
import { graphFields } from './shared/graph.ts';
import { legend, tooltip } from './shared/legend.ts';
import { inGroup, option } from './spec.ts';
import { valueFields } from './standard-fields.ts';

/** Lines over any rising number, where a time series has time. */
export const trend: PanelKind = {
  type: 'trend',
  name: { en: 'Trend', ko: '추세' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: [
    ...inGroup('axis', [option('field', 'xField', ['Field of the x axis', 'x축 필드'])]),
    ...tooltip,
    ...legend,
  ],
  custom: graphFields,
};
