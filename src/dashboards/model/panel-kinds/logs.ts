import type { PanelKind } from './contract.ts';
import { choice, flag, inGroup, notDrawn, option, text } from './spec.ts';

export const logs: PanelKind = {
  type: 'logs',
  name: { en: 'Logs', ko: '로그' },
  isDrawn: true,
  hasQueries: true,
  standardFields: ['links', 'displayName'],
  fieldDefaults: {},
  options: notDrawn(
    inGroup('logs', [
      flag('showTime', ['Time', '시각'], false),
      flag('showLabels', ['Labels', '레이블'], false),
      flag('showCommonLabels', ['Common labels', '공통 레이블'], false),
      flag('wrapLogMessage', ['Wrap lines', '줄바꿈'], false),
      flag('prettifyLogMessage', ['Format JSON', 'JSON 정리'], false),
      flag('enableLogDetails', ['Details of a line', '줄 자세히 보기'], true),
      flag('showLogContextToggle', ['Lines around a line', '앞뒤 줄 보기'], false),
      flag('syntaxHighlighting', ['Colored syntax', '구문 색'], false),
      flag('enableInfiniteScrolling', ['Load more on scrolling', '스크롤로 더 불러오기'], false),
      choice('dedupStrategy', ['Equal lines', '같은 줄'], 'none', [
        ['none', 'All', '모두'],
        ['exact', 'Once', '한 번만'],
        ['numbers', 'Once, whatever the numbers', '숫자만 다르면 한 번'],
        ['signature', 'Once, by punctuation', '문장 부호가 같으면 한 번'],
      ]),
      choice('sortOrder', ['Order', '순서'], 'Descending', [
        ['Descending', 'Newest first', '최신 먼저'],
        ['Ascending', 'Oldest first', '오래된 것 먼저'],
      ]),
      choice('fontSize', ['Text size', '글자 크기'], 'default', [
        ['default', 'Usual', '보통'],
        ['small', 'Small', '작게'],
      ]),
      option('tags', 'displayedFields', ['Fields instead of the line', '줄 대신 보일 필드'], []),
      choice(
        'detailsMode',
        ['Details are', '자세히 보기 위치'],
        'inline',
        [
          ['inline', 'Below the line', '줄 아래'],
          ['sidebar', 'At the side', '옆'],
        ],
        { isHidden: true },
      ),
      flag('allowDownload', ['Download', '내려받기'], true, { isHidden: true }),
      flag('noInteractions', ['No clicks', '클릭 없음'], false, { isHidden: true }),
      flag('showControls', ['Controls', '조작 단추'], false, { isHidden: true }),
      flag('showFieldSelector', ['Choice of fields', '필드 고르기'], false, { isHidden: true }),
      flag('showLevel', ['Level', '수준'], true, { isHidden: true }),
      flag('showLogAttributes', ['Attributes', '속성'], false, { isHidden: true }),
      flag('unwrappedColumns', ['Columns', '열로 보기'], false, { isHidden: true }),
      text('timestampResolution', ['Resolution', '시각 정밀도'], 'ms', { isHidden: true }),
      text('controlsStorageKey', ['Key of settings', '설정 키'], undefined, { isHidden: true }),
    ]),
    {
      showTime: ['the time is always shown', '시각을 항상 표시합니다'],
      showLabels: ['labels are in the details of a line', '레이블은 줄 자세히 보기에 있습니다'],
      showCommonLabels: [
        'labels are in the details of a line',
        '레이블은 줄 자세히 보기에 있습니다',
      ],
      wrapLogMessage: ['the choice of the person holds for all lines', '사용자의 설정을 따릅니다'],
      prettifyLogMessage: ['JSON is shown as fields', 'JSON은 필드로 표시합니다'],
      showLogContextToggle: [
        'the log group has the lines around',
        '앞뒤 줄은 로그 그룹에서 볼 수 있습니다',
      ],
      syntaxHighlighting: ['JSON is shown as fields', 'JSON은 필드로 표시합니다'],
      enableInfiniteScrolling: [
        'the query says how many lines there are',
        '줄 수는 쿼리를 따릅니다',
      ],
      fontSize: ['the size is that of all lines', '글자 크기는 모든 로그와 같습니다'],
    },
  ),
  custom: [],
};
