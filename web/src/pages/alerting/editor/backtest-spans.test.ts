import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backtestLanes } from './backtest-spans.ts';

describe('lanes of a look back', () => {
  it('join equal states, leave gaps, and begin with what fires', () => {
    const lanes = backtestLanes(
      {
        schema: {
          meta: { custom: { fired: 1, resolved: 0 } },
          fields: [
            { name: 'Time' },
            { name: 'State', labels: { pod: 'calm' } },
            { name: 'State', labels: { pod: 'busy' } },
          ],
        },
        data: {
          values: [
            [0, 60, 120, 180],
            ['Normal', 'Normal', null, 'Normal'],
            ['Normal', 'Pending', 'Alerting', 'Alerting'],
          ],
        },
      },
      60,
    );
    assert.deepEqual(
      lanes.map(({ name, spans }) => [
        name,
        spans.map(({ fromMs, toMs, state }) => [fromMs, toMs, state]),
      ]),
      [
        [
          'pod=busy',
          [
            [0, 60, 'normal'],
            [60, 120, 'pending'],
            [120, 240, 'firing'],
          ],
        ],
        [
          'pod=calm',
          [
            [0, 120, 'normal'],
            [180, 240, 'normal'],
          ],
        ],
      ],
    );
  });
});
