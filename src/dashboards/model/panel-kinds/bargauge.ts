import type { PanelKind } from './contract.ts';
import { legend } from './shared/legend.ts';
import { orientation, reduceOptions, textSizes } from './shared/reduce.ts';
import { choice, flag, inGroup, notDrawn, number, withDefaults } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const bargauge: PanelKind = {
  type: 'bargauge',
  name: { en: 'Bar gauge', ko: '막대 게이지' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: notDrawn(
    [
      ...reduceOptions,
      ...orientation,
      ...inGroup('value', [
        choice('displayMode', ['Bars', '막대'], 'gradient', [
          ['gradient', 'Gradient', '그러데이션'],
          ['lcd', 'Segments', '조각'],
          ['basic', 'Plain', '단색'],
        ]),
        choice('valueMode', ['Value', '값'], 'color', [
          ['color', 'In the color of the value', '값의 색으로'],
          ['text', 'In the color of text', '글자색으로'],
          ['hidden', 'Hidden', '숨김'],
        ]),
        choice('namePlacement', ['Name', '이름 위치'], 'auto', [
          ['auto', 'Auto', '자동'],
          ['top', 'Top', '위'],
          ['left', 'Left', '왼쪽'],
          ['hidden', 'Hidden', '숨김'],
        ]),
        flag('showUnfilled', ['Unfilled part', '빈 부분 표시'], true),
        choice('sizing', ['Size', '크기'], 'auto', [
          ['auto', 'Auto', '자동'],
          ['manual', 'Manual', '직접'],
        ]),
        number('minVizWidth', ['Least width', '최소 너비'], 8, {
          min: 0,
          when: { path: 'sizing', is: ['manual'] },
        }),
        number('minVizHeight', ['Least height', '최소 높이'], 16, {
          min: 0,
          when: { path: 'sizing', is: ['manual'] },
        }),
        number('maxVizHeight', ['Greatest height', '최대 높이'], 300, {
          min: 0,
          when: { path: 'sizing', is: ['manual'] },
        }),
      ]),
      ...withDefaults(legend, { 'legend.showLegend': false }),
      ...textSizes,
    ],
    {
      sizing: ['bars always take the room that there is', '막대는 항상 있는 공간을 채웁니다'],
      'text.percentSize': ['no change in percent is shown', '변화율을 표시하지 않습니다'],
    },
  ),
  custom: [],
};
