import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatBytes, formatDurationMs, parseBytes, parseDurationMs } from './units.ts';

describe('parseDurationMs()', () => {
  const f = (text: string, want: number): void =>
    void it(`reads "${text}"`, () => assert.equal(parseDurationMs(text), want));
  f('250ms', 250);
  f('90s', 90_000);
  f('1h30m', 5_400_000);
  f('1.5h', 5_400_000);
  f('5d', 432_000_000);
  f(' 2w ', 1_209_600_000);
  f('0', 0);

  const bad = (text: string): void =>
    void it(`refuses "${text}"`, () =>
      assert.throws(() => parseDurationMs(text), { code: 'INVALID_DURATION' }));
  bad('');
  bad('5');
  bad('m5');
  bad('5 minutes');
  bad('1h 30m');
  bad('-5m');
});

describe('parseBytes()', () => {
  const f = (text: string, want: number): void =>
    void it(`reads "${text}"`, () => assert.equal(parseBytes(text), want));
  f('1024', 1024);
  f('50MB', 50_000_000);
  f('64Mi', 67_108_864);
  f('10GiB', 10_737_418_240);
  f('1.5k', 1500);

  const bad = (text: string): void =>
    void it(`refuses "${text}"`, () =>
      assert.throws(() => parseBytes(text), { code: 'INVALID_SIZE' }));
  bad('');
  bad('ten');
  bad('10 parsecs');
  bad('-1');
});

describe('formatDurationMs()', () => {
  const f = (ms: number, want: string): void =>
    void it(`${ms} is "${want}"`, () => assert.equal(formatDurationMs(ms), want));
  f(12, '12ms');
  f(61_000, '1m 1s');
  f(93_784_000, '1d 2h');
});

describe('formatBytes()', () => {
  const f = (bytes: number, want: string): void =>
    void it(`${bytes} is "${want}"`, () => assert.equal(formatBytes(bytes), want));
  f(0, '0 B');
  f(1023, '1023 B');
  f(1536, '1.5 KiB');
  f(150 * 1024 * 1024, '150 MiB');
});
