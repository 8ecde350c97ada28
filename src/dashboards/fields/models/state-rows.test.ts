import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { spanAt, stateRows } = await import('./state-rows.ts');

const frame = frameOf({ Time: [0, 10, 20, 30], pod: ['up', 'up', null, 'down'] });
const shown = (merges: boolean): unknown[] =>
  stateRows([frame], merges, 50).map(({ spans }) =>
    spans.map(({ fromMs, toMs, text }) => [fromMs, toMs, text]),
  );

describe('states', () => {
  it('last until the next sample, equal ones are one, nothing is a gap', () => {
    assert.deepEqual(shown(true), [
      [
        [0, 20, 'up'],
        [30, 50, 'down'],
      ],
    ]);
  });
  it('stand alone where they are not merged', () => {
    assert.deepEqual(shown(false), [
      [
        [0, 10, 'up'],
        [10, 20, 'up'],
        [30, 50, 'down'],
      ],
    ]);
  });
  it('are found by their moment', () => {
    const spans = stateRows([frame], true, 50)[0]?.spans ?? [];
    const f = (ms: number, want: string | undefined): void =>
      assert.equal(spanAt(spans, ms)?.text, want);
    f(-1, undefined);
    f(0, 'up');
    f(19, 'up');
    f(25, undefined);
    f(49, 'down');
  });
});
