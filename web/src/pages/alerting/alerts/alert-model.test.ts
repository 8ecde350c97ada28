import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireAmGroup } from '../../../api/alertmanager.ts';
import type { Labels } from '../../../api/metrics.ts';
import { parseSearch } from '../matcher.ts';
import {
  alertFilter,
  countByState,
  deliveredGroups,
  groupedBy,
  type RuleAlert,
  rowsOf,
  uniqueAlerts,
} from './alert-model.ts';

const amAlert = (labels: Labels, status: Partial<Record<string, string[]>> = {}, minute = 0) => ({
  labels,
  annotations: { summary: `about ${labels['alertname']}` },
  fingerprint: JSON.stringify(labels),
  startsAt: new Date(minute * 60_000).toISOString(),
  updatedAt: '',
  endsAt: '',
  generatorURL: '',
  receivers: [],
  status: { state: 'active' as const, silencedBy: [], inhibitedBy: [], mutedBy: [], ...status },
});
const group = (receiver: string, alerts: WireAmGroup['alerts']): WireAmGroup => ({
  labels: {},
  receiver: { name: receiver },
  alerts,
});
const disk = { alertname: 'Disk', severity: 'warning', pod: 'a' };
const down = { alertname: 'Down', severity: 'critical', pod: 'b' };
const pending: RuleAlert = {
  labels: { alertname: 'Slow' },
  annotations: {},
  state: 'pending',
  activeAt: new Date(0).toISOString(),
  value: '3e+00',
};

describe('alerts of the console', () => {
  const groups = deliveredGroups(
    [
      group('team', [amAlert(disk), amAlert(down, { mutedBy: ['night'] })]),
      group('all', [amAlert(down), amAlert({ alertname: 'Quiet' }, { silencedBy: ['id'] })]),
    ],
    [pending, { ...pending, labels: disk, state: 'firing', value: '97' }],
  );

  it('keeps groups as delivered, adds what is pending, and knows the values of rules', () => {
    assert.deepEqual(
      groups.map(({ receiver, alerts }) => [receiver, alerts.map(({ state }) => state)]),
      [
        ['team', ['firing', 'muted']],
        ['all', ['firing', 'silenced']],
        [undefined, ['pending']],
      ],
    );
    assert.equal(groups[0]?.alerts[0]?.value, '97');
    assert.equal(groups[0]?.alerts[1]?.value, undefined);
  });

  it('counts each alert once, by the worst of its states', () => {
    const counts = countByState(uniqueAlerts(groups));
    assert.deepEqual(counts, { firing: 2, pending: 1, silenced: 1, inhibited: 0, muted: 0 });
  });

  it('groups by any labels', () => {
    const by = groupedBy(uniqueAlerts(groups), ['pod']);
    assert.deepEqual(
      by.map(({ labels, alerts }) => [labels['pod'], alerts.length]),
      [
        ['a', 1],
        ['b', 1],
        ['', 2],
      ],
    );
  });

  it('has the worst first and hides what is folded', () => {
    const rows = rowsOf(groupedBy(uniqueAlerts(groups), ['pod']), () => true, new Set(['["b"]']));
    assert.deepEqual(
      rows.map((row) => (row.kind === 'group' ? row.group.key : row.alert.labels['alertname'])),
      ['["b"]', '["a"]', 'Disk', '[""]', 'Slow', 'Quiet'],
    );
  });

  const f = (text: string, want: readonly string[]): void =>
    void it(`finds ${text}`, () => {
      const keep = alertFilter(parseSearch(text));
      const found = uniqueAlerts(groups).filter(keep);
      assert.deepEqual(found.map(({ labels }) => labels['alertname']).toSorted(), want);
    });
  f('severity=~"warn.*"', ['Disk']);
  f('severity!=""', ['Disk', 'Down']);
  f('about di', ['Disk']);
  f('pod=b', ['Down']);
  f('nothing', []);
});
