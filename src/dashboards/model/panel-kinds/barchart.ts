import type { PanelKind } from './contract.ts';
import {
  axis,
  fillOpacity,
  gradientMode,
  hideFrom,
  lineWidth,
  thresholdsStyle,
} from './shared/axis.ts';
import { legend, tooltip } from './shared/legend.ts';
import { orientation, textSizes } from './shared/reduce.ts';
import { choice, flag, inGroup, notDrawn, number, option } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const barchart: PanelKind = {
  type: 'barchart',
  name: { en: 'Bar chart', ko: '막대 차트' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: notDrawn(
    [
      ...inGroup('bars', [
        option('field', 'xField', ['Field of the x axis', 'x축 필드']),
        number('xTickLabelRotation', ['Turn of labels', '이름 회전'], 0, { min: -90, max: 90 }),
        number('xTickLabelMaxLength', ['Longest label', '이름 최대 길이'], undefined, { min: 0 }),
        number('xTickLabelSpacing', ['Space between labels', '이름 간격'], 0, {
          min: -1000,
          max: 1000,
        }),
        choice('showValue', ['Values', '값'], 'auto', [
          ['auto', 'Auto', '자동'],
          ['always', 'Always', '항상'],
          ['never', 'Never', '없음'],
        ]),
        choice('stacking', ['Stack', '쌓기'], 'none', [
          ['none', 'Off', '끔'],
          ['normal', 'Normal', '쌓기'],
          ['percent', 'Percent', '백분율'],
        ]),
        number('groupWidth', ['Width of a group', '그룹 너비'], 0.7, {
          min: 0,
          max: 1,
          step: 0.01,
        }),
        number('barWidth', ['Width of a bar', '막대 너비'], 0.97, { min: 0, max: 1, step: 0.01 }),
        number('barRadius', ['Rounding', '모서리 둥글기'], 0, { min: 0, max: 0.5, step: 0.05 }),
        flag('fullHighlight', ['Highlight the whole height', '전체 높이 강조'], false),
        option('field', 'colorByField', ['Color by', '색 기준 필드']),
      ]),
      ...orientation,
      ...tooltip,
      ...legend,
      ...textSizes,
    ],
    {
      xTickLabelSpacing: ['labels have the space that they need', '이름 간격은 자동입니다'],
      fullHighlight: ['the bar itself is highlighted', '막대만 강조합니다'],
      'text.titleSize': ['the size is that of the console', '글자 크기는 콘솔을 따릅니다'],
      'text.valueSize': ['the size is that of the console', '글자 크기는 콘솔을 따릅니다'],
      'text.percentSize': ['the size is that of the console', '글자 크기는 콘솔을 따릅니다'],
    },
  ),
  custom: [lineWidth(1), fillOpacity(80), gradientMode, ...axis, thresholdsStyle, ...hideFrom],
};
