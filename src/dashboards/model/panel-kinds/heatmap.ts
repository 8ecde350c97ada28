import type { OptionSpec, PanelKind } from './contract.ts';
import { hideFrom } from './shared/axis.ts';
import { annotations } from './shared/legend.ts';
import { choice, flag, inGroup, notDrawn, number, option, text } from './spec.ts';

const calculated = { when: { path: 'calculate', is: [true] } };
const scales = [
  ['linear', 'Linear', '선형'],
  ['log', 'Logarithmic', '로그'],
  ['symlog', 'Logarithmic around zero', '대칭 로그'],
] as const;

const buckets: readonly OptionSpec[] = inGroup('buckets', [
  flag('calculate', ['Make buckets of the data', '데이터로 구간 만들기'], false),
  ...(['x', 'y'] as const).flatMap((side) => [
    choice(
      `calculation.${side}Buckets.mode`,
      [`Buckets of ${side}`, `${side} 구간`],
      'size',
      [
        ['size', 'By size', '크기로'],
        ['count', 'By number', '개수로'],
      ],
      calculated,
    ),
    text(
      `calculation.${side}Buckets.value`,
      [`Size or number of ${side}`, `${side} 크기 또는 개수`],
      undefined,
      calculated,
    ),
    choice(
      `calculation.${side}Buckets.scale.type`,
      [`Scale of ${side}`, `${side} 눈금`],
      'linear',
      scales,
      calculated,
    ),
    number(`calculation.${side}Buckets.scale.log`, [`Base of ${side}`, `${side} 밑`], 2, {
      isHidden: true,
    }),
    number(
      `calculation.${side}Buckets.scale.linearThreshold`,
      [`${side} linear up to`, `${side} 선형 구간`],
      undefined,
      { isHidden: true },
    ),
  ]),
  choice('rowsFrame.layout', ['Names of buckets are', '구간 이름의 뜻'], 'auto', [
    ['auto', 'Auto', '자동'],
    ['le', 'Upper bounds', '위 경계'],
    ['ge', 'Lower bounds', '아래 경계'],
    ['unknown', 'Middles', '가운데'],
  ]),
  text('rowsFrame.value', ['Name of the value', '값의 이름']),
  choice('rowsFrame.yBucketScale.type', ['Scale of buckets', '구간 눈금'], undefined, scales, {
    isHidden: true,
  }),
  number('rowsFrame.yBucketScale.log', ['Base of buckets', '구간 눈금 밑'], undefined, {
    isHidden: true,
  }),
  number('rowsFrame.yBucketScale.linearThreshold', ['Linear up to', '선형 구간'], undefined, {
    isHidden: true,
  }),
]);

const color: readonly OptionSpec[] = inGroup('color', [
  choice('color.mode', ['Color', '색'], 'scheme', [
    ['scheme', 'Scheme', '색 구성'],
    ['opacity', 'Opacity', '불투명도'],
  ]),
  option('colorScheme', 'color.scheme', ['Scheme', '색 구성'], 'Oranges', {
    when: { path: 'color.mode', is: ['scheme'] },
  }),
  option('color', 'color.fill', ['Color', '색'], 'dark-orange', {
    when: { path: 'color.mode', is: ['opacity'] },
  }),
  choice(
    'color.scale',
    ['Scale', '눈금'],
    'exponential',
    [
      ['exponential', 'Exponential', '지수'],
      ['linear', 'Linear', '선형'],
    ],
    { when: { path: 'color.mode', is: ['opacity'] } },
  ),
  number('color.exponent', ['Exponent', '지수'], 0.5, {
    min: 0.1,
    max: 2,
    step: 0.1,
    when: { path: 'color.scale', is: ['exponential'] },
  }),
  number('color.steps', ['Steps', '단계'], 64, { min: 2, max: 128 }),
  flag('color.reverse', ['Reverse', '뒤집기'], false),
  number('color.min', ['From value', '시작 값'], undefined),
  number('color.max', ['To value', '끝 값'], undefined),
]);

const yAxis: readonly OptionSpec[] = inGroup('yAxis', [
  choice('yAxis.axisPlacement', ['Placement', '위치'], 'left', [
    ['auto', 'Auto', '자동'],
    ['left', 'Left', '왼쪽'],
    ['right', 'Right', '오른쪽'],
    ['hidden', 'Hidden', '숨김'],
  ]),
  option('unit', 'yAxis.unit', ['Unit', '단위']),
  number('yAxis.decimals', ['Decimals', '소수 자릿수'], undefined, { min: 0, max: 20 }),
  number('yAxis.min', ['Minimum', '최솟값'], undefined),
  number('yAxis.max', ['Maximum', '최댓값'], undefined),
  number('yAxis.axisWidth', ['Width', '너비'], undefined, { min: 0 }),
  text('yAxis.axisLabel', ['Label', '이름'], ''),
  flag('yAxis.reverse', ['Reverse', '뒤집기'], false),
  flag('yAxis.axisBorderShow', ['Border', '테두리'], false, { isHidden: true }),
  flag('yAxis.axisCenteredZero', ['Zero in the middle', '0을 가운데로'], false, { isHidden: true }),
  text('yAxis.axisColorMode', ['Color', '색'], 'text', { isHidden: true }),
  flag('yAxis.axisGridShow', ['Grid lines', '눈금선'], true, { isHidden: true }),
]);

const cells: readonly OptionSpec[] = inGroup('cells', [
  option('unit', 'cellValues.unit', ['Unit', '단위']),
  number('cellValues.decimals', ['Decimals', '소수 자릿수'], undefined, { min: 0, max: 20 }),
  number('cellGap', ['Gap', '간격'], 1, { min: 0, max: 25 }),
  number('cellRadius', ['Rounding', '모서리 둥글기'], 0, { min: 0, max: 100 }),
  number('filterValues.le', ['Hide values up to', '이하 값 숨기기'], 1e-9),
  number('filterValues.ge', ['Hide values from', '이상 값 숨기기'], undefined),
  choice('showValue', ['Values', '값'], 'auto', [
    ['auto', 'Auto', '자동'],
    ['always', 'Always', '항상'],
    ['never', 'Never', '없음'],
  ]),
]);

const display: readonly OptionSpec[] = [
  ...inGroup('tooltip', [
    choice('tooltip.mode', ['Tooltip', '툴팁'], 'single', [
      ['single', 'One cell', '셀 하나'],
      ['multi', 'All of the column', '열 전체'],
      ['none', 'Hidden', '숨김'],
    ]),
    flag('tooltip.show', ['Show tooltip', '툴팁 표시'], true, { isHidden: true }),
    flag('tooltip.yHistogram', ['Histogram of y', 'y 히스토그램'], false),
    flag('tooltip.showColorScale', ['Scale of colors', '색 눈금'], false),
    number('tooltip.maxWidth', ['Greatest width', '최대 너비'], undefined, { min: 0 }),
    number('tooltip.maxHeight', ['Greatest height', '최대 높이'], undefined, { min: 0 }),
  ]),
  ...inGroup('legend', [
    flag('legend.show', ['Show legend', '범례 표시'], true),
    // Left by panels that were time series once.
    flag('legend.showLegend', ['Show legend', '범례 표시'], true, { isHidden: true }),
    choice(
      'legend.placement',
      ['Placement', '위치'],
      'bottom',
      [
        ['bottom', 'Bottom', '아래'],
        ['right', 'Right', '오른쪽'],
      ],
      { isHidden: true },
    ),
    option('lengthOrShare', 'legend.width', ['Width', '너비'], undefined, { isHidden: true }),
  ]),
  ...inGroup('graph', [
    option('color', 'exemplars.color', ['Exemplars', '예시'], 'rgba(255,0,255,0.7)'),
    choice(
      'selectionMode',
      ['Selection', '선택'],
      'x',
      [
        ['x', 'Time', '시간'],
        ['y', 'Values', '값'],
        ['xy', 'Both', '둘 다'],
      ],
      { isHidden: true },
    ),
  ]),
];

export const heatmap: PanelKind = {
  type: 'heatmap',
  name: { en: 'Heatmap', ko: '히트맵' },
  isDrawn: true,
  hasQueries: true,
  standardFields: ['unit', 'decimals', 'links'],
  fieldDefaults: {},
  options: notDrawn([...buckets, ...yAxis, ...color, ...cells, ...display, ...annotations], {
    showValue: [
      'cells have no numbers, the tooltip has them',
      '셀에 숫자를 쓰지 않고 툴팁에 표시합니다',
    ],
    'tooltip.showColorScale': [
      'the scale of colors is below the chart',
      '색 눈금은 차트 아래에 있습니다',
    ],
  }),
  custom: [
    ...hideFrom,
    ...inGroup('axis', [
      choice('scaleDistribution.type', ['Scale', '눈금'], 'linear', scales),
      number('scaleDistribution.log', ['Base', '밑'], 2),
      number('scaleDistribution.linearThreshold', ['Linear up to', '선형 구간'], undefined),
    ]),
  ],
};
