import type { PanelKind } from './contract.ts';
import { graphFields } from './shared/graph.ts';
import { annotations, legend, timeZones, tooltip } from './shared/legend.ts';
import { leftovers, orientation } from './shared/reduce.ts';
import { flag, inGroup, text } from './spec.ts';
import { valueFields } from './standard-fields.ts';

export const timeseries: PanelKind = {
  type: 'timeseries',
  name: { en: 'Time series', ko: '시계열' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: [
    ...tooltip,
    ...legend,
    ...inGroup('legend', [
      flag('legend.enableFacetedFilter', ['Filter by labels', '레이블로 필터'], false, {
        notDrawn: { en: 'the legend has no filter by labels', ko: '범례에 레이블 필터가 없습니다' },
      }),
      flag('legend.facetedFilterPinned', ['Filter stays open', '필터 고정'], false, {
        isHidden: true,
      }),
    ]),
    ...timeZones,
    ...orientation,
    ...annotations,
    ...inGroup('time', [
      flag('timeCompare', ['Compare with another time', '다른 시간과 비교'], false, {
        notDrawn: {
          en: 'no other time is drawn beside this one',
          ko: '다른 시간과 겹쳐 그리지 않습니다',
        },
      }),
      flag('disableKeyboardEvents', ['No keys', '키 입력 없음'], false, { isHidden: true }),
      text('dataLinks', ['Links', '링크'], undefined, { isHidden: true }),
    ]),
    ...leftovers,
  ],
  custom: graphFields,
};
