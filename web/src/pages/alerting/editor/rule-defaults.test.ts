import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ruleDefaultsOf, withDefaults } from './rule-defaults.ts';
import { newDraft } from './rule-draft.ts';

const panel = {
  title: 'Queue',
  dashboardUid: 'shop',
  panelId: 4,
  folderUid: 'team',
  queries: [
    {
      refId: 'B',
      expr: 'shop_queue_bytes',
      range: true,
      intervalMs: 15_000,
      maxDataPoints: 400,
      datasource: { uid: 'prometheus', type: 'prometheus' },
    },
  ],
  rangeSeconds: 1800,
  threshold: 80,
};

describe('a rule that begins with a panel', () => {
  it('asks the queries of the panel, the last value, and the highest threshold', () => {
    const draft = withDefaults(newDraft('x'), JSON.stringify(ruleDefaultsOf(panel)));
    assert.equal(draft.title, 'Queue');
    assert.deepEqual(
      draft.data.map(({ refId, datasourceUid }) => [refId, datasourceUid]),
      [
        ['B', 'prometheus'],
        ['A', '__expr__'],
        ['C', '__expr__'],
      ],
    );
    assert.deepEqual(draft.data[0]?.model, {
      refId: 'B',
      expr: 'shop_queue_bytes',
      instant: true,
      range: false,
    });
    assert.deepEqual(draft.data[0]?.relativeTimeRange, { from: 1800, to: 0 });
    assert.equal(draft.data[1]?.model['expression'], 'B');
    assert.deepEqual(draft.data[2]?.model['conditions'], [
      { evaluator: { type: 'gt', params: [80] } },
    ]);
    assert.equal(draft.condition, 'C');
    assert.deepEqual([draft.dashboardUid, draft.panelId, draft.folderUid], ['shop', '4', 'team']);
  });

  for (const text of ['', '{', 'null', '[]', '{"queries":[{"refId":1}]}', '{"queries":"x"}']) {
    it(`begins as ever with ${text || 'nothing'}`, () => {
      const draft = newDraft('x');
      assert.deepEqual(withDefaults(draft, text), draft);
    });
  }
});
