import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataQuery, FramesResult } from '#dashboards/data-sources';
import type { RuleDefinition } from './contract.ts';
import { RuleProgram } from './evaluate.ts';
import { backtest } from './preview.ts';
import { definition, expression, groupOf, rule } from './rules.fixture.ts';

interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly queries: readonly DataQuery[];
}

const numbers = (
  ...values: readonly (readonly [pod: string, value: number | null])[]
): FramesResult => ({
  status: 200,
  frames: values.map(([pod, value]) => ({
    meta: { type: 'numeric-multi' },
    fields: [{ name: 'Value', type: 'number' as const, labels: { pod }, values: [value] }],
  })),
});

function sourceOf(answer: (query: DataQuery, asked: Asked) => FramesResult | Error) {
  const asked: Asked[] = [];
  return {
    asked,
    query: async (request: Asked) => {
      asked.push(request);
      return new Map(
        request.queries.map((query) => {
          const result = answer(query, request);
          if (result instanceof Error) throw result;
          return [query.refId, result] as const;
        }),
      );
    },
  };
}

const context = { atMs: 1_000_000, firing: [], signal: new AbortController().signal };
const evaluate = (given: Partial<RuleDefinition>, answer: Parameters<typeof sourceOf>[0]) =>
  new RuleProgram(definition(given)).evaluate(sourceOf(answer), context);

describe('an evaluation', () => {
  it('asks each query for its range, and hands over what decided', async () => {
    const source = sourceOf(() => numbers(['x', 3], ['y', 0]));
    const result = await new RuleProgram(definition()).evaluate(source, context);
    assert.deepEqual(result, {
      kind: 'instances',
      instances: [
        {
          kind: 'alerting',
          labels: { pod: 'x' },
          values: { A: 3, B: 3, C: 1 },
          valueLabels: { A: { pod: 'x' }, B: { pod: 'x' }, C: { pod: 'x' } },
          valueString:
            "[ var='A' labels={pod=x} value=3 ], [ var='B' labels={pod=x} value=3 ], [ var='C' labels={pod=x} value=1 ]",
        },
        {
          kind: 'normal',
          labels: { pod: 'y' },
          values: { A: 0, B: 0, C: 0 },
          valueLabels: { A: { pod: 'y' }, B: { pod: 'y' }, C: { pod: 'y' } },
          valueString:
            "[ var='A' labels={pod=y} value=0 ], [ var='B' labels={pod=y} value=0 ], [ var='C' labels={pod=y} value=0 ]",
        },
      ],
    });
    assert.deepEqual(
      source.asked.map(({ fromMs, toMs, queries }) => [
        fromMs,
        toMs,
        queries.map(({ refId, datasource }) => [refId, datasource?.uid]),
      ]),
      [[400_000, 1_000_000, [['A', 'prometheus']]]],
    );
  });

  it('has no data where there is none, and says of which query', async () => {
    const culprit = { refId: 'A', datasourceUid: 'prometheus' };
    assert.deepEqual(await evaluate({}, () => numbers()), { kind: 'noData', ...culprit });
    assert.deepEqual(await evaluate({}, () => numbers(['x', null])), {
      kind: 'noData',
      ...culprit,
    });
  });

  it('fails in the words of the data source', async () => {
    const wanted = { kind: 'error', refId: 'A', datasourceUid: 'prometheus' };
    const refused = await evaluate({}, () => ({ status: 400, frames: [], error: 'parse error' }));
    assert.deepEqual({ ...refused, error: '' }, { ...wanted, error: '' });
    assert.match(
      refused.kind === 'error' ? refused.error : '',
      /^failed to execute query A: parse error/,
    );
    const thrown = await evaluate({}, () => new Error('away'));
    assert.match(thrown.kind === 'error' ? thrown.error : '', /failed to execute query A: away/);
  });

  it('needs numbers that its labels tell apart', async () => {
    const series: FramesResult = {
      status: 200,
      frames: [
        {
          fields: [
            { name: 'Time', type: 'time', values: [1, 2] },
            { name: 'v', type: 'number', values: [1, 2] },
          ],
        },
      ],
    };
    const raw = await evaluate({ condition: 'A' }, () => series);
    assert.match(
      raw.kind === 'error' ? raw.error : '',
      /invalid format of evaluation results for the alert definition A: looks like time series data, only reduced data can be alerted on\./,
    );
    const twice = await evaluate({}, () => numbers(['x', 1], ['x', 2]));
    assert.match(
      twice.kind === 'error' ? twice.error : '',
      /cannot uniquely be identified by its labels: has duplicate results with labels \{pod=x\}/,
    );
  });

  it('takes classic conditions with what met them', async () => {
    const conditions = [
      {
        query: { params: ['A'] },
        reducer: { type: 'last' },
        evaluator: { type: 'gt', params: [1] },
        operator: { type: 'and' },
      },
    ];
    const result = await evaluate(
      {
        condition: 'B',
        data: [definition().data[0]!, expression('B', { type: 'classic_conditions', conditions })],
      },
      () => numbers(['x', 3], ['y', 0]),
    );
    assert.equal(result.kind, 'instances');
    if (result.kind !== 'instances') return;
    assert.deepEqual(
      result.instances.map(({ kind, labels, values }) => [kind, labels, values['B0']]),
      [['alerting', {}, 3]],
    );
  });

  it('ends when it takes too long, whoever does not hear it', async () => {
    const stuck = { query: () => new Promise<never>(() => {}) };
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(
      new RuleProgram(definition()).evaluate(stuck, { ...context, signal }),
      /stopped/,
    );
  });
});

describe('a look back', () => {
  it('gives the states that a rule would have had', async () => {
    const one = rule({ forMs: 60_000 });
    const source = sourceOf((_query, { toMs }) =>
      numbers(['x', toMs >= 120_000 && toMs <= 300_000 ? 1 : 0]),
    );
    const steps: string[] = [];
    const result = await backtest({ rule: one, group: groupOf(one) }, source, {
      onStep: (done, total) => steps.push(`${done}/${total}`),
      fromMs: 60_000,
      toMs: 420_000,
      signal: context.signal,
      folderTitle: '',
    });
    assert.deepEqual(result.instances, [
      {
        labels: { pod: 'x' },
        states: ['Normal', 'Pending', 'Alerting', 'Alerting', 'Alerting', 'Normal', 'Normal'],
      },
    ]);
    assert.equal(result.transitions.length, 3);
    assert.deepEqual([result.fired, result.resolved], [1, 1]);
    assert.deepEqual([steps.length, steps.at(-1)], [7, '7/7']);
    await assert.rejects(
      backtest({ rule: one, group: groupOf(one) }, source, {
        fromMs: 0,
        toMs: 1e10,
        signal: context.signal,
        folderTitle: '',
      }),
      RangeError,
    );
  });
});
