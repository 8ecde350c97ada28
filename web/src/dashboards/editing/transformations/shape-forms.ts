/** Steps that join, split and turn whole answers. */
import type { StepField, StepForm, StepList } from './contract.ts';
import { type ChoiceRow, choice, field, form, type Label, list } from './spec.ts';

const configs: readonly ChoiceRow[] = [
  ['unit', 'Unit', '단위'],
  ['min', 'Minimum', '최솟값'],
  ['max', 'Maximum', '최댓값'],
  ['decimals', 'Decimals', '소수 자릿수'],
  ['displayName', 'Name shown', '표시 이름'],
  ['noValue', 'Text for no value', '값이 없을 때 문구'],
  ['color', 'Color', '색'],
  ['threshold1', 'Threshold', '임계값'],
  ['__ignore', 'Nothing', '쓰지 않음'],
];

const roles: readonly ChoiceRow[] = [
  ['field.name', 'Name of the field', '필드 이름'],
  ['field.value', 'Value of the field', '필드 값'],
  ['field.label', 'Label', '레이블'],
  ...configs,
];

const mappings = (rows: readonly ChoiceRow[], hasReducer: boolean): StepList =>
  list(
    'mappings',
    ['Columns', '열'],
    ['Add a column', '열 추가'],
    { fieldName: '', handlerKey: rows[0]?.[0] },
    [
      field('field', 'fieldName', ['Column', '열']),
      choice('handlerKey', ['Is the', '쓰임'], rows[0]?.[0], rows),
      ...(hasReducer
        ? [field('reducer', 'reducerId', ['Calculation', '계산'], { default: 'lastNotNull' })]
        : []),
    ],
  );

interface BucketWords {
  readonly by: Label;
  readonly count: Label;
  readonly size: Label;
  readonly sizeHelp: Label;
}

const timeBuckets: BucketWords = {
  by: ['Spans of time by', '시간 구간 나누기'],
  count: ['Number of spans', '구간 수'],
  size: ['Length of a span', '구간 길이'],
  sizeHelp: ['A duration: 1m, 30s. Empty: by the range', '기간: 1m, 30s. 비우면 범위에 맞춰요'],
};

const valueBuckets: BucketWords = {
  by: ['Spans of values by', '값 구간 나누기'],
  count: ['Number of spans', '구간 수'],
  size: ['Size of a span', '구간 크기'],
  sizeHelp: ['Empty: by the values', '비우면 값에 맞춰요'],
};

/** How one side of a heat map is parted. */
const buckets = (path: string, say: BucketWords): readonly StepField[] => [
  choice(`${path}.mode`, say.by, 'size', [
    ['size', 'Size', '크기'],
    ['count', 'Count', '개수'],
  ]),
  field('value', `${path}.value`, say.size, {
    help: say.sizeHelp,
    when: { path: `${path}.mode`, is: ['size'] },
  }),
  field('value', `${path}.value`, say.count, { when: { path: `${path}.mode`, is: ['count'] } }),
  ...(path === 'yBuckets'
    ? [
        choice(`${path}.scale.type`, ['Scale', '눈금'], 'linear', [
          ['linear', 'Linear', '선형'],
          ['log', 'Logarithmic', '로그'],
        ]),
        choice(
          `${path}.scale.log`,
          ['Base', '밑'],
          2,
          [
            [2, '2', '2'],
            [10, '10', '10'],
          ],
          { when: { path: `${path}.scale.type`, is: ['log'] } },
        ),
      ]
    : []),
];

export const shapeForms: readonly StepForm[] = [
  form(
    'joinByField',
    [
      'Several answers in one table, by a field that they share.',
      '같은 필드로 여러 응답을 한 표로 합쳐요.',
    ],
    [
      choice('mode', ['Rows', '행'], 'outer', [
        ['outer', 'Of any answer (outer)', '어느 응답에든 있는 것 (outer)'],
        ['outerTabular', 'Of any answer, for tables', '어느 응답에든 있는 것, 표용'],
        ['inner', 'Of all answers (inner)', '모든 응답에 있는 것 (inner)'],
      ]),
      field('field', 'byField', ['Field', '필드'], { help: ['Empty: the time', '비우면 시각'] }),
    ],
    { preset: { mode: 'outer' } },
  ),
  form('merge', [
    'Several tables as one: rows with the same values become one row.',
    '여러 표를 하나로 합쳐요. 값이 같은 행은 한 행이 돼요.',
  ]),
  form(
    'concatenate',
    ['The fields of all answers in one table.', '모든 응답의 필드를 한 표에 모아요.'],
    [
      choice('frameNameMode', ['Name of the answer', '응답의 이름'], 'field', [
        ['field', 'Before the name of the field', '필드 이름 앞에'],
        ['label', 'As a label', '레이블로'],
        ['drop', 'Left out', '빼기'],
      ]),
      field('text', 'frameNameLabel', ['Label', '레이블'], {
        default: 'frame',
        when: { path: 'frameNameMode', is: ['label'] },
      }),
    ],
  ),
  form('append', [
    'Answers below each other: columns of the same name become one.',
    '여러 응답을 위아래로 이어요. 이름이 같은 열은 한 열이 돼요.',
  ]),
  form('seriesToRows', [
    'All series in one table: time, name, value.',
    '모든 시리즈를 시각, 이름, 값의 한 표로 만들어요.',
  ]),
  form(
    'prepareTimeSeries',
    ['Answers in the shape that charts over time want.', '시계열 차트에 맞는 모양으로 바꿔요.'],
    [
      choice('format', ['As', '형태'], 'multi', [
        ['multi', 'An answer for each series', '시리즈마다 하나'],
        ['wide', 'One table, a column for each series', '시리즈마다 열이 있는 표 하나'],
        ['long', 'One table, a row for each value', '값마다 행이 있는 표 하나'],
      ]),
    ],
    { preset: { format: 'multi' } },
  ),
  form(
    'timeSeriesTable',
    [
      'A row for each series, with the series as a small chart.',
      '시리즈마다 한 행, 작은 차트와 함께 보여 줘요.',
    ],
    [],
    { special: 'trendStats' },
  ),
  form(
    'partitionByValues',
    ['A table for each value of some fields.', '필드 값마다 표를 나눠요.'],
    [
      field('columns', 'fields', ['Fields', '필드']),
      field('boolean', 'keepFields', ['Keep these fields', '그 필드도 남기기']),
      field('boolean', 'naming.asLabels', ['Values as labels', '값을 레이블로']),
      field('boolean', 'naming.withNames', ['Names with the field', '이름에 필드 이름도'], {
        when: { path: 'naming.asLabels', is: [false] },
      }),
      field('boolean', 'naming.append', ['After the name of the answer', '응답 이름 뒤에'], {
        when: { path: 'naming.asLabels', is: [false] },
      }),
    ],
    { preset: { fields: [], keepFields: false, naming: { asLabels: true } } },
  ),
  form(
    'joinByLabels',
    [
      'Series in one table: their labels are columns, the values of one label the columns of numbers.',
      '시리즈를 한 표로 만들어요. 레이블은 열, 한 레이블의 값은 숫자 열이 돼요.',
    ],
    [
      field('label', 'value', ['Label whose values are columns', '값이 열이 될 레이블']),
      field('labels', 'join', ['Labels of a row', '행을 정하는 레이블'], {
        help: ['None: all others', '비우면 나머지 전부'],
      }),
    ],
  ),
  form(
    'heatmap',
    [
      'How many values fell into each span of time and of values, for heat maps.',
      '시간 구간과 값 구간마다 값이 몇 개인지 세요. 히트맵에 써요.',
    ],
    [...buckets('xBuckets', timeBuckets), ...buckets('yBuckets', valueBuckets)],
  ),
  form(
    'filterByRefId',
    ['Only the answers of some queries.', '고른 쿼리의 응답만 남겨요.'],
    [field('queries', 'include', ['Queries', '쿼리'])],
  ),
  form(
    'filterFrames',
    ['Only answers that a condition fits.', '조건에 맞는 응답만 남겨요.'],
    [
      field('data', 'include', ['Keep', '남길 응답']),
      field('data', 'exclude', ['Leave out', '뺄 응답']),
    ],
  ),
  form(
    'rowsToFields',
    [
      'Rows become fields: one column has their names, one their values, others set them up.',
      '행을 필드로 바꿔요. 한 열은 이름, 한 열은 값, 나머지는 설정이 돼요.',
    ],
    [mappings(roles, false)],
  ),
  form(
    'configFromData',
    [
      'The answer of one query sets up the fields of the others: unit, bounds, thresholds.',
      '한 쿼리의 응답으로 다른 필드를 설정해요: 단위, 범위, 임계값.',
    ],
    [
      field('query', 'configRefId', ['Query with the settings', '설정이 든 쿼리'], {
        default: 'config',
      }),
      field('matcher', 'applyTo', ['Sets up', '설정할 필드'], { default: { id: 'numeric' } }),
      mappings(configs, true),
    ],
    { preset: { configRefId: 'config', mappings: [] } },
  ),
  form(
    'convertFrameType',
    [
      'Tells that an answer holds annotations or exemplars.',
      '응답이 주석이나 exemplar임을 알려요.',
    ],
    [
      choice('targetType', ['Becomes', '종류'], 'exemplar', [
        ['exemplar', 'Exemplars', 'Exemplar'],
        ['annotation', 'Annotations', '주석'],
        ['timeRegion', 'Regions of time', '시간 구간'],
      ]),
    ],
    { preset: { targetType: 'exemplar' } },
  ),
  form('ensureColumns', [
    'Joins answers by their time where they have one each.',
    '시각이 하나씩 있는 응답을 시각으로 합쳐요.',
  ]),
  form('noop', ['Passes everything on as it is.', '그대로 넘겨요.']),
];
