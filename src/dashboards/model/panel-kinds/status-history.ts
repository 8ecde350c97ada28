import type { PanelKind } from './contract.ts';
import { axis, fillOpacity, hideFrom, lineWidth } from './shared/axis.ts';
import { inGroup, notDrawn, number } from './spec.ts';
import { valueFields } from './standard-fields.ts';
import { stateRows } from './state-timeline.ts';

export const statusHistory: PanelKind = {
  type: 'status-history',
  name: { en: 'Status history', ko: '상태 기록' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: notDrawn(
    [
      ...inGroup('graph', [
        number('colWidth', ['Column width', '열 너비'], 0.9, { min: 0, max: 1, step: 0.01 }),
      ]),
      ...stateRows,
    ],
    {
      timezone: ['the zone is that of the dashboard', '대시보드의 시간대를 씁니다'],
    },
  ),
  custom: [lineWidth(1), fillOpacity(70), ...axis, ...hideFrom],
};
