import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireRule, WireRuleGroup } from '../../../api/metrics.ts';
import { filteredGroups, type RuleState } from './rule-filter.ts';

const rule = (name: string, more: Partial<WireRule> = {}): WireRule => ({
  type: 'alerting',
  name,
  query: `${name} == 0`,
  labels: { severity: 'page' },
  health: 'ok',
  evaluationTime: 0,
  lastEvaluation: '',
  ...more,
});
const group = (name: string, rules: readonly WireRule[]): WireRuleGroup => ({
  name,
  file: 'f',
  rules,
  interval: 15,
  evaluationTime: 0,
  lastEvaluation: '',
});

const groups = [
  group('calm', [rule('a', { state: 'inactive' }), rule('r', { type: 'recording' })]),
  group('busy', [rule('b', { state: 'firing' }), rule('c', { state: 'pending' })]),
  group('broken', [rule('d', { state: 'inactive', health: 'err' })]),
];

describe('filteredGroups()', () => {
  const f = (filter: string, state: RuleState | undefined, want: readonly string[]) =>
    it(`"${filter}" ${state ?? 'all'}`, () =>
      assert.deepEqual(
        filteredGroups(groups, filter, state).flatMap((one) => one.rules.map(({ name }) => name)),
        want,
      ));
  f('', undefined, ['d', 'b', 'c', 'a', 'r']);
  f('', 'firing', ['b']);
  f('', 'failing', ['d']);
  f('', 'recording', ['r']);
  f('severity=page c ==', undefined, ['c']);
  f('nothing', undefined, []);
});
