import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DataQuery, FieldType, Frame } from '#dashboards/data-sources';
import { framesOfValues, valuesOfFrames } from './frames.ts';
import { parseExpression } from './parse.ts';
import { inOrderOfUse, type Outcome, runExpressions } from './pipeline.ts';
import { evaluateQueries } from './queries.ts';
import type { Labels, Point, Value, Values } from './values.ts';

const nan = Number.NaN;
const range = { fromMs: 0, toMs: 60_000 };
const series = (values: Point[], labels: Labels = {}, stepMs = 10_000): Value => ({
  kind: 'series',
  labels,
  timesMs: values.map((_, at) => at * stepMs),
  values,
});
const number = (value: Point, labels: Labels = {}): Value => ({ kind: 'number', labels, value });

/** The outcome of one expression named X over `A`. */
async function run(
  model: Record<string, unknown>,
  values: Values,
  loaded: readonly Labels[] = [],
): Promise<Outcome> {
  const expression = parseExpression('X', { expression: 'A', ...model });
  const outcomes = await runExpressions([expression], {
    queries: new Map([['A', { values }]]),
    range,
    loaded: new Map([['X', loaded]]),
  });
  return outcomes.get('X')!;
}

const valuesOf = (outcome: Outcome): Values => {
  if ('error' in outcome) throw outcome.error;
  return outcome.values;
};

describe('reduce', () => {
  const f = (reducer: string, points: Point[], want: Point, settings: object = {}): void =>
    void it(`${reducer} of ${JSON.stringify(points)} ${JSON.stringify(settings)}`, async () => {
      const got = valuesOf(
        await run({ type: 'reduce', reducer, settings }, [series(points, { a: '1' })]),
      );
      assert.deepEqual(got, [number(want, { a: '1' })]);
    });
  f('last', [1, 2, 3], 3);
  f('mean', [1, 2, 3], 2);
  f('min', [3, 1, 2], 1);
  f('max', [3, 1, 2], 3);
  f('sum', [3, 1, 2], 6);
  f('count', [3, null, nan], 3);
  f('median', [4, 1, 3], 3);
  f('median', [4, 1, 3, 2], 2.5);
  f('last', [1, null], null);
  f('last', [], nan);
  f('mean', [], nan);
  f('sum', [], 0);
  f('count', [], 0);
  for (const bad of [null, nan])
    for (const one of ['sum', 'mean', 'min', 'max', 'median']) f(one, [1, bad], nan);
  const drop = { mode: 'dropNN' };
  f('sum', [1, null, nan, Number.POSITIVE_INFINITY, 2], 3, drop);
  f('last', [1, null], 1, drop);
  f('max', [null, nan], null, drop);
  f('count', [1, null], 1, drop);
  const replace = { mode: 'replaceNN', replaceWithValue: 7 };
  f('sum', [1, null, nan], 15, replace);
  f('mean', [], 7, replace);
  f('last', [1, null], 7, replace);

  it('leaves numbers and no answer as they are', async () => {
    const model = { type: 'reduce', reducer: 'mean' };
    assert.deepEqual(valuesOf(await run(model, [number(3, { a: '1' })])), [number(3, { a: '1' })]);
    assert.deepEqual(valuesOf(await run(model, [{ kind: 'noData' }])), [{ kind: 'noData' }]);
  });
});

describe('threshold', () => {
  const f = (type: string, params: number[], value: Point, want: Point): void =>
    void it(`${value} ${type} ${params}`, async () => {
      const conditions = [{ evaluator: { type, params } }];
      assert.deepEqual(valuesOf(await run({ type: 'threshold', conditions }, [number(value)])), [
        number(want),
      ]);
    });
  f('gt', [1], 1, 0);
  f('gt', [1], 1.1, 1);
  f('lt', [1], 0, 1);
  f('eq', [1], 1, 1);
  f('ne', [1], 1, 0);
  f('gte', [1], 1, 1);
  f('lte', [1], 2, 0);
  f('within_range', [1, 3], 1, 0);
  f('within_range', [3, 1], 2, 1);
  f('outside_range', [1, 3], 4, 1);
  f('within_range_included', [1, 3], 3, 1);
  f('outside_range_included', [1, 3], 1, 1);
  f('gt', [1], nan, 0);
  f('gt', [1], null, null);

  it('is left by what is over it only where the recovery says so', async () => {
    const conditions = [
      { evaluator: { type: 'gt', params: [100] }, unloadEvaluator: { type: 'lt', params: [80] } },
    ];
    const values = [
      number(90, { a: 'over' }),
      number(90, { a: 'under' }),
      number(70, { a: 'over2' }),
    ];
    const got = valuesOf(
      await run({ type: 'threshold', conditions }, values, [{ a: 'over' }, { a: 'over2' }]),
    );
    assert.deepEqual(
      got.map((one) => (one.kind === 'number' ? one.value : undefined)),
      [1, 0, 0],
    );
  });
});

describe('resample', () => {
  const f = (upsampler: string, downsampler: string, want: Point[]): void =>
    void it(`${downsampler}, ${upsampler}`, async () => {
      const given: Value = {
        kind: 'series',
        labels: {},
        timesMs: [0, 5000, 40_000],
        values: [1, 3, 5],
      };
      const [got] = valuesOf(
        await run({ type: 'resample', window: '20s', upsampler, downsampler }, [given]),
      );
      assert.deepEqual(got, series(want, {}, 20_000));
    });
  f('pad', 'mean', [1, 3, 5, 5]);
  f('backfilling', 'last', [1, 3, 5, null]);
  f('fillna', 'max', [1, 3, 5, null]);

  it('refuses numbers and windows that are too small', async () => {
    const model = { type: 'resample', window: '1s', upsampler: 'pad', downsampler: 'last' };
    assert.match(
      String(((await run(model, [number(1)])) as { error: Error }).error),
      /only resample type series/,
    );
    const tiny = await run({ ...model, window: '1ms' }, [series([1])]);
    assert.match(String((tiny as { error: Error }).error), /60001 points/);
  });

  it('keeps every value: the sum over windows is the sum over points in the range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 7 }),
        async (points) => {
          const model = { type: 'resample', window: '7s', upsampler: 'fillna', downsampler: 'sum' };
          const [got] = valuesOf(await run(model, [series(points, {}, 8000)]));
          const total = (all: readonly Point[]): number =>
            all.reduce<number>((sum, one) => sum + (one ?? 0), 0);
          assert.equal(total(got?.kind === 'series' ? got.values : []), total(points));
        },
      ),
    );
  });
});

describe('classic conditions', () => {
  const condition = (reducer: string, evaluator: object, operator = 'and'): object => ({
    query: { params: ['A'] },
    reducer: { type: reducer },
    evaluator,
    operator: { type: operator },
  });
  const gt = (limit: number): object => ({ type: 'gt', params: [limit] });
  const f = (name: string, conditions: object[], values: Values, want: Point): void =>
    void it(name, async () => {
      assert.deepEqual(valuesOf(await run({ type: 'classic_conditions', conditions }, values)), [
        number(want),
      ]);
    });
  f('any series is enough', [condition('avg', gt(2))], [series([1]), series([3])], 1);
  f('none over', [condition('avg', gt(2))], [series([1]), series([2])], 0);
  f('nothing known', [condition('avg', gt(2))], [series([null])], null);
  f('no answer', [condition('avg', gt(2))], [{ kind: 'noData' }], null);
  f(
    'no value asked for',
    [condition('avg', { type: 'no_value', params: [] })],
    [{ kind: 'noData' }],
    1,
  );
  f('and', [condition('max', gt(2)), condition('min', gt(2))], [series([1, 3])], 0);
  f('or', [condition('max', gt(2)), condition('min', gt(2), 'or')], [series([1, 3])], 1);
  f(
    'from left to right',
    [condition('max', gt(2)), condition('min', gt(2), 'or'), condition('sum', gt(9))],
    [series([1, 3])],
    0,
  );
  f('diff', [condition('diff', gt(1.9))], [series([1, null, 3])], 1);
  f('diff_abs', [condition('diff_abs', gt(1.9))], [series([3, 1])], 1);
  f('percent_diff', [condition('percent_diff', gt(99))], [series([1, 2])], 1);
  f('percent_diff_abs', [condition('percent_diff_abs', gt(49))], [series([2, 1])], 1);
  f('count_non_null', [condition('count_non_null', gt(1))], [series([1, null])], 0);
  f('count', [condition('count', gt(1))], [series([1, null])], 1);
  f(
    'median and last',
    [condition('median', gt(1)), condition('last', gt(2))],
    [series([1, 2, 3])],
    1,
  );

  it('says what met which condition', async () => {
    const outcome = await run(
      { type: 'classic_conditions', conditions: [condition('last', gt(2))] },
      [series([3], { a: '1' })],
    );
    assert.deepEqual('matches' in outcome ? outcome.matches : undefined, [
      { condition: 0, labels: { a: '1' }, value: 3 },
    ]);
  });
});

describe('what is refused', () => {
  const f = (model: Record<string, unknown>, want: RegExp): void =>
    void it(JSON.stringify(model), () => {
      assert.throws(() => parseExpression('B', model), {
        code: 'EXPRESSION_INVALID',
        message: want,
      });
    });
  f({ type: 'python' }, /failed to parse expression 'B': unknown expression type "python"/);
  f({ type: 'sql', expression: ' ' }, /no SQL query provided/);
  f({}, /unknown expression type ""/);
  f({ type: 'math' }, /expression is missing/);
  f({ type: 'math', expression: '$A >' }, /unexpected end/);
  f({ type: 'reduce', reducer: 'last' }, /no variable specified/);
  f({ type: 'reduce', expression: 'A', reducer: 'avg' }, /reducer "avg" must be one of last, mean/);
  f({ type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'x' } }, /mode "x"/);
  f(
    { type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'replaceNN' } },
    /replaceWithValue/,
  );
  f({ type: 'threshold', expression: 'A', conditions: [] }, /exactly one condition/);
  f(
    { type: 'threshold', expression: 'A', conditions: [{ evaluator: { type: 'x' } }] },
    /evaluator type "x"/,
  );
  f(
    {
      type: 'threshold',
      expression: 'A',
      conditions: [{ evaluator: { type: 'within_range', params: [1] } }],
    },
    /needs 2 numbers/,
  );
  f(
    { type: 'resample', expression: 'A', window: 'x', downsampler: 'last', upsampler: 'pad' },
    /window "x"/,
  );
  f({ type: 'classic_conditions', conditions: [] }, /at least one/);
  f({ type: 'classic_conditions', conditions: [{}] }, /condition 1: query.params/);
});

describe('a pipeline', () => {
  const math = (refId: string, expression: string) =>
    parseExpression(refId, { type: 'math', expression });

  it('is carried out in the order of use', async () => {
    const expressions = [math('C', '$B + 1'), math('B', '$A * 2')];
    assert.deepEqual(
      inOrderOfUse(expressions, ['A']).map(({ refId }) => refId),
      ['B', 'C'],
    );
    const outcomes = await runExpressions(inOrderOfUse(expressions, ['A']), {
      queries: new Map([['A', { values: [number(3)] }]]),
      range,
    });
    assert.deepEqual(outcomes.get('C'), { values: [number(7)] });
  });

  it('has no circles and no strangers', () => {
    assert.throws(
      () => inOrderOfUse([math('B', '$C'), math('C', '$B')], []),
      /in a circle: B -> C -> B/,
    );
    assert.throws(() => inOrderOfUse([math('B', '$Z')], ['A']), /non-existent refId "Z"/);
  });

  it('loses only what reads a failure', async () => {
    const failed = await run(
      { type: 'resample', window: '1s', upsampler: 'pad', downsampler: 'last' },
      [number(1)],
    );
    const outcomes = await runExpressions([math('C', '$A'), math('D', '$B')], {
      queries: new Map([
        ['A', failed],
        ['B', { values: [number(1)] }],
      ]),
      range,
    });
    assert.match(
      String((outcomes.get('C') as { error: Error }).error),
      /\[C\] due to a failure of the dependent expression or query \[A\]/,
    );
    assert.deepEqual(outcomes.get('D'), { values: [number(1)] });
  });
});

describe('frames', () => {
  const field = (
    name: string,
    type: 'time' | 'string' | 'number',
    values: unknown[],
    labels?: Labels,
  ) => ({
    name,
    type,
    values,
    ...(labels === undefined ? {} : { labels }),
  });

  it('come back as the values they were made of', () => {
    const point = fc.oneof(fc.double(), fc.constant(null));
    const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.string({ minLength: 1 }), {
      noNullPrototype: true,
    });
    const value: fc.Arbitrary<Value> = fc.oneof(
      fc.record(
        { kind: fc.constant('number' as const), labels, value: point },
        { noNullPrototype: true },
      ),
      fc
        .array(point, { minLength: 1, maxLength: 5 })
        .chain((points) => labels.map((one) => series(points, one))),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        assert.deepEqual(valuesOfFrames(framesOfValues('A', values)), values);
      }),
    );
  });

  it('of a table are numbers by its texts', () => {
    const frame = {
      fields: [field('pod', 'string', ['x', 'y']), field('count', 'number', [1, 2])],
    };
    assert.deepEqual(valuesOfFrames([frame]), [number(1, { pod: 'x' }), number(2, { pod: 'y' })]);
  });

  it('of a table with several numbers are told apart by the column', () => {
    const frame = { fields: [field('a', 'number', [1]), field('b', 'number', [2])] };
    assert.deepEqual(valuesOfFrames([frame]), [
      number(1, { __name__: 'a' }),
      number(2, { __name__: 'b' }),
    ]);
  });

  it('of a table with times are series by its texts, oldest point first', () => {
    const frame = {
      fields: [
        field('time', 'time', [20, 10, 10]),
        field('pod', 'string', ['x', 'x', 'y']),
        field('count', 'number', [2, 1, 3]),
      ],
    };
    assert.deepEqual(valuesOfFrames([frame]), [
      { kind: 'series', labels: { pod: 'x' }, timesMs: [10, 20], values: [1, 2] },
      { kind: 'series', labels: { pod: 'y' }, timesMs: [10], values: [3] },
    ]);
  });

  it('of instant queries are numbers', () => {
    const frame = {
      meta: { type: 'numeric-multi' },
      fields: [field('Time', 'time', [10]), field('Value', 'number', [2], { pod: 'x' })],
    };
    assert.deepEqual(valuesOfFrames([frame]), [number(2, { pod: 'x' })]);
    assert.deepEqual(valuesOfFrames([]), [{ kind: 'noData' }]);
  });
});

describe('SQL', () => {
  const frame = (
    columns: Readonly<Record<string, readonly unknown[]>>,
    types: Readonly<Record<string, FieldType>> = {},
    labels?: Labels,
  ): Frame => ({
    fields: Object.entries(columns).map(([name, values]) => ({
      name,
      type: types[name] ?? (typeof values[0] as 'string' | 'number' | 'boolean'),
      values,
      ...(labels !== undefined && typeof values[0] === 'number' ? { labels } : {}),
    })),
  });
  const ask = async (
    sql: string,
    tables: Readonly<Record<string, readonly Frame[]>> = {},
  ): Promise<{ readonly columns?: unknown; readonly error?: string | undefined }> => {
    const answers = new Map(
      Object.entries(tables).map(([refId, frames]) => [refId, { status: 200, frames }]),
    );
    const query = { refId: 'X', type: 'sql', expression: sql } as unknown as DataQuery;
    const results = await evaluateQueries([query], answers, range);
    const { frames, error } = results.get('X')!;
    return error === undefined
      ? {
          columns: Object.fromEntries(
            frames.flatMap(({ fields }) => fields.map(({ name, values }) => [name, values])),
          ),
        }
      : { error };
  };
  const orders = frame({ shop: ['a', 'b', 'a'], price: [1, 2, 4], paid: [true, false, true] });
  const cpu = [
    frame({ time: [1000, 2000], Value: [1, 3] }, { time: 'time' }, { pod: 'x', node: 'n1' }),
    frame({ time: [1000], Value: [7] }, { time: 'time' }, { pod: 'y' }),
  ];
  const f = (
    name: string,
    sql: string,
    tables: Readonly<Record<string, readonly Frame[]>>,
    want: unknown,
  ): void =>
    void it(name, async () => {
      assert.deepEqual(await ask(sql, tables), { columns: want });
    });
  f(
    'asks a table as it is',
    'SELECT shop, sum(price) AS total FROM A WHERE paid GROUP BY shop',
    { A: [orders] },
    { shop: ['a'], total: [5] },
  );
  f(
    'joins answers of several queries, names in backticks',
    'SELECT A.`shop`, A.price * B.rate AS won FROM A JOIN B ON A.shop = B.shop ORDER BY won',
    { A: [orders], B: [frame({ shop: ['a'], rate: [1300] })] },
    { shop: ['a', 'a'], won: [1300, 5200] },
  );
  f(
    'has series as rows with their labels',
    'SELECT * FROM A ORDER BY time, pod',
    { A: cpu },
    {
      time: [1000, 1000, 2000],
      __value__: [1, 7, 3],
      __metric_name__: ['Value', 'Value', 'Value'],
      node: ['n1', null, 'n1'],
      pod: ['x', 'y', 'x'],
    },
  );
  f(
    'knows the functions of times that MySQL has',
    "SELECT DATE_FORMAT(time, '%Y-%m-%d %H:%i:%s') AS text, UNIX_TIMESTAMP(time) AS s, FROM_UNIXTIME(2) AS t FROM A WHERE pod = 'y'",
    { A: cpu },
    { text: ['1970-01-01 00:00:01'], s: [1], t: [2000] },
  );
  f('counts an empty answer', 'SELECT count(*) AS n FROM A', { A: [] }, { n: [0] });
  f("leaves texts alone: '`A`'", "SELECT '`A`' AS x", {}, { x: ['`A`'] });

  const refuses = (name: string, sql: string, want: RegExp): void =>
    void it(`refuses ${name}`, async () => {
      const { error } = await ask(sql, { A: [orders] });
      assert.match(error ?? 'nothing', want);
    });
  refuses('a table that is not there', 'SELECT * FROM Z', /\[X\].*Z does not exist/s);
  refuses('what is no SELECT', 'DROP TABLE A', /only SELECT is allowed/);
  refuses('several statements', 'SELECT 1; SELECT 2', /exactly one SELECT/);
  refuses('files', "SELECT * FROM read_csv('/etc/passwd')", /file system operations are disabled/i);
  refuses('settings', "SET memory_limit = '10GB'", /only SELECT is allowed/);
  refuses('answers that are too large', 'SELECT * FROM range(100001)', /more than 100000 cells/);
  refuses('mistakes', 'SELECT FROM WHERE', /syntax error/i);

  it('decides by numbers whose texts are labels', async () => {
    const expression = parseExpression('X', {
      type: 'sql',
      format: 'alerting',
      expression: 'SELECT shop, sum(price) AS total FROM A GROUP BY shop ORDER BY shop',
    });
    const outcomes = await runExpressions([expression], {
      queries: new Map([['A', { values: valuesOfFrames([orders]), frames: [orders] }]]),
      range,
    });
    assert.deepEqual(valuesOf(outcomes.get('X')!), [
      number(5, { shop: 'a' }),
      number(2, { shop: 'b' }),
    ]);
  });

  it('is asked for after what it reads, and reads expressions too', () => {
    const sql = parseExpression('C', { type: 'sql', expression: 'SELECT * FROM B -- and not D' });
    const math = parseExpression('B', { type: 'math', expression: '$A * 2' });
    assert.deepEqual(
      inOrderOfUse([sql, math], ['A', 'D']).map(({ refId }) => refId),
      ['B', 'C'],
    );
  });
});
