import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFormat } from './format.ts';

const en = createFormat('en', 'UTC');
const ko = createFormat('ko', 'Asia/Seoul');
const at = Date.parse('2026-11-24T00:12:33.120Z');

describe('createFormat()', () => {
  const f = (name: string, got: string, want: string) =>
    it(name, () => assert.equal(got.replaceAll('\u202f', ' '), want));
  f('groups numbers', en.number(1234567), '1,234,567');
  f('writes bytes in IEC units', en.bytes(1536), '1.5 KiB');
  f('writes small bytes whole', en.bytes(0), '0 B');
  f('writes large bytes', ko.bytes(5.5 * 1024 ** 3), '5.5 GiB');
  f('writes rates', en.perSecond(0.256), '0.26/s');
  f('writes durations, en', en.duration(200_000), '3m 20s');
  f('writes durations, ko', ko.duration(200_000), '3분 20초');
  f('writes the two largest units', en.duration(93_784_000), '1d 2h');
  f('writes no empty unit', en.duration(86_400_000 + 5000), '1d');
  f('writes milliseconds', en.duration(12), '12 ms');
  f('writes seconds with a digit', ko.duration(1234), '1.2초');
  f('writes log times in the zone', ko.logTime(at), '11-24 09:12:33.120');
  f('writes exact times', ko.exactTime(at), '2026-11-24 09:12:33.120 +09:00');
  f('says how long ago, en', en.ago(at - 120_000, at), '2 min. ago');
  f('says how long ago, ko', ko.ago(at - 120_000, at), '2분 전');
  f(
    'writes times of other years with their year',
    en.shortDateTime(978_567_120_000),
    'Jan 4, 2001, 00:12',
  );
  it('writes times of this year without it', () => {
    const nowMs = Date.now();
    assert.ok(!en.shortDateTime(nowMs).includes(String(new Date(nowMs).getUTCFullYear())));
  });
  f('writes dates by locale', ko.date(at), '2026. 11. 24.');
});
