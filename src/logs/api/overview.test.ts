import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SectionBuilder } from '#logs/batch';
import { csvCell } from './export.ts';
import { binsOf } from './histogram.ts';
import { levelOf } from './levels.ts';
import { growthOf, problemsOf } from './overview.ts';
import { RateHistory, rateStepMs, rateSteps } from './rate-history.ts';

const nowMs = 1_800_000_000_000;

function sectionOf(group: string, count: number): ReturnType<SectionBuilder['finish']> {
  const builder = new SectionBuilder(group, 's');
  for (let i = 0; i < count; i++) builder.add(nowMs, 'twelve bytes');
  return builder.finish();
}

describe('RateHistory', () => {
  it('counts events and bytes per second of each whole minute', () => {
    const history = new RateHistory(nowMs);
    history.add([sectionOf('/a', 60), sectionOf('/b', 120)], nowMs);
    const later = nowMs + rateStepMs;
    assert.equal(history.total(later).events.at(-1), 3);
    assert.equal(history.group('/a', later).events.at(-1), 1);
    assert.equal(history.group('/a', later).bytes.at(-1), 12);
    assert.equal(history.group('/none', later).events.at(-1), 0);
    // What was before the start is unknown, not zero.
    assert.equal(history.total(later).events.at(0), null);
    assert.equal(history.total(later).events.length, rateSteps);
    assert.equal(history.total(nowMs + rateStepMs * (rateSteps + 5)).events.at(-1), 0);
  });
});

describe('problemsOf()', () => {
  const well = { writable: true, diskFreeBytes: 1e12, damagedSegments: [] };
  const agent = {
    id: 'a1',
    host: 'node-1',
    version: null,
    lastBatchMs: nowMs,
    lastBatchNumber: 1,
    eventsPerSecond: 1,
    lagMs: 100,
  };
  it('is empty when all is well', () => assert.deepEqual(problemsOf(well, [agent], nowMs), []));
  const f = (name: string, kinds: string[], ...args: Parameters<typeof problemsOf>) =>
    it(name, () =>
      assert.deepEqual(
        problemsOf(...args).map((problem) => problem.kind),
        kinds,
      ),
    );
  f(
    'names a full store once',
    ['store-full'],
    { ...well, writable: false, diskFreeBytes: 5 },
    [],
    nowMs,
  );
  f('warns before the disk is full', ['disk-low'], { ...well, diskFreeBytes: 1e6 }, [], nowMs);
  f(
    'names damage',
    ['damaged-segment'],
    { ...well, damagedSegments: [{ path: 'p', reason: 'r' }] },
    [],
    nowMs,
  );
  f('names silent agents', ['agent-silent'], well, [{ ...agent, lastBatchMs: nowMs - 1e6 }], nowMs);
  f('names agents that are behind', ['agent-behind'], well, [{ ...agent, lagMs: 1e6 }], nowMs);
});

describe('growthOf()', () => {
  const stats = { diskBytes: 100, messageBytes: 1000 };
  it('is the rate of messages times what compression has left of them', () =>
    assert.equal(growthOf(stats, { events: [], bytes: [null, 200, 400] }), 30));
  it('is unknown at first', () =>
    assert.equal(growthOf(stats, { events: [], bytes: [null, 200] }), null));
});

describe('binsOf()', () => {
  it('makes round bins that cover the range', () => {
    const bins = binsOf({ fromMs: 61_000, toMs: 3_661_000, bins: 120 });
    assert.deepEqual(bins, { fromMs: 60_000, binMs: 30_000, count: 121 });
  });
});

describe('levelOf()', () => {
  const f = (message: string, want: string) =>
    it(`${message} is ${want}`, () => assert.equal(levelOf(message), want));
  f('E1124 09:12:33.120000 1 x.go:1] failed', 'error');
  f('{"level":"warn","msg":"ERROR"}', 'warn');
  f('{"severity": 50}', 'error');
  f('[DEBUG] x', 'debug');
  f('nothing here', 'other');
});

it('csvCell() quotes what needs it', () => {
  assert.equal(csvCell('a,"b"'), '"a,""b"""');
  assert.equal(csvCell(null), '');
  assert.equal(csvCell(9007199254740993n), '9007199254740993');
});
