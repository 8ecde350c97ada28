import assert from 'node:assert/strict';
import { it } from 'node:test';
import { linePattern } from './line-pattern.ts';

const cases: readonly (readonly [line: string, pattern: string])[] = [
  ['nothing changes', 'nothing changes'],
  ['order 17 failed after 2.5 s', 'order <Number-1> failed after <Number-2> s'],
  ['2026-03-01T10:00:00.123Z ERROR 10.0.0.1:80 refused', '<Date-1> ERROR <IP-2> refused'],
  ['user 123e4567-e89b-12d3-a456-426614174000 at 10:20:30', 'user <UUID-1> at <Time-2>'],
  ['web-7d9fb-x2 is gone', 'web-<Token-1>-<Token-2> is gone'],
  ['commit a1b2c3d4e5f6 at 0xFF', 'commit <Hex-1> at <Hex-2>'],
  ['한국어 오류 42건', '한국어 오류 <Number-1>건'],
  ['\u0001odd\u0002', '<Token-1>'],
];

for (const [line, pattern] of cases) {
  it(`linePattern(${JSON.stringify(line)})`, () => assert.equal(linePattern(line), pattern));
}
