import type { PanelKind } from './contract.ts';
import { axis, fillOpacity, hideFrom, lineStyle, lineWidth } from './shared/axis.ts';
import { legend, tooltip } from './shared/legend.ts';
import { choice, inGroup, number, option } from './spec.ts';
import { valueFields } from './standard-fields.ts';

/** Points of one field over another. */
export const xychart: PanelKind = {
  type: 'xychart',
  name: { en: 'XY chart', ko: 'XY 차트' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: [
    ...inGroup('points', [
      choice('mapping', ['Series', '시리즈'], 'auto', [
        ['auto', 'By themselves', '자동'],
        ['manual', 'One by one', '직접'],
      ]),
      option('data', 'series', ['Fields of series', '시리즈 필드'], []),
      // The words that files before version 11 have for the same.
      choice(
        'seriesMapping',
        ['Series', '시리즈'],
        undefined,
        [
          ['auto', 'By themselves', '자동'],
          ['manual', 'One by one', '직접'],
        ],
        { isHidden: true },
      ),
      option('data', 'dims', ['Fields', '필드'], undefined, { isHidden: true }),
    ]),
    ...tooltip,
    ...legend,
  ],
  custom: [
    ...inGroup('points', [
      choice('show', ['Show', '표시'], 'points', [
        ['points', 'Points', '점'],
        ['lines', 'Lines', '선'],
        ['points+lines', 'Points and lines', '점과 선'],
      ]),
      choice('pointShape', ['Point shape', '점 모양'], 'circle', [
        ['circle', 'Circle', '원'],
        ['square', 'Square', '사각형'],
      ]),
      number('pointSize.fixed', ['Point size', '점 크기'], 5, { min: 1, max: 100 }),
      number('pointSize.min', ['Smallest point', '가장 작은 점'], 5, { min: 1, max: 100 }),
      number('pointSize.max', ['Largest point', '가장 큰 점'], 50, { min: 1, max: 100 }),
      number('pointStrokeWidth', ['Edge of points', '점 테두리'], 1, { min: 0, max: 10 }),
    ]),
    ...inGroup('lines', [...lineStyle({ path: 'show', is: ['lines', 'points+lines'] })]),
    lineWidth(1),
    fillOpacity(50),
    ...axis,
    ...hideFrom,
  ],
};
