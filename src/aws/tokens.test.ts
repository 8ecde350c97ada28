import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  eventId,
  justAfter,
  justBefore,
  maxSequence,
  nameDigits,
  pageOf,
  readPageToken,
  readStreamToken,
  sequenceToken,
  writePageToken,
  writeStreamToken,
} from './tokens.ts';

const place = fc.record(
  {
    timestampMs: fc.integer({ min: -1, max: 8_640_000_000_000_000 }),
    sequence: fc.integer({ min: 0, max: maxSequence }),
  },
  { noNullPrototype: true },
);
const refused = {
  code: 'InvalidParameterException',
  message: 'The specified nextToken is invalid.',
};

describe('event ids', () => {
  it('are 56 digits, the same each time, and differ between events', () => {
    fc.assert(
      fc.property(place, place, fc.string(), fc.string(), (a, b, g, h) => {
        const first = eventId(a, nameDigits(g));
        assert.match(first, /^\d{56}$/);
        assert.equal(first, eventId(a, nameDigits(g)));
        const isSame = a.timestampMs === b.timestampMs && a.sequence === b.sequence && g === h;
        assert.equal(first === eventId(b, nameDigits(h)), isSame);
      }),
    );
  });
  it('sort by time, then sequence', () => {
    const names = nameDigits('g');
    assert.ok(
      eventId({ timestampMs: 9, sequence: 100 }, names) <
        eventId({ timestampMs: 10, sequence: 1 }, names),
    );
  });
});

it('sequence tokens are 56 digits', () => assert.match(sequenceToken(maxSequence), /^\d{56}$/));

describe('stream tokens', () => {
  it('round-trip, and belong to their stream', () => {
    fc.assert(
      fc.property(place, fc.constantFrom('forward', 'backward'), (p, direction) => {
        const names = nameDigits('g', 's');
        const token = writeStreamToken({ direction, place: p }, names);
        assert.match(token, direction === 'forward' ? /^f\/\d{56}$/ : /^b\/\d{56}$/);
        assert.deepEqual(readStreamToken(token, names), { direction, place: p });
        assert.throws(() => readStreamToken(token, nameDigits('g', 'other')), refused);
      }),
    );
  });
  for (const bad of [
    '',
    'x',
    'f/',
    `x/3${'0'.repeat(55)}`,
    `f/4${'0'.repeat(55)}`,
    `f/${'9'.repeat(56)}`,
  ]) {
    it(`refuses "${bad}"`, () =>
      assert.throws(() => readStreamToken(bad, nameDigits('g', 's')), refused));
  }
});

it('justBefore() and justAfter() undo each other', () => {
  fc.assert(
    fc.property(place, (p) => {
      assert.deepEqual(justBefore(justAfter(p)), p);
      assert.deepEqual(justAfter(justBefore(p)), p);
    }),
  );
});

describe('page tokens', () => {
  it('round-trip, and belong to their question', () => {
    const token = writePageToken(['groups', '/aws'], ['/aws/eks', 5]);
    assert.deepEqual(readPageToken(token, ['groups', '/aws']), ['/aws/eks', 5]);
    assert.throws(() => readPageToken(token, ['groups', '/other']), refused);
  });
  for (const bad of ['', 'x', 'bnVsbA', 'e30', 'W10', 'W3t9XQ']) {
    it(`refuses "${bad}"`, () => assert.throws(() => readPageToken(bad, ['q']), refused));
  }
});

describe('pageOf()', () => {
  it('walks a whole list, each item once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 10 }), (names, limit) => {
        const items = names.toSorted((a, b) => (a < b ? -1 : 1));
        const walked: string[] = [];
        let token: string | undefined;
        do {
          const { page, nextToken } = pageOf(items, {
            keyOf: (name) => name,
            limit,
            token,
            question: ['q'],
          });
          walked.push(...page);
          token = nextToken;
        } while (token !== undefined);
        assert.deepEqual(walked, items);
      }),
    );
  });
  it('goes on behind an item that is gone', () => {
    const options = { keyOf: (name: string) => name, limit: 1, question: ['q'] };
    const { nextToken: token } = pageOf(['a', 'b', 'c'], { ...options, token: undefined });
    assert.deepEqual(pageOf(['b', 'c'], { ...options, token }).page, ['b']);
  });
});
