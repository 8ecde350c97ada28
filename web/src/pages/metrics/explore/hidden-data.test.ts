import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hiddenData } from './hidden-data.ts';

describe('hiddenData()', () => {
  const f = (
    name: string,
    ranges: readonly string[],
    instants: number,
    [stepMs, scrapeMs]: readonly [number, number | undefined],
    want: ReturnType<typeof hiddenData>,
  ): void =>
    void it(name, () => assert.deepEqual(hiddenData({ ranges, instants }, stepMs, scrapeMs), want));
  f('windows that touch hide nothing', ['1m'], 0, [60_000, 15_000], undefined);
  f('a shorter window does', ['10m', '30s', '1m'], 0, [120_000, 15_000], {
    kind: 'window',
    window: '30s',
    windowMs: 30_000,
  });
  f('one sample of four is drawn', [], 1, [60_000, 15_000], { kind: 'samples', oneOf: 4 });
  f('every sample is drawn', [], 1, [15_000, 15_000], undefined);
  f('nobody knows how many there are', [], 1, [60_000, undefined], undefined);
  f('a window that is no plain duration is left alone', ['$__interval'], 0, [60_000, 1], undefined);
});
