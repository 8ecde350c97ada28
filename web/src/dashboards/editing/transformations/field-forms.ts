/** Steps that choose, name, make and convert fields. */
import type { StepForm } from './contract.ts';
import { type ChoiceRow, choice, field, form, list } from './spec.ts';

const emptyValues: readonly ChoiceRow[] = [
  ['empty', 'Empty text', '빈 문자열'],
  ['null', 'Null', 'null'],
  ['true', 'True', '참'],
  ['false', 'False', '거짓'],
  ['zero', 'Zero', '0'],
];

export const fieldTypes: readonly ChoiceRow[] = [
  ['number', 'Number', '숫자'],
  ['string', 'Text', '문자열'],
  ['time', 'Time', '시각'],
  ['boolean', 'True or false', '참/거짓'],
  ['enum', 'Enumeration', '열거형'],
  ['other', 'JSON', 'JSON'],
];

const isMode = (...is: readonly string[]) => ({ when: { path: 'mode', is } });

const calculateField = form(
  'calculateField',
  [
    'A new field that is calculated of others: a sum, a quotient, a running total.',
    '다른 필드로 계산한 새 필드를 더해요: 합계, 비율, 누적값.',
  ],
  [
    choice('mode', ['Mode', '방식'], 'reduceRow', [
      ['reduceRow', 'Of the fields of a row', '행의 필드들로'],
      ['binary', 'Of two fields', '두 필드로'],
      ['unary', 'Of one field', '한 필드로'],
      ['cumulativeFunctions', 'Running total or mean', '누적 합계·평균'],
      ['windowFunctions', 'Over a moving window', '이동 구간에서'],
      ['index', 'Number of the row', '행 번호'],
    ]),
    field('columns', 'reduce.include', ['Fields', '필드'], {
      ...isMode('reduceRow'),
      help: ['None: all numbers', '비우면 모든 숫자 필드'],
    }),
    field('reducer', 'reduce.reducer', ['Calculation', '계산'], {
      ...isMode('reduceRow'),
      default: 'sum',
    }),
    field('operand', 'binary.left', ['Left', '왼쪽'], isMode('binary')),
    choice(
      'binary.operator',
      ['Operation', '연산'],
      '+',
      [
        ['+', '+', '+'],
        ['-', '−', '−'],
        ['*', '×', '×'],
        ['/', '÷', '÷'],
      ],
      isMode('binary'),
    ),
    field('operand', 'binary.right', ['Right', '오른쪽'], isMode('binary')),
    choice(
      'unary.operator',
      ['Operation', '연산'],
      'abs',
      [
        ['abs', 'Absolute value', '절댓값'],
        ['exp', 'Power of e', 'e의 거듭제곱'],
        ['ln', 'Natural logarithm', '자연로그'],
        ['round', 'Round', '반올림'],
        ['floor', 'Round down', '내림'],
        ['ceil', 'Round up', '올림'],
        ['percent', 'Percent of the total', '합계에 대한 백분율'],
      ],
      isMode('unary'),
    ),
    field('field', 'unary.fieldName', ['Field', '필드'], isMode('unary')),
    field('field', 'cumulative.field', ['Field', '필드'], isMode('cumulativeFunctions')),
    choice(
      'cumulative.reducer',
      ['Calculation', '계산'],
      'sum',
      [
        ['sum', 'Total', '합계'],
        ['mean', 'Mean', '평균'],
      ],
      isMode('cumulativeFunctions'),
    ),
    field('field', 'window.field', ['Field', '필드'], isMode('windowFunctions')),
    choice(
      'window.reducer',
      ['Calculation', '계산'],
      'mean',
      [
        ['mean', 'Mean', '평균'],
        ['stdDev', 'Standard deviation', '표준 편차'],
        ['variance', 'Variance', '분산'],
      ],
      isMode('windowFunctions'),
    ),
    choice(
      'window.windowAlignment',
      ['Window', '구간'],
      'trailing',
      [
        ['trailing', 'Up to the row', '그 행까지'],
        ['centered', 'Around the row', '그 행 앞뒤'],
      ],
      isMode('windowFunctions'),
    ),
    choice(
      'window.windowSizeMode',
      ['Size in', '크기 단위'],
      'percentage',
      [
        ['percentage', 'Share of the rows', '행의 비율'],
        ['fixed', 'Rows', '행'],
      ],
      isMode('windowFunctions'),
    ),
    field('number', 'window.windowSize', ['Size (0.1 is 10 %)', '크기 (0.1은 10%)'], {
      ...isMode('windowFunctions'),
      default: 0.1,
      min: 0,
    }),
    field('boolean', 'index.asPercentile', ['As a share', '비율로'], isMode('index')),
    field('text', 'alias', ['Name', '이름'], {
      help: ['Empty: what is calculated', '비우면 계산 내용'],
    }),
    field('boolean', 'replaceFields', ['Without the other fields', '다른 필드 빼기']),
  ],
  {
    preset: {
      mode: 'reduceRow',
      reduce: { reducer: 'sum' },
      binary: { operator: '+' },
      window: { windowAlignment: 'trailing', windowSizeMode: 'percentage', windowSize: 0.1 },
    },
  },
);

export const fieldForms: readonly StepForm[] = [
  form(
    'organize',
    [
      'Fields in another order, with other names, or hidden.',
      '필드의 순서와 이름을 바꾸거나 숨겨요.',
    ],
    [],
    {
      special: 'organize',
      preset: { excludeByName: {}, indexByName: {}, renameByName: {}, includeByName: {} },
    },
  ),
  form('order', ['Fields in another order.', '필드의 순서를 바꿔요.'], [], {
    special: 'organize',
    preset: { indexByName: {} },
  }),
  form('rename', ['Fields with other names.', '필드의 이름을 바꿔요.'], [], {
    special: 'organize',
    preset: { renameByName: {} },
  }),
  form(
    'renameByRegex',
    [
      'Names changed by a pattern: its groups are $1, $2.',
      '패턴으로 이름을 바꿔요. 그룹은 $1, $2로 써요.',
    ],
    [
      field('text', 'regex', ['Pattern', '패턴'], { default: '(.*)' }),
      field('text', 'renamePattern', ['Becomes', '바꿀 이름'], { default: '$1' }),
    ],
    { preset: { regex: '(.*)', renamePattern: '$1' } },
  ),
  calculateField,
  form(
    'filterFieldsByName',
    ['Only the fields with some names.', '이름으로 고른 필드만 남겨요.'],
    [],
    { special: 'namedFields', preset: { include: {} } },
  ),
  form(
    'filterFields',
    ['Only fields, or all but those, that a condition fits.', '조건에 맞는 필드만 남기거나 빼요.'],
    [
      field('matcher', 'include', ['Keep', '남길 필드']),
      field('matcher', 'exclude', ['Leave out', '뺄 필드']),
    ],
  ),
  form(
    'convertFieldType',
    [
      'Texts to numbers or times, times to texts.',
      '문자열을 숫자나 시각으로, 시각을 문자열로 바꿔요.',
    ],
    [
      list(
        'conversions',
        ['Conversions', '변환'],
        ['Add a conversion', '변환 추가'],
        { destinationType: 'number' },
        [
          field('field', 'targetField', ['Field', '필드']),
          choice('destinationType', ['Becomes', '바꿀 자료형'], 'number', fieldTypes),
          field('text', 'dateFormat', ['Form of the date', '날짜 형식'], {
            when: { path: 'destinationType', is: ['time', 'string'] },
            help: ['YYYY-MM-DD HH:mm', 'YYYY-MM-DD HH:mm'],
          }),
          field('text', 'joinWith', ['Between entries of lists', '목록 사이 문자'], {
            when: { path: 'destinationType', is: ['string'] },
          }),
        ],
      ),
    ],
    { preset: { fields: {}, conversions: [{ destinationType: 'number' }] } },
  ),
  form(
    'formatString',
    [
      'Texts in capitals, in small letters, or a part of them.',
      '문자열을 대문자, 소문자, 일부로 바꿔요.',
    ],
    [
      field('field', 'stringField', ['Field', '필드']),
      choice('outputFormat', ['Becomes', '형식'], 'Upper Case', [
        ['Upper Case', 'UPPER CASE', '대문자 (UPPER CASE)'],
        ['Lower Case', 'lower case', '소문자 (lower case)'],
        ['Sentence Case', 'Sentence case', '문장 (Sentence case)'],
        ['Title Case', 'Title Case', '제목 (Title Case)'],
        ['Pascal Case', 'PascalCase', 'PascalCase'],
        ['Camel Case', 'camelCase', 'camelCase'],
        ['Snake Case', 'snake_case', 'snake_case'],
        ['Kebab Case', 'kebab-case', 'kebab-case'],
        ['Trim', 'Without spaces around', '앞뒤 공백 없이'],
        ['Substring', 'A part', '일부'],
      ]),
      field('number', 'substringStart', ['From letter', '시작 위치'], {
        default: 0,
        when: { path: 'outputFormat', is: ['Substring'] },
      }),
      field('number', 'substringEnd', ['To letter', '끝 위치'], {
        default: 100,
        when: { path: 'outputFormat', is: ['Substring'] },
      }),
    ],
    { preset: { stringField: '', outputFormat: 'Upper Case' } },
  ),
  form(
    'formatTime',
    ['Times as texts.', '시각을 문자열로 바꿔요.'],
    [
      field('field', 'timeField', ['Field', '필드']),
      field('text', 'outputFormat', ['Form', '형식'], {
        help: ['YYYY-MM-DD HH:mm', 'YYYY-MM-DD HH:mm'],
      }),
      field('text', 'timezone', ['Time zone', '시간대'], {
        help: ['utc, browser or Asia/Seoul', 'utc, browser 또는 Asia/Seoul'],
      }),
    ],
    { preset: { timeField: '', outputFormat: '', timezone: 'utc' } },
  ),
  form(
    'extractFields',
    [
      'Texts that hold several values (JSON, key=value) become a field for each.',
      '여러 값이 든 문자열(JSON, key=value)을 필드로 나눠요.',
    ],
    [
      field('field', 'source', ['Field', '필드']),
      choice('format', ['Written as', '형식'], 'auto', [
        ['auto', 'As it looks', '알아서'],
        ['json', 'JSON', 'JSON'],
        ['kvp', 'key=value', 'key=value'],
        ['delimiter', 'Words with a sign between', '구분자로 나눈 단어'],
        ['regexp', 'A pattern with named groups', '이름 붙은 그룹이 있는 패턴'],
      ]),
      field('text', 'delimiter', ['Sign between', '구분자'], {
        default: ',',
        when: { path: 'format', is: ['delimiter'] },
      }),
      field('text', 'regExp', ['Pattern', '패턴'], {
        default: '/(?<NewField>.*)/',
        when: { path: 'format', is: ['regexp'] },
      }),
      list(
        'jsonPaths',
        ['Paths in the JSON', 'JSON 안의 경로'],
        ['Add a path', '경로 추가'],
        { path: '', alias: '' },
        [
          field('text', 'path', ['Path', '경로'], { help: ['a.b[0].c', 'a.b[0].c'] }),
          field('text', 'alias', ['Name', '이름']),
        ],
      ),
      field('boolean', 'replace', ['Without the other fields', '다른 필드 빼기']),
      field('boolean', 'keepTime', ['But with the time', '시각은 남기기'], {
        when: { path: 'replace', is: [true] },
      }),
    ],
    { preset: { format: 'auto' } },
  ),
  form(
    'labelsToFields',
    ['Labels of series become fields of their own.', '시리즈의 레이블을 필드로 만들어요.'],
    [
      choice('mode', ['As', '형태'], 'columns', [
        ['columns', 'Columns', '열'],
        ['rows', 'Rows', '행'],
      ]),
      field('labels', 'keepLabels', ['Labels', '레이블'], {
        help: ['None: all of them', '비우면 전부'],
      }),
      field('label', 'valueLabel', ['The value is named by', '값 필드의 이름이 될 레이블'], {
        when: { path: 'mode', is: ['columns'] },
      }),
    ],
    { preset: { mode: 'columns' } },
  ),
  form(
    'groupingToMatrix',
    [
      'A field of its own for each value of a column.',
      '한 열의 값마다 필드를 만들어 행렬로 보여 줘요.',
    ],
    [
      field('field', 'columnField', ['Columns', '열'], { default: 'Time' }),
      field('field', 'rowField', ['Rows', '행'], { default: 'Time' }),
      field('field', 'valueField', ['Cells', '칸'], { default: 'Value' }),
      choice('emptyValue', ['Where there is none', '값이 없을 때'], 'empty', emptyValues),
    ],
  ),
  form(
    'transpose',
    ['Rows become columns.', '행과 열을 바꿔요.'],
    [
      field('text', 'firstFieldName', ['Name of the first column', '첫 열의 이름']),
      field('text', 'restFieldsName', ['Name of the others', '나머지 열의 이름']),
      choice('emptyValue', ['Where there is none', '값이 없을 때'], 'empty', emptyValues),
    ],
  ),
  form(
    'fieldLookup',
    [
      'Name, longitude and latitude of countries or states, by their codes or names.',
      '국가나 주의 코드나 이름으로 이름, 경도, 위도를 찾아 더해요.',
    ],
    [
      field('field', 'lookupField', ['Field with the codes', '코드가 든 필드']),
      choice('gazetteer', ['Looked up in', '찾을 목록'], 'public/gazetteer/countries.json', [
        ['public/gazetteer/countries.json', 'Countries', '국가'],
        ['public/gazetteer/usa-states.json', 'States of the USA', '미국의 주'],
      ]),
    ],
    { preset: { gazetteer: 'public/gazetteer/countries.json' } },
  ),
];
