import type { PanelKind } from './contract.ts';
import { flag, inGroup, notDrawn, option, text } from './spec.ts';
import { valueFields } from './standard-fields.ts';

/** A drawing of values, words and shapes. */
export const canvas: PanelKind = {
  type: 'canvas',
  name: { en: 'Canvas', ko: '캔버스' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: notDrawn(
    inGroup('content', [
      option('data', 'root', ['Elements', '요소'], undefined),
      flag('inlineEditing', ['Edit in place', '제자리 편집'], true, { isHidden: true }),
      flag('showAdvancedTypes', ['All kinds of elements', '모든 요소 종류'], true, {
        isHidden: true,
      }),
      flag('panZoom', ['Move and zoom', '이동과 확대'], true),
      flag('infinitePan', ['Move without end', '끝없는 이동'], false, { isHidden: true }),
      flag('zoomToContent', ['Fit the drawing', '내용에 맞추기'], true),
      text('tooltip.mode', ['Tooltip', '툴팁'], undefined, { isHidden: true }),
      flag('tooltip.disableForOneClick', ['No tooltip with links', '링크에 툴팁 없음'], false, {
        isHidden: true,
      }),
    ]),
    {
      panZoom: ['the drawing scrolls', '그림은 스크롤로 움직입니다'],
      zoomToContent: ['the drawing has the size that it has', '그림은 원래 크기로 표시합니다'],
    },
  ),
  custom: [],
};
