import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const { candleFields, candleOptions, candlesOf } = await import('./candle-model.ts');

const Time = [0, 60_000, 120_000];
const whole = { Time, open: [1, 3, 2], high: [4, 5, 3], low: [0, 2, 1], close: [3, 2, 2] };

describe('candles', () => {
  const f = (name: string, columns: Parameters<typeof frameOf>[0], options: object, want: object) =>
    void it(name, () => {
      const json = options as Record<string, unknown>;
      const fields = candleFields([frameOf(columns)], json);
      assert.ok(fields !== undefined);
      const candles = candlesOf(fields, candleOptions(json));
      for (const [key, value] of Object.entries(want)) {
        assert.deepEqual(candles[key as keyof typeof candles], value, key);
      }
    });
  f(
    'by the names of columns',
    { ...whole, volume: [7, 8, 9] },
    {},
    {
      open: [1, 3, 2],
      high: [4, 5, 3],
      low: [0, 2, 1],
      volume: [7, 8, 9],
      trend: [1, -1, 0],
    },
  );
  f(
    'by the names of options',
    { Time, a: [1, 2, 3], b: [2, 1, 4] },
    {
      fields: { open: 'a', close: 'b' },
    },
    { open: [1, 2, 3], close: [2, 1, 4], high: [2, 2, 4], low: [1, 1, 3], trend: [1, -1, 1] },
  );
  f(
    'of one column: each ends where the next begins',
    { Time, price: [1, 3, 2] },
    {},
    {
      open: [1, 3, 2],
      close: [3, 2, 2],
      trend: [1, -1, 0],
    },
  );
  f(
    'coloured by the close before',
    whole,
    { colorStrategy: 'close-close' },
    {
      trend: [0, -1, 0],
    },
  );

  it('need a time', () => {
    assert.equal(candleFields([frameOf({ open: [1] })], {}), undefined);
  });
});
