import type { EventPageRequest, LogEvent } from '#logs/store';
import { groupOf } from '../arn.ts';
import { invalid, invalidToken, streamNotFound } from '../errors.ts';
import { compilePattern } from '../filter.ts';
import { type Operation, operation } from '../operation.ts';
import { flag, integer, list, required } from '../shape.ts';
import * as shapes from '../shapes.ts';
import {
  eventId,
  justAfter,
  justBefore,
  maxSequence,
  nameDigits,
  readPageToken,
  readStreamToken,
  type StreamToken,
  writePageToken,
  writeStreamToken,
} from '../tokens.ts';
import { mustHaveGroup } from './groups.ts';
import { mustHaveStream } from './streams.ts';

/** "As many events as fit in 1 MB, up to 10,000", for both operations. */
const maxPageEvents = 10_000;
const maxPageBytes = 1_048_576;

/** After so many events read without filling a page, the client gets what there is and comes again. */
const maxScannedEvents = 200_000;

/** The widest range that a store can be asked for. */
const minTimeMs = 0;
const maxTimeMs = 8_640_000_000_000_000;

const getLogEvents: Operation = operation(
  'GetLogEvents',
  'read',
  {
    ...shapes.groupReference,
    logStreamName: required(shapes.logStreamName),
    startTime: shapes.timestamp,
    endTime: shapes.timestamp,
    nextToken: shapes.nextToken,
    limit: integer({ min: 1, max: maxPageEvents }),
    startFromHead: flag(),
    unmask: flag(),
  },
  async (input, context) => {
    const group = groupOf(input);
    mustHaveStream(context, group, input.logStreamName);
    const names = nameDigits(group, input.logStreamName);
    const fromMs = input.startTime ?? minTimeMs;
    // The end is exclusive here, and inclusive in the store.
    const toMs = input.endTime === undefined ? maxTimeMs : input.endTime - 1;
    const token =
      input.nextToken === undefined ? undefined : readStreamToken(input.nextToken, names);
    const direction = token?.direction ?? (input.startFromHead === true ? 'forward' : 'backward');
    const events: LogEvent[] = [];
    if (fromMs <= toMs) {
      const page = await context.store.readEvents(
        {
          groups: [group],
          streams: [input.logStreamName],
          fromMs,
          toMs,
          direction,
          maxEvents: input.limit ?? maxPageEvents,
          maxBytes: maxPageBytes,
          ...(token && { after: token.place }),
        },
        context.signal,
      );
      events.push(...page.events);
      if (direction === 'backward') events.reverse();
    }
    return {
      events: events.map(({ timestampMs, message, ingestionMs }) => ({
        timestamp: timestampMs,
        message,
        ingestionTime: ingestionMs,
      })),
      ...streamTokens(events, token, fromMs, names),
    };
  },
);

/**
 * The gaps before and after a page. An empty page stays in the gap it was asked for, so that the
 * token comes back unchanged at the end of a direction and finds what arrives later.
 */
export function streamTokens(
  events: readonly Pick<LogEvent, 'timestampMs' | 'sequence'>[],
  token: StreamToken | undefined,
  fromMs: number,
  names: string,
): { readonly nextForwardToken: string; readonly nextBackwardToken: string } {
  const first = events[0];
  const last = events.at(-1);
  const start = justBefore({ timestampMs: fromMs, sequence: 0 });
  const forward =
    last ??
    (token === undefined
      ? start
      : token.direction === 'forward'
        ? token.place
        : justBefore(token.place));
  const backward =
    first ??
    (token === undefined
      ? justAfter(start)
      : token.direction === 'backward'
        ? token.place
        : justAfter(token.place));
  return {
    nextForwardToken: writeStreamToken({ direction: 'forward', place: forward }, names),
    nextBackwardToken: writeStreamToken({ direction: 'backward', place: backward }, names),
  };
}

const filterLogEvents: Operation = operation(
  'FilterLogEvents',
  'read',
  {
    ...shapes.groupReference,
    logStreamNames: list(shapes.logStreamName, { min: 1, max: 100 }),
    logStreamNamePrefix: shapes.logStreamName,
    startTime: shapes.timestamp,
    endTime: shapes.timestamp,
    filterPattern: shapes.filterPattern,
    nextToken: shapes.nextToken,
    limit: integer({ min: 1, max: maxPageEvents }),
    interleaved: flag(),
    unmask: flag(),
  },
  async (input, context) => {
    const group = groupOf(input);
    const { logStreamNames, logStreamNamePrefix } = input;
    if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
      throw invalid('logStreamNames and logStreamNamePrefix are mutually exclusive parameters.');
    }
    mustHaveGroup(context, group);
    const streams = logStreamNames?.filter((name) => context.store.stream(group, name));
    if (streams?.length === 0) throw streamNotFound();
    const question = [
      'filter',
      group,
      logStreamNames,
      logStreamNamePrefix,
      input.endTime,
      input.filterPattern,
    ];
    const fromMs = input.startTime ?? minTimeMs;
    const toMs = input.endTime ?? maxTimeMs;
    const pattern = compilePattern(input.filterPattern);
    const after = input.nextToken && readPlace(readPageToken(input.nextToken, question));
    if (fromMs > toMs) return { events: [], searchedLogStreams: [] };
    const request: EventPageRequest = {
      groups: [group],
      fromMs,
      toMs,
      direction: 'forward',
      maxEvents: input.limit ?? maxPageEvents,
      maxBytes: maxPageBytes,
      ...(streams && { streams }),
      ...(logStreamNamePrefix !== undefined && { streamPrefix: logStreamNamePrefix }),
      ...(pattern && {
        accept: pattern.matches,
        contains: pattern.requiredSubstrings,
        maxScannedEvents,
      }),
      ...(after && { after }),
    };
    const { events, next } = await context.store.readEvents(request, context.signal);
    const groupHash = nameDigits(group);
    return {
      events: events.map((event) => ({
        logStreamName: event.stream,
        timestamp: event.timestampMs,
        message: event.message,
        ingestionTime: event.ingestionMs,
        eventId: eventId(event, groupHash),
      })),
      searchedLogStreams: [],
      nextToken: next && writePageToken(question, [next.timestampMs, next.sequence]),
    };
  },
);

function readPlace(place: readonly (string | number)[]): { timestampMs: number; sequence: number } {
  const [timestampMs, sequence] = place;
  if (
    typeof timestampMs !== 'number' ||
    typeof sequence !== 'number' ||
    !Number.isSafeInteger(timestampMs) ||
    !Number.isSafeInteger(sequence) ||
    sequence > maxSequence
  ) {
    throw invalidToken();
  }
  return { timestampMs, sequence };
}

export const eventOperations: readonly Operation[] = [getLogEvents, filterLogEvents];
