import type { PanelKind } from './contract.ts';
import { choice, flag, inGroup, notDrawn, number, option } from './spec.ts';
import { valueFields } from './standard-fields.ts';

/** Points on a map of the world. */
export const geomap: PanelKind = {
  type: 'geomap',
  name: { en: 'Map', ko: '지도' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: notDrawn(
    inGroup('content', [
      option('data', 'layers', ['Layers', '레이어'], []),
      option('data', 'basemap', ['Map below', '바탕 지도'], undefined),
      choice('view.id', ['First view', '처음 보기'], 'zero', [
        ['zero', 'The world', '전 세계'],
        ['fit', 'All points', '모든 점'],
        ['coords', 'A place', '한 곳'],
      ]),
      number('view.lat', ['Latitude', '위도'], 0, { min: -90, max: 90 }),
      number('view.lon', ['Longitude', '경도'], 0, { min: -180, max: 180 }),
      number('view.zoom', ['Zoom', '확대'], 1, { min: 0, max: 12 }),
      flag('view.allLayers', ['Of all layers', '모든 레이어'], true, { isHidden: true }),
      option('data', 'controls', ['Controls', '조작 도구'], undefined, { isHidden: true }),
      choice(
        'tooltip.mode',
        ['Tooltip', '툴팁'],
        'details',
        [
          ['details', 'Details', '자세히'],
          ['none', 'Hidden', '숨김'],
        ],
        { isHidden: true },
      ),
    ]),
    { basemap: ['land is drawn without tiles of other servers', '외부 타일 없이 육지만 그립니다'] },
  ),
  custom: [],
};
