import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hitMap, layoutMap, tileAt } from './map-layout.ts';

const counts = fc.array(fc.integer({ min: 0, max: 250 }), { maxLength: 120 });
const width = fc.integer({ min: 300, max: 2600 });

describe('layoutMap()', () => {
  it('keeps every tile within its node, and finds it again where it stands', () => {
    fc.assert(
      fc.property(counts, width, (pods, px) => {
        const layout = layoutMap(pods, px);
        for (const [node, count] of pods.entries()) {
          const box = layout.nodes[node]!;
          assert.ok(box.x + box.width <= px);
          assert.ok(box.y + box.height <= layout.heightPx);
          for (const pod of [0, count - 1].filter((at) => at >= 0 && at < count)) {
            const { x, y } = tileAt(layout, node, pod);
            assert.ok(x >= box.x && x + layout.tilePx <= box.x + box.width);
            assert.ok(y >= box.y && y + layout.tilePx <= box.y + box.height);
            assert.deepEqual(hitMap(layout, pods, x + 1, y + 1), { node, pod });
          }
        }
      }),
    );
  });
  it('shows 100 nodes with 10,000 pods on two screens', () => {
    const layout = layoutMap(
      Array.from({ length: 100 }, () => 100),
      1340,
    );
    assert.ok(layout.tilePx >= 8);
    assert.ok(layout.heightPx < 1800, String(layout.heightPx));
  });
  it('says nothing of a place where nothing is', () => {
    const layout = layoutMap([3], 400);
    assert.equal(hitMap(layout, [3], 10, layout.heightPx + 5), undefined);
    assert.deepEqual(hitMap(layout, [3], 5, 5), { node: 0, pod: undefined });
  });
});
