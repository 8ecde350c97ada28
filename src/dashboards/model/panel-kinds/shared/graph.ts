import type { OptionSpec } from '../contract.ts';
import { choice, flag, inGroup, number, option, text } from '../spec.ts';
import {
  axis,
  fillOpacity,
  gradientMode,
  hideFrom,
  lineStyle,
  lineWidth,
  stacking,
  thresholdsStyle,
} from './axis.ts';

const lines: readonly OptionSpec[] = inGroup('lines', [
  choice('drawStyle', ['Style', '모양'], 'line', [
    ['line', 'Lines', '선'],
    ['bars', 'Bars', '막대'],
    ['points', 'Points', '점'],
  ]),
  choice(
    'lineInterpolation',
    ['Interpolation', '보간'],
    'linear',
    [
      ['linear', 'Straight', '직선'],
      ['smooth', 'Smooth', '곡선'],
      ['stepBefore', 'Step before', '계단(앞)'],
      ['stepAfter', 'Step after', '계단(뒤)'],
    ],
    { when: { path: 'drawStyle', is: ['line'] } },
  ),
  ...lineStyle({ path: 'drawStyle', is: ['line'] }),
  option('nullsOver', 'spanNulls', ['Connect over gaps', '빈 구간 잇기'], false, {
    when: { path: 'drawStyle', is: ['line'] },
  }),
  option('nullsOver', 'insertNulls', ['Break after', '끊는 간격'], false, {
    when: { path: 'drawStyle', is: ['line'] },
  }),
  option('color', 'lineColor', ['Line color', '선 색'], undefined, { isHidden: true }),
]);

const fills: readonly OptionSpec[] = inGroup('graph', [
  text('fillBelowTo', ['Fill down to', '채움 기준 시리즈']),
  option('color', 'fillColor', ['Fill color', '채움 색'], undefined, { isHidden: true }),
  choice('transform', ['Transform', '변환'], undefined, [
    ['negative-Y', 'Negative', '음수로'],
    ['constant', 'Constant', '상수로'],
  ]),
]);

const points: readonly OptionSpec[] = inGroup('points', [
  choice('showPoints', ['Points', '점'], 'auto', [
    ['auto', 'Auto', '자동'],
    ['always', 'Always', '항상'],
    ['never', 'Never', '없음'],
  ]),
  number('pointSize', ['Point size', '점 크기'], 5, { min: 1, max: 40 }),
  option('color', 'pointColor', ['Point color', '점 색'], undefined, { isHidden: true }),
  text('pointSymbol', ['Point shape', '점 모양'], undefined, { isHidden: true }),
  flag('showValues', ['Values', '값 표시'], false),
]);

const bars: readonly OptionSpec[] = inGroup('bars', [
  choice(
    'barAlignment',
    ['Bar alignment', '막대 정렬'],
    0,
    [
      [-1, 'Before', '앞'],
      [0, 'Middle', '가운데'],
      [1, 'After', '뒤'],
    ],
    { when: { path: 'drawStyle', is: ['bars'] } },
  ),
  number('barWidthFactor', ['Bar width', '막대 너비'], 0.6, {
    min: 0.1,
    max: 1,
    step: 0.05,
    when: { path: 'drawStyle', is: ['bars'] },
  }),
  number('barMaxWidth', ['Greatest bar width', '막대 최대 너비'], undefined, {
    min: 1,
    when: { path: 'drawStyle', is: ['bars'] },
  }),
]);

/** Custom fields of lines, bars and points over an axis. */
export const graphFields: readonly OptionSpec[] = [
  ...lines,
  lineWidth(1),
  fillOpacity(0),
  gradientMode,
  ...fills,
  ...points,
  ...bars,
  ...stacking,
  ...axis,
  thresholdsStyle,
  ...hideFrom,
];
