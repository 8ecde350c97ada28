import type { OptionSpec, PanelKind } from './contract.ts';
import { hideFrom } from './shared/axis.ts';
import { choice, flag, inGroup, notDrawn, number, option, text } from './spec.ts';
import { standardFieldSpecs } from './standard-fields.ts';

const options: readonly OptionSpec[] = [
  ...inGroup('table', [
    flag('showHeader', ['Header', '머리글'], true),
    choice('cellHeight', ['Row height', '행 높이'], 'sm', [
      ['sm', 'Small', '작게'],
      ['md', 'Medium', '보통'],
      ['lg', 'Large', '크게'],
      ['auto', 'Auto', '자동'],
    ]),
    number('maxRowHeight', ['Greatest row height', '최대 행 높이'], undefined, { min: 0 }),
    flag('enablePagination', ['Pages', '페이지 나누기'], false),
    number('pageSize', ['Rows a page', '페이지당 행 수'], undefined, {
      min: 1,
      when: { path: 'enablePagination', is: [true] },
    }),
    number('frozenColumns.left', ['Columns that stay', '고정 열 수'], 0, { min: 0 }),
    flag('showTypeIcons', ['Icons of types', '자료형 아이콘'], false),
    option('data', 'sortBy', ['Sorted by', '정렬'], []),
    number('frameIndex', ['Frame', '프레임'], 0, { min: 0, isHidden: true }),
    flag('disableKeyboardEvents', ['No keys', '키 입력 없음'], false, { isHidden: true }),
  ]),
  // The footer of files before version 12; newer ones have custom.footer.
  ...inGroup('footer', [
    flag('footer.show', ['Footer', '바닥글'], false),
    option('reducers', 'footer.reducer', ['Calculations', '계산'], ['sum'], {
      when: { path: 'footer.show', is: [true] },
    }),
    flag('footer.countRows', ['Count rows', '행 수 세기'], false, {
      when: { path: 'footer.show', is: [true] },
    }),
    option('data', 'footer.fields', ['Fields', '필드'], undefined, {
      when: { path: 'footer.show', is: [true] },
    }),
    flag('footer.enablePagination', ['Pages', '페이지 나누기'], false, { isHidden: true }),
  ]),
];

const custom: readonly OptionSpec[] = [
  ...inGroup('columns', [
    choice('align', ['Alignment', '정렬'], 'auto', [
      ['auto', 'Auto', '자동'],
      ['left', 'Left', '왼쪽'],
      ['center', 'Center', '가운데'],
      ['right', 'Right', '오른쪽'],
    ]),
    number('width', ['Width', '너비'], undefined, { min: 0 }),
    number('minWidth', ['Least width', '최소 너비'], 150, { min: 0 }),
    flag('hidden', ['Hidden', '숨김'], false),
    flag('hideHeader', ['No header', '머리글 숨기기'], false),
    flag('filterable', ['Filter', '필터'], false),
    flag('sortable', ['Sort', '정렬 가능'], true),
    flag('wrapHeaderText', ['Wrap the header', '머리글 줄바꿈'], false),
  ]),
  ...inGroup('cells', [
    choice('cellOptions.type', ['Cells', '셀 종류'], 'auto', [
      ['auto', 'Auto', '자동'],
      ['color-text', 'Colored text', '글자에 색'],
      ['color-background', 'Colored background', '배경에 색'],
      ['gauge', 'Gauge', '게이지'],
      ['sparkline', 'Sparkline', '스파크라인'],
      ['json-view', 'JSON', 'JSON'],
      ['image', 'Image', '이미지'],
      ['data-links', 'Links', '링크'],
      ['markdown', 'Markdown', '마크다운'],
      ['pill', 'Pills', '알약'],
      ['actions', 'Actions', '동작'],
    ]),
    choice(
      'cellOptions.mode',
      ['Look', '모양'],
      undefined,
      [
        ['basic', 'Plain', '단색'],
        ['gradient', 'Gradient', '그러데이션'],
        ['lcd', 'Segments', '조각'],
      ],
      { when: { path: 'cellOptions.type', is: ['color-background', 'gauge'] } },
    ),
    flag('cellOptions.applyToRow', ['Whole row', '행 전체에'], false, {
      when: { path: 'cellOptions.type', is: ['color-background'] },
    }),
    choice(
      'cellOptions.valueDisplayMode',
      ['Value', '값'],
      undefined,
      [
        ['color', 'In the color of the value', '값의 색으로'],
        ['text', 'In the color of text', '글자색으로'],
        ['hidden', 'Hidden', '숨김'],
      ],
      { when: { path: 'cellOptions.type', is: ['gauge'] } },
    ),
    flag('cellOptions.hideValue', ['No value', '값 숨기기'], false, {
      when: { path: 'cellOptions.type', is: ['sparkline'] },
    }),
    text('cellOptions.title', ['Title of the image', '이미지 제목'], undefined, {
      when: { path: 'cellOptions.type', is: ['image'] },
    }),
    text('cellOptions.alt', ['Words for the image', '이미지 대체 문구'], undefined, {
      when: { path: 'cellOptions.type', is: ['image'] },
    }),
    flag('cellOptions.dynamicHeight', ['Height of the text', '글에 맞춘 높이'], false, {
      when: { path: 'cellOptions.type', is: ['markdown'] },
    }),
    flag('cellOptions.wrapText', ['Wrap', '줄바꿈'], false, { isHidden: true }),
    flag('wrapText', ['Wrap text', '글 줄바꿈'], false),
    flag('inspect', ['Look into a cell', '셀 자세히 보기'], false),
    text('tooltip.field', ['Tooltip from', '툴팁 필드']),
    text('tooltip.placement', ['Tooltip at', '툴팁 위치'], undefined, { isHidden: true }),
    text('styleField', ['Style from', '스타일 필드'], undefined, {
      notDrawn: {
        en: 'cells take no style from a field',
        ko: '필드에서 스타일을 가져오지 않습니다',
      },
    }),
  ]),
  ...inGroup('footer', [option('reducers', 'footer.reducers', ['Footer', '바닥글'], [])]),
  ...hideFrom,
];

export const table: PanelKind = {
  type: 'table',
  name: { en: 'Table', ko: '표' },
  isDrawn: true,
  hasQueries: true,
  standardFields: standardFieldSpecs.map((spec) => spec.id),
  fieldDefaults: { color: { mode: 'thresholds' } },
  options: notDrawn(options, {
    maxRowHeight: ['rows with wrapped text are as high as it', '줄바꿈한 행은 내용만큼 높습니다'],
    showTypeIcons: ['types have no icons', '자료형 아이콘이 없습니다'],
  }),
  custom: notDrawn(custom, {
    'cellOptions.dynamicHeight': [
      'rows have one height unless text is wrapped',
      '줄바꿈하지 않은 행의 높이는 같습니다',
    ],
  }),
};
