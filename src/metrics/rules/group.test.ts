import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, ManualClock, MetricsRegistry, silentLogger } from '#base';
import {
  isStaleAt,
  labelMatcher,
  labelsOfRecord,
  labelsToRecord,
  SampleColumns,
  wordsOf,
} from '#metrics/model';
import type { PromqlEngine, QueryResult, ResultSeries } from '#metrics/promql';
import { type MetricStore, openMemoryMetricStore } from '#metrics/tsdb';
import { type OutgoingAlert, parseRuleFile, RuleGroup } from './index.ts';
import { ruleMetrics } from './rule-metrics.ts';

const one = (labels: Record<string, string>, value: number): ResultSeries => ({
  labels: labelsOfRecord(labels),
  timesMs: Float64Array.of(0),
  values: Float64Array.of(value),
});

const minute = 60_000;

type Row = readonly [labels: Record<string, string>, timeMs: number, value: number | 'stale'];

/** Every sample of a store, by time and then by labels. */
async function rowsOf(store: MetricStore): Promise<readonly Row[]> {
  const request = { matchers: [labelMatcher('__name__', '!=', '')], fromMs: 0, toMs: 1e12 };
  using selection = await store.select(request, never);
  const columns = new SampleColumns();
  const rows: Row[] = [];
  for (let at = 0; at < selection.count; at++) {
    selection.read(at, columns);
    const words = wordsOf(columns.values);
    for (let row = 0; row < columns.count; row++) {
      const value = isStaleAt(words, row) ? 'stale' : columns.values[row]!;
      rows.push([{ ...labelsToRecord(selection.labels(at)) }, columns.timesMs[row]!, value]);
    }
  }
  return rows.sort((a, b) => a[1] - b[1]);
}

const never = new AbortController().signal;

function open(text: string, start: Partial<RuleGroup['settings']> = {}) {
  const answers = new Map<string, readonly ResultSeries[] | Error>();
  const store = openMemoryMetricStore();
  const sent: OutgoingAlert[] = [];
  const engine: PromqlEngine = {
    instant: async (query, atMs): Promise<QueryResult> => {
      const series = answers.get(query) ?? [];
      if (series instanceof Error) throw series;
      const type = query.includes('[') ? 'matrix' : 'vector';
      return {
        value: {
          type,
          series: series.map((each) => ({
            ...each,
            timesMs: type === 'matrix' ? each.timesMs : Float64Array.of(atMs),
          })),
        },
        warnings: [],
        infos: [],
        stats: {
          samples: 0,
          peakSamples: 0,
          seriesSelected: 0,
          timings: { parseMs: 0, selectMs: 0, evalMs: 0, totalMs: 0 },
        },
      };
    },
    range: async () => {
      throw new Error('rules ask for instants');
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const deps = {
    engine,
    store,
    alerts: { send: (alerts: readonly OutgoingAlert[]) => void sent.push(...alerts) },
    clock: new ManualClock(0),
    log: silentLogger,
    metrics: ruleMetrics(new MetricsRegistry()),
  };
  const settings = {
    intervalMs: minute,
    queryOffsetMs: 0,
    externalLabels: {},
    externalUrl: 'http://n',
    resendDelayMs: minute,
    outageToleranceMs: 3_600_000,
    gracePeriodMs: 600_000,
    ...start,
  };
  const make = (source: string): RuleGroup =>
    new RuleGroup(parseRuleFile('r.yml', source)[0]!, settings, deps);
  return { answers, store, sent, make, group: make(text) };
}

describe('RuleGroup', () => {
  it('records, renames, adds labels, and marks series that are gone', async () => {
    const { group, answers, store } = open(`groups:
- name: g
  labels: {team: t, own: group}
  rules: [{record: 'a:b', expr: x, labels: {own: rule, drop: ''}}]`);
    answers.set('x', [one({ __name__: 'x', i: '1', drop: 'me' }, 5), one({ i: '2' }, 6)]);
    await group.evaluate(minute, never);
    answers.set('x', [one({ i: '2' }, 7)]);
    await group.evaluate(2 * minute, never);
    const labels = { __name__: 'a:b', own: 'rule', team: 't' };
    assert.deepEqual(await rowsOf(store), [
      [{ ...labels, i: '1' }, minute, 5],
      [{ ...labels, i: '2' }, minute, 6],
      [{ ...labels, i: '1' }, 2 * minute, 'stale'],
      [{ ...labels, i: '2' }, 2 * minute, 7],
    ]);
    assert.equal(group.rules[0]?.health, 'ok');
  });

  it('a failed rule keeps its series and the others go on', async () => {
    const { group, answers, store } = open(`groups:
- name: g
  rules: [{record: a, expr: x}, {record: b, expr: y}]`);
    answers.set('x', [one({}, 1)]);
    answers.set('y', [one({}, 2)]);
    await group.evaluate(minute, never);
    answers.set('x', new AppError('PROMQL_EXECUTION', 'many-to-many'));
    await group.evaluate(2 * minute, never);
    assert.deepEqual([group.rules[0]?.health, group.rules[0]?.lastError], ['err', 'many-to-many']);
    assert.deepEqual(
      (await rowsOf(store)).map(([labels, timeMs, value]) => [labels.__name__, timeMs, value]),
      [
        ['a', minute, 1],
        ['b', minute, 2],
        ['b', 2 * minute, 2],
      ],
    );
  });

  it('refuses results that are equal after renaming, and too many', async () => {
    const { group, answers } = open(`groups:
- name: g
  limit: 1
  rules: [{record: a, expr: x}, {record: b, expr: y}]`);
    answers.set('x', [one({ __name__: 'p' }, 1), one({ __name__: 'q' }, 1)]);
    answers.set('y', [one({ i: '1' }, 1), one({ i: '2' }, 1)]);
    await group.evaluate(minute, never);
    assert.deepEqual(
      group.rules.map((rule) => rule.lastError),
      [
        'vector contains metrics with the same labelset after applying rule labels',
        'exceeded limit of 1 with 2 series',
      ],
    );
  });

  const alerting = `groups:
- name: g
  rules:
  - alert: Down
    expr: up == 0
    for: 1m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }} is {{ $value }}'}`;

  it('sends alerts when they fire and when they resolve', async () => {
    const { group, answers, sent } = open(alerting);
    answers.set('up == 0', [one({ __name__: 'up', job: 'a' }, 0)]);
    await group.evaluate(minute, never);
    assert.equal(sent.length, 0);
    await group.evaluate(2 * minute, never);
    answers.set('up == 0', []);
    await group.evaluate(3 * minute, never);
    const common = {
      labels: labelsOfRecord({ alertname: 'Down', job: 'a', severity: 'page' }),
      annotations: labelsOfRecord({ summary: 'a is 0' }),
      startsAtMs: 2 * minute,
      generatorUrl: 'http://n/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    };
    assert.deepEqual(sent, [
      { ...common, endsAtMs: 6 * minute },
      { ...common, endsAtMs: 3 * minute },
    ]);
  });

  it('writes ALERTS from the third evaluation on, marked when the state changes', async () => {
    const { group, answers, store } = open(alerting.replace('for: 1m', 'for: 3m'));
    answers.set('up == 0', [one({ job: 'a' }, 0)]);
    for (const at of [1, 2, 3, 4]) await group.evaluate(at * minute, never);
    const rows = (await rowsOf(store)).map(([labels, timeMs, value]) => [
      labels.__name__,
      labels.alertstate,
      timeMs / minute,
      value,
    ]);
    assert.deepEqual(rows, [
      ['ALERTS', 'pending', 3, 1],
      ['ALERTS_FOR_STATE', undefined, 3, 60],
      ['ALERTS', 'firing', 4, 1],
      ['ALERTS', 'pending', 4, 'stale'],
      ['ALERTS_FOR_STATE', undefined, 4, 60],
    ]);
  });

  it('takes the state of an earlier run over', async () => {
    const long = alerting.replace('for: 1m', 'for: 15m');
    const { group, answers } = open(long);
    const at = 1000 * minute;
    answers.set('up == 0', [one({ job: 'a' }, 0)]);
    answers.set('ALERTS_FOR_STATE{alertname="Down"}[3600s]', [
      {
        labels: labelsOfRecord({
          __name__: 'ALERTS_FOR_STATE',
          alertname: 'Down',
          job: 'a',
          severity: 'page',
        }),
        timesMs: Float64Array.of(at - 5 * minute),
        values: Float64Array.of((at - 30 * minute) / 1000),
      },
    ]);
    await group.evaluate(at, never);
    await group.evaluate(at + minute, never);
    await group.evaluate(at + 2 * minute, never);
    assert.equal(group.rules[0]?.state, 'firing');
  });

  it('a reload keeps the state of equal rules and ends the series of others', async () => {
    const { group, answers, store, make } = open(`groups:
- name: g
  rules: [{record: a, expr: x}, {alert: Down, expr: up == 0, for: 5m}]`);
    answers.set('x', [one({}, 1)]);
    answers.set('up == 0', [one({ job: 'a' }, 0)]);
    await group.evaluate(minute, never);
    const next = make(`groups:
- name: g
  rules: [{alert: Down, expr: up == 0, for: 5m}]`);
    next.adopt(group);
    await next.evaluate(2 * minute, never);
    assert.equal(next.rules[0]?.activeAlerts[0]?.activeAtMs, minute);
    assert.deepEqual(await rowsOf(store), [
      [{ __name__: 'a' }, minute, 1],
      [{ __name__: 'a' }, 2 * minute, 'stale'],
    ]);
  });

  it('has its slots at the same instants after every start', () => {
    const { group } = open(alerting);
    const first = group.nextSlotMs(1_000_000);
    assert.ok(first >= 1_000_000 && first < 1_000_000 + minute);
    assert.equal(group.nextSlotMs(first), first);
    assert.equal(group.nextSlotMs(first + 1), first + minute);
  });
});
