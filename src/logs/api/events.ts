import type { Clock } from '#base';
import { parseFilterPattern } from '#logs/filter-pattern';
import { decodePointer } from '#logs/insights';
import type { EventPosition, EventSelection, LogEvent, LogStore } from '#logs/store';
import { eventNotFound, groupNotFound, pointerInvalid } from './errors.ts';
import { parsePosition, positionText, wireEvent } from './translate.ts';
import type { WireContext, WireEventPage } from './wire.ts';

/** A rare filter answers with what it has by then, and says where to go on. */
const maxReadMs = 2000;
const maxPageBytes = 4 * 1024 * 1024;
const scannedPerStep = 200_000;

export interface EventsRequest extends EventSelection {
  readonly direction: 'forward' | 'backward';
  readonly after: string | undefined;
  readonly filter: string | undefined;
  readonly limit: number;
}

/** One page of a group's events, oldest first whichever way it was read. */
export async function readPage(
  store: LogStore,
  request: EventsRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<WireEventPage> {
  const { direction, after, filter, limit, ...selection } = request;
  for (const group of selection.groups) {
    if (store.group(group) === undefined) throw groupNotFound(group);
  }
  const pattern =
    filter === undefined || filter.trim() === '' ? undefined : parseFilterPattern(filter);
  const deadlineMs = clock.monotonicMs() + maxReadMs;
  const events: LogEvent[] = [];
  let position: EventPosition | undefined = after === undefined ? undefined : parsePosition(after);
  let scannedEvents = 0;
  let isAtEnd = false;
  do {
    const page = await store.readEvents(
      {
        ...selection,
        direction,
        maxEvents: limit - events.length,
        maxBytes: maxPageBytes,
        maxScannedEvents: scannedPerStep,
        ...(position === undefined ? {} : { after: position }),
        ...(pattern === undefined
          ? {}
          : { accept: pattern.matches, contains: pattern.requiredSubstrings }),
      },
      signal,
    );
    for (const event of page.events) events.push(event);
    scannedEvents += page.scannedEvents;
    isAtEnd = page.next === undefined;
    position = page.next ?? position;
  } while (
    !isAtEnd &&
    events.length < limit &&
    // A page that ended by its bytes has rows to show; only an empty one is worth going on for.
    events.length === 0 &&
    clock.monotonicMs() < deadlineMs
  );
  if (direction === 'backward') events.reverse();
  const first = events[0];
  const last = events.at(-1);
  return {
    events: events.map(wireEvent),
    next: isAtEnd || position === undefined ? null : positionText(position),
    first: first === undefined ? null : positionText(first),
    last: last === undefined ? null : positionText(last),
    scannedEvents,
  };
}

/** The lines of the same stream before and after an event. */
export async function readContext(
  store: LogStore,
  request: { readonly pointer: string; readonly before: number; readonly after: number },
  signal: AbortSignal,
): Promise<WireContext> {
  const pointer = decodePointer(request.pointer);
  if (pointer === undefined) throw pointerInvalid();
  const event = await store.readEvent(pointer, signal);
  if (event === undefined) throw eventNotFound();
  const around = { groups: [event.group], streams: [event.stream], after: event };
  const [before, after] = await Promise.all([
    store.readEvents(
      {
        ...around,
        fromMs: 0,
        toMs: event.timestampMs,
        direction: 'backward',
        maxEvents: request.before,
        maxBytes: maxPageBytes,
      },
      signal,
    ),
    store.readEvents(
      {
        ...around,
        fromMs: event.timestampMs,
        toMs: Number.MAX_SAFE_INTEGER,
        direction: 'forward',
        maxEvents: request.after,
        maxBytes: maxPageBytes,
      },
      signal,
    ),
  ]);
  return {
    before: before.events.toReversed().map(wireEvent),
    event: wireEvent(event),
    after: after.events.map(wireEvent),
  };
}
