import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AwsError } from './errors.ts';
import { admit } from './operations/put-log-events.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.parse('2024-03-26T12:00:00Z');

/** Events at these distances from now, ms. */
const at = (...offsets: number[]): { timestamp: number; message: string }[] =>
  offsets.map((offset) => ({ timestamp: nowMs + offset, message: 'x' }));

describe('admit() takes what is neither too old, expired nor too new', () => {
  const f = (
    name: string,
    offsets: number[],
    retentionDays: number | undefined,
    want: [start: number, end: number, rejected?: object],
  ): void =>
    void it(name, () => {
      const { start, end, rejected } = admit(at(...offsets), { nowMs, retentionDays });
      assert.deepEqual([start, end, rejected], [want[0], want[1], want[2]]);
    });
  f('all fresh', [-1000, 0, 1000], undefined, [0, 3]);
  f('equal times', [0, 0], undefined, [0, 2]);
  f('2 h ahead to the ms', [2 * hourMs], undefined, [0, 1]);
  f('more than 2 h ahead', [0, 2 * hourMs + 1], undefined, [0, 1, { tooNewLogEventStartIndex: 1 }]);
  f('14 days ago to the ms', [-14 * dayMs], undefined, [0, 1]);
  f('more than 14 days ago', [-14 * dayMs - 1, 0], undefined, [
    1,
    2,
    { tooOldLogEventEndIndex: 1 },
  ]);
  f('older than the retention', [-3 * dayMs, -2 * dayMs, 0], 1, [
    2,
    3,
    { expiredLogEventEndIndex: 2 },
  ]);
  f('everything too old', [-20 * dayMs, -19 * dayMs], undefined, [
    2,
    2,
    { tooOldLogEventEndIndex: 2 },
  ]);
  f('both ends', [-20 * dayMs, 0, 5 * hourMs], 7, [
    1,
    2,
    { tooNewLogEventStartIndex: 2, tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 1 },
  ]);
});

describe('admit() refuses the whole batch', () => {
  const f = (name: string, offsets: number[], message: string): void =>
    void it(name, () =>
      assert.throws(
        () => admit(at(...offsets), { nowMs, retentionDays: undefined }),
        (error: unknown) =>
          error instanceof AwsError &&
          error.code === 'InvalidParameterException' &&
          error.message === message,
      ),
    );
  f(
    'out of order',
    [0, -1],
    'Log events in a single PutLogEvents request must be in chronological order.',
  );
  f(
    'more than 24 h from first to last',
    [-dayMs, 1],
    'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
  );
});

it('admit() counts the span of taken events only', () => {
  assert.equal(admit(at(-20 * dayMs, 0), { nowMs, retentionDays: undefined }).start, 1);
});
