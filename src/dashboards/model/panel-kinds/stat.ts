import type { PanelKind } from './contract.ts';
import { leftovers, orientation, reduceOptions, textSizes } from './shared/reduce.ts';
import { choice, flag, inGroup } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const stat: PanelKind = {
  type: 'stat',
  name: { en: 'Stat', ko: '단일 값' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: [
    ...reduceOptions,
    ...orientation,
    ...inGroup('value', [
      choice('textMode', ['Text', '글자'], 'auto', [
        ['auto', 'Auto', '자동'],
        ['value', 'Value', '값'],
        ['value_and_name', 'Value and name', '값과 이름'],
        ['name', 'Name', '이름'],
        ['none', 'None', '없음'],
      ]),
      flag('wideLayout', ['Side by side when wide', '넓으면 나란히'], true),
      choice('colorMode', ['Color', '색'], 'value', [
        ['none', 'None', '없음'],
        ['value', 'Value', '값'],
        ['background', 'Background gradient', '배경 그러데이션'],
        ['background_solid', 'Background', '배경'],
      ]),
      choice('graphMode', ['Graph', '그래프'], 'area', [
        ['none', 'None', '없음'],
        ['area', 'Area', '영역'],
        ['line', 'Line', '선'],
      ]),
      choice('justifyMode', ['Alignment', '정렬'], 'auto', [
        ['auto', 'Auto', '자동'],
        ['center', 'Center', '가운데'],
      ]),
      flag('showPercentChange', ['Percent change', '변화율'], false),
      choice(
        'percentChangeColorMode',
        ['Color of the change', '변화율 색'],
        'standard',
        [
          ['standard', 'Up is green', '증가가 초록'],
          ['inverted', 'Up is red', '증가가 빨강'],
          ['same_as_value', 'Same as the value', '값과 같은 색'],
        ],
        { when: { path: 'showPercentChange', is: [true] } },
      ),
    ]),
    ...textSizes,
    ...leftovers,
  ],
  custom: [],
};
