import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostFigures } from './host-figures.ts';

const nowMs = 1_800_000_000_000;
const count = (machines: number) => async () => ({
  result: machines === 0 ? [] : [{ metric: {}, value: [0, String(machines)] as const }],
});

describe('hostFigures()', () => {
  it('asks for nothing more while no machine reports', async () => {
    const found = await hostFigures(
      { instant: count(0), range: () => assert.fail('asked for a figure') },
      nowMs,
    );
    assert.deepEqual(found, { figures: [], machines: 0 });
  });
  it('leaves out what is not reported now, and keeps gaps', async () => {
    const found = await hostFigures(
      {
        instant: count(2),
        range: async ({ expr }) => ({
          result: expr.includes('cpu')
            ? [
                {
                  metric: {},
                  values: [
                    [nowMs / 1000 - 120, '0.25'],
                    [nowMs / 1000 - 60, 'NaN'],
                    [nowMs / 1000, '0.5'],
                  ],
                },
              ]
            : expr.includes('memory')
              ? [{ metric: {}, values: [[nowMs / 1000 - 120, '0.9']] }]
              : [],
        }),
      },
      nowMs,
    );
    assert.deepEqual(
      found.figures.map(({ id, last }) => [id, last]),
      [['cpu', 0.5]],
    );
    assert.equal(found.machines, 2);
    assert.deepEqual(found.figures[0]?.values.slice(-4), [null, 0.25, null, 0.5]);
  });
});
