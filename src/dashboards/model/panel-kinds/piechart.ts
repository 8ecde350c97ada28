import type { PanelKind } from './contract.ts';
import { hideFrom } from './shared/axis.ts';
import { legend, tooltip } from './shared/legend.ts';
import { reduceOptions, textSizes } from './shared/reduce.ts';
import { choice, choices, inGroup, notDrawn, withDefaults } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const piechart: PanelKind = {
  type: 'piechart',
  name: { en: 'Pie chart', ko: '원형 차트' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: notDrawn(
    [
      ...reduceOptions,
      ...inGroup('value', [
        choice('pieType', ['Shape', '모양'], 'pie', [
          ['pie', 'Pie', '원'],
          ['donut', 'Donut', '도넛'],
        ]),
        choice('sort', ['Order of slices', '조각 순서'], 'desc', [
          ['desc', 'Descending', '내림차순'],
          ['asc', 'Ascending', '오름차순'],
          ['none', 'None', '없음'],
        ]),
        choices(
          'displayLabels',
          ['Labels on slices', '조각 이름'],
          [],
          [
            ['percent', 'Percent', '퍼센트'],
            ['name', 'Name', '이름'],
            ['value', 'Value', '값'],
          ],
        ),
      ]),
      ...tooltip,
      ...withDefaults(legend, { 'legend.placement': 'right' }),
      ...inGroup('legend', [
        choices(
          'legend.values',
          ['Values in the legend', '범례의 값'],
          [],
          [
            ['percent', 'Percent', '퍼센트'],
            ['value', 'Value', '값'],
          ],
        ),
      ]),
      ...textSizes,
    ],
    {
      'text.titleSize': ['the size is that of the console', '글자 크기는 콘솔을 따릅니다'],
      'text.valueSize': ['the size is that of the console', '글자 크기는 콘솔을 따릅니다'],
      'text.percentSize': ['the size is that of the console', '글자 크기는 콘솔을 따릅니다'],
    },
  ),
  custom: hideFrom,
};
