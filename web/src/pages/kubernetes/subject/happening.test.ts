import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { flagsOf, type Happening, type Severity } from './happening.ts';

const at = (atMs: number, severity: Severity = 'info'): Happening => ({
  key: `${atMs} ${severity}`,
  atMs,
  severity,
  title: '',
  text: '',
});
const range = { fromMs: 0, toMs: 1000 };

describe('flagsOf()', () => {
  it('makes one flag of what would overlap, as grave as the worst of it', () => {
    const flags = flagsOf([at(120), at(110, 'critical'), at(500)], range, 10);
    assert.deepEqual(
      flags.map(({ atMs, severity, happenings }) => [atMs, severity, happenings.length]),
      [
        [110, 'critical', 2],
        [500, 'info', 1],
      ],
    );
  });
  it('keeps everything within the range exactly once', () => {
    const times = fc.array(fc.integer({ min: -200, max: 1200 }));
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 60 }), (ms, slots) => {
        const flags = flagsOf(
          ms.map((one) => at(one)),
          range,
          slots,
        );
        const shown = flags.flatMap(({ happenings }) => happenings.map(({ atMs }) => atMs));
        const inside = ms.filter((one) => one >= 0 && one <= 1000);
        assert.deepEqual(shown.toSorted(), inside.toSorted());
        assert.ok(flags.every(({ place }) => place >= 0 && place <= 1));
        // None covers the one before it.
        const gaps = flags.slice(1).map(({ atMs }, i) => atMs - (flags[i]?.atMs ?? 0));
        assert.ok(gaps.every((gap) => gap >= 1000 / slots));
      }),
    );
  });
});
