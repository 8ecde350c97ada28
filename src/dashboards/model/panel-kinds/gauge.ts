import type { PanelKind } from './contract.ts';
import { orientation, reduceOptions, textSizes } from './shared/reduce.ts';
import { choice, flag, inGroup, notDrawn, number } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const gauge: PanelKind = {
  type: 'gauge',
  name: { en: 'Gauge', ko: '게이지' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' }, min: 0, max: 100 },
  options: notDrawn(
    [
      ...reduceOptions,
      ...orientation,
      ...inGroup('value', [
        flag('showThresholdLabels', ['Labels of thresholds', '임계값 이름'], false),
        flag('showThresholdMarkers', ['Marks of thresholds', '임계값 표시'], true),
        choice('shape', ['Shape', '모양'], 'gauge', [
          ['gauge', 'Arc', '반원'],
          ['circle', 'Circle', '원'],
        ]),
        choice('sizing', ['Size', '크기'], 'auto', [
          ['auto', 'Auto', '자동'],
          ['manual', 'Manual', '직접'],
        ]),
        number('minVizWidth', ['Least width', '최소 너비'], 75, {
          min: 0,
          when: { path: 'sizing', is: ['manual'] },
        }),
        number('minVizHeight', ['Least height', '최소 높이'], 75, {
          min: 0,
          when: { path: 'sizing', is: ['manual'] },
        }),
        number('barWidthFactor', ['Bar width', '막대 너비'], 0.5, { min: 0.1, max: 1, step: 0.05 }),
        choice('barShape', ['Ends of the bar', '막대 끝'], 'flat', [
          ['flat', 'Flat', '평평하게'],
          ['rounded', 'Rounded', '둥글게'],
        ]),
        number('segmentCount', ['Segments', '조각 수'], 1, { min: 1, max: 100 }),
        number('segmentSpacing', ['Space between segments', '조각 간격'], 0.3, {
          min: 0,
          max: 1,
          step: 0.05,
        }),
        flag('sparkline', ['Sparkline', '스파크라인'], false),
        number('neutral', ['Neutral value', '기준값'], undefined),
        choice('textMode', ['Text', '글자'], 'auto', [
          ['auto', 'Auto', '자동'],
          ['value', 'Value', '값'],
          ['value_and_name', 'Value and name', '값과 이름'],
          ['name', 'Name', '이름'],
          ['none', 'None', '없음'],
        ]),
        choice(
          'endpointMarker',
          ['End of the bar', '막대 끝점'],
          'point',
          [
            ['point', 'Point', '점'],
            ['glow', 'Glow', '빛'],
            ['none', 'None', '없음'],
          ],
          { isHidden: true },
        ),
        // Glows are decoration: no value is shown or hidden by them.
        flag('effects.barGlow', ['Bar glow', '막대 빛'], false, { isHidden: true }),
        flag('effects.centerGlow', ['Center glow', '가운데 빛'], false, { isHidden: true }),
        flag('effects.gradient', ['Gradient', '그러데이션'], true, { isHidden: true }),
      ]),
      ...textSizes,
    ],
    {
      sizing: ['gauges always take the room that there is', '게이지는 항상 있는 공간을 채웁니다'],
      minVizWidth: [
        'gauges always take the room that there is',
        '게이지는 항상 있는 공간을 채웁니다',
      ],
      minVizHeight: [
        'gauges always take the room that there is',
        '게이지는 항상 있는 공간을 채웁니다',
      ],
      barShape: ['ends are flat', '끝은 평평합니다'],
      segmentCount: ['the bar is one piece', '막대는 한 조각입니다'],
      segmentSpacing: ['the bar is one piece', '막대는 한 조각입니다'],
      sparkline: ['there is no sparkline', '스파크라인이 없습니다'],
      neutral: ['the bar begins at the least value', '막대는 최솟값에서 시작합니다'],
      'text.percentSize': ['no change in percent is shown', '변화율을 표시하지 않습니다'],
    },
  ),
  custom: [],
};
