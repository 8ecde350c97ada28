import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireHistoryRecord } from '../../../api/grafana-alerting.ts';
import type { WireMatrixItem } from '../../../api/metrics.ts';
import {
  changesOf,
  changesOfHistory,
  lanesOfAlerts,
  lanesOfHistory,
  spanState,
  worstByRule,
} from './spans.ts';

const series = (alertstate: string, seconds: readonly number[], pod = 'a'): WireMatrixItem => ({
  metric: { __name__: 'ALERTS', alertname: 'Down', alertstate, pod },
  values: seconds.map((at) => [at, '1'] as const),
});

describe('lanes of alerts', () => {
  const lanes = lanesOfAlerts(
    [
      series('pending', [10, 20]),
      series('firing', [30, 40, 80]),
      series('pending', [30, 40, 50], 'b'),
    ],
    10_000,
  );

  it('joins the states of an instance, with gaps between', () => {
    assert.deepEqual(
      lanes.map(({ labels, spans }) => [
        labels,
        spans.map((span) => [span.state, span.fromMs / 1000, span.toMs / 1000]),
      ]),
      [
        [
          { alertname: 'Down', pod: 'a' },
          [
            ['pending', 10, 30],
            ['firing', 30, 50],
            ['firing', 80, 90],
          ],
        ],
        [{ alertname: 'Down', pod: 'b' }, [['pending', 30, 60]]],
      ],
    );
  });

  it('knows what changed, and what has not ended', () => {
    const changes = changesOf(lanes.slice(0, 1), 85_000);
    assert.deepEqual(
      changes.map(({ atMs, from, to }) => [atMs / 1000, from, to]),
      [
        [10, 'normal', 'pending'],
        [30, 'pending', 'firing'],
        [50, 'firing', 'normal'],
        [80, 'normal', 'firing'],
      ],
    );
  });

  it('shows the worst of a rule', () => {
    const [lane] = worstByRule(lanes);
    assert.deepEqual(
      lane?.spans.map((span) => [span.state, span.fromMs / 1000, span.toMs / 1000]),
      [
        ['pending', 10, 30],
        ['firing', 30, 50],
        ['pending', 50, 60],
        ['firing', 80, 90],
      ],
    );
  });
});

describe('lanes of recorded changes', () => {
  const record = (atMs: number, previous: string, current: string): WireHistoryRecord => ({
    atMs,
    line: {
      previous,
      current,
      ruleTitle: 'Slow',
      ruleUID: 'u',
      fingerprint: 'f',
      labels: { pod: 'a' },
      values: { B: 3 },
    },
  });
  const records = [
    record(300, 'Alerting', 'Normal'),
    record(100, 'Pending', 'Alerting'),
    record(400, 'Normal', 'Alerting (NoData)'),
  ];

  it('begin with what was before and go on to the end', () => {
    const [lane] = lanesOfHistory(records, { fromMs: 0, toMs: 500 });
    assert.deepEqual(
      lane?.spans.map(({ state, fromMs, toMs }) => [state, fromMs, toMs]),
      [
        ['pending', 0, 100],
        ['firing', 100, 300],
        ['firing', 400, 500],
      ],
    );
  });

  it('say by which values', () => {
    assert.deepEqual(
      changesOfHistory(records).map(({ note }) => note),
      ['B=3', 'B=3', 'NoData, B=3'],
    );
  });

  const f = (text: string, want: string): void =>
    void it(`${text} is ${want}`, () => {
      assert.equal(spanState(text), want);
    });
  f('Alerting', 'firing');
  f('Normal (MissingSeries)', 'normal');
  f('NoData', 'nodata');
  f('Error', 'error');
  f('Recovering', 'recovering');
});
