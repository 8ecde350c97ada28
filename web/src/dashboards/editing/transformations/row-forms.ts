/** Steps that filter, sort, group and count rows. */
import type { StepForm } from './contract.ts';
import { choice, field, form, list } from './spec.ts';

const comparesValue = ['equal', 'notEqual', 'greater', 'greaterOrEqual', 'lower', 'lowerOrEqual'];

export const rowForms: readonly StepForm[] = [
  form(
    'filterByValue',
    ['Only rows, or all but those, whose values fit.', '값이 조건에 맞는 행만 남기거나 빼요.'],
    [
      choice('type', ['Rows that fit', '맞는 행'], 'include', [
        ['include', 'Keep', '남기기'],
        ['exclude', 'Leave out', '빼기'],
      ]),
      choice('match', ['They fit', '맞는 조건'], 'any', [
        ['all', 'All conditions', '모든 조건'],
        ['any', 'One condition', '하나라도'],
      ]),
      list(
        'filters',
        ['Conditions', '조건'],
        ['Add a condition', '조건 추가'],
        { fieldName: '', config: { id: 'greater', options: { value: 0 } } },
        [
          field('field', 'fieldName', ['Field', '필드']),
          choice('config.id', ['Is', '비교'], 'greater', [
            ['greater', '>', '>'],
            ['greaterOrEqual', '≥', '≥'],
            ['lower', '<', '<'],
            ['lowerOrEqual', '≤', '≤'],
            ['equal', '=', '='],
            ['notEqual', '≠', '≠'],
            ['between', 'Between', '범위 안'],
            ['regex', 'Like the pattern', '패턴에 맞음'],
            ['substring', 'Contains', '포함'],
            ['notSubstring', 'Does not contain', '포함 안 함'],
            ['isNull', 'Null', 'null'],
            ['isNotNull', 'Not null', 'null 아님'],
          ]),
          field('value', 'config.options.value', ['Value', '값'], {
            when: { path: 'config.id', is: comparesValue },
          }),
          field('text', 'config.options.value', ['Text', '문자열'], {
            when: { path: 'config.id', is: ['regex', 'substring', 'notSubstring'] },
          }),
          field('value', 'config.options.from', ['From', '부터'], {
            when: { path: 'config.id', is: ['between'] },
          }),
          field('value', 'config.options.to', ['To', '까지'], {
            when: { path: 'config.id', is: ['between'] },
          }),
        ],
      ),
    ],
    { preset: { type: 'include', match: 'any', filters: [] } },
  ),
  form(
    'sortBy',
    ['Rows in the order of a field.', '필드 순서로 행을 정렬해요.'],
    [
      list('sort', ['Order', '정렬'], ['Add a field', '필드 추가'], { field: '' }, [
        field('field', 'field', ['Field', '필드']),
        field('boolean', 'desc', ['Largest first', '큰 것부터']),
      ]),
    ],
    { preset: { fields: {}, sort: [{ field: '' }] } },
  ),
  form(
    'limit',
    ['Only so many rows.', '행 수를 제한해요.'],
    [field('value', 'limitField', ['Rows', '행 수'], { default: 10 })],
    { preset: { limitField: 10 } },
  ),
  form(
    'groupBy',
    [
      'One row for each value of some fields, the others calculated.',
      '필드 값마다 한 행으로 묶고 나머지는 계산해요.',
    ],
    [],
    { special: 'groupBy', preset: { fields: {} } },
  ),
  form(
    'groupToNestedTable',
    [
      'One row for each value of some fields, with its rows in a table within.',
      '필드 값마다 한 행으로 묶고, 그 행들을 안쪽 표로 보여 줘요.',
    ],
    [
      list(
        'rules',
        ['Rules', '규칙'],
        ['Add a rule', '규칙 추가'],
        { matcher: { id: 'byName', options: '' }, operation: 'groupby', aggregations: [] },
        [
          field('matcher', 'matcher', ['Fields', '필드']),
          choice('operation', ['What happens', '처리'], 'groupby', [
            ['groupby', 'Group by them', '묶는 기준'],
            ['aggregate', 'Calculate', '계산'],
          ]),
          field('reducers', 'aggregations', ['Calculations', '계산'], {
            when: { path: 'operation', is: ['aggregate'] },
          }),
          field('boolean', 'keepNestedField', ['In the table within too', '안쪽 표에도 남기기'], {
            when: { path: 'operation', is: ['aggregate'] },
          }),
        ],
      ),
      field('boolean', 'showSubframeHeaders', ['Headers within', '안쪽 표의 머리글'], {
        default: true,
      }),
      field('boolean', 'expandAllRows', ['All rows open', '모든 행 펼치기']),
    ],
    { preset: { showSubframeHeaders: true, rules: [] } },
  ),
  form(
    'reduce',
    [
      'Each series to single values: last, mean, maximum.',
      '시리즈마다 값 하나로 줄여요: 마지막, 평균, 최댓값.',
    ],
    [
      choice('mode', ['As', '형태'], 'seriesToRows', [
        ['seriesToRows', 'A row for each series', '시리즈마다 한 행'],
        ['reduceFields', 'The same fields', '필드 그대로'],
      ]),
      field('reducers', 'reducers', ['Calculations', '계산'], { default: ['max'] }),
      field('boolean', 'includeTimeField', ['With the time', '시각도 함께'], {
        when: { path: 'mode', is: ['reduceFields'] },
      }),
      field('boolean', 'labelsToFields', ['Labels as columns', '레이블을 열로'], {
        when: { path: 'mode', is: ['seriesToRows'] },
      }),
    ],
    { preset: { reducers: ['max'] } },
  ),
  form(
    'histogram',
    ['How many values fall into each bucket.', '구간마다 값이 몇 개인지 세요.'],
    [
      field('number', 'bucketCount', ['Buckets', '구간 수'], { default: 30, min: 1 }),
      field('number', 'bucketSize', ['Size of a bucket', '구간 크기'], { min: 0 }),
      field('number', 'bucketOffset', ['Offset', '시작 위치']),
      field('boolean', 'combine', ['All series together', '모든 시리즈 합치기']),
    ],
  ),
  form(
    'regression',
    [
      'The line or curve that comes nearest to the points.',
      '점에 가장 가까운 선이나 곡선을 더해요.',
    ],
    [
      field('field', 'xFieldName', ['Across', '가로축']),
      field('field', 'yFieldName', ['Upwards', '세로축']),
      choice('modelType', ['Form', '모양'], 'linear', [
        ['linear', 'Line', '직선'],
        ['polynomial', 'Curve', '곡선'],
      ]),
      field('number', 'degree', ['Degree', '차수'], {
        ...{ default: 2, min: 1, max: 5 },
        when: { path: 'modelType', is: ['polynomial'] },
      }),
      field('number', 'predictionCount', ['Points', '점 수'], { default: 100, min: 2, max: 5000 }),
    ],
  ),
  form(
    'smoothing',
    [
      'Takes the noise out of series and leaves what stands out.',
      '시리즈의 잡음을 줄이고 눈에 띄는 변화는 남겨요.',
    ],
    [
      field('number', 'resolution', ['Points', '점 수'], {
        ...{ default: 100, min: 1, max: 1000 },
        help: ['Fewer of them: smoother', '적을수록 더 매끄러워요'],
      }),
    ],
    { preset: { resolution: 100 } },
  ),
];
