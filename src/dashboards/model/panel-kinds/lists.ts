/** Panels that ask Nunchi itself: alerts, dashboards, annotations. */
import type { PanelKind } from './contract.ts';
import { choice, flag, inGroup, notDrawn, number, option, text } from './spec.ts';

const base = {
  isDrawn: true,
  hasQueries: false,
  standardFields: [],
  fieldDefaults: {},
  custom: [],
};

export const alertlist: PanelKind = {
  ...base,
  type: 'alertlist',
  name: { en: 'Alert list', ko: '알림 목록' },
  options: notDrawn(
    inGroup('alerts', [
      choice('viewMode', ['Form', '형식'], 'list', [
        ['list', 'List', '목록'],
        ['stat', 'Number', '숫자'],
      ]),
      choice('groupMode', ['Grouping', '묶기'], 'default', [
        ['default', 'By rule', '규칙별'],
        ['custom', 'By labels', '레이블별'],
      ]),
      option('tags', 'groupBy', ['Labels', '레이블'], [], {
        when: { path: 'groupMode', is: ['custom'] },
      }),
      number('maxItems', ['Most entries', '최대 항목 수'], 20, { min: 1, max: 1000 }),
      choice('sortOrder', ['Order', '순서'], 1, [
        [1, 'Name, ascending', '이름 오름차순'],
        [2, 'Name, descending', '이름 내림차순'],
        [3, 'Importance', '중요도'],
        [4, 'Oldest first', '오래된 것 먼저'],
        [5, 'Newest first', '최신 먼저'],
      ]),
      flag('stateFilter.firing', ['Firing', '발생'], true),
      flag('stateFilter.pending', ['Pending', '대기'], true),
      flag('stateFilter.noData', ['No data', '데이터 없음'], false),
      flag('stateFilter.normal', ['Normal', '정상'], false),
      flag('stateFilter.error', ['Error', '오류'], true),
      flag('stateFilter.recovering', ['Recovering', '회복 중'], true, { isHidden: true }),
      text('alertName', ['Name', '이름'], ''),
      text('alertInstanceLabelFilter', ['Matchers', '레이블 조건'], ''),
      text('datasource', ['Data source', '데이터 소스'], undefined, { isHidden: true }),
      text('folder.uid', ['Folder', '폴더'], undefined, { isHidden: true }),
      text('folder.title', ['Folder', '폴더'], undefined, { isHidden: true }),
      flag('dashboardAlerts', ['Of this dashboard only', '이 대시보드만'], false),
      flag('showInstances', ['Each alert', '알림 각각'], false),
      flag('showInactiveAlerts', ['Inactive too', '비활성 포함'], false, { isHidden: true }),
    ]),
    {
      groupMode: ['alerts are listed one by one', '알림을 하나씩 나열합니다'],
      groupBy: ['alerts are listed one by one', '알림을 하나씩 나열합니다'],
      dashboardAlerts: ['alerts of all rules are listed', '모든 규칙의 알림을 나열합니다'],
      showInstances: ['alerts are listed one by one', '알림을 하나씩 나열합니다'],
      'stateFilter.noData': ['rules without data are normal', '데이터가 없는 규칙은 정상입니다'],
    },
  ),
};

export const dashlist: PanelKind = {
  ...base,
  type: 'dashlist',
  name: { en: 'Dashboard list', ko: '대시보드 목록' },
  options: notDrawn(
    inGroup('list', [
      flag('showStarred', ['Starred', '즐겨찾기'], true),
      flag('showRecentlyViewed', ['Seen lately', '최근 본 것'], false),
      flag('showSearch', ['Found', '검색 결과'], false),
      flag('showHeadings', ['Headings', '소제목'], true),
      flag('showFolderNames', ['Names of folders', '폴더 이름'], true),
      flag('includeVars', ['Keep variables', '변수 유지'], false),
      flag('keepTime', ['Keep the time', '시간 유지'], false),
      number('maxItems', ['Most entries', '최대 항목 수'], 10, { min: 1, max: 1000 }),
      text('query', ['Search', '검색어'], ''),
      option('tags', 'tags', ['Tags', '태그'], []),
      text('folderUID', ['Folder', '폴더']),
      number('folderId', ['Folder', '폴더'], undefined, { isHidden: true }),
    ]),
    {
      showRecentlyViewed: ['what was seen lately is not kept', '최근 본 것을 기억하지 않습니다'],
    },
  ),
};

export const annolist: PanelKind = {
  ...base,
  type: 'annolist',
  name: { en: 'Annotation list', ko: '주석 목록' },
  options: inGroup('list', [
    flag('onlyFromThisDashboard', ['Of this dashboard only', '이 대시보드만'], false),
    flag('onlyInTimeRange', ['In the range of time only', '시간 범위 안만'], false),
    option('tags', 'tags', ['Tags', '태그'], []),
    number('limit', ['Most entries', '최대 항목 수'], 10, { min: 1, max: 1000 }),
    flag('showUser', ['User', '사용자'], true),
    flag('showTime', ['Time', '시각'], true),
    flag('showTags', ['Tags', '태그'], true),
    text('navigateBefore', ['Time before', '앞 시간'], '10m'),
    text('navigateAfter', ['Time after', '뒤 시간'], '10m'),
    flag('navigateToPanel', ['Open the panel', '패널 열기'], true),
  ]),
};
