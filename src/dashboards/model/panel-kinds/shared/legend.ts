import type { OptionSpec } from '../contract.ts';
import { choice, flag, inGroup, number, option, text } from '../spec.ts';

/** The legend of charts with series. */
export const legend: readonly OptionSpec[] = inGroup('legend', [
  flag('legend.showLegend', ['Show legend', '범례 표시'], true),
  choice('legend.displayMode', ['Mode', '형식'], 'list', [
    ['list', 'List', '목록'],
    ['table', 'Table', '표'],
    ['hidden', 'Hidden', '숨김'],
  ]),
  choice('legend.placement', ['Placement', '위치'], 'bottom', [
    ['bottom', 'Bottom', '아래'],
    ['right', 'Right', '오른쪽'],
  ]),
  option('lengthOrShare', 'legend.width', ['Width', '너비'], undefined, {
    when: { path: 'legend.placement', is: ['right'] },
  }),
  option('reducers', 'legend.calcs', ['Values', '값'], []),
  text('legend.sortBy', ['Sort by', '정렬 기준'], undefined, {
    when: { path: 'legend.displayMode', is: ['table'] },
  }),
  flag('legend.sortDesc', ['Descending', '내림차순'], false, {
    when: { path: 'legend.displayMode', is: ['table'] },
  }),
  number('legend.limit', ['Most entries', '최대 항목 수'], undefined, { min: 1 }),
  choice(
    'legend.overflow',
    ['Long names', '긴 이름'],
    'ellipsis',
    [
      ['ellipsis', 'Cut', '줄임'],
      ['wrap', 'Wrap', '줄바꿈'],
    ],
    { isHidden: true },
  ),
  flag('legend.asTable', ['As a table', '표로 표시'], false, { isHidden: true }),
  flag('legend.isVisible', ['Visible', '보임'], true, { isHidden: true }),
]);

/** The tooltip of charts with series. */
export const tooltip: readonly OptionSpec[] = inGroup('tooltip', [
  choice('tooltip.mode', ['Tooltip', '툴팁'], 'single', [
    ['single', 'One series', '하나의 시리즈'],
    ['multi', 'All series', '모든 시리즈'],
    ['none', 'Hidden', '숨김'],
  ]),
  choice(
    'tooltip.sort',
    ['Order of values', '값 정렬'],
    'none',
    [
      ['none', 'None', '없음'],
      ['asc', 'Ascending', '오름차순'],
      ['desc', 'Descending', '내림차순'],
    ],
    { when: { path: 'tooltip.mode', is: ['multi'] } },
  ),
  flag('tooltip.hideZeros', ['Hide zeros', '0 숨기기'], false, {
    when: { path: 'tooltip.mode', is: ['multi'] },
  }),
  number('tooltip.maxWidth', ['Greatest width', '최대 너비'], undefined, { min: 0 }),
  number('tooltip.maxHeight', ['Greatest height', '최대 높이'], undefined, { min: 0 }),
]);

export const timeZones: readonly OptionSpec[] = inGroup('time', [
  option('timeZones', 'timezone', ['Time zones of the axis', '축의 시간대'], []),
]);

/** How annotations are drawn over a time axis. */
export const annotations: readonly OptionSpec[] = inGroup('annotations', [
  flag('annotations.multiLane', ['One lane each', '주석별 레인'], false, {
    notDrawn: {
      en: 'annotations share one lane',
      ko: '주석을 한 레인에 함께 그립니다',
    },
  }),
  number('annotations.clustering', ['Clustering', '묶기'], undefined, {
    notDrawn: {
      en: 'annotations that lie close are drawn one over the other',
      ko: '가까운 주석이 겹쳐 그려집니다',
    },
  }),
  number('annotations.lines.width', ['Line width', '선 굵기'], undefined, {
    min: 0,
    notDrawn: { en: 'lines have their usual width', ko: '선 굵기는 기본값입니다' },
  }),
  number('annotations.regions.opacity', ['Opacity of regions', '구간 불투명도'], undefined, {
    min: 0,
    max: 100,
    notDrawn: { en: 'regions have their usual opacity', ko: '구간 불투명도는 기본값입니다' },
  }),
]);
