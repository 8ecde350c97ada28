import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { afterPage, hashOfId, nextPage, type PullPlace, startAt, withoutToken } from './place.ts';

interface SourceEvent {
  readonly id: string;
  readonly timestampMs: number;
  /** When it can be seen. */
  readonly visibleMs: number;
}

const overlapMs = 1000;
const pageEvents = 3;

/** What FilterLogEvents gives: events that can be seen by now, in order of time, a few at once. */
function pageOf(
  events: readonly SourceEvent[],
  { fromMs, toMs, token }: { fromMs: number; toMs: number; token: string | null },
  nowMs: number,
): { readonly events: readonly SourceEvent[]; readonly token: string | null } {
  const seen = events
    .filter((event) => event.visibleMs <= nowMs)
    .filter(({ timestampMs }) => timestampMs >= fromMs && timestampMs <= toMs)
    .toSorted((a, b) => a.timestampMs - b.timestampMs || (a.id < b.id ? -1 : 1));
  // A token names the place after an event, as ours and AWS's do.
  const start = token === null ? 0 : seen.findIndex((event) => keyOf(event) > token);
  if (start < 0) return { events: [], token: null };
  const page = seen.slice(start, start + pageEvents);
  const last = page.at(-1);
  const hasMore = start + pageEvents < seen.length;
  return { events: page, token: hasMore && last !== undefined ? keyOf(last) : null };
}

const keyOf = ({ timestampMs, id }: SourceEvent): string =>
  `${String(timestampMs).padStart(9, '0')} ${id}`;

describe('a pull', () => {
  it('has each event once, however late within the overlap, through lost tokens and crashes', () => {
    const event = fc.record({
      timestampMs: fc.integer({ min: 0, max: 400_000 }),
      lateMs: fc.integer({ min: 0, max: overlapMs }),
    });
    const trouble = fc.constantFrom('none', 'none', 'none', 'token', 'before', 'after');
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), trouble), { maxLength: 80 }),
        (made, steps) => {
          const events = made.map(({ timestampMs, lateMs }, i) => ({
            id: String(i),
            timestampMs,
            visibleMs: timestampMs + lateMs,
          }));
          const stored: string[] = [];
          let place: PullPlace = startAt(0);
          let nowMs = 0;
          const step = (what: string): void => {
            if (what === 'token') place = withoutToken(place);
            const request = nextPage(place, nowMs);
            const page = pageOf(events, request, nowMs);
            const known = new Set(place.seen.map(([, hash]) => hash));
            const fresh = page.events.filter(({ id }) => !known.has(hashOfId(id)));
            // A crash before the batch is stored: nothing has happened.
            if (what === 'before') return;
            stored.push(...fresh.map(({ id }) => id));
            const saved = {
              token: page.token,
              stored: fresh.map(({ timestampMs, id }) => [timestampMs, hashOfId(id)] as const),
            };
            const before = place;
            place = afterPage(before, request, saved, overlapMs);
            // A crash after it: the place is worked out anew from what was saved, through JSON.
            if (what === 'after' && fresh.length > 0) {
              const again = JSON.parse(JSON.stringify({ before, request, saved }));
              place = afterPage(again.before, again.request, again.saved, overlapMs);
            }
          };
          for (const [waitMs, what] of steps) {
            nowMs += waitMs;
            step(what);
          }
          nowMs = Math.max(nowMs, 400_000 + 2 * overlapMs);
          for (let i = 0; i < 500; i++) step('none');
          assert.deepEqual(stored.toSorted(), events.map(({ id }) => id).toSorted());
        },
      ),
      { numRuns: 300 },
    );
  });
});
