import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireRoute } from '../../../api/alertmanager.ts';
import type { WirePolicy } from '../../../api/grafana-alerting.ts';
import { isDuration, policyFormOf, policyOf } from './policy-form.ts';
import { changedTree, type PolicyNode, pairTrees } from './policy-tree.ts';

const route = (receiver: string, routes: WireRoute[] = []): WireRoute => ({
  id: 0,
  key: '',
  receiver,
  matchers: [],
  groupBy: [],
  groupWaitMs: 0,
  groupIntervalMs: 0,
  repeatIntervalMs: 0,
  continue: false,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  groups: 0,
  alerts: 0,
  routes,
});
const tree: WirePolicy = {
  receiver: 'root',
  routes: [
    { receiver: 'a', object_matchers: [['team', '=', 'a']], routes: [{ receiver: 'a1' }] },
    { receiver: 'b', continue: true, group_wait: '1s', active_time_intervals: ['day'] },
  ],
};

describe('the tree of policies', () => {
  it('pairs what is in force with what is written, and knows what rules made', () => {
    const inForce = route('root', [
      route('of rules', [route('slack')]),
      route('a', [route('a1')]),
      route('b'),
    ]);
    const flat = (node: PolicyNode): unknown[] => [
      [node.route.receiver, node.written?.receiver, node.at],
      ...node.nodes.flatMap(flat),
    ];
    assert.deepEqual(flat(pairTrees(inForce, tree)), [
      ['root', 'root', []],
      ['of rules', undefined, undefined],
      ['slack', undefined, undefined],
      ['a', 'a', [0]],
      ['a1', 'a1', [0, 0]],
      ['b', 'b', [1]],
    ]);
  });

  it('changes, adds and removes a node, and leaves the others alone', () => {
    const changed = changedTree(tree, [0, 0], (node) => ({ ...node, receiver: 'new' }));
    assert.equal(changed?.routes?.[0]?.routes?.[0]?.receiver, 'new');
    assert.equal(changed?.routes?.[1], tree.routes?.[1]);
    assert.deepEqual(changedTree(tree, [0], () => undefined)?.routes, [tree.routes?.[1]]);
    assert.equal(tree.routes?.length, 2);
  });

  it('makes of a form what it was made of, and keeps what the form does not show', () => {
    for (const node of tree.routes ?? []) {
      const made = policyOf(policyFormOf(node), node, false);
      assert.deepEqual(made, { object_matchers: [], continue: false, ...node });
    }
    const root = { receiver: 'r', group_by: ['...'], routes: [] };
    assert.deepEqual(policyOf(policyFormOf(root), root, true), root);
    assert.deepEqual(policyOf({ ...policyFormOf(root), groupBy: ' a, b ,' }, root, true).group_by, [
      'a',
      'b',
    ]);
  });

  const f = (text: string, want: boolean): void =>
    void it(`${JSON.stringify(text)} is ${want ? 'a' : 'no'} duration`, () => {
      assert.equal(isDuration(text), want);
    });
  f('', true);
  f('30s', true);
  f('1d12h', true);
  f('5', false);
  f('5 minutes', false);
});
