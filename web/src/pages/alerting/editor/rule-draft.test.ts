import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireRulerRule } from '../../../api/grafana-alerting.ts';
import {
  type DraftProblem,
  draftOfRule,
  draftProblems,
  groupWith,
  newDraft,
  newExpression,
  nextRefId,
  type RuleDraft,
  ruleOfDraft,
} from './rule-draft.ts';

const good: RuleDraft = {
  ...newDraft('prometheus'),
  title: 'nginx requests',
  folderUid: 'f',
  group: 'g',
  data: newDraft('prometheus').data.map((one) =>
    one.refId === 'A' ? { ...one, model: { ...one.model, expr: 'up' } } : one,
  ),
};
const saved: WireRulerRule = {
  for: '5m',
  keep_firing_for: '1m',
  labels: { team: 'web' },
  annotations: { summary: 's', owner: 'kim', __dashboardUid__: 'd', __panelId__: '2' },
  grafana_alert: {
    uid: 'u',
    title: 'Slow',
    condition: 'C',
    data: good.data,
    no_data_state: 'OK',
    exec_err_state: 'Alerting',
    is_paused: true,
    notification_settings: { receiver: 'slack', group_by: ['alertname'] },
    namespace_uid: 'f',
    rule_group: 'g',
    version: 3,
  },
};
const group = { name: 'g', interval: '1m', rules: [saved] };

describe('a rule while it is written', () => {
  it('becomes what it was when nothing was changed', () => {
    assert.deepEqual(ruleOfDraft(draftOfRule(saved, group), saved), saved);
  });

  it('begins with a query, its last value and a threshold', () => {
    const rule = ruleOfDraft({ ...good, pending: '0', keepFiring: '' }, undefined);
    assert.deepEqual(
      rule.grafana_alert.data.map(({ refId, model }) => [
        refId,
        model['type'],
        model['expression'],
      ]),
      [
        ['A', undefined, undefined],
        ['B', 'reduce', 'A'],
        ['C', 'threshold', 'B'],
      ],
    );
    assert.deepEqual([rule.for, rule.keep_firing_for], ['0s', '0s']);
    assert.equal(rule.grafana_alert.notification_settings, undefined);
  });

  it('leaves a contact point for the policies', () => {
    const draft = { ...draftOfRule(saved, group), recipient: 'policies' as const };
    assert.equal(ruleOfDraft(draft, saved).grafana_alert.notification_settings, undefined);
  });

  it('takes its place in the group, or the last one', () => {
    const draft = draftOfRule(saved, group);
    const changed = ruleOfDraft({ ...draft, title: 'New' }, saved);
    assert.deepEqual(
      groupWith(group, draft, changed).rules.map((rule) => rule.grafana_alert.title),
      ['New'],
    );
    assert.equal(groupWith(group, good, ruleOfDraft(good, undefined)).rules.length, 2);
    assert.equal(groupWith(undefined, good, ruleOfDraft(good, undefined)).rules.length, 1);
  });

  it('names queries by the first letter that is free', () => {
    assert.equal(nextRefId(good.data), 'D');
    assert.equal(nextRefId(good.data.slice(1)), 'A');
    const all = Array.from({ length: 26 }, (_, at) =>
      newExpression(String.fromCharCode(65 + at), 'math', ''),
    );
    assert.equal(nextRefId(all), 'AA');
  });

  const f = (name: string, change: Partial<RuleDraft>, want: readonly DraftProblem[]): void =>
    void it(`says what is wrong: ${name}`, () => {
      assert.deepEqual(draftProblems({ ...good, ...change }), want);
    });
  f('nothing', {}, []);
  f('no name, no place', { title: ' ', folderUid: '', group: '' }, ['title', 'folder', 'group']);
  f('an empty query', { data: newDraft('p').data }, ['query']);
  f('a condition that is gone', { condition: 'Z' }, ['condition']);
  f('a pending period shorter than the interval', { pending: '30s' }, ['pendingShort']);
  f('no pending period', { pending: '0' }, []);
  f('a pending period that is none', { pending: 'soon' }, ['pendingFormat']);
  f('no contact point', { recipient: 'point' }, ['receiver']);
});
