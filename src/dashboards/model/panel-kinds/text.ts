import type { PanelKind } from './contract.ts';
import { choice, flag, inGroup, option } from './spec.ts';

const inCode = { when: { path: 'mode', is: ['code'] } };

export const text: PanelKind = {
  type: 'text',
  name: { en: 'Text', ko: '글' },
  isDrawn: true,
  hasQueries: false,
  standardFields: [],
  fieldDefaults: {},
  options: inGroup('content', [
    choice('mode', ['Form', '형식'], 'markdown', [
      ['markdown', 'Markdown', '마크다운'],
      ['html', 'HTML', 'HTML'],
      ['code', 'Code', '코드'],
    ]),
    option('longText', 'content', ['Text', '글'], ''),
    choice(
      'code.language',
      ['Language', '언어'],
      'plaintext',
      [
        ['plaintext', 'Plain', '일반'],
        ['json', 'JSON', 'JSON'],
        ['yaml', 'YAML', 'YAML'],
        ['xml', 'XML', 'XML'],
        ['typescript', 'TypeScript', 'TypeScript'],
        ['sql', 'SQL', 'SQL'],
        ['go', 'Go', 'Go'],
        ['markdown', 'Markdown', '마크다운'],
        ['html', 'HTML', 'HTML'],
      ],
      inCode,
    ),
    flag('code.showLineNumbers', ['Line numbers', '줄 번호'], false, inCode),
    flag('code.showMiniMap', ['Map', '미니맵'], false, { isHidden: true }),
    choice(
      'renderMode',
      ['Drawn', '표시 횟수'],
      'once',
      [
        ['once', 'Once', '한 번'],
        ['perRow', 'For each row', '행마다'],
      ],
      {
        notDrawn: { en: 'the text is drawn once', ko: '글을 한 번만 표시합니다' },
      },
    ),
  ]),
  custom: [],
};
