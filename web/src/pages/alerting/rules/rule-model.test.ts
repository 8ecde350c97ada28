import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireRulerRule } from '../../../api/grafana-alerting.ts';
import {
  durationMs,
  filteredRules,
  grafanaGroups,
  prometheusGroups,
  type RuleFilter,
} from './rule-model.ts';

const prometheus = prometheusGroups([
  {
    name: 'node',
    file: 'rules.yml',
    interval: 15,
    evaluationTime: 0,
    lastEvaluation: '',
    rules: [
      {
        type: 'alerting',
        name: 'Down',
        query: 'up == 0',
        labels: { severity: 'critical' },
        health: 'ok',
        evaluationTime: 0.01,
        lastEvaluation: '2026-11-24T00:00:00Z',
        state: 'firing',
        duration: 60,
      },
      {
        type: 'recording',
        name: 'a:b',
        query: 'sum(b)',
        labels: {},
        health: 'unknown',
        evaluationTime: 0,
        lastEvaluation: '0001-01-01T00:00:00Z',
      },
    ],
  },
]);

const definition = (title: string, isPaused = false): WireRulerRule => ({
  for: '1m',
  keep_firing_for: '5m',
  labels: { team: 'web' },
  grafana_alert: {
    uid: title.toLowerCase(),
    title,
    condition: 'C',
    data: [
      { refId: 'A', datasourceUid: 'p', model: { expr: 'rate(x[1m])' } },
      { refId: 'C', datasourceUid: '__expr__', model: { type: 'threshold', expression: 'A' } },
    ],
    no_data_state: 'NoData',
    exec_err_state: 'Error',
    is_paused: isPaused,
    namespace_uid: 'f',
  },
});
const own = grafanaGroups(
  { Shop: [{ name: 'g', interval: '1m', rules: [definition('Slow'), definition('Old', true)] }] },
  [
    {
      name: 'g',
      file: 'Shop',
      interval: 60,
      rules: [
        { name: 'Slow', query: '', type: 'alerting', state: 'inactive', health: 'nodata' },
        { name: 'Old', query: '', type: 'alerting', state: 'firing', health: 'ok' },
      ],
    },
  ],
);

describe('rules of both kinds', () => {
  it('are seen alike', () => {
    const [group] = prometheus;
    assert.equal(group?.intervalMs, 15_000);
    assert.equal(group?.rules[0]?.forMs, 60_000);
    assert.equal(group?.rules[1]?.lastEvaluationMs, undefined);
    const [slow, old] = own[0]?.rules ?? [];
    assert.deepEqual([slow?.state, old?.state], ['nodata', 'paused']);
    assert.equal(slow?.query, 'rate(x[1m])');
    assert.deepEqual([slow?.forMs, slow?.keepFiringMs], [60_000, 300_000]);
  });

  const f = (filter: Partial<RuleFilter>, want: readonly string[]): void =>
    void it(`finds ${JSON.stringify(filter)}`, () => {
      const found = filteredRules([...own, ...prometheus], {
        text: '',
        state: '',
        kind: '',
        ...filter,
      });
      assert.deepEqual(
        found.flatMap(({ rules }) => rules.map(({ name }) => name)),
        want,
      );
    });
  f({}, ['Down', 'a:b', 'Slow', 'Old']);
  f({ text: 'team=web shop' }, ['Slow', 'Old']);
  f({ text: 'UP ==' }, ['Down']);
  f({ state: 'recording' }, ['a:b']);
  f({ kind: 'grafana', state: 'nodata' }, ['Slow']);
  f({ kind: 'prometheus', text: 'web' }, []);

  const d = (text: string, want: number | undefined): void =>
    void it(`${JSON.stringify(text)} lasts ${want} ms`, () => {
      assert.equal(durationMs(text), want);
    });
  d('1h30m', 5_400_000);
  d('10s', 10_000);
  d('0', 0);
  d('5 m', undefined);
  d('', undefined);
});
