import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDateMath } from './date-math.ts';
import { formatDate } from './format-date.ts';
import { offsetText } from './zone.ts';

interface Moment {
  valueOf(): number;
  format(pattern: string): string;
}

/** What is used of `@grafana/data`; its own types bring those of a browser along. */
interface Oracle {
  readonly dateMath: {
    parseDateMath(
      math: string,
      time: Moment,
      isEnd: boolean,
      fiscalYearStartMonth: number,
    ): Moment | undefined;
  };
  setWeekStart(day: string): void;
  dateTimeForTimeZone(zone: string, ms: number): Moment;
}

// Its ES modules do not load outside of a bundler.
const { dateMath, setWeekStart, dateTimeForTimeZone } = createRequire(import.meta.url)(
  '@grafana/data',
) as Oracle;

const nowMs = Date.parse('2026-11-24T01:30:15.250Z'); // a Tuesday; 10:30 in Seoul

describe('parseDateMath()', () => {
  const f = (
    text: string,
    want: string | undefined,
    context: Partial<Parameters<typeof parseDateMath>[1]> = {},
  ) =>
    it(`"${text}" is ${want}`, () => {
      const ms = parseDateMath(text, { nowMs, zone: 'UTC', edge: 'from', ...context });
      assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), want);
    });
  f('now', '2026-11-24T01:30:15.250Z');
  f('now-1h', '2026-11-24T00:30:15.250Z');
  f('now - 1h', '2026-11-24T00:30:15.250Z');
  f('now-d', '2026-11-23T01:30:15.250Z');
  f('now-500ms', '2026-11-24T01:30:14.750Z');
  f('now/d', '2026-11-23T15:00:00.000Z', { zone: 'Asia/Seoul' });
  f('now/d', '2026-11-24T14:59:59.999Z', { zone: 'Asia/Seoul', edge: 'to' });
  f('now/w', '2026-11-23T00:00:00.000Z');
  f('now/w', '2026-11-22T00:00:00.000Z', { weekStart: 'sunday' });
  f('now/w', '2026-11-21T00:00:00.000Z', { weekStart: 'saturday' });
  f('now/Q', '2026-10-01T00:00:00.000Z');
  f('now/Q', '2026-12-31T23:59:59.999Z', { edge: 'to' });
  f('now-1Q/Q', '2026-07-01T00:00:00.000Z');
  f('now/fy', '2026-04-01T00:00:00.000Z', { fiscalYearStartMonth: 3 });
  f('now/fy', '2027-03-31T23:59:59.999Z', { fiscalYearStartMonth: 3, edge: 'to' });
  f('now-1fQ/fQ', '2026-08-01T00:00:00.000Z', { fiscalYearStartMonth: 1 });
  f('now-1M', '2026-02-28T00:00:00.000Z', { nowMs: Date.parse('2026-03-31T00:00:00Z') });
  f('now/x', undefined);
  f('now/2d', undefined);
  f('now-', undefined);
  f('now-99999999999y', undefined);
  f(`now${'-1d'.repeat(40)}`, undefined);
  f('tomorrow', undefined);

  it('says what @grafana/data says', () => {
    const unit = fc.constantFrom('s', 'm', 'h', 'd', 'w', 'M', 'Q', 'y', 'fQ', 'fy');
    const math = fc.oneof(
      fc
        .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 1, max: 36 }), unit)
        // Not back to when these zones had other offsets, of which each has other knowledge.
        .map(([sign, count, of]) => `${sign}${/[yQ]$/.test(of) ? (count % 4) + 1 : count}${of}`),
      unit.map((of) => `/${of}`),
    );
    fc.assert(
      fc.property(
        fc.array(math, { maxLength: 4 }),
        fc.integer({ min: 1.6e9, max: 2e9 }),
        fc.constantFrom('UTC', 'Asia/Seoul', 'Asia/Kolkata', 'Asia/Kathmandu'),
        fc.constantFrom('monday', 'saturday', 'sunday'),
        fc.integer({ min: 0, max: 11 }),
        fc.boolean(),
        (steps, seconds, zone, weekStart, fiscalYearStartMonth, isEnd) => {
          const text = `now${steps.join('')}`;
          setWeekStart(weekStart);
          const now = dateTimeForTimeZone(zone, seconds * 1000);
          const want = dateMath
            .parseDateMath(text.slice(3), now, isEnd, fiscalYearStartMonth)
            ?.valueOf();
          const edge = isEnd ? 'to' : 'from';
          const context = { nowMs: seconds * 1000, zone, edge, weekStart, fiscalYearStartMonth };
          assert.equal(parseDateMath(text, context as never), want);
        },
      ),
    );
  });

  it('keeps the time of day over a clock change', () => {
    const at = Date.parse('2026-03-09T12:00:00-04:00');
    const ms = parseDateMath('now-1d', { nowMs: at, zone: 'America/New_York', edge: 'from' });
    assert.equal(new Date(ms!).toISOString(), '2026-03-08T16:00:00.000Z');
  });
});

describe('formatDate()', () => {
  const pattern =
    '[at] YYYY YY MMMM MMM MM M DDD DD D dddd ddd E Q HH H hh h mm m ss s SSS A a Z ZZ X x';
  it('says what @grafana/data says', () => {
    for (const zone of ['UTC', 'Asia/Seoul', 'America/New_York']) {
      const want = dateTimeForTimeZone(zone, nowMs).format(pattern);
      assert.equal(formatDate(nowMs, pattern, zone), want);
    }
    assert.equal(offsetText('UTC', nowMs), '+00:00');
  });
});
