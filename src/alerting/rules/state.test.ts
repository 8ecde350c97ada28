import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AlertInstance, RuleDefinition, Transition } from './contract.ts';
import type { RuleEvaluation } from './evaluate.ts';
import { endInstances, type Instances, stepInstances } from './instances.ts';
import { rule as ruleOf, scopeOf } from './rules.fixture.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 2, 31, 5, 0, 0);

/** What an evaluation found: `a:1 b:0` are label sets and their values, or one of the odd words. */
function evaluationOf(text: string): RuleEvaluation {
  const culprit = { refId: 'A', datasourceUid: 'prometheus' };
  if (text === 'nodata') return { kind: 'noData', ...culprit };
  if (text === 'error') return { kind: 'error', error: 'away', ...culprit };
  const instances = text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [pod = '', value = ''] = word.split(':');
      return {
        kind: value === '1' ? ('alerting' as const) : ('normal' as const),
        labels: { pod },
        values: { B: Number(value) },
        valueLabels: {},
        valueString: '',
      };
    });
  return { kind: 'instances', instances };
}

const stateOf = ({ state, reason }: AlertInstance): string =>
  reason === '' ? state : `${state} (${reason})`;

/** Steps of a minute each; what is there after each of them, by pod or by the name of an odd alert. */
function run(definition: Partial<RuleDefinition>, evaluations: readonly string[]): string[] {
  const scope = scopeOf(ruleOf(definition));
  let instances: Instances = new Map();
  return evaluations.map((text, at) => {
    const step = stepInstances(instances, evaluationOf(text), scope, startMs + at * minuteMs);
    instances = step.instances;
    return [...instances.values()]
      .map(
        (one) =>
          `${one.resultLabels['pod'] ?? one.resultLabels['alertname'] ?? '*'}:${stateOf(one)}`,
      )
      .sort()
      .join(' ');
  });
}

describe('states of a rule, minute by minute', () => {
  const f = (
    name: string,
    definition: Partial<RuleDefinition>,
    steps: readonly (readonly [found: string, want: string])[],
  ): void =>
    void it(name, () => {
      assert.deepEqual(
        run(
          definition,
          steps.map(([found]) => found),
        ),
        steps.map(([, want]) => want),
      );
    });
  const forMs = minuteMs;
  f('fires at once without a pending period', { forMs: 0 }, [
    ['a:0', 'a:Normal'],
    ['a:1', 'a:Alerting'],
    ['a:0', 'a:Normal'],
  ]);
  f('is pending first, and fires when its time has come', { forMs }, [
    ['a:1', 'a:Pending'],
    ['a:1', 'a:Alerting'],
    ['a:1', 'a:Alerting'],
    ['a:0', 'a:Normal'],
  ]);
  f('is pending as long as it says', { forMs: 2 * minuteMs }, [
    ['a:1', 'a:Pending'],
    ['a:1', 'a:Pending'],
    ['a:1', 'a:Alerting'],
  ]);
  f('begins anew after it was not so in between', { forMs }, [
    ['a:1', 'a:Pending'],
    ['a:0', 'a:Normal'],
    ['a:1', 'a:Pending'],
    ['a:1', 'a:Alerting'],
  ]);
  f('keeps firing while it recovers', { forMs: 0, keepFiringForMs: 2 * minuteMs }, [
    ['a:1', 'a:Alerting'],
    ['a:0', 'a:Recovering'],
    ['a:0', 'a:Recovering'],
    ['a:0', 'a:Normal'],
  ]);
  f(
    'falls back from recovering without a pending period',
    { forMs, keepFiringForMs: 3 * minuteMs },
    [
      ['a:1', 'a:Pending'],
      ['a:1', 'a:Alerting'],
      ['a:0', 'a:Recovering'],
      ['a:1', 'a:Alerting'],
      ['a:0', 'a:Recovering'],
    ],
  );
  f('goes by each label set', { forMs: 0 }, [
    ['a:1 b:0', 'a:Alerting b:Normal'],
    ['a:0 b:1', 'a:Normal b:Alerting'],
  ]);
  f('resolves a series that is gone after two evaluations', { forMs: 0 }, [
    ['a:1 b:0', 'a:Alerting b:Normal'],
    ['b:0', 'a:Alerting b:Normal'],
    ['b:0', 'a:Normal (MissingSeries) b:Normal'],
  ]);
  f('waits longer for a series where it is told to', { forMs: 0, missingSeriesEvals: 3 }, [
    ['a:1', 'a:Alerting'],
    ['', 'a:Alerting'],
    ['', 'a:Alerting'],
    ['', 'a:Normal (MissingSeries)'],
  ]);
  f('counts evaluations without a series in a row', { forMs: 0 }, [
    ['a:1', 'a:Alerting'],
    ['', 'a:Alerting'],
    ['a:1', 'a:Alerting'],
    ['', 'a:Alerting'],
    ['', 'a:Normal (MissingSeries)'],
  ]);
  f('forgets a normal series that is gone', { forMs: 0 }, [
    ['a:0', 'a:Normal'],
    ['', 'a:Normal'],
    ['', ''],
  ]);

  const noData = (noDataState: RuleDefinition['noDataState']): Partial<RuleDefinition> => ({
    forMs: 0,
    noDataState,
  });
  f('tells of an answer without data by an alert of its own', noData('NoData'), [
    ['a:1', 'a:Alerting'],
    ['nodata', 'DatasourceNoData:NoData a:Alerting'],
    ['nodata', 'DatasourceNoData:NoData a:Normal (MissingSeries)'],
    ['a:0', 'DatasourceNoData:Normal (MissingSeries) a:Normal'],
  ]);
  f('takes no data for an alert', noData('Alerting'), [
    ['a:0', 'a:Normal'],
    ['nodata', 'a:Alerting (NoData)'],
    ['a:0', 'a:Normal'],
  ]);
  f('takes no data for an alert where nothing was seen before', noData('Alerting'), [
    ['nodata', '*:Alerting (NoData)'],
  ]);
  f('takes no data for normal', noData('OK'), [
    ['a:1', 'a:Alerting'],
    ['nodata', 'a:Normal (NoData)'],
  ]);
  f('keeps what it was without data', noData('KeepLast'), [
    ['a:1 b:0', 'a:Alerting b:Normal'],
    ['nodata', 'a:Alerting (NoData, KeepLast) b:Normal (NoData, KeepLast)'],
    ['a:1 b:0', 'a:Alerting b:Normal'],
  ]);
  f('goes on from pending without data', { forMs, noDataState: 'KeepLast' }, [
    ['a:1', 'a:Pending'],
    ['nodata', 'a:Alerting (NoData, KeepLast)'],
  ]);
  f('has a pending period without data, too', { forMs, noDataState: 'Alerting' }, [
    ['nodata', '*:Pending (NoData)'],
    ['nodata', '*:Alerting (NoData)'],
  ]);

  const onError = (execErrState: RuleDefinition['execErrState']): Partial<RuleDefinition> => ({
    forMs: 0,
    execErrState,
  });
  f('tells of a failure by an alert of its own, and what fired goes on', onError('Error'), [
    ['a:1', 'a:Alerting'],
    ['error', 'DatasourceError:Error a:Alerting'],
    ['error', 'DatasourceError:Error a:Alerting'],
    ['error', 'DatasourceError:Error a:Alerting'],
    ['a:0', 'DatasourceError:Normal (MissingSeries) a:Normal'],
  ]);
  f('takes a failure for an alert', onError('Alerting'), [
    ['a:0', 'a:Normal'],
    ['error', 'a:Alerting (Error)'],
    ['a:0', 'a:Normal'],
  ]);
  f('takes a failure for normal', onError('OK'), [
    ['a:1', 'a:Alerting'],
    ['error', 'a:Normal (Error)'],
  ]);
  f('keeps what it was through a failure', onError('KeepLast'), [
    ['a:1', 'a:Alerting'],
    ['error', 'a:Alerting (Error, KeepLast)'],
  ]);
  f('goes from no data to a failure', { forMs: 0 }, [
    ['nodata', 'DatasourceNoData:NoData'],
    ['error', 'DatasourceError:Error DatasourceNoData:Normal (MissingSeries)'],
    ['error', 'DatasourceError:Error'],
  ]);
});

describe('times of an instance', () => {
  const steps = (definition: Partial<RuleDefinition>, evaluations: readonly string[]) => {
    const scope = scopeOf(ruleOf(definition));
    let instances: Instances = new Map();
    return evaluations.map((text, at) => {
      instances = stepInstances(
        instances,
        evaluationOf(text),
        scope,
        startMs + at * minuteMs,
      ).instances;
      return [...instances.values()][0]!;
    });
  };

  it('tell since when it fires, also through recovering, and until when', () => {
    const found = steps({ forMs: minuteMs, keepFiringForMs: minuteMs }, [
      'a:1',
      'a:1',
      'a:0',
      'a:1',
      'a:0',
      'a:0',
    ]);
    assert.deepEqual(
      found.map(({ state, firingSinceMs, resolvedAtMs }) => [
        state,
        firingSinceMs === undefined ? undefined : (firingSinceMs - startMs) / minuteMs,
        resolvedAtMs === undefined ? undefined : (resolvedAtMs - startMs) / minuteMs,
      ]),
      [
        ['Pending', undefined, undefined],
        ['Alerting', 1, undefined],
        ['Recovering', 1, undefined],
        ['Alerting', 1, undefined],
        ['Recovering', 1, undefined],
        ['Normal', 1, 5],
      ],
    );
    assert.equal(found[1]!.endsAtMs, startMs + minuteMs + 4 * minuteMs);
  });
});

describe('a clock that is set back', () => {
  it('does not keep what is pending from firing, nor what fires from being refreshed', () => {
    const scope = scopeOf(ruleOf({ forMs: minuteMs }));
    const hourMs = 60 * minuteMs;
    let instances: Instances = new Map();
    const at = (atMs: number): AlertInstance => {
      instances = stepInstances(instances, evaluationOf('a:1'), scope, atMs).instances;
      return [...instances.values()][0]!;
    };
    assert.equal(at(startMs).state, 'Pending');
    assert.equal(at(startMs - hourMs).state, 'Pending');
    assert.equal(at(startMs - hourMs + minuteMs).state, 'Alerting');
    const { firingSinceMs, endsAtMs } = at(startMs - 2 * hourMs);
    assert.equal(firingSinceMs, startMs - 2 * hourMs);
    assert.equal(endsAtMs, startMs - 2 * hourMs + 4 * minuteMs);
  });
});

describe('the end of a rule', () => {
  it('resolves what fired and tells why', () => {
    const scope = scopeOf(ruleOf({ forMs: 0 }));
    const { instances } = stepInstances(new Map(), evaluationOf('a:1 b:0'), scope, startMs);
    for (const reason of ['Updated', 'Paused', 'RuleDeleted'] as const) {
      const { transitions } = endInstances(instances, reason, scope, startMs + minuteMs);
      assert.deepEqual(
        transitions.map(({ previousState, instance }) => [
          previousState,
          stateOf(instance),
          instance.resolvedAtMs,
        ]),
        [['Alerting', `Normal (${reason})`, startMs + minuteMs]],
      );
    }
  });
});

describe('labels and texts', () => {
  it('are those of the result, the rule and its folder', () => {
    const scope = scopeOf(
      ruleOf({
        title: 'busy',
        forMs: 0,
        labels: { team: 'of {{ $labels.pod }}', pod_again: '{{ $labels.nothing }}' },
        annotations: {
          summary: '{{ $values.B.Value }} {{ $values.B }} {{ humanize 1234.0 }}',
          broken: '{{ $values.B.Nothing.More }}',
          none: '{{ $values.Z.Value }} and {{ $values.Z }}',
        },
      }),
    );
    const { instances } = stepInstances(new Map(), evaluationOf('a:1'), scope, startMs);
    const [instance] = instances.values();
    assert.deepEqual(instance!.labels, {
      pod: 'a',
      team: 'of a',
      pod_again: '[no value]',
      alertname: 'busy',
      grafana_folder: 'the folder',
      __alert_rule_uid__: 'r1',
      __alert_rule_namespace_uid__: 'f1',
    });
    assert.equal(instance!.annotations['summary'], '1 1 1.234k');
    assert.equal(instance!.annotations['none'], '[no value] and [no value]');
  });
});

describe('any sequence of evaluations', () => {
  const found = fc.constantFrom('a:1', 'a:0', 'a:1 b:1', 'b:0', '', 'nodata', 'error');
  const definition = fc.record({
    forMs: fc.constantFrom(0, minuteMs, 2 * minuteMs),
    keepFiringForMs: fc.constantFrom(0, minuteMs),
    noDataState: fc.constantFrom('NoData', 'Alerting', 'OK', 'KeepLast'),
    execErrState: fc.constantFrom('Error', 'Alerting', 'OK', 'KeepLast'),
  } satisfies {
    [K in 'forMs' | 'keepFiringForMs' | 'noDataState' | 'execErrState']: fc.Arbitrary<
      RuleDefinition[K]
    >;
  });
  const fires = (state: string): boolean => !['Normal', 'Pending'].includes(state);

  it('ends all that began, and tells of each change once', () => {
    fc.assert(
      fc.property(definition, fc.array(found, { maxLength: 20 }), (given, evaluations) => {
        const scope = scopeOf(ruleOf(given));
        let instances: Instances = new Map();
        const last = new Map<string, string>();
        const see = ({ previousState, previousReason, instance }: Transition): void => {
          const key = JSON.stringify(instance.resultLabels);
          const before =
            previousReason === '' ? previousState : `${previousState} (${previousReason})`;
          assert.equal(last.get(key) ?? 'Normal', before);
          last.set(key, stateOf(instance));
        };
        for (const [at, text] of evaluations.entries()) {
          const atMs = startMs + at * minuteMs;
          const step = stepInstances(instances, evaluationOf(text), scope, atMs);
          step.transitions.forEach(see);
          instances = step.instances;
          for (const one of instances.values()) {
            assert.equal(fires(one.state) && one.endsAtMs > atMs, fires(one.state));
            if (fires(one.state))
              assert.ok(one.firingSinceMs !== undefined && one.resolvedAtMs === undefined);
          }
          for (const [key, state] of last) {
            // What is not known any more was normal when it went.
            const isKnown = [...instances.values()].some(
              (one) => JSON.stringify(one.resultLabels) === key,
            );
            if (!isKnown) {
              assert.match(state, /^Normal/);
              last.delete(key);
            }
          }
        }
        endInstances(instances, 'RuleDeleted', scope, startMs + 100 * minuteMs).transitions.forEach(
          see,
        );
        for (const state of last.values()) assert.match(state, /^Normal/);
      }),
    );
  });
});
