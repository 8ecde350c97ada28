import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireTarget } from '../../../api/metrics.ts';
import { countStates, foundTargets, matchesFilter, scrapedMs } from './found-targets.ts';

const target = (job: string, health: WireTarget['health'], lastError = ''): WireTarget => ({
  discoveredLabels: { __address__: `${job}:80`, __meta_zone: 'a' },
  labels: { instance: `${job}:80`, job },
  scrapePool: job,
  scrapeUrl: `http://${job}:80/metrics`,
  globalUrl: '',
  lastError,
  lastScrape: '0001-01-01T00:00:00Z',
  lastScrapeDuration: 0,
  health,
  scrapeInterval: '15s',
  scrapeTimeout: '10s',
});

const found = foundTargets({
  activeTargets: [target('b', 'up'), target('a', 'up'), target('c', 'down', 'refused')],
  droppedTargets: [
    { discoveredLabels: { __address__: 'd:80' }, scrapePool: 'x' },
    { discoveredLabels: { __address__: 'd:80' }, scrapePool: 'x' },
  ],
  droppedTargetCounts: { x: 2 },
});

describe('foundTargets()', () => {
  it('shows trouble first and dropped ones last, each with a key of its own', () => {
    assert.deepEqual(
      found.map((one) => one.title),
      ['c:80', 'a:80', 'b:80', 'd:80', 'd:80'],
    );
    assert.equal(new Set(found.map((one) => one.key)).size, 5);
  });
  const f = (filter: string, want: readonly string[]) =>
    it(`filters by "${filter}"`, () =>
      assert.deepEqual(
        found.filter((one) => matchesFilter(one, filter)).map((one) => one.pool),
        want,
      ));
  f('refused', ['c']);
  f('job=a zone', ['a']);
  f('d:80', ['x', 'x']);
  f('nothing', []);
  it('counts states', () =>
    assert.deepEqual(countStates(found), { up: 2, down: 1, unknown: 0, dropped: 2 }));
  it('knows that a target was never scraped', () => {
    assert.equal(scrapedMs(target('a', 'unknown')), undefined);
  });
});
