import type { OptionSpec } from '../contract.ts';
import { choice, flag, inGroup, number, option, text, type Ungrouped } from '../spec.ts';

/** Custom fields of a value axis. */
export const axis: readonly OptionSpec[] = inGroup('axis', [
  choice('axisPlacement', ['Placement', '위치'], 'auto', [
    ['auto', 'Auto', '자동'],
    ['left', 'Left', '왼쪽'],
    ['right', 'Right', '오른쪽'],
    ['hidden', 'Hidden', '숨김'],
    ['top', 'Top', '위'],
    ['bottom', 'Bottom', '아래'],
  ]),
  text('axisLabel', ['Label', '이름'], ''),
  choice('axisColorMode', ['Color', '색'], 'text', [
    ['text', 'Text', '글자'],
    ['series', 'Series', '시리즈'],
  ]),
  number('axisWidth', ['Width', '너비'], undefined, { min: 0 }),
  number('axisSoftMin', ['Soft minimum', '유연한 최솟값'], undefined),
  number('axisSoftMax', ['Soft maximum', '유연한 최댓값'], undefined),
  flag('axisGridShow', ['Grid lines', '눈금선'], true),
  flag('axisBorderShow', ['Border', '테두리'], false),
  flag('axisCenteredZero', ['Zero in the middle', '0을 가운데로'], false),
  choice('scaleDistribution.type', ['Scale', '눈금'], 'linear', [
    ['linear', 'Linear', '선형'],
    ['log', 'Logarithmic', '로그'],
    ['symlog', 'Logarithmic around zero', '대칭 로그'],
    ['ordinal', 'Ordinal', '순서'],
  ]),
  choice(
    'scaleDistribution.log',
    ['Base', '밑'],
    2,
    [
      [2, '2', '2'],
      [10, '10', '10'],
    ],
    { when: { path: 'scaleDistribution.type', is: ['log', 'symlog'] } },
  ),
  number('scaleDistribution.linearThreshold', ['Linear up to', '선형 구간'], 1, {
    when: { path: 'scaleDistribution.type', is: ['symlog'] },
  }),
]);

/** Where a series is left out: set by clicks on the legend too. */
export const hideFrom: readonly OptionSpec[] = inGroup('graph', [
  flag('hideFrom.viz', ['Hide in the chart', '차트에서 숨기기'], false),
  flag('hideFrom.legend', ['Hide in the legend', '범례에서 숨기기'], false),
  flag('hideFrom.tooltip', ['Hide in the tooltip', '툴팁에서 숨기기'], false),
]);

export const stacking: readonly OptionSpec[] = inGroup('stacking', [
  choice('stacking.mode', ['Stack', '쌓기'], 'none', [
    ['none', 'Off', '끔'],
    ['normal', 'Normal', '쌓기'],
    ['percent', 'Percent', '백분율'],
  ]),
  // Old files hold false here, which is the same as no group.
  option('text', 'stacking.group', ['Group', '그룹'], 'A', {
    when: { path: 'stacking.mode', is: ['normal', 'percent'] },
  }),
]);

export const fillOpacity = (preset: number): OptionSpec =>
  inGroup('graph', [
    number('fillOpacity', ['Fill opacity', '채움 불투명도'], preset, { min: 0, max: 100 }),
  ])[0]!;

export const lineWidth = (preset: number): OptionSpec =>
  inGroup('graph', [
    number('lineWidth', ['Line width', '선 굵기'], preset, { min: 0, max: 10 }),
  ])[0]!;

/** @param when where lines are drawn at all */
export const lineStyle = (when: NonNullable<OptionSpec['when']>): readonly Ungrouped[] => [
  choice(
    'lineStyle.fill',
    ['Line', '선 종류'],
    'solid',
    [
      ['solid', 'Solid', '실선'],
      ['dash', 'Dashes', '파선'],
      ['dot', 'Dots', '점선'],
      ['square', 'Squares', '사각 점선'],
    ],
    { when },
  ),
  option('data', 'lineStyle.dash', ['Dashes', '파선 간격'], undefined, {
    when: { path: 'lineStyle.fill', is: ['dash', 'dot'] },
  }),
];

export const gradientMode: OptionSpec = inGroup('graph', [
  choice('gradientMode', ['Gradient', '그러데이션'], 'none', [
    ['none', 'None', '없음'],
    ['opacity', 'Opacity', '불투명도'],
    ['hue', 'Hue', '색조'],
    ['scheme', 'Scheme', '색 구성'],
  ]),
])[0]!;

export const thresholdsStyle: OptionSpec = inGroup('thresholds', [
  choice('thresholdsStyle.mode', ['Show thresholds', '임계값 표시'], 'off', [
    ['off', 'Off', '끔'],
    ['line', 'Lines', '선'],
    ['dashed', 'Dashed lines', '점선'],
    ['area', 'Areas', '영역'],
    ['line+area', 'Lines and areas', '선과 영역'],
    ['dashed+area', 'Dashed lines and areas', '점선과 영역'],
    ['series', 'Of the series', '시리즈별'],
  ]),
])[0]!;
