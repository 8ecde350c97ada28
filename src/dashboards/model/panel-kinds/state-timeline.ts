import type { OptionSpec, PanelKind } from './contract.ts';
import { axis, fillOpacity, hideFrom, lineWidth } from './shared/axis.ts';
import { annotations, legend, timeZones, tooltip } from './shared/legend.ts';
import { choice, flag, inGroup, notDrawn, number, option } from './spec.ts';
import { valueFields } from './standard-fields.ts';

/** What a row of states over time has, merged or not. */
export const stateRows: readonly OptionSpec[] = [
  ...inGroup('graph', [
    choice('showValue', ['Values', '값'], 'auto', [
      ['auto', 'Auto', '자동'],
      ['always', 'Always', '항상'],
      ['never', 'Never', '없음'],
    ]),
    number('rowHeight', ['Row height', '행 높이'], 0.9, { min: 0, max: 1, step: 0.01 }),
    number('perPage', ['Rows a page', '페이지당 행 수'], 20, { min: 1 }),
  ]),
  ...legend,
  ...tooltip,
  ...timeZones,
  ...annotations,
];

export const stateTimeline: PanelKind = {
  type: 'state-timeline',
  name: { en: 'State timeline', ko: '상태 타임라인' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: notDrawn(
    [
      ...inGroup('graph', [
        flag('mergeValues', ['Merge equal values', '같은 값 합치기'], true),
        choice('alignValue', ['Alignment', '정렬'], 'left', [
          ['left', 'Left', '왼쪽'],
          ['center', 'Center', '가운데'],
          ['right', 'Right', '오른쪽'],
        ]),
      ]),
      ...stateRows,
    ],
    {
      timezone: ['the zone is that of the dashboard', '대시보드의 시간대를 씁니다'],
    },
  ),
  custom: [
    lineWidth(0),
    fillOpacity(70),
    ...inGroup('graph', [
      option('nullsOver', 'spanNulls', ['Connect over gaps', '빈 구간 잇기'], false),
      option('nullsOver', 'insertNulls', ['Break after', '끊는 간격'], false, {
        notDrawn: { en: 'gaps are where no value is', ko: '값이 없는 곳만 비어 보입니다' },
      }),
    ]),
    ...axis,
    ...hideFrom,
  ],
};
