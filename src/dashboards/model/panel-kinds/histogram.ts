import type { PanelKind } from './contract.ts';
import { axis, fillOpacity, gradientMode, hideFrom, lineWidth, stacking } from './shared/axis.ts';
import { legend, tooltip } from './shared/legend.ts';
import { flag, inGroup, number } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const histogram: PanelKind = {
  type: 'histogram',
  name: { en: 'Histogram', ko: '히스토그램' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: [
    ...inGroup('buckets', [
      number('bucketCount', ['Buckets', '구간 수'], 30, { min: 1 }),
      number('bucketSize', ['Width of a bucket', '구간 크기'], undefined, { min: 0 }),
      number('bucketOffset', ['First bucket at', '구간 시작'], 0),
      flag('combine', ['All series in one', '시리즈 합치기'], false),
    ]),
    ...tooltip,
    ...legend,
  ],
  custom: [lineWidth(1), fillOpacity(80), gradientMode, ...stacking, ...axis, ...hideFrom],
};
